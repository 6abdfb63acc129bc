"""Reference values for server/generators/flow/matching-model.ts: loss and gradients of one training step of flow matching from given weights, rows, noise and
times, in float64. Path and loss: Lipman et al. (2022), equations 22 and 23; for `variational` the cross-entropy of q(x_1 | x_t) for categories (Eijkelboom et al. 2024;
TabbyFlow, Guzman-Cordero et al. 2025). Network: residual MLP with layer norms, a time embedding, and a skip for numbers.

Made with: torch 2.9.1
    pip install torch==2.9.1 && python matching_golden.py
Writes matching.json beside itself.
"""
import json, math, os
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
sizes, N, B, width, blocks, time = [3, 2], 2, 5, 8, 2, 4
D, freq = N + sum(sizes), [1, 2, 4]
torch.manual_seed(5)
shapes = {'time.0.w': (time, time), 'time.0.b': (time,), 'time.1.w': (time, time), 'time.1.b': (time,), 'net.in.w': (D + 2 * len(freq) * N, width), 'net.in.b': (width,), 'net.out.w': (width, D), 'net.out.b': (D,)}
for i in range(blocks):
    shapes |= {f'net.{i}.up.w': (width, width), f'net.{i}.up.b': (width,), f'net.{i}.context.w': (time, width), f'net.{i}.context.b': (width,), f'net.{i}.down.w': (width, width), f'net.{i}.down.b': (width,)}
p = {n: (torch.randn(s) * .4).float().double().requires_grad_() for n, s in shapes.items()}
numbers, x0, t = torch.randn(B, N).float().double(), torch.randn(B, D).float().double(), torch.rand(B, 1).float().double()
codes = torch.stack([torch.randint(0, k, (B,)) for k in sizes], 1)
x1 = torch.cat([numbers] + [F.one_hot(codes[:, c], k).double() for c, k in enumerate(sizes)], 1)

def linear(n, x): return x @ p[f'{n}.w'] + p[f'{n}.b']
def network(x, t):
    half = time // 2
    angle = 1000 * t * torch.tensor([10000 ** (-i / half) for i in range(half)])
    context = linear('time.1', F.silu(linear('time.0', torch.cat([torch.cos(angle), torch.sin(angle)], 1))))
    z = x[:, :N]
    h = linear('net.in', torch.cat([x] + [g(f * z) for f in freq for g in (torch.sin, torch.cos)], 1))
    for i in range(blocks): h = h + linear(f'net.{i}.down', F.silu(linear(f'net.{i}.up', F.layer_norm(h, (width,))) + linear(f'net.{i}.context', context)))
    out = linear('net.out', F.layer_norm(h, (width,)))
    var = t ** 2 + (1 - t) ** 2
    return torch.cat([(2 * t - 1) / var * z + out[:, :N] / var.sqrt(), out[:, N:]], 1)

cases = []
for variant, sigma in [('variational', 0.), ('ot', .1), ('rectified', 0.)]:
    for q in p.values(): q.grad = None
    xt = (1 - (1 - sigma) * t) * x0 + t * x1; u = x1 - (1 - sigma) * x0
    v = network(xt, t)
    if variant == 'variational':
        logits = torch.split(v[:, N:], sizes, 1)
        loss = (.5 * ((v - u)[:, :N] ** 2).sum(1)).mean() + sum(F.cross_entropy(logits[c], codes[:, c]) for c in range(len(sizes)))
        rest = 1 - t
        velocity = torch.cat([v[:, :N]] + [(F.softmax(l, 1) - xt[:, s:s + l.shape[1]]) / rest for l, s in zip(logits, [N, N + sizes[0]])], 1)
    else:
        loss = (.5 * ((v - u) ** 2).sum(1)).mean(); velocity = v
    loss.backward()
    cases.append(dict(variant=variant, sigma=sigma, loss=float(loss.detach()), velocity=velocity.detach().reshape(-1).tolist(), x=xt.reshape(-1).tolist(), grads={n: q.grad.reshape(-1).tolist() for n, q in p.items()}))
r = lambda v: {k: r(w) for k, w in v.items()} if isinstance(v, dict) else [r(w) for w in v] if isinstance(v, list) else round(v, 8) if isinstance(v, float) else v
flat = lambda x: x.detach().reshape(-1).tolist()
json.dump(r(dict(rows=B, sizes=sizes, numbers=N, width=width, blocks=blocks, time=time, z=flat(numbers), codes=flat(codes), x0=flat(x0), t=flat(t), params={n: flat(q) for n, q in p.items()}, cases=cases, torch=torch.__version__)),
          open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'matching.json'), 'w'), separators=(',', ':'))
