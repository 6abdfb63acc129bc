/**
 * The cache under a privacy budget. The paper's pseudo-code is not private as it stands: its noise is not scaled to what a row can change, counts are not noised, and an entry says that somebody was in that
 * context. Here the contexts are fixed before any row is read, or selected by a stability threshold; then one query holds *clipped sums and counts of all contexts together*. A row is in one context and in none
 * of the others' sums, so the whole query changes by at most the row's own vector (parallel contexts cost nothing more), and is one Gaussian mechanism. Division
 * and the projection onto covariances are post-processing.
 */
import { addGaussian } from '../../privacy/mechanisms/vector';
import { fractionAbove, toNumber } from '../../privacy/mechanisms/discrete';
import { selectGaussianCounts } from '../../privacy/mechanisms/partitions';
import type { NoiseSource } from '../../privacy/mechanisms/source';
import type { Mechanism } from '../../privacy/accountant/mechanism';
import { eigen } from '../classical/gaussian';

/** One block of a row's vector: values and the length they are clipped to. Blocks are divided by their clip, so that each adds at most 1 to the squared sensitivity. */
export interface Block { width: number; clip: number; /** row's own values into `into` */ fill(row: number, into: Float64Array): void }
export interface Query { blocks: readonly Block[]; contexts: Int32Array; count: number }
/** L2 sensitivity of a query to one row: the root of the number of its blocks, since every block is clipped to length 1. */
export const sensitivityOf = (blocks: readonly unknown[]): number => Math.sqrt(blocks.length);

/** Sums over each context's rows, before noise: [contexts, blocks' widths], every block clipped and in units of its clip. */
export function clippedSums({ blocks, contexts, count }: Query): Float64Array {
  const width = blocks.reduce((n, b) => n + b.width, 0), out = new Float64Array(count * width);
  const own = blocks.map((b) => new Float64Array(b.width));
  for (let i = 0; i < contexts.length; i++) {
    let at = contexts[i]! * width;
    blocks.forEach((b, k) => {
      const v = own[k]!;
      b.fill(i, v);
      let squares = 0;
      for (const x of v) squares += x * x;
      const scale = Number.isFinite(squares) ? 1 / Math.max(b.clip, Math.sqrt(squares)) : 0;
      for (let j = 0; j < v.length; j++) out[at + j] += scale === 0 ? 0 : v[j]! * scale;
      at += v.length;
    });
  }
  return out;
}
/**
 * The query with noise: sums in the blocks' own units, [contexts, widths], and the mechanism that was run. Charge first.
 * @param sigma noise multiplier: standard deviation over sensitivity
 */
export function noisySums(query: Query, sigma: number, source: NoiseSource): { sums: Float64Array; mechanism: Mechanism } {
  const { sum, sigma: held } = addGaussian(clippedSums(query), { clip: sensitivityOf(query.blocks), sigma }, source), width = sum.length / Math.max(1, query.count);
  for (let c = 0; c < query.count; c++) { let at = c * width; for (const b of query.blocks) { for (let j = 0; j < b.width; j++) sum[at + j]! *= b.clip; at += b.width; } }
  return { sums: sum, mechanism: { kind: 'gaussian', sigma: held } };
}
/** What to charge for it: `addGaussian` rounds on a grid, which takes up to a two-thousandth of sigma^2. */
export const promised = (sigma: number): number => sigma / (1 + sigma / 2000);

/** What to charge for a selection of contexts. */
export const selectionOf = (sigma: number, delta: number): [Mechanism, Mechanism] => [{ kind: 'discrete-gaussian', sigma: toNumber(fractionAbove(sigma)), sensitivity: 1 }, { kind: 'approximate', epsilon: 0, delta }];
/** Which contexts there are, by their number of rows: only what so many rows have that one row more or less is hidden. The most frequent first, as far as noise lets see. */
export function selectContexts(keys: readonly string[], privacy: { sigma: number; delta: number }, source: NoiseSource): { keys: string[]; mechanisms: [Mechanism, Mechanism] } {
  const counts = new Map<string, number>();
  for (const k of keys) counts.set(k, (counts.get(k) ?? 0) + 1);
  const { counts: kept, mechanisms } = selectGaussianCounts(counts, privacy, source);
  return { keys: [...kept].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).map(([k]) => k), mechanisms };
}

/** The nearest covariance in Frobenius norm: negative eigenvalues become zero (Higham 1988). Symmetric [d, d]. */
export function project(matrix: Float64Array, d: number): Float64Array {
  const symmetric = matrix.map((v, i) => (v + matrix[(i % d) * d + Math.floor(i / d)]!) / 2), { values, vectors } = eigen(symmetric, d), out = new Float64Array(d * d);
  for (let k = 0; k < d; k++) {
    const v = Math.max(0, values[k]!);
    if (v > 0) for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) out[i * d + j]! += v * vectors[i * d + k]! * vectors[j * d + k]!;
  }
  return out;
}
