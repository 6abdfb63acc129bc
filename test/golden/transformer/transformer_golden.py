"""Reference values for server/generators/blocks/transformer.ts.

A row of two numbers and two categories (3 and 4 codes) -> tokeniser with a leading token (Gorishniy et al. 2021, section 3.3) ->
torch.nn.TransformerEncoderLayer(norm_first, exact GELU, no dropout), with and without a causal mask -> detokeniser (TabSyn) ->
mean squared error + cross-entropies. Forward values, the loss and the gradient of every parameter.

Made with: torch 2.9.1
    pip install torch==2.9.1 && python transformer_golden.py
Writes transformer.json beside itself.
"""
import json, os
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(20240611)
B, N, sizes, D, H, M = 3, 2, [3, 4], 8, 2, 12
T = 1 + N + len(sizes)
rnd = lambda *s: (torch.randn(*s) * .5).requires_grad_()
p = {'tok.numbers': rnd(N, D), 'tok.codes': rnd(sum(sizes), D), 'tok.bias': rnd(N + len(sizes), D), 'tok.cls': rnd(1, D), 'de.numbers': rnd(N, D)}
for c, k in enumerate(sizes): p[f'de.w{c}'], p[f'de.b{c}'] = rnd(D, k), rnd(k)
names = dict(norm1='norm1.weight', shift1='norm1.bias', qkv='self_attn.in_proj_weight', qkvBias='self_attn.in_proj_bias', out='self_attn.out_proj.weight', outBias='self_attn.out_proj.bias',
             norm2='norm2.weight', shift2='norm2.bias', up='linear1.weight', upBias='linear1.bias', down='linear2.weight', downBias='linear2.bias')
layer = nn.TransformerEncoderLayer(D, H, M, dropout=0., activation='gelu', batch_first=True, norm_first=True)
with torch.no_grad():
    for q in layer.parameters(): q.copy_(torch.randn_like(q) * .4 + (1. if q.dim() == 1 else 0.))
x, codes = torch.randn(B, N), torch.stack([torch.randint(0, k, (B,)) for k in sizes], 1)
start = torch.tensor([0, sizes[0]])
flat = lambda t: [float(v) for v in t.detach().double().reshape(-1)]
out = dict(B=B, numbers=N, sizes=sizes, width=D, heads=H, hidden=M, x=flat(x), codes=codes.reshape(-1).tolist(), cases=[])
own = dict(layer.named_parameters())
out['params'] = {n: flat(v) for n, v in p.items()} | {f'b.{n}': flat(own[t].T if own[t].dim() == 2 else own[t]) for n, t in names.items()}
for causal in (False, True):
    for q in list(p.values()) + list(own.values()): q.grad = None
    tok = torch.cat([x[:, :, None] * p['tok.numbers'], p['tok.codes'][codes + start]], 1) + p['tok.bias']
    tok = torch.cat([p['tok.cls'].expand(B, 1, D), tok], 1)
    h = layer(tok, src_mask=nn.Transformer.generate_square_subsequent_mask(T) if causal else None)
    num = (h[:, 1:1 + N] * p['de.numbers']).sum(-1)
    logits = [h[:, 1 + N + c] @ p[f'de.w{c}'] + p[f'de.b{c}'] for c in range(len(sizes))]
    loss = F.mse_loss(num, x) + sum(F.cross_entropy(logits[c], codes[:, c]) for c in range(len(sizes)))
    loss.backward()
    out['cases'].append(dict(causal=causal, hidden=flat(h), outNumbers=flat(num), logits=flat(torch.cat(logits, 1)), loss=float(loss),
        grads={n: flat(v.grad) for n, v in p.items()} | {f'b.{n}': flat(own[t].grad.T if own[t].dim() == 2 else own[t].grad) for n, t in names.items()}))
rounded = lambda v: round(v, 8) if isinstance(v, float) else {k: rounded(w) for k, w in v.items()} if isinstance(v, dict) else [rounded(w) for w in v] if isinstance(v, list) else v
out['torch'] = torch.__version__
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'transformer.json'), 'w') as f: json.dump(rounded(out), f, separators=(',', ':'))
