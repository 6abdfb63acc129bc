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
  const K = p.cells - 1, totals = [base, drawn].map(pair => pair.map(c => c.reduce((s, v) => s + v, 0))), present = [base, drawn].map((pair, i) => pair.map((c, t) => totals[i][t] - c[K]));
  const missing = Math.abs([0, 1].reduce((s, t) => s + (t ? -1 : 1) * scales[t] * (drawn[t][K] / totals[1][t] - base[t][K] / totals[0][t]), 0));
  let shape = Number.NaN, travel = Number.NaN;
  if (present.every(pair => pair.every(n => n > 0))) {
    let sum = 0, most = 0, absolute = 0, way = 0;
    for (let k = 0; k < K; k++) {
      const d = scales[0] * (drawn[0][k] / present[1][0] - base[0][k] / present[0][0]) - scales[1] * (drawn[1][k] / present[1][1] - base[1][k] / present[0][1]);
      sum += d; absolute += Math.abs(d);
      if (Math.abs(sum) > most) most = Math.abs(sum);
      if (p.widths) way += Math.abs(sum) * p.widths[k];
    }
    shape = p.widths ? most : absolute / 2;
    if (p.widths) travel = way;
  }
  return [shape, travel, missing, ...jensenShannon(p, base, drawn, totals, scales)];
}

function jensenShannon(p: Plan, base: [Float64Array, Float64Array], drawn: [Float64Array, Float64Array], totals: number[][], scales: [number, number]): [number, number] {
  const shares = (c: Float64Array, n: number) => { const out = new Float64Array(p.binCount); for (let k = 0; k < c.length; k++) out[p.bins[k]] += c[k] / n; return out; };
  const [p0, q0] = [shares(base[0], totals[0][0]), shares(base[1], totals[0][1])], [p1, q1] = [shares(drawn[0], totals[1][0]), shares(drawn[1], totals[1][1])];
  // two tables fresh from the pooled distribution stray from it as the two resamples stray from theirs
  const w = totals[0][0] / (totals[0][0] + totals[0][1]), pool = p0.map((v, k) => w * v + (1 - w) * q0[k]);
  const stray = (x1: Float64Array, x0: Float64Array, s: number) => pool.map((v, k) => Math.max(0, v + s * (x1[k] - x0[k])));
  return [scales[0] * sharesDistance(p1, p0) + scales[1] * sharesDistance(q1, q0), sharesDistance(stray(p1, p0, scales[0]), stray(q1, q0, scales[1]))];
}
