/** Small statistics that several metrics share. Sources are named at each function. */

/** Standard normal distribution function; absolute error below 1.2e-7 (Numerical Recipes, erfc by Chebyshev fit). */
export function normalCdf(z: number): number {
  const x = Math.abs(z) / Math.SQRT2, t = 1 / (1 + 0.5 * x);
  const r = t * Math.exp(-x * x - 1.26551223 + t * (1.00002368 + t * (0.37409196 + t * (0.09678418 + t * (-0.18628806 + t * (0.27886807
    + t * (-1.13520398 + t * (1.48851587 + t * (-0.82215223 + t * 0.17087277)))))))));
  return z >= 0 ? 1 - r / 2 : r / 2;
}

export const z95 = 1.959963984540054;
export const z95OneSided = 1.6448536269514722;
/** z for one-sided 5% and 80% power: an effect of this many standard errors is seen four times in five. */
export const zDetect = z95OneSided + 0.8416212335729143;

/**
 * Wilson's score interval of a proportion (Wilson 1927), with the half-count of a fractional `successes` allowed.
 * @param n trials; 0 gives [0, 1]
 */
export function wilsonInterval(successes: number, n: number, z = z95): [number, number] {
  if (!(n > 0)) return [0, 1];
  const p = Math.min(1, Math.max(0, successes / n)), d = 1 + (z * z) / n;
  const centre = (p + (z * z) / (2 * n)) / d, half = (z / d) * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  return [p === 0 ? 0 : Math.max(0, centre - half), p === 1 ? 1 : Math.min(1, centre + half)];
}

/**
 * Interval of a difference of two independent proportions p1 - p2 from their Wilson intervals (Newcombe 1998, method 10).
 * Valid down to zero counts. With z = 1.645 each bound is a one-sided 95% bound.
 */
export function newcombeInterval(s1: number, n1: number, s2: number, n2: number, z = z95): [number, number] {
  const p1 = s1 / n1, p2 = s2 / n2, [l1, u1] = wilsonInterval(s1, n1, z), [l2, u2] = wilsonInterval(s2, n2, z);
  const d = p1 - p2;
  return [Math.max(-1, d - Math.hypot(p1 - l1, u2 - p2)), Math.min(1, d + Math.hypot(u1 - p1, p2 - l2))];
}

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
