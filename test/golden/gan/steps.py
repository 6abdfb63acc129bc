"""One training step of TVAE and of CTGAN (critic, then generator) by ctgan 0.12.1 on torch 2.9.1, in float64, from given weights, rows and noise.

python steps.py > steps.json
"""
import json
import sys
import types
import numpy as np
import torch
from ctgan.data_transformer import SpanInfo
from ctgan.synthesizers.ctgan import CTGAN, Discriminator, Generator
from ctgan.synthesizers.tvae import Decoder, Encoder, _loss_function

torch.set_default_dtype(torch.float64)
rng = np.random.RandomState(5)
A, MODES, CATEGORIES = 2, [3, 2], [2, 3]
SPANS = MODES + CATEGORIES
H, K = sum(SPANS), sum(CATEGORIES)
W, B, E, HIDDEN, PAC = A + H, 6, 3, 4, 2
# The layout of our rows: alphas, one-hots of modes, one-hots of categories. Only the last two are what the reference calls discrete columns.
INFO = [[SpanInfo(1, 'tanh')] * A + [SpanInfo(n, 'softmax') for n in MODES]] + [[SpanInfo(n, 'softmax')] for n in CATEGORIES]


def t(*shape, scale=1.0):
    return torch.tensor(np.round(rng.normal(0, scale, shape), 4))


def rows(n):
    codes = np.stack([rng.randint(0, s, n) for s in SPANS], 1)
    x = np.concatenate([np.round(rng.uniform(-.9, .9, (n, A)), 4)] + [np.eye(s)[codes[:, j]] for j, s in enumerate(SPANS)], 1)
    return torch.tensor(x), codes


def fill(module, scale=.6):
    for p in module.parameters():
        p.data = t(*p.shape, scale=scale)


def named(pairs):
    return {k: v.detach().numpy().tolist() for k, v in pairs.items()}


def vae():
    encoder, decoder = Encoder(W, (HIDDEN, HIDDEN), E), Decoder(E, (HIDDEN, HIDDEN), W)
    fill(encoder), fill(decoder)
    decoder.sigma.data = torch.tensor(np.round(rng.uniform(.05, .95, W), 4))
    (x, codes), noise = rows(B), t(B, E)

    def weights(get):
        e, d = encoder.seq, decoder.seq
        return named({
            'encoder.0.w': get(e[0].weight).T, 'encoder.0.b': get(e[0].bias), 'encoder.1.w': get(e[2].weight).T, 'encoder.1.b': get(e[2].bias),
            'latent.w': torch.cat([get(encoder.fc1.weight), get(encoder.fc2.weight)]).T, 'latent.b': torch.cat([get(encoder.fc1.bias), get(encoder.fc2.bias)]),
            'decoder.0.w': get(d[0].weight).T, 'decoder.0.b': get(d[0].bias), 'decoder.1.w': get(d[2].weight).T, 'decoder.1.b': get(d[2].bias),
            'out.w': get(d[4].weight).T, 'out.b': get(d[4].bias), 'sigma': get(decoder.sigma)[:A],
        })
    before = weights(lambda p: p)
    optimiser = torch.optim.Adam(list(encoder.parameters()) + list(decoder.parameters()), lr=.02, weight_decay=.05)
    mu, std, logvar = encoder(x)
    rec, sigmas = decoder(noise * std + mu)
    parts = _loss_function(rec, x, sigmas, mu, logvar, INFO, 2)
    loss = parts[0] + parts[1]
    loss.backward()
    gradients = weights(lambda p: p.grad)
    optimiser.step()
    decoder.sigma.data.clamp_(.01, 1.)
    return {'alphas': x[:, :A].tolist(), 'codes': codes.tolist(), 'noise': noise.tolist(), 'lr': .02, 'l2': .05, 'factor': 2, 'before': before, 'parts': [p.item() for p in parts], 'gradients': gradients, 'after': weights(lambda p: p)}


class Masked(torch.nn.Module):
    """A dropout whose masks are given, one for each forward pass."""

    def __init__(self):
        super().__init__()
        self.queue = []

    def forward(self, x):
        return x * self.queue.pop(0)


def gan():
    generator, critic = Generator(E + K, (HIDDEN, HIDDEN), W), Discriminator(W + K, (HIDDEN, HIDDEN), pac=PAC)
    fill(generator), fill(critic)
    dropouts = [Masked(), Masked()]
    critic.seq[2], critic.seq[5] = dropouts
    starts = np.cumsum([0] + CATEGORIES[:-1])

    def condition():
        column = rng.randint(0, len(CATEGORIES), B)
        code = np.array([rng.randint(0, CATEGORIES[c]) for c in column])
        return column, starts[column] + code, torch.eye(K)[starts[column] + code], torch.eye(len(CATEGORIES))[column]
    gan = CTGAN.__new__(CTGAN)
    gan._transformer = types.SimpleNamespace(output_info_list=INFO)
    noise = [None]

    def gumbel(logits, tau=1, **_):
        own, noise[0] = noise[0][:, :logits.shape[1]], noise[0][:, logits.shape[1]:]
        return torch.softmax((logits - torch.log(-torch.log(own))) / tau, -1)
    gan._gumbel_softmax = gumbel

    def masks(n):
        return [torch.tensor(rng.randint(0, 2, (n * B // PAC, HIDDEN)) * 2.) for _ in range(2)]

    def weights(get):
        g, d = generator.seq, critic.seq
        out = {}
        for i in range(2):
            out.update({f'generator.{i}.w': get(g[i].fc.weight).T, f'generator.{i}.b': get(g[i].fc.bias), f'generator.{i}.scale': get(g[i].bn.weight), f'generator.{i}.shift': get(g[i].bn.bias)})
            out.update({f'critic.{i}.w': get(d[3 * i].weight).T, f'critic.{i}.b': get(d[3 * i].bias)})
        return named({**out, 'generator.out.w': get(g[2].weight).T, 'generator.out.b': get(g[2].bias), 'critic.out.w': get(d[6].weight).T, 'critic.out.b': get(d[6].bias)})
    out = {'before': weights(lambda p: p), 'lr': .02, 'l2': .05}
    optimisers = [torch.optim.Adam(m.parameters(), lr=.02, betas=(.5, .9), weight_decay=.05) for m in (generator, critic)]
    n = B // PAC

    # The critic's turn.
    z, u, (column, index, c1, _), perm, (real, codes), mix = t(B, E), torch.tensor(np.round(rng.uniform(.05, .95, (B, H)), 4)), condition(), rng.permutation(B), rows(B), np.round(rng.uniform(0, 1, n), 4)
    m = masks(3)
    for layer, own in zip(dropouts, m):
        layer.queue = [own[:n], own[n:2 * n], own[2 * n:]]
    noise[0] = u
    fake_cat = torch.cat([gan._apply_activate(generator(torch.cat([z, c1], 1))), c1], 1)
    real_cat = torch.cat([real, c1[perm]], 1)
    y_fake, y_real = critic(fake_cat), critic(real_cat)
    rand, torch.rand = torch.rand, lambda *_, **__: torch.tensor(mix).view(n, 1, 1)
    pen = critic.calc_gradient_penalty(real_cat, fake_cat, 'cpu', PAC)
    torch.rand = rand
    loss = -(torch.mean(y_real) - torch.mean(y_fake)) + pen
    optimisers[1].zero_grad(set_to_none=False)
    loss.backward()
    out['critic'] = {'z': z.tolist(), 'u': u.tolist(), 'condition': index.tolist(), 'realCondition': index[perm].tolist(), 'alphas': real[:, :A].tolist(), 'codes': codes.tolist(), 'mix': mix.tolist(), 'masks': [x.tolist() for x in m],
                     'loss': loss.item(), 'penalty': pen.item(), 'gradients': {k: v for k, v in weights(lambda p: p.grad if p.grad is not None else torch.zeros_like(p)).items() if k.startswith('critic')}}
    optimisers[1].step()

    # The generator's turn.
    z, u, (column, index, c1, m1), m = t(B, E), torch.tensor(np.round(rng.uniform(.05, .95, (B, H)), 4)), condition(), masks(1)
    for layer, own in zip(dropouts, m):
        layer.queue = [own]
    noise[0] = u
    raw = generator(torch.cat([z, c1], 1))
    y_fake = critic(torch.cat([gan._apply_activate(raw), c1], 1))
    loss = -torch.mean(y_fake) + gan._cond_loss(raw, c1, m1)
    optimisers[0].zero_grad(set_to_none=False)
    loss.backward()
    out['generator'] = {'z': z.tolist(), 'u': u.tolist(), 'condition': index.tolist(), 'column': column.tolist(), 'masks': [x.tolist() for x in m], 'loss': loss.item(), 'gradients': {k: v for k, v in weights(lambda p: p.grad).items() if k.startswith('generator')}}
    optimisers[0].step()
    out['after'] = weights(lambda p: p)
    return out


out = {'modes': MODES, 'categories': CATEGORIES, 'embedding': E, 'hidden': HIDDEN, 'pac': PAC, 'tvae': vae(), 'ctgan': gan()}
json.dump(json.loads(json.dumps(out), parse_float=lambda v: float('%.8g' % float(v))), sys.stdout, separators=(',', ':'))
