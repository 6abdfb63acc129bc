import { squaredDistance } from '../../learners/neighbours';
import { Stream } from '../../random';
import { sampleRows } from '../features';
import type { EvaluationContext } from '../metric';
import { encodingOf } from '../privacy/encode';
import { bandsOf, resample, type Bands, type Resampling } from '../resample';
import { quantile } from '../statistics';
import type { Part } from '../view';

/** Rows of each of two tables as points, first those of the one, then those of the other. */
export interface PooledPoints { values: Float32Array; width: number; n: number; m: number }

/** As many random rows of two tables, in the encoding of the privacy distances (numbers by rank, categories one-hot). */
export async function pooledPoints(context: EvaluationContext, a: Part, b: Part, most: number): Promise<PooledPoints> {
  const e = await encodingOf(context), k = Math.min(e.rows[a], e.rows[b], most), values = new Float32Array(2 * k * e.width);
  [a, b].forEach((part, t) => values.set(e.points(part, sampleRows(e.rows[part], k, context.seed, `points ${part} ${t}`)), t * k * e.width));
  return { values, width: e.width, n: k, m: k };
}

/** Squared distances of all points, row-major [N x N]. */
export function squaredDistances({ values, width, n, m }: PooledPoints): Float64Array {
  const N = n + m, out = new Float64Array(N * N);
  for (let i = 0; i < N; i++) for (let j = 0; j < i; j++) out[i * N + j] = out[j * N + i] = squaredDistance(values, i * width, values, j * width, width);
  return out;
}

/** Sums of a symmetric matrix over pairs within the first `n` of an order, within the rest, and across; the diagonal left out. */
function blockSums(K: Float64Array, N: number, rowSums: Float64Array, first: Uint8Array): { xx: number; yy: number; xy: number } {
  let xx = 0, of = 0, total = 0, k = 0;
  const own = new Int32Array(N);
  for (let i = 0; i < N; i++) {
    total += rowSums[i];
    if (!first[i]) continue;
    of += rowSums[i];
    const at = i * N;
    let s = 0;
    for (let j = 0; j < k; j++) s += K[at + own[j]];
    xx += 2 * s;
    own[k++] = i;
  }
  const xy = of - xx;
  return { xx, xy, yy: total - xx - 2 * xy };
}

export interface TwoSampleStatistic {
  /** Unbiased (U-statistic) and with the diagonal (V-statistic, the squared distance of the two empirical distributions). */
  unbiased: number; biased: number;
  /** Of the unbiased statistic when labels are dealt anew: the mean, what one such dealing in twenty exceeds, and the share that reaches the observed (itself counted; Phipson & Smyth 2010). */
  permuted: { p: number; limit: number };
}

/**
 * xx + yy - 2 xy of a symmetric kernel: the squared maximum mean discrepancy (Gretton, Borgwardt, Rasch, Schoelkopf & Smola 2012, JMLR 13, lemma 6), or the energy
 * distance where the kernel is minus the distance (Szekely & Rizzo 2013; Sejdinovic et al. 2013). The test permutes which point is whose, which is exact for any sample size.
 * @param diagonal the kernel of a point with itself
 */
export async function kernelTest(K: Float64Array, n: number, m: number, diagonal: number, context: Pick<EvaluationContext, 'seed' | 'progress'>, name: string, permutations: number): Promise<TwoSampleStatistic> {
  const N = n + m, rowSums = new Float64Array(N), first = new Uint8Array(N);
  for (let i = 0; i < N; i++) { let s = 0; for (let j = 0; j < N; j++) if (j !== i) s += K[i * N + j]; rowSums[i] = s; first[i] = i < n ? 1 : 0; }
  const unbiasedOf = (s: ReturnType<typeof blockSums>) => s.xx / (n * (n - 1)) + s.yy / (m * (m - 1)) - (2 * s.xy) / (n * m);
  const sums = blockSums(K, N, rowSums, first), unbiased = unbiasedOf(sums), stream = new Stream(context.seed, `permute ${name}`), dealt = new Float64Array(permutations);
  const biased = (sums.xx + n * diagonal) / (n * n) + (sums.yy + m * diagonal) / (m * m) - (2 * sums.xy) / (n * m);
  for (let r = 0; r < permutations; r++) {
    stream.shuffle(first);
    dealt[r] = unbiasedOf(blockSums(K, N, rowSums, first));
    if (r % 20 === 19) await context.progress((r + 1) / permutations);
  }
  // equal up to rounding is equal: a table against itself ties with its dealings
  const reached = dealt.reduce((s, v) => s + (v >= unbiased - 1e-12 * Math.abs(unbiased) ? 1 : 0), 0);
  return { unbiased, biased, permuted: { p: (1 + reached) / (permutations + 1), limit: quantile(dealt.sort(), 0.95) } };
}

/**
 * Bands of the distance of the two mean embeddings (resample.ts: a norm in the kernel's space, so that the triangle inequality holds and they cover at zero as away from it). The distance is that of the empirical
 * distributions, the V-statistic's root, which is never below the unbiased one's.
 * @param K with its diagonal
 */
export async function kernelBands(K: Float64Array, n: number, m: number, biased: number, context: Resampling, name: string): Promise<Bands> {
  const N = n + m, v = new Float64Array(N), [deviations] = await resample(context, name, [n, m], (real, other) => {
    for (let i = 0; i < n; i++) v[i] = (real[i] - 1) / n;
    for (let j = 0; j < m; j++) v[n + j] = (1 - other[j]) / m;
    let squared = 0;
    for (let i = 0; i < N; i++) {
      if (v[i] === 0) continue;
      const at = i * N;
      let s = K[at + i] * v[i] / 2;
      for (let j = 0; j < i; j++) s += K[at + j] * v[j];
      squared += 2 * v[i] * s;
    }
    return [Math.sqrt(Math.max(0, squared))];
  });
  return bandsOf(Math.sqrt(Math.max(0, biased)), deviations);
}
