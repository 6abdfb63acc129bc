import type { EvaluationContext } from '../metric';
import { Stream } from '../../random';
import { resample, thinned, type Thinned } from '../resample';
import { moments, quantile, rank } from '../statistics';
import { viewOf, type ColumnView, type NumberView, type Part } from '../view';
import { binEdges, sharesDistance } from './column-distances';

/** Means over columns of three distances, one value a resample or dealing. */
export interface MarginalDistances { shapes: Float64Array; wasserstein: Float64Array; jensenShannon: Float64Array }
/** How far these stray by sampling alone, and what they are when rows are dealt anew to two tables of these sizes. Computed once for all metrics of single columns. */
export interface MarginalDeviations {
  /** For Jensen-Shannon the sum of both tables' own distances, which bounds the error by the triangle inequality. */
  resampled: MarginalDistances;
  dealt: MarginalDistances;
}

/** A numeric column is compared on at most this many cells between pooled quantiles: a finer grid would move a supremum by less than a resample does. */
const mostCells = 1000;

interface Plan {
  column: ColumnView; cells: number; codes: [Uint32Array, Uint32Array];
  /** A numeric column's cells: their upper ends and the widths between these in standard deviations; and the Jensen-Shannon bin of each. */
  ends?: Float64Array; widths?: Float64Array; bins: Uint32Array; binCount: number;
}

/** @param other what stands beside the training rows */
export const marginalDeviations = (context: EvaluationContext, other: Part = 'synthetic'): Promise<MarginalDeviations> => context.shared(`marginal deviations ${other}`, async () => {
  const view = await viewOf(context), columns = view.columns;
  const tables = (['training', other] as const).map(p => thinned(view.rows[p], columns.length, context.seed, `marginals ${p}`)) as [Thinned, Thinned];
  const plans = columns.map(c => planOf(c, ['training', other], tables)).filter(p => p.cells > 1);
  const base = plans.map(p => [0, 1].map(t => counted(p, t, ones(tables[t].rows.length))) as [Float64Array, Float64Array]);
  const scales = tables.map(t => t.scale) as [number, number], sizes: [number, number] = [tables[0].rows.length, tables[1].rows.length];
  const found = await resample(context, `marginals ${other}`, sizes, (a, b) => means(plans, (p, k) => deviate(p, base[k], [counted(p, 0, a), counted(p, 1, b)], scales)));
  const dealt = await dealtColumns(context, plans, base.map(b => b[0]), sizes, Math.sqrt((sizes[0] + sizes[1]) / (view.rows.training + view.rows[other])));
  const named = ([shapes, wasserstein, jensenShannon]: readonly Float64Array[]): MarginalDistances => ({ shapes, wasserstein, jensenShannon });
  return { resampled: named(found), dealt: named(dealt) };
});

/** Means over the columns that have a distance. */
function means(plans: readonly Plan[], of: (p: Plan, k: number) => readonly number[]): number[] {
  const sums = [0, 0, 0], used = [0, 0, 0];
  plans.forEach((p, k) => of(p, k).forEach((v, i) => { if (v === v) { sums[i] += v; used[i]++; } }));
  return sums.map((s, i) => s / used[i]);
}

/** Of 59 dealings one is the most extreme once in sixty. */
const dealings = 59;

/** The distances when the rows of both tables are dealt anew, all columns of a row together. @param scale of distances, where a part of the rows is dealt */
async function dealtColumns(context: EvaluationContext, plans: readonly Plan[], base: readonly Float64Array[], [n, m]: [number, number], scale: number): Promise<Float64Array[]> {
  const first = new Uint8Array(n + m).fill(1, 0, n), stream = new Stream(context.seed, 'deal marginals'), out = [0, 1, 2].map(() => new Float64Array(dealings));
  for (let r = 0; r < dealings; r++) {
    stream.shuffle(first);
    means(plans, (p, k) => {
      const counts: [Float64Array, Float64Array] = [new Float64Array(p.cells), new Float64Array(p.cells)];
      p.codes.forEach((codes, t) => { const at = t * n; for (let i = 0; i < codes.length; i++) counts[1 - first[at + i]][codes[i]]++; });
      return apart(p, base[k], counts, n, m);
    }).forEach((v, i) => { out[i][r] = scale * v; });
    if (r % 10 === 9) await context.progress((r + 1) / dealings);
  }
  return out;
}

const ones = (n: number) => new Uint16Array(n).fill(1);

/** Every row's cell; the last one holds missing values. */
function planOf(column: ColumnView, parts: readonly [Part, Part], tables: [Thinned, Thinned]): Plan {
  const codesBy = (cell: (t: number) => (row: number) => number) => tables.map((t, i) => Uint32Array.from(t.rows, cell(i))) as [Uint32Array, Uint32Array];
  if (column.type === 'code') {
    const K = column.categories.length;
    return { column, cells: K + 1, codes: codesBy(t => { const v = column.values(parts[t]); return row => (v[row] < 0 ? K : v[row]); }), bins: Uint32Array.from({ length: K + 1 }, (_, k) => k), binCount: K + 1 };
  }
  const ends = gridOf(column, parts), K = ends.length, edges = binEdges(column.sorted(parts[0])), sd = Math.sqrt(moments(column.sorted(parts[0])).variance) || 1;
  return {
    column, cells: K + 1, ends, widths: ends.map((e, k) => (k + 1 < K ? (ends[k + 1] - e) / sd : 0)),
    codes: codesBy(t => { const v = column.values(parts[t]); return row => (v[row] === v[row] ? Math.min(K - 1, rank(ends, v[row], false)) : K); }),
    bins: Uint32Array.from({ length: K + 1 }, (_, k) => (k === K ? edges.length + 1 : rank(edges, ends[k], false))), binCount: edges.length + 2,
  };
}

/** Upper ends of cells: the pooled distinct values, or their quantiles where they are many. */
function gridOf(column: NumberView, parts: readonly Part[]): Float64Array {
  const pooled = Float64Array.from(parts.flatMap(p => { const s = column.sorted(p), n = Math.min(s.length, 20_000); return Array.from({ length: n }, (_, i) => s[Math.floor(((i + 0.5) * s.length) / n)]); })).sort();
  const distinct = pooled.filter((v, i) => i === 0 || v !== pooled[i - 1]);
  if (distinct.length <= mostCells) return distinct;
  const cuts = Float64Array.from({ length: mostCells }, (_, k) => quantile(pooled, (k + 1) / mostCells));
  return cuts.filter((v, i) => i === 0 || v > cuts[i - 1]);
}

function counted(p: Plan, table: number, weights: Uint16Array): Float64Array {
  const out = new Float64Array(p.cells), codes = p.codes[table];
  for (let i = 0; i < codes.length; i++) out[codes[i]] += weights[i];
  return out;
}

/** The column's deviations: shape (supremum or total variation), Wasserstein, Jensen-Shannon bound; NaN where undefined. */
function deviate(p: Plan, base: [Float64Array, Float64Array], drawn: [Float64Array, Float64Array], scales: [number, number]): number[] {
  // every row lies in some cell, so that the counts of a table and of its resample add up to its rows
  const K = p.cells - 1, [n, m] = [p.codes[0].length, p.codes[1].length], [b0, b1] = base, [d0, d1] = drawn;
  const h0 = n - b0[K], h1 = m - b1[K], r0 = n - d0[K], r1 = m - d1[K], own = (a: Float64Array, b: Float64Array, rows: number) => sharesDistance(binShares(p, a, rows), binShares(p, b, rows));
  const far = h0 > 0 && h1 > 0 && r0 > 0 && r1 > 0 ? travelled(p, k => scales[0] * (d0[k] / r0 - b0[k] / h0) - scales[1] * (d1[k] / r1 - b1[k] / h1)) : none;
  return [...far, scales[0] * own(d0, b0, n) + scales[1] * own(d1, b1, m)];
}

/** The column's distances between two tables of n and m rows, from their counts. @param base the first table's own, by whose spread widths are measured */
function apart(p: Plan, base: Float64Array, [a, b]: [Float64Array, Float64Array], n: number, m: number): number[] {
  const K = p.cells - 1, h0 = n - a[K], h1 = m - b[K], bins = p.widths ? { bins: dealtBins(p.cells, a, h0), binCount: dealtBinCount } : p;
  const [shape, way] = h0 > 0 && h1 > 0 ? travelled(p, k => a[k] / h0 - b[k] / h1) : none;
  // in standard deviations of the first table, which differs from dealing to dealing
  return [shape, p.ends ? way * (spread(p.ends, base) / spread(p.ends, a)) : way, sharesDistance(binShares(bins, a, n), binShares(bins, b, m))];
}

/** Standard deviation of values at the cells' ends; 1 where nothing varies. */
function spread(ends: Float64Array, counts: Float64Array): number {
  let n = 0, mean = 0, squares = 0;
  for (let k = 0; k < ends.length; k++) if (counts[k] > 0) { n += counts[k]; const d = ends[k] - mean; mean += (counts[k] * d) / n; squares += counts[k] * d * (ends[k] - mean); }
  return Math.sqrt(squares / Math.max(1, n - 1)) || 1;
}

const none: [number, number] = [Number.NaN, Number.NaN];

/** Shape and Wasserstein distance of a difference of shares, cell by cell. */
function travelled({ widths, cells }: Plan, difference: (k: number) => number): [number, number] {
  let sum = 0, most = 0, absolute = 0, way = 0;
  for (let k = 0; k < cells - 1; k++) {
    const d = difference(k);
    sum += d; absolute += Math.abs(d);
    const far = Math.abs(sum);
    if (far > most) most = far;
    if (widths) way += far * widths[k];
  }
  return widths ? [most, way] : [absolute / 2, Number.NaN];
}

function binShares({ bins, binCount }: Pick<Plan, 'bins' | 'binCount'>, counts: Float64Array, rows: number): Float64Array {
  const out = new Float64Array(binCount);
  for (let k = 0; k < counts.length; k++) out[bins[k]] += counts[k];
  for (let b = 0; b < binCount; b++) out[b] /= rows;
  return out;
}

/** Jensen-Shannon bins between the 50-quantiles of the rows dealt to the first table, as the real table's are cut between its own: its bins then hold equally many, whichever rows they are. */
const dealtBinCount = 51;
function dealtBins(cells: number, first: Float64Array, present: number): Uint32Array {
  const out = new Uint32Array(cells), last = dealtBinCount - 2;
  let below = 0;
  for (let k = 0; k < cells - 1; k++) { out[k] = Math.min(last, Math.max(0, Math.ceil((50 * below) / Math.max(1, present - 1)) - 1)); below += first[k]; }
  out[cells - 1] = dealtBinCount - 1;
  return out;
}
