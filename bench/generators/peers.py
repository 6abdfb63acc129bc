"""Peers on the same split, cores and budget.

  python peers.py list                                                       which peers this Python has
  python peers.py run PEER TRAIN OUTCOME OUT ROWS BUDGET SEED THREADS COLUMNS  fits, samples, writes OUT, prints costs as JSON
  python peers.py judge                                                      SDMetrics' column shapes and pair trends as JSON, for every line [TRAIN, SYNTHETIC, COLUMNS] that it is given

Deep peers run at their default settings, but that their training ends with the epoch before the budget does, counted from the beginning of the fit; the packages' own loops
are given an iterator that stops. Versions are printed by `list`.
"""
import importlib, importlib.util, json, resource, sys, time
import numpy as np
import pandas as pd


def read(path): return pd.read_csv(path, keep_default_na=False, na_values=[''])
def has(name): return importlib.util.find_spec(name) is not None
def loads(name):
    """Whether a package that is there can be used: it may lack what it needs itself."""
    try: importlib.import_module(name)
    except Exception as error: print(f'{name} is left out: {type(error).__name__}: {error}', file=sys.stderr); return False
    return True
def discrete(d): return [c for c in d if d[c].dtype.kind not in 'if']


def filled(d):
    """ctgan's package takes no missing numbers: the median and, as SDV does, a flag beside it."""
    out = d.copy()
    for c in d:
        if d[c].dtype.kind in 'if':
            if d[c].isna().any(): out[c + '#missing'] = d[c].isna().map({True: 'yes', False: 'no'}); out[c] = d[c].fillna(d[c].median())
        else: out[c] = d[c].astype(object).where(d[c].notna(), '#missing')
    return out


def restored(s, d):
    out = s.copy()
    for c in d:
        if c + '#missing' in s: out.loc[s[c + '#missing'] == 'yes', c] = np.nan
        elif d[c].dtype.kind not in 'if': out[c] = s[c].where(s[c] != '#missing', np.nan)
        if d[c].dtype.kind == 'i': out[c] = out[c].round().astype(int)
    return out[list(d)]


class Epochs:
    """Stands where a package's loop has its progress bar: yields epochs while another would still end within the budget."""
    done, most = 0, 0

    def __init__(self, among, *_, **__): self.among = among
    def __getattr__(self, name): return lambda *_, **__: None

    def __iter__(self):
        Epochs.done, Epochs.most = 0, len(self.among); first = time.perf_counter()
        for i in self.among:
            now = time.perf_counter()
            if i and now - Epochs.began + (now - first) / i > Epochs.budget: return
            yield i
            Epochs.done += 1


def timed(where, budget):
    """From now on, loops of these modules end when the budget does."""
    for name, bar in where:
        setattr(importlib.import_module(name), bar, Epochs if bar == 'tqdm' else lambda n, *_, **__: Epochs(range(n)))
    Epochs.began, Epochs.budget = time.perf_counter(), budget


def of_ctgan(name):
    def run(d, outcome, rows, budget):
        import ctgan
        m, f = getattr(ctgan, name)(), filled(d); timed([(f'ctgan.synthesizers.{name.lower()}', 'tqdm')], budget)
        t = time.perf_counter(); m.fit(f, discrete(f)); t1 = time.perf_counter()
        s = m.sample(rows)
        return restored(s, d), t1 - t, time.perf_counter() - t1
    return run


def of_sdv(name):
    def run(d, outcome, rows, budget):
        from sdv.metadata import Metadata
        import sdv.single_table as st
        data = {'table': d}; m = getattr(st, name)(Metadata.detect_from_dataframes(data)); t = time.perf_counter(); m.fit(data); t1 = time.perf_counter(); s = m.sample(rows)
        return s['table'] if isinstance(s, dict) else s, t1 - t, time.perf_counter() - t1
    return run


def of_synthcity(name):
    def run(d, outcome, rows, budget):
        from synthcity.plugins import Plugins
        from synthcity.plugins.core.dataloader import GenericDataLoader
        m = Plugins().get(name); models = 'synthcity.plugins.core.models.'
        timed({'ddpm': [(models + 'tabular_ddpm', 'trange')], 'tvae': [(models + 'vae', 'tqdm')], 'ctgan': [(models + 'gan', 'tqdm')], 'nflow': [(models + 'flows', 'tqdm')]}[name], budget)
        t = time.perf_counter(); m.fit(GenericDataLoader(filled(d), target_column=outcome)); t1 = time.perf_counter()
        return restored(m.generate(count=rows).dataframe(), d), t1 - t, time.perf_counter() - t1
    return run


def of_smote(d, outcome, rows, budget):
    from imblearn.over_sampling import SMOTENC
    f = filled(d); y = f[outcome].astype(str) if d[outcome].dtype.kind == 'O' or d[outcome].nunique() < 20 else pd.Series(['all'] * len(f)); x = f.drop(columns=[outcome]) if y.nunique() > 1 else f
    cats = [x.columns.get_loc(c) for c in discrete(x)]; t = time.perf_counter(); parts = []
    for c, n in (y.value_counts(normalize=True) * rows).round().astype(int).items():
        # Every class in turn is the minority, against as many dummy rows as are to be made of it.
        own = x[y == c]; dummy = own.sample(len(own) + n, replace=True, random_state=0); both = pd.concat([own, dummy]); label = np.r_[np.ones(len(own)), np.zeros(len(dummy))]
        kind = SMOTENC(categorical_features=cats, random_state=0) if 0 < len(cats) < x.shape[1] else __import__('imblearn.over_sampling', fromlist=['SMOTE']).SMOTE(random_state=0)
        made, _ = kind.fit_resample(both, label); made = made.iloc[len(both):].copy()
        if y.nunique() > 1: made[outcome] = d[outcome][y == c].iloc[0]
        parts.append(made)
    return restored(pd.concat(parts).sample(frac=1, random_state=0)[list(f)], d), 0.0, time.perf_counter() - t


def of_mostlyai(d, outcome, rows, budget):
    import tempfile
    from mostlyai.engine import TabularARGN
    with tempfile.TemporaryDirectory() as folder:
        # Its clock is in minutes; everything else as it comes.
        t = time.perf_counter(); m = TabularARGN(max_training_time=budget / 60, workspace_dir=folder, random_state=1); m.fit(X=d); t1 = time.perf_counter()
        s = m.sample(n_samples=rows)
        return s[list(d)], t1 - t, time.perf_counter() - t1


peers = {}
if has('ctgan'): peers.update({'ctgan:CTGAN': of_ctgan('CTGAN'), 'ctgan:TVAE': of_ctgan('TVAE')})
if has('sdv'): peers['sdv:GaussianCopula'] = of_sdv('GaussianCopulaSynthesizer')
if has('synthcity'): peers.update({f'synthcity:{n}': of_synthcity(n) for n in ('ddpm', 'tvae', 'ctgan', 'nflow')})
if has('mostlyai'): peers['mostlyai:TabularARGN'] = of_mostlyai
if has('imblearn'): peers['imblearn:SMOTENC'] = of_smote


def judge(train, made, columns):
    from sdmetrics.reports.single_table._properties import ColumnPairTrends, ColumnShapes
    # The columns that our own evaluation judges: names, tickets and the like are nobody's to learn.
    a, b = read(train)[json.loads(columns)], read(made)[json.loads(columns)]
    meta = {'columns': {c: {'sdtype': 'numerical' if a[c].dtype.kind in 'if' else 'categorical'} for c in a}}
    for c in a:
        if a[c].dtype.kind in 'if': b[c] = pd.to_numeric(b[c], errors='coerce')
    return {'shapes': ColumnShapes().get_score(a, b, meta), 'pairs': ColumnPairTrends().get_score(a, b, meta)}


if __name__ == '__main__':
    if sys.argv[1] == 'list':
        from importlib.metadata import version
        lacking = {'synthcity'} if has('synthcity') and not loads('synthcity.plugins') else set()
        peers = {n: p for n, p in peers.items() if n.split(':')[0] not in lacking}
        print(json.dumps({'peers': list(peers), 'versions': {n: version(n) for n, module in (('ctgan', 'ctgan'), ('sdv', 'sdv'), ('synthcity', 'synthcity'), ('mostlyai-engine', 'mostlyai'), ('torch', 'torch'), ('sdmetrics', 'sdmetrics')) if has(module) and module not in lacking}}))
    elif sys.argv[1] == 'judge':
        for line in sys.stdin:
            try: print(json.dumps(judge(*json.loads(line))), flush=True)
            except Exception as error: print(json.dumps({'error': f'{type(error).__name__}: {error}'[:300]}), flush=True)
    else:
        peer, train, outcome, out, rows, budget, seed, threads, columns = sys.argv[2:11]
        try:
            import torch
            torch.set_num_threads(int(threads)); torch.manual_seed(int(seed))
        except ImportError: pass
        np.random.seed(int(seed)); d = read(train)[json.loads(columns)]   # what ours learns: names and identifiers would only be memorised
        used = resource.getrusage(resource.RUSAGE_SELF).ru_utime
        made, fit, sample = peers[peer](d, outcome, int(rows) or len(d), float(budget))
        made.to_csv(out, index=False)
        print(json.dumps({'fit': fit, 'sample': sample, 'rows': len(made), **({'epochs': Epochs.done, 'most': Epochs.most} if Epochs.most else {}), 'cpu': resource.getrusage(resource.RUSAGE_SELF).ru_utime - used, 'peakMB': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000}))
