"""Epsilons of whole ledgers of private releases, by dp-accounting 0.6.0 (Google): privacy-loss distributions of every line (connect the dots), composed.
Reads the lines (a mechanism, how often) from ledgers.json and writes them back with `pld`, the epsilon at the ledger's delta.
    pip install -r requirements.txt; python ledgers.py ledgers.json > new.json
"""
import json, sys
from dp_accounting.pld import common, privacy_loss_distribution as P

def line(m, step):
    kind = m['kind']
    if kind == 'discrete-gaussian': return P.from_discrete_gaussian_mechanism(m['sigma'], m['sensitivity'], value_discretization_interval=step)
    if kind == 'approximate': return P.from_privacy_parameters(common.DifferentialPrivacyParameters(m['epsilon'], m['delta']), value_discretization_interval=step)
    if kind == 'pure': return P.from_privacy_parameters(common.DifferentialPrivacyParameters(m['epsilon'], 0), value_discretization_interval=step)
    if kind == 'laplace': return P.from_laplace_mechanism(m['scale'], value_discretization_interval=step, use_connect_dots=True)
    if kind == 'gaussian': return P.from_gaussian_mechanism(m['sigma'], value_discretization_interval=step, use_connect_dots=True)
    if kind == 'subsampled-gaussian': return P.from_gaussian_mechanism(m['sigma'], sampling_prob=m['q'], value_discretization_interval=step, use_connect_dots=True)
    raise ValueError(kind)

ledgers = json.load(open(sys.argv[1]))
for ledger in ledgers:
    total = None
    for e in ledger['lines']:
        one = line(e['mechanism'], ledger['step'])
        many = one.self_compose(e['count']) if e['count'] > 1 else one
        total = many if total is None else total.compose(many)
    ledger['pld'] = float(total.get_epsilon_for_delta(ledger['delta']))
print('[\n' + ',\n'.join(json.dumps(l) for l in ledgers) + '\n]')
