import type { EvaluationContext, Fold } from '../metric';
import { clusteredSpread, clusteredVariance } from './clusters';
import { cross, type Crossed } from './cross';
import { normalQuantile } from '../../learners/distributions';
import { tprAtFpr, twoProportions } from '../../learners/metrics';
import { macroAuc } from '../scores';
import { accusationLevel, accusationTwoSided, boundLevel, boundTwoSided, detectZ, type Bounds } from './leak';
import { distancesOf, type Distances } from './distances';

/**
 * Membership inference without knowing the generator: training rows are members, control rows are not, and an attacker guesses by how near a row lies to the
 * synthetic table. All asked rows of both take part; unequal numbers do no harm, since the statistics compare one member with one non-member.
 *
 * - `plain`: minus the distance to the nearest synthetic row (the distance attack of Chen et al. 2020, GAN-Leaks, black box);
 * - `calibrated`: the logarithm of the distance to the nearest *other real* row over that to the nearest synthetic row: how much nearer the
 *   synthetic table comes than people come to each other there (difficulty calibration, Watson et al. 2022; the density-ratio idea of DOMIAS,
 *   van Breugel et al. 2023). It sees copies in crowded regions, which plain distance does not. A thousandth of the median distance is added to both.
 */
export interface Attack { member: Float64Array; plain: Float64Array; calibrated: Float64Array; outlyingness: Float64Array; twins: Int32Array; twinGroups: number; clusters?: Int32Array; distances: Distances }

export const attackOf = (context: EvaluationContext): Promise<Attack | undefined> => context.shared('attack', async () => {
  const d = await distancesOf(context);
  if (!d) return undefined;
  const join = (a: ArrayLike<number>, b: ArrayLike<number>) => { const out = new Float64Array(a.length + b.length); out.set(a); out.set(b, a.length); return out; };
  const toSynthetic = join(d.trainingToSynthetic, d.controlToSynthetic), toReal = join(d.realNearest.training, d.realNearest.control);
  const sorted = toReal.slice().sort(), small = 1e-3 * (sorted[sorted.length >> 1] || 1);
  return {
    member: Float64Array.from(toSynthetic, (_, i) => (i < d.trainingToSynthetic.length ? 1 : 0)), plain: toSynthetic.map(x => -x),
    calibrated: toSynthetic.map((x, i) => Math.log((toReal[i] + small) / (x + small))),
    outlyingness: join(d.outlyingness.training, d.outlyingness.control), twins: Int32Array.from(join(d.twins.training, d.twins.control)), twinGroups: d.twinGroups,
    ...(d.clusters && { clusters: Int32Array.from(join(d.clusters.training, d.clusters.control)) }), distances: d,
  };
});

/** The attacks on the folds of a cross-fitted release, over all real rows; `outlyingness` is a row's own, whatever the fold. Undefined where a fold has no control. */
export async function crossedAttack(folds: readonly Fold[]): Promise<{ plain: Crossed; calibrated: Crossed; outlyingness: Float64Array } | undefined> {
  const attacks: Attack[] = [];
  for (const f of folds) {
    const a = await attackOf(f.context);
    // every row must have been asked in every fold, or rows could not be compared with themselves
    if (!a || a.member.length !== f.rows.training.length + f.rows.control.length) return undefined;
    attacks.push(a);
  }
  const part = (pick: (a: Attack) => Float64Array) => cross(folds, async f => {
    const all = pick(attacks[folds.indexOf(f)]), n = f.rows.training.length;
    return { training: all.subarray(0, n), control: all.subarray(n) };
  });
  return { plain: await part(a => a.plain), calibrated: await part(a => a.calibrated), outlyingness: (await part(a => a.outlyingness)).scores[0] };
}

/** The most outlying share of the rows. */
export function mostOutlying(outlyingness: Float64Array, share: number): Int32Array {
  const order = Int32Array.from(outlyingness.keys()).sort((a, b) => outlyingness[b] - outlyingness[a] || a - b);
  return order.subarray(0, Math.ceil(share * order.length));
}

export interface Subset { member: Float64Array; score: Float64Array; twins: Int32Array; groups: number; clusters?: Int32Array; members: number; others: number }

/** The rows an attack is judged on: all, or the most outlying share. */
export function subset(attack: Attack, score: Float64Array, outlying?: number): Subset {
  let rows: Int32Array | undefined;
  if (outlying !== undefined) {
    rows = mostOutlying(attack.outlyingness, outlying);
  }
  const take = <T extends Float64Array | Int32Array>(v: T): T => (rows ? (v.constructor as unknown as { from(x: Iterable<number>): T }).from(Array.from(rows, r => v[r])) : v);
  const member = take(attack.member), members = member.reduce((s, m) => s + m, 0);
  return { member, score: take(score), twins: take(attack.twins), groups: attack.twinGroups, ...(attack.clusters && { clusters: take(attack.clusters) }), members, others: member.length - members };
}

/**
 * AUC of an attack with bounds; identical rows count as one observation (their influences are added before squaring; Mann & Whitney 1947 for the null), and so
 * do the rows of one cluster (clusters.ts), whichever spreads wider (Obuchowski 1997).
 */
export function attackAuc(s: Subset): Bounds & { low: number; high: number } {
  const { score, influence } = macroAuc(s.member, s.score, 2), se = Math.max(clusteredSpread(influence, s.twins), s.clusters ? spreadOver(influence, s.clusters, s.member) : 0);
  // never less than the Mann-Whitney statistic's spread under no leak: DeLong's is too small in small samples, and zero under perfect separation
  const fallback = Math.sqrt((s.members + s.others + 1) / (12 * s.members * s.others)), e = Math.max(se, fallback), at = (level: number) => normalQuantile(level) * e;
  return {
    estimate: score, low: Math.max(0, score - at(0.975)), high: Math.min(1, score + at(0.975)),
    upper: Math.min(1, score + at(boundLevel)), lower: score - at(accusationLevel), detectable: detectZ * (s.clusters ? e : fallback),
  };
}

/** The same over clusters, members and others apart. */
function spreadOver(influence: Float64Array, clusters: Int32Array, member: Float64Array): number {
  return Math.sqrt([1, 0].reduce((s, side) => { const rows = Array.from(member.keys()).filter(i => member[i] === side); return s + clusteredVariance(Float64Array.from(rows, i => influence[i]), Int32Array.from(rows, i => clusters[i])); }, 0));
}

/** How many rows of a cluster tell as much as one that stands alone: how much wider the AUC spreads over clusters than over rows (design effect, Kish 1965). */
function aucDesign({ member, score, clusters }: Subset): number {
  if (!clusters) return 1;
  const { influence } = macroAuc(member, score, 2), alone = influence.reduce((v, x) => v + x * x, 0);
  return alone > 0 ? spreadOver(influence, clusters, member) ** 2 / alone : 1;
}

/** True-positive rate at a false-positive rate, with bounds of its excess over that rate; rows that come in twins or clusters count for as many as they tell. */
export function attackTpr(s: Subset, fpr: number): Bounds & { tpr: number; low: number; high: number } {
  const tpr = tprAtFpr(s.member, s.score, fpr), deff = Math.max(1, s.member.length / new Set(s.twins).size, aucDesign(s));
  const n = s.members / deff, k = s.others / deff, at = (level: number) => twoProportions(tpr * n, n, fpr * k, k, level).interval;
  const two = at(0.95);
  return {
    tpr, low: Math.max(0, fpr + two.low), high: Math.min(1, fpr + two.high),
    estimate: tpr - fpr, upper: at(boundTwoSided).high, lower: at(accusationTwoSided).low, detectable: detectZ * Math.sqrt(fpr * (1 - fpr) * (1 / n + 1 / k)),
  };
}
