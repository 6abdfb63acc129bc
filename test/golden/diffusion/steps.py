"""One training step of each diffusion family from given weights, batch and noise: the loss and the gradients of all weights.
The formulas are those of the published implementations (named at each function), written anew in float64. torch 2.9.1.
    python steps.py > steps.json
Weights are [in, out]; arrays are flat, row-major.
"""
import json, math
import numpy as np
import torch
import torch.nn.functional as F
from schedule_values import betas

torch.set_default_dtype(torch.float64)
rng = np.random.default_rng(7)


def param(*shape, scale=0.5):
    return torch.tensor(np.round(rng.normal(size=shape) * scale, 4), requires_grad=True)


def flat(x):
    return [round(float(v), 9) for v in x.detach().reshape(-1)]


def record(params, loss, inputs, metrics={}):
    grads = torch.autograd.grad(loss, list(params.values()), allow_unused=True)
    return dict(params={n: dict(shape=list(p.shape), values=flat(p), gradient=flat(g if g is not None else torch.zeros_like(p))) for (n, p), g in zip(params.items(), grads)},
                loss=float(loss.detach()), metrics={n: float(v.detach()) for n, v in metrics.items()}, inputs={n: v.reshape(-1).tolist() for n, v in inputs.items()})


def linear_params(name, i, o):
    return {f'{name}.w': param(i, o), f'{name}.b': param(o)}


def tabddpm():
    """GaussianMultinomialDiffusion.mixed_loss with an MLPDiffusion (github.com/yandex-research/tab-ddpm): scheduler 'cosine', mse, vb_stochastic, x0."""
    N, sizes, B, T, D, W = 2, [3, 2], 6, 10, 4, 5
    K = sum(sizes)
    p = {**linear_params('proj', N + K, D), **linear_params('time.0', D, D), **linear_params('time.1', D, D), **linear_params('mlp.0', D, W), **linear_params('mlp.1', W, W), **linear_params('mlp.out', W, N + K)}
    lin = lambda n, x: x @ p[n + '.w'] + p[n + '.b']
    alpha = torch.tensor(1 - betas('cosine', T))
    log_alpha = torch.log(alpha); log_bar = torch.cumsum(log_alpha, 0)
    log1 = lambda a: torch.log(1 - a.exp() + 1e-40)
    x0 = torch.tensor(np.round(rng.normal(size=(B, N)), 4)); noise = torch.tensor(np.round(rng.normal(size=(B, N)), 4))
    codes = torch.tensor([[0, 1], [2, 0], [1, 1], [2, 1], [0, 0], [1, 0]]); noised = torch.tensor([[0, 1], [1, 0], [1, 0], [2, 1], [2, 0], [1, 1]])
    t = torch.tensor([0, 3, 9, 5, 1, 0])
    one = lambda c: torch.cat([F.one_hot(c[:, j], k) for j, k in enumerate(sizes)], 1).double()
    logs = lambda c: torch.log(one(c).clamp(min=1e-30))
    log_k = torch.log(torch.tensor([float(k) for k in sizes for _ in range(k)]))
    spans = [slice(sum(sizes[:j]), sum(sizes[:j + 1])) for j in range(len(sizes))]
    normalise = lambda x: torch.cat([x[:, s] - torch.logsumexp(x[:, s], 1, keepdim=True) for s in spans], 1)
    q_pred = lambda lx, tt: torch.logaddexp(lx + log_bar[tt, None], log1(log_bar)[tt, None] - log_k)
    q_one = lambda lx, tt: torch.logaddexp(lx + log_alpha[tt, None], log1(log_alpha)[tt, None] - log_k)

    def posterior(lx0, lxt):
        before = torch.where((t == 0)[:, None], lx0, q_pred(lx0, (t - 1).clamp(min=0)))
        return normalise(before + q_one(lxt, t))

    x_num = log_bar[t, None].exp().sqrt() * x0 + (1 - log_bar[t, None].exp()).sqrt() * noise
    freqs = torch.exp(-math.log(10000) * torch.arange(D // 2) / (D // 2))
    args = t[:, None].double() * freqs[None]
    emb = torch.cat([args.cos(), args.sin()], 1)
    emb = lin('time.1', F.silu(lin('time.0', emb)))
    h = lin('proj', torch.cat([x_num, one(noised)], 1)) + emb
    h = torch.relu(lin('mlp.0', h)); h = torch.relu(lin('mlp.1', h)); out = lin('mlp.out', h)
    model = posterior(normalise(out[:, N:]), logs(noised)); true = posterior(logs(codes), logs(noised))
    kl = (true.exp() * (true - model)).sum(1)
    nll = -(one(codes) * model).sum(1)
    last = q_pred(logs(codes), torch.full((B,), T - 1))
    prior = (last.exp() * (last + log_k)).sum(1)
    multi = ((torch.where(t == 0, nll, kl) * T + prior) / len(sizes)).mean()
    gauss = ((noise - out[:, :N]) ** 2).mean(1).mean()
    return dict(sizes=dict(numbers=N, categories=sizes, batch=B, timesteps=T, time=D, width=W, layers=2),
                **record(p, multi + gauss, dict(numbers=x0, noise=noise, codes=codes, noised=noised, t=t), dict(multinomial=multi, gaussian=gauss)))


def score_sde():
    """get_sde_loss_fn with VPSDE (github.com/yang-song/score_sde_pytorch: losses.py, sde_lib.py), reduce_mean, likelihood_weighting off, at given t and z:
    mean of (score * std + z)^2. The network's form is the one stated in server/generators/diffusion/score-model.ts."""
    N, size, B, D_t, W = 2, 3, 5, 4, 6
    D, beta0, beta1, c = N + size, 0.1, 20.0, 2.0
    p = {**linear_params('time.0', D_t, D_t), **linear_params('time.1', D_t, D_t), **linear_params('net.in', D + D_t, W), **linear_params('net.0.up', W, W), **linear_params('net.0.down', W, W), **linear_params('net.out', W, D)}
    lin = lambda n, x: x @ p[n + '.w'] + p[n + '.b']
    ln = lambda x: F.layer_norm(x, (x.shape[1],))
    numbers = torch.tensor(np.round(rng.normal(size=(B, N)), 4)); z = torch.tensor(np.round(rng.normal(size=(B, D)), 4))
    codes = torch.tensor([[0], [2], [1], [1], [0]]); shares = torch.tensor([0.5, 0.3, 0.2])
    t = torch.tensor([[0.03], [0.2], [0.5], [0.8], [0.97]])
    x0 = torch.cat([numbers, c * (F.one_hot(codes[:, 0], size) - shares)], 1)
    log_mean = -0.25 * t ** 2 * (beta1 - beta0) - 0.5 * t * beta0
    mean, std = torch.exp(log_mean), torch.sqrt(1 - torch.exp(2 * log_mean))
    x = mean * x0 + std * z
    args = 1000 * t * torch.exp(-math.log(10000) * torch.arange(D_t // 2) / (D_t // 2))[None]
    emb = lin('time.1', F.silu(lin('time.0', torch.cat([args.cos(), args.sin()], 1))))
    h = lin('net.in', torch.cat([x / torch.sqrt(mean ** 2 + std ** 2), emb], 1))
    h = h + lin('net.0.down', F.silu(lin('net.0.up', ln(h))))
    out = lin('net.out', ln(h))
    evidence = (x[:, N:] + c * mean * shares) * torch.clamp(c * mean / std ** 2, max=30.0)
    expected = c * (torch.softmax(out[:, N:] + evidence, 1) - shares)
    s2 = mean ** 2 + std ** 2
    eps = std * x[:, :N] / s2 + mean / torch.sqrt(s2) * out[:, :N]
    score = torch.cat([-eps / std, (mean * expected - x[:, N:]) / std ** 2], 1)
    loss = ((score * std + z) ** 2).mean()
    return dict(sizes=dict(numbers=N, categories=[size], batch=B, time=D_t, width=W, blocks=1), shares=shares.tolist(),
                **record(p, loss, dict(numbers=numbers, codes=codes, noise=z, t=t)))



def transformer_block(p, n, x):
    """Pre-norm block, one head, exact GELU (torch.nn.TransformerEncoderLayer(norm_first=True) without dropout)."""
    d = x.shape[-1]
    h = F.layer_norm(x, (d,), p[n + 'norm1'], p[n + 'shift1'])
    q, k, v = (h @ p[n + 'qkv'] + p[n + 'qkvBias']).chunk(3, dim=-1)
    x = x + torch.softmax(q @ k.transpose(1, 2) / math.sqrt(d), -1) @ v @ p[n + 'out'] + p[n + 'outBias']
    h = F.layer_norm(x, (d,), p[n + 'norm2'], p[n + 'shift2'])
    return x + F.gelu(h @ p[n + 'up'] + p[n + 'upBias']) @ p[n + 'down'] + p[n + 'downBias']


def latent_vae():
    """compute_loss of tabsyn/vae/main.py (github.com/amazon-science/tabsyn) over Tokenizer and Reconstructor of tabsyn/vae/model.py, with the
    differences stated in server/generators/diffusion/latent-vae.ts."""
    N, sizes, B, d, factor, beta = 2, [3, 2], 4, 3, 2, 0.05
    H, T = d * factor, N + len(sizes)
    p = {'tok.numbers': param(N, d), 'tok.codes': param(sum(sizes), d), 'tok.bias': param(T, d), 'det.numbers': param(N, d)}
    for c, k in enumerate(sizes):
        p[f'det.w{c}'] = param(d, k); p[f'det.b{c}'] = param(k)
    for n in ['enc0.', 'dec0.']:
        p.update({n + 'norm1': param(d), n + 'shift1': param(d), n + 'qkv': param(d, 3 * d), n + 'qkvBias': param(3 * d), n + 'out': param(d, d), n + 'outBias': param(d),
                  n + 'norm2': param(d), n + 'shift2': param(d), n + 'up': param(d, H), n + 'upBias': param(H), n + 'down': param(H, d), n + 'downBias': param(d)})
    p.update({**linear_params('mu', d, d), **linear_params('logvar', d, d)})
    numbers = torch.tensor(np.round(rng.normal(size=(B, N)), 4)); codes = torch.tensor([[0, 1], [2, 0], [1, 1], [2, 1]]); noise = torch.tensor(np.round(rng.normal(size=(B, T, d)), 4))
    offsets = torch.tensor([0, sizes[0]])
    x = torch.cat([numbers[:, :, None] * p['tok.numbers'][None], p['tok.codes'][codes + offsets]], 1) + p['tok.bias'][None]
    h = transformer_block(p, 'enc0.', x)
    mu, logvar = h @ p['mu.w'] + p['mu.b'], h @ p['logvar.w'] + p['logvar.b']
    h = transformer_block(p, 'dec0.', mu + torch.exp(0.5 * logvar) * noise)
    recon = (h[:, :N] * p['det.numbers'][None]).sum(-1)
    mse = (numbers - recon).pow(2).mean()
    ce = sum(F.cross_entropy(h[:, N + c] @ p[f'det.w{c}'] + p[f'det.b{c}'], codes[:, c]) for c in range(len(sizes))) / len(sizes)
    kld = -0.5 * (1 + logvar - mu.pow(2) - logvar.exp()).mean()
    return dict(sizes=dict(numbers=N, categories=sizes, batch=B, token=d, factor=factor), beta=beta, **record(p, mse + ce + beta * kld, dict(numbers=numbers, codes=codes, noise=noise), dict(squares=mse, entropy=ce, kl=kld)))


def latent_score():
    """EDMLoss, Precond and MLPDiffusion of github.com/amazon-science/tabsyn (tabsyn/diffusion_utils.py, tabsyn/model.py), at given sigma and noise;
    and one step of its sampler (sample_step) from given noise."""
    D, W, B, sd = 3, 4, 5, 0.5
    p = {**linear_params('proj', D, W), **linear_params('time.0', W, W), **linear_params('time.1', W, W),
         **linear_params('net.0', W, 2 * W), **linear_params('net.1', 2 * W, 2 * W), **linear_params('net.2', 2 * W, W), **linear_params('net.out', W, D)}
    lin = lambda n, x: x @ p[n + '.w'] + p[n + '.b']

    def net(x, sigma):
        sigma = sigma.reshape(-1, 1)
        c_skip = sd ** 2 / (sigma ** 2 + sd ** 2); c_out = sigma * sd / (sigma ** 2 + sd ** 2).sqrt(); c_in = 1 / (sd ** 2 + sigma ** 2).sqrt()
        freqs = (1 / 10000) ** (torch.arange(W // 2) / (W // 2))
        a = (sigma.log() / 4) * freqs[None]
        emb = torch.cat([a.sin(), a.cos()], 1)   # cosines and sines, then swapped
        h = lin('proj', c_in * x) + lin('time.1', F.silu(lin('time.0', emb)))
        for k in range(3):
            h = F.silu(lin(f'net.{k}', h))
        return c_skip * x + c_out * lin('net.out', h)

    y = torch.tensor(np.round(rng.normal(size=(B, D)) * sd, 4)); noise = torch.tensor(np.round(rng.normal(size=(B, D)), 4)); sigma = torch.tensor([0.02, 0.2, 0.7, 1.5, 9.0])
    weight = (sigma ** 2 + sd ** 2) / (sigma * sd) ** 2
    loss = (weight[:, None] * (net(y + noise * sigma[:, None], sigma) - y) ** 2).mean(-1).mean()
    out = record(p, loss, dict(codes=y, noise=noise, sigma=sigma))
    steps = torch.arange(6).double()
    t = torch.cat([(80 ** (1 / 7) + steps / 5 * (0.002 ** (1 / 7) - 80 ** (1 / 7))) ** 7, torch.zeros(1)])
    out['levels'] = t.tolist()
    x, walks = noise * 2, []
    for i in [3, 5]:
        cur, nxt = t[i], t[i + 1]
        hat = cur + min(1 / 6, math.sqrt(2) - 1) * cur
        xh = x + (hat ** 2 - cur ** 2).sqrt() * noise
        d_cur = (xh - net(xh, hat.expand(B))) / hat
        xn = xh + (nxt - hat) * d_cur
        if i < 5:
            xn = xh + (nxt - hat) * (0.5 * d_cur + 0.5 * (xn - net(xn, nxt.expand(B))) / nxt)
        walks.append(flat(xn))
    out['walks'] = walks
    return out


if __name__ == '__main__':
    print(json.dumps(dict(tabddpm=tabddpm(), scoreSde=score_sde(), latentVae=latent_vae(), latentScore=latent_score())))
