/** What boosting minimises. Raw predictions are additive scores: log-odds, unnormalised log-probabilities, or the value itself. */
export type Task = 'binary' | 'multiclass' | 'regression';

/**
 * A loss with its first and second derivatives by the raw prediction.
 * Arrays over `outputs` are output-major: output k of row i lies at k * rows + i.
 */
export interface Loss {
  outputs: number;
  /** The second derivative is 1 for every row (squared error without weights). */
  constantHessian: boolean;
  /** The constant raw predictions with least loss, one per output. */
  baseline(y: Float64Array, w?: Float64Array): Float64Array;
  /** Fills g and h, both [outputs * rows]. */
  derivatives(y: Float64Array, raw: Float64Array, g: Float32Array, h: Float32Array, w?: Float64Array): void;
  /** Mean loss over rows. */
  value(y: Float64Array, raw: Float64Array, w?: Float64Array): number;
}

const clamp = (p: number) => Math.min(1 - 1e-12, Math.max(1e-12, p));
const mean = (n: number, of: (i: number) => number, w?: Float64Array): number => {
  let s = 0, t = 0;
  for (let i = 0; i < n; i++) { const a = w ? w[i] : 1; s += a * of(i); t += a; }
  return t > 0 ? s / t : 0;
};

/** Negative log-likelihood of 0/1 outcomes; raw = log-odds. Gradient p - y, hessian p(1 - p). */
export const binaryLoss: Loss = {
  outputs: 1, constantHessian: false,
  baseline(y, w) { const p = clamp(mean(y.length, i => y[i], w)); return Float64Array.of(Math.log(p / (1 - p))); },
  derivatives(y, raw, g, h, w) {
    for (let i = 0; i < y.length; i++) {
      const p = 1 / (1 + Math.exp(-raw[i]));
      g[i] = p - y[i]; h[i] = p * (1 - p);
    }
    if (w) for (let i = 0; i < y.length; i++) { g[i] *= w[i]; h[i] *= w[i]; }
  },
  // log(1 + e^r) - y r, written so that neither exponential overflows
  value: (y, raw, w) => mean(y.length, i => Math.max(raw[i], 0) + Math.log1p(Math.exp(-Math.abs(raw[i]))) - y[i] * raw[i], w),
};

/** Softmax cross-entropy over `classes` codes. Gradient p_k - [y = k], hessian p_k (1 - p_k) (its diagonal, as in scikit-learn). */
export function multiclassLoss(classes: number): Loss {
  return {
    outputs: classes, constantHessian: false,
    baseline(y, w) {
      const logs = Float64Array.from({ length: classes }, (_, k) => Math.log(clamp(mean(y.length, i => (y[i] === k ? 1 : 0), w))));
      const centre = logs.reduce((a, b) => a + b, 0) / classes;
      return logs.map(v => v - centre);
    },
    derivatives(y, raw, g, h, w) {
      const n = y.length;
      for (let i = 0; i < n; i++) {
        let top = -Infinity, sum = 0;
        for (let k = 0; k < classes; k++) top = Math.max(top, raw[k * n + i]);
        for (let k = 0; k < classes; k++) sum += Math.exp(raw[k * n + i] - top);
        const a = w ? w[i] : 1;
        for (let k = 0; k < classes; k++) {
          const p = Math.exp(raw[k * n + i] - top) / sum;
          g[k * n + i] = a * (p - (y[i] === k ? 1 : 0)); h[k * n + i] = a * p * (1 - p);
        }
      }
    },
    value(y, raw, w) {
      const n = y.length;
      return mean(n, i => {
        let top = -Infinity, sum = 0;
        for (let k = 0; k < classes; k++) top = Math.max(top, raw[k * n + i]);
        for (let k = 0; k < classes; k++) sum += Math.exp(raw[k * n + i] - top);
        return Math.log(sum) + top - raw[y[i] * n + i];
      }, w);
    },
  };
}

/** Half the squared error. Gradient raw - y, hessian 1. */
export function squaredLoss(weighted: boolean): Loss {
  return {
    outputs: 1, constantHessian: !weighted,
    baseline: (y, w) => Float64Array.of(mean(y.length, i => y[i], w)),
    derivatives(y, raw, g, h, w) {
      for (let i = 0; i < y.length; i++) { const a = w ? w[i] : 1; g[i] = a * (raw[i] - y[i]); h[i] = a; }
    },
    value: (y, raw, w) => mean(y.length, i => 0.5 * (raw[i] - y[i]) ** 2, w),
  };
}
