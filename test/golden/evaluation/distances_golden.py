"""Golden values for Wasserstein and Jensen-Shannon distances, AUC and R2: scipy 1.17.1, scikit-learn 1.9.1, numpy 2.4.6.

    python distances_golden.py > distances.json
"""
import json, sys
import numpy as np
from scipy.spatial.distance import jensenshannon
from scipy.stats import wasserstein_distance
from sklearn.metrics import r2_score, roc_auc_score

rng = np.random.default_rng(3)
a = np.round(rng.gamma(2, 3, 200), 1); a[rng.random(200) < .1] = np.nan
b = np.round(rng.gamma(2.5, 3, 150), 1); b[rng.random(150) < .2] = np.nan
p, q = a[~np.isnan(a)], b[~np.isnan(b)]
edges = np.unique(np.quantile(p, np.arange(1, 50) / 50))
def shares(x):
    v = x[~np.isnan(x)]
    return np.append(np.bincount(np.searchsorted(edges, v, side='left'), minlength=len(edges) + 1), np.isnan(x).sum()) / len(x)
u = rng.choice(['x', 'y', 'z'], 100, p=[.5, .3, .2]); v = rng.choice(['x', 'y', 'w'], 80, p=[.4, .4, .2])
names = ['x', 'y', 'z', 'w']
y = rng.integers(0, 3, 120); s = np.round(rng.dirichlet([1, 1, 1], 120) + .3 * np.eye(3)[y], 1); s /= s.sum(1, keepdims=True)
t = rng.normal(size=60); pred = t + rng.normal(size=60)
none = lambda x: [None if np.isnan(k) else float(k) for k in x]
json.dump({
    'a': none(a), 'b': none(b), 'wasserstein': wasserstein_distance(p, q) / np.std(p, ddof=1), 'jensenShannon': float(jensenshannon(shares(a), shares(b), base=2)),
    'u': u.tolist(), 'v': v.tolist(), 'jensenShannonCategories': float(jensenshannon([np.mean(u == k) for k in names], [np.mean(v == k) for k in names], base=2)),
    'y': y.tolist(), 'scores': s.ravel().tolist(), 'macroAuc': roc_auc_score(y, s, multi_class='ovr', average='macro'), 'binaryAuc': roc_auc_score(y == 1, s[:, 1]),
    't': t.tolist(), 'predicted': pred.tolist(), 'r2': r2_score(t, pred),
}, sys.stdout)
