# statsmodels 0.15.0, scipy 1.17.1, numpy 2.4.6; writes series.json beside it
import json, os, numpy as np
from statsmodels.tsa.stattools import acf, ccf
from scipy.signal import periodogram
rng = np.random.default_rng(5)
n = 128
x = np.zeros(n)
for t in range(1, n): x[t] = .7 * x[t - 1] + rng.normal()
y = np.roll(x, 3) + .5 * rng.normal(size=n)
p = periodogram(x, detrend="constant")[1][1:]
json.dump(dict(x=x.tolist(), y=y.tolist(), acf=acf(x, nlags=10, adjusted=False)[1:].tolist(), ccf=ccf(y, x, adjusted=False)[:6].tolist(), spectrum=(p / p.sum()).tolist()), open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "series.json"), "w"))
