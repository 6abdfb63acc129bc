import { logNormalCdf } from './normal';

/**
 * The smallest delta for which one Gaussian mechanism is (epsilon, delta)-private: Phi(1/(2s) - eps s) - e^eps Phi(-1/(2s) - eps s)
 * (Balle & Wang 2018, Theorem 8), exact.
 * @param sigma standard deviation / L2 sensitivity
 */
export function gaussianDelta(sigma: number, epsilon: number): number {
  const a = logNormalCdf(0.5 / sigma - epsilon * sigma), b = epsilon + logNormalCdf(-0.5 / sigma - epsilon * sigma);
  return Math.max(0, -Math.expm1(b - a) * Math.exp(a));
}

/** The smallest epsilon >= 0 of one Gaussian mechanism at `delta`, by bisection of `gaussianDelta`; never below the truth. */
export function gaussianEpsilon(sigma: number, delta: number): number {
  if (gaussianDelta(sigma, 0) <= delta) return 0;
  if (delta <= 0) return Infinity;
  let low = 0, high = 1;
  while (gaussianDelta(sigma, high) > delta) { low = high; high *= 2; }
  for (let i = 0; i < 100 && high - low > 1e-13 * high; i++) {
    const mid = (low + high) / 2;
    if (gaussianDelta(sigma, mid) > delta) low = mid; else high = mid;
  }
  return high;
}
