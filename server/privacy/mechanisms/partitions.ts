/**
 * Which categories a table has, privately. That a category occurs at all may be one person's secret, so a list of categories is released only where so many rows have one
 * that a single row's presence is hidden (delta-thresholding). Under add/remove of one row, a row having at most one category of the list.
 */
import { normalQuantile } from '../../learners/distributions';
import type { Mechanism } from '../accountant/mechanism';
import { discreteGaussian, discreteLaplace, fractionAbove, toNumber } from './discrete';
import type { NoiseSource } from './source';

export interface Privacy { epsilon: number; delta: number }

/** Deltas from here down, rounding in float64 would be a part of them. */
export const leastSelectionDelta = 1e-12;
function check({ epsilon, delta }: Privacy): void {
  if (!(Number.isFinite(epsilon) && epsilon > 0)) throw new RangeError(`partition selection: epsilon ${epsilon}`);
  if (!(delta > leastSelectionDelta && delta < 1)) throw new RangeError(`partition selection: delta ${delta}; it must lie between 1e-12 and 1`);
}

/** In a fixed order that is not the table's: sorted by name, as a set has no order. */
const sorted = (counts: ReadonlyMap<string, number>): [string, number][] => [...counts].filter(([, n]) => n > 0).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

/**
 * The optimal selection: no (epsilon, delta)-private rule keeps a category of n rows with a higher probability than
 * p(0) = 0, p(n+1) = min(e^eps p(n) + delta, 1 - e^-eps (1 - p(n) - delta), 1) (Desfontaines, Voss & Gipson 2022, "Differentially private partition selection", their theorem on the optimal strategy).
 * @returns p(0), p(1), ... up to and with the first 1
 */
export function keepProbabilities(privacy: Privacy, most = 1_000_000): number[] {
  check(privacy);
  // A millionth of delta and a billionth of epsilon pay for rounding here and in the draw.
  const up = Math.exp(privacy.epsilon * (1 - 1e-9)), delta = privacy.delta * (1 - 1e-6), p = [0];
  while (p[p.length - 1] < 1 && p.length < most) {
    const last = p[p.length - 1];
    p.push(Math.min(up * last + delta, 1 - (1 - last - delta) / up, 1));
  }
  return p;
}

/**
 * Names only, kept by the optimal rule; (epsilon, delta)-private as above.
 * @param counts rows per category
 */
export function selectPartitions(counts: ReadonlyMap<string, number>, privacy: Privacy, source: NoiseSource): { names: string[]; mechanism: Mechanism } {
  const p = keepProbabilities(privacy), bits = 64n;
  const names = sorted(counts).filter(([, n]) => {
    const keep = p[Math.min(n, p.length - 1)];
    // p is a float64: times 2^64 it is a whole number or is rounded down, by less than delta's millionth.
    return keep >= 1 || source.below(1n << bits) < BigInt(Math.floor(keep * 2 ** 64));
  }).map(([name]) => name);
  return { names, mechanism: { kind: 'approximate', ...privacy } };
}

/** The least noisy count that is released: 1 + the least m with P(Z >= m) = e^{-eps m} / (1 + e^-eps) <= delta, Z discrete Laplace of scale 1/eps. */
export function threshold(privacy: Privacy): number {
  check(privacy);
  const { epsilon, delta } = privacy;
  return 1 + Math.max(1, Math.ceil((-Math.log(delta) - Math.log1p(Math.exp(-epsilon))) / epsilon + 1e-9));
}

/**
 * Names and counts: discrete Laplace noise of scale 1/epsilon on every category that occurs, and only noisy counts of at least `threshold` are released
 * (Korolova, Kenthapadi, Mishra & Ntoulas 2009, "Releasing search queries and clicks privately", with one contribution a row). (epsilon, delta)-private for both together: a category of two rows or more is
 * in both tables and its count changes by one; one of a single row is released with probability at most delta.
 */
export function selectCounts(counts: ReadonlyMap<string, number>, privacy: Privacy, source: NoiseSource): { counts: Map<string, number>; mechanism: Mechanism } {
  const scale = fractionAbove(1 / privacy.epsilon), spent = { epsilon: 1 / toNumber(scale), delta: privacy.delta }, least = threshold(spent);
  const kept = sorted(counts).map(([name, n]) => [name, n + Number(discreteLaplace(scale, source))] as const).filter(([, n]) => n >= least);
  return { counts: new Map(kept), mechanism: { kind: 'approximate', ...spent } };
}

/**
 * The least noisy count that `selectGaussianCounts` releases: with it a category of one row is released with probability at most delta. A discrete Gaussian's tail is no heavier than
 * a normal one a step nearer (Canonne, Kamath & Steinke 2020, section 3): P(1 + Z >= t) <= P(N(0, sigma^2) >= t - 2).
 */
export function gaussianThreshold(sigma: number, delta: number): number {
  if (!(Number.isFinite(sigma) && sigma > 0)) throw new RangeError(`partition selection: sigma ${sigma}`);
  if (!(delta > 1e-15 && delta < 0.5)) throw new RangeError(`partition selection: delta ${delta}; it must lie between 1e-15 and .5`);
  return 2 + Math.ceil(-normalQuantile(delta) * sigma * (1 + 1e-6));
}

/**
 * Names and counts as `selectCounts`, with discrete Gaussian noise, which adds up better with other Gaussian releases. Two neighbouring tables differ either in the count of a category that both have, by
 * one: then this is the discrete Gaussian mechanism; or in a category of a single row that one has alone: then the outputs are equal but for probability delta. Hence no worse than both
 * mechanisms that are returned, run one after the other (compare Wilkins, Kifer, Zhang & Karrer 2024, "Exact privacy analysis of the Gaussian sparse histogram mechanism").
 * `known` are released whatever their counts: they must come from elsewhere than the table. Every category takes its noise from a fork of its own.
 */
export function selectGaussianCounts(
  counts: ReadonlyMap<string, number>, privacy: { sigma: number; delta: number }, source: NoiseSource, known: readonly string[] = [],
): { counts: Map<string, number>; mechanisms: [Mechanism, Mechanism] } {
  const scale = fractionAbove(privacy.sigma), sigma = toNumber(scale), least = gaussianThreshold(sigma, privacy.delta), free = new Set(known);
  const noisy = (name: string, n: number) => [name, n + Number(discreteGaussian(scale, source.fork(`count of ${name}`)))] as const;
  const kept = sorted(counts).filter(([name]) => !free.has(name)).map(([name, n]) => noisy(name, n)).filter(([, n]) => n >= least);
  return {
    counts: new Map([...known.map((name) => noisy(name, counts.get(name) ?? 0)), ...kept]),
    mechanisms: [{ kind: 'discrete-gaussian', sigma, sensitivity: 1 }, { kind: 'approximate', epsilon: 0, delta: privacy.delta }],
  };
}
