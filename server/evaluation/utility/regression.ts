import { cholesky, solveCholesky } from '../../learners/linear/cholesky';
import { normalQuantile } from '../../learners/distributions';

/** A design: row-major [rows * width], intercept included as its first column. */
export interface Design { rows: number; width: number; values: Float64Array; names: string[] }
export interface Coefficient { name: string; estimate: number; error: number; low: number; high: number }

const z = normalQuantile(0.975);

/**
 * Ordinary least squares with classical standard errors, s^2 (X'X)^-1 with s^2 over rows less columns; intervals are normal (95%).
 * Columns that depend linearly on earlier ones have NaN in their place.
 */
export function leastSquares(x: Design, y: ArrayLike<number>): Coefficient[] {
  const d = x.width, gram = gramOf(x), moment = new Float64Array(d);
  for (let i = 0; i < x.rows; i++) for (let j = 0; j < d; j++) moment[j] += x.values[i * d + j] * y[i];
  const { factor, dropped } = cholesky(gram, d), b = solveCholesky(factor, d, moment, dropped);
  let error = 0;
  for (let i = 0; i < x.rows; i++) error += (y[i] - dot(x, i, b)) ** 2;
  const free = x.rows - d + dropped.reduce((s, v) => s + v, 0);
  return named(x, b, inverseDiagonal(factor, d, dropped).map(v => (v * error) / free), dropped);
}

/**
 * Logistic regression by maximum likelihood (Newton, steps halved until the likelihood rises), with standard errors from the observed information. A separated design has no
 * maximum: iteration ends after 50 steps, and the errors it leaves are as large as they should be.
 * @param y 0 or 1
 */
export function logisticRegression(x: Design, y: ArrayLike<number>): Coefficient[] {
  const d = x.width;
  let b: Float64Array = new Float64Array(d), best = likelihood(x, y, b), factor: Float64Array = new Float64Array(0), dropped: Uint8Array = new Uint8Array(d);
  for (let step = 0; step < 50; step++) {
    const g = new Float64Array(d), weights = new Float64Array(x.rows);
    for (let i = 0; i < x.rows; i++) {
      const p = 1 / (1 + Math.exp(-dot(x, i, b)));
      weights[i] = p * (1 - p);
      for (let j = 0; j < d; j++) g[j] += (y[i] - p) * x.values[i * d + j];
    }
    ({ factor, dropped } = cholesky(gramOf(x, weights), d));
    if (g.every(v => Math.abs(v) < 1e-9 * x.rows)) break;
    const move = solveCholesky(factor, d, g, dropped);
    let t = 1, next: Float64Array = b, value = best;
    for (let half = 0; half < 30; half++, t /= 2) {
      next = b.map((v, j) => v + t * move[j]);
      value = likelihood(x, y, next);
      if (value >= best) break;
    }
    if (!(value >= best)) break;
    const done = value - best <= 1e-13 * Math.abs(best);
    b = next; best = value;
    if (done && t === 1) break;
  }
  return named(x, b, inverseDiagonal(factor, d, dropped), dropped);
}

function likelihood(x: Design, y: ArrayLike<number>, b: Float64Array): number {
  let s = 0;
  for (let i = 0; i < x.rows; i++) {
    const t = y[i] === 1 ? dot(x, i, b) : -dot(x, i, b);
    s -= t > 0 ? Math.log1p(Math.exp(-t)) : Math.log1p(Math.exp(t)) - t;
  }
  return s;
}

function dot(x: Design, i: number, b: Float64Array): number {
  let s = 0;
  for (let j = 0, at = i * x.width; j < x.width; j++, at++) s += x.values[at] * b[j];
  return s;
}

/** Lower triangle of X'WX; zeros of one-hot columns are skipped. */
function gramOf(x: Design, weights?: Float64Array): Float64Array {
  const d = x.width, gram = new Float64Array(d * d);
  for (let i = 0; i < x.rows; i++) {
    const at = i * d, w = weights ? weights[i] : 1;
    for (let j = 0; j < d; j++) {
      const v = w * x.values[at + j];
      if (v !== 0) for (let k = 0; k <= j; k++) gram[j * d + k] += v * x.values[at + k];
    }
  }
  return gram;
}

function inverseDiagonal(factor: Float64Array, d: number, dropped: Uint8Array): Float64Array {
  return Float64Array.from({ length: d }, (_, j) => {
    if (dropped[j]) return Number.NaN;
    const unit = new Float64Array(d);
    unit[j] = 1;
    return solveCholesky(factor, d, unit, dropped)[j];
  });
}

const named = (x: Design, b: Float64Array, variance: Float64Array, dropped: Uint8Array): Coefficient[] => x.names.map((name, j) => {
  const estimate = dropped[j] ? Number.NaN : b[j], error = Math.sqrt(variance[j]);
  return { name, estimate, error, low: estimate - z * error, high: estimate + z * error };
});

/**
 * Confidence interval overlap (Karr et al. 2006): the mean of the intersection's share of either interval. 1 where they are equal, 0 where they do not meet.
 */
export function overlapOf(a: Pick<Coefficient, 'low' | 'high'>, b: Pick<Coefficient, 'low' | 'high'>): number {
  const common = Math.max(0, Math.min(a.high, b.high) - Math.max(a.low, b.low));
  return 0.5 * (common / (a.high - a.low) + common / (b.high - b.low));
}
