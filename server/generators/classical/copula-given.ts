/** Scores of a Gaussian copula given some cells: points are conditioned on in closed form, intervals by a truncated normal. */
import type { KeyStream } from '../../engine';
import { normalQuantile } from '../../learners/distributions';
import { phi } from '../blocks/normal';
import { condition, part, type Conditional } from './gaussian';
import { score, type Known } from './latent';

/** What depends only on which scores are points, intervals and free. */
interface Pattern { points: number[]; intervals: number[]; free: number[]; ofIntervals: Conditional; ofFree: Conditional; /** each interval given all the others and the points: gain rows and standard deviation */ one: Conditional[] }

/** Patterns kept; they follow from which numbers are atoms and which cells missing. */
const mostPatterns = 256;

export class ConditionalDraws {
  private readonly patterns = new Map<string, Pattern>();
  constructor(private readonly correlation: Float64Array, private readonly d: number, private readonly sweeps: number, private readonly stream: KeyStream) {}

  /**
   * Scores of one row given what is known of each (undefined: nothing), into `out`.
   * One interval: an exact draw. Several: a sequential draw (Geweke, Hajivassiliou & Keane), then Gibbs sweeps over the intervals, whose stationary law is the exact one.
   * @param noise d standard normals; uniforms come from the stream at the row's own place
   */
  draw(row: number, known: ReadonlyArray<Known | undefined>, noise: Float64Array, out: Float64Array): void {
    const { d, sweeps } = this, pattern = this.patternOf(known), { points, intervals, ofFree, one, ofIntervals } = pattern, n = intervals.length;
    for (const i of points) out[i] = (known[i] as { point: number }).point;
    const ends = intervals.map((i) => known[i] as { from: number; to: number }).map(({ from, to }) => ({ low: from <= 0 ? -Infinity : score(from), high: to >= 1 ? Infinity : score(to) }));
    const u = this.stream.uniforms(row * d * (sweeps + 1), n * (n > 1 ? sweeps + 1 : 1));
    // Sequentially: each interval's score given the points and the intervals before it, by the factor of their joint conditional law.
    const mean = intervals.map((_, k) => dot(ofIntervals.gain, k * points.length, points, out)), e = new Float64Array(n);
    for (let k = 0; k < n; k++) {
      let m = mean[k]!;
      for (let j = 0; j < k; j++) m += ofIntervals.factor[k * n + j]! * e[j]!;
      const s = ofIntervals.factor[k * n + k]!, z = truncated(m, s, ends[k]!, u[k]!);
      e[k] = s > 0 ? (z - m) / s : 0;
      out[intervals[k]!] = z;
    }
    for (let t = 1; n > 1 && t <= sweeps; t++) for (let k = 0; k < n; k++)
      out[intervals[k]!] = truncated(dot(one[k]!.gain, 0, one[k]!.observed, out), one[k]!.factor[0]!, ends[k]!, u[t * n + k]!);
    const { free, observed, gain, factor } = ofFree, m = free.length;
    for (let a = 0; a < m; a++) {
      let s = dot(gain, a * observed.length, observed, out);
      for (let k = 0; k <= a; k++) s += factor[a * m + k]! * noise[free[k]!]!;
      out[free[a]!] = s;
    }
  }

  private patternOf(known: ReadonlyArray<Known | undefined>): Pattern {
    const key = known.map((k) => (k === undefined ? '-' : 'point' in k ? '.' : '|')).join('');
    const kept = this.patterns.get(key);
    if (kept) return kept;
    const { correlation, d } = this, of = (mark: string): number[] => [...key].flatMap((c, i) => (c === mark ? [i] : [])), points = of('.'), intervals = of('|');
    // Over the given scores alone: intervals given points, and each interval given all else.
    const shown = [...points, ...intervals], own = part(correlation, d, shown, shown), at = (list: number[]): number[] => list.map((i) => shown.indexOf(i));
    const onShown = (c: Conditional): Conditional => ({ ...c, observed: c.observed.map((i) => shown[i]!), free: c.free.map((i) => shown[i]!) });
    const pattern: Pattern = {
      points, intervals, free: of('-'), ofIntervals: onShown(condition(own, shown.length, at(points))), ofFree: condition(correlation, d, shown),
      one: intervals.length > 1 ? intervals.map((i) => onShown(condition(own, shown.length, at(shown.filter((j) => j !== i))))) : [],
    };
    if (this.patterns.size >= mostPatterns) this.patterns.clear();
    this.patterns.set(key, pattern);
    return pattern;
  }
}

function dot(matrix: Float64Array, from: number, columns: readonly number[], x: Float64Array): number {
  let s = 0;
  for (let k = 0; k < columns.length; k++) s += matrix[from + k]! * x[columns[k]!]!;
  return s;
}

/** A normal of this mean and deviation between two ends, from one uniform; computed in the tail that loses no digits, and never outside. */
function truncated(mean: number, sd: number, { low, high }: { low: number; high: number }, u: number): number {
  if (!(sd > 1e-12)) return Math.min(high, Math.max(low, mean));
  const a = (low - mean) / sd, b = (high - mean) / sd, flip = a > 0, from = flip ? phi(-b) : phi(a), to = flip ? phi(-a) : phi(b);
  const p = from + (flip ? 1 - u : u) * (to - from);
  // So far out that the interval's probability is nothing: its nearer end.
  const x = to - from > 1e-300 && p > 0 && p < 1 ? normalQuantile(p) : flip ? -a : b;
  return Math.min(high, Math.max(low, mean + sd * (flip ? -x : x)));
}
