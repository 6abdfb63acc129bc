# fairlearn 0.15.0, scikit-learn 1.9.1, numpy 2.4.6; writes fairness.json beside it
import json, numpy as np, os
from fairlearn.metrics import (MetricFrame, selection_rate, true_positive_rate, false_positive_rate, demographic_parity_difference, demographic_parity_ratio, equalized_odds_difference,
    equal_opportunity_difference)
from sklearn.metrics import precision_score
rng = np.random.default_rng(7)
cases = []
for n, groups in ((200, 2), (500, 3), (900, 5)):
    g = rng.integers(0, groups, n); y = (rng.random(n) < .3 + .1 * (g % 3)).astype(int); p = (rng.random(n) < .2 + .4 * y + .05 * g).astype(int)
    prec = MetricFrame(metrics=precision_score, y_true=y, y_pred=p, sensitive_features=g)
    cases.append(dict(groups=groups, g=g.tolist(), y=y.tolist(), p=p.tolist(),
        demographicParity=demographic_parity_difference(y, p, sensitive_features=g), ratio=demographic_parity_ratio(y, p, sensitive_features=g),
        equalisedOdds=equalized_odds_difference(y, p, sensitive_features=g), equalOpportunity=equal_opportunity_difference(y, p, sensitive_features=g),
        precision=prec.difference(method="between_groups"), data=float(MetricFrame(metrics=selection_rate, y_true=y, y_pred=y, sensitive_features=g).difference(method="between_groups"))))
json.dump(dict(cases=cases), open(os.path.join(os.path.dirname(__file__), "fairness.json"), "w"))
