# statsmodels 0.15.0, numpy 2.4.6; writes regression.json beside it
import json, numpy as np, statsmodels.api as sm, os
rng = np.random.default_rng(3)
n = 120
x = np.column_stack([np.ones(n), rng.normal(size=n), (rng.random(n) < .3).astype(float), rng.normal(size=n) * .5])
y = x @ np.array([1., .5, -1., .0]) + rng.normal(size=n)
b = (rng.random(n) < 1 / (1 + np.exp(-(x @ np.array([-.2, .8, -.5, .3]))))).astype(float)
o, l = sm.OLS(y, x).fit(), sm.Logit(b, x).fit(disp=0, tol=1e-14, maxiter=200)
json.dump(dict(x=x.ravel().tolist(), y=y.tolist(), b=b.tolist(), width=4, ols=dict(b=o.params.tolist(), se=o.bse.tolist()), logit=dict(b=l.params.tolist(), se=l.bse.tolist())), open(os.path.join(os.path.dirname(__file__), "regression.json"), "w"))
