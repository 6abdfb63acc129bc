"""One training step of every part of CA-DASG in PyTorch 2.9.1, float64, from given weights, rows and noise: losses and gradients by autograd, written from the formulas.

python steps.py > steps.json
"""
import json
import sys
import numpy as np
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
rng = np.random.RandomState(11)
A, SPANS, PARTS = 2, [3, 2, 3, 2], [3, 2]      # alphas; modes, then categories; the context's parts
H, K, C, E, HIDDEN, B, D = sum(SPANS), sum(PARTS), 4, 3, 5, 8, 4
W, KERNELS, KERNEL_WIDTH, SCALE = A + H, 8, 4, 0.6


def t(*shape, scale=1.0):
    return torch.tensor(np.round(rng.normal(0, scale, shape), 4))


def onehots(codes, sizes):
    return torch.cat([F.one_hot(torch.tensor(codes[:, j]), s).double() for j, s in enumerate(sizes)], 1)


def batch():
    codes = np.stack([rng.randint(0, s, B) for s in SPANS], 1)
    alphas = np.round(rng.uniform(-.9, .9, (B, A)), 4)
    parts = np.stack([rng.randint(0, s, B) for s in PARTS], 1)
    context = rng.randint(0, C, B)
    return {'alphas': alphas.tolist(), 'codes': codes.tolist(), 'parts': parts.tolist(), 'context': context.tolist()}


def seen(b):
    return torch.cat([torch.tensor(b['alphas']), onehots(np.array(b['codes']), SPANS)], 1), onehots(np.array(b['parts']), PARTS), F.one_hot(torch.tensor(b['context']), C).double()


p = {}
for name, (i, o) in {'encoder.0': (W + K, HIDDEN), 'encoder.1': (HIDDEN, HIDDEN), 'latent': (HIDDEN, 2 * E), 'decoder.0': (E + K, HIDDEN), 'decoder.1': (HIDDEN, HIDDEN), 'out': (HIDDEN, W),
                     'critic.0': (W + K, HIDDEN), 'critic.1': (HIDDEN, HIDDEN), 'critic.out': (HIDDEN + KERNELS, 1), 'predictor.0': (W, HIDDEN), 'predictor.out': (HIDDEN, SPANS[3])}.items():
    scale = .3 if name.startswith('critic') else SCALE
    p[f'{name}.w'], p[f'{name}.b'] = t(i, o, scale=scale), t(o, scale=scale)
p['critic.kernels'] = t(HIDDEN, KERNELS * KERNEL_WIDTH, scale=.3)
p['sigma'] = torch.tensor(np.round(rng.uniform(.1, .9, A), 4))
for v in p.values():
    v.requires_grad_(True)
first, second, third = batch(), batch(), batch()
tables = {'priorMean': t(C, E), 'priorSd': torch.tensor(np.round(rng.uniform(.3, 1.5, (C, E)), 4)), 'mean': t(C, W, scale=.3), 'covariance': t(C, D * D, scale=.2), 'projection': t(W, D, scale=.4)}
noise = {'z': [t(B, E).tolist() for _ in range(3)], 'u': [np.round(rng.uniform(.02, .98, (B, H)), 4).tolist() for _ in range(3)], 'scatter': [t(B, A).tolist() for _ in range(3)], 'mix': np.round(rng.uniform(0, 1, (B, 1)), 4).tolist()}
history = {n: t(*v.shape, scale=.5) for n, v in p.items() if n.split('.')[0] in ('decoder', 'out', 'sigma')}
WEIGHTS = {'adversarial': .7, 'divergence': .6, 'covariance': .4, 'utility': .3, 'features': .2, 'history': .05, 'penalty': 10, 'reconstruction': 1.3}


def dense(name, x):
    return x @ p[f'{name}.w'] + p[f'{name}.b']


def encode(x, c):
    h = torch.relu(dense('encoder.0', torch.cat([x, c], 1)))
    h = torch.relu(dense('encoder.1', h))
    both = dense('latent', h)
    return both[:, :E], both[:, E:].clamp(-12, 12)


def decode(z, c):
    h = torch.relu(dense('decoder.0', torch.cat([z, c], 1)))
    return dense('out', torch.relu(dense('decoder.1', h)))


def spans(x):
    return torch.split(x[:, A:], SPANS, 1)


def make(b, k):
    _, c, member = seen(b)
    z = torch.tensor(noise['z'][k]) * (member @ tables['priorSd']) + member @ tables['priorMean']
    raw, g = decode(z, c), -torch.log(-torch.log(torch.tensor(noise['u'][k])))
    hot = [torch.softmax((r + n) / .2, 1) for r, n in zip(spans(raw), torch.split(g, SPANS, 1))]
    return torch.cat([torch.tanh(raw[:, :A]) + torch.tensor(noise['scatter'][k]) * p['sigma']] + hot, 1)


def closeness(h):
    m = (h @ p['critic.kernels']).reshape(B, KERNELS, KERNEL_WIDTH)
    return torch.exp(-(m[:, None] - m[None]).abs().sum(3)).sum(1) - 1


def impression(x, c):
    h = F.leaky_relu(dense('critic.0', torch.cat([x, c], 1)), .2)
    return F.leaky_relu(dense('critic.1', h), .2)


def judge(x, c):
    h = impression(x, c)
    return dense('critic.out', torch.cat([h, closeness(h)], 1))


def cov(x):
    return torch.cov(x.T)


def predict(x):
    rest = torch.ones(W)
    rest[W - SPANS[3]:] = 0
    h = F.leaky_relu(dense('predictor.0', x * rest), .2)
    return h, dense('predictor.out', h), x[:, W - SPANS[3]:]


def lessons(x):
    h, logits, y = predict(x)
    return torch.cat([h, torch.ones(B, 1)], 1).T @ (torch.softmax(logits, 1) - y) / B


def gradients(loss, names):
    g = torch.autograd.grad(loss, [p[n] for n in names], allow_unused=True, retain_graph=True)
    return {n: (torch.zeros_like(p[n]) if v is None else v).tolist() for n, v in zip(names, g)}


ENCODER = [n for n in p if n.split('.')[0] in ('encoder', 'latent')]
DECODER = [n for n in p if n.split('.')[0] in ('decoder', 'out', 'sigma')]
CRITIC = [n for n in p if n.startswith('critic')]
PREDICTOR = [n for n in p if n.startswith('predictor')]
out = {}


def part(name, loss, names):
    out[name] = {'loss': loss.item(), 'gradients': gradients(loss, names)}


# Variational update.
x, c, member = seen(first)
mu, logvar = encode(x, c)
raw = decode(torch.tensor(noise['z'][0]) * torch.exp(logvar / 2) + mu, c)
rec = (((x[:, :A] - torch.tanh(raw[:, :A])) / p['sigma']) ** 2 / 2 + torch.log(p['sigma'])).sum(1)
for logits, target in zip(spans(raw), spans(x)):
    rec = rec + F.cross_entropy(logits, target, reduction='none')
q = torch.distributions.Normal(mu, torch.exp(logvar / 2))
kl = torch.distributions.kl_divergence(q, torch.distributions.Normal(member @ tables['priorMean'], member @ tables['priorSd'])).sum(1)
part('reconstruction', rec.mean(), ENCODER + DECODER)
part('divergence', kl.mean(), ENCODER)
plain = torch.distributions.kl_divergence(q, torch.distributions.Normal(0., 1.)).sum(1)
out['plainDivergence'] = {'loss': plain.mean().item(), 'gradients': gradients(plain.mean(), ENCODER)}
variational = WEIGHTS['reconstruction'] * rec.mean() + WEIGHTS['divergence'] * kl.mean()
part('variational', variational, ENCODER + DECODER)

# What the cache learns of the batch.
s = x @ tables['projection']
outer = torch.einsum('bi,bj->bij', s, s).reshape(B, -1)
zz = (torch.einsum('bi,bj->bij', mu, mu) + torch.diag_embed(torch.exp(logvar))).reshape(B, -1)
out['sums'] = {'n': member.sum(0).tolist(), 'x': (member.T @ x).tolist(), 's': (member.T @ s).tolist(), 'ss': (member.T @ outer).tolist(), 'z': (member.T @ mu).tolist(), 'zz': (member.T @ zz).tolist()}

# Critic's turn.
x, c, _ = seen(second)
made = make(second, 1).detach()
mix = torch.tensor(noise['mix'])
between = (x * mix + made * (1 - mix)).requires_grad_(True)
slope, = torch.autograd.grad(judge(between, c).sum(), between, create_graph=True)
penalty = ((torch.sqrt((slope ** 2).sum(1) + 1e-12) - 1) ** 2).mean()
part('critic', judge(made, c).mean() - judge(x, c).mean() + WEIGHTS['penalty'] * penalty, CRITIC)

# Predictor's turn.
x, _, _ = seen(first)
_, logits, y = predict(x)
part('predictor', F.cross_entropy(logits, y), PREDICTOR)

# Adversarial update, term by term, and whole.
x, c, member = seen(third)
made = make(third, 2)
terms = {'adversarial': -judge(made, c).mean()}
counts = member.sum(0)
around = torch.tensor(0.)
shape = torch.tensor(0.)
for k in range(C):
    own = made[member[:, k] > 0]
    if len(own):
        around = around + len(own) / B * ((own.mean(0) - tables['mean'][k]) ** 2).sum()
    if len(own) >= 3:
        shape = shape + len(own) / B * ((cov(own @ tables['projection']).reshape(-1) - tables['covariance'][k]) ** 2).sum()
terms['batchCovariance'] = torch.linalg.matrix_norm(cov(x) - cov(made), 'fro')
terms['context'] = torch.sqrt(around) + torch.sqrt(shape)
terms['utility'] = torch.linalg.matrix_norm(lessons(made) - lessons(x).detach(), 'fro')
terms['features'] = ((impression(x, c).mean(0).detach() - impression(made, c).mean(0)) ** 2).sum()
terms['history'] = sum(((p[n] - h) ** 2).sum() for n, h in history.items())
for n, v in terms.items():
    part(n, v, DECODER)
out['pulls'] = {n: float(np.sqrt(sum((np.array(g) ** 2).sum() for g in gradients(v, DECODER).values()))) for n, v in {'adversarial': terms['adversarial'], 'utility': terms['utility'], 'decoderReference': WEIGHTS['reconstruction'] * rec.mean()}.items()}

# A whole step: predictor, critic, then encoder and decoder twice by one Adam (betas .9, .999), the encoder's gradient being zero the second time.
LR = .02
state = {n: v.detach().clone() for n, v in p.items()}
steps = {'predictor': (PREDICTOR, .9, .999), 'critic': (CRITIC, .5, .9), 'both': (ENCODER + DECODER, .9, .999)}
moments = {n: (torch.zeros_like(v), torch.zeros_like(v)) for n, v in p.items()}


def adam(names, grads, b1, b2, step, lr):
    for n in names:
        m, v = moments[n]
        g = torch.tensor(grads[n])
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g * g
        moments[n] = m, v
        p[n].data = p[n].data - lr * (m / (1 - b1 ** step)) / (torch.sqrt(v / (1 - b2 ** step)) + 1e-8)
        if n == 'sigma':
            p[n].data = p[n].data.clamp(.01, 1)


def evaluate_variational():
    x, c, member = seen(first)
    mu, logvar = encode(x, c)
    raw = decode(torch.tensor(noise['z'][0]) * torch.exp(logvar / 2) + mu, c)
    rec = (((x[:, :A] - torch.tanh(raw[:, :A])) / p['sigma']) ** 2 / 2 + torch.log(p['sigma'])).sum(1)
    for logits, target in zip(spans(raw), spans(x)):
        rec = rec + F.cross_entropy(logits, target, reduction='none')
    kl = torch.distributions.kl_divergence(torch.distributions.Normal(mu, torch.exp(logvar / 2)), torch.distributions.Normal(member @ tables['priorMean'], member @ tables['priorSd'])).sum(1)
    return WEIGHTS['reconstruction'] * rec.mean() + WEIGHTS['divergence'] * kl.mean()


def evaluate_adversarial():
    x, c, member = seen(third)
    made = make(third, 2)
    around = sum(member[:, k].sum() / B * ((made[member[:, k] > 0].mean(0) - tables['mean'][k]) ** 2).sum() for k in range(C) if member[:, k].sum() > 0)
    shape = sum([member[:, k].sum() / B * ((cov(made[member[:, k] > 0] @ tables['projection']).reshape(-1) - tables['covariance'][k]) ** 2).sum() for k in range(C) if member[:, k].sum() >= 8], torch.tensor(0.))
    return (WEIGHTS['adversarial'] * -judge(made, c).mean() + WEIGHTS['covariance'] * (torch.linalg.matrix_norm(cov(x) - cov(made), 'fro') + torch.sqrt(around) + torch.sqrt(shape + 1e-12))
            + WEIGHTS['utility'] * torch.linalg.matrix_norm(lessons(made) - lessons(x).detach(), 'fro') + WEIGHTS['features'] * ((impression(x, c).mean(0).detach() - impression(made, c).mean(0)) ** 2).sum()
            + WEIGHTS['history'] * sum(((p[n] - h) ** 2).sum() for n, h in history.items()))


adam(PREDICTOR, out['predictor']['gradients'], .9, .999, 1, LR)
adam(CRITIC, out['critic']['gradients'], .5, .9, 1, LR / 2)
adam(ENCODER + DECODER, gradients(evaluate_variational(), ENCODER + DECODER), .9, .999, 1, LR)
adam(ENCODER + DECODER, gradients(evaluate_adversarial(), ENCODER + DECODER), .9, .999, 2, LR)
after = {n: v.detach().tolist() for n, v in p.items()}

listed = lambda d: {n: v.tolist() for n, v in d.items()}
full = {'alphas': A, 'modes': SPANS[:2], 'categories': SPANS[2:], 'parts': PARTS, 'contexts': C, 'embedding': E, 'hidden': HIDDEN, 'sketch': D, 'least': 3, 'lr': LR, 'weights': WEIGHTS, 'before': listed(state), 'after': after,
        'batches': [first, second, third], 'tables': listed(tables), 'noise': noise, 'history': listed(history), 'parts_': out}
json.dump(json.loads(json.dumps(full), parse_float=lambda s: float(f'{float(s):.7g}')), sys.stdout, separators=(',', ':'))
