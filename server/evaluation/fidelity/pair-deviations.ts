import type { EvaluationContext } from '../metric';
import { resample, thinned, type Thinned } from '../resample';
import { pearson } from './association';
import type { PairScores, Prepared } from './pair-scores';

/** Pairs beyond this many are left to every n-th of them: their mean strays no less. */
const mostPairs = 3000;

/** A pair's place among all statistics: one correlation, or the cells that are occupied in either table, with every row's cell. */
interface Pair { a: number; b: number; correlation: boolean; tied: boolean; at: number; cells: number; cell: [Uint32Array, Uint32Array] }
/** The rows of both tables that are resampled, and what is asked of them. */
export interface PairRows { pairs: readonly Pair[]; width: number; thin: readonly Thinned[]; numbers: ReadonlyArray<readonly Float64Array[]> }

/** Apart from the resampling, so that the tables' columns, prepared whole, need not be kept for it. */
export function pairRows(context: EvaluationContext, scores: PairScores, training: Prepared[], synthetic: Prepared[], n: number, m: number): PairRows {
  const C = training.length, chosen: Array<[number, number]> = [];
  for (let a = 0; a < C; a++) for (let b = a + 1; b < C; b++) if (scores.score[a * C + b] === scores.score[a * C + b]) chosen.push([a, b]);
  const step = Math.max(1, Math.ceil(chosen.length / mostPairs)), used = chosen.filter((_, i) => i % step === 0);
  const thin = [n, m].map((rows, t) => thinned(rows, used.length * 2, context.seed, `pairs ${t}`));
  const parts = [training, synthetic].map((p, t) => p.map(c => ({ z: c.z.length ? Float64Array.from(thin[t].rows, r => c.z[r]) : c.z, codes: Int32Array.from(thin[t].rows, r => c.codes[r]) })));
  let width = 0;
  const pairs = used.map(([a, b]): Pair => {
    const correlation = scores.statistic[a * C + b] === 'c', levels = Math.max(training[b].levels, synthetic[b].levels), at = width, seen = new Map<number, number>();
    const cell = parts.map(p => (correlation ? new Uint32Array(0) : Uint32Array.from(p[a].codes, (v, i) => {
      const key = v * levels + p[b].codes[i];
      let k = seen.get(key);
      if (k === undefined) seen.set(key, (k = seen.size));
      return at + k;
    }))) as [Uint32Array, Uint32Array];
    const cells = correlation ? 1 : seen.size;
    width += cells;
    return { a, b, correlation, tied: scores.counts[a * C + b] === 1, at, cells, cell };
  });
  return { pairs, width, thin, numbers: parts.map(p => p.map(c => c.z)) };
}

/** How far the mean pair scores stray by sampling alone (half the deviation of a correlation, total variation of a two-way table), one value a resample. */
export async function pairDeviations(context: EvaluationContext, { pairs, width, thin, numbers }: PairRows): Promise<{ tied: Float64Array; all: Float64Array }> {
  const statistics = (t: number, w: Uint16Array) => {
    const out = new Float64Array(width), rows = w.length;
    for (const p of pairs) {
      if (p.correlation) out[p.at] = pearson(numbers[t][p.a], numbers[t][p.b], w) / 2;
      else { const cell = p.cell[t]; for (let i = 0; i < rows; i++) out[cell[i]] += w[i] / rows; }
    }
    return out;
  };
  const base = [0, 1].map(t => statistics(t, new Uint16Array(thin[t].rows.length).fill(1)));
  const [tied, all] = await resample(context, 'pairs', [thin[0].rows.length, thin[1].rows.length], (a, b) => {
    const x = statistics(0, a), y = statistics(1, b), sums = [0, 0], counts = [0, 0];
    for (const p of pairs) {
      let s = 0;
      for (let k = p.at; k < p.at + p.cells; k++) s += Math.abs(thin[0].scale * (x[k] - base[0][k]) - thin[1].scale * (y[k] - base[1][k]));
      if (!p.correlation) s /= 2;
      if (s !== s) continue;
      sums[1] += s; counts[1]++;
      if (p.tied) { sums[0] += s; counts[0]++; }
    }
    return [sums[0] / counts[0], sums[1] / counts[1]];
  });
  return { tied, all };
}
