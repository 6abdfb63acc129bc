"""Reference values for server/generators/flow/model.ts: loss and gradients of one training step of a small mixed-type flow, written from the
papers' formulas target by target (no masks), in float64.

Categories: the autoregressive piecewise-linear map of Mueller et al. (2019) on uniformly dequantised codes, whose -log density is the code's
cross-entropy. Numbers: autoregressive layers, forwards then backwards, or couplings, of the rational-quadratic spline of Durkan et al. (2019) or of
affine maps (Dinh et al. 2017), given the categories; standard normal base.

Made with: torch 2.9.1
    pip install torch==2.9.1 && python flow_golden.py
Writes flow.json beside itself.
"""
import json, math, os
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
sizes, N, e, H, depth, layers, K, bound, B = [3, 2], 3, 4, 5, 2, 2, 4, 3.0, 6
C, nw, least = len(sizes), 9, 1e-3

def features(z):
    u = 0.5 * (1 + torch.erf(z / math.sqrt(2)))
    return torch.stack([z] + [f(2 * math.pi * k * u) for k in (.5, 1, 2, 4) for f in (torch.sin, torch.cos)], -1).reshape(len(z), -1)

def spline(x, p):
    w = least + (1 - least * K) * F.softmax(p[:, :K], 1); h = least + (1 - least * K) * F.softmax(p[:, K:2 * K], 1)
    zero, one = torch.zeros(len(x), 1), torch.ones(len(x), 1)
    xs = torch.cat([zero, torch.cumsum(w, 1)], 1) * 2 * bound - bound; ys = torch.cat([zero, torch.cumsum(h, 1)], 1) * 2 * bound - bound
    d = torch.cat([one, least + F.softplus(p[:, 2 * K:] + math.log(math.expm1(1 - least))), one], 1)
    k = (x[:, None] >= xs[:, 1:-1]).sum(1, keepdim=True)
    at = lambda v, o=0: v.gather(1, k + o)[:, 0]
    s = (at(ys, 1) - at(ys)) / (at(xs, 1) - at(xs)); xi = (x - at(xs)) / (at(xs, 1) - at(xs))
    den = s + (at(d, 1) + at(d) - 2 * s) * xi * (1 - xi)
    y = at(ys) + (at(ys, 1) - at(ys)) * (s * xi ** 2 + at(d) * xi * (1 - xi)) / den
    dy = s ** 2 * (at(d, 1) * xi ** 2 + 2 * s * xi * (1 - xi) + at(d) * (1 - xi) ** 2) / den ** 2
    inside = (x >= -bound) & (x < bound)
    return torch.where(inside, y, x), torch.where(inside, torch.log(dy), torch.zeros(()))
def affine(x, p):
    scale = 3 * torch.tanh(p[:, 1] / 3)
    return (x - p[:, 0]) * torch.exp(-scale), -scale

def network(p, name, t, x):
    """The network of target t: x holds only what it sees."""
    h = p[f'{name}b1'][t]
    if x.shape[1]: h = h + x @ p[f'{name}w1'][:x.shape[1], t * H:(t + 1) * H]
    h = F.silu(h)
    for l in range(2, depth + 1): h = h + F.silu(h @ p[f'{name}w{l}'][t] + p[f'{name}b{l}'][t])
    return h.expand(B, H)

def loss(p, z, codes, structure, transform):
    start = [0, sizes[0]]
    emb = [p['embedding'][codes[:, c] + start[c]] for c in range(C)]
    total = torch.zeros(B)
    for c in range(C):
        h = network(p, 'c.', c, torch.cat(emb[:c] + [torch.zeros(B, 0)], 1))
        total = total + F.cross_entropy(h @ p[f'c.out{c}'] + p[f'c.bias{c}'], codes[:, c], reduction='none')
    context, x = torch.cat(emb, 1), z
    for l in range(layers):
        if structure == 'autoregressive': order, kept = (list(range(N)) if l % 2 == 0 else list(range(N))[::-1]), 0
        else:
            half = [i for i in range(N) if ((i >> (l // 2 % 2)) & 1) == l % 2]; order, kept = half + [i for i in range(N) if i not in half], len(half)
        own, out = x[:, order], []
        for j in range(N):
            if j < kept: out.append(own[:, j]); continue
            t, seen = j - kept, kept if kept else j
            h = network(p, f'n{l}.', t, torch.cat([context] + ([features(own[:, :seen])] if seen else []), 1))
            theta = h @ p[f'n{l}.out'][t] + p[f'n{l}.bias'][t]
            y, ld = (spline if transform == 'spline' else affine)(own[:, j], theta)
            out.append(y); total = total - ld
        back = [None] * N
        for j, i in enumerate(order): back[i] = out[j]
        x = torch.stack(back, 1)
    return (total + 0.5 * (x ** 2).sum(1) + 0.5 * N * math.log(2 * math.pi)).mean()

cases = []
for structure, transform in [('autoregressive', 'spline'), ('coupling', 'spline'), ('coupling', 'affine')]:
    torch.manual_seed(11)
    W = 3 * K - 1 if transform == 'spline' else 2
    shapes = {'embedding': (sum(sizes), e), 'c.w1': (e * (C - 1), C * H), 'c.b1': (C, 1, H), 'c.w2': (C, H, H), 'c.b2': (C, 1, H)}
    for c, k in enumerate(sizes): shapes |= {f'c.out{c}': (H, k), f'c.bias{c}': (k,)}
    for l in range(layers):
        kept = 0 if structure == 'autoregressive' else (2 if l == 0 else 1)
        T, shown = N - kept, (N - 1 if structure == 'autoregressive' else kept)
        shapes |= {f'n{l}.w1': (C * e + shown * nw, T * H), f'n{l}.b1': (T, 1, H), f'n{l}.w2': (T, H, H), f'n{l}.b2': (T, 1, H), f'n{l}.out': (T, H, W), f'n{l}.bias': (T, 1, W)}
    p = {n: (torch.randn(s) * .3).float().double().requires_grad_() for n, s in shapes.items()}
    z = torch.randn(B, N).float().double(); codes = torch.stack([torch.randint(0, k, (B,)) for k in sizes], 1)
    v = loss(p, z, codes, structure, transform); v.backward()
    cases.append(dict(structure=structure, transform=transform, z=z.reshape(-1).tolist(), codes=codes.reshape(-1).tolist(), loss=float(v.detach()),
        params={n: q.detach().reshape(-1).tolist() for n, q in p.items()}, grads={n: q.grad.reshape(-1).tolist() for n, q in p.items()}))
r = lambda v, d=8: {k: r(w, 7 if k == 'grads' else d) for k, w in v.items()} if isinstance(v, dict) else [r(w, d) for w in v] if isinstance(v, list) else round(v, d) if isinstance(v, float) else v
shape = dict(sizes=sizes, numbers=N, embedding=e, hidden=H, depth=depth, layers=layers, bins=K, bound=bound)
json.dump(r(dict(rows=B, shape=shape, cases=cases, torch=torch.__version__)), open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'flow.json'), 'w'), separators=(',', ':'))
