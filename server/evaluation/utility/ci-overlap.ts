import type { Figure } from '../../protocol';
import { encodeTarget, type FeatureMatrix } from '../../learners/features';
import type { Table } from '../../table/table';
import type { EvaluationContext, Metric } from '../metric';
import { featuresOf, sampleRows, takeRows, without } from '../features';
import { notAssessable } from '../privacy/leak';
import * as thresholds from '../thresholds';
import { leastSquares, logisticRegression, overlapOf, type Coefficient, type Design } from './regression';

const id = 'utility.ci-overlap', mostRows = 20_000, mostLevels = 6;

/**
 * Agreement of a statistical analysis: the regression of the outcome on all other columns (least squares; logistic for classes, the most frequent one but the first against the rest where there
 * are several), fitted to as many synthetic as training rows, at most 20,000. The figure is the mean overlap of the coefficients' 95% intervals (Karr et al. 2006); the share of clearly
 * non-zero coefficients (on training rows) that keep their sign is in the detail. Numbers in standard deviations of the training rows, missing ones at the mean with a column that says so; of
 * categories the six most frequent, the first being the base. A fresh table of the same population scores .71 on average whatever its size; control rows stand beside it.
 * The figure describes these two files; it has no sampling interval of its own.
 */
export const metric: Metric = { compute };

async function compute(context: EvaluationContext): Promise<Figure> {
  const { outcome } = context;
  if (!outcome) return notAssessable(id, 'No outcome was chosen, and none could be guessed.');
  const f = await featuresOf(context), tables = [context.training, context.synthetic, ...(context.control ? [context.control] : [])];
  const { targets, labels } = encodeTarget(tables, outcome.column, outcome.task);
  const binary = outcome.task === 'classification', event = binary ? eventOf(targets[0], labels.length) : -1;
  const matrices = [f.training, f.synthetic, ...(f.control ? [f.control] : [])].map(m => without(m, outcome.column)), encode = designer(matrices[0], name => labelsOf(tables, name));
  const known = targets.map(y => Array.from(y.keys()).filter(i => Number.isFinite(y[i])));
  if (matrices[0].features.length === 0) return notAssessable(id, 'There is no other column.');
  const fit = (t: number, rows: number, name: string): Coefficient[] => {
    const drawn = sampleRows(known[t].length, rows, context.seed, `ci-overlap ${name}`).map(i => known[t][i]);
    const y = Float64Array.from(drawn, r => (binary ? (targets[t][r] === event ? 1 : 0) : targets[t][r])), x = encode(takeRows(matrices[t], drawn));
    return binary ? logisticRegression(x, y) : leastSquares(x, y);
  };
  const equal = Math.min(known[0].length, known[1].length, mostRows), samples = { training: equal, synthetic: equal };
  const width = encode(takeRows(matrices[0], [])).width;
  if (equal < 5 * width) return notAssessable(id, `${equal} rows are too few for a regression with ${width} coefficients.`, samples, 'undecided');
  await context.progress(0, 'regression');
  const real = fit(0, equal, 'training');
  await context.progress(0.3, 'regression');
  const compared = compareCoefficients(real, fit(1, equal, 'synthetic'));
  if (compared.judged === 0) return notAssessable(id, 'No coefficient can be estimated from the training rows.', samples, 'undecided');
  let reference: number | undefined;
  if (f.control) {
    await context.progress(0.6, 'regression');
    const each = Math.min(known[2].length, known[0].length, mostRows);
    if (each >= 5 * width) reference = compareCoefficients(each === equal ? real : fit(0, each, 'training'), fit(2, each, 'control')).overlap;
  }
  const { good, fair } = thresholds.ciOverlap, { overlap: value } = compared;
  return {
    metric: id, value, verdict: value >= good || (reference !== undefined && value >= reference - 0.05) ? 'good' : value >= fair ? 'fair' : 'poor', samples,
    ...(reference === undefined ? {} : { reference: { label: 'control against training', value: reference } }),
    detail: {
      outcome: binary && labels.length > 2 ? `${outcome.column} = ${labels[event]}` : outcome.column, regression: binary ? 'logistic' : 'least squares', coefficients: compared.judged, notEstimable: compared.left,
      signsKept: compared.signs.kept, clearCoefficients: compared.signs.of,
    },
    columns: compared.worst,
  };
}

/** Mean overlap over coefficients that both fits estimate, and how many that are clearly not zero keep their sign. Intercepts are left out. */
export function compareCoefficients(real: readonly Coefficient[], other: readonly Coefficient[]): { overlap: number; judged: number; left: number; signs: { kept: number; of: number }; worst: Record<string, number> } {
  const overlaps: Array<[string, number]> = [], signs = { kept: 0, of: 0 };
  let left = 0;
  real.forEach((a, j) => {
    if (j === 0) return;
    const b = other[j];
    if (!usable(a)) { left++; return; }
    // a category that the synthetic rows lack has no interval there: nothing in common
    overlaps.push([a.name, usable(b) ? overlapOf(a, b) : 0]);
    if (a.low > 0 || a.high < 0) { signs.of++; if (usable(b) && Math.sign(b.estimate) === Math.sign(a.estimate)) signs.kept++; }
  });
  const mean = overlaps.reduce((s, [, v]) => s + v, 0) / overlaps.length;
  return { overlap: mean, judged: overlaps.length, left, signs, worst: Object.fromEntries(overlaps.sort((x, y) => x[1] - y[1]).slice(0, 100)) };
}

/** A separated or empty column has no estimate: its error runs away. Inputs are in unit scale, so an error of 10 says nothing. */
const usable = (c: Coefficient): boolean => Number.isFinite(c.estimate) && Number.isFinite(c.error) && c.error > 0 && (Math.abs(c.estimate) < 1e6 ? c.error < Math.max(10, Math.abs(c.estimate)) : c.error < Math.abs(c.estimate));

/** Of two classes the second; of more, the most frequent after the first. */
function eventOf(y: Float64Array, classes: number): number {
  if (classes <= 2) return 1;
  const counts = new Float64Array(classes);
  for (const v of y) if (v === v) counts[v]++;
  return Array.from(counts.keys()).sort((a, b) => counts[b] - counts[a])[1];
}

/** The categories in the order that `encodeFeatures` gives them codes; none where it merges rare ones. */
function labelsOf(tables: readonly Table[], name: string): readonly string[] {
  const used = new Set<string>();
  for (const t of tables) {
    const c = t.column(name), names = c.categories();
    for (const code of new Set(c.codes())) if (code >= 0) used.add(names[code]);
  }
  return used.size > 255 ? [] : [...used].sort();
}

/** Turns features into a design whose columns and scales come from the training rows. @param labels a column's categories by code */
export function designer(train: FeatureMatrix, labels: (name: string) => readonly string[] = () => []): (m: FeatureMatrix) => Design {
  const plans = train.features.map((f, j) => {
    if (f.kind === 'number') {
      const seen = f.values.filter(Number.isFinite), mean = seen.reduce((a, b) => a + b, 0) / Math.max(1, seen.length), spread = Math.sqrt(seen.reduce((a, b) => a + (b - mean) ** 2, 0) / Math.max(1, seen.length)) || 1;
      const gaps = seen.length < f.values.length;
      return { j, names: [f.name, ...(gaps ? [`${f.name} missing`] : [])], put: (v: number, out: Float64Array, at: number) => { if (Number.isFinite(v)) out[at] = (v - mean) / spread; else if (gaps) out[at + 1] = 1; } };
    }
    const counts = new Float64Array(f.categories + 1);
    for (const v of f.values) counts[v === v ? v : f.categories]++;
    const kept = Array.from(counts.keys()).filter(c => counts[c] > 0).sort((a, b) => counts[b] - counts[a]).slice(1, mostLevels), place = new Map(kept.map((c, i) => [c, i]));
    const words = labels(f.name);
    return { j, names: kept.map(c => `${f.name} ${c === f.categories ? 'missing' : words[c] ?? `#${c}`}`), put: (v: number, out: Float64Array, at: number) => { const k = place.get(v === v ? v : f.categories); if (k !== undefined) out[at + k] = 1; } };
  });
  const names = ['(intercept)', ...plans.flatMap(p => p.names)], d = names.length;
  return m => {
    const values = new Float64Array(m.rows * d);
    for (let i = 0; i < m.rows; i++) values[i * d] = 1;
    let at = 1;
    for (const p of plans) {
      const v = m.features[p.j].values;
      for (let i = 0; i < m.rows; i++) p.put(v[i], values, i * d + at);
      at += p.names.length;
    }
    return { rows: m.rows, width: d, values, names };
  };
}
