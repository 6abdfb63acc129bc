import type { NoiseSource } from './source';

/**
 * A Poisson sample of 0..n-1: each independently with probability q, which is what amplification by sampling is proven for (batches of a fixed size, or a shuffled walk through the
 * table, are not). q is rounded down to a multiple of 2^-64. Who is in a batch must stay as secret as the noise, so it is drawn from the same source.
 * @returns indices in ascending order; about n q of them, sometimes none
 */
export function poissonSample(n: number, q: number, source: NoiseSource): Uint32Array {
  if (!(Number.isInteger(n) && n >= 0 && n < 2 ** 32)) throw new RangeError(`poissonSample: ${n} rows`);
  if (!(q >= 0 && q <= 1)) throw new RangeError(`poissonSample: probability ${q}`);
  const high = Math.floor(q * 2 ** 32), low = Math.floor((q * 2 ** 32 - high) * 2 ** 32), chosen: number[] = [];
  for (let i = 0; i < n; i++) {
    const w = source.uint32();
    if (w < high || (w === high && source.uint32() < low)) chosen.push(i);
  }
  return Uint32Array.from(chosen);
}
