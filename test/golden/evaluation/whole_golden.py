"""Golden values of whole figures, and of the sample level by its authors' own code: SDMetrics 0.32.0, prdc 0.2 (Naeem et al. 2020), synthcity 0.2.12 (its AlphaPrecision, run from
its source without its dependencies), SciPy 1.17.1, scikit-learn 1.9.1, pandas, NumPy.

    pip install sdmetrics==0.32.0 && pip install --no-deps prdc==0.2 synthcity==0.2.12
    python whole_golden.py > whole.json

The tables are simulated here. Authenticity is left out: synthcity compares distances of unlike rows there; ours is the paper's (fidelity_golden.py).
"""
import ast, importlib.util, json, os, sys, types, warnings
import numpy as np, pandas as pd
from prdc import compute_prdc
from scipy import stats
from scipy.spatial.distance import cdist
from sklearn.neighbors import NearestNeighbors
from sdmetrics.single_table import LogisticDetection, NewRowSynthesis
warnings.filterwarnings('ignore')
here = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(21)
n = 400


def table(shift):
    x = np.round(rng.normal(shift, 1 + shift / 2, n), 3)
    y = np.round(.7 * x + rng.normal(0, .7, n), 2)
    k = rng.poisson(4 + 2 * (x > 0), n).astype(float)
    c = np.array(list('abcdefghijkl'), dtype=object)[np.minimum(11, rng.geometric(.5 - shift / 5, n) - 1)]
    d = np.where(x + rng.normal(0, 1, n) > 0, 'yes', 'no').astype(object)
    return pd.DataFrame({'x': x, 'y': y, 'k': k, 'c': c, 'd': d})


real, made = table(0.), table(.3)
made.loc[:39] = real.loc[:39].values
made.loc[~made.c.isin(real.c), 'c'] = 'a'
made = made.astype({'x': float, 'y': float, 'k': float})
out = {'real': {c: real[c].tolist() for c in real}, 'made': {c: made[c].tolist() for c in made}}
num = ['x', 'y', 'k']
q = lambda t, c, p: np.quantile(t[c], p)
width = [abs(np.log((q(made, c, .5) - q(made, c, .01)) / (q(real, c, .5) - q(real, c, .01)))) for c in num] + [abs(np.log((q(made, c, .99) - q(made, c, .5)) / (q(real, c, .99) - q(real, c, .5)))) for c in num]
out['tail-width'] = float(np.exp(-np.mean(width)))
rare = real.c.value_counts()[lambda v: v < .01 * n].index
share = lambda mask: (mask.sum() + .5) / (n + 1)
out['rare-mass'] = float(np.exp(-abs(np.log(share(made.c.isin(rare)) / share(real.c.isin(rare))))))
lack = []
for c in num:
    low, high = q(real, c, .01), q(real, c, .99)
    lack += [max(0, np.log(share(real[c] <= low) / share(made[c] <= low))), max(0, np.log(share(real[c] >= high) / share(made[c] >= high)))]
out['extreme-coverage'] = float(np.exp(-np.mean(lack)))


def coded(t):
    codes = {}
    for c in num:
        edges = np.unique(np.quantile(real[c], np.arange(1, 5) / 5))
        codes[c] = np.searchsorted(edges, t[c], side='left')
    return pd.DataFrame({**codes, 'c': t.c, 'd': t.d})


R3, M3, tv = coded(real), coded(made), []
names = list(real)
for i in range(5):
    for j in range(i + 1, 5):
        for l in range(j + 1, 5):
            cols = [names[i], names[j], names[l]]
            a, b = R3.value_counts(cols), M3.value_counts(cols)
            tv.append(a.sub(b, fill_value=0).abs().sum() / (2 * n))
out['three-way'] = float(1 - np.mean(tv))
pair = lambda f: float(np.mean([1 - abs(f(real[a], real[b]) - f(made[a], made[b])) / 2 for i, a in enumerate(num) for b in num[i + 1:]]))
out['pearson'] = pair(lambda a, b: stats.pearsonr(a, b).statistic)
out['spearman'] = pair(lambda a, b: stats.spearmanr(a, b).statistic)
out['kendall'] = pair(lambda a, b: stats.kendalltau(a, b).statistic)
metadata = {'columns': {c: {'sdtype': 'numerical' if c in num else 'categorical'} for c in names}}
np.random.seed(0)
out['logistic'] = [float(LogisticDetection.compute(real, made, metadata)) for _ in range(20)]
out['new-rows'] = float(NewRowSynthesis.compute(real, made, metadata, numerical_match_tolerance=0))

# the sample level: the points of fidelity.json, through the authors' own code
golden = json.load(open(os.path.join(here, 'fidelity.json')))
R, S = (np.array(golden[k]).reshape(-1, 4) for k in 'RS')
sys.stdout, kept = open(os.devnull, 'w'), sys.stdout
prdc = compute_prdc(R, S, nearest_k=5)
sys.stdout = kept
source = open(os.path.join(os.path.dirname(importlib.util.find_spec('synthcity').origin), 'metrics', 'eval_statistical.py')).read()
theirs = next(f for c in ast.walk(ast.parse(source)) if isinstance(c, ast.ClassDef) and c.name == 'AlphaPrecision' for f in c.body if isinstance(f, ast.FunctionDef) and f.name == 'metrics')
theirs.decorator_list, theirs.returns = [], None
for a in theirs.args.args: a.annotation = None
space = {'np': np, 'NearestNeighbors': NearestNeighbors}
exec(compile(ast.Module([theirs], []), 'synthcity', 'exec'), space)
_, _, _, alpha, beta, _ = space['metrics'](types.SimpleNamespace(), R, S)
out['level'] = {**{k: float(v) for k, v in prdc.items()}, 'alphaPrecision': float(alpha), 'betaRecall': float(beta)}
# energy distance of several columns: every pair of rows
off = lambda D: D.sum() / (len(D) * (len(D) - 1))
out['energy'] = {'unbiased': float(2 * cdist(R, S).mean() - off(cdist(R, R)) - off(cdist(S, S))), 'biased': float(2 * cdist(R, S).mean() - cdist(R, R).mean() - cdist(S, S).mean())}
json.dump(out, sys.stdout, separators=(',', ':'))
