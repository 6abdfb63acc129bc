import type { EvaluationContext, Fold } from '../metric';
import type { Clusters } from './clusters';
import { cross, type Crossed } from './cross';
import { bandwidthOf, densitiesOf, type Densities } from './density';
import { mostOutlying } from './membership-core';
import { distancesOf } from './distances';

/**
 * How far the synthetic density bends toward each real row, in nats.
 *
 * - A cross-fitted release: mean log-density of the row in the tables whose models learnt it, less that in the table whose model did not: the leave-out memorisation
 *   score of van den Burg & Williams (2021, section 4), with a density estimated from each table in the place of the model's own.
 * - One model: log-density in the synthetic table less that among all *other* real rows. The row's removal is then simulated on the side of the
 *   reference only; a row that is easy or hard to model may score high or low by itself, which control rows show: they are scored in the same way and were never
 *   learnt, so a training row is *more exposed than 99% of unseen people*, or not.
 *
 * In means, scores are cut at +-ln 1000: beyond that a kernel estimate says how far the nearest rows are, not how many.
 */
export interface Exposures {
  training: Float64Array; control: Float64Array;
  /** For each training score its row among the encoded training rows. */
  rows: Int32Array;
  /** How far each row lies from other real rows. */
  outlyingness: Record<'training' | 'control', Float64Array>;
  clusters?: Clusters;
  /** Synthetic rows whose density it is. */
  synthetic: number;
  bandwidth: { number: number; mismatch: number };
}

export const mostNats = Math.log(1000);
export const cut = (x: number) => Math.max(-mostNats, Math.min(mostNats, x));

export const exposuresOf = (context: EvaluationContext): Promise<Exposures | undefined> => context.shared('exposures', async () => {
  const d = await densitiesOf(context), distances = d && (await distancesOf(context));
  return d && distances && { ...scores(d), rows: d.placed.asked.training, outlyingness: distances.outlyingness, ...(distances.clusters && { clusters: distances.clusters }), synthetic: d.placed.encoded.rows.synthetic, bandwidth: d.bandwidth };
});

/** Scores of rows whose densities are known. */
export function scores(d: Densities): { training: Float64Array; control: Float64Array } {
  const of = (part: 'training' | 'control') => d.synthetic[part].map((s, i) => s - d.others[part][i]);
  return { training: of('training'), control: of('control') };
}

export interface CrossedExposures { crossed: Crossed; /** of each row of the source */ scores: Float64Array; outlyingness: Float64Array }

/** Exposure of every row of a cross-fitted release. Undefined where some fold did not ask about every row. */
export async function crossedExposures(folds: readonly Fold[]): Promise<CrossedExposures | undefined> {
  // one bandwidth for all folds: the first one's, whose training and control rows are the whole source like every other's
  const [first] = folds, bandwidth = (await densitiesOf(first.context)) && (await bandwidthOf(first.context));
  if (!bandwidth) return undefined;
  for (const f of folds) await f.context.shared('bandwidth', async () => bandwidth);
  const outlying: { training: Float64Array; control: Float64Array }[] = [];
  let whole = true;
  const crossed = await cross(folds, async f => {
    const d = await densitiesOf(f.context), distances = await distancesOf(f.context);
    if (!d || !distances || d.synthetic.training.length !== f.rows.training.length || d.synthetic.control.length !== f.rows.control.length) { whole = false; return { training: [], control: [] }; }
    outlying.push(distances.outlyingness);
    return d.synthetic;
  });
  if (!whole) return undefined;
  const n = crossed.fold.length, K = folds.length, scores = new Float64Array(n), outlyingness = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let all = 0;
    for (let k = 0; k < K; k++) all += crossed.scores[k][i];
    const own = crossed.scores[crossed.fold[i]][i];
    scores[i] = (all - own) / (K - 1) - own;
  }
  first.rows.training.forEach((r, i) => { outlyingness[r] = outlying[0].training[i]; });
  first.rows.control.forEach((r, i) => { outlyingness[r] = outlying[0].control[i]; });
  return { crossed: { fold: crossed.fold, scores: centred(crossed.scores) }, scores, outlyingness };
}

/** Each row's scores about their own mean over the tables, cut: what a row has in common over all tables says nothing of who learnt it. */
export function centred(scores: readonly Float64Array[]): Float64Array[] {
  const K = scores.length, mean = scores[0].map((_, i) => scores.reduce((s, x) => s + x[i], 0) / K);
  return scores.map(s => s.map((x, i) => cut(x - mean[i])));
}

export const outlierShare = 0.05;

/** Share of all positive exposure that the 5% most outlying rows carry; 5% would be their fair part. */
export function carriedByOutliers(scores: Float64Array, outlyingness: Float64Array): number {
  let all = 0, theirs = 0;
  for (const s of scores) all += Math.max(0, cut(s));
  for (const i of mostOutlying(outlyingness, outlierShare)) theirs += Math.max(0, cut(scores[i]));
  return all > 0 ? theirs / all : 0;
}
