import type { CodeView, NumberView, Part, View } from '../view';
import { Influence } from '../influence';
import { rank } from '../statistics';

/**
 * Column shapes as SDMetrics 0.29 defines them (reports/single_table/_properties/column_shapes.py).
 * Numeric and temporal columns: KSComplement; categorical and boolean ones: TVComplement. Missing cells are dropped from both tables first.
 */
export interface ColumnShape { name: string; metric: 'KSComplement' | 'TVComplement'; /** NaN where a table has no value. */ score: number }
export interface ShapeScores { columns: ColumnShape[]; /** Mean over columns with a score; NaN without any. */ mean: number; variance: number }

/** Shapes of every column of `other` against `real`, and their mean with its sampling variance. */
export function shapeScores(view: View, real: Part, other: Part): ShapeScores {
  const influence = [new Influence(view.rows[real]), new Influence(view.rows[other])];
  const columns = view.columns.map((c): ColumnShape => c.type === 'number'
    ? { name: c.name, metric: 'KSComplement', score: ksColumn(c, real, other, influence) }
    : { name: c.name, metric: 'TVComplement', score: tvColumn(c, real, other, influence) });
  const scored = columns.filter(c => !Number.isNaN(c.score));
  return {
    columns, mean: scored.length ? scored.reduce((s, c) => s + c.score, 0) / scored.length : Number.NaN,
    variance: influence[0].variance(scored.length) + influence[1].variance(scored.length),
  };
}

/**
 * The two-sample Kolmogorov-Smirnov statistic of two ascending samples, with where it is attained and its sign
 * (F1 - F2 there); scipy.stats.ks_2samp's `statistic`. NaN when a sample is empty.
 */
export function ksStatistic(a: Float64Array, b: Float64Array): { statistic: number; at: number; sign: number } {
  const n = a.length, m = b.length;
  if (n === 0 || m === 0) return { statistic: Number.NaN, at: Number.NaN, sign: 0 };
  let i = 0, j = 0, best = 0, at = a[0], sign = 0;
  while (i < n || j < m) {
    const x = j >= m || (i < n && a[i] <= b[j]) ? a[i] : b[j];
    while (i < n && a[i] <= x) i++;
    while (j < m && b[j] <= x) j++;
    const d = i / n - j / m;
    if (Math.abs(d) > best) { best = Math.abs(d); at = x; sign = Math.sign(d); }
  }
  return { statistic: best, at, sign };
}

function ksColumn(c: NumberView, real: Part, other: Part, [forReal, forOther]: Influence[]): number {
  const a = rounded(c.sorted(real), c.kind === 'real'), b = rounded(c.sorted(other), c.kind === 'real');
  const { statistic, at, sign } = ksStatistic(a, b);
  if (Number.isNaN(statistic)) return statistic;
  // 1 - |F(at) - G(at)| moves with the shares of rows at or below `at`, among rows that have a value
  const rows = (influence: Influence, part: Part, present: number, direction: number) => {
    const v = c.values(part), scale = (direction * v.length) / present, share = rank(part === real ? a : b, at, true) / present;
    influence.add(i => (v[i] === v[i] ? scale * ((v[i] <= at ? 1 : 0) - share) : 0));
  };
  rows(forReal, real, a.length, -sign);
  rows(forOther, other, b.length, sign);
  return 1 - statistic;
}

/**
 * SDMetrics rounds real values to 14 decimals before comparing (so that 0.1 + 0.2 meets 0.3): numpy's rint(x * 1e14) / 1e14.
 * Order is kept, so a sorted array stays sorted.
 */
function rounded(sorted: Float64Array, real: boolean): Float64Array {
  if (!real) return sorted;
  return sorted.map(x => {
    const y = x * 1e14;
    if (!Number.isFinite(y)) return x;
    // adding and taking away 1.5 * 2^52 rounds half to even; larger numbers have no fraction left
    const r = Math.abs(y) < 2251799813685248 ? y + 6755399441055744 - 6755399441055744 : y;
    return r / 1e14;
  });
}

/**
 * One minus half the summed differences of the categories' shares. A category that only `other` has counts as 1e-6 real rows, as SDMetrics'
 * `get_frequencies` has it. NaN when a table has no value (SDMetrics raises an error, and its report leaves the column out of the mean).
 */
export function tvComplement(real: Float64Array, other: Float64Array): number {
  let n = 0, m = 0;
  for (let k = 0; k < real.length; k++) { n += real[k] + (real[k] === 0 && other[k] > 0 ? 1e-6 : 0); m += other[k]; }
  if (n < 1 || m === 0) return Number.NaN;
  let total = 0;
  for (let k = 0; k < real.length; k++) total += Math.abs(other[k] / m - (real[k] === 0 && other[k] > 0 ? 1e-6 : real[k]) / n);
  return 1 - 0.5 * total;
}

function tvColumn(c: CodeView, real: Part, other: Part, [forReal, forOther]: Influence[]): number {
  const a = c.counts(real), b = c.counts(other), score = tvComplement(a, b);
  if (Number.isNaN(score)) return score;
  const n = a.reduce((s, x) => s + x, 0), m = b.reduce((s, x) => s + x, 0);
  const sign = a.map((x, k) => Math.sign(x / n - b[k] / m));
  const rows = (influence: Influence, part: Part, counts: Float64Array, present: number, direction: number) => {
    const v = c.values(part), mean = counts.reduce((s, x, k) => s + sign[k] * x, 0) / present, scale = (0.5 * direction * v.length) / present;
    influence.add(i => (v[i] >= 0 ? scale * (sign[v[i]] - mean) : 0));
  };
  rows(forReal, real, a, n, -1);
  rows(forOther, other, b, m, 1);
  return score;
}
