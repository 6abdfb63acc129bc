import type { EvaluationContext } from '../metric';
import { resample, thinned, type Thinned } from '../resample';
import { moments, quantile, rank } from '../statistics';
import { viewOf, type ColumnView, type NumberView, type Part } from '../view';
import { binEdges, sharesDistance } from './column-distances';

/** How far the means over columns of four distances stray by sampling alone; one value a resample. Computed once for all metrics of single columns. */
export interface MarginalDeviations {
  shapes: Float64Array; wasserstein: Float64Array; missing: Float64Array;
  /** For Jensen-Shannon the sum of both tables' own distances, which bounds the error by the triangle inequality; and distances of two fresh tables. */
  jensenShannon: Float64Array; jensenShannonFresh: Float64Array;
}

/** A numeric column is compared on at most this many cells between pooled quantiles: a finer grid would move a supremum by less than a resample does. */
const mostCells = 1000;

interface Plan {
  column: ColumnView; cells: number; codes: [Uint32Array, Uint32Array];
  /** Widths in standard deviations between a numeric column's cells; and the Jensen-Shannon bin of each. */
  widths?: Float64Array; bins: Uint32Array; binCount: number;
}

/** @param other what stands beside the training rows */
export const marginalDeviations = (context: EvaluationContext, other: Part = 'synthetic'): Promise<MarginalDeviations> => context.shared(`marginal deviations ${other}`, async () => {
  const view = await viewOf(context), columns = view.columns;
  const tables = (['training', other] as const).map(p => thinned(view.rows[p], columns.length, context.seed, `marginals ${p}`)) as [Thinned, Thinned];
  const plans = columns.map(c => planOf(c, ['training', other], tables)).filter(p => p.cells > 1);
  const base = plans.map(p => [0, 1].map(t => counted(p, t, ones(tables[t].rows.length))) as [Float64Array, Float64Array]);
  const scales = tables.map(t => t.scale) as [number, number];
  const found = await resample(context, `marginals ${other}`, [tables[0].rows.length, tables[1].rows.length], (a, b) => {
    const sums = [0, 0, 0, 0, 0], used = [0, 0, 0, 0, 0];
    plans.forEach((p, k) => deviate(p, base[k], [counted(p, 0, a), counted(p, 1, b)], scales).forEach((v, i) => { if (v === v) { sums[i] += v; used[i]++; } }));
    return sums.map((s, i) => s / used[i]);
  });
  const [shapes, wasserstein, missing, jensenShannon, jensenShannonFresh] = found;
  return { shapes, wasserstein, missing, jensenShannon, jensenShannonFresh };
});

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
    column, cells: K + 1, widths: ends.map((e, k) => (k + 1 < K ? (ends[k + 1] - e) / sd : 0)),
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

/** The column's deviations: shape (supremum or total variation), Wasserstein, missing rate, Jensen-Shannon bound and fresh distance; NaN where undefined. */
function deviate(p: Plan, base: [Float64Array, Float64Array], drawn: [Float64Array, Float64Array], scales: [number, number]): number[] {
  // every row lies in some cell, so that the counts of a table and of its resample add up to its rows
  const K = p.cells - 1, [n, m] = [p.codes[0].length, p.codes[1].length], [b0, b1] = base, [d0, d1] = drawn;
  const missing = Math.abs((scales[0] * (d0[K] - b0[K])) / n - (scales[1] * (d1[K] - b1[K])) / m);
  const h0 = n - b0[K], h1 = m - b1[K], r0 = n - d0[K], r1 = m - d1[K];
  let shape = Number.NaN, travel = Number.NaN;
  if (h0 > 0 && h1 > 0 && r0 > 0 && r1 > 0) {
    let sum = 0, most = 0, absolute = 0, way = 0;
    const { widths } = p;
    for (let k = 0; k < K; k++) {
      const d = scales[0] * (d0[k] / r0 - b0[k] / h0) - scales[1] * (d1[k] / r1 - b1[k] / h1);
      sum += d; absolute += Math.abs(d);
      const far = Math.abs(sum);
      if (far > most) most = far;
      if (widths) way += far * widths[k];
    }
    shape = widths ? most : absolute / 2;
    if (widths) travel = way;
  }
  return [shape, travel, missing, ...jensenShannon(p, base, drawn, [n, m], scales)];
}

function jensenShannon(p: Plan, base: [Float64Array, Float64Array], drawn: [Float64Array, Float64Array], [n, m]: [number, number], scales: [number, number]): [number, number] {
  const shares = (c: Float64Array, n: number) => { const out = new Float64Array(p.binCount), { bins } = p; for (let k = 0; k < c.length; k++) out[bins[k]] += c[k]; for (let b = 0; b < out.length; b++) out[b] /= n; return out; };
  const p0 = shares(base[0], n), q0 = shares(base[1], m), p1 = shares(drawn[0], n), q1 = shares(drawn[1], m);
  // two tables fresh from the pooled distribution stray from it as the two resamples stray from theirs
  const w = n / (n + m), a = new Float64Array(p0.length), b = new Float64Array(p0.length);
  for (let k = 0; k < a.length; k++) {
    const pool = w * p0[k] + (1 - w) * q0[k];
    a[k] = Math.max(0, pool + scales[0] * (p1[k] - p0[k]));
    b[k] = Math.max(0, pool + scales[1] * (q1[k] - q0[k]));
  }
  return [scales[0] * sharesDistance(p1, p0) + scales[1] * sharesDistance(q1, q0), sharesDistance(a, b)];
}
