import { Stream } from '../../random';
import { rowKeys } from '../../table/split';
import { sampleRows } from '../features';
import type { EvaluationContext } from '../metric';
import { moments } from '../statistics';
import { viewOf, type NumberView } from '../view';

/** Which rows belong together: one number for each cluster, over both tables; none has rows of both. */
export type Clusters = Record<'training' | 'control', Int32Array>;

/**
 * Rows of one person resemble each other, as do those of one stretch of time where the control has other times than the rest: either tells less of a difference between the two tables than as many rows of
 * their own would. Undefined where rows stand alone.
 */
export const clustersOf = (context: EvaluationContext): Promise<Clusters | undefined> => context.shared('clusters', async () => {
  const entities = entitiesOf(context);
  if (entities || !context.control) return entities;
  const times = (await viewOf(context)).columns.find((c): c is NumberView => c.type === 'number' && c.name === context.controlWithout?.[0]);
  return times && stretchesOf(times.values('training'), times.values('control'));
});

/** The clusters of some rows. */
export const clustersAt = (clusters: Clusters | undefined, rows: Clusters): Clusters | undefined =>
  clusters && { training: rows.training.map(r => clusters.training[r]), control: rows.control.map(r => clusters.control[r]) };

/** Whose each row is, where that was declared. */
function entitiesOf({ entity, keys, training, control }: EvaluationContext): Clusters | undefined {
  if (entity === undefined || keys?.training.rows !== training.rows || keys.control === undefined || keys.control.rows !== control?.rows) return undefined;
  const [own, others] = rowKeys([keys.training, keys.control], [entity]), n = own.reduce((m, k) => Math.max(m, k), -1) + 1;
  // the same name in both tables is not the same person: neither table's rows were learnt with the other's
  return { training: own, control: others.map(k => k + n) };
}

/** Whose each synthetic row is, where that was declared. */
export function syntheticEntities({ entity, keys, synthetic }: Pick<EvaluationContext, 'entity' | 'keys' | 'synthetic'>): Int32Array | undefined {
  return entity !== undefined && keys?.synthetic.rows === synthetic.rows ? rowKeys([keys.synthetic], [entity])[0] : undefined;
}

/** Rows in a stretch of time: a hundredth of the table's, and 8 at least. */
export const stretchOf = (rows: number): number => Math.max(8, Math.ceil(rows / 100));

/** About a hundred stretches of neighbouring rows in time, at least 8 rows long, none with rows of both tables. */
export function stretchesOf(training: Float64Array, control: Float64Array): Clusters {
  const n = training.length, total = n + control.length, longest = stretchOf(total), time = (r: number) => (r < n ? training[r] : control[r - n]);
  const order = Int32Array.from({ length: total }, (_, r) => r).sort((a, b) => time(a) - time(b) || a - b), stretch = new Int32Array(total);
  let number = -1, length = 0;
  order.forEach((r, at) => {
    if (at === 0 || length === longest || (r < n) !== (order[at - 1] < n)) { number++; length = 0; }
    stretch[r] = number; length++;
  });
  return { training: stretch.slice(0, n), control: stretch.slice(n) };
}

/** A random half of so many rows; whole clusters of them, where they come in clusters. */
export function halfOf(rows: number, seed: number, purpose: string, clusters?: Int32Array): Int32Array {
  const most = Math.floor(rows / 2);
  if (!clusters) return sampleRows(rows, most, seed, purpose);
  const first = firstOf(new Stream(seed, purpose).shuffle(Int32Array.from(new Set(clusters))), clusters, most);
  return Int32Array.from({ length: rows }, (_, i) => i).filter(i => first.has(clusters[i]));
}

/** The first clusters that together have so many rows, or the fewest beyond; never all of several. */
export function firstOf(order: Int32Array, clusters: Int32Array, rows: number): Set<number> {
  const size = new Map<number, number>(), out = new Set<number>();
  for (const c of clusters) size.set(c, (size.get(c) ?? 0) + 1);
  for (let i = 0, n = 0; i < order.length && n < rows && (i === 0 || i < order.length - 1); i++) { out.add(order[i]); n += size.get(order[i])!; }
  return out;
}

/** So many rows, and so many successes among them, as the clusters tell of: for the interval of a share. */
export function effective(flags: ArrayLike<number>, clusters?: Int32Array): { successes: number; rows: number } {
  let k = 0;
  for (let i = 0; i < flags.length; i++) k += flags[i];
  const design = clusters ? designEffect({ values: flags, clusters }) : 1;
  return { successes: k / design, rows: flags.length / design };
}

/** Root of the summed squares of the clusters' summed influences: a standard error that counts each cluster once (Obuchowski 1997). */
export function clusteredSpread(influence: ArrayLike<number>, cluster: Int32Array): number {
  return Math.sqrt(clusteredSquares(influence, cluster).squares);
}

function clusteredSquares(influence: ArrayLike<number>, cluster: Int32Array): { squares: number; clusters: number } {
  const sums = new Map<number, number>();
  for (let i = 0; i < influence.length; i++) sums.set(cluster[i], (sums.get(cluster[i]) ?? 0) + influence[i]);
  let squares = 0;
  for (const x of sums.values()) squares += x * x;
  return { squares, clusters: sums.size };
}

/** The squared spread of one table's rows over clusters, enlarged by k / (k - 1), since few clusters spread less about their own mean. */
export function clusteredVariance(influence: ArrayLike<number>, cluster: Int32Array): number {
  const { squares, clusters } = clusteredSquares(influence, cluster);
  return clusters > 1 ? (clusters / (clusters - 1)) * squares : squares;
}

/**
 * How many rows of a cluster tell as much as one that stands alone: by how much the variance of a mean, or of a difference of two, grows when clusters and not rows are counted (Kish 1965, Survey
 * Sampling, section 5.4); at least 1. Where no row differs from another, or a table is one cluster, nothing is known of how alike they are, and a cluster counts as one row.
 * @param parts a figure for each row, by table, and the rows' clusters
 */
export function designEffect(...parts: ReadonlyArray<{ values: ArrayLike<number>; clusters: Int32Array }>): number {
  let alone = 0, together = 0, sizes = 0, rows = 0, fewest = Infinity;
  for (const { values, clusters } of parts) {
    const { mean } = moments(values), n = values.length, influence = Float64Array.from({ length: n }, (_, i) => (values[i] - mean) / n);
    alone += influence.reduce((s, x) => s + x * x, 0);
    together += clusteredVariance(influence, clusters);
    const size = clusteredSquares(new Float64Array(n).fill(1), clusters);
    sizes += size.squares; rows += n; fewest = Math.min(fewest, size.clusters);
  }
  return alone > 0 && fewest > 1 ? Math.max(1, together / alone) : Math.max(1, sizes / Math.max(1, rows));
}
