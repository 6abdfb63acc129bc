"""Sequential CART (synthpop-like: columns in their order, leaf donors, minimum leaf 5) over several seeds, scored by SDMetrics' pair trends against the training rows: how far one seed's score may be from another's.

    python bench/sequential_cart.py TRAIN.csv --categories site,sex,cp --seeds 10

Measured with scikit-learn 1.9.1, SDMetrics 0.32, pandas and numpy of the same day. Needs no file of this project.
"""
import argparse, warnings
import numpy as np, pandas as pd
from sdmetrics.reports.single_table import QualityReport
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

warnings.filterwarnings("ignore")
p = argparse.ArgumentParser()
p.add_argument("train")
p.add_argument("--categories", default="")
p.add_argument("--seeds", type=int, default=10)
a = p.parse_args()
real = pd.read_csv(a.train)
categories = [c for c in a.categories.split(",") if c]
metadata = {"columns": {c: {"sdtype": "categorical" if c in categories else "numerical"} for c in real}}
coded = pd.DataFrame({c: real[c].astype("category").cat.codes if c in categories else real[c].fillna(-999) for c in real})
for c in categories:
    real[c] = real[c].astype(object)


def draw(seed):
    rng, n, codes, rows = np.random.default_rng(seed), len(real), pd.DataFrame(index=range(len(real))), {}
    for j, c in enumerate(real):
        if j == 0:
            pick = rng.integers(0, n, n)
        else:
            before = list(real)[:j]
            tree = (DecisionTreeClassifier if c in categories else DecisionTreeRegressor)(min_samples_leaf=5, random_state=seed).fit(coded[before].to_numpy(float), coded[c])
            leaf = tree.apply(coded[before].to_numpy(float))
            donors = {l: np.flatnonzero(leaf == l) for l in np.unique(leaf)}
            pick = np.array([rng.choice(donors[l]) for l in tree.apply(codes[before].to_numpy(float))])
        codes[c], rows[c] = coded[c].to_numpy()[pick], real[c].to_numpy()[pick]
    return pd.DataFrame(rows)


scores = []
for seed in range(a.seeds):
    report = QualityReport()
    report.generate(real, draw(seed), metadata, verbose=False)
    scores.append(report.get_properties().set_index("Property")["Score"]["Column Pair Trends"])
    print(seed, round(scores[-1], 4), flush=True)
print(f"mean {np.mean(scores):.4f}, standard deviation {np.std(scores, ddof=1):.4f}")
