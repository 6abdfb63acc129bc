"""The audit from one run (Steinke, Nasr & Jagielski 2023, arXiv:2305.08846): p-values by the formula of Theorem 5.2 with SciPy's binomial distribution, and the bounds on epsilon at 95% by root finding.
`published` are the bounds that the paper prints: Appendix D (1,000 canaries, 100 guesses, 75 right) and section 7 (100,000, 1,510, 1,439).
    pip install -r requirements.txt; python audit.py > audit.json
"""
import json, math
import numpy as np
from scipy import optimize, stats

def p_value(m, r, v, eps, delta):
    w = stats.binom(r, 1 / (1 + math.exp(-eps)))
    i = np.arange(1, v + 1)
    alpha = float(np.max(np.cumsum(w.pmf(v - i)) / i)) if v else 0
    return min(1, w.sf(v - 1) + 2 * m * delta * alpha)

def bound(m, r, v, delta):
    f = lambda eps: p_value(m, r, v, eps, delta) - 0.05
    return 0 if f(0) >= 0 else float(optimize.brentq(f, 0, 60, xtol=1e-12))

rows = []
for m, r, v in [(1000, 1, 1), (1000, 10, 10), (1000, 100, 75), (1000, 100, 100), (1000, 1000, 560), (1000, 1000, 900), (20000, 500, 480), (20000, 1000, 930), (20000, 1000, 520), (100000, 1510, 1439), (5000, 40, 0)]:
    for delta in [0, 1e-6, 1e-5, 1e-4]:
        lower = bound(m, r, v, delta)
        for eps in [0, 0.5, 2, 5]: rows.append([m, r, v, delta, eps, float(p_value(m, r, v, eps, delta)), lower])
published = [[1000, 100, 75, 1e-4, 0.673], [100000, 1510, 1439, 1e-5, 2.675]]
print('{"columns": ["canaries", "guessed", "correct", "delta", "epsilon", "p", "bound"], "published": ' + json.dumps(published) + ', "rows": [\n' + ',\n'.join(json.dumps(r) for r in rows) + '\n]}')
