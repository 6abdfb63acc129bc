/**
 * The nearest point (Euclidean) to `x` with entries >= 0 that sum to `total`: max(0, x_i - t) for the one t that fits (Duchi, Shalev-Shwartz, Singer & Chandra 2008, Figure 1). Post-processing of noisy
 * counts: unlike clipping at 0 it does not turn the noise of many empty bins into rows.
 * @param total > 0
 */
export function projectSimplex(x: ArrayLike<number>, total: number): number[] {
  if (!(total > 0)) throw new RangeError(`projectSimplex: total ${total}`);
  const sorted = Float64Array.from(x).sort().reverse();
  let sum = 0, t = 0;
  for (let i = 0; i < sorted.length; i++) {
    sum += sorted[i]!;
    const candidate = (sum - total) / (i + 1);
    if (sorted[i]! <= candidate) break;
    t = candidate;
  }
  return Array.from(x, (v) => Math.max(0, v - t));
}
