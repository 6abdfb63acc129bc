/** Scores of predictions. Outcomes `y` come first, as in the formulas; arrays may be of any numeric kind. */
export { type AucEstimate, auc, deLong, deLongDifference, rocCurve, tprAtFpr } from './auc';
export { type BootstrapOptions, type Interval, type TwoProportions, bootstrap, clopperPearson, fisherGreater, quantile, quantiles, signTestGreater, twoProportions, upperBound, wilson } from './intervals';

type Numbers = ArrayLike<number>;

function same(a: Numbers, b: Numbers): number {
  if (a.length !== b.length) throw new RangeError(`${a.length} outcomes, but ${b.length} predictions`);
  return a.length;
}

/** Mean negative log-likelihood (nats) of 0/1 outcomes under probabilities of 1, which are kept one float64 epsilon from 0 and 1, as scikit-learn does. */
export function logLoss(y: Numbers, p: Numbers): number {
  const n = same(y, p), e = Number.EPSILON;
  let s = 0;
  for (let i = 0; i < n; i++) { const q = Math.min(1 - e, Math.max(e, p[i])); s -= y[i] === 1 ? Math.log(q) : Math.log1p(-q); }
  return s / n;
}

/** Mean negative log-probability of the true class; p is row-major [rows * classes], rows summing to 1. */
export function multiclassLogLoss(y: Numbers, p: Numbers, classes: number): number {
  if (p.length !== y.length * classes) throw new RangeError(`${p.length} probabilities for ${y.length} rows of ${classes} classes`);
  const e = Number.EPSILON;
  let s = 0;
  for (let i = 0; i < y.length; i++) s -= Math.log(Math.min(1 - e, Math.max(e, p[i * classes + y[i]])));
  return s / y.length;
}

/** Share of predictions equal to the outcome. */
export function accuracy(y: Numbers, predicted: Numbers): number {
  const n = same(y, predicted);
  let right = 0;
  for (let i = 0; i < n; i++) if (y[i] === predicted[i]) right++;
  return right / n;
}

/** Harmonic mean of precision and recall of class `positive` (1); 0 where the class is neither present nor predicted, as scikit-learn has it. */
export function f1(y: Numbers, predicted: Numbers, positive = 1): number {
  const n = same(y, predicted);
  let hit = 0, miss = 0;
  for (let i = 0; i < n; i++) {
    const a = y[i] === positive, b = predicted[i] === positive;
    if (a && b) hit++; else if (a || b) miss++;
  }
  return hit + miss === 0 ? 0 : (2 * hit) / (2 * hit + miss);
}

/** Unweighted mean of the classes' F1, over classes present or predicted. */
export function macroF1(y: Numbers, predicted: Numbers): number {
  same(y, predicted);
  const classes = [...new Set([...Array.from(y), ...Array.from(predicted)])];
  return classes.reduce((s, c) => s + f1(y, predicted, c), 0) / classes.length;
}

/** Root mean squared error. */
export function rmse(y: Numbers, predicted: Numbers): number {
  const n = same(y, predicted);
  let s = 0;
  for (let i = 0; i < n; i++) s += (y[i] - predicted[i]) ** 2;
  return Math.sqrt(s / n);
}

/** Share of variance explained, 1 - SSE/SST; can be negative. For a constant outcome: 1 if predicted exactly, else 0 (scikit-learn's convention). */
export function r2(y: Numbers, predicted: Numbers): number {
  const n = same(y, predicted);
  let mean = 0, error = 0, total = 0;
  for (let i = 0; i < n; i++) mean += y[i] / n;
  for (let i = 0; i < n; i++) { error += (y[i] - predicted[i]) ** 2; total += (y[i] - mean) ** 2; }
  return total > 0 ? 1 - error / total : error === 0 ? 1 : 0;
}
