import type { Dense } from '../dense';
import { lbfgs } from './lbfgs';
import { newton } from './newton';
import { columnScales, divideColumns, rowsOf } from './rows';

export interface LogisticOptions {
  /** Inverse strength of the penalty: minimises sum of losses + |w|^2 / (2 C); the intercept is free. Default 1, as scikit-learn. */
  c?: number;
  weights?: Float64Array;
  /** Largest entry of the gradient of the mean loss (penalty included), by the weights of columns brought to unit size. Default 1e-8: the optimum, not an early stop. */
  tolerance?: number;
  iterations?: number;
  /** Awaited after each iteration of the optimiser; may throw to cancel. */
  progress?(fraction: number): Promise<void>;
}

/** Coefficients: outputs x (width + 1), the intercept last. Binary has one output; multinomial one a class. */
export class LogisticModel {
  constructor(readonly classes: number, readonly width: number, readonly coefficients: Float64Array, readonly iterations: number, readonly converged: boolean) {}

  /** For two classes the probability of class 1 [rows], else row-major [rows * classes]. */
  probabilities(x: Dense): Float64Array {
    if (x.width !== this.width) throw new RangeError(`matrix is ${x.width} wide, the model was fitted on ${this.width}`);
    const k = this.classes === 2 ? 1 : this.classes, out = new Float64Array(x.rows * k), d = this.width, w = this.coefficients;
    const rows = rowsOf(x);
    for (let i = 0; i < x.rows; i++) {
      for (let c = 0; c < k; c++) out[i * k + c] = rows.dot(i, w, c * (d + 1));
      if (k === 1) out[i] = 1 / (1 + Math.exp(-out[i]));
      else softmax(out, i * k, k);
    }
    return out;
  }

  predict(x: Dense): Float64Array {
    const p = this.probabilities(x);
    if (this.classes === 2) return p.map(v => (v > 0.5 ? 1 : 0));
    return Float64Array.from({ length: x.rows }, (_, i) => {
      let best = 0;
      for (let c = 1; c < this.classes; c++) if (p[i * this.classes + c] > p[i * this.classes + best]) best = c;
      return best;
    });
  }
}

/**
 * Logistic regression with an L2 penalty: binary for two classes, multinomial (softmax, every class with its own coefficients) for more.
 * The problem is strictly convex in the weights, so the answer is the optimum whatever the path. Two classes and at most 512 columns: Newton,
 * some ten iterations of rows x width^2 / 2 steps (only non-zeros count). Otherwise L-BFGS: tens to hundreds of evaluations of
 * 4 x rows x width x outputs flops. Columns are brought to unit size inside, with the penalty adapted, so their scales matter only to the penalty.
 *
 * @param y class codes in [0, classes)
 */
export async function fitLogistic(x: Dense, y: ArrayLike<number>, classes: number, options: LogisticOptions = {}): Promise<LogisticModel> {
  const n = x.rows, d = x.width, k = classes === 2 ? 1 : classes;
  if (y.length !== n || n === 0) throw new RangeError(`${y.length} targets for ${n} rows`);
  if (classes < 2) throw new RangeError('logistic regression needs at least two classes');
  for (let i = 0; i < n; i++) if (!(Number.isInteger(y[i]) && y[i] >= 0 && y[i] < classes)) throw new RangeError(`target ${y[i]} of row ${i} is not a class in [0, ${classes})`);
  const weights = options.weights, total = weights ? weights.reduce((a, b) => a + b, 0) : n, l2 = 1 / ((options.c ?? 1) * total);
  const scale = columnScales(x), rows = rowsOf(divideColumns(x, scale)), scores = new Float64Array(k);
  const objective = (w: Float64Array, g: Float64Array): number => {
    g.fill(0);
    let loss = 0;
    for (let i = 0; i < n; i++) {
      const a = (weights ? weights[i] : 1) / total;
      if (k === 1) {
        const s = rows.dot(i, w, 0), t = y[i] === 1 ? s : -s;
        loss += a * (t > 0 ? Math.log1p(Math.exp(-t)) : Math.log1p(Math.exp(t)) - t);
        rows.add(i, g, 0, a * (1 / (1 + Math.exp(-s)) - y[i]));
      } else {
        for (let c = 0; c < k; c++) scores[c] = rows.dot(i, w, c * (d + 1));
        const own = scores[y[i]], norm = softmax(scores, 0, k);
        loss += a * (norm - own);
        for (let c = 0; c < k; c++) rows.add(i, g, c * (d + 1), a * (scores[c] - (y[i] === c ? 1 : 0)));
      }
    }
    for (let c = 0; c < k; c++) for (let j = 0; j < d; j++) {
      const v = w[c * (d + 1) + j], p = l2 / scale[j] ** 2;
      loss += 0.5 * p * v * v; g[c * (d + 1) + j] += p * v;
    }
    return loss;
  };
  const hessian = (w: Float64Array, h: Float64Array): void => {
    for (let i = 0; i < n; i++) {
      const p = 1 / (1 + Math.exp(-rows.dot(i, w, 0)));
      rows.outer(i, h, ((weights ? weights[i] : 1) / total) * p * (1 - p));
    }
    for (let j = 0; j < d; j++) h[j * (d + 2)] += l2 / scale[j] ** 2;
  };
  const tolerance = options.tolerance ?? 1e-8, most = options.iterations ?? 1000, start = new Float64Array(k * (d + 1));
  const settings = { tolerance, iterations: most, progress: options.progress && ((i: number) => options.progress!(i / (i + 10))) };
  const result = k === 1 && d <= 512 ? await newton(objective, hessian, start, settings) : await lbfgs(objective, start, settings);
  for (let c = 0; c < k; c++) for (let j = 0; j < d; j++) result.x[c * (d + 1) + j] /= scale[j];
  if (k > 1) {
    // A constant added to all intercepts changes nothing; the centred ones are the ones to report.
    let centre = 0;
    for (let c = 0; c < k; c++) centre += result.x[c * (d + 1) + d] / k;
    for (let c = 0; c < k; c++) result.x[c * (d + 1) + d] -= centre;
  }
  return new LogisticModel(classes, d, result.x, result.iterations, result.converged);
}

/** In place; returns the log of the normaliser. */
function softmax(v: Float64Array, at: number, k: number): number {
  let top = -Infinity, sum = 0;
  for (let c = 0; c < k; c++) top = Math.max(top, v[at + c]);
  for (let c = 0; c < k; c++) sum += v[at + c] = Math.exp(v[at + c] - top);
  for (let c = 0; c < k; c++) v[at + c] /= sum;
  return top + Math.log(sum);
}
