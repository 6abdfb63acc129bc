"""Golden values for column shapes and pair trends: SDMetrics 0.29.0, pandas 2.3.3, numpy 2.4.6, scipy 1.17.1.

    python sdmetrics_golden.py > sdmetrics.json

The tables are simulated here; nothing in them is anybody's data.
"""
import json, sys, warnings
import numpy as np, pandas as pd, sdmetrics
from sdmetrics.reports.single_table._properties import ColumnShapes, ColumnPairTrends
warnings.filterwarnings('ignore')
assert sdmetrics.__version__ == '0.29.0', sdmetrics.__version__


def table(rng, n, shift):
    x = np.round(rng.normal(shift, 1, n), 4)
    y = np.round(0.8 * x + rng.normal(0, .6, n), 3)
    k = rng.poisson(3 + 2 * (x > 0), n).astype(float)
    m = np.where(rng.random(n) < .15, np.nan, np.round(np.exp(x + shift), 2))
    c = np.where(x + rng.normal(0, .5, n) > .3, 'high', np.where(y > 0, 'mid', 'low')).astype(object)
    d = np.array(['a', 'b', 'c', 'd', 'rare'], dtype=object)[np.minimum(4, rng.geometric(.5, n) - 1)]
    d[rng.random(n) < .1] = None
    f = np.where(rng.random(n) < .2 + .5 * (c == 'high'), 'true', 'false').astype(object)
    f[rng.random(n) < .05] = None
    day = pd.to_datetime('2020-01-01') + pd.to_timedelta(np.floor(300 + 100 * y + rng.normal(0, 30, n)), unit='D')
    day = pd.Series(day).where(rng.random(n) > .08)
    t = pd.to_datetime('2021-03-01') + pd.to_timedelta(np.floor(1e7 * rng.random(n) ** (1 + shift)), unit='s')
    return pd.DataFrame({'x': x, 'y': y, 'k': k, 'm': m, 'c': c, 'd': d, 'f': f, 'day': day, 't': t, 'one': np.ones(n), 'only': np.array(['same'] * n, dtype=object)})


kinds = {'x': 'numerical', 'y': 'numerical', 'k': 'numerical', 'm': 'numerical', 'c': 'categorical', 'd': 'categorical', 'f': 'boolean',
         'day': 'datetime', 't': 'datetime', 'one': 'numerical', 'only': 'categorical'}
metadata = {'columns': {c: {'sdtype': k} for c, k in kinds.items()}}


def cells(s):
    if s.dtype.kind == 'M':
        ns = s.astype('datetime64[ns]')
        unit = 86400 * 10**9 if s.name == 'day' else 10**6
        return [None if pd.isna(v) else v.value // unit for v in ns]
    return [None if pd.isna(v) else v for v in s]


def none(v):
    return None if pd.isna(v) else float(v)


cases = []
for seed, n, m, shift in [(1, 300, 300, .0), (2, 250, 400, .4)]:
    rng = np.random.default_rng(seed)
    real, synthetic = table(rng, n, 0.), table(rng, m, shift)
    synthetic.loc[synthetic.index[:7], 'd'] = 'unseen'
    shapes = ColumnShapes()
    case = {'real': {c: cells(real[c]) for c in real}, 'synthetic': {c: cells(synthetic[c]) for c in synthetic},
            'shapes': {'score': none(shapes.get_score(real.copy(), synthetic.copy(), metadata)),
                       'columns': {r.Column: none(r.Score) for r in shapes.details.itertuples()}}}
    for name, rho, v in [('thresholds', .5, .3), ('all', 0, 0)]:
        trends = ColumnPairTrends()
        trends.real_correlation_threshold, trends.real_association_threshold = rho, v
        score = trends.get_score(real.copy(), synthetic.copy(), metadata)
        details = trends.details
        case[name] = {'score': none(score), 'pairs': [
            [r['Column 1'], r['Column 2'], none(r['Score']), none(r.get('Real Correlation')), none(r.get('Synthetic Correlation')), none(r.get('Real Association'))]
            for r in details.to_dict('records')]}
    cases.append(case)
json.dump({'kinds': kinds, 'cases': cases}, sys.stdout, separators=(',', ':'))
