/** Simulated reports for tests and for looking at: seeded, any number of columns, with a knob for how good the synthetic table is. No real data. */
import type { ColumnPicture, ColumnReport, Figure, Kind, MetricInfo, NextStep, PairAxis, PairPicture, ReportData, Verdict } from '../server/protocol';
import { worstPairs } from './order';

/** mulberry32: small, seeded, good enough for made-up pictures. */
export function randomStream(seed: number): () => number {
  let a = seed >>> 0;
  return () => { a = (a + 0x6d2b79f5) >>> 0; let t = Math.imul(a ^ (a >>> 15), 1 | a); t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t; return ((t ^ (t >>> 14)) >>> 0) / 4294967296; };
}
type Random = () => number;
const normal = (u: Random) => Math.sqrt(-2 * Math.log(1 - u())) * Math.cos(2 * Math.PI * u());
const toShares = (xs: number[], total: number) => { const s = xs.reduce((a, b) => a + b, 0) || 1; return xs.map((x) => (x / s) * total); };
const jitter = (xs: number[], noise: number, u: Random) => xs.map((x) => Math.max(0, x * (1 + noise * normal(u))));

const named: Array<[string, Kind]> = [
  ['age', 'integer'], ['income', 'real'], ['occupation', 'category'], ['education', 'ordinal'], ['hours_per_week', 'integer'], ['married', 'boolean'],
  ['region', 'category'], ['joined', 'date'], ['last_seen', 'datetime'], ['capital_gain', 'real'], ['email', 'personal'], ['customer_id', 'identifier'],
  ['satisfaction', 'ordinal'], ['churned', 'boolean'], ['a rather long column name, as exports have them (EUR)', 'real'],
];
const occupations = ['Professional specialty', 'Craft and repair', 'Executive managerial', 'Administrative clerical', 'Sales', 'Other service', 'Machine operation', 'Transport', 'Handlers and cleaners', 'Farming and fishing', 'Technical support', 'Protective service', 'Private household'];
const labelsOf: Record<string, string[]> = {
  occupation: occupations, education: ['primary', 'lower secondary', 'upper secondary', 'bachelor', 'master', 'doctorate'], married: ['true', 'false'], churned: ['false', 'true'],
  region: ['North', 'South', 'East', 'West', '=cmd|calc', '</script><b>'], satisfaction: ['1', '2', '3', '4', '5'],
};

/** One column. `miss`: how far the synthetic shares lie from the real ones. */
function column(name: string, kind: Kind, position: number, miss: number, withHoldout: boolean, u: Random): ColumnReport {
  const base = { name, kind, position, findings: [] as string[], warnings: [] as ColumnReport['warnings'] };
  if (kind === 'personal' || kind === 'identifier')
    return { ...base, score: null, modelledAs: kind === 'personal' ? 'fresh e-mail addresses, never learnt' : 'fresh identifiers of the same format', picture: { type: 'none', why: 'Replaced by fresh values of the same format; nothing of it was learnt, so there is nothing to compare.' },
      warnings: [{ code: kind === 'personal' ? 'personal' : 'identifier', severity: 'information', message: kind === 'personal' ? 'Looks like e-mail addresses.' : 'Every value is different.', suggestion: 'Fresh values are written instead.' }] };
  const gone = position % 4 === 1 ? 0.02 + 0.12 * u() : 0;
  const missing = { real: gone, synthetic: gone * (1 + miss * 2 * normal(u)), ...(withHoldout && { holdout: gone * (1 + 0.05 * normal(u)) }) };
  let picture: ColumnPicture, raw: number[];
  if (kind === 'integer' || kind === 'real' || kind === 'date' || kind === 'datetime' || kind === 'time') {
    const bins = 28, skew = name === 'capital_gain' || name === 'income', peaks = 1 + Math.floor(u() * 2), centre = 0.25 + 0.4 * u();
    raw = Array.from({ length: bins }, (_, i) => { const x = (i + 0.5) / bins; return skew ? Math.exp(-x * (name === 'income' ? 5 : 14)) * (name === 'income' ? Math.min(1, x * 9) : 1) : Math.exp(-((x - centre) ** 2) / 0.03) + (peaks > 1 ? 0.6 * Math.exp(-((x - centre - 0.35) ** 2) / 0.006) : 0) + 0.015; });
    const [low, high] = kind === 'date' ? [16000, 20400] : kind === 'datetime' ? [1.6e12, 1.76e12] : kind === 'time' ? [0, 86.4e6] : name === 'age' ? [17, 90] : name === 'hours_per_week' ? [1, 99] : skew ? [0, 125000] : [-3 + u(), 40 * (1 + u())];
    const edges = Array.from({ length: bins + 1 }, (_, i) => low + ((high - low) * i) / bins);
    picture = { type: 'histogram', edges, real: toShares(raw, 1 - gone), synthetic: toShares(jitter(raw, miss * 3, u).map((x, i) => x * (1 + miss * 4 * (i / bins - 0.5))), 1 - missing.synthetic), missing, ...(withHoldout && { holdout: toShares(jitter(raw, 0.05, u), 1 - missing.holdout!) }) };
  } else {
    const labels = labelsOf[name] ?? Array.from({ length: 2 + Math.floor(u() * 20) }, (_, i) => `level ${i + 1}`);
    raw = labels.map((_, i) => 1 / (1 + i * 0.6) + 0.1 * u());
    picture = { type: 'bars', labels, real: toShares(raw, 1 - gone), synthetic: toShares(jitter(raw, miss * 2.5, u), 1 - missing.synthetic), missing, ...(withHoldout && { holdout: toShares(jitter(raw, 0.03, u), 1 - missing.holdout!) }) };
  }
  const away = (other: number[]) => 1 - 0.5 * picture_real(picture).reduce((s, r, i) => s + Math.abs(r - other[i]), 0);
  const score = Math.min(1, away(picture.synthetic)), referenceScore = picture.holdout ? away(picture.holdout) : undefined;
  if (miss > 0.06) base.findings.push(picture.type === 'histogram' ? 'Values in the upper quarter are 18% too frequent.' : `"${picture.labels[0]}" is drawn 3.1 points too rarely.`);
  if (miss > 0.1) base.findings.push('The largest values are drawn in by value protection: fewer than 5 rows hold them.', 'Missing together with "income" less often than in the real table.');
  if (name === 'capital_gain') base.warnings.push({ code: 'mostly-missing', severity: 'warning', message: '92% of the rows hold one value.', suggestion: 'Declare it as a category if the rest does not matter.' });
  const verdict: Verdict = score >= (referenceScore ?? 1) - 0.01 ? 'good' : score >= (referenceScore ?? 1) - 0.04 ? 'fair' : 'poor';
  return { ...base, verdict, modelledAs: picture.type === 'histogram' ? '64 quantile bins of 2,310 values' : `${picture.labels.length} categories`, score, referenceScore, metric: picture.type === 'histogram' ? 'KSComplement' : 'TVComplement', wasserstein: miss * 0.21 * u(), jensenShannon: miss * 0.3 * u(), picture };
}
/** Counts over a grid for two columns that depend on each other; the synthetic ones a little less. Any rows that few share are hidden, as the server does. */
export function makePair(a: { name: string; kind: Kind }, b: { name: string; kind: Kind }, seed: number, holdout = true): PairPicture {
  const u = randomStream(seed), number = (k: Kind) => !['category', 'boolean', 'ordinal'].includes(k), [x, y] = !number(a.kind) && number(b.kind) ? [b, a] : [a, b];
  const axis = ({ name, kind }: { name: string; kind: Kind }): PairAxis => (number(kind)
    ? { name, kind, type: 'bins', labels: Array.from({ length: 17 }, (_, i) => String(i * 5)) }
    : { name, kind, type: 'values', labels: labelsOf[name]?.slice(0, 8) ?? ['level 1', 'level 2', 'level 3', 'level 4'] });
  const ax = axis(x), ay = axis(y), nx = ax.type === 'bins' ? 16 : ax.labels.length, ny = ay.type === 'bins' ? 16 : ay.labels.length, centre = 0.3 + 0.4 * u(), slope = 0.8 * (u() < 0.5 ? -1 : 1);
  const counts = (rows: number, strength: number, shift: number) => {
    const raw = Array.from({ length: nx * ny }, (_, k) => { const i = ((k % nx) + 0.5) / nx, j = (Math.floor(k / nx) + 0.5) / ny; return Math.exp(-(((j - centre - strength * slope * (i - 0.5)) ** 2) / 0.05) - ((i - 0.5 - shift) ** 2) / 0.09) * (0.8 + 0.4 * u()); });
    const all = raw.reduce((s, v) => s + v, 0), cells = raw.map((v) => Math.round((v / all) * rows * 0.97)), hidden = cells.reduce((s, c) => s + (c < 5 ? c : 0), 0);
    return { cells: cells.map((c) => (c < 5 ? 0 : c)), rows, missing: Math.round(rows * 0.03), hidden };
  };
  return { x: ax, y: ay, least: 5, real: counts(32561, 1, 0), synthetic: counts(32561, 0.55, 0.03), ...(holdout && { holdout: counts(16281, 1, 0) }) };
}

const picture_real = (p: Exclude<ColumnPicture, { type: 'none' }>) => p.real;

const metrics: Record<string, MetricInfo> = Object.fromEntries(([
  { id: 'fidelity.shapes', name: 'Column shapes', family: 'fidelity', range: [0, 1], better: 'higher', unit: 'score', definition: 'How alike each column is distributed in the synthetic and the real table, averaged over columns: one minus the Kolmogorov\u2013Smirnov distance for numbers, one minus the total-variation distance for categories. Over all rows of both.', paper: 'SDMetrics, Column Shapes (DataCebo 2023)', needs: ['training'], threshold: { good: 0.98, fair: 0.95, why: 'A fresh sample of a few thousand real rows scores about 0.99.' } },
  { id: 'fidelity.pairs', name: 'Pair trends', family: 'fidelity', range: [0, 1], better: 'higher', unit: 'score', definition: 'How alike each pair of columns depends on one another, averaged over pairs: correlation similarity for two numeric columns, contingency similarity otherwise.', paper: 'SDMetrics, Column Pair Trends (DataCebo 2023)', needs: ['training'], threshold: { good: 0.97, fair: 0.93, why: 'A fresh real sample of this size scores about 0.985.' } },
  { id: 'fidelity.two-sample', name: 'Classifier two-sample test', family: 'fidelity', range: [0, 1], better: 'target', target: 0.5, unit: 'score', definition: 'AUC of boosted trees trained to tell synthetic from holdout rows; 0.5 means they cannot. Cross-fitted over five folds.', paper: 'Lopez-Paz & Oquab 2017, Revisiting classifier two-sample tests', needs: ['holdout'], threshold: { good: 0.55, fair: 0.65, why: 'At 0.55 a classifier is right in 55 of 100 pairs.' } },
  { id: 'utility.tstr', name: 'Train on synthetic, test on real', family: 'utility', range: [0, 1], better: 'higher', unit: 'score', definition: 'AUC on holdout rows of boosted trees trained on the synthetic table to predict the outcome. The reference is the same learner trained on as many real rows.', paper: 'Esteban, Hyland & R\u00e4tsch 2017', needs: ['holdout', 'outcome'] },
  { id: 'privacy.exact-copies', name: 'Exact copies', family: 'privacy', range: [0, 1], better: 'lower', unit: 'share', definition: 'Share of synthetic rows for which a training row exists with all columns equal, missing cells included.', paper: 'Platzer & Reutterer 2021', needs: ['holdout', 'training'], threshold: { good: 0.005, fair: 0.01, why: 'Judges the excess over the control.', on: 'excess' } },
  { id: 'privacy.near-copies', name: 'Near copies', family: 'privacy', range: [0, 1], better: 'lower', unit: 'share', definition: 'Share of synthetic rows equal to a training row in all columns but one, and within 5% in that one.', paper: 'Giomi et al. 2023, Anonymeter', needs: ['holdout', 'training'], threshold: { good: 0.005, fair: 0.01, why: 'Judges the excess over the control.', on: 'excess' } },
  { id: 'privacy.membership-auc', name: 'Membership attack, AUC', family: 'privacy', range: [0, 1], better: 'target', target: 0.5, unit: 'score', definition: 'How well the distance to the nearest synthetic row tells training rows from control rows; 0.5 is guessing.', paper: 'Shokri et al. 2017; Carlini et al. 2022', needs: ['holdout', 'training'], threshold: { good: 0.52, fair: 0.55, why: 'Below 0.52 the attack is right in 52 of 100 pairs.' } },
  { id: 'privacy.membership-tpr-1', name: 'Members found at 1% false positives', family: 'privacy', range: [0, 1], better: 'lower', unit: 'share', definition: 'Share of training rows the attack recognises while it accuses 1% of the control rows falsely.', paper: 'Carlini et al. 2022', needs: ['holdout', 'training'], threshold: { good: 0.015, fair: 0.03, why: 'Guessing finds 1%.' } },
  { id: 'privacy.membership-tpr-01', name: 'Members found at 0.1% false positives', family: 'privacy', range: [0, 1], better: 'lower', unit: 'share', definition: 'The same at 0.1% false positives, where few people are exposed, but those surely.', paper: 'Carlini et al. 2022', needs: ['holdout', 'training'], threshold: { good: 0.002, fair: 0.005, why: 'Guessing finds 0.1%.' } },
  { id: 'privacy.outliers', name: 'Membership attack on the 1% most outlying rows', family: 'privacy', range: [0, 1], better: 'target', target: 0.5, unit: 'score', definition: 'The same attack on the training rows farthest from all others, who have most to lose.', paper: 'van Breugel et al. 2023, DOMIAS', needs: ['holdout', 'training'] },
] satisfies MetricInfo[]).map((m) => [m.id, m]));

export interface FixtureOptions { columns?: number; seed?: number; quality?: 'good' | 'poor'; control?: boolean; run?: boolean }

/** A whole report. `quality: 'poor'` plants a leak and bad columns; `control: false` makes privacy not assessable. */
export function makeReport({ columns: n = 15, seed = 7, quality = 'good', control = true, run = true }: FixtureOptions = {}): ReportData {
  const u = randomStream(seed), bad = quality === 'poor', k = bad ? 3 : 1;
  const kinds: Kind[] = ['real', 'integer', 'category', 'boolean', 'ordinal', 'date'];
  const specs = Array.from({ length: n }, (_, i): [string, Kind] => named[i] ?? [`feature_${String(i).padStart(3, '0')}`, kinds[i % kinds.length]]);
  const columns = specs.map(([name, kind], i) => column(name, kind, i, k * (name === 'capital_gain' ? 0.13 : 0.008 + 0.07 * u() ** 3), control, u));
  columns.sort((a, b) => (a.score ?? 2) - (b.score ?? 2));
  const modelled = specs.filter(([, kind]) => kind !== 'personal' && kind !== 'identifier'), m = modelled.length;
  const real: number[] = new Array(m * m).fill(1), synthetic: number[] = new Array(m * m).fill(1), score: number[] = new Array(m * m).fill(1), reference: number[] = new Array(m * m).fill(1);
  const statistic: string[] = new Array(m * m).fill('c');
  const load = modelled.map(() => [normal(u), normal(u), normal(u)].map((x) => x * 0.62));
  for (let i = 0; i < m; i++) for (let j = 0; j < i; j++) {
    const numeric = [i, j].every((x) => ['real', 'integer', 'date', 'datetime'].includes(modelled[x][1]));
    const r = Math.tanh(load[i].reduce((s, x, d) => s + x * load[j][d], 0)), value = numeric ? r : Math.abs(r) * 0.7;
    const off = (u() < 0.06 ? 0.16 : 0.025) * Math.sqrt(k) * normal(u), made = Math.max(numeric ? -1 : 0, Math.min(1, value - off));
    for (const at of [i * m + j, j * m + i]) { real[at] = value; synthetic[at] = made; score[at] = 1 - Math.abs(value - made) / (numeric ? 2 : 1); reference[at] = 1 - Math.abs(0.01 * normal(u)); statistic[at] = numeric ? 'c' : 'v'; }
  }
  const ci = (v: number, h: number, method: string): Figure['interval'] => ({ low: Math.max(0, v - h), high: Math.min(1, v + h), level: 0.95, method });
  const shapes = bad ? 0.931 : 0.9912, samples = { synthetic: 32561, holdout: 16281 };
  const figure = (metric: string, value: number, h: number, verdict: Verdict, ref?: [string, number, number?], detail?: Figure['detail'], note?: string): Figure => ({
    metric, value, interval: ci(value, h, 'bootstrap over rows, 400 draws'), verdict, samples, ...(ref && { reference: { label: ref[0], value: ref[1], ...(ref[2] !== undefined && { interval: [Math.max(0, ref[1] - ref[2]), ref[1] + ref[2]] as [number, number] }) } }), ...(detail && { detail }), ...(note && { note }) });
  const holdout = (v: number, h?: number): [string, number, number?] | undefined => (control ? ['holdout', v, h] : undefined);
  const figures: Figure[] = [
    figure('fidelity.shapes', shapes, 0.0018, bad ? 'poor' : 'good', holdout(0.9931, 0.001), { columns: m }),
    figure('fidelity.pairs', bad ? 0.902 : 0.9766, 0.0031, bad ? 'poor' : 'good', holdout(0.9862)),
    ...(control ? [figure('fidelity.two-sample', bad ? 0.83 : 0.567, 0.012, bad ? 'poor' : 'fair', ['fresh real rows', 0.503], { folds: 5 }), figure('utility.tstr', bad ? 0.861 : 0.9214, 0.004, bad ? 'fair' : 'good', ['trained on real', 0.9268, 0.003], { trainOnReal: 0.9268, learner: 'histogram gradient boosting' })] : []),
  ];
  const privacy: Figure[] = control ? [
    figure('privacy.exact-copies', bad ? 0.021 : 0.00034, bad ? 0.002 : 0.0002, bad ? 'poor' : 'good', ['control', 0.0014, 0.0006], { excess: bad ? 0.019 : -0.0009, excessUpper95: bad ? 0.021 : 0.0003, smallestDetectable: 0.0007 }),
    figure('privacy.near-copies', bad ? 0.052 : 0.0098, 0.0013, bad ? 'poor' : 'good', ['control', 0.0113, 0.0016], { excess: bad ? 0.041 : -0.001, smallestDetectable: 0.0021 }, bad ? undefined : 'Fewer near copies than among real rows: the synthetic table is sparser than reality there.'),
    figure('privacy.membership-auc', bad ? 0.561 : 0.508, 0.0075, bad ? 'poor' : 'good', ['guessing', 0.5]),
    figure('privacy.membership-tpr-1', bad ? 0.043 : 0.0112, 0.0021, bad ? 'poor' : 'good', ['guessing', 0.01]),
    figure('privacy.membership-tpr-01', bad ? 0.012 : 0.0013, 0.0009, bad ? 'poor' : 'undecided', ['guessing', 0.001], { smallestDetectable: 0.0024 }, bad ? undefined : 'These tables are too small to tell: only a rate above 0.24% would have been seen.'),
    figure('privacy.outliers', bad ? 0.585 : 0.517, 0.041, 'undecided', ['guessing', 0.5], { smallestLeak: 0.058 }),
  ] : Object.keys(metrics).filter((id) => id.startsWith('privacy.')).map((metric) => ({ metric, value: null, samples: { synthetic: 32561 }, verdict: 'not-assessable' as const, note: 'Without real rows that the generator never saw, nothing can be said about privacy.' }));
  const bins = 36, edges = Array.from({ length: bins + 1 }, (_, i) => (i * 6) / bins);
  const gamma = (shift: number, scale: number) => toShares(edges.slice(1).map((e) => { const x = Math.max(0, e / scale - shift); return x ** 2.2 * Math.exp(-x * 1.9) + 1e-4; }), 1);
  const near = gamma(0.15, 1.02), far = gamma(0.14, 1);
  if (bad) { near[0] += 0.05; near[1] += 0.02; }
  const quantile = (shares: number[], q: number) => { let s = 0; const all = shares.reduce((a, b) => a + b, 0); for (let i = 0; i < bins; i++) { s += shares[i] / all; if (s >= q) return edges[i + 1] - (edges[i + 1] - edges[i]) * ((s - q) / (shares[i] / all)); } return edges[bins]; };
  const steps = Array.from({ length: 240 }, (_, i) => i * 20), stop = 3400;
  const note = bad ? 'The validation loss had turned at step 3,400; the parameters of that step were kept.' : 'The validation loss stopped improving at step 3,400; the parameters of that step were kept.';
  const pairs = { columns: modelled.map(([name]) => name), real, synthetic, score, ...(control && { referenceScore: reference }), statistic: statistic.join('') };
  const kindOf = new Map(specs), pairPictures = worstPairs(pairs, 200).map(({ a, b }, i) => makePair({ name: a, kind: kindOf.get(a)! }, { name: b, kind: kindOf.get(b)! }, i + seed, control));
  const next: NextStep[] = bad
    ? [{ title: 'Do not share this table', why: 'Rows of real people can be found in it. Fit again for a shorter time, or leave out the columns that single people out.', command: { id: 'synthesize', title: 'Synthesize Again...' }, terminal: 'understudy synthesize /home/ada/data/customers.csv --budget 20s' },
      { title: 'Look at the 4 columns that fall short', why: 'Worst: "capital_gain", "married", "age". A classifier still tells the tables apart (AUC 0.830).', command: { id: 'synthesize', title: 'Synthesize Again...' }, terminal: 'understudy synthesize /home/ada/data/customers.csv --budget 5m --column capital_gain=category' }]
    : [{ title: 'Treat it as if it were real, until more rows can tell', why: 'No leak was seen, but there are too few rows to rule one out (16,281 control rows). A larger holdout sharpens the test.', terminal: 'understudy evaluate /home/ada/data/customers.csv /home/ada/data/customers.synthetic.csv --holdout HOLDOUT.csv' },
      { title: 'Check the outcome "churned"', why: 'It was guessed from the columns. If the table is for predicting another one, name it.', terminal: 'understudy synthesize /home/ada/data/customers.csv --outcome COLUMN' }];
  return {
    version: 1, title: bad ? 'customers.csv, a leaking stand-in' : 'Synthetic stand-in for customers.csv', created: '2026-03-14T09:26:53Z',
    ...(run && { run: { id: '20260314-092653-7f3a', seed: 42, generator: 'Order-agnostic autoregressive network', seconds: 71.4, device: { name: 'cpu' as const, description: '2 threads, ONNX Runtime', whyNotBetter: 'No WebGPU adapter was found.' }, versions: { understudy: '0.1.0', 'onnxruntime-node': '1.30.0', '@duckdb/node-api': '1.5.6', node: '20.20.0' } } }),
    source: { path: '/home/ada/data/customers.csv', rows: 32561, columns: n }, synthetic: { path: '/home/ada/data/customers.synthetic.csv', rows: 32561 },
    ...(control && { control: { rows: 16281, how: 'drawn at random before fitting, stratified by outcome, duplicates kept together' } }),
    outcome: { column: 'churned', guessed: true, task: 'classification' },
    verdicts: [
      { family: 'fidelity', verdict: bad ? 'poor' : 'good', sentence: bad ? 'A classifier tells synthetic from real rows most of the time, and four columns are visibly off.' : 'Single columns and pairs are about as near to the real table as a fresh sample of real rows would be.', reasons: ['Column shapes 0.991, a fresh real sample 0.993.', 'Pair trends 0.977, a fresh real sample 0.986.', 'A classifier tells 57 of 100 pairs of synthetic and real rows apart; 50 would be guessing.'] },
      { family: 'utility', verdict: bad ? 'fair' : 'good', sentence: bad ? 'A model trained on it predicts "churned" somewhat worse than one trained on real rows.' : 'A model trained on it predicts "churned" nearly as well as one trained on real rows: 0.921 against 0.927.', reasons: ['The outcome was guessed; name another with --outcome.'] },
      control ? { family: 'privacy', verdict: bad ? 'poor' : 'undecided', sentence: bad ? 'Training rows stand in the synthetic table, copied or nearly so, far more often than chance explains. Do not share it.' : 'No check found a leak, but the table is too small to rule out that one row in 400 is exposed.', reasons: ['Near copies 0.98%, control 1.1%.', 'Membership attack AUC 0.508, upper bound 0.516.', 'At 0.1% false positives only a rate above 0.24% would have been seen.'] }
        : { family: 'privacy', verdict: 'not-assessable', sentence: 'There are no real rows that the generator never saw, so nothing can be said about privacy.', reasons: ['Name a holdout, or synthesize with one.'] },
    ],
    metrics, figures: [...figures, ...privacy], columns,
    pairs, pairPictures, next,
    distances: { edges, syntheticToTraining: near, ...(control && { controlToTraining: far }), metric: 'Gower, all columns weighted alike', quantiles: [0.001, 0.01, 0.05, 0.25, 0.5, 0.95].map((q) => ({ q, synthetic: quantile(near, q), ...(control && { control: quantile(far, q) }) })) },
    training: run ? { steps, loss: steps.map((s) => 1.1 + 2.2 * Math.exp(-s / 300) + 0.55 * Math.exp(-s / 2200) + 0.012 * normal(u)), validationSteps: steps.filter((_, i) => i % 10 === 0), validation: steps.filter((_, i) => i % 10 === 0).map((s) => 1.36 + 2.1 * Math.exp(-s / 320) + 0.4 * Math.exp(-s / 1500) + (s > stop ? (s - stop) * 2.2e-5 : 0) + 0.003 * normal(u)), stoppedAt: stop, note } : undefined,
    notes: ['Value protection is on: no value found in fewer than 5 fitted rows was written as it is.', '"email" and "customer_id" were replaced by fresh values of the same format.'],
  };
}

/** A report of a release under a privacy budget, over two runs: the one to keep, or the one that may be published. */
export function makePrivateReport(audience: 'internal' | 'publishable'): ReportData {
  const whole = makeReport({ control: audience === 'internal' });
  const line = (run: string, purpose: string, mechanism: string, times: number, noise: number, epsilon: number | null) => ({ run, at: '2026-03-14T09:26:53Z', purpose, mechanism, count: times, sensitivity: 1, noise, epsilon });
  const privacyProof: ReportData['privacyProof'] = {
    budget: { epsilon: 3, delta: 1e-6 }, spent: { epsilon: 2.9871, delta: 1e-6, proof: 'filter' }, unit: 'row', adjacency: 'add-remove',
    statement: 'Everything released from this table under a privacy budget so far is (3, 0.000001)-differentially private for adding or removing one row.',
    lines: [
      line('20260313-1', 'number of rows; ends and bins of age, income; categories of occupation, region', 'discrete Gaussian, sigma 25.95', 28, 25.95, 0.8567), line('20260313-1', 'categories released that a single row alone has', 'thresholds, delta 1.1e-8', 9, 0, 0),
      ...Array.from({ length: 8 }, () => line('20260314-2', 'training', 'Gaussian on a Poisson sample, q 0.016, sigma 1.31', 250, 1.31, 1.204)),
    ],
    declared: ['The columns, what they are and how their cells are written: age (integer), income (real with 2 decimals), occupation (category).', 'age lies between 17 and 90.', 'That every person or thing has one row: whoever has several is protected as one row, not as all of them.'],
  };
  if (audience === 'internal') return { ...whole, audience, privacyProof };
  const { run: _run, control: _control, pairs: _pairs, pairPictures: _pictures, next: _next, distances: _distances, training: _training, outcome: _outcome, ...rest } = whole;
  return {
    ...rest, audience, privacyProof, title: 'customers.synthetic.csv: made under differential privacy', verdicts: [], metrics: {}, figures: [], notes: ['The table was drawn from the generator autoregressive.'],
    columns: whole.columns.map(({ verdict: _verdict, referenceScore: _reference, metric: _metric, wasserstein: _w, jensenShannon: _j, ...c }) => ({ ...c, score: null, findings: [], warnings: [] })),
  };
}
