import { openDevice } from '../../engine';
import { logKernelSums } from '../../learners/neighbours';
import type { Figure } from '../../protocol';
import type { EvaluationContext, Metric } from '../metric';
import { membershipFigure } from './attack-figure';
import { clustersAt, halfOf } from './clusters';
import { crossedAuc } from './cross';
import { logConstant } from './bandwidth';
import { densitiesOf, scaled, type Densities } from './density';
import { distancesOf, pickPoints } from './distances';
import { crossedExposures } from './exposure-core';
import { noControl, type Bounds } from './leak';
import { attackAuc } from './membership-core';

const id = 'privacy.domias';

/**
 * DOMIAS (van Breugel, Sun, Qian & van der Schaar 2023): membership by the ratio of the synthetic density at a row to that of a *reference* table from the same
 * population, so that what is merely common is not taken for memorised. Estimand: the AUC between training rows and unseen rows for this table; .5 without a leak.
 * Both densities are kernel estimates with one bandwidth (density.ts).
 *
 * The reference must share no row with members or non-members (a reference that held the non-members would look like a leak). So the control is halved at
 * random: each half is the reference for the other half and for a random half of the training rows; within each of the two groups a member and a non-member
 * are scored in the same way. Whole clusters go to either half: a reference with other rows of the same people is dense around them, so that they seem to be no members.
 *
 * A cross-fitted release has no rows to spare for a reference: each row's density in a fold's table is taken relative to its mean over all folds' tables, which is
 * public knowledge of the same kind and says nothing of who was in which fold.
 */
export const metric: Metric = {
  async compute(context) {
    const d = await densitiesOf(context), distances = await distancesOf(context);
    if (!d || !distances || d.synthetic.control.length < 4) return noControl(id);
    const { member, score } = await domiasScores(d, context), { training, control } = distances.twins, twins = new Int32Array(training.length + control.length);
    twins.set(training); twins.set(control, training.length);
    const clusters = distances.clusters && Int32Array.from([...distances.clusters.training, ...distances.clusters.control]);
    const b = attackAuc({ member, score, twins, groups: distances.twinGroups, ...(clusters && { clusters }), members: training.length, others: control.length });
    return figure(b, { training: training.length, control: control.length, synthetic: d.placed.encoded.rows.synthetic, reference: Math.floor(control.length / 2) }, 'DeLong', d.bandwidth);
  },
  async cross(_, folds) {
    const e = await crossedExposures(folds);
    if (!e) return noControl(id);
    const b = crossedAuc(e.crossed), d = (await densitiesOf(folds[0].context))!;
    return figure(b, { control: b.rows, synthetic: folds.reduce((s, f) => s + f.context.synthetic.rows, 0), folds: folds.length }, 'influences of rows over folds', d.bandwidth);
  },
};

/** Log density ratios of the asked rows, training rows first; the two halves of the control take turns as the reference. */
export async function domiasScores(d: Densities, context: EvaluationContext): Promise<{ member: Float64Array; score: Float64Array; half: Uint8Array }> {
  const { encoded, asked } = d.placed, { bandwidth } = d, device = await openDevice(context.device), constant = logConstant(encoded, bandwidth);
  const n = asked.training.length, m = asked.control.length, half = new Uint8Array(n + m), clusters = clustersAt(d.placed.clusters, { training: asked.training, control: asked.control });
  for (const r of halfOf(n, context.seed, 'domias members', clusters?.training)) half[r] = 1;
  for (const r of halfOf(m, context.seed, 'domias reference', clusters?.control)) half[n + r] = 1;
  const points = (part: 'training' | 'control', rows: Int32Array) => scaled(pickPoints({ rows: encoded.rows[part], width: encoded.width, values: encoded.parts[part] }, rows), encoded, bandwidth);
  const score = new Float64Array(n + m), member = Float64Array.from(score, (_, i) => (i < n ? 1 : 0));
  for (const side of [0, 1]) {
    const of = (from: number, to: number, which: number) => Int32Array.from({ length: to - from }, (_, i) => i).filter(i => half[from + i] === which);
    const reference = points('control', of(n, n + m, 1 - side).map(i => asked.control[i])), rows = { training: of(0, n, side), control: of(n, n + m, side) };
    for (const part of ['training', 'control'] as const) {
      const sums = await logKernelSums(points(part, rows[part].map(i => asked[part][i])), reference, { device, progress: f => context.progress((side + f) / 2, 'densities of the reference') });
      rows[part].forEach((i, at) => { score[(part === 'control' ? n : 0) + i] = d.synthetic[part][i] - (sums[at] + constant - Math.log(reference.rows)); });
    }
  }
  return { member, score, half };
}

const figure = (b: Bounds & { low: number; high: number }, samples: Record<string, number>, method: string, bandwidth: Densities['bandwidth']): Figure =>
  membershipFigure(id, b, samples, method, { bandwidthNumbers: bandwidth.number, otherCategoryWeight: bandwidth.mismatch });
