/** Random words fed to a program, and the noise made of them there. */
import { at, concat, normal, reshape, size, slice, uniform, type Expr, type InputSpec, type KeyStream, type Shape } from '../../engine';

/** The input that `normals` of so many numbers takes: words in pairs. */
export const normalBits = (shape: Shape): InputSpec => ({ shape: [2, Math.ceil(size(shape) / 2)], dtype: 'int32' });
/** Standard normals of a shape, from its `normalBits`. */
export function normals(bits: Expr, shape: Shape): Expr {
  const n = size(shape), flat = reshape(normal(bits), [-1]);
  return reshape(flat.shape[0] === n ? flat : slice(flat, [0], [n]), shape);
}
/** Standard normals [B, n] from bits [2, B, ceil(n / 2)]. */
export function normalRows(bits: Expr, n: number): Expr {
  const z = normal(bits), both = concat([at(z, 0), at(z, 1)], 1);
  return slice(both, [0], [n], [1]);
}
/** The input that `uniforms` of a shape takes: a word each. */
export const uniformBits = (shape: Shape): InputSpec => ({ shape, dtype: 'int32' });
export const uniforms = (bits: Expr): Expr => uniform(bits);
/** Words of `count` steps from step `from` of a stream that gives every step as many as the input takes. */
export function wordsOf(stream: KeyStream, spec: InputSpec, from: number, count: number): Int32Array {
  const n = size(spec.shape);
  return stream.bits(from * n, count * n);
}
