import { type Device, matmul, max, reshape } from '../../engine';
import type { DeviceInfo } from '../../protocol';

/**
 * Reference rows as the device gets them: [-, width + 1] float32, centred, each with minus its squared norm last, ordered by norm and padded to whole blocks.
 * `groupNorm` is the largest norm in every group of `groupSize` rows.
 */
export interface Prepared { values: Float32Array; groups: number; groupNorm: Float64Array }

export interface Blocks { queries: number; reference: number; group: number }
/** On the CPU a block's scores stay in cache (4 MB); a GPU wants larger ones. Never much larger than the job. */
export function blocksFor(device: DeviceInfo, queries: number, reference: number): Blocks {
  const cpu = device.name === 'cpu', group = cpu ? 32 : 64, whole = (n: number, unit: number, most: number) => Math.min(most, Math.max(1, Math.ceil(n / unit)) * unit);
  return { queries: whole(queries, 64, cpu ? 1024 : 2048), reference: whole(reference, group, cpu ? 1024 : 16384), group };
}

/** Largest relative error of one multiplication or addition. CUDA may multiply in TF32 (11 bits); WebGPU need not round to nearest. */
export const unitRoundoff = (device: DeviceInfo): number => (device.name === 'cpu' ? 2 ** -24 : device.name === 'webgpu' ? 2 ** -22 : 2 ** -10);

/**
 * How far the device's 2 q.r - |r|^2 can be from its exact value for the uncentred rows, as a multiple of (|q| + |r|)^2.
 * A sum of K = width + 1 products is off by at most g_K times the sum of their sizes, g_K = K u / (1 - K u), in whatever order it is summed
 * (Higham 2002, section 3.1), and that sum is at most (|q| + |r|)^2; rounding |r|^2 to float32 adds u; centring moves each row by at most u |row|,
 * and so d^2 by about 2 u (|q| + |r|)^2. The float64 arithmetic on top is covered by the last two units.
 */
export function errorFactor(width: number, u: number): number {
  const k = width + 1;
  return (k * u) / (1 - k * u) + u + 4 * 2 ** -24;
}

/** Per column, a float32 value near the middle of the data: distances do not change by it, but norms, and so errors, shrink. */
export function centreOf(x: Float32Array, rows: number, width: number): Float32Array {
  const sum = new Float64Array(width);
  for (let i = 0; i < rows; i++) for (let j = 0; j < width; j++) sum[j] += x[i * width + j];
  return Float32Array.from(sum, s => s / Math.max(1, rows));
}

/** Norms of centred rows, rounded as the device sees them. */
export function centredNorms(x: Float32Array, rows: ArrayLike<number>, width: number, centre: Float32Array): Float64Array {
  const out = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    let s = 0;
    for (let j = 0, at = rows[i] * width; j < width; j++) { const v = Math.fround(x[at + j] - centre[j]); s += v * v; }
    out[i] = Math.sqrt(s);
  }
  return out;
}

/** `sorted`: distinct rows in order of their `norms`. */
export function prepareReference(sorted: Float32Array, norms: Float64Array, width: number, centre: Float32Array, blocks: Blocks): Prepared {
  const rows = norms.length, padded = Math.ceil(rows / blocks.reference) * blocks.reference, w = width + 1;
  const values = new Float32Array(padded * w), groups = Math.ceil(rows / blocks.group), groupNorm = new Float64Array(groups);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < width; j++) values[i * w + j] = sorted[i * width + j] - centre[j];
    values[i * w + width] = -norms[i] * norms[i];
    const g = Math.floor(i / blocks.group);
    groupNorm[g] = Math.max(groupNorm[g], norms[i]);
  }
  for (let i = rows; i < padded; i++) values[i * w + width] = -3e38; // farther than anything
  return { values, groups, groupNorm };
}

/** One query row as the device gets it: twice the centred row, then 1. */
export function writeQuery(out: Float32Array, at: number, x: Float32Array, from: number, width: number, centre: Float32Array): void {
  for (let j = 0; j < width; j++) out[at + j] = 2 * Math.fround(x[from + j] - centre[j]);
  out[at + width] = 1;
}

/** The program: closeness [queries, reference] = 2 q.r - |r|^2 by one matrix product, of which only every group's greatest leaves the device. */
export function compileBounds(device: Device, width: number, blocks: Blocks) {
  const { queries, reference, group } = blocks;
  return device.compile({
    inputs: { q: { shape: [queries, width + 1], dtype: 'float32' }, r: { shape: [reference, width + 1], dtype: 'float32' } },
    outputs: ({ q, r }) => ({ closest: max(reshape(matmul(q, r, { transB: true }), [queries, reference / group, group]), { axes: 2 }) }),
  });
}
