import { normalQuantile } from '../../learners/distributions';
import { tprAtFpr, twoProportions } from '../../learners/metrics';
import type { Fold } from '../metric';
import { accusationLevel, accusationTwoSided, boundLevel, boundTwoSided, detectZ, type Bounds } from './leak';

/**
 * What K synthetic tables show of every real row, when each row is unseen by exactly one of the K models (its fold's) and seen by the others.
 *
 * Under no leak the tables know nothing of who was in which fold, so that given the scores, every dealing of the rows to the folds is equally
 * likely. All tests here rest on that alone. It makes them exact where the folds' trainings overlap, and each row is its own control: what makes a row easy
 * to come near (it lies in a crowd) does so in every table and cancels, as the differences between the K tables do.
 */
export interface Crossed {
  /** The fold in which the row is control. */
  fold: Int32Array;
  /** [fold][row]: what that fold's table shows of the row; larger is more like a member. */
  scores: Float64Array[];
}

/** Scores of training and control rows of every fold, at the rows' places in the source. */
export async function cross(folds: readonly Fold[], scoresOf: (fold: Fold) => Promise<{ training: ArrayLike<number>; control: ArrayLike<number> }>): Promise<Crossed> {
  const rows = folds.reduce((n, f) => n + f.rows.control.length, 0), fold = new Int32Array(rows), scores: Float64Array[] = [];
  for (const [k, f] of folds.entries()) {
    const { training, control } = await scoresOf(f), all = new Float64Array(rows);
    f.rows.training.forEach((r, i) => { all[r] = training[i]; });
    f.rows.control.forEach((r, i) => { all[r] = control[i]; fold[r] = k; });
    scores.push(all);
  }
  return { fold, scores };
}

/** The same of some rows only. */
export const restrict = (c: Crossed, rows: Int32Array): Crossed => ({ fold: rows.map(r => c.fold[r]), scores: c.scores.map(s => Float64Array.from(rows, r => s[r])) });

export interface CrossedAuc extends Bounds { low: number; high: number; rows: number }

/**
 * AUC of an attack: probability that a random training row of a fold scores above a random control row of it (ties half), averaged over the folds by
 * their control rows.
 *
 * Two standard errors, of which the larger counts. Under no leak the average is a linear statistic of a random dealing, whose variance is
 * Hoeffding's (1951, A combinatorial central limit theorem, theorem 2). Otherwise every row's influence on all folds' AUCs is added up before
 * squaring, so that a row that is a member K - 1 times and a control once counts once (LeDell, Petersen & van der Laan 2015, Electronic Journal of Statistics 9).
 */
export function crossedAuc({ fold, scores }: Crossed): CrossedAuc {
  const m = fold.length, K = scores.length, size = sizes(fold, K), influence = new Float64Array(m), linear: Float64Array[] = [];
  let auc = 0, weights = 0;
  for (let k = 0; k < K; k++) {
    const controls = size[k], members = m - controls;
    linear.push(new Float64Array(m));
    if (controls === 0 || members === 0) continue;
    const ranks = midranks(scores[k]), own = midranks(scores[k], i => fold[i] === k), others = midranks(scores[k], i => fold[i] !== k);
    let above = 0;
    const place = new Float64Array(m);
    for (let i = 0; i < m; i++) {
      linear[k][i] = ranks[i] / (m * members);
      // a control's share of members above it; a member's share of controls below it
      place[i] = fold[i] === k ? 1 - (ranks[i] - own[i]) / members : (ranks[i] - others[i]) / controls;
      if (fold[i] === k) above += place[i];
    }
    const here = above / controls, weight = controls / m;
    auc += weight * here; weights += weight;
    for (let i = 0; i < m; i++) influence[i] += (weight * (place[i] - here)) / (fold[i] === k ? controls : members);
  }
  if (weights === 0) return { estimate: Number.NaN, low: 0, high: 1, upper: 1, lower: 0, detectable: 0.5, rows: m };
  const estimate = auc / weights, none = Math.sqrt(dealingVariance(linear, size)), spread = Math.sqrt((influence.reduce((s, x) => s + x * x, 0) * m) / Math.max(1, m - 1)) / weights;
  const e = Math.max(none, spread), at = (level: number) => normalQuantile(level) * e;
  return {
    estimate, low: Math.max(0, estimate - at(0.975)), high: Math.min(1, estimate + at(0.975)), upper: Math.min(1, estimate + at(boundLevel)), lower: estimate - at(accusationLevel),
    detectable: detectZ * none, rows: m,
  };
}

/** Variance of the sum over rows of `a[the row's fold][row]` when the rows are dealt to folds of these sizes at random (Hoeffding 1951). */
export function dealingVariance(a: readonly Float64Array[], size: readonly number[]): number {
  const m = a[0].length, K = a.length, rowMean = new Float64Array(m), foldMean = a.map(x => x.reduce((s, v) => s + v, 0) / m);
  for (let k = 0; k < K; k++) for (let i = 0; i < m; i++) rowMean[i] += (size[k] * a[k][i]) / m;
  const mean = rowMean.reduce((s, v) => s + v, 0) / m;
  let sum = 0;
  for (let k = 0; k < K; k++) for (let i = 0; i < m; i++) sum += size[k] * (a[k][i] - rowMean[i] - foldMean[k] + mean) ** 2;
  return sum / Math.max(1, m - 1);
}

/**
 * True-positive rate at a false-positive rate. Scores are made comparable between the K tables by their rank among all rows in each; the threshold is that of
 * the pooled control rows. The K - 1 appearances of a row as a member count as one in the bounds.
 */
export function crossedTpr({ fold, scores }: Crossed, fpr: number): Bounds & { tpr: number; low: number; high: number; rows: number } {
  const m = fold.length, member: number[] = [], score: number[] = [];
  scores.forEach((s, k) => midranks(s).forEach((r, i) => { member.push(fold[i] === k ? 0 : 1); score.push(r); }));
  const tpr = tprAtFpr(member, score, fpr), at = (level: number) => twoProportions(tpr * m, m, fpr * m, m, level).interval, two = at(0.95);
  return {
    tpr, low: Math.max(0, fpr + two.low), high: Math.min(1, fpr + two.high), rows: m,
    estimate: tpr - fpr, upper: at(boundTwoSided).high, lower: at(accusationTwoSided).low, detectable: detectZ * Math.sqrt((2 * fpr * (1 - fpr)) / m),
  };
}

export interface CrossedCopies extends Bounds {
  /** Rows counted, and the shares of them copied: where they were fitted (mean over the tables), and where they were not. */
  rows: number; memberShare: number; controlShare: number;
}

/**
 * Excess of copied training rows over copied control rows, from flags (1: this fold's table holds a copy of this row).
 *
 * A row copied in m of the K tables is copied in its own fold's, under no leak, with probability m / K: matched sets with one control each. With a leak that
 * multiplies the odds by t, with m / (m + t (K - m)) (conditional likelihood of matched sets: Breslow & Day 1980, Statistical Methods in Cancer Research, chapter 7).
 * The lower bound inverts this exact test; the upper one is a score bound in which an excess never seen stays below z^2 / rows, as Wilson's does.
 */
export function crossedCopies({ fold, scores }: Crossed): CrossedCopies {
  const n = fold.length, K = scores.length, sets = new Float64Array(K + 1);
  let copies = 0, controls = 0, square = 0, sum = 0;
  for (let i = 0; i < n; i++) {
    let m = 0;
    for (let k = 0; k < K; k++) m += scores[k][i];
    const own = scores[fold[i]][i], t = (m - own) / (K - 1) - own;
    sets[m]++; copies += m; controls += own; sum += t; square += t * t;
  }
  const excess = (expected: number) => (copies - K * expected) / (n * (K - 1)), estimate = sum / n, always = sets[K];
  const half = (z: number) => (z * Math.sqrt(Math.max(0, square - (sum * sum) / n) + z * z)) / n, z = normalQuantile(boundLevel);
  const odds = smallestOdds(sets, controls - always), rate = (copies + 1) / (n * K + 2);
  let expected = always;
  for (let m = 1; m < K; m++) expected += (sets[m] * m) / (m + odds * (K - m));
  // copies that never touch a control are noticed once a fair dealing would hardly spare them all; 80% of the time with a little more
  const spared = Math.log(1 - accusationLevel) / Math.log(1 - 1 / K), noticed = spared + 0.84 * Math.sqrt(spared) + 0.35;
  return {
    rows: n, memberShare: (copies - controls) / (n * (K - 1)), controlShare: controls / n, estimate, upper: estimate + half(z),
    lower: odds > 0 ? excess(expected) : Math.min(0, excess(expected)),
    detectable: Math.min(1, Math.max(detectZ * Math.sqrt((rate * (1 - rate) * K) / ((K - 1) * n)), noticed / ((K - 1) * n))),
  };
}

/** The odds below which as few or fewer copied controls would have had probability 1 - accusationLevel; 0 where any odds explain them. */
function smallestOdds(sets: Float64Array, controls: number): number {
  const few = (odds: number) => atMost(sets, controls, odds) - (1 - accusationLevel);
  let low = -30, high = 30;
  if (few(Math.exp(low)) >= 0) return 0;
  if (few(Math.exp(high)) <= 0) return Math.exp(high);
  for (let step = 0; step < 60; step++) {
    const mid = (low + high) / 2;
    if (few(Math.exp(mid)) < 0) low = mid; else high = mid;
  }
  return Math.exp(low);
}

/** Probability of at most `most` copied controls among the sets. */
function atMost(sets: Float64Array, most: number, odds: number): number {
  const K = sets.length - 1, p = new Float64Array(most + 1);
  p[0] = 1;
  for (let m = 1; m < K; m++) {
    const q = m / (m + odds * (K - m));
    for (let s = 0; s < sets[m]; s++) {
      for (let x = most; x > 0; x--) p[x] = p[x] * (1 - q) + p[x - 1] * q;
      p[0] *= 1 - q;
    }
  }
  return p.reduce((s, x) => s + x, 0);
}

function sizes(fold: Int32Array, K: number): number[] {
  const size = new Array<number>(K).fill(0);
  for (const k of fold) size[k]++;
  return size;
}

/** Ranks from 1, ties sharing their mean, among the chosen entries; 0 elsewhere. */
function midranks(x: Float64Array, chosen: (i: number) => boolean = () => true): Float64Array {
  const order = Int32Array.from(x.keys()).filter(chosen).sort((a, b) => x[a] - x[b]), ranks = new Float64Array(x.length);
  for (let i = 0; i < order.length;) {
    let j = i;
    while (j < order.length && x[order[j]] === x[order[i]]) j++;
    for (let t = i; t < j; t++) ranks[order[t]] = (i + 1 + j) / 2;
    i = j;
  }
  return ranks;
}
