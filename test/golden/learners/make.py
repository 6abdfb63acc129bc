"""Reference values for server/learners, from scikit-learn and SciPy on simulated tables.

Made with: Python 3.11, numpy 2.4.6, scipy (see "versions" in the fixture), scikit-learn 1.9.1
    pip install numpy==2.4.6 scikit-learn==1.9.1 && python make.py
Writes boosting.json, linear.json and scores.json beside itself.
"""
import json, os, platform
import numpy as np, scipy, sklearn
from scipy import stats
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, Ridge, LinearRegression
from sklearn.metrics import roc_auc_score, log_loss, r2_score, roc_curve, f1_score, accuracy_score
from sklearn.preprocessing import RobustScaler, StandardScaler

here = os.path.dirname(os.path.abspath(__file__))
versions = dict(python=platform.python_version(), numpy=np.__version__, scipy=scipy.__version__, sklearn=sklearn.__version__)
rng = np.random.default_rng(20240611)

def clean(v):
    if isinstance(v, dict): return {k: clean(w) for k, w in v.items()}
    if isinstance(v, (list, tuple, np.ndarray)): return [clean(w) for w in v]
    if isinstance(v, (bool, np.bool_)): return bool(v)
    if isinstance(v, (np.integer, int)): return int(v)
    v = float(v)
    return None if np.isnan(v) else (int(v) if v == int(v) and abs(v) < 1e9 else v)

def save(name, value):
    with open(os.path.join(here, name), 'w') as f: json.dump(clean(value) | {'versions': versions}, f, separators=(',', ':'))

# ---------------------------------------------------------------- boosting
n, m = 900, 300
a = np.round(rng.normal(size=n + m), 3)                       # more than 255 distinct values: quantile bins
b = np.round(rng.exponential(size=n + m), 2)                  # informative where missing
c = rng.integers(0, 6, n + m).astype(float)                   # few values
u = rng.integers(0, 12, n + m).astype(float)                  # categories, no order
v = np.minimum(rng.geometric(0.12, n + m) - 1, 39).astype(float)   # many categories, rare ones too
effect = np.array([.9, -1.2, .1, .8, -.4, 1.5, -1., .3, .6, -1.4, .2, -.7])[u.astype(int)] + np.where(v == 3, 1., 0) - np.where(v == 9, 1.2, 0)
gone = rng.random(n + m) < 0.15
score = np.sin(2 * a) + .6 * b * (c > 2) + effect + np.where(gone, 1.0, 0.)
b[gone] = np.nan
v[rng.random(n + m) < 0.05] = np.nan
X = np.column_stack([a, b, c, u, v])
cat = [3, 4]
noise = rng.normal(size=n + m)
w = np.round(rng.exponential(size=n), 2)
y2 = (score + noise * .8 > .6).astype(int)
y3 = np.digitize(score + noise * .5, [-.2, 1.1])
yr = np.round(score * 3 + noise, 3)
Xa, Xb = X[:n], X[n:]
out = dict(rows=n, categories=[0, 0, 0, 12, 40], train=[X[:n, j] for j in range(5)], test=[X[n:, j] for j in range(5)],
           binary=dict(y=y2[:n], yTest=y2[n:]), multiclass=dict(y=y3[:n], yTest=y3[n:]), regression=dict(y=yr[:n], yTest=yr[n:]), weights=w)
def fit(model, y, weight=None): return model.fit(Xa, y, sample_weight=weight)
base = dict(categorical_features=cat, early_stopping=False)
mod = fit(HistGradientBoostingClassifier(**base), y2[:n]); p = mod.predict_proba(Xb)[:, 1]
out['binary'] |= dict(p=p, auc=roc_auc_score(y2[n:], p), logLoss=log_loss(y2[n:], p))
mod = fit(HistGradientBoostingClassifier(**base, max_iter=40, l2_regularization=1.5, max_leaf_nodes=15, learning_rate=.2), y2[:n]); out['binary']['pRegularised'] = mod.predict_proba(Xb)[:, 1]
mod = fit(HistGradientBoostingClassifier(**base, max_iter=50), y2[:n], w); out['binary']['pWeighted'] = mod.predict_proba(Xb)[:, 1]
mod = fit(HistGradientBoostingClassifier(**base, max_iter=30), y3[:n]); p = mod.predict_proba(Xb)
out['multiclass'] |= dict(p=p.ravel(), logLoss=log_loss(y3[n:], p))
mod = fit(HistGradientBoostingRegressor(**base), yr[:n]); p = mod.predict(Xb)
out['regression'] |= dict(p=p, r2=r2_score(yr[n:], p))
mod = fit(HistGradientBoostingRegressor(**base, max_iter=40, max_depth=3, min_samples_leaf=5), yr[:n], w); out['regression']['pWeighted'] = mod.predict(Xb)
# early stopping: the held-out rows differ (another generator), so only level and spread can agree
runs = [HistGradientBoostingClassifier(categorical_features=cat, early_stopping=True, random_state=s).fit(Xa, y2[:n]) for s in range(8)]
out['binary']['stopped'] = dict(iterations=[r.n_iter_ for r in runs], auc=[roc_auc_score(y2[n:], r.predict_proba(Xb)[:, 1]) for r in runs])
save('boosting.json', out)

# ---------------------------------------------------------------- linear
n = 160
L = np.column_stack([rng.normal(size=n), 50 + 7 * rng.normal(size=n), rng.exponential(size=n), (rng.random(n) < .3).astype(float)]).round(4)
z = L[:, 0] - .1 * (L[:, 1] - 50) + 1.5 * L[:, 3] + rng.logistic(size=n)
l2, l3, lw, lr = (z > .3).astype(int), np.digitize(z, [-.5, 1.]), np.round(rng.exponential(size=n), 2), (2 * z + rng.normal(size=n)).round(4)
S = StandardScaler().fit_transform(L); R = RobustScaler().fit_transform(L)
def logit(y, C=1., weight=None, D=S):
    f = LogisticRegression(C=C, tol=1e-13, max_iter=100000).fit(D, y, sample_weight=weight)
    return dict(coefficients=np.column_stack([f.coef_, f.intercept_]).ravel(), p=f.predict_proba(D)[:5].ravel())
def ridge(alpha, weight=None):
    f = (Ridge(alpha=alpha, solver='svd' if weight is None else 'cholesky') if alpha > 0 else LinearRegression()).fit(L, lr, sample_weight=weight)
    return dict(coefficients=f.coef_, intercept=f.intercept_)
save('linear.json', dict(x=[L[:, j] for j in range(4)], y2=l2, y3=l3, w=lw, yr=lr, robust=R[:3].ravel(), standard=S[:3].ravel(),
     binary=logit(l2), binaryC=logit(l2, .05), binaryWeighted=logit(l2, 1., lw), binaryRobust=logit(l2, 1., None, R), multinomial=logit(l3), multinomialWeighted=logit(l3, 2., lw),
     ridge=ridge(1.), ridgeStrong=ridge(100.), ridgeWeighted=ridge(3., lw), ols=ridge(0)))

# ---------------------------------------------------------------- scores, intervals, tests
k = 120
y = (rng.random(k) < .35).astype(int)
s1 = np.round(y * .8 + rng.normal(size=k), 1)                 # ties
s2 = np.round(y * .3 + rng.normal(size=k), 1)
def placements(y, s):                                         # DeLong 1988, straight from the definition, O(m n)
    pos, neg = s[y == 1], s[y == 0]
    psi = (pos[:, None] > neg[None, :]) + .5 * (pos[:, None] == neg[None, :])
    return psi.mean(), psi.mean(1), psi.mean(0)
a1, p1, q1 = placements(y, s1); a2, p2, q2 = placements(y, s2)
cov = np.cov(p1, p2) / len(p1) + np.cov(q1, q2) / len(q1)
f, t, _ = roc_curve(y, s1, drop_intermediate=False)
prob = 1 / (1 + np.exp(-s1)); pred = np.digitize(s1, [-.5, .7]); truth = np.minimum(2, y + (rng.random(k) < .3))
counts = [(0, 20), (1, 20), (7, 50), (50, 50), (3, 16281), (450, 16281)]
tables = [(5, 100, 1, 100), (30, 400, 22, 410), (0, 50, 3, 60), (120, 10000, 80, 10000)]
save('scores.json', dict(y=y, s1=s1, s2=s2, auc=roc_auc_score(y, s1), delong=dict(variance=cov[0, 0], differenceVariance=cov[0, 0] + cov[1, 1] - 2 * cov[0, 1], difference=a1 - a2),
     roc=dict(fpr=f, tpr=t), prob=prob, logLoss=log_loss(y, prob), truth=truth, pred=pred, accuracy=accuracy_score(truth, pred), macroF1=f1_score(truth, pred, average='macro'), f1=f1_score(truth, pred, average=None),
     intervals=[dict(k=c, n=t, wilson=list(stats.binomtest(c, t).proportion_ci(method='wilson')), exact=list(stats.binomtest(c, t).proportion_ci(method='exact')), upper=stats.beta.ppf(.95, c + 1, t - c) if c < t else 1.) for c, t in counts],
     fisher=[dict(table=list(t), greater=stats.fisher_exact([[t[0], t[1] - t[0]], [t[2], t[3] - t[2]]], 'greater')[1]) for t in tables],
     sign=[dict(b=b, c=c, greater=stats.binomtest(b, b + c, .5, 'greater').pvalue) for b, c in [(8, 2), (60, 41), (0, 5)]],
     normal=[dict(z=z, cdf=stats.norm.cdf(z)) for z in [-8., -3., -1.96, -.1, 0., .5, 2.3, 5.]], ppf=[dict(p=p, z=stats.norm.ppf(p)) for p in [1e-12, 1e-4, .025, .3, .5, .9, .999, 1 - 1e-9]],
     beta=[dict(x=x, a=a, b=b, cdf=stats.beta.cdf(x, a, b)) for x, a, b in [(.3, 2, 5), (.01, .5, .5), (.999, 300, 1.5), (.0007, 12, 16000)]],
     chi2=[dict(x=x, df=d, tail=stats.chi2.sf(x, d)) for x, d in [(3.84, 1), (25., 10), (150., 100), (.2, 3)]]))
print(versions)

# ---------------------------------------------------------------- single trees
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
n = 400
T = rng.normal(size=(n, 4)).round(4); Tt = rng.normal(size=(100, 4)).round(4)
f = lambda M: np.sin(2 * M[:, 0]) + (M[:, 1] > .3) * M[:, 2]
tr, tc = (f(T) + .2 * rng.normal(size=n)).round(4), np.digitize(f(T) + .3 * rng.normal(size=n), [-.4, .5])
reg = DecisionTreeRegressor(min_samples_leaf=15, max_depth=6, random_state=0).fit(T, tr)
cls = DecisionTreeClassifier(min_samples_leaf=15, max_depth=6, random_state=0).fit(T, tc)
save('cart.json', dict(x=[T[:, j] for j in range(4)], test=[Tt[:, j] for j in range(4)], yr=tr, yc=tc, leavesR=reg.get_n_leaves(), pR=reg.predict(Tt), leavesC=cls.get_n_leaves(), pC=cls.predict_proba(Tt).ravel()))
