/**
 * Source rows moved onto the target table by entropic optimal transport (Courty et al. 2017), joint with labels where there are some (Courty et al. 2017b): each keeps its outcome.
 * A row's numbers move by the barycentre of its targets less that of its own neighbourhood, the debiased map (Pooladian, Cuturi & Niles-Weed 2022), which does not shrink the cloud; its categories
 * are drawn among its targets'. Its mass is spread over several target rows at least, so that none of them is repeated.
 */
import { fitDense } from '../../learners/dense';
import { concatRows as concatFeatures, encodeFeatures, type FeatureMatrix } from '../../learners/features';
import { quantile } from '../../learners/intervals';
import { sinkhorn, spreads, squaredDistances } from '../../learners/transport';
import { Stream } from '../../random';
import { codeColumn, makeTable, numberColumn } from '../../table/columns';
import { onGrid } from '../../table/number-format';
import type { Column, Table } from '../../table/table';

/** Most rows on each side: the plan is quadratic. */
export const mostTransported = 2500;
/** Target rows that a source row's mass is spread over, at the median: the value protection of transport. */
const fewestTargets = 8;

export interface Transported { table: Table; epsilon: number; spread: number; cost: number }

/**
 * @param labels class of every source and target row, -1 unknown: a labelled pair of unequal classes costs as much as the farthest tenth of pairs
 * @returns source rows (all columns), the `columns` moved
 */
export async function transport(source: Table, target: Table, columns: readonly string[], options: { seed: number; labels?: { source: Int8Array; target: Int8Array }; progress?: () => Promise<void> }): Promise<Transported> {
  const [xs, xt] = encodeFeatures([source, target], columns) as [FeatureMatrix, FeatureMatrix], dense = fitDense(concatFeatures([xs, xt])), s = dense.encode(xs), t = dense.encode(xt), n = source.rows, m = target.rows;
  const cost = squaredDistances(s.values, t.values, s.width), a = new Float64Array(n).fill(1 / n), b = new Float64Array(m).fill(1 / m), own = squaredDistances(s.values, s.values, s.width), middle = quantile(cost, 0.5);
  if (options.labels) { const far = quantile(cost, 0.9); for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) { const p = options.labels.source[i]!, q = options.labels.target[j]!; if (p >= 0 && q >= 0 && p !== q) cost[i * m + j]! += far; } }
  let epsilon = 0.02 * middle, made = await sinkhorn(cost, a, b, { epsilon, tolerance: 1e-5 / n, iterations: 300, ...(options.progress && { progress: options.progress }) });
  const spreadOf = (): number => quantile(spreads(made.plan, n), 0.5);
  while (spreadOf() < Math.min(fewestTargets, m / 2) && epsilon < 4 * middle) { epsilon *= 2; made = await sinkhorn(cost, a, b, { epsilon, tolerance: 1e-5 / n, iterations: 300, ...(options.progress && { progress: options.progress }) }); }
  const self = await sinkhorn(own, a, a, { epsilon, tolerance: 1e-5 / n, iterations: 300, ...(options.progress && { progress: options.progress }) });
  const pick = targetsOf(made.plan, n, m, new Stream(options.seed, 'transport'));
  const moved = source.columns.map((c) => (columns.includes(c.schema.name) ? (c.schema.storage === 'number' ? shift(c, target.column(c.schema.name), made.plan, self.plan, pick) : chosen(c, target.column(c.schema.name), pick)) : c));
  return { table: makeTable(source.schema, moved, n), epsilon: epsilon / middle, spread: spreadOf(), cost: made.cost };
}

/** For every source row a target row, drawn from its part of the plan; a stream of its own for each column. */
function targetsOf(plan: Float64Array, n: number, m: number, stream: Stream): () => Int32Array {
  return () => Int32Array.from({ length: n }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < m; j++) sum += plan[i * m + j]!;
    let left = stream.uniform() * sum, j = 0;
    while (j < m - 1 && (left -= plan[i * m + j]!) > 0) j++;
    return j;
  });
}

/** Mean of present values under each row's part of a plan; NaN where none is. */
function barycentres(plan: Float64Array, values: Float64Array): Float64Array {
  const m = values.length, n = plan.length / m;
  return Float64Array.from({ length: n }, (_, i) => { let sum = 0, mass = 0; for (let j = 0; j < m; j++) if (!Number.isNaN(values[j]!)) { sum += plan[i * m + j]! * values[j]!; mass += plan[i * m + j]!; } return mass > 0 ? sum / mass : NaN; });
}

function shift(source: Column, target: Column, plan: Float64Array, self: Float64Array, pick: () => Int32Array): Column {
  const own = source.numbers(), other = target.numbers(), to = barycentres(plan, other), from = barycentres(self, own), seen = other.filter((v) => !Number.isNaN(v)).sort(), low = seen[0] ?? NaN, high = seen.at(-1) ?? NaN, decimals = source.schema.number?.decimals ?? (source.schema.kind === 'real' ? 16 : 0);
  const missing = target.missingCount > 0 || source.missingCount > 0 ? pick() : undefined;
  const few = new Set(seen).size <= 12 ? [...new Set(seen)] : undefined;
  return numberColumn(source.schema, Float64Array.from(own, (v, i) => {
    // Whether a cell is missing goes with the targets: it is part of how that table is measured.
    if (missing && Number.isNaN(other[missing[i]!]!)) return NaN;
    const base = Number.isNaN(v) ? 0 : v - from[i]!, x = Math.min(high, Math.max(low, to[i]! + base));
    return few ? few.reduce((p, q) => (Math.abs(q - x) < Math.abs(p - x) ? q : p)) : decimals >= 16 ? x : onGrid(x, decimals);
  }));
}

function chosen(source: Column, target: Column, pick: () => Int32Array): Column {
  const words = [...source.categories()], place = target.categories().map((w) => { const at = words.indexOf(w); return at >= 0 ? at : words.push(w) - 1; }), codes = target.codes();
  return codeColumn(source.schema, Int32Array.from(pick(), (j) => (codes[j]! < 0 ? -1 : place[codes[j]!]!)), words);
}
