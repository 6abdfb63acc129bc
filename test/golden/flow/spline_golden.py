"""Reference values for server/generators/flow/spline.ts: the rational-quadratic spline of Durkan et al., "Neural Spline Flows" (2019),
section 3.1 and appendix A.1, with linear tails, written from the paper's equations in float64, and the derivative by automatic differentiation.

Made with: torch 2.9.1
    pip install torch==2.9.1 && python spline_golden.py
Writes spline.json beside itself.
"""
import json, math, os
import torch
import torch.nn.functional as F

torch.manual_seed(7)
torch.set_default_dtype(torch.float64)
K, B, M = 6, 3.0, 40
least = 1e-3

def spline(x, p):
    """x scalar tensor, p [3K-1]: y of equation 4, in the bin that holds x; the identity outside [-B, B]."""
    if not (-B <= x < B): return x
    w = least + (1 - least * K) * F.softmax(p[:K], 0); h = least + (1 - least * K) * F.softmax(p[K:2 * K], 0)
    xs = torch.cat([torch.zeros(1), torch.cumsum(w, 0)]) * 2 * B - B
    ys = torch.cat([torch.zeros(1), torch.cumsum(h, 0)]) * 2 * B - B
    d = torch.cat([torch.ones(1), least + F.softplus(p[2 * K:] + math.log(math.exp(1 - least) - 1)), torch.ones(1)])
    k = int((x >= xs[1:-1]).sum())
    s = (ys[k + 1] - ys[k]) / (xs[k + 1] - xs[k])
    xi = (x - xs[k]) / (xs[k + 1] - xs[k])
    return ys[k] + (ys[k + 1] - ys[k]) * (s * xi ** 2 + d[k] * xi * (1 - xi)) / (s + (d[k + 1] + d[k] - 2 * s) * xi * (1 - xi))

x = torch.cat([torch.randn(M - 4) * 1.6, torch.tensor([-3.0, 3.5, -4.2, 2.999])])
p = torch.randn(M, 3 * K - 1) * 1.5
x, p = x.float().double(), p.float().double()
y, slope, dp = [], [], []
for i in range(M):
    xi, pi = x[i].clone().requires_grad_(), p[i].clone().requires_grad_()
    yi = spline(xi, pi)
    g, = torch.autograd.grad(yi, xi, create_graph=True)
    y.append(float(yi)); slope.append(math.log(float(g)))
    total = yi + torch.log(g) if g.requires_grad else yi
    gp = torch.autograd.grad(total, pi, allow_unused=True)[0]
    dp.append([0.0] * (3 * K - 1) if gp is None else gp.tolist())
out = dict(bins=K, bound=B, x=x.tolist(), p=p.reshape(-1).tolist(), y=y, logDerivative=slope, gradient=sum(dp, []), torch=torch.__version__)
r = lambda v: [r(w) for w in v] if isinstance(v, list) else round(v, 8) if isinstance(v, float) else v
json.dump({k: r(v) for k, v in out.items()}, open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'spline.json'), 'w'), separators=(',', ':'))
