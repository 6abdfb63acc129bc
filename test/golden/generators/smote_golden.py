"""Golden values for SMOTE and SMOTE-NC: imbalanced-learn's own samples, with the neighbours and random numbers that it used.

imbalanced-learn 0.14.2, scikit-learn 1.9.1, numpy. Run: python smote_golden.py > smote.json
"""
import json
import numpy as np
from imblearn.over_sampling import SMOTE, SMOTENC

rng = np.random.default_rng(3)
out = {}


class Watched:
    """A RandomState that keeps what it gave."""
    def __init__(self, seed): self.own, self.log = np.random.RandomState(seed), {}
    def install(self, sampler):
        import imblearn.over_sampling._smote.base as base
        base.check_random_state = lambda s: self
        return sampler
    def randint(self, **kw): v = self.own.randint(**kw); self.log['indices'] = v.tolist(); return v
    def uniform(self, **kw): v = self.own.uniform(**kw); self.log['steps'] = v.tolist(); return v
    def permutation(self, x): v = self.own.permutation(x); self.log.setdefault('orders', []).append(v.tolist()); return v


# SMOTE: three numbers, 24 rows of the minority class.
X = np.round(rng.normal(size=(60, 3)) * [1, 5, .2] + [0, 10, 3], 4)
y = np.r_[np.zeros(36, int), np.ones(24, int)]
w = Watched(7)
s = w.install(SMOTE(k_neighbors=5, random_state=0))
Xr, yr = s.fit_resample(X, y)
nn = s.nn_k_.kneighbors(X[y == 1], return_distance=False)[:, 1:]
out['smote'] = dict(x=X[y == 1].tolist(), neighbours=nn.tolist(), indices=w.log['indices'], steps=w.log['steps'], made=Xr[60:].tolist())

# SMOTE-NC: two numbers, a category of three and one of four.
N = np.round(rng.normal(size=(70, 2)) * [2, .5], 4)
C = np.c_[rng.integers(0, 3, 70), rng.integers(0, 4, 70)]
y = np.r_[np.zeros(40, int), np.ones(30, int)]
w = Watched(11)
s = w.install(SMOTENC(categorical_features=[2, 3], k_neighbors=5, random_state=0))
Xr, yr = s.fit_resample(np.c_[N, C], y)
import scipy.sparse as sp
from sklearn.preprocessing import OneHotEncoder
enc = OneHotEncoder().fit(C)
M = float(s.median_std_[1])
Z = np.c_[N[y == 1], enc.transform(C[y == 1]).toarray() * M / np.sqrt(2)]
nn = s.nn_k_.kneighbors(sp.csr_matrix(Z), return_distance=False)[:, 1:]
out['nc'] = dict(numbers=N[y == 1].tolist(), codes=C[y == 1].tolist(), sizes=[3, 4], medianStd=M, neighbours=nn.tolist(), indices=w.log['indices'], steps=w.log['steps'],
                 orders=w.log['orders'], made=Xr[70:, :2].tolist(), madeCodes=Xr[70:, 2:].astype(int).tolist())
print(json.dumps(out))
