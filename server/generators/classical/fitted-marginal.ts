/** A numeric column's distribution from a named family instead of its own quantiles: fitted by moments, chosen by the Kolmogorov-Smirnov distance. */
import { betaQuantile, gammaP, normalQuantile } from '../../learners/distributions';
import type { Marginal } from '../blocks/marginal';

export const families = ['normal', 'uniform', 'lognormal', 'gamma', 'beta'] as const;
export type Family = (typeof families)[number];

/** Stretches of equal probability that stand for the family's quantile function. */
const stretchCount = 512;

/** Inverse of the regularised lower incomplete gamma function, by bisection on a bracket that doubles. */
function gammaQuantile(p: number, shape: number): number {
  let low = 0, high = Math.max(1, 2 * shape);
  while (gammaP(shape, high) < p) { low = high; high *= 2; }
  for (let i = 0; i < 80 && high - low > 1e-12 * high; i++) { const mid = (low + high) / 2; if (gammaP(shape, mid) < p) low = mid; else high = mid; }
  return (low + high) / 2;
}

/** The quantile function of each family with the column's moments, or undefined where it does not apply. */
function quantileOf(family: Family, mean: number, sd: number, low: number, high: number): ((p: number) => number) | undefined {
  const width = high - low, m = mean - low;
  switch (family) {
    case 'normal': return (p) => mean + sd * normalQuantile(p);
    case 'uniform': return (p) => low + p * width;
    case 'lognormal': {
      if (!(low > 0)) return undefined;
      const s2 = Math.log1p((sd / mean) ** 2), mu = Math.log(mean) - s2 / 2;
      return (p) => Math.exp(mu + Math.sqrt(s2) * normalQuantile(p));
    }
    case 'gamma': {
      const shape = (m / sd) ** 2;
      return shape > 1e-3 && shape < 1e5 ? (p) => low + (gammaQuantile(p, shape) * sd * sd) / m : undefined;
    }
    case 'beta': {
      const a = m / width, v = (sd / width) ** 2, c = (a * (1 - a)) / v - 1;
      return c > 1e-3 && c < 1e5 && a > 0 && a < 1 ? (p) => low + width * betaQuantile(p, a * c, (1 - a) * c) : undefined;
    }
  }
}

/**
 * The family nearest to the present values, as a marginal kept within [smallest, largest].
 * @param values at least two distinct numbers, none NaN
 */
export function fitFamily(values: Float64Array, among: readonly Family[] = families): { family: Family; marginal: Marginal; distance: number } {
  const sorted = values.slice().sort(), n = sorted.length, low = sorted[0]!, high = sorted[n - 1]!;
  let mean = 0, squares = 0;
  for (const v of sorted) mean += v / n;
  for (const v of sorted) squares += (v - mean) ** 2 / n;
  let best: { family: Family; marginal: Marginal; distance: number } | undefined;
  for (const family of among) {
    const quantile = quantileOf(family, mean, Math.sqrt(squares), low, high);
    if (!quantile) continue;
    const cuts = Array.from({ length: stretchCount + 1 }, (_, i) => Math.min(high, Math.max(low, i === 0 ? low : i === stretchCount ? high : quantile(i / stretchCount))));
    // The largest gap between the two distribution functions, looked at at the family's own quantiles.
    let distance = 0, upTo = 0, before = 0;
    for (let i = 1; i < stretchCount; i++) {
      while (upTo < n && sorted[upTo]! <= cuts[i]!) upTo++;
      while (before < n && sorted[before]! < cuts[i]!) before++;
      distance = Math.max(distance, upTo / n - i / stretchCount, i / stretchCount - before / n);
    }
    if (!best || distance < best.distance) best = { family, distance, marginal: { from: cuts.map((_, i) => i / stretchCount), low: cuts.slice(0, -1), high: cuts.slice(1) } };
  }
  return best!;
}
