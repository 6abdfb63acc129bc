import type { EvaluationContext, Fold } from '../metric';
import { controlTables, controlViewOf, makeView, type Part, type View } from '../view';
import { sampleRows } from '../features';
import { clustersAt, clustersOf, type Clusters } from './clusters';
import { rowHashes, HashGroups, hashSpace } from './row-hash';
import { encode, type Encoded } from './encode';
import { openSearch, type Points, type Search } from './nearest';

/**
 * All nearest-row distances that the privacy figures read, found once. Euclidean in the encoding of encode.ts; exact.
 * Tables of more than `mostRows` rows (or `mostCells` encoded cells) enter with that many rows drawn at random, and rows that ask are drawn too where all of them would take more than
 * `mostWork` multiplications a search; `sampled` says so.
 */
export interface Distances {
  /** From each asked row to its nearest row. Arrays of one part run over the same rows. */
  syntheticToTraining: Float64Array; controlToTraining: Float64Array;
  trainingToSynthetic: Float64Array; controlToSynthetic: Float64Array;
  /** From the same synthetic rows to equally many training and control rows. */
  syntheticToEqualTraining: Float64Array; syntheticToEqualControl: Float64Array; equalRows: number;
  /** Of each asked real row among the other real rows: distance to the nearest, and mean distance to the five nearest (how outlying it is). */
  realNearest: Record<'training' | 'control', Float64Array>; outlyingness: Record<'training' | 'control', Float64Array>;
  /** Groups of identical real rows among the asked ones, numbered over training and control together. */
  twins: Record<'training' | 'control', Int32Array>; twinGroups: number;
  /** The clusters that asked real rows come in, where they do (clusters.ts). */
  clusters?: Clusters;
  rows: Record<Part, number>; asked: Record<Part, number>; sampled: boolean;
}

export const mostRows = 200_000, mostCells = 6e7, mostWork = 3e11, mostReference = 10_000, outlierNeighbours = 5;

/** @returns undefined without a control: the metrics that read distances need one */
export const distancesOf = (context: EvaluationContext): Promise<Distances | undefined> => context.shared('distances', async () => {
  const placed = await placedOf(context);
  return placed && findDistances(placed, context, await openSearch(context));
});

/** The rows that distances and densities are computed from, as points, and which of each part are asked about; the same for all figures. */
export interface Placed {
  view: View; encoded: Encoded; asked: Record<Part, Int32Array>; /** of the encoded rows */ clusters?: Clusters;
  /** Rows of the context's tables that entered, where not all did. */
  kept: Partial<Record<Part, Int32Array>>;
}

/** @returns undefined without a control */
export const placedOf = (context: EvaluationContext): Promise<Placed | undefined> => context.shared('placed', async () => {
  if (!context.control || context.control.rows < 2 || context.training.rows < 2 || context.synthetic.rows < 1) return undefined;
  const { view, clusters, kept } = await distanceView(context), encoded = encode(view), { rows } = view;
  const base = Math.max(rows.training, rows.synthetic, 1), affordable = Math.max(2000, Math.floor(mostWork / (base * encoded.width)));
  const asked = Object.fromEntries((['training', 'synthetic', 'control'] as const).map(p => [p, sampleRows(rows[p], affordable, context.seed, `asked ${p}`).slice().sort()])) as Record<Part, Int32Array>;
  return { view, encoded, asked, kept, ...(clusters && { clusters }) };
});

/** Some rows of a part, as points. */
export function pickPoints(all: Points, chosen: Int32Array): Points {
  if (chosen.length === all.rows) return all;
  const { width } = all, values = new Float32Array(chosen.length * width);
  chosen.forEach((r, i) => values.set(all.values.subarray(r * width, (r + 1) * width), i * width));
  return { rows: chosen.length, width, values, ...(all.spans && { spans: all.spans }) };
}

/** The folds' distances to their own training rows, one after the other; undefined where a fold has no control. `training` is the mean number of rows. */
export async function crossedDistances(folds: readonly Fold[]): Promise<{ syntheticToTraining: Float64Array; controlToTraining: Float64Array; training: number } | undefined> {
  const all: Distances[] = [];
  for (const f of folds) {
    const d = await distancesOf(f.context);
    if (!d) return undefined;
    all.push(d);
  }
  const join = (pick: (d: Distances) => Float64Array) => Float64Array.from(all.flatMap(d => Array.from(pick(d))));
  return { syntheticToTraining: join(d => d.syntheticToTraining), controlToTraining: join(d => d.controlToTraining), training: Math.round(all.reduce((s, d) => s + d.rows.training, 0) / all.length) };
}

async function distanceView(context: EvaluationContext): Promise<{ view: View; clusters?: Clusters; kept: Placed['kept'] }> {
  const tables = controlTables(context), view = await controlViewOf(context), width = view.columns.reduce((s, c) => s + (c.type === 'number' ? 2 : Math.min(c.categories.length, 100) + 2), 1);
  const most = Math.min(mostRows, Math.max(1000, Math.floor(mostCells / width)));
  const clusters = await clustersOf(context);
  if (Object.values(tables).every(t => t.rows <= most)) return { view, kept: {}, ...(clusters && { clusters }) };
  const kept: Placed['kept'] = Object.fromEntries(Object.entries(tables).map(([part, t]) => [part, t.rows <= most ? undefined : sampleRows(t.rows, most, context.seed, `distance ${part}`).slice().sort()]));
  const cut = makeView(Object.fromEntries(Object.entries(tables).map(([part, t]) => [part, kept[part as Part] ? t.take(kept[part as Part]!) : t])) as typeof tables);
  const whole = (part: 'training' | 'control') => kept[part] ?? Int32Array.from({ length: tables[part]?.rows ?? 0 }, (_, i) => i), chosen = clusters && clustersAt(clusters, { training: whole('training'), control: whole('control') });
  return { view: cut, kept, ...(chosen && { clusters: chosen }) };
}

async function findDistances({ view, encoded, asked: chosen, clusters }: Placed, context: EvaluationContext, nearest: Search): Promise<Distances> {
  const { width, parts, spans } = encoded, { rows } = view, { seed } = context, pick = pickPoints;
  const kept = (p: Part): Points => ({ rows: rows[p], width, values: parts[p], spans, kept: {} }), whole: Record<Part, Points> = { training: kept('training'), synthetic: kept('synthetic'), control: kept('control') }, points = (part: Part): Points => whole[part];
  const asked = Object.fromEntries((['training', 'synthetic', 'control'] as const).map(p => [p, pick(points(p), chosen[p])])) as Record<Part, Points>;
  const search = async (from: Points, to: Points, done: number, k = 1) => nearest(from, to, k, f => context.progress((done + f) / 7, 'nearest rows'));

  const equalRows = Math.min(rows.training, rows.control), equal = (part: Part) => sampleRows(rows[part], equalRows, seed, `equal ${part}`).slice().sort();
  // the training rows in two pieces, one as large as the control: the nearest of all is the nearer of the two
  const half = equal('training'), inHalf = new Uint8Array(rows.training);
  for (const r of half) inHalf[r] = 1;
  const rest = Int32Array.from(inHalf.keys()).filter(r => !inHalf[r]);
  const controlToTraining = (await search(asked.control, points('training'), 0)).distances;
  const trainingToSynthetic = (await search(asked.training, points('synthetic'), 1)).distances;
  const controlToSynthetic = (await search(asked.control, points('synthetic'), 2)).distances;
  const syntheticToEqualControl = (await search(asked.synthetic, pick(points('control'), equal('control')), 3)).distances;
  const syntheticToEqualTraining = (await search(asked.synthetic, pick(points('training'), half), 4)).distances;
  const toRest = rest.length ? (await search(asked.synthetic, pick(points('training'), rest), 5)).distances : syntheticToEqualTraining;
  const syntheticToTraining = syntheticToEqualTraining.map((x, i) => Math.min(x, toRest[i]));

  // other real rows: one reference sample of training and control together, the asked row itself left out
  const union = rows.training + rows.control, reference = sampleRows(union, mostReference, seed, 'reference').slice().sort();
  const firstControl = reference.findIndex(r => r >= rows.training), cut = firstControl < 0 ? reference.length : firstControl;
  const a = pick(points('training'), reference.subarray(0, cut)), b = pick(points('control'), reference.subarray(cut).map(r => r - rows.training));
  const values = new Float32Array((a.rows + b.rows) * width);
  values.set(a.values.subarray(0, a.rows * width)); values.set(b.values.subarray(0, b.rows * width), a.rows * width);
  const others: Points = { rows: reference.length, width, values, spans, kept: {} }, place = new Map(Array.from(reference, (r, i) => [r, i]));
  const among = async (part: 'training' | 'control', done: number) => {
    const k = Math.min(outlierNeighbours, reference.length - 1), found = await search(asked[part], others, done, k + 1);
    const nearest = new Float64Array(asked[part].rows), mean = new Float64Array(asked[part].rows);
    for (let i = 0; i < nearest.length; i++) {
      const self = place.get(chosen[part][i] + (part === 'control' ? rows.training : 0)) ?? -1;
      // leave out the row itself; where ties pushed it out of the list, another row at distance zero goes in its stead
      let skip = -1;
      if (self >= 0) { skip = k; for (let j = 0; j <= k; j++) if (found.indices[i * (k + 1) + j] === self) skip = j; if (skip === k && found.indices[i * (k + 1) + k] !== self) skip = 0; }
      else skip = k;
      let sum = 0, first = Number.NaN;
      for (let j = 0; j <= k; j++) if (j !== skip) { const d = found.distances[i * (k + 1) + j]; if (first !== first) first = d; sum += d; }
      nearest[i] = first; mean[i] = sum / k;
    }
    return { nearest, mean };
  };
  const training = await among('training', 6), control = await among('control', 6.7);
  const t = rowHashes(view, 'training'), c = rowHashes(view, 'control'), all = hashSpace(chosen.training.length + chosen.control.length);
  chosen.training.forEach((r, i) => { all.lo[i] = t.lo[r]; all.hi[i] = t.hi[r]; });
  chosen.control.forEach((r, i) => { all.lo[chosen.training.length + i] = c.lo[r]; all.hi[chosen.training.length + i] = c.hi[r]; });
  const { groupOf, groups } = new HashGroups(all);
  return {
    syntheticToTraining, controlToTraining, trainingToSynthetic, controlToSynthetic, syntheticToEqualTraining, syntheticToEqualControl, equalRows,
    realNearest: { training: training.nearest, control: control.nearest }, outlyingness: { training: training.mean, control: control.mean },
    twins: { training: groupOf.slice(0, chosen.training.length), control: groupOf.slice(chosen.training.length) }, twinGroups: groups,
    ...(clusters && { clusters: clustersAt(clusters, chosen)! }),
    rows: { ...rows }, asked: { training: chosen.training.length, synthetic: chosen.synthetic.length, control: chosen.control.length },
    sampled: (['training', 'synthetic', 'control'] as const).some(p => chosen[p].length < (p === 'control' ? context.control! : context[p]).rows),
  };
}
