"""The step of train-step.ts in PyTorch (measured with torch 2.9.1, numpy 2.4.6): python train_step_torch.py [width] [batch] [silu|relu] [rounds] [threads]"""
import json, sys, time
import torch

width, batch = (int(sys.argv[i]) if len(sys.argv) > i else v for i, v in ((1, 512), (2, 1024)))
act = torch.nn.functional.relu if len(sys.argv) > 3 and sys.argv[3] == "relu" else torch.nn.functional.silu
rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 5
if len(sys.argv) > 5:
    torch.set_num_threads(int(sys.argv[5]))
d, n, K = 110, 20_000, 20
torch.manual_seed(1)
sizes = [d, width, width, width, d]
layers = torch.nn.ModuleList(torch.nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))
tw = torch.nn.Parameter(torch.zeros(width))
opt = torch.optim.Adam([*layers.parameters(), tw], lr=1e-3, foreach=True)
data = torch.randn(n, d)
times, cpu = [], []
for r in range(rounds + 1):
    t0, c0 = time.perf_counter(), time.process_time()
    for _ in range(K):
        x1 = data[torch.randint(0, n, (batch,))]
        x0, t = torch.randn(batch, d), torch.rand(batch, 1)
        h = x1 * t + x0 * (1 - t)
        for i, l in enumerate(layers):
            h = l(h)
            if i == 0:
                h = h + t * tw
            if i < 3:
                h = act(h)
        loss = ((h - (x1 - x0)) ** 2).mean()
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
    if r:
        cpu.append((time.process_time() - c0) / K * 1e3)
        times.append((time.perf_counter() - t0) / K * 1e3)
times.sort()
print(json.dumps(dict(what="torch train step", torch=torch.__version__, threads=torch.get_num_threads(), width=width, batch=batch, bestCpuMs=round(min(cpu), 2), bestMs=round(times[0], 2), medianMs=round(times[len(times) // 2], 2), loss=loss.item())))
