import { KeyStream } from '../engine/random';
import { betaQuantile, logGamma, normalCdf, normalQuantile } from './distributions';

export interface Interval { low: number; high: number; level: number }

/** Wilson's score interval for k successes of n (Wilson 1927; without continuity correction). Covers about `level` on average. */
export function wilson(k: number, n: number, level = 0.95): Interval {
  if (n === 0) return { low: 0, high: 1, level };
  const z = normalQuantile(0.5 + level / 2), p = k / n, scale = 1 + (z * z) / n;
  const centre = (p + (z * z) / (2 * n)) / scale, half = (z / scale) * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  return { low: k === 0 ? 0 : Math.max(0, centre - half), high: k === n ? 1 : Math.min(1, centre + half), level };
}

/** Exact interval (Clopper & Pearson 1934): covers at least `level`, for any n. */
export function clopperPearson(k: number, n: number, level = 0.95): Interval {
  const tail = (1 - level) / 2;
  return { low: k === 0 ? 0 : betaQuantile(tail, k, n - k + 1), high: k === n ? 1 : betaQuantile(1 - tail, k + 1, n - k), level };
}

/** Exact one-sided upper bound of a proportion: the largest p under which k or fewer of n has probability 1 - level. */
export const upperBound = (k: number, n: number, level = 0.95): number => (k >= n ? 1 : betaQuantile(level, k + 1, n - k));

export interface TwoProportions {
  difference: number;
  /** Pooled z (score test of equality). */
  z: number; pTwoSided: number;
  /** P-value of "the first proportion is larger". */
  pGreater: number;
  /** Newcombe's hybrid score interval of the difference (1998, method 10). */
  interval: Interval;
}

/** Compares k1/n1 with k2/n2, independent samples. For small counts use `fisherGreater`. */
export function twoProportions(k1: number, n1: number, k2: number, n2: number, level = 0.95): TwoProportions {
  const p1 = k1 / n1, p2 = k2 / n2, pooled = (k1 + k2) / (n1 + n2), se = Math.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2));
  const difference = p1 - p2, z = se > 0 ? difference / se : 0, a = wilson(k1, n1, level), b = wilson(k2, n2, level);
  return {
    difference, z, pTwoSided: Math.min(1, 2 * normalCdf(-Math.abs(z))), pGreater: normalCdf(-z),
    interval: { low: difference - Math.hypot(p1 - a.low, b.high - p2), high: difference + Math.hypot(a.high - p1, p2 - b.low), level },
  };
}

/** Fisher's exact test, one-sided: probability of k1 or more among the k1 + k2 successes, margins fixed. */
export function fisherGreater(k1: number, n1: number, k2: number, n2: number): number {
  const k = k1 + k2, choose = (n: number, r: number) => logGamma(n + 1) - logGamma(r + 1) - logGamma(n - r + 1);
  const all = choose(n1 + n2, k);
  let p = 0;
  for (let i = k1; i <= Math.min(k, n1); i++) if (k - i <= n2) p += Math.exp(choose(n1, i) + choose(n2, k - i) - all);
  return Math.min(1, p);
}

/** McNemar's exact test, one-sided: of b + c discordant pairs, b or more went the first way by a fair coin. */
export function signTestGreater(b: number, c: number): number {
  const n = b + c;
  let p = 0;
  for (let i = b; i <= n; i++) p += Math.exp(logGamma(n + 1) - logGamma(i + 1) - logGamma(n - i + 1) - n * Math.LN2);
  return n === 0 ? 1 : Math.min(1, p);
}

/** Quantile q of values that need not be sorted, linear between order statistics (Hyndman & Fan's definition 7; NumPy's default). */
export const quantile = (values: ArrayLike<number>, q: number): number => quantiles(values, [q])[0];
export function quantiles(values: ArrayLike<number>, qs: readonly number[]): number[] {
  const sorted = Float64Array.from(values).sort();
  return qs.map(q => {
    if (sorted.length === 0) return Number.NaN;
    const at = q * (sorted.length - 1), i = Math.floor(at), next = Math.min(sorted.length - 1, i + 1);
    return sorted[i] + (at - i) * (sorted[next] - sorted[i]);
  });
}

export interface BootstrapOptions { seed: number; /** Names the random stream: two statistics with one name see the same resamples. */ name: string; replicates?: number; level?: number; progress?(fraction: number): Promise<void> }

/**
 * Percentile bootstrap (Efron 1979) of a statistic of n exchangeable units, e.g. rows or entities. `statistic` gets the indices drawn, with
 * repeats. Replicate r uses draws [r n, (r + 1) n) of the stream: the same seed and name give the same figures. NaN replicates are left out.
 */
export async function bootstrap(n: number, statistic: (rows: Int32Array) => number, options: BootstrapOptions): Promise<{ values: Float64Array; standardError: number; interval: Interval }> {
  const replicates = options.replicates ?? 1000, level = options.level ?? 0.95, stream = new KeyStream(options.seed, options.name), values: number[] = [];
  for (let r = 0; r < replicates; r++) {
    const u = stream.uniforms(r * n, n), rows = new Int32Array(n);
    for (let i = 0; i < n; i++) rows[i] = Math.min(n - 1, Math.floor(u[i] * n));
    const v = statistic(rows);
    if (!Number.isNaN(v)) values.push(v);
    await options.progress?.((r + 1) / replicates);
  }
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const [low, high] = quantiles(values, [(1 - level) / 2, (1 + level) / 2]);
  return { values: Float64Array.from(values), standardError: Math.sqrt(values.reduce((s, v) => s + (v - mean) ** 2, 0) / (values.length - 1)), interval: { low, high, level } };
}
