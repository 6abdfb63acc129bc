import { noGrid, onGrid } from '../number-format';
import { indexOfSorted } from '../kinds/distinct';
import { ontoLattice, stepOf } from './lattice';
import type { ColumnSchema } from '../table';
import type { Stream } from '../../random';

export interface Grid {
  /** Distance between neighbouring values that the column's format can write; null: none worth speaking of. */
  step: number | null;
  decimals?: number;
  /** Significant digits after the first, where numbers are written with exponents: rounding is relative there. */
  exponent?: number;
  /** Known without the data, and coarse enough to be shared by many: its values are emitted as they come. */
  independent?: boolean;
  /** Places coarser than the format's own that all values keep to; `step` is theirs. */
  onto?: (v: number) => number;
}

/** The most decimals an inferred grid may have to count as coarse: money, percentages. A coordinate with eight is a fingerprint. */
const coarseDecimals = 2;

/** The grid of a numeric or temporal column, from its kind and format, and from the lattice that its values keep to. */
export function gridOf(schema: ColumnSchema): Grid {
  const own = formatGrid(schema), { lattice, kind } = schema;
  return lattice && own.step !== null ? { ...own, step: stepOf(lattice, kind), onto: (v) => ontoLattice(lattice, v, kind) } : own;
}

/** What the format can write. */
export function formatGrid(schema: ColumnSchema): Grid {
  switch (schema.kind) {
    case 'date': return { step: 1, decimals: 0, independent: true };
    case 'time': case 'datetime': {
      const pattern = schema.temporal?.pattern ?? '%S';
      const step = /%f|%L|%N/.test(pattern) ? 1 : /%S|%T|%X|%c|%s/.test(pattern) ? 1000 : /%M|%R/.test(pattern) ? 60_000 : /%H|%I/.test(pattern) ? 3_600_000 : 86_400_000;
      return { step, independent: step >= 1000 };
    }
    default: {
      if (schema.number?.style === 'exponent') return { step: null, exponent: schema.number.decimals };
      const decimals = schema.number?.decimals ?? (schema.kind === 'integer' ? 0 : noGrid);
      if (decimals >= noGrid) return { step: null };
      return { step: Number(`1e-${decimals}`), decimals, independent: decimals <= coarseDecimals || schema.decimalsDeclared === true };
    }
  }
}

/** The value of the grid nearest to v: what the column's format would write. */
export function onto({ step, decimals, exponent, onto: place }: Grid, v: number): number {
  if (place) return decimals !== undefined ? onGrid(place(v), decimals) : place(v);
  if (exponent !== undefined) return Number(v.toExponential(exponent));
  if (step === null) return v;
  return decimals !== undefined ? onGrid(v, decimals) : Math.round(v / step) * step;
}

/**
 * The fewest decimals (0, 1 or 2) that at least half of the rows get by with, or undefined: in a column of whole years with a few
 * months among them (0.4167), 66 is a value of the whole numbers' grid and no one's fingerprint, however rare.
 */
export function commonDecimals(values: Float64Array, counts: Int32Array): number | undefined {
  // Every so many values are enough to tell a half.
  const stride = Math.max(1, Math.floor(values.length / 20_000));
  for (let d = 0; d <= coarseDecimals; d++) {
    let on = 0, rows = 0;
    for (let i = 0; i < values.length; i += stride) { rows += counts[i]; if (onGrid(values[i], d) === values[i]) on += counts[i]; }
    if (2 * on >= rows) return d;
  }
  return undefined;
}

/** Places on either side that decide whether the grid is full around a value. */
const reach = 16;

/**
 * Marks the values around which the column's grid is full: of the places within 16 steps (and the bounds) at least half
 * occur. There the grid is as good as known without the data, as whole numbers are: a value of it says nothing about one record, and there
 * would be nowhere to move it. Coordinates of eight decimals are never so crowded.
 */
export function crowded(values: Float64Array, { step }: Grid, low: number, high: number): Uint8Array {
  const marks = new Uint8Array(values.length);
  if (step === null || !(high > low)) return marks;
  const width = (reach + 0.5) * step;
  for (let i = 0, from = 0, to = 0; i < values.length; i++) {
    const v = values[i];
    if (v < low || v > high) continue;
    while (values[from] < Math.max(v - width, low)) from++;
    if (to < i) to = i;
    while (to + 1 < values.length && values[to + 1] <= Math.min(v + width, high)) to++;
    const places = 1 + Math.min(reach, Math.round((v - low) / step)) + Math.min(reach, Math.round((high - v) / step));
    if (2 * (to - from + 1) >= places) marks[i] = 1;
  }
  return marks;
}

/**
 * What stands for the values beyond a bound: excesses over the k-th extreme row's value, of the generalised Pareto law fitted to the k rows' excesses by probability-weighted moments, cut
 * off at the largest excess expected of k-1 such and at the farthest real value.
 * So the tail keeps its weight and about its length, and its shape comes from k rows together, never from the farthest one alone.
 * (The law is the limit of excesses over a high threshold: Pickands 1975. Exponential tails alone, shape 0, ended far short where one of the k lies by itself:
 * pair trends +.01 on heart disease, +.003 on Churn, .001 on California, Magic and Titanic, and nowhere less by more than .0001.)
 *
 * The rows in a tail are spread evenly over it, the outermost at its end: drawn independently, the largest of a few would decide by chance how far a
 * column reaches, and with it every figure that bins between a table's own extremes (Magic's pair trends .967 to .984 from draw to draw; spread, .983 to .990).
 */
export interface Tail {
  /** Of the generalised Pareto law of excesses; at shape 0 the exponential's. */
  scale: number; shape: number; end: number;
  /** Share of the rows at or beyond the bound that stay on it, where so many share it that it is a value of its own; absent: none. */
  stay?: number;
  /** Excess of the farthest row where the tail would end on it (an outlier's own value is not emitted for certain), and of the row before it. */
  last?: { farthest: number; next: number };
}

/**
 * The tail beyond the k-th largest (`fromTop`) or smallest value, ending on the grid. Where k rows share that value, those beyond it are fewer than k, and so few may not tell how far a column reaches: the
 * tail's length comes from all rows at and beyond it, as excesses over the next value inwards (an exponential forgets where it began), and only as many rows leave the shared value as lie beyond it; one row alone is not told of.
 * Undefined where there is no tail. `values` ascending.
 */
export function tailOf(values: Float64Array, counts: Int32Array, k: number, fromTop: boolean, grid: Grid): Tail | undefined {
  const excess: number[] = [], place = (n: number): number => (fromTop ? values.length - 1 - n : n);
  let n = 0, bound = NaN;
  for (; n < values.length && excess.length < k; n++) {
    bound = values[place(n)];
    for (let c = counts[place(n)]; c > 0 && excess.length < k; c--) excess.push(values[place(n)]);
  }
  if (k < 2 || excess.length < k) return undefined;
  const shared = counts[place(n - 1)] >= k, beyond = excess.filter((v) => v !== bound).length;
  if (shared && (beyond < 2 || n >= values.length)) return undefined;
  const on = counts[place(n - 1)], gap = shared ? Math.abs(values[place(n)] - bound) : 0, sign = fromTop ? 1 : -1, past = excess.map((v) => Math.abs(v - bound));
  const fitted = paretoOf((shared ? [...past.slice(0, beyond), ...new Array<number>(on).fill(0)] : past.slice(0, k - 1)).map((v) => v + gap).reverse());
  // Of what lies beyond the next value inwards, what lies beyond the bound follows the same law, wider by shape times the gap.
  const law = { shape: fitted.shape, scale: fitted.scale + fitted.shape * gap }, farthest = past[0], next = past[1];
  const end = Math.min(farthest, Math.abs(onto(grid, bound + sign * Math.min(largest(law, shared ? beyond : k - 1), farthest)) - bound));
  return end > 0 ? { ...law, end, ...(shared && { stay: on / (on + beyond) }), ...(end === farthest && next < farthest && { last: { farthest, next } }) } : undefined;
}

/**
 * Scale and shape of the generalised Pareto law by probability-weighted moments (Hosking & Wallis 1987, section 3, with plotting positions (j - .35) / n);
 * no shape below 0 (a bounded tail) and none above a half, from where on the law has no variance and the estimate no normal limit. `x` ascending.
 */
function paretoOf(x: readonly number[]): { scale: number; shape: number } {
  const n = x.length, a0 = x.reduce((a, v) => a + v, 0) / n, a1 = x.reduce((a, v, j) => a + v * (1 - (j + 0.65) / n), 0) / n;
  const shape = Math.min(0.5, Math.max(0, 2 - a0 / (a0 - 2 * a1)));
  return { shape, scale: a0 * (1 - shape) };
}

/** The largest of n excesses, in expectation: scale (prod j / (j - shape) - 1) / shape, and the scale times the n-th harmonic number at shape 0. */
function largest({ scale, shape }: { scale: number; shape: number }, n: number): number {
  let sum = 0, product = 1;
  for (let j = 1; j <= n; j++) { sum += 1 / j; product *= j / (j - shape); }
  return shape > 0 ? scale * (product - 1) / shape : scale * sum;
}

/** One number in (0, 1] for each of `count` rows, evenly spaced up to 1, in random order. */
function spread(count: number, stream: Stream): Float64Array {
  const out = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const j = Math.floor(stream.uniform() * (i + 1));
    out[i] = out[j]; out[j] = (i + 1) / count;
  }
  return out;
}
/** Places in the tail for `count` rows at or beyond its bound; 0 for those that stay on it. */
function tailSpread(tail: Tail | undefined, count: number, stream: Stream): Float64Array {
  if (!tail?.stay) return spread(count, stream);
  const leaving = Math.round(count * (1 - tail.stay)), places = spread(leaving, stream), out = new Float64Array(count);
  for (let i = 0, left = leaving; i < count; i++) if (stream.uniform() * (count - i) < left) out[i] = places[--left];
  return out;
}
/** An excess that would be the farthest row's own stands in the outer half of the gap before it instead. */
const aside = ({ last }: Tail, excess: number, stream: Stream): number => (last && excess >= last.farthest * (1 - 1e-9) ? last.farthest - (stream.uniform() * (last.farthest - last.next)) / 2 : excess);
/** The law's quantile, cut off at the end: u in (0, 1]. */
function excessOf({ scale, shape, end }: Tail, u: number): number {
  const kept = shape > 0 ? 1 - (1 + (shape * end) / scale) ** (-1 / shape) : -Math.expm1(-end / scale), left = 1 - u * kept;
  return Math.min(end, shape > 0 ? (scale / shape) * (left ** -shape - 1) : -scale * Math.log(left));
}

export interface ConcealOptions {
  low: number | null; high: number | null; grid: Grid;
  /** Beyond `low` and `high`; absent: nothing is emitted there. */
  tails?: { low?: Tail; high?: Tail };
  /** Sorted: values never to be emitted, and all distinct values of the fitting rows. */
  rare: Float64Array; distinct: Float64Array;
}

/** The function behind `Protection.conceal`. */
export function concealer({ low: lowRow, high: highRow, grid, rare, distinct, tails = {} }: ConcealOptions): (values: Float64Array, stream: Stream) => Float64Array {
  const { step, exponent } = grid;
  const put = (v: number) => onto(grid, v);
  const low = lowRow === null || !tails.low ? lowRow : put(lowRow - tails.low.end), high = highRow === null || !tails.high ? highRow : put(highRow + tails.high.end);
  const atHigh = (v: number) => tails.high !== undefined && v >= highRow!, atLow = (v: number) => tails.low !== undefined && v <= lowRow! && !atHigh(v);
  const within = (v: number) => (low !== null && v < low ? low : high !== null && v > high ? high : v);
  const isRare = (v: number) => indexOfSorted(rare, v) >= 0;

  /** Another value near the rare value r: uniform between the midpoints to its neighbours, on the grid, inside the bounds, itself not rare. */
  const move = (r: number, stream: Stream): number => {
    const at = indexOfSorted(distinct, r), last = distinct.length - 1;
    const before = at > 0 ? distinct[at - 1] : undefined, after = at < last ? distinct[at + 1] : undefined;
    const little = Math.max(step ?? 0, Math.abs(r) * (exponent === undefined ? 2 ** -40 : 10 ** -exponent), Number.MIN_VALUE);
    const from = before === undefined ? r - (after === undefined ? little : (after - r) / 2) : (before + r) / 2;
    const to = after === undefined ? r + (before === undefined ? little : (r - before) / 2) : (r + after) / 2;
    for (let attempt = 0; attempt < 8; attempt++) {
      const v = put(within(from + stream.uniform() * (to - from)));
      if (v !== r && !isRare(v)) return v;
    }
    // No room in the gap (neighbours one step apart): the nearest free place on the grid, alternating sides.
    const start = put(within(r)), up = stream.uniform() < 0.5 ? 1 : -1;
    for (let n = 1; n <= 2 * reach; n++) {
      for (const side of [up, -up]) {
        const v = put(start + side * n * little);
        if ((low === null || v >= low) && (high === null || v <= high) && !isRare(v)) return v;
      }
    }
    return fallback(r);
  };
  /** Every place nearby is taken by a rare value (possible only between very narrow bounds): the nearest value between them that is common, else missing. */
  const fallback = (r: number): number => {
    let best = NaN;
    for (const v of distinct) if (within(v) === v && !isRare(v) && (best !== best || Math.abs(v - r) < Math.abs(best - r))) best = v;
    return best;
  };

  return (values, stream) => {
    const result = new Float64Array(values.length);
    // A value at or beyond the k-th extreme row's is put anew in the tail.
    let highs = 0, lows = 0;
    for (const v of values) if (atHigh(v)) highs++; else if (atLow(v)) lows++;
    const above = tailSpread(tails.high, highs, stream), below = tailSpread(tails.low, lows, stream);
    for (let i = 0; i < values.length; i++) {
      let v = values[i];
      if (v === v) {
        if (atHigh(v)) v = highRow! + aside(tails.high!, excessOf(tails.high!, above[--highs]), stream);
        else if (atLow(v)) v = lowRow! - aside(tails.low!, excessOf(tails.low!, below[--lows]), stream);
        v = put(within(v)) + 0;                          // -0 is 0: one value, however written
        // Rounding may step over a bound that lies off the grid.
        if (low !== null && v < low || high !== null && v > high) v = within(v);
        if (rare.length > 0 && isRare(v)) v = move(v, stream);
      }
      result[i] = v;
    }
    return result;
  };
}
