import { normalQuantile } from '../../learners/distributions';
import { twoProportions } from '../../learners/metrics';
import { moments } from '../statistics';
import { designEffect, type Clusters } from './clusters';
import { dealingVariance, type Crossed } from './cross';
import { boundLevel, boundTwoSided, type Bounds } from './leak';

/**
 * The attacks of the privacy suite are about as many again as the six tests of every report, which accuse at 99.5% (leak.ts): at 99.75% each, all together accuse a table without a
 * leak in fewer than 5 reports of 100. `detectZ`: z of that level plus z of 80% power.
 */
export const attackLevel = 0.9975, attackTwoSided = 2 * attackLevel - 1, detectZ = 2.8070337683438042 + 0.8416212335729143;

/**
 * By how much an attack does better against people the synthetic table was made from than against people it has never seen. Estimand: the expected
 * difference over rows of the population, for this synthetic table (or these, one a fold). Under no leak it is zero, whatever the generator.
 */
export interface Excess extends Bounds { member: number; other: number; members: number; others: number }

/** From a figure for each row (a share, a log-density): means compared by Welch's standard error, enlarged where rows come in clusters. */
export function meanExcess(training: ArrayLike<number>, control: ArrayLike<number>, clusters?: Clusters): Excess {
  const a = moments(training), b = moments(control), n = training.length, m = control.length, se = Math.sqrt(designOf(training, control, clusters) * (a.variance / n + b.variance / m));
  return { ...bounded(a.mean - b.mean, se), member: a.mean, other: b.mean, members: n, others: m };
}

/**
 * From yes and no: successes among training and control rows, Newcombe's hybrid interval; rows that come in clusters count for as many as they tell.
 */
export function rateExcess(training: Uint8Array, control: Uint8Array, clusters?: Clusters): Excess {
  const count = (f: Uint8Array) => f.reduce((s, x) => s + x, 0), design = designOf(training, control, clusters);
  const n = training.length / design, m = control.length / design, a = count(training) / design, b = count(control) / design;
  const at = (level: number) => twoProportions(a, n, b, m, level).interval, rate = (a + b + 1) / (n + m + 2);
  return {
    estimate: a / n - b / m, upper: at(boundTwoSided).high, lower: at(attackTwoSided).low, detectable: detectZ * Math.sqrt(rate * (1 - rate) * (1 / n + 1 / m)),
    member: a / n, other: b / m, members: training.length, others: control.length,
  };
}

/** Of the difference of training and control rows; 1 where rows stand alone. */
export const designOf = (training: ArrayLike<number>, control: ArrayLike<number>, clusters: Clusters | undefined): number =>
  clusters ? designEffect({ values: training, clusters: clusters.training }, { values: control, clusters: clusters.control }) : 1;

/**
 * Of a cross-fitted release: each row where it was learnt (mean over those tables) against itself where it was not. Under no leak the statistic is linear in a random
 * dealing of rows to folds (Hoeffding 1951); otherwise rows are independent. The larger standard error counts.
 */
export function crossedExcess({ fold, scores }: Crossed): Excess {
  const n = fold.length, K = scores.length, size = new Array<number>(K).fill(0), each = new Float64Array(n);
  let member = 0, other = 0;
  for (let i = 0; i < n; i++) {
    size[fold[i]]++;
    let all = 0;
    for (let k = 0; k < K; k++) all += scores[k][i];
    const own = scores[fold[i]][i], seen = (all - own) / (K - 1);
    each[i] = seen - own; member += seen / n; other += own / n;
  }
  const none = Math.sqrt(dealingVariance(scores.map(s => s.map(x => (-x * K) / ((K - 1) * n))), size)), spread = Math.sqrt(moments(each).variance / n);
  return { ...bounded(member - other, Math.max(none, spread)), member, other, members: n, others: n };
}

export function bounded(estimate: number, se: number): Bounds & { low: number; high: number } {
  const z = (level: number) => normalQuantile(level) * se;
  return { estimate, low: estimate - z(0.975), high: estimate + z(0.975), upper: estimate + z(boundLevel), lower: estimate - z(attackLevel), detectable: detectZ * se };
}
