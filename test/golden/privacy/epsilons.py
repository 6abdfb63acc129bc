"""Epsilons of the Poisson-subsampled Gaussian under add/remove of one row, by dp-accounting 0.6.0 (Google), over a grid.
rdp: RdpAccountant with its own orders. pld: connect-the-dots with an interval fine enough that its own discretisation is below 0.1%
(2% of the spread of one step's loss); with q = 1 the exact value of the composed Gaussian instead.
    pip install -r requirements.txt; python epsilons.py > epsilons.json
"""
import json, math, sys
import dp_accounting as dp
from dp_accounting import rdp as R
from dp_accounting.pld import privacy_loss_distribution as P

rows = []
for q in [1e-3, 0.01, 0.05, 1]:
    for sigma in [0.5, 0.8, 1, 2, 5]:
        spread = q * math.sqrt(math.expm1(1 / sigma ** 2))
        if q < 1: one = P.from_gaussian_mechanism(sigma, sampling_prob=q, value_discretization_interval=0.02 * spread, use_connect_dots=True)
        for steps in [1, 100, 1000, 10000]:
            account = R.RdpAccountant()
            event = dp.GaussianDpEvent(sigma) if q == 1 else dp.PoissonSampledDpEvent(q, dp.GaussianDpEvent(sigma))
            account.compose(dp.SelfComposedDpEvent(event, steps))
            many = None if q == 1 else one.self_compose(steps)
            for delta in [1e-5, 1e-6]:
                pld = dp.get_epsilon_gaussian(sigma / math.sqrt(steps), delta) if q == 1 else many.get_epsilon_for_delta(delta)
                rows.append([q, sigma, steps, delta, float(account.get_epsilon(delta)), float(pld)])
    print(q, file=sys.stderr)
print('{"columns": ["q", "sigma", "steps", "delta", "rdp", "pld"], "rows": [\n' + ',\n'.join(json.dumps(r) for r in rows) + '\n]}')
