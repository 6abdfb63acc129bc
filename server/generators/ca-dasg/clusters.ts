/** The context extractor that is learnt (section 5): k-means over the encoder's codes. */
import type { KeyStream } from '../../engine';

/**
 * k-means (Lloyd 1982) with k-means++ starts (Arthur & Vassilvitskii 2007). Empty clusters are left out; the largest comes first.
 * @param x [rows, d] row-major
 * @returns cluster of every row, and centres [clusters, d]
 */
export function kMeans(x: Float32Array, rows: number, d: number, k: number, stream: KeyStream, rounds = 25): { codes: Int32Array; centres: Float64Array; sizes: number[] } {
  const u = stream.uniforms(0, k), distance = new Float64Array(rows).fill(Infinity);
  let centres = new Float64Array(0), count = 0;
  const toward = (c: number): void => {
    for (let i = 0; i < rows; i++) { let s = 0; for (let j = 0; j < d; j++) s += (x[i * d + j]! - centres[c * d + j]!) ** 2; if (s < distance[i]!) distance[i] = s; }
  };
  for (; count < Math.min(k, rows); count++) {
    // The first anywhere, then in proportion to the squared distance from what is there.
    const weight = (i: number): number => (count ? distance[i]! : 1), total = distance.reduce((s, _, i) => s + weight(i), 0);
    if (!(total > 0)) break;
    let left = u[count]! * total, at = 0;
    while (at < rows - 1 && (left -= weight(at)) > 0) at++;
    const more = new Float64Array((count + 1) * d);
    more.set(centres);
    for (let j = 0; j < d; j++) more[count * d + j] = x[at * d + j]!;
    centres = more;
    toward(count);
  }
  const codes = new Int32Array(rows);
  let sizes: number[] = [];
  for (let round = 0; round < rounds; round++) {
    let moved = 0;
    for (let i = 0; i < rows; i++) { const c = nearest(x, i, d, centres, count); if (c !== codes[i]) { codes[i] = c; moved++; } }
    const sums = new Float64Array(count * d);
    sizes = new Array<number>(count).fill(0);
    for (let i = 0; i < rows; i++) { const c = codes[i]!; sizes[c]!++; for (let j = 0; j < d; j++) sums[c * d + j]! += x[i * d + j]!; }
    for (let c = 0; c < count; c++) if (sizes[c]) for (let j = 0; j < d; j++) centres[c * d + j] = sums[c * d + j]! / sizes[c]!;
    if (moved === 0) break;
  }
  const order = sizes.map((_, c) => c).filter((c) => sizes[c]! > 0).sort((a, b) => sizes[b]! - sizes[a]! || a - b), place = new Map(order.map((c, i) => [c, i]));
  return { codes: codes.map((c) => place.get(c)!), centres: Float64Array.from(order.flatMap((c) => Array.from(centres.subarray(c * d, (c + 1) * d)))), sizes: order.map((c) => sizes[c]!) };
}
/** The nearest centre to row i. */
export function nearest(x: Float32Array, i: number, d: number, centres: Float64Array, count: number): number {
  let best = 0, least = Infinity;
  for (let c = 0; c < count; c++) {
    let s = 0;
    for (let j = 0; j < d && s < least; j++) s += (x[i * d + j]! - centres[c * d + j]!) ** 2;
    if (s < least) { least = s; best = c; }
  }
  return best;
}
