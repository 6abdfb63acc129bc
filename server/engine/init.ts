/** Initial parameters, from the run's keystream. */
import { size, type Shape } from './expr';
import type { KeyStream } from './random';

/** `normal`: standard deviation; `uniform`: half-width around zero; an array: these values. */
export type Init = 'zeros' | 'ones' | { normal: number } | { uniform: number } | { glorot: true } | { he: true } | Float32Array;
/** Glorot & Bengio (2010): uniform in +-sqrt(6 / (in + out)), over the last two axes. */
export const glorot = (): Init => ({ glorot: true });
/** He et al. (2015): normal with sd sqrt(2 / in), `in` being the last axis but one. */
export const he = (): Init => ({ he: true });

export function initialValues(init: Init, shape: Shape, stream: KeyStream): Float32Array {
  const n = size(shape), fanIn = shape[shape.length - 2] ?? 1, fanOut = shape[shape.length - 1] ?? 1;
  if (init === 'zeros') return new Float32Array(n);
  if (init === 'ones') return new Float32Array(n).fill(1);
  if (init instanceof Float32Array) {
    if (init.length !== n) throw new Error(`init: ${init.length} values for shape [${shape}]`);
    return init;
  }
  if ('glorot' in init) return initialValues({ uniform: Math.sqrt(6 / (fanIn + fanOut)) }, shape, stream);
  if ('he' in init) return initialValues({ normal: Math.sqrt(2 / fanIn) }, shape, stream);
  if ('normal' in init) return Float32Array.from(stream.normals(0, n), (v) => v * init.normal);
  return Float32Array.from(stream.uniforms(0, n), (v) => (2 * v - 1) * init.uniform);
}
