import { betaQuantile, normalQuantile } from '../learners/distributions';

/** Quantile of Student's t with `df` degrees of freedom (Infinity: the normal's), by the incomplete beta function. */
export function studentQuantile(p: number, df: number): number {
  if (p === 0.5) return 0;
  if (!(df < 1e7)) return normalQuantile(p);
  const x = betaQuantile(2 * Math.min(p, 1 - p), df / 2, 0.5);
  return Math.sign(p - 0.5) * Math.sqrt(df * (1 / x - 1));
}
