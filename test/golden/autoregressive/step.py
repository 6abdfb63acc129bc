"""Reference values for server/generators/autoregressive/: one whole training step over three columns - a category of three codes, a number of two coarse codes
with two fine ones each (and its ranks), a category of two - each seeing the others as `visible` says, with given dropout masks and targets smoothed over
neighbouring intervals: loss, gradients, and weights after torch.optim.AdamW with clipped gradients. Target by target and without masked products, in float64.

The network is our own (many small ones, one for each column, in the manner of TabularARGN), so the reference is its formula, not a published program.

Made with: torch 2.9.1
    pip install torch==2.9.1 && python step.py
Writes step.json beside itself.
"""
import json, math, os
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.manual_seed(5)
B, e, H, FH, C, L = 6, 4, 5, 3, 3, 2
smoothing, lr, weight_decay, clip, keep = .15, .01, .1, 5., .8
visible = [[0, 1, 1], [0, 0, 1], [0, 1, 0]]   # [target][source]
coarse, leaves_n = [3, 2, 2], [3, 4, 2]
first = [[0, 1, 2, 3], [0, 2, 4], [0, 1, 2]]
rank = [None, [.1, .35, .6, .9], None]
share = [[.5, .3, .2], [.25, .2, .3, .25], [.6, .4]]
leaves = torch.stack([torch.randint(0, n, (B,)) for n in leaves_n], 1)
masks = ((torch.rand(L, C, B, H) < keep) / keep).float().double()
r = lambda *s: (torch.randn(*s) * .6).float().double().requires_grad_()
p = {'codes': r(sum(coarse), e), 'smooth': r(1, 13, e), 'w1': r(C * e, C * H), 'b1': r(C, 1, H), 'w2': r(C, H, H), 'b2': r(C, 1, H)}
for c in range(C): p[f'head{c}.out'], p[f'head{c}.bias'] = r(H, coarse[c]), r(coarse[c])
p |= {'fineIn': r(H, FH), 'fineCode': r(2, FH), 'fineOut': r(FH, 2)}

def smooth(v): return [float(torch.special.ndtri(torch.tensor(v)))] + [f(2 * math.pi * v * 2 ** k / 2) for k in range(6) for f in (math.sin, math.cos)]
start, coarse_of = [0, 3, 5], [[0, 1, 2], [0, 0, 1, 1], [0, 1]]
def embed(c):
    x = p['codes'][start[c] + torch.tensor(coarse_of[c])[leaves[:, c]]]
    return x + (torch.tensor([smooth(v) for v in rank[c]]) @ p['smooth'][0])[leaves[:, c]] if rank[c] else x

losses = []
for i in range(C):
    h = p['b1'][i].expand(B, H)
    for j in range(C):
        if visible[i][j]: h = h + embed(j) @ p['w1'][j * e:(j + 1) * e, i * H:(i + 1) * H]
    h = F.silu(h) * masks[0, i]
    h = (h + F.silu(h @ p['w2'][i] + p['b2'][i])) * masks[1, i]
    k = torch.tensor(coarse_of[i])[leaves[:, i]]
    log_p = F.log_softmax(h @ p[f'head{i}.out'] + p[f'head{i}.bias'], 1)
    if i == 1:
        loss = -((1 - smoothing) * log_p.gather(1, k[:, None]) + smoothing * log_p.gather(1, 1 - k[:, None]))[:, 0]
        s = torch.tensor(share[1]).reshape(2, 2)
        fine = F.silu(h @ p['fineIn'] + p['fineCode'][k]) @ p['fineOut'] + torch.log(s / s.sum(1, keepdim=True))[k]
        loss = loss + F.cross_entropy(fine, leaves[:, 1] - 2 * k, reduction='none')
    else: loss = -log_p.gather(1, k[:, None])[:, 0]
    losses.append(loss)
loss = torch.stack(losses).sum(0).mean()
loss.backward()
before, grads = {n: q.detach().clone() for n, q in p.items()}, {n: q.grad.clone() for n, q in p.items()}
# Decay pulls at the weights of layers alone: neither at embeddings nor at biases.
undecayed = [n for n in p if n in ('codes', 'smooth', 'b1', 'b2', 'fineCode') or n.endswith('.bias')]
torch.nn.utils.clip_grad_norm_(list(p.values()), clip)
torch.optim.AdamW([{'params': [p[n] for n in p if n not in undecayed], 'weight_decay': weight_decay}, {'params': [p[n] for n in undecayed], 'weight_decay': 0.}], lr=lr, betas=(.9, .99), eps=1e-8).step()
f = lambda d: {n: q.detach().reshape(-1).tolist() for n, q in d.items()}
out = dict(rows=B, embedding=e, hidden=H, layers=L, fineHidden=FH, smoothing=smoothing, lr=lr, weightDecay=weight_decay, dropout=1 - keep, visible=[v for row in visible for v in row], first=first, rank=rank, share=share,
           leaves=leaves.reshape(-1).tolist(), masks=masks.reshape(-1).tolist(), loss=float(loss.detach()), norm=float(torch.sqrt(sum((g ** 2).sum() for g in grads.values()))), params=f(before), grads=f(grads), after=f(p), torch=torch.__version__)
rd = lambda v: {k: rd(w) for k, w in v.items()} if isinstance(v, dict) else [rd(w) for w in v] if isinstance(v, list) else round(v, 9) if isinstance(v, float) else v
json.dump(rd(out), open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'step.json'), 'w'), separators=(',', ':'))
print(out['loss'], out['norm'], min(min(abs(v) for v in g) for g in out['grads'].values()))
