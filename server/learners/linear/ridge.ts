import type { Dense } from '../dense';
import { cholesky, solveCholesky } from './cholesky';

/** y = x . coefficients + intercept */
export interface LinearModel { coefficients: Float64Array; intercept: number; /** Columns found to be combinations of others (weights 0; only without a penalty). */ dropped: number[]; predict(x: Dense): Float64Array }

/**
 * Least squares with an L2 penalty on the coefficients, not on the intercept: minimises sum w (y - xb - a)^2 + alpha |b|^2 (Hoerl & Kennard 1970;
 * scikit-learn's Ridge). `alpha` 0 is ordinary least squares; columns that depend linearly on earlier ones then get coefficient 0.
 * Solved by Cholesky on the normal equations of centred, unit-length columns, with one step of iterative refinement.
 * Relative accuracy is about 1e-16 times the squared condition number of the scaled columns: enough for prediction, too little for collinear design studies.
 */
export function fitRidge(x: Dense, y: ArrayLike<number>, options: { alpha?: number; weights?: Float64Array } = {}): LinearModel {
  const { rows: n, width: d } = x, alpha = options.alpha ?? 1, weight = (i: number) => (options.weights ? options.weights[i] : 1);
  if (y.length !== n || n === 0) throw new RangeError(`${y.length} targets for ${n} rows`);
  let total = 0, yMean = 0;
  const mean = new Float64Array(d), length = new Float64Array(d);
  for (let i = 0; i < n; i++) { const a = weight(i); total += a; yMean += a * y[i]; for (let j = 0; j < d; j++) mean[j] += a * x.values[i * d + j]; }
  yMean /= total;
  for (let j = 0; j < d; j++) mean[j] /= total;
  for (let i = 0; i < n; i++) { const a = weight(i); for (let j = 0; j < d; j++) length[j] += a * (x.values[i * d + j] - mean[j]) ** 2; }
  for (let j = 0; j < d; j++) length[j] = length[j] > total * (1e-14 * mean[j]) ** 2 ? Math.sqrt(length[j]) : 0;

  const gram = new Float64Array(d * d), moment = new Float64Array(d), z = new Float64Array(d);
  for (let i = 0; i < n; i++) {
    const a = weight(i), r = y[i] - yMean;
    for (let j = 0; j < d; j++) z[j] = length[j] > 0 ? (x.values[i * d + j] - mean[j]) / length[j] : 0;
    for (let j = 0; j < d; j++) {
      const v = a * z[j];
      if (v === 0) continue;
      moment[j] += v * r;
      for (let k = 0; k <= j; k++) gram[j * d + k] += v * z[k];
    }
  }
  // Penalty in units of the scaled columns: b = c / length, so alpha b^2 = (alpha / length^2) c^2.
  for (let j = 0; j < d; j++) if (length[j] > 0) gram[j * d + j] += alpha / length[j] ** 2;
  const { factor, dropped } = cholesky(gram, d);
  const c = solveCholesky(factor, d, moment, dropped), residual = moment.slice();
  for (let j = 0; j < d; j++) for (let k = 0; k < d; k++) residual[j] -= gram[j >= k ? j * d + k : k * d + j] * c[k];
  const correction = solveCholesky(factor, d, residual, dropped);
  const coefficients = c.map((v, j) => (length[j] > 0 ? (v + correction[j]) / length[j] : 0));
  const intercept = yMean - coefficients.reduce((s, b, j) => s + b * mean[j], 0);
  return {
    coefficients, intercept, dropped: [...dropped].flatMap((v, j) => (v ? [j] : [])),
    predict(m) {
      if (m.width !== d) throw new RangeError(`matrix is ${m.width} wide, the model was fitted on ${d}`);
      return Float64Array.from({ length: m.rows }, (_, i) => { let s = intercept; for (let j = 0; j < d; j++) s += m.values[i * d + j] * coefficients[j]; return s; });
    },
  };
}
