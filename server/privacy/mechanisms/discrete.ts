/**
 * Discrete Laplace and discrete Gaussian noise, sampled exactly: integers and fractions of integers only, no floating point, so that the distribution is the theorem's and
 * not one near it (Canonne, Kamath & Steinke 2020, "The discrete Gaussian for differential privacy", Algorithms 1-3). How long a draw takes depends on its value; who can
 * time single draws on the user's own machine is no adversary considered here.
 */
import type { NoiseSource } from './source';

/** numerator / denominator, denominator > 0. */
export interface Fraction { top: bigint; bottom: bigint }

/**
 * A positive number as a fraction, rounded *up* to 24 significant bits: noise a ten-millionth larger than asked for costs nothing, and the integers stay short.
 * @throws RangeError when it is not positive and finite
 */
export function fractionAbove(x: number): Fraction {
  if (!(Number.isFinite(x) && x > 0)) throw new RangeError(`fractionAbove(${x})`);
  const exponent = Math.floor(Math.log2(x)) - 23, top = Math.ceil(x / 2 ** exponent);
  return exponent >= 0 ? { top: BigInt(top) << BigInt(exponent), bottom: 1n } : reduce({ top: BigInt(top), bottom: 1n << BigInt(-exponent) });
}
function reduce({ top, bottom }: Fraction): Fraction {
  while (bottom > 1n && !(top & 1n) && !(bottom & 1n)) { top >>= 1n; bottom >>= 1n; }
  return { top, bottom };
}
export const toNumber = (f: Fraction): number => Number(f.top) / Number(f.bottom);

/** True with probability top / bottom exactly. */
const bernoulli = (top: bigint, bottom: bigint, source: NoiseSource): boolean => source.below(bottom) < top;

/** True with probability e^-g exactly, g = top / bottom >= 0 (Algorithm 1). */
export function bernoulliExp(top: bigint, bottom: bigint, source: NoiseSource): boolean {
  // e^-g = e^-1 ... e^-1 e^-(fraction): each factor for itself, stopping at the first failure.
  for (; top > bottom; top -= bottom) if (!bernoulliExp(1n, 1n, source)) return false;
  let k = 1n;
  while (bernoulli(top, bottom * k, source)) k++;
  return (k & 1n) === 1n;
}

/** An integer z with probability proportional to e^{-|z| / scale} (Algorithm 2). Add/remove of one unit that changes a count by at most s: (s / scale, 0)-private. */
export function discreteLaplace(scale: Fraction, source: NoiseSource): bigint {
  const { top: t, bottom: s } = scale;
  for (;;) {
    const u = source.below(t);
    if (!bernoulliExp(u, t, source)) continue;
    let v = 0n;
    while (bernoulliExp(1n, 1n, source)) v++;
    const y = (u + t * v) / s, negative = source.bit();
    if (negative && y === 0n) continue; // else zero would be twice as likely
    return negative ? -y : y;
  }
}

/**
 * An integer z with probability proportional to e^{-z^2 / (2 sigma^2)} (Algorithm 3). A count that one unit changes by at most s: s^2 / (2 sigma^2)-concentrated private
 * (Theorem 4), and exactly as the accountant's `discrete-gaussian`.
 */
export function discreteGaussian(sigma: Fraction, source: NoiseSource): bigint {
  const { top: a, bottom: b } = sigma, t = a / b + 1n;
  const a2 = a * a, b2 = b * b;
  for (;;) {
    const y = discreteLaplace({ top: t, bottom: 1n }, source), size = y < 0n ? -y : y;
    // (|y| - sigma^2 / t)^2 / (2 sigma^2), over the denominator 2 a^2 b^2 t^2.
    const difference = size * b2 * t - a2;
    if (bernoulliExp(difference * difference, 2n * a2 * b2 * t * t, source)) return y;
  }
}
