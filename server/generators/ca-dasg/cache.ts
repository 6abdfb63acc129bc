/**
 * The context-aware synthetic cache (sections 3.4 and 5): for every context the mean of its encoded rows, the covariance of a sketch of them, and its latent prior q_c(z), all by
 * exponential moving averages over batches. It holds sums over rows, never rows.
 *
 * Two ways: `on` averages *sums and counts* and divides afterwards, so that a context with one row in a batch counts as one row; `paper` averages each batch's own mean and
 * covariance, as the pseudo-code says, and may add its noise, which is not private as written (see `private-cache.ts`).
 */
import type { KeyStream } from '../../engine';
import { cholesky } from '../../learners/linear/cholesky';

export interface CacheShape { contexts: number; width: number; sketch: number; embedding: number }
/** What a step saw: per context the number of rows, and sums over them of x [C, W], s s' [C, D D], s [C, D], latent means [C, E] and latent second moments [C, E E]. */
export interface BatchSums { n: Float32Array; x: Float32Array; s: Float32Array; ss: Float32Array; z?: Float32Array; zz?: Float32Array }
/** What training and sampling read, in the order of the contexts. */
export interface Published { mean: Float32Array; covariance: Float32Array; priorMean: Float32Array; priorSd: Float32Array }
export type CacheKind = 'on' | 'paper';

/** A context's latent prior leans on the pooled one as if it held this many rows more. */
const leanMean = 2, leanShape = 20;

export class Cache {
  /** `on`: decayed sums. `paper`: n is whether the entry exists, the rest are the averages themselves. */
  n: Float64Array; x: Float64Array; s: Float64Array; ss: Float64Array; z: Float64Array; zz: Float64Array;
  constructor(readonly shape: CacheShape, readonly kind: CacheKind, readonly alpha: number, private readonly noise = 0, private readonly stream?: KeyStream) {
    const { contexts: C, width: W, sketch: D, embedding: E } = shape, zeros = (n: number): Float64Array => new Float64Array(n);
    this.n = zeros(C); this.x = zeros(C * W); this.s = zeros(C * D); this.ss = zeros(C * D * D); this.z = zeros(C * E); this.zz = zeros(C * E * E);
  }
  private get arrays(): Float64Array[] { return [this.n, this.x, this.s, this.ss, this.z, this.zz]; }
  save(): Float64Array { return Float64Array.from(this.arrays.flatMap((a) => Array.from(a))); }
  restore(values: Float64Array): void { let at = 0; for (const a of this.arrays) { a.set(values.subarray(at, at + a.length)); at += a.length; } }

  /** One batch. `step` numbers it, for the paper's noise. */
  update(b: BatchSums, step: number): void { if (this.kind === 'on') this.decay(b); else this.asWritten(b, step); }

  private decay(b: BatchSums): void {
    const a = this.alpha, pairs: Array<[Float64Array, Float32Array | undefined]> = [[this.n, b.n], [this.x, b.x], [this.s, b.s], [this.ss, b.ss], [this.z, b.z], [this.zz, b.zz]];
    for (const [own, fresh] of pairs) if (fresh) for (let i = 0; i < own.length; i++) own[i] = a * own[i]! + (1 - a) * fresh[i]!;
  }
  /** mu <- alpha mu + (1 - alpha) mu_batch + N(0, s^2 I), and likewise; a context that is not there yet begins with its batch's (section 3.4). */
  private asWritten(b: BatchSums, step: number): void {
    const { contexts: C, width: W, sketch: D, embedding: E } = this.shape;
    const total = W + D + D * D + E + E * E, noise = this.noise > 0 && this.stream ? this.stream.normals(step * C * total, C * total) : undefined;
    for (let c = 0; c < C; c++) {
      const rows = b.n[c]!;
      if (rows === 0) continue;
      const a = this.n[c]! > 0 ? this.alpha : 0;
      let at = c * total;
      const average = (own: Float64Array, d: number, value: (i: number) => number): void => { for (let i = 0; i < d; i++) own[c * d + i] = a * own[c * d + i]! + (1 - a) * value(i) + (noise ? this.noise * noise[at + i]! : 0); at += d; };
      average(this.x, W, (i) => b.x[c * W + i]! / rows);
      const mean = (i: number): number => b.s[c * D + i]! / rows;
      average(this.ss, D * D, (i) => b.ss[c * D * D + i]! / rows - mean(Math.floor(i / D)) * mean(i % D));
      average(this.s, D, mean);
      if (b.z && b.zz) {
        const centre = (i: number): number => b.z![c * E + i]! / rows;
        average(this.zz, E * E, (i) => b.zz![c * E * E + i]! / rows - centre(Math.floor(i / E)) * centre(i % E));
        average(this.z, E, centre);
      }
      this.n[c] = 1;
    }
  }

  /** Whether a context has been seen. */
  has(c: number): boolean { return this.n[c]! > 1e-12; }
  /** Mean [d] and covariance [d, d] of context c, of what `sum` and `squares` hold. */
  private moments(c: number, d: number, sum: Float64Array, squares: Float64Array): { mean: Float64Array; covariance: Float64Array } {
    const mean = sum.slice(c * d, (c + 1) * d), covariance = squares.slice(c * d * d, (c + 1) * d * d);
    if (this.kind === 'paper' || !this.has(c)) return { mean, covariance };
    const n = this.n[c]!;
    for (let i = 0; i < d; i++) mean[i]! /= n;
    for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) covariance[i * d + j] = covariance[i * d + j]! / n - mean[i]! * mean[j]!;
    return { mean, covariance };
  }
  /** Rows' worth of memory behind a context's entry. */
  private weight(c: number): number { return this.kind === 'paper' ? (this.has(c) ? Infinity : 0) : this.n[c]! / (1 - this.alpha); }

  /** Latent prior of every context: mean [C, E] and covariance [C, E, E]. Small contexts lean on all contexts together: on their mean a little, on the covariance within contexts more. */
  priors(): { mean: Float64Array; covariance: Float64Array } {
    const { contexts: C, embedding: E } = this.shape, own = Array.from({ length: C }, (_, c) => this.moments(c, E, this.z, this.zz)), mean = new Float64Array(C * E), covariance = new Float64Array(C * E * E);
    const all = new Float64Array(E), within = new Float64Array(E * E), seen = own.map((_, c) => (this.has(c) ? this.n[c]! : 0)), total = seen.reduce((a, b) => a + b, 0);
    if (total > 0) own.forEach((o, c) => { const w = seen[c]! / total; if (w > 0) { for (let i = 0; i < E; i++) all[i]! += w * o.mean[i]!; for (let i = 0; i < E * E; i++) within[i]! += w * o.covariance[i]!; } });
    else for (let i = 0; i < E; i++) within[i * E + i] = 1;
    for (let c = 0; c < C; c++) {
      const w = this.weight(c), a = w === Infinity ? 1 : w / (w + leanMean), b = w === Infinity ? 1 : w / (w + leanShape);
      for (let i = 0; i < E; i++) mean[c * E + i] = (a && a * own[c]!.mean[i]!) + (1 - a) * all[i]!;
      for (let i = 0; i < E * E; i++) covariance[c * E * E + i] = (b && b * own[c]!.covariance[i]!) + (1 - b) * within[i]!;
    }
    return { mean, covariance };
  }
  publish(): Published {
    const { contexts: C, width: W, sketch: D, embedding: E } = this.shape, mean = new Float32Array(C * W), covariance = new Float32Array(C * D * D), { mean: centre, covariance: spread } = this.priors();
    for (let c = 0; c < C; c++) {
      const n = this.kind === 'paper' ? 1 : Math.max(1e-12, this.n[c]!);
      for (let i = 0; i < W; i++) mean[c * W + i] = this.x[c * W + i]! / n;
      covariance.set(this.moments(c, D, this.s, this.ss).covariance, c * D * D);
    }
    return { mean, covariance, priorMean: Float32Array.from(centre), priorSd: Float32Array.from({ length: C * E }, (_, i) => Math.sqrt(Math.max(1e-4, spread[Math.floor(i / E) * E * E + (i % E) * (E + 1)]!))) };
  }
  /** For the sampler: means [C, E] and lower factors [C, E, E] of the latent priors. */
  factors(): { mean: Float32Array; factor: Float32Array } {
    const { contexts: C, embedding: E } = this.shape, { mean, covariance } = this.priors(), factor = new Float32Array(C * E * E);
    for (let c = 0; c < C; c++) {
      const own = covariance.slice(c * E * E, (c + 1) * E * E);
      // Averages of different batches can leave a matrix a hair from being a covariance.
      for (let i = 0; i < E; i++) own[i * E + i] = Math.max(1e-4, own[i * E + i]! * (1 + 1e-5));
      factor.set(cholesky(own, E).factor, c * E * E);
    }
    return { mean: Float32Array.from(mean), factor };
  }
}
