"""medGAN's and CTAB-GAN's own losses and their gradients, on torch 2.9.1 in float64, from given weights, rows and noise.

Written from the papers: neither has a package that runs on a current torch (medGAN: Choi et al. 2017, sections 3.1 and 4; CTAB-GAN: Zhao et al. 2021, section 3.2). On our rows:
alphas, then one-hots.

python others.py > others.json
"""
import json
import sys
import numpy as np
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
rng = np.random.RandomState(11)
A, MODES, CATEGORIES = 2, [3, 2], [2, 3]
SPANS = MODES + CATEGORIES
H = sum(SPANS)
W, B, E, HIDDEN, LAYERS = A + H, 6, 4, 6, 2


def t(*shape, scale=.6):
    return torch.tensor(np.round(rng.normal(0, scale, shape), 4), requires_grad=True)


def rows():
    codes = np.stack([rng.randint(0, s, B) for s in SPANS], 1)
    x = np.concatenate([np.round(rng.uniform(-.9, .9, (B, A)), 4)] + [np.eye(s)[codes[:, j]] for j, s in enumerate(SPANS)], 1)
    return torch.tensor(x), codes


def layer(p, name, i, o):
    p[name + '.w'], p[name + '.b'] = t(i, o), t(o)


def linear(p, name, x):
    return x @ p[name + '.w'] + p[name + '.b']


def spans(x):
    return torch.split(x[:, A:], SPANS, 1)


def activate(raw, u):
    parts, at = [torch.tanh(raw[:, :A])], 0
    for own in spans(raw):
        g = -torch.log(-torch.log(u[:, at:at + own.shape[1]]))
        parts.append(torch.softmax((own + g) / .2, 1))
        at += own.shape[1]
    return torch.cat(parts, 1)


def listed(x):
    return x.detach().numpy().tolist()


def gradients(loss, p, names):
    g = torch.autograd.grad(loss, [p[n] for n in names], retain_graph=True)
    return {n: listed(v) for n, v in zip(names, g)}


def medgan():
    p = {}
    layer(p, 'encoder', W, E), layer(p, 'decoder', E, W)
    for i in range(LAYERS):
        layer(p, f'generator.{i}', E, E)
        p[f'generator.{i}.scale'], p[f'generator.{i}.shift'] = t(E), t(E)
    layer(p, 'critic.0', 2 * W, HIDDEN), layer(p, 'critic.1', HIDDEN, HIDDEN // 2), layer(p, 'critic.out', HIDDEN // 2, 1)
    x, codes = rows()
    z, u = t(B, E).detach(), torch.tensor(np.round(rng.uniform(.05, .95, (B, H)), 4))
    raw = linear(p, 'decoder', torch.tanh(linear(p, 'encoder', x)))
    coder = 50 * ((x[:, :A] - torch.tanh(raw[:, :A])) ** 2).sum(1)
    for j, own in enumerate(spans(raw)):
        coder = coder + F.cross_entropy(own, torch.tensor(codes[:, j]), reduction='none')
    coder = coder.mean()
    h = z
    for i in range(LAYERS):
        y = F.batch_norm(linear(p, f'generator.{i}', h), None, None, p[f'generator.{i}.scale'], p[f'generator.{i}.shift'], True)
        h = (torch.tanh if i == LAYERS - 1 else torch.relu)(y) + h
    fake = activate(linear(p, 'decoder', h), u)

    def judge(v):
        both = torch.cat([v, v.mean(0, keepdim=True).expand(B, W)], 1)
        return linear(p, 'critic.out', torch.relu(linear(p, 'critic.1', torch.relu(linear(p, 'critic.0', both)))))
    critic = F.binary_cross_entropy_with_logits(judge(x), torch.ones(B, 1)) + F.binary_cross_entropy_with_logits(judge(fake.detach()), torch.zeros(B, 1))
    generator = F.binary_cross_entropy_with_logits(judge(fake), torch.ones(B, 1))
    own = {'coder': ['encoder', 'decoder'], 'critic': ['critic'], 'generator': ['generator', 'decoder']}
    names = {k: [n for n in p if n.split('.')[0] in v] for k, v in own.items()}
    return {'before': {n: listed(v) for n, v in p.items()}, 'alphas': listed(x[:, :A]), 'codes': codes.tolist(), 'z': listed(z), 'u': listed(u),
            **{k: {'loss': loss.item(), 'gradients': gradients(loss, p, names[k])} for k, loss in (('coder', coder), ('critic', critic), ('generator', generator))}}


def ctab():
    p, target, layers = {}, 3, 2
    for i in range(layers):
        layer(p, f'classifier.{i}', HIDDEN if i else W, HIDDEN)
    layer(p, 'classifier.out', HIDDEN, SPANS[target])
    x, codes = rows()
    start = A + sum(SPANS[:target])
    rest = torch.ones(W)
    rest[start:start + SPANS[target]] = 0
    h = x * rest
    for i in range(layers):
        h = F.leaky_relu(linear(p, f'classifier.{i}', h), .2)
    loss = F.cross_entropy(linear(p, 'classifier.out', h), torch.tensor(codes[:, target]))
    real, fake = t(B, HIDDEN), t(B, HIDDEN)
    info = torch.norm(real.mean(0) - fake.mean(0)) + torch.norm(real.std(0, unbiased=False) - fake.std(0, unbiased=False))
    q = {'real': real, 'fake': fake}
    return {'before': {n: listed(v) for n, v in p.items()}, 'target': target, 'alphas': listed(x[:, :A]), 'codes': codes.tolist(), 'classifier': {'loss': loss.item(), 'gradients': gradients(loss, p, list(p))},
            'information': {'real': listed(real), 'fake': listed(fake), 'loss': info.item(), 'gradients': gradients(info, q, list(q))}}


out = {'modes': MODES, 'categories': CATEGORIES, 'embedding': E, 'hidden': HIDDEN, 'layers': LAYERS, 'medgan': medgan(), 'ctab': ctab()}
json.dump(json.loads(json.dumps(out), parse_float=lambda v: float('%.9g' % float(v))), sys.stdout, separators=(',', ':'))
