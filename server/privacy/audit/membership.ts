import { normalCdf } from '../../learners/distributions';

/**
 * Whether batches are Poisson samples of 0..n-1 at rate q, from who was in them: what an audit by canaries cannot see (README.md). Two statistics that should be normal about zero: the spread of batch
 * sizes about n q (none, where sizes are fixed) and the spread of how often an example appears about T q (none, where batches are walked through in a shuffled order).
 * @param batches members of T steps
 * @returns the p-value of both together (the smaller one doubled), and each in standard deviations, negative where there is too little spread
 * @throws RangeError where nothing could be told: no step, or a rate of 0 or 1
 */
export function poissonMembership(batches: readonly ArrayLike<number>[], n: number, q: number): { p: number; sizes: number; appearances: number } {
  const T = batches.length;
  if (!(T > 0 && n > 0 && q > 0 && q < 1)) throw new RangeError(`poissonMembership: ${T} steps, ${n} examples, rate ${q}`);
  const times = new Float64Array(n);
  for (const b of batches) for (let i = 0; i < b.length; i++) times[b[i]!]!++;
  const sizes = spread(batches.map((b) => b.length), n, q), appearances = spread(times, T, q);
  return { p: Math.min(1, 4 * normalCdf(-Math.max(Math.abs(sizes), Math.abs(appearances)))), sizes, appearances };
}

/** The sum of squared deviations of Binomial(n, q) counts, standardised by its own mean and variance; by the cube root (Wilson & Hilferty 1931), so that a few counts are enough. */
function spread(counts: ArrayLike<number>, n: number, q: number): number {
  const variance = n * q * (1 - q), k = counts.length;
  let sum = 0;
  for (let i = 0; i < k; i++) sum += (counts[i]! - n * q) ** 2 / variance;
  // A squared standardised binomial varies by 2 + (1 - 6 q (1 - q)) / variance; a chi-squared mean of `degrees` by 2 / degrees.
  const degrees = (2 * k) / (2 + (1 - 6 * q * (1 - q)) / variance), unit = 2 / (9 * degrees);
  return (Math.cbrt(sum / k) - (1 - unit)) / Math.sqrt(unit);
}
