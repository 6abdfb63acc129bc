import type { NoiseSource } from './source';

/** The noise of one step: `clip` bounds one unit's share of the sum (L2), `sigma` is the noise multiplier wanted; `error` bounds (L2) what the sum's own arithmetic may be off. */
export interface VectorNoise { clip: number; sigma: number; error?: number }
/** `sigma` is the multiplier that holds after rounding is paid for: the one for the accountant, a little below the one asked for. */
export interface NoisySum { sum: Float64Array; sigma: number; granularity: number }

/**
 * A clipped sum with Gaussian noise, for DP-SGD, in float64 on a grid. The real-valued mechanism is (its sensitivity / sd)-Gaussian private; floating-point addition alone
 * is not, because the low bits of `value + noise` betray the value (Mironov 2012; Jin, McMurtry, Rubinstein & Ohrimenko 2022). Hence:
 *
 * 1. The sum is rounded to multiples of g, a power of two: its sensitivity grows from clip to at most clip + 2 error + g sqrt(d).
 * 2. The noise is rounded to multiples of g, and added as integers below 2^53, so exactly. On the grid, round(x + N) = x + round(N): what is released is a rounding of the
 *    real-valued mechanism's output, that is, post-processing, and its low bits are zero whatever the value was.
 * 3. What remains is that the normal itself is computed in float64: Box-Muller from a 128-bit radius and a 64-bit angle (tails to 13 sd), within 2^-48 sd
 *    of the real number. g is at least 2^-26 sd here, so a cell's probability is off by less than r = 2^-22 relatively, and typically 2^-28; by the relative-error lemma (Prest 2017, "Sharper bounds in
 *    lattice-based cryptography using the Renyi divergence", Lemma 3) the Renyi divergence from the ideal noise is about alpha r^2 / 2 a draw with r the typical one, under
 *    1e-6 over 10^9 draws at order 32.
 *
 * g is at most 2^-11 sd / sqrt(d): what 1. takes from the noise multiplier is below sigma^2 / 2^11.
 * @param x the sum of clipped vectors of one Poisson batch, length d; not changed
 * @throws RangeError when the values are so large, or so many, against the noise that the grid would not hold them
 */
export function addGaussian(x: ArrayLike<number>, noise: VectorNoise, source: NoiseSource): NoisySum {
  const { clip, sigma, error = 0 } = noise, sd = clip * sigma, d = x.length;
  if (!(Number.isFinite(sd) && sd > 0 && clip > 0)) throw new RangeError(`addGaussian: clip ${clip}, sigma ${sigma}`);
  if (!(error >= 0)) throw new RangeError(`addGaussian: error ${error}`);
  const g = 2 ** Math.floor(Math.log2(sd / (2048 * Math.sqrt(Math.max(1, d)))));
  if (g < sd * 2 ** -26) throw new RangeError(`addGaussian: ${d} coordinates are too many for one grid; add noise group by group`);
  // A power of two: multiplying by the inverse is the division, exactly.
  const sum = new Float64Array(d), inverse = 1 / g, scale = sd * inverse;
  const place = (k: number, noise: number): void => {
    const on = Math.round(x[k] * inverse);
    if (!(Math.abs(on) < 2 ** 52)) throw new RangeError(`addGaussian: coordinate ${k} is ${x[k]}, beyond the grid`);
    sum[k] = (on + Math.round(noise) + 0) * g; // + 0: no minus zero
  };
  for (let i = 0; i < d; i += 2) {
    const r = Math.sqrt(-2 * Math.log(source.uniform(true))) * scale, angle = 2 * Math.PI * source.uniform();
    place(i, r * Math.cos(angle));
    if (i + 1 < d) place(i + 1, r * Math.sin(angle));
  }
  return { sum, sigma: sd / (clip + 2 * error + g * Math.sqrt(d)), granularity: g };
}
