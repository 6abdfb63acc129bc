import { normalQuantile } from './distributions';

/** Outcomes are 1 (positive) or 0; higher scores should mean positive. Scores of NaN are refused. */
export type Outcomes = ArrayLike<number>;

/**
 * Area under the ROC curve as the Mann-Whitney probability that a random positive outscores a random negative, ties counting half.
 * Exact: pairs are counted in half-integers, so up to 2^52 pairs there is no rounding before the final division. NaN when a class is empty.
 */
export function auc(y: Outcomes, score: ArrayLike<number>): number {
  const order = byScore(score, y.length);
  let positives = 0, negatives = 0, halves = 0;
  for (let i = 0; i < order.length;) {
    let p = 0, q = 0, j = i;
    for (; j < order.length && score[order[j]] === score[order[i]]; j++) if (y[order[j]] === 1) p++; else q++;
    halves += p * (2 * negatives + q);
    positives += p; negatives += q; i = j;
  }
  return halves / 2 / (positives * negatives);
}

/** Corners of the ROC curve from (0,0) to (1,1), one per distinct score, highest first; tied scores make a slanted segment. */
export function rocCurve(y: Outcomes, score: ArrayLike<number>): { fpr: Float64Array; tpr: Float64Array } {
  const order = byScore(score, y.length), fp = [0], tp = [0];
  let p = 0, q = 0;
  for (let i = order.length - 1; i >= 0;) {
    const s = score[order[i]];
    for (; i >= 0 && score[order[i]] === s; i--) if (y[order[i]] === 1) p++; else q++;
    fp.push(q); tp.push(p);
  }
  return { fpr: Float64Array.from(fp, v => v / q), tpr: Float64Array.from(tp, v => v / p) };
}

/**
 * True-positive rate at a false-positive rate, e.g. 0.001. The curve is read linearly between its corners (what a test that randomises among tied
 * or neighbouring thresholds attains, and what is expected to hold for a finer sample); where it rises vertically at exactly `fpr`, its top counts.
 * With fewer than 1/fpr negatives the value interpolates before the first false positive and says little: look at the sample size.
 */
export function tprAtFpr(y: Outcomes, score: ArrayLike<number>, fpr: number): number {
  const curve = rocCurve(y, score);
  let i = curve.fpr.length - 1;
  while (i > 0 && curve.fpr[i] > fpr) i--;
  if (i === curve.fpr.length - 1 || curve.fpr[i] === fpr) return curve.tpr[i];
  const share = (fpr - curve.fpr[i]) / (curve.fpr[i + 1] - curve.fpr[i]);
  return curve.tpr[i] + share * (curve.tpr[i + 1] - curve.tpr[i]);
}

export interface AucEstimate { auc: number; variance: number; standardError: number; low: number; high: number; level: number }

/**
 * AUC with DeLong's variance (DeLong, DeLong & Clarke-Pearson 1988, Biometrics 44:837) from midranks (Sun & Xu 2014, IEEE SPL 21:1389), O(n log n),
 * and a two-sided normal interval cut to [0, 1]. The variance is 0 under perfect separation, where the interval says nothing;
 * at least two of each class are needed, else it is NaN.
 */
export function deLong(y: Outcomes, score: ArrayLike<number>, level = 0.95): AucEstimate {
  const { auc: a, positives: v10, negatives: v01 } = components(y, score);
  const variance = sampleVariance(v10) / v10.length + sampleVariance(v01) / v01.length;
  const standardError = Math.sqrt(variance), z = normalQuantile(0.5 + level / 2);
  return { auc: a, variance, standardError, low: Math.max(0, a - z * standardError), high: Math.min(1, a + z * standardError), level };
}

/** Difference of two AUCs (first - second) on the same cases, with DeLong's covariance between them and a two-sided p-value's z. */
export function deLongDifference(y: Outcomes, first: ArrayLike<number>, second: ArrayLike<number>, level = 0.95): { difference: number; variance: number; z: number; low: number; high: number } {
  const a = components(y, first), b = components(y, second);
  const minus = (u: Float64Array, v: Float64Array) => u.map((x, i) => x - v[i]);
  const difference = a.auc - b.auc;
  const variance = sampleVariance(minus(a.positives, b.positives)) / a.positives.length + sampleVariance(minus(a.negatives, b.negatives)) / a.negatives.length;
  const se = Math.sqrt(variance), q = normalQuantile(0.5 + level / 2);
  return { difference, variance, z: difference / se, low: difference - q * se, high: difference + q * se };
}

/** Structural components: for every positive the share of negatives it outscores, for every negative the share of positives that outscore it. */
function components(y: Outcomes, score: ArrayLike<number>): { auc: number; positives: Float64Array; negatives: Float64Array } {
  const order = byScore(score, y.length);
  let m = 0;
  for (let i = 0; i < y.length; i++) if (y[i] === 1) m++;
  const n = y.length - m, positives = new Float64Array(m), negatives = new Float64Array(n);
  // Positions in input order, so that components of two scores pair up.
  const slot = new Int32Array(y.length);
  for (let i = 0, p = 0, q = 0; i < y.length; i++) slot[i] = y[i] === 1 ? p++ : q++;
  let below1 = 0, below0 = 0, halves = 0;
  for (let i = 0; i < order.length;) {
    let j = i, p = 0, q = 0;
    for (; j < order.length && score[order[j]] === score[order[i]]; j++) if (y[order[j]] === 1) p++; else q++;
    for (let k = i; k < j; k++) {
      if (y[order[k]] === 1) positives[slot[order[k]]] = (below0 + q / 2) / n;
      else negatives[slot[order[k]]] = 1 - (below1 + p / 2) / m;
    }
    halves += p * (2 * below0 + q);
    below1 += p; below0 += q; i = j;
  }
  return { auc: halves / 2 / (m * n), positives, negatives };
}

function sampleVariance(v: Float64Array): number {
  const mean = v.reduce((a, b) => a + b, 0) / v.length;
  return v.reduce((a, b) => a + (b - mean) ** 2, 0) / (v.length - 1);
}

/** Row numbers by rising score. */
function byScore(score: ArrayLike<number>, n: number): Int32Array {
  if (score.length !== n) throw new RangeError(`${score.length} scores for ${n} outcomes`);
  const order = new Int32Array(n);
  for (let i = 0; i < n; i++) { order[i] = i; if (Number.isNaN(score[i])) throw new RangeError(`score of row ${i} is not a number`); }
  return order.sort((a, b) => score[a] - score[b]);
}
