"""The two steps of step.ts in PyTorch and Opacus (measured with torch 2.9.1, opacus 1.5.4): python step_opacus.py [width] [batch] [rounds] [threads]"""
import json, sys, time, warnings
import torch
from opacus import PrivacyEngine

warnings.filterwarnings("ignore")
width, batch, rounds = (int(sys.argv[i]) if len(sys.argv) > i else v for i, v in ((1, 256), (2, 1024), (3, 8)))
if len(sys.argv) > 4:
    torch.set_num_threads(int(sys.argv[4]))
d, n, K = 110, 20_000, 5
torch.manual_seed(1)
x, y = torch.randn(n, d), torch.randn(n, d)


class Loss(torch.nn.Module):
    reduction = "mean"

    def forward(self, a, b):
        per = ((a - b) ** 2).sum(1)
        return per if self.reduction == "none" else per.mean()


def network():
    sizes = [d, width, width, width, d]
    layers = []
    for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
        layers += [torch.nn.Linear(a, b)] + ([torch.nn.ReLU()] if i < 3 else [])
    return torch.nn.Sequential(*layers)


def prepared(mode):
    net = network()
    opt = torch.optim.Adam(net.parameters(), lr=1e-3)
    loss = Loss()
    if mode == "plain":
        return net, opt, loss
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=batch)
    made = PrivacyEngine().make_private(module=net, optimizer=opt, data_loader=loader, noise_multiplier=1.0, max_grad_norm=1.0, grad_sample_mode=mode, **({"criterion": loss} if mode == "ghost" else {}))
    return (made[0], made[1], made[2]) if mode == "ghost" else (made[0], made[1], loss)


modes = {m: prepared(m) for m in ("plain", "hooks", "ghost")}
best = {}
for r in range(rounds + 1):
    for mode, (net, opt, loss) in modes.items():
        t, c = time.perf_counter(), time.process_time()
        for _ in range(K):
            rows = torch.randint(0, n, (batch,))
            opt.zero_grad()
            loss(net(x[rows]), y[rows]).backward()
            opt.step()
        own = ((time.perf_counter() - t) / K * 1e3, (time.process_time() - c) / K * 1e3)
        if r:
            best[mode] = tuple(min(a, b) for a, b in zip(best.get(mode, (1e9, 1e9)), own))
ms, cpu = ({m: round(v[i], 2) for m, v in best.items()} for i in (0, 1))
print(json.dumps({"what": "opacus DP step", "width": width, "batch": batch, "ratioMs": {m: round(ms[m] / ms["plain"], 2) for m in ("hooks", "ghost")}, "ratioCpu": {m: round(cpu[m] / cpu["plain"], 2) for m in ("hooks", "ghost")}, "ms": ms, "cpuMs": cpu}))
