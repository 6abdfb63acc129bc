import type { NoiseSource } from './source';
import { normals } from './ziggurat';

/** The noise of one step: `clip` bounds one unit's share of the sum (L2), `sigma` is the noise multiplier wanted; `error` bounds (L2) what the sum's own arithmetic may be off. */
export interface VectorNoise { clip: number; sigma: number; error?: number }
/** What a vector is rounded to: multiples of `granularity`, a power of two. `sigma` is the multiplier that holds after rounding is paid for: the one for the accountant, a little below the one asked for. */
export interface Grid { sd: number; sigma: number; granularity: number }
export interface NoisySum { sum: Float64Array; sigma: number; granularity: number }

/**
 * A clipped sum with Gaussian noise, for DP-SGD, in float64 on a grid. The real-valued mechanism is (its sensitivity / sd)-Gaussian private; floating-point addition alone
 * is not, because the low bits of `value + noise` betray the value (Mironov 2012; Jin, McMurtry, Rubinstein & Ohrimenko 2022). Hence:
 *
 * 1. The sum is rounded to multiples of g, a power of two: its sensitivity grows from clip to at most clip + 2 error + g sqrt(d).
 * 2. The noise is rounded to multiples of g, and added as integers below 2^52, so exactly. On the grid, x + round(N) = round(x + N) for a real-valued N but where N lies half-way between two multiples, which has probability
 *    zero: what is released is a rounding of the real-valued mechanism's output, that is, post-processing, and its low bits are zero whatever the value was.
 * 3. What remains is that N is computed in float64 (ziggurat.ts): scaled, it is displaced from a real-valued number by at most e = 2^-49.5 sd up to 3.654 sd (2^-47 up to 15), whose density is off by a factor within 1 + 2^-44.
 *    A cell of the grid is g wide, so its probability lies between those of cells 2e narrower and wider: off by r < 2.02 e / g + 2^-44 < 2^-36.4 sqrt(d) relatively, since g > 2^-12 sd / sqrt(d). That is the worst
 *    case, not the typical one. By the relative-error lemma (Prest 2017, "Sharper bounds in lattice-based cryptography using the Renyi divergence", Lemma 3; taken cell by cell its linear terms add up to nothing, so
 *    what counts is the mean of r^2, of which the tail, seldom as it is, makes less than 2%) the Renyi divergence of order alpha from the ideal noise is alpha/2 d r^2 a step to first order: **T steps are off by at most alpha T d^2 2^-73**, 7e-7 for
 *    5,300 steps of 188,270 parameters (10^9 draws) at order 32. It grows with d^2: 6e-5 for a thousand steps of 4 million parameters. It is not charged. Beyond 15 sd lies 2^-167, less than any delta.
 *
 * g is at most 2^-11 sd / sqrt(d): what 1. takes from the noise multiplier is below sigma^2 / 2^11.
 * @param x the sum of clipped vectors of one Poisson batch, length d; not changed
 * @throws RangeError when the values are so large, or so many, against the noise that the grid would not hold them
 */
export function addGaussian(x: ArrayLike<number>, noise: VectorNoise, source: NoiseSource): NoisySum {
  const grid = gridFor(noise, x.length), sum = new Float64Array(x.length);
  addOnGrid(x, grid, source, sum);
  return { sum, sigma: grid.sigma, granularity: grid.granularity };
}

/** The grid of a vector of length d, by public numbers alone. @throws RangeError as `addGaussian` */
export function gridFor({ clip, sigma, error = 0 }: VectorNoise, d: number): Grid {
  const sd = clip * sigma;
  if (!(Number.isFinite(sd) && sd > 0 && clip > 0)) throw new RangeError(`addGaussian: clip ${clip}, sigma ${sigma}`);
  if (!(error >= 0)) throw new RangeError(`addGaussian: error ${error}`);
  const g = 2 ** Math.floor(Math.log2(sd / (2048 * Math.sqrt(Math.max(1, d)))));
  if (g < sd * 2 ** -26) throw new RangeError(`addGaussian: ${d} coordinates are too many for one grid; add noise group by group`);
  return { sd, sigma: sd / (clip + 2 * error + g * Math.sqrt(d)), granularity: g };
}

/** In this binade a float64 has no fraction, so adding it rounds (ties to even) and taking it off leaves the integer: below 2^51 in size. */
const toInteger = 1.5 * 2 ** 52;
const chunk = new Float64Array(1 << 12);

/**
 * The noise of `addGaussian` for a part of the vector, into an array that is there: every coordinate of the vector must go through one call with the grid of the whole. `times` multiplies what comes out, which is
 * post-processing, as is rounding it to the array's own precision.
 * @param into as long as x; may be x
 */
export function addOnGrid(x: ArrayLike<number>, { sd, granularity: g }: Grid, source: NoiseSource, into: Float64Array | Float32Array, times = 1): void {
  // A power of two: multiplying by the inverse is the division, exactly.
  const inverse = 1 / g, scale = sd * inverse, unit = g * times;
  for (let from = 0; from < x.length; from += chunk.length) {
    const n = Math.min(chunk.length, x.length - from);
    normals(n === chunk.length ? chunk : chunk.subarray(0, n), source);
    for (let i = 0; i < n; i++) {
      const on = x[from + i]! * inverse + toInteger - toInteger;
      if (!(Math.abs(on) < 2 ** 51)) throw new RangeError(`addGaussian: coordinate ${from + i} is ${x[from + i]}, beyond the grid`);
      into[from + i] = (on + (chunk[i]! * scale + toInteger - toInteger)) * unit;
    }
  }
  chunk.fill(0);
}
