/**
 * Standard normals by the ziggurat (Marsaglia & Tsang 2000), in float64, an exact rejection: the area under f(x) = e^{-x^2/2} is covered by 256 layers of one area A, 255 rectangles
 * [0, x_i] x [y_i, y_{i+1}] and the base [0, r] x [0, f(r)] with the tail beyond r. A draw takes a layer, a sign and a place in the layer from *separate* bits of two words (Doornik 2005:
 * where they share bits, as in the original, draws are not normal): 8, 1 and 52. What lies below the next layer's edge is taken at once, which is most; what lies beyond it is taken where a
 * point of the rectangle, 64 bits of height, lies under f; beyond r the tail follows by Marsaglia's (1964) exact method from exponentials of 128 bits.
 *
 * **How far a draw is from a real-valued one.** Write u for 2^-53 and couple the 52 bits with a real number in their cell. A place is then off by at most u A/f(r) < 3.92 u (half a cell of the base, the widest layer),
 * the product with the layer's width by another 3.66 u, and once more where it is scaled (vector.ts): **within 2^-49.5 up to r = 3.654**. In the tail come the logarithm (good to its last place), the quotient and the
 * sum: **within 2^-47 up to 15**. That is displacement; apart from it the density is off by a factor: equal areas hold to 2^-44 (a test adds them up), f to 2^-49 where it is compared with a height, the tail's share of the base
 * to 2^-45, and the chance to be kept in the tail to 2^-44, and 2^-35 towards 15 (there U < 2^-93 is asked of multiples of 2^-128). Exponentials of 128 bits let the tail reach 17; beyond 15 a normal lies with
 * probability 2^-167, less than any delta, so that nothing hangs on how it ends.
 */
import type { NoiseSource } from './source';

const layers = 256;
/** Where the tail begins, and the area of a layer, r f(r) + the tail: solved in 60 digits for layers that close at f(0) = 1. */
const r = 3.654152885361009, area = 0.004928673233974655;
const density = (x: number): number => Math.exp(-0.5 * x * x);

/** Layer i's right end x_i, of which x_0 is as wide as the base would be as a rectangle, and its lower end y_i = f(x_i); x_256 = 0, y_256 = 1. */
export const edges = new Float64Array(layers + 1), heights = new Float64Array(layers + 1);
edges[0] = area / density(r);
edges[1] = r; heights[1] = density(r);
for (let i = 1; i < layers - 1; i++) { heights[i + 1] = heights[i]! + area / edges[i]!; edges[i + 1] = Math.sqrt(-2 * Math.log(heights[i + 1]!)); }
heights[layers] = 1;

/** By layer and sign (256 more is negative): a place in 2^-52 of the layer to x, and the places that lie under the next layer. */
const scales = new Float64Array(2 * layers), cores = new Float64Array(2 * layers);
for (let k = 0; k < 2 * layers; k++) { const i = k & 255; scales[k] = (k < layers ? edges[i]! : -edges[i]!) * 2 ** -52; cores[k] = (edges[i + 1]! / edges[i]!) * 2 ** 52; }

/** Exactly representable: 52 bits and a half. */
const place = (a: number, b: number): number => (a >>> 12) * 4294967296 + b + 0.5;

/** A draw that is not under the next layer: by height, by the tail, or anew. */
function finish(k: number, j: number, source: NoiseSource): number {
  for (;;) {
    const i = k & 255, x = j * scales[k]!;
    if (j < cores[k]!) return x;
    if (i === 0) { const t = tail(source); return k < layers ? t : -t; }
    if (heights[i]! + source.uniform() * (heights[i + 1]! - heights[i]!) < density(x)) return x;
    const a = source.uint32();
    k = a & 511;
    j = place(a, source.uint32());
  }
}

/** A normal, given that it lies beyond r (Marsaglia 1964, "Generating a variable from the tail of the normal distribution"). */
export function tail(source: NoiseSource): number {
  for (;;) {
    const x = -Math.log(source.uniform(true)) / r, y = -Math.log(source.uniform(true));
    if (2 * y > x * x) return r + x;
  }
}

const most = 1 << 13, words = new Uint32Array(2 * most);

/** Fills an array with independent standard normals. What they were made of is not left in memory. */
export function normals(into: Float64Array, source: NoiseSource): void {
  for (let from = 0; from < into.length; from += most) {
    const n = Math.min(most, into.length - from);
    source.fill(n === most ? words : words.subarray(0, 2 * n));
    for (let i = 0; i < n; i++) {
      const a = words[2 * i]!, k = a & 511, j = place(a, words[2 * i + 1]!);
      into[from + i] = j < cores[k]! ? j * scales[k]! : finish(k, j, source);
    }
  }
  words.fill(0, 0, 2 * Math.min(most, into.length));
}
