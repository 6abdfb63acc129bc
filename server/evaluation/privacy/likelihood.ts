import type { Figure } from '../../protocol';
import type { EvaluationContext, Fold, Metric } from '../metric';
import { controlViewOf } from '../view';
import { membershipFigure } from './attack-figure';
import { clustersAt, clustersOf } from './clusters';
import { cross, crossedAuc, crossedTpr } from './cross';
import { crossedExcess, meanExcess, type Excess } from './excess';
import { centred } from './exposure-core';
import { noControl, notAssessable, type Bounds } from './leak';
import { attackAuc, attackTpr, type Subset } from './membership-core';
import { HashGroups, hashSpace, rowHashes } from './row-hash';

const id = 'privacy.likelihood';

/**
 * Membership by the likelihood of the model that made the table: the attacker holds the model (not only what it drew), and takes rows that it finds likely for rows it has learnt.
 *
 * - One model: one threshold for all rows on log p(row) (Yeom, Giacomelli, Fredrikson & Jha 2018; the "LOSS attack" and global threshold of Carlini et al. 2022). Rows that are likely
 *   under any model count as members too, so that this attack is weaker than one with shadow models.
 * - A cross-fitted release: every row's log p in the models that learnt it against that in the model that did not, which is the likelihood-ratio attack with the other folds' models as
 *   shadows (LiRA, Carlini et al. 2022, section V; the memorisation score of van den Burg & Williams 2021). What makes a row easy is in all of them and cancels.
 *
 * Its control are the rows held back, its baseline guessing (.5). It says nothing of what the *table* shows, and takes no part in the privacy verdict: the other attacks do.
 */
export const metric: Metric = {
  async compute(context) {
    const missing = why(context);
    if (missing) return missing;
    const { training, control } = context.likelihood!, n = training.rows.length, m = control.rows.length, clusters = clustersAt(await clustersOf(context), { training: training.rows, control: control.rows });
    const subset: Subset = { member: Float64Array.from({ length: n + m }, (_, i) => Number(i < n)), score: Float64Array.from([...training.nats, ...control.nats]), ...(await twinsOf(context)), ...(clusters && { clusters: Int32Array.from([...clusters.training, ...clusters.control]) }), members: n, others: m };
    const tpr = attackTpr(subset, 0.01);
    return figure(attackAuc(subset), meanExcess(training.nats, control.nats, clusters), tpr.tpr, { training: n, control: m }, 'DeLong');
  },
  async cross(_, folds) {
    const missing = folds.map(f => why(f.context)).find(x => x);
    if (missing) return missing;
    if (folds.some(whole)) return notAssessable(id, 'Not every row\'s likelihood is known in every fold.', {}, 'undecided');
    const raw = await cross(folds, async ({ context: { likelihood } }) => ({ training: likelihood!.training.nats, control: likelihood!.control.nats })), c = { ...raw, scores: centred(raw.scores) };
    return figure(crossedAuc(c), crossedExcess(raw), crossedTpr(c, 0.01).tpr, { control: raw.fold.length, folds: folds.length }, 'influences of rows over folds');
  },
};

const whole = ({ rows, context: { likelihood } }: Fold): boolean => likelihood!.training.rows.length !== rows.training.length || likelihood!.control.rows.length !== rows.control.length;

/** Why there is nothing to compute, as a figure. */
function why(context: EvaluationContext): Figure | undefined {
  if (!context.control) return noControl(id);
  if (!context.likelihood) return notAssessable(id, 'Only runs of generators with a likelihood (autoregressive, transformer, flow, score-sde, gaussian-mixture, independent) can be asked: the model itself must be at hand, not only its table.');
  if (context.controlWithout?.length) return notAssessable(id, 'The control has other times than the rest, and the likelihood of a row is that of all its columns, the time too: it would tell the two apart whatever was learnt.');
  return undefined;
}

/** Which of the rows asked about are the same, numbered over both tables. */
async function twinsOf(context: EvaluationContext): Promise<{ twins: Int32Array; groups: number }> {
  const view = await controlViewOf(context), { training, control } = context.likelihood!, n = training.rows.length, all = hashSpace(n + control.rows.length);
  for (const [part, { rows }, at] of [['training', training, 0], ['control', control, n]] as const) {
    const h = rowHashes(view, part);
    rows.forEach((r, i) => { all.lo[at + i] = h.lo[r]; all.hi[at + i] = h.hi[r]; });
  }
  const { groupOf, groups } = new HashGroups(all);
  return { twins: groupOf, groups };
}

const figure = (b: Bounds & { low: number; high: number }, nats: Excess, tpr: number, samples: Record<string, number>, method: string): Figure =>
  membershipFigure(id, b, samples, method, { tprAt1: tpr, excessNats: nats.estimate, excessNatsUpper95: nats.upper, trainingNats: nats.member, controlNats: nats.other });
