"""Renyi accounting of the Poisson-subsampled Gaussian where two ways can be told apart.
integer: epsilons by dp-accounting 0.6.0 with integer orders only, over the grid of epsilons.py. (At fractional orders it adds the alternating series' terms in absolute value,
which is up to 40% too much at small sigma, many steps, and gives up on some orders.)
moments: log A_alpha at fractional orders by mpmath 1.3.0, adaptive quadrature of its definition at 30 digits.
    pip install -r requirements.txt; python renyi.py > renyi.json
"""
import json
import dp_accounting as dp
from dp_accounting import rdp as R
import mpmath as mp

mp.mp.dps = 30
orders = list(range(2, 64)) + [128, 256, 512, 1024]
integer = []
for q in [1e-3, 0.01, 0.05, 1]:
    for sigma in [0.5, 0.8, 1, 2, 5]:
        event = dp.GaussianDpEvent(sigma) if q == 1 else dp.PoissonSampledDpEvent(q, dp.GaussianDpEvent(sigma))
        account = R.RdpAccountant(orders)
        account.compose(event)
        for steps in [1, 100, 1000, 10000]:
            for delta in [1e-5, 1e-6]:
                integer.append([q, sigma, steps, delta, float(R.compute_epsilon(orders, [r * steps for r in account._rdp], delta)[0])])
moments = []
for q, sigma, alpha in [(0.05, 0.5, 1.1), (0.05, 0.5, 1.5), (0.05, 0.5, 2.5), (0.05, 0.8, 1.3), (0.01, 0.5, 1.7), (0.001, 1, 8.3), (0.001, 5, 10.9), (0.5, 2, 3.3)]:
    q, s, a = mp.mpf(q), mp.mpf(sigma), mp.mpf(alpha)
    f = lambda z: mp.npdf(z, 0, s) * (1 - q + q * mp.exp((2 * z - 1) / (2 * s * s))) ** a
    points = [-12 * s + (a + 24 * s) * k / 12 for k in range(13)]
    moments.append([float(q), sigma, alpha, float(mp.log(mp.quad(f, points)))])
print(json.dumps({'orders': orders, 'integer': integer, 'moments': moments}).replace('], [', '],\n['))
