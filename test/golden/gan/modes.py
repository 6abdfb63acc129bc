"""Mode-specific normalisation and log-frequency sampling of ctgan 0.12.1 / rdt 2.0.0 / scikit-learn 1.9.1 on small fixed data.

python modes.py > modes.json
"""
import json
import warnings
import numpy as np
import pandas as pd
from ctgan.data_sampler import DataSampler
from ctgan.data_transformer import SpanInfo
from rdt.transformers import ClusterBasedNormalizer
from sklearn.mixture import BayesianGaussianMixture

warnings.simplefilter('ignore')
rng = np.random.RandomState(7)


def draws(name):
    if name == 'three':
        return np.concatenate([rng.normal(-3, .5, 240), rng.normal(0, 1, 200), rng.normal(6, .3, 160)])
    if name == 'skewed':
        return np.exp(rng.normal(0, 1, 600))
    return np.round(rng.normal(38, 12, 600))


out = {'fits': {}, 'transform': None, 'probabilities': None}
for name in ('three', 'skewed', 'ages'):
    x = np.round(draws(name), 6)
    score = []
    for seed in range(5):
        m = BayesianGaussianMixture(n_components=10, weight_concentration_prior_type='dirichlet_process', weight_concentration_prior=.001, random_state=seed).fit(x[:, None])
        keep = m.weights_ > .005
        w, mu, sd = m.weights_[keep] / m.weights_[keep].sum(), m.means_[keep, 0], np.sqrt(m.covariances_[keep, 0, 0])
        score.append(np.log((w * np.exp(-.5 * ((x[:, None] - mu) / sd) ** 2) / sd / np.sqrt(2 * np.pi)).sum(1)).mean())
    out['fits'][name] = {'x': x.tolist(), 'logLikelihood': score}

# One transform: the fitted posterior, the values, the uniforms that numpy's choice consumes, and what comes out.
x = np.array(out['fits']['three']['x'])
n = ClusterBasedNormalizer(missing_value_generation='from_column', max_clusters=10, weight_threshold=.005)
frame = pd.DataFrame({'x': x})
n.fit(frame, 'x')
b = n._bgm_transformer
probe = np.concatenate([x[:20], np.linspace(-8, 9, 35)])
# log of each component's part before normalisation, at its own mean: what our posterior keeps as `bias`
bias = np.diag((b._estimate_log_prob(b.means_) + b._estimate_log_weights()))
uniforms = np.random.RandomState(3).random_sample(len(probe))
fed, choice = iter(uniforms), np.random.choice
# numpy's own rule, with a given uniform: the first entry whose cumulative share exceeds it
np.random.choice = lambda a, p: a[(p.cumsum() / p.sum()).searchsorted(next(fed), side='right')]
t = n.transform(pd.DataFrame({'x': probe}))
np.random.choice = choice
back = n.reverse_transform(t)
out['transform'] = {
    'weights': b.weights_.tolist(), 'means': b.means_[:, 0].tolist(), 'sds': np.sqrt(b.covariances_[:, 0, 0]).tolist(), 'bias': bias.tolist(),
    'x': probe.tolist(), 'uniforms': uniforms.tolist(), 'alpha': t['x.normalized'].tolist(), 'mode': t['x.component'].astype(int).tolist(), 'back': back['x'].tolist(),
}
codes = np.stack([rng.choice(3, 200, p=[.7, .25, .05]), rng.choice(4, 200, p=[.1, .2, .3, .4])], 1)
data = np.concatenate([np.eye(3)[codes[:, 0]], np.eye(4)[codes[:, 1]]], 1)
s = DataSampler(data, [[SpanInfo(3, 'softmax')], [SpanInfo(4, 'softmax')]], True)
out['probabilities'] = {'codes': codes.tolist(), 'log': s._discrete_column_category_prob.tolist()}
json.dump(json.loads(json.dumps(out), parse_float=lambda v: float('%.9g' % float(v))), __import__('sys').stdout, separators=(',', ':'))
