import type { DeviceChoice } from '../../protocol';

/** Points as rows of a matrix, row-major float32. */
export interface Points { rows: number; width: number; values: Float32Array }
/** Row-major [asked rows * k]; ascending by distance. */
export interface Found { distances: Float64Array; indices: Int32Array }

/**
 * The k nearest base points of every asked point, Euclidean, exact (float64 sums).
 */
export async function nearestRows(device: DeviceChoice, asked: Points, base: Points, k: number, progress: (fraction: number) => Promise<void>): Promise<Found> {
  void device;
  const distances = new Float64Array(asked.rows * k).fill(Infinity), indices = new Int32Array(asked.rows * k).fill(-1), w = asked.width, q = asked.values, b = base.values;
  for (let i = 0; i < asked.rows; i++) {
    const at = i * k, from = i * w;
    for (let j = 0; j < base.rows; j++) {
      let s = 0;
      const worst = distances[at + k - 1];
      for (let c = 0, o = j * w; c < w; c++, o++) { const d = q[from + c] - b[o]; s += d * d; }
      if (s >= worst) continue;
      let p = k - 1;
      while (p > 0 && distances[at + p - 1] > s) { distances[at + p] = distances[at + p - 1]; indices[at + p] = indices[at + p - 1]; p--; }
      distances[at + p] = s; indices[at + p] = j;
    }
    if ((i & 255) === 255) await progress(i / asked.rows);
  }
  return { distances: distances.map(Math.sqrt), indices };
}
