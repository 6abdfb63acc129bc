import type { Figure } from '../protocol';
import { Stream } from '../random';
import type { EvaluationContext } from './metric';

/**
 * Intervals for distances between two samples that hold where the truth is zero as well as far from it.
 *
 * Every distance here is N(T(P) - T(Q)) for a norm N (or at least obeys the triangle inequality) and a vector T of shares, moments or correlations. Then
 * |N(T(Pn) - T(Qm)) - N(T(P) - T(Q))| <= N((T(Pn) - T(P)) - (T(Qm) - T(Q))), and the right-hand side's distribution is what a bootstrap of the *centred* difference
 * estimates consistently wherever the truth lies (Bickel & Freedman 1981). So distance +- its 95% quantile covers at least 95%. A percentile bootstrap of the distance
 * itself does not: near zero it covers nothing, since a resampled distance is always larger than the one it should surround.
 *
 * Under P = Q the right-hand side *is* the distance of two fresh samples of these sizes: its mean is what a fresh real table scores, its 95% quantile what one in
 * twenty exceeds, and its upper tail a p-value for equality.
 */
export interface Bands {
  low: number; high: number;
  /** Mean distance of two fresh samples of these sizes, and what one such pair in twenty exceeds. */
  expected: number; limit: number;
  /** Share of such pairs that lie at least as far apart, the observed pair among them (Phipson & Smyth 2010). */
  p: number;
}

/** Rows a table that are resampled, of how many; deviations of a part of the rows are scaled by the root of the share, and all by that of n / (n - 1), by which a resample's variance falls short. */
export interface Thinned { rows: Int32Array; scale: number }

/** Number of resamples: the 95% quantile of 200 is known to about a fifteenth of itself. */
export const resamples = 200;

/** At most so many additions a resampling (about a third of a second). */
const mostWork = 1e8;

/**
 * The rows of a table of `n` that can be resampled in the time there is.
 * @param perRow additions a row and resample
 */
export function thinned(n: number, perRow: number, seed: number, name: string): Thinned {
  const k = Math.min(n, Math.max(300, Math.floor(mostWork / (2 * resamples * Math.max(1, perRow)))));
  if (k === n) return { rows: Int32Array.from({ length: n }, (_, i) => i), scale: Math.sqrt(n / Math.max(1, n - 1)) };
  const rows = Int32Array.from({ length: n }, (_, i) => i), stream = new Stream(seed, `thinned ${name}`);
  for (let i = 0; i < k; i++) { const j = i + stream.below(n - i), t = rows[i]; rows[i] = rows[j]; rows[j] = t; }
  return { rows: rows.slice(0, k), scale: Math.sqrt((k / n) * (k / (k - 1))) };
}

/**
 * Draws resamples of both tables with replacement and has each one's norms computed.
 * @param deviation the norms of one resample, from how often each of the thinned rows was drawn
 * @returns per norm its `resamples` values
 */
export async function resample(context: Resampling, name: string, sizes: [number, number], deviation: (real: Uint16Array, other: Uint16Array) => readonly number[]): Promise<Float64Array[]> {
  const of = await Promise.all(sizes.map((n, t) => drawingsOf(context, name, n, t))), out: Float64Array[] = [];
  for (let r = 0; r < resamples; r++) {
    deviation(of[0](r), of[1](r)).forEach((v, k) => { (out[k] ??= new Float64Array(resamples))[r] = v; });
    if (r % 20 === 19) await context.progress((r + 1) / resamples);
  }
  return out;
}

/** `shared` makes metrics of tables of the same sizes take the same resamples: drawing them costs more than most statistics do. */
export type Resampling = Pick<EvaluationContext, 'seed' | 'progress'> & Partial<Pick<EvaluationContext, 'shared'>>;

/** Weights kept for all resamples of a table: at most so many. */
const mostKept = 2e7;

/** How often each of n rows is drawn in resample r of table t, resamples asked for in order. */
async function drawingsOf({ seed, shared }: Resampling, name: string, n: number, t: number): Promise<(r: number) => Uint16Array> {
  const draw = (w: Uint16Array, stream: Stream) => { for (let i = 0; i < w.length; i++) w[stream.below(w.length)]++; };
  if (!shared || n * resamples > mostKept) {
    const w = new Uint16Array(n), stream = new Stream(seed, `resample ${name} ${t}`);
    return () => { w.fill(0); draw(w, stream); return w; };
  }
  const all = await shared(`resamples ${t} of ${n}`, async () => {
    const weights = new Uint16Array(n * resamples), stream = new Stream(seed, `resample ${t}`);
    for (let r = 0; r < resamples; r++) draw(weights.subarray(r * n, (r + 1) * n), stream);
    return weights;
  });
  return r => all.subarray(r * n, (r + 1) * n);
}

/** What the deviations say of a distance. @param most the distance's upper end */
export function bandsOf(distance: number, deviations: Float64Array, most = Infinity): Bands {
  const sorted = deviations.filter(v => v === v).sort(), limit = upperOf(sorted, 0.95);
  return {
    low: Math.max(0, distance - limit), high: Math.min(most, distance + limit), limit,
    expected: sorted.reduce((s, v) => s + v, 0) / sorted.length, p: (1 + sorted.reduce((s, v) => s + (v >= distance ? 1 : 0), 0)) / (sorted.length + 1),
  };
}

/**
 * The value that a further draw stays under with this probability: the (R + 1) q-th of R ascending ones, linear between them (Davison & Hinkley 1997, section 5.2.3). The usual sample quantile is too
 * low by nearly half a hundredth at 200.
 */
function upperOf(sorted: Float64Array, q: number): number {
  const at = Math.min(sorted.length, Math.max(1, (sorted.length + 1) * q)) - 1, i = Math.floor(at);
  return i + 1 < sorted.length ? sorted[i] + (at - i) * (sorted[i + 1] - sorted[i]) : sorted[i];
}

/**
 * The wider of what resamples and what dealings say, rows (or series) being dealt anew to two tables as large as these: under equality that is exact for any number of rows (a permutation test), where few
 * resampled rows, or cells that few rows share, stray by too little. The chance of equal tables is that of the dealings.
 */
export function widerBands(distance: number, resampled: Float64Array, dealings: Float64Array, most = Infinity): Bands {
  const a = bandsOf(distance, resampled, most), d = bandsOf(distance, dealings, most), limit = Math.max(a.limit, d.limit);
  return { limit, expected: d.expected, low: Math.max(0, distance - limit), high: Math.min(most, distance + limit), p: d.p };
}

const method = `bootstrap of the deviation, ${resamples} resamples`;

/** The parts of a figure that bands give, for a distance (`lower` is better) or for one minus `slope` times it. */
export function bandsFigure(bands: Bands, score?: { slope: number }): { interval: NonNullable<Figure['interval']>; detail: { freshTable: number; freshTableWorst5: number; pEqual: number } } {
  const to = (d: number) => (score ? 1 - score.slope * d : d), [low, high] = score ? [to(bands.high), to(bands.low)] : [bands.low, bands.high];
  return { interval: { low, high, level: 0.95, method }, detail: { freshTable: to(bands.expected), freshTableWorst5: to(bands.limit), pEqual: bands.p } };
}
