# Golden values of entropic optimal transport. POT 0.9.6.post1, numpy 2.4.6, scipy 1.17.1; prints JSON.
import json
import numpy as np
import ot

rng = np.random.default_rng(7)
cases = []
for n, m, width, reg in [(6, 8, 2, 0.5), (12, 9, 3, 0.05), (7, 7, 1, 0.005)]:
    x, y = rng.normal(size=(n, width)).round(3), (rng.normal(size=(m, width)) + 0.5).round(3)
    a, b = rng.random(n) + 0.1, rng.random(m) + 0.1
    a, b = (a / a.sum()).round(6), (b / b.sum()).round(6)
    a[-1] = 1 - a[:-1].sum(); b[-1] = 1 - b[:-1].sum()
    cost = ot.dist(x, y, metric="sqeuclidean")
    plan = ot.sinkhorn(a, b, cost, reg, method="sinkhorn_log", stopThr=1e-13, numItermax=200000)
    cases.append(dict(x=x.ravel().tolist(), y=y.ravel().tolist(), width=width, a=a.tolist(), b=b.tolist(), epsilon=reg, plan=plan.ravel().tolist(), cost=float((plan * cost).sum()), exact=float(ot.emd2(a, b, cost))))
print(json.dumps(cases))
