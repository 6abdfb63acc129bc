/**
 * Source rows moved onto the target table by entropic optimal transport (Courty et al. 2017), joint with labels where there are some (Courty et al. 2017b): each keeps its outcome.
 * A row's numbers move by the barycentre of its targets less that of its own neighbourhood, the debiased map (Pooladian, Cuturi & Niles-Weed 2022), which does not shrink the cloud; then each column's values
 * are given the target's distribution by rank, the transport of one dimension: a map of means knows of no lumps, steps or codes. Categories are drawn among a row's targets', gaps lie as in one of them.
 * Its mass is spread over several target rows at least, so that none of them is repeated.
 */
import { fitDense } from '../../learners/dense';
import { concatRows as concatFeatures, encodeFeatures, type FeatureMatrix } from '../../learners/features';
import { quantile } from '../../learners/intervals';
import { sinkhorn, spreads, squaredDistances } from '../../learners/transport';
import { Stream } from '../../random';
import { codeColumn, makeTable, mergeDictionaries, numberColumn } from '../../table/columns';
import { onGrid } from '../../table/number-format';
import type { Column, Table } from '../../table/table';

/** Most rows on each side: the plan is quadratic. */
export const mostTransported = 2500;
/** How labels count, as a part of what the farthest tenth of pairs costs; and the target rows that a source row's mass is spread over at the median, at least (the value protection of transport). */
export interface Setting { labels: number; spread: number }
/** Where nothing tells how: by the columns alone. */
export const plainSetting: Setting = { labels: 0, spread: 24 };

export interface Transported { table: Table; epsilon: number; spread: number; cost: number }

/**
 * @param labels class of every source and target row, -1 unknown: a labelled pair of unequal classes costs `setting.labels` times as much as the farthest tenth of pairs
 * @param epsilon where to begin, in units of the median cost: doubled until mass is spread as `setting` says
 * @returns source rows (all columns), the `columns` moved
 */
export async function transport(source: Table, target: Table, columns: readonly string[], options: { seed: number; labels?: { source: Int8Array; target: Int8Array }; setting?: Setting; epsilon?: number; iterations?: number; progress?: () => Promise<void> }): Promise<Transported> {
  const [xs, xt] = encodeFeatures([source, target], columns) as [FeatureMatrix, FeatureMatrix], dense = fitDense(concatFeatures([xs, xt])), s = dense.encode(xs), t = dense.encode(xt), n = source.rows, m = target.rows;
  const cost = squaredDistances(s.values, t.values, s.width), a = new Float64Array(n).fill(1 / n), b = new Float64Array(m).fill(1 / m), own = squaredDistances(s.values, s.values, s.width), middle = quantile(cost, 0.5);
  const { labels, seed, iterations = 300, progress } = options, setting = options.setting ?? plainSetting;
  if (labels && setting.labels > 0) {
    const far = setting.labels * quantile(cost, 0.9), part = (c: Float64Array, p: Int8Array, q: Int8Array): void => { for (let i = 0, at = 0; i < p.length; i++) for (let j = 0; j < q.length; j++, at++) if (p[i]! >= 0 && q[j]! >= 0 && p[i] !== q[j]) c[at]! += far; };
    part(cost, labels.source, labels.target);
    // Its own neighbourhood is by class too: against one of both classes, what tells them apart would be added to the rows a second time.
    part(own, labels.source, labels.source);
  }
  const run = (c: Float64Array, to: Float64Array): ReturnType<typeof sinkhorn> => sinkhorn(c, a, to, { epsilon, tolerance: 1e-5 / n, iterations, ...(progress && { progress }) });
  let epsilon = (options.epsilon ?? 0.02) * middle, made = await run(cost, b);
  const spreadOf = (): number => quantile(spreads(made.plan, n), 0.5);
  while (spreadOf() < Math.min(setting.spread, m / 2) && epsilon < 4 * middle) { epsilon *= 2; made = await run(cost, b); }
  const self = await run(own, a), stream = new Stream(seed, 'transport'), pick = targetsOf(made.plan, n, m, stream), gaps = pick();
  const moved = source.columns.map((c) => (columns.includes(c.schema.name) ? (c.schema.storage === 'number' ? shift(c, target.column(c.schema.name), made.plan, self.plan, gaps, stream) : chosen(c, target.column(c.schema.name), gaps, pick)) : c));
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

/** @param gaps a target row for each: whether a cell is missing goes with it, in all columns alike; it is part of how that table is measured */
function shift(source: Column, target: Column, plan: Float64Array, self: Float64Array, gaps: Int32Array, stream: Stream): Column {
  const own = source.numbers(), other = target.numbers(), to = barycentres(plan, other), from = barycentres(self, own), decimals = source.schema.number?.decimals ?? (source.schema.kind === 'real' ? 16 : 0);
  const seen = other.filter((v) => !Number.isNaN(v)).sort(), out = new Float64Array(own.length).fill(NaN), ties = Float64Array.from(own, () => stream.uniform());
  const moved = Float64Array.from(own, (v, i) => to[i]! + (Number.isNaN(v) ? 0 : v - from[i]!)), present = Int32Array.from(own.keys()).filter((i) => !Number.isNaN(other[gaps[i]!]!)).sort((p, q) => moved[p]! - moved[q]! || ties[p]! - ties[q]!);
  // Between two of the target's values where they differ, so that one that is a single row's is not repeated; where few are met by many, those.
  const lumps = new Set(seen).size <= Math.max(12, seen.length / 8);
  present.forEach((i, rank) => {
    const at = ((rank + 0.5) / present.length) * (seen.length - 1), k = Math.floor(at), low = seen[k]!, high = seen[Math.min(seen.length - 1, k + 1)]!;
    const v = lumps ? seen[Math.round(at)]! : low + (at - k) * (high - low);
    out[i] = lumps || decimals >= 16 ? v : onGrid(v, decimals);
  });
  return numberColumn(source.schema, out);
}

function chosen(source: Column, target: Column, gaps: Int32Array, pick: () => Int32Array): Column {
  const { categories, places: [, place] } = mergeDictionaries([source.categories(), target.categories()]), codes = target.codes(), seen = pick();
  // A cell that is there gets a value of a row that has one.
  return codeColumn(source.schema, Int32Array.from(gaps, (g, i) => (codes[g]! < 0 ? -1 : place![codes[seen[i]!]! < 0 ? codes[g]! : codes[seen[i]!]!]!)), categories);
}
