import { KeyStream } from '../engine/random';

/** A random order of 0..n-1 that depends only on seed and name. */
export const permutation = (seed: number, name: string, n: number): Int32Array => new KeyStream(seed, name).permutation(0, n);
