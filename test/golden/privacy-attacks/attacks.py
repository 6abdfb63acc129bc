"""What published privacy attacks say of three fixed tables. Python 3.11, requirements.txt; writes attacks.json beside itself.

Anonymeter 1.1.0 (Giomi et al. 2023): linkability, inference, univariate singling out and the counts of given predicates, and its residual risk.
Kernel densities of SciPy with the AUC of scikit-learn: DOMIAS as its authors compute it (van Breugel et al. 2023).
Epsilon-identifiability as in ADS-GAN (Yoon et al. 2020): columns over their entropy, then nearest neighbours.
"""
import json
import pathlib
import re

import numpy as np
import pandas as pd
import polars as pl
from anonymeter.evaluators import InferenceEvaluator, LinkabilityEvaluator
from anonymeter.evaluators.singling_out_evaluator import _evaluate_queries, univariate_singling_out_queries
from anonymeter.stats.confidence import EvaluationResults
from scipy.stats import gaussian_kde
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import NearestNeighbors

rng = np.random.default_rng(5)
n = 240
names = ["height", "weight", "dose", "city", "group"]


def population(k):
    height = rng.normal(170, 9, k)
    weight = 0.8 * (height - 100) + rng.normal(0, 7, k) + 20
    dose = np.exp(rng.normal(2, 0.6, k))
    city = rng.choice(list("abcdef"), k, p=[0.4, 0.25, 0.15, 0.1, 0.07, 0.03])
    group = np.where(rng.random(k) < 0.3 + 0.4 * (weight > 78), "x", "y")
    return pd.DataFrame({"height": height.round(3), "weight": weight.round(3), "dose": dose.round(3), "city": city, "group": group})


training, control, synthetic = population(n), population(n), population(n)
synthetic.loc[: n // 4 - 1, :] = training.loc[: n // 4 - 1, :].values  # a leak, so that something is found
synthetic.loc[: n // 4 - 1, "height"] += rng.normal(0, 0.05, n // 4).round(3)
synthetic = synthetic.astype({"height": float, "weight": float, "dose": float})
synthetic["height"] = synthetic["height"].round(3)

out = {"columns": names, "tables": {k: {c: t[c].tolist() for c in names} for k, t in [("training", training), ("control", control), ("synthetic", synthetic)]}}


def result(r):
    risk = r.risk()
    return {"success": int(r.n_success), "control": int(r.n_control), "risk": risk.value, "low": risk.ci[0], "high": risk.ci[1]}


first = ["height", "city", "group"]
link = LinkabilityEvaluator(training, synthetic, (first, [c for c in names if c not in first]), n_attacks=n, n_neighbors=1, control=control)
out["linkability"] = {"first": first, **result(link.evaluate(n_jobs=1).results())}
out["inference"] = {}
for secret in names:
    e = InferenceEvaluator(training, synthetic, [c for c in names if c != secret], secret, regression=secret in ("height", "weight", "dose"), n_attacks=n, control=control)
    out["inference"][secret] = result(e.evaluate(n_jobs=1).results())

frames = {k: pl.from_pandas(t) for k, t in [("training", training), ("control", control), ("synthetic", synthetic)]}
queries = univariate_singling_out_queries(frames["synthetic"], 10**6, np.random.default_rng(0))
counts = {c: sum(1 for q in queries if re.search(rf'col\("{c}"\)', str(q))) for c in names}
out["univariate"] = {"predicates": counts, "training": int(sum(np.asarray(_evaluate_queries(frames["training"], queries)) == 1)), "control": int(sum(np.asarray(_evaluate_queries(frames["control"], queries)) == 1))}

# predicates of three columns, made here, counted there
medians = {c: float(synthetic[c].median()) for c in ("height", "weight", "dose")}
made, exprs = [], []
for _ in range(400):
    row = synthetic.iloc[int(rng.integers(n))]
    chosen = sorted(rng.choice(5, 3, replace=False).tolist())
    one, expr = [], None
    for j in chosen:
        c = names[j]
        if c in medians:
            up = bool(row[c] > medians[c])
            cond = pl.col(c) >= float(row[c]) if up else pl.col(c) <= float(row[c])
            one.append([c, "at-least" if up else "at-most", float(row[c])])
        else:
            cond = pl.col(c) == row[c]
            one.append([c, "equal", row[c]])
        expr = cond if expr is None else expr & cond
    made.append(one)
    exprs.append(expr)
out["multivariate"] = {"predicates": made, "counts": {k: [int(x) for x in _evaluate_queries(f, exprs)] for k, f in frames.items()}}

out["risk"] = []
for total, success, other in [(500, 60, 20), (2000, 1999, 3), (100, 5, 9), (300, 0, 0)]:
    r = EvaluationResults(n_attacks=total, n_success=success, n_baseline=1, n_control=other).risk()
    out["risk"].append([total, success, other, r.value, r.ci[0], r.ci[1]])

# DOMIAS on the three numbers, standardised; reference and non-members are halves of the control
numeric = ["height", "weight", "dose"]
mean, sd = training[numeric].mean(), training[numeric].std(ddof=0)
t, c, s = (((x[numeric] - mean) / sd).to_numpy() for x in (training, control, synthetic))
reference, others = c[: n // 2], c[n // 2 :]
density_g, density_r = gaussian_kde(s.T), gaussian_kde(reference.T)
asked = np.vstack([t, others])
p_g, p_r = density_g.logpdf(asked.T), density_r.logpdf(asked.T)
member = np.r_[np.ones(n), np.zeros(len(others))]
out["domias"] = {
    "synthetic": p_g.tolist()[:60], "reference": p_r.tolist()[:60], "auc": roc_auc_score(member, p_g - p_r), "mean": mean.tolist(), "sd": sd.tolist(),
    "whiten": {"synthetic": np.linalg.inv(np.linalg.cholesky(density_g.covariance)).tolist(), "reference": np.linalg.inv(np.linalg.cholesky(density_r.covariance)).tolist()},
    "constant": {"synthetic": float(-0.5 * np.log(np.linalg.det(2 * np.pi * density_g.covariance))), "reference": float(-0.5 * np.log(np.linalg.det(2 * np.pi * density_r.covariance)))},
}


def entropy(x):
    _, k = np.unique(x, return_counts=True)
    p = k / k.sum()
    return float(-(p * np.log(p)).sum())


coarse = [np.floor(training[c]).to_numpy() for c in numeric]  # values that repeat, so that entropies differ
weights = [entropy(x) for x in coarse]
x, y = t / np.array(weights), s / np.array(weights)
own = NearestNeighbors(n_neighbors=2).fit(x).kneighbors(x)[0][:, 1]
near = NearestNeighbors(n_neighbors=1).fit(y).kneighbors(x)[0][:, 0]
out["identifiability"] = {"weights": weights, "share": float((near < own).mean())}
two = NearestNeighbors(n_neighbors=2).fit(t).kneighbors(s)[0]
out["nndr"] = {"p5": float(np.quantile(two[:, 0] / two[:, 1], 0.05))}

pathlib.Path(__file__).with_name("attacks.json").write_text(json.dumps(out, separators=(",", ":")) + "\n")
