"""The default generator's training step in PyTorch, for bench/engine/generator-net.ts: the same network, batch and optimiser.

python generator_net_torch.py COLUMNS HIDDEN BATCH SECONDS THREADS   (torch 2.9.1 from PyPI)
C numeric columns: 64 coarse codes x 16 fine, 1,024 leaves, embeddings of 24 from codes and 13 smooth functions, three layers.
"""
import math, sys, time
import torch
import torch.nn.functional as F

C, H, B, seconds, threads = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5])
torch.set_num_threads(threads)
torch.manual_seed(0)
e, K, M, S, Fh, N = 24, 64, 16, 13, 64, 15000
P = lambda *s, sd: torch.nn.Parameter(torch.randn(*s) * sd)
codes, smooth = P(C * K, e, sd=.3), P(C, S, e, sd=.3)
w1, b1 = P(C * e, C * H, sd=1.5 / math.sqrt(C * e / 2)), P(C, 1, H, sd=0.)
w2, b2, w3, b3 = P(C, H, H, sd=1.4 / math.sqrt(H)), P(C, 1, H, sd=0.), P(C, H, H, sd=1.4 / math.sqrt(H)), P(C, 1, H, sd=0.)
out, bias = P(C, H, K, sd=.01), P(C, 1, K, sd=0.)
fin, fcode, fout = P(C, H, Fh, sd=1 / math.sqrt(H)), P(C * K, Fh, sd=.5), P(C, Fh, M, sd=.01)
params = [codes, smooth, w1, b1, w2, b2, w3, b3, out, bias, fin, fcode, fout]
basis = torch.randn(C, K * M, S)
coarse_of_leaf = (torch.arange(C)[:, None] * K + torch.arange(K * M)[None] // M)
fine_marginal = torch.zeros(C * K, M)
leaves = torch.randint(K * M, (N, C))
mask = torch.tril(torch.ones(C, C), -1).t().reshape(C, 1, C, 1)
opt = torch.optim.AdamW(params, lr=3e-3, betas=(.9, .99), weight_decay=.5)
ema = [p.data.clone() for p in params]

def step():
    rows = leaves[torch.randint(N, (B,))]
    table = codes[coarse_of_leaf] + torch.bmm(basis, smooth)                     # [C, leaves, e]
    emb = table.reshape(C * K * M, e)[rows + torch.arange(C) * K * M].reshape(B, C * e)
    h = F.silu((emb @ (w1.view(C, e, C, H) * mask).view(C * e, C * H)).view(B, C, H).transpose(0, 1) + b1)
    for w, b in ((w2, b2), (w3, b3)):
        h = F.dropout(h, .35)
        h = h + F.silu(torch.baddbmm(b, h, w))
    h = F.dropout(h, .35)
    t = rows.t(); coarse, fine = t // M, t % M
    loss = F.cross_entropy((torch.bmm(h, out) + bias).reshape(C * B, K), coarse.reshape(-1)) * C
    row = coarse + torch.arange(C)[:, None] * K
    g = F.silu(torch.bmm(h, fin) + fcode[row])
    loss = loss + F.cross_entropy((torch.bmm(g, fout) + fine_marginal[row]).reshape(C * B, M), fine.reshape(-1)) * C
    opt.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(params, 5.)
    opt.step()
    torch._foreach_mul_(ema, .998); torch._foreach_add_(ema, [p.data for p in params], alpha=.002)

for _ in range(5): step()
n, t, c = 0, time.perf_counter(), time.process_time()
while time.perf_counter() - t < seconds: step(); n += 1
print(f"torch {torch.__version__}, {threads} threads: {1000 * (time.perf_counter() - t) / n:.1f} ms a step, {1000 * (time.process_time() - c) / n:.1f} CPU ms")
