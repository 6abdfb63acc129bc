"""One training step of CTAB-GAN+ as it is taken by default (critic, classifier, then generator; conditions on modes too; a place in each mode), on torch 2.9.1 in float64, from given weights, rows and noise.

Written from the papers (Zhao et al. 2021, sections 3.2 and 4; 2022, section 3) with the differences that server/generators/gan/ctab-step.ts names. On our rows: alphas, then one-hots.

python ctab.py > ctab.json
"""
import json
import sys
import numpy as np
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
rng = np.random.RandomState(23)
A, MODES, CATEGORIES, TARGET = 2, [3, 2], [2, 3], 3
SPANS = MODES + CATEGORIES
H, M = sum(SPANS), sum(MODES)
W, B, E, HIDDEN, LAYERS, LR, L2 = A + H, 6, 3, 5, 2, .02, .05
STARTS = np.cumsum([0] + SPANS[:-1])
p = {}


def t(*shape, scale=.6):
    return torch.tensor(np.round(rng.normal(0, scale, shape), 4), requires_grad=True)


def layer(name, i, o):
    p[name + '.w'], p[name + '.b'] = t(i, o), t(o)


def linear(name, x):
    return x @ p[name + '.w'] + p[name + '.b']


def rows():
    codes = np.stack([rng.randint(0, s, B) for s in SPANS], 1)
    x = np.concatenate([np.round(rng.uniform(-.9, .9, (B, A)), 4)] + [np.eye(s)[codes[:, j]] for j, s in enumerate(SPANS)], 1)
    return torch.tensor(x), codes


def condition():
    span = rng.randint(0, len(SPANS), B)
    code = np.array([rng.randint(0, SPANS[s]) for s in span])
    return span, code, STARTS[span] + code


for k in range(LAYERS):
    layer(f'generator.{k}', E + H + k * HIDDEN, HIDDEN)
    p[f'generator.{k}.scale'], p[f'generator.{k}.shift'] = t(HIDDEN), t(HIDDEN)
layer('generator.out', E + H + LAYERS * HIDDEN, M + H)
layer('critic.0', W + H, HIDDEN), layer('critic.1', HIDDEN, HIDDEN), layer('critic.out', HIDDEN, 1)
layer('classifier.0', W, HIDDEN), layer('classifier.1', HIDDEN, HIDDEN), layer('classifier.out', HIDDEN, SPANS[TARGET])


def make(z, u, index):
    """-> logits [B, H], row [B, W], row beside its condition."""
    c = torch.eye(H)[index]
    h = torch.cat([z, c], 1)
    for k in range(LAYERS):
        y = F.batch_norm(linear(f'generator.{k}', h), None, None, p[f'generator.{k}.scale'], p[f'generator.{k}.shift'], True)
        h = torch.cat([torch.relu(y), h], 1)
    out = linear('generator.out', h)
    places, logits = torch.tanh(out[:, :M]), out[:, M:]
    hot = [torch.softmax((logits[:, s:s + n] - torch.log(-torch.log(u[:, s:s + n]))) / .2, 1) for s, n in zip(STARTS, SPANS)]
    alphas = [(places[:, s:s + n] * own).sum(1, keepdim=True) for s, n, own in zip(STARTS[:A], MODES, hot)]
    row = torch.cat(alphas + hot, 1)
    return logits, row, torch.cat([row, c], 1)


def impressions(x):
    return F.leaky_relu(linear('critic.1', F.leaky_relu(linear('critic.0', x), .2)), .2)


def judge(x):
    return linear('critic.out', impressions(x))


def classify(x):
    rest = torch.ones(W)
    rest[A + STARTS[TARGET]:A + STARTS[TARGET] + SPANS[TARGET]] = 0
    h = x * rest
    for k in range(2):
        h = F.leaky_relu(linear(f'classifier.{k}', h), .2)
    label = x[:, A + STARTS[TARGET]:A + STARTS[TARGET] + SPANS[TARGET]].argmax(1)
    return F.cross_entropy(linear('classifier.out', h), label)


def noise():
    return t(B, E, scale=1).detach(), torch.tensor(np.round(rng.uniform(.05, .95, (B, H)), 4))


def listed(x):
    return x.detach().numpy().tolist()


def named(pairs):
    return {n: listed(v) for n, v in pairs}


def turn(loss, who):
    own = [n for n in p if n.split('.')[0] == who]
    for n, g in zip(own, torch.autograd.grad(loss, [p[n] for n in own])):
        p[n].grad = g
    torch.optim.Adam([p[n] for n in own], lr=LR, betas=(.5, .9), weight_decay=L2).step()
    return {'loss': loss.item(), 'gradients': named((n, p[n].grad) for n in own)}


before = named(p.items())
(z, u), (_, _, index), perm, (real, codes), mix = noise(), condition(), rng.permutation(B), rows(), np.round(rng.uniform(0, 1, (B, 1)), 4)
seen, fake = torch.cat([real, torch.eye(H)[index[perm]]], 1), make(z, u, index)[2].detach()
between = (torch.tensor(mix) * seen + (1 - torch.tensor(mix)) * fake).requires_grad_(True)
slope, = torch.autograd.grad(judge(between).sum(), between, create_graph=True)
critic = {'z': listed(z), 'u': listed(u), 'condition': index.tolist(), 'realCondition': index[perm].tolist(), 'alphas': listed(real[:, :A]), 'codes': codes.tolist(), 'mix': mix.tolist(),
          **turn(judge(fake).mean() - judge(seen).mean() + 10 * ((slope.norm(dim=1) - 1) ** 2).mean(), 'critic')}
classifier = turn(classify(real), 'classifier')

(z, u), (span, code, index) = noise(), condition()
logits, row, made = make(z, u, index)
chosen = torch.stack([F.cross_entropy(logits[i:i + 1, STARTS[s]:STARTS[s] + SPANS[s]], torch.tensor([c])) for i, (s, c) in enumerate(zip(span, code))]).mean()
a, b = impressions(seen), impressions(made)
information = torch.norm(a.mean(0) - b.mean(0)) + torch.norm(a.std(0, unbiased=False) - b.std(0, unbiased=False))
generator = {'z': listed(z), 'u': listed(u), 'condition': index.tolist(), 'column': span.tolist(), **turn(chosen - judge(made).mean() + .7 * information + 1.3 * classify(row), 'generator')}

out = {'modes': MODES, 'categories': CATEGORIES, 'embedding': E, 'hidden': HIDDEN, 'layers': LAYERS, 'target': TARGET, 'lr': LR, 'l2': L2, 'information': .7, 'downstream': 1.3,
       'before': before, 'critic': critic, 'classifier': classifier, 'generator': generator, 'after': named(p.items())}
json.dump(json.loads(json.dumps(out), parse_float=lambda v: float('%.9g' % float(v))), sys.stdout, separators=(',', ':'))
