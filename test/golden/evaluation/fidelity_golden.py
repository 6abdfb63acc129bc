"""Golden values for joint and sample-level fidelity: SDMetrics 0.32, SciPy 1.17, scikit-learn 1.9.1, NumPy.

    python fidelity_golden.py > fidelity.json

The tables are simulated here. Alpha-precision, beta-recall and authenticity are written out from Alaa et al. 2022 (levels and integration as synthcity has them);
precision, recall, density and coverage from Naeem et al. 2020.
"""
import json, sys, warnings
import numpy as np, pandas as pd
from scipy import stats
from scipy.spatial.distance import cdist
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import mutual_info_score, normalized_mutual_info_score
from sklearn.metrics.pairwise import rbf_kernel
from sdmetrics.single_column import MissingValueSimilarity, RangeCoverage, BoundaryAdherence, CategoryCoverage
from sdmetrics.column_pairs import CorrelationSimilarity
warnings.filterwarnings('ignore')
rng = np.random.default_rng(12)


def table(n, shift):
    x = np.round(rng.normal(shift, 1, n), 3)
    y = np.round(.7 * x + rng.normal(0, .7, n), 2)
    k = rng.poisson(3 + (x > 0), n).astype(float)
    m = np.where(rng.random(n) < .15 + shift / 3, np.nan, np.round(np.exp(y), 2))
    c = np.array(['a', 'b', 'c', 'd', 'e'], dtype=object)[np.minimum(4, rng.geometric(.4 + shift / 5, n) - 1)]
    return pd.DataFrame({'x': x, 'y': y, 'k': k, 'm': m, 'c': c})


real, made = table(120, 0.), table(150, .4)
made.loc[made.c == 'e', 'c'] = 'd'
out = {'real': {}, 'made': {}}
for name, t in [('real', real), ('made', made)]:
    out[name] = {col: [None if pd.isna(v) else v for v in t[col]] for col in t}
num = ['x', 'y', 'k', 'm']
out['missing'] = MissingValueSimilarity.compute(real.m, made.m)
out['range'] = {c: RangeCoverage.compute(real[c], made[c]) for c in num}
out['boundary'] = {c: BoundaryAdherence.compute(real[c].dropna(), made[c].dropna()) for c in num}
out['category'] = CategoryCoverage.compute(real.c, made.c)
pairs = [(a, b) for i, a in enumerate(num) for b in num[i + 1:]]
for kind in ['Pearson', 'Spearman']:
    out[kind] = {f'{a} x {b}': CorrelationSimilarity.compute(real[[a, b]].dropna(), made[[a, b]].dropna(), coefficient=kind) for a, b in pairs}


def tau(t, a, b):
    d = t[[a, b]].dropna()
    return stats.kendalltau(d[a], d[b]).statistic


out['kendall'] = {f'{a} x {b}': [tau(real, a, b), tau(made, a, b)] for a, b in pairs}
out['mutual'] = [mutual_info_score(real.c, real.k), normalized_mutual_info_score(real.c, real.k)]
groups = [g.x.values for _, g in real.groupby('c')]
F = stats.f_oneway(*groups).statistic
d1, d2 = len(groups) - 1, len(real) - len(groups)
out['eta'] = float(np.sqrt(F * d1 / (F * d1 + d2)))
out['quantiles'] = np.quantile(real.x, [.01, .5, .99]).tolist()

# points: float32, as the product has them
R, S = rng.normal(0, 1, (60, 4)).astype(np.float32), rng.normal(.3, 1.1, (60, 4)).astype(np.float32)
out['R'], out['S'] = R.ravel().tolist(), S.ravel().tolist()
R, S = R.astype(float), S.astype(float)
n = len(R)
gamma = 1 / (2 * 1.5 ** 2)
off = lambda K: (K.sum() - np.trace(K)) / (n * (n - 1))
out['mmd'] = [off(rbf_kernel(R, gamma=gamma)) + off(rbf_kernel(S, gamma=gamma)) - 2 * rbf_kernel(R, S, gamma=gamma).mean(),
              rbf_kernel(R, gamma=gamma).mean() + rbf_kernel(S, gamma=gamma).mean() - 2 * rbf_kernel(R, S, gamma=gamma).mean()]
out['energy1d'] = stats.energy_distance(R[:, 0], S[:, 0])
out['wasserstein1d'] = stats.wasserstein_distance(R[:, 0], S[:, 0])
X, y = np.vstack([R, S]), np.r_[np.zeros(n), np.ones(n)]
p = LogisticRegression(C=1e4 , tol=1e-10, max_iter=10000).fit((X - X.mean(0)) / X.std(0), y).predict_proba((X - X.mean(0)) / X.std(0))[:, 1]
out['pmse'] = {'p': p.tolist(), 'pmse': float(np.mean((p - .5) ** 2)), 'ratioSnoke': float(np.mean((p - .5) ** 2) / ((5 - 1) * .125 / len(p)))}

k = 5
rr, ss, rs = cdist(R, R), cdist(S, S), cdist(R, S)
ballr, balls = np.sort(rr, 1)[:, k], np.sort(ss, 1)[:, k]
inside = rs <= ballr[:, None]
level = {'precision': inside.any(0).mean(), 'recall': (rs <= balls[None, :]).any(1).mean(), 'density': inside.sum(0).mean() / k, 'coverage': (rs.min(1) <= ballr).mean()}
alphas = np.linspace(0, 1, 30)
centre, own = R.mean(0), S.mean(0)
radii = np.quantile(np.linalg.norm(R - centre, axis=1), alphas)
to_centre = np.linalg.norm(S - centre, axis=1)
real_real, real_made, arg = np.sort(rr, 1)[:, 1], rs.min(1), rs.argmin(1)
closest = np.linalg.norm(S[arg] - own, axis=1)
shells = np.quantile(closest, alphas)
prec = [np.mean(to_centre <= r) for r in radii]
beta = [np.mean((real_made <= real_real) * (closest <= s)) for s in shells]
level['alphaPrecision'] = 1 - np.sum(np.abs(alphas - prec)) / np.sum(alphas)
level['betaRecall'] = 1 - np.sum(np.abs(alphas - beta)) / np.sum(alphas)
near = rs.argmin(0)
level['authenticity'] = np.mean(rs.min(0) > real_real[near])
out['level'] = {a: float(b) for a, b in level.items()}
json.dump(out, sys.stdout, separators=(',', ':'), default=float)
