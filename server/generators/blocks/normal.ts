/** The standard normal distribution function for millions of cells: cubic Hermite interpolation of exact values, error below 1e-12. */
import { normalCdf } from '../../learners/distributions';

const reach = 8, steps = 256;
let table: Float64Array | undefined;
const density = (z: number): number => Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);

export function phi(z: number): number {
  if (z !== z) return NaN;
  if (z <= -reach) return 0;
  if (z >= reach) return 1;
  table ??= Float64Array.from({ length: 2 * reach * steps + 2 }, (_, i) => normalCdf(i / steps - reach));
  const x = (z + reach) * steps, i = Math.floor(x), t = x - i, z0 = i / steps - reach;
  const a = table[i]!, b = table[i + 1]!, da = density(z0) / steps, db = density(z0 + 1 / steps) / steps;
  const u = t * t * (3 - 2 * t);
  return a + (b - a) * u + t * (1 - t) * ((1 - t) * da - t * db);
}
