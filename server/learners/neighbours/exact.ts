/**
 * Squared Euclidean distance of two float32 rows in float64, summed from the first column to the last. This order is part of the definition: every
 * path that ends in a reported distance computes the same bits, so ties are ties everywhere.
 */
export function squaredDistance(a: Float32Array, i: number, b: Float32Array, j: number, width: number): number {
  let s = 0;
  for (let k = 0; k < width; k++) { const t = a[i + k] - b[j + k]; s += t * t; }
  return s;
}

/** The k nearest seen so far, by squared distance and then by index. */
export class Nearest {
  readonly squared: Float64Array; readonly index: Int32Array; count = 0;
  constructor(readonly k: number) { this.squared = new Float64Array(k).fill(Infinity); this.index = new Int32Array(k).fill(-1); }
  reset(): void { this.squared.fill(Infinity); this.index.fill(-1); this.count = 0; }
  /** Nothing farther than this can enter. */
  get worst(): number { return this.squared[this.k - 1]; }
  /** Offers one candidate; false when it does not enter. */
  offer(squared: number, index: number): boolean {
    const last = this.k - 1;
    if (this.count === this.k && (squared > this.squared[last] || (squared === this.squared[last] && index > this.index[last]))) return false;
    let at = Math.min(this.count, last);
    while (at > 0 && (squared < this.squared[at - 1] || (squared === this.squared[at - 1] && index < this.index[at - 1]))) {
      this.squared[at] = this.squared[at - 1]; this.index[at] = this.index[at - 1]; at--;
    }
    this.squared[at] = squared; this.index[at] = index;
    if (this.count < this.k) this.count++;
    return true;
  }
}

/** Offers reference rows [from, to) (places in `rows`, whose originals `copies` lists). A distance is given up once it exceeds the worst kept. */
export function offerRows(
  best: Nearest, query: Float32Array, q: number, rows: Float32Array, from: number, to: number, width: number, start: Int32Array, copies: Int32Array,
): void {
  for (let r = from; r < to; r++) {
    const limit = best.worst, at = r * width;
    let s = 0, k = 0;
    while (k < width) {
      const stop = Math.min(width, k + 16);
      for (; k < stop; k++) { const t = query[q + k] - rows[at + k]; s += t * t; }
      if (s > limit) break;
    }
    if (s > limit) continue;
    for (let c = start[r]; c < start[r + 1]; c++) if (!best.offer(s, copies[c])) break;
  }
}
