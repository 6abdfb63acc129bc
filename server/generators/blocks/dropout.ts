/**
 * Dropout (Srivastava et al. 2014) whose masks are rows of a fixed pool, drawn afresh for every row of a hidden layer at every step: a
 * keystream word per unit would cost more than the step itself.
 */
import { gather, KeyStream, mul, reshape, type Expr } from '../../engine';

/** A power of two, so that a word's low bits choose a row evenly. */
const poolRows = 2048;
export const poolShape = (width: number): number[] => [poolRows, width];

/** Bernoulli masks scaled by 1/keep, [poolRows, width]: resident data of a trainer. */
export function dropoutPool(width: number, rate: number, stream: KeyStream): Float32Array {
  const keep = 1 - rate;
  return Float32Array.from(stream.uniforms(0, poolRows * width), (v) => (v < keep ? 1 / keep : 0));
}
/** Which pool rows steps [from, from + count) use, `perStep` of them a step: int32 [count * perStep]. */
export function dropoutRows(stream: KeyStream, from: number, count: number, perStep: number): Int32Array {
  const words = stream.bits(from * perStep, count * perStep);
  for (let i = 0; i < words.length; i++) words[i] = words[i]! & (poolRows - 1);
  return words;
}
/** h [..., width] with every row's mask; rows int32, as many as h has rows. */
export const dropped = (h: Expr, pool: Expr, rows: Expr): Expr => mul(h, reshape(gather(pool, rows), h.shape));
