/** Small statistics that several metrics share; the rest is in learners/metrics. */

export const z95 = 1.959963984540054;

/** Quantile of ascending values with linear interpolation (Hyndman & Fan 1996, definition 7, numpy's default). NaN when empty. */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  const n = sorted.length;
  if (n === 0) return Number.NaN;
  const at = q * (n - 1), i = Math.floor(at);
  return i + 1 < n ? sorted[i] + (sorted[i + 1] - sorted[i]) * (at - i) : sorted[n - 1];
}

/** Number of entries of ascending `sorted` that are < x (`right` false) or <= x (`right` true). */
export function rank(sorted: ArrayLike<number>, x: number, right: boolean): number {
  let low = 0, high = sorted.length;
  while (low < high) {
    const mid = (low + high) >>> 1;
    if (right ? sorted[mid] <= x : sorted[mid] < x) low = mid + 1; else high = mid;
  }
  return low;
}

/** Mean and unbiased variance; variance 0 below two values. */
export function moments(x: ArrayLike<number>): { mean: number; variance: number } {
  let m = 0, s = 0;
  for (let i = 0; i < x.length; i++) { const d = x[i] - m; m += d / (i + 1); s += d * (x[i] - m); }
  return { mean: m, variance: x.length > 1 ? s / (x.length - 1) : 0 };
}

export const clamp01 = (x: number): number => Math.min(1, Math.max(0, x));
