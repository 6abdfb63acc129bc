import { normalCdf } from '../../learners/distributions';

/** log P(Z <= z), accurate however far out: below -8 by the continued fraction of Mills' ratio (Abramowitz & Stegun 26.2.14). */
export function logNormalCdf(z: number): number {
  if (z > -8) return Math.log(normalCdf(z));
  let fraction = 0;
  for (let k = 60; k > 0; k--) fraction = k / (-z + fraction);
  return -0.5 * z * z - 0.5 * Math.log(2 * Math.PI) - Math.log(-z + fraction);
}

// Gauss-Legendre on [-1, 1], five points.
const at = [0, 0.5384693101056831, 0.906179845938664], weight = [0.5688888888888889, 0.4786286704993665, 0.2369268850561891];

/**
 * P(a < Z <= b). A narrow interval by quadrature of the density, so that its error is relative to its own mass (about 1e-15) and not to 1, as that of a difference of
 * two distribution functions is; also ten times faster.
 */
export function normalMass(a: number, b: number): number {
  const half = (b - a) / 2;
  if (half * (1 + Math.max(Math.abs(a), Math.abs(b))) <= 0.125) {
    const mid = (a + b) / 2, f = (x: number) => Math.exp(-0.5 * x * x);
    let sum = weight[0] * f(mid);
    for (let i = 1; i < 3; i++) sum += weight[i] * (f(mid - half * at[i]) + f(mid + half * at[i]));
    return sum * half / Math.sqrt(2 * Math.PI);
  }
  return a > 0 ? cdf(-a) - cdf(-b) : cdf(b) - cdf(a);
}
const cdf = (z: number): number => (z === -Infinity ? 0 : z === Infinity ? 1 : normalCdf(z));
