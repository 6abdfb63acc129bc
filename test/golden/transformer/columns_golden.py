"""Reference values for server/generators/transformer/model.ts: loss and gradients of one teacher-forced training step over three columns - a category of three
codes, a number of two coarse codes with two fine ones each (and its ranks), a category of two - drawn in the order 1, 2, 0, in float64. Blocks are
torch.nn.TransformerEncoderLayer(norm_first, exact GELU) under a causal mask.

Made with: torch 2.9.1
    pip install torch==2.9.1 && python columns_golden.py
Writes columns.json beside itself.
"""
import json, math, os
import torch
from torch import nn
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.manual_seed(3)
B, D, H, M, L, FH, C = 4, 8, 2, 12, 2, 6, 3
order = [1, 2, 0]
coarse, leaves_n = [3, 2, 2], [3, 4, 2]
first = [[0, 1, 2, 3], [0, 2, 4], [0, 1, 2]]
rank = [None, [.1, .35, .6, .9], None]
share = [[.5, .3, .2], [.25, .2, .3, .25], [.6, .4]]
leaves = torch.stack([torch.randint(0, n, (B,)) for n in leaves_n], 1)
r = lambda *s: (torch.randn(*s) * .35).float().double().requires_grad_()
smooth_width = 13
# Heads are held by padded size: columns 0 and 2 pad to 4 and 2 coarse codes without a fine level, column 1 to 2 coarse and 2 fine.
p = {'codes': r(sum(coarse), D), 'smooth': r(1, smooth_width, D), 'start': r(1, D), 'place': r(C, D), 'finalNorm': r(D), 'finalShift': r(D)}
for c in range(C): p[f'head{c}.out'], p[f'head{c}.bias'] = r(D, coarse[c]), r(coarse[c])
p |= {'fineIn': r(D, FH), 'fineCode': r(2, FH), 'fineOut': r(FH, 2)}
blocks = [nn.TransformerEncoderLayer(D, H, M, dropout=0., activation='gelu', batch_first=True, norm_first=True) for _ in range(L)]
names = dict(norm1='norm1.weight', shift1='norm1.bias', qkv='self_attn.in_proj_weight', qkvBias='self_attn.in_proj_bias', out='self_attn.out_proj.weight', outBias='self_attn.out_proj.bias',
             norm2='norm2.weight', shift2='norm2.bias', up='linear1.weight', upBias='linear1.bias', down='linear2.weight', downBias='linear2.bias')
own = {}
for l, b in enumerate(blocks):
    d = dict(b.named_parameters())
    with torch.no_grad():
        for q in d.values(): q.copy_((torch.randn_like(q) * .35 + (1. if q.dim() == 1 else 0.)).float().double())
    own |= {f'b{l}.{n}': d[t] for n, t in names.items()}

def smooth(v):
    v_ = min(1 - 1e-4, max(1e-4, v))
    return [float(torch.special.ndtri(torch.tensor(v_)))] + [f(2 * math.pi * v * 2 ** k / 2) for k in range(6) for f in (math.sin, math.cos)]
start = [0, 3, 5]
coarse_of = [[0, 1, 2], [0, 0, 1, 1], [0, 1]]
def embed(c, leaf):
    e = p['codes'][start[c] + torch.tensor(coarse_of[c])[leaf]]
    if rank[c]: e = e + (torch.tensor([smooth(v) for v in rank[c]]).float().double() @ p['smooth'][0])[leaf]
    return e
tokens = torch.stack([p['start'].expand(B, D)] + [embed(c, leaves[:, c]) for c in order[:-1]], 1) + p['place']
h = tokens
for b in blocks: h = b(h, src_mask=nn.Transformer.generate_square_subsequent_mask(C))
h = F.layer_norm(h, (D,)) * p['finalNorm'] + p['finalShift']
losses = [None] * C
for t, c in enumerate(order):
    s, k = h[:, t], torch.tensor(coarse_of[c])[leaves[:, c]]
    loss = F.cross_entropy(s @ p[f'head{c}.out'] + p[f'head{c}.bias'], k, reduction='none')
    if c == 1:
        marginal = torch.log(torch.tensor([[share[1][0] / (share[1][0] + share[1][1]), share[1][1] / (share[1][0] + share[1][1])], [share[1][2] / (share[1][2] + share[1][3]), share[1][3] / (share[1][2] + share[1][3])]]))
        fine = F.silu(s @ p['fineIn'] + p['fineCode'][k]) @ p['fineOut'] + marginal[k]
        loss = loss + F.cross_entropy(fine, leaves[:, c] - 2 * k, reduction='none')
    losses[c] = loss
total = torch.stack(losses).sum(0).mean()
total.backward()
T = lambda n, q: (q.T if n.startswith('b') and q.dim() == 2 else q).reshape(-1).tolist()
out = dict(rows=B, width=D, heads=H, hidden=M, layers=L, fineHidden=FH, order=order, first=first, rank=rank, share=share, leaves=leaves.reshape(-1).tolist(), loss=float(total.detach()),
           losses=torch.stack(losses).detach().reshape(-1).tolist(), params={n: T(n, q.detach()) for n, q in (p | own).items()}, grads={n: T(n, q.grad) for n, q in (p | own).items()}, torch=torch.__version__)
rd = lambda v: {k: rd(w) for k, w in v.items()} if isinstance(v, dict) else [rd(w) for w in v] if isinstance(v, list) else round(v, 8) if isinstance(v, float) else v
json.dump(rd(out), open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'columns.json'), 'w'), separators=(',', ':'))
