/** One numeric column's own distribution as a monotone map between its values and uniforms, with atoms where many rows share a value. */
import { onto, type Grid } from '../../table/protect/numbers';

/** Stretches of the column's cumulative distribution, in order: stretch i holds the ranks from `from[i]` to `from[i + 1]` (shares, from[0] = 0, last = 1). */
export interface Marginal {
  from: number[];
  /** Ends of the stretch's values; equal for an atom. */
  low: number[]; high: number[];
}

/** Most stretches kept; a stretch that is no atom holds at least this many rows, so that no single row's value stands in the model. */
const mostStretches = 1024, fewestRows = 5;

/**
 * Learns the marginal of the present values (NaN is left out). A value is an atom where the column has few distinct values, or where it
 * holds several times the usual number of rows; everything else lies in stretches of about equally many rows, uniform within.
 */
export function fitMarginal(values: Float64Array): Marginal {
  const sorted = values.filter((v) => v === v).sort(), n = sorted.length;
  const starts: number[] = [];
  for (let i = 0; i < n; i++) if (i === 0 || sorted[i] !== sorted[i - 1]) starts.push(i);
  const least = starts.length <= 256 ? 1 : Math.max(fewestRows, (4 * n) / starts.length), most = Math.max(fewestRows, n / mostStretches);
  const m: Marginal = { from: [], low: [], high: [] };
  const add = (at: number, low: number, high: number): void => { m.from.push(at / n); m.low.push(low); m.high.push(high); };
  const count = (d: number): number => (starts[d + 1] ?? n) - starts[d]!;
  for (let d = 0; d < starts.length;) {
    if (count(d) >= least) { add(starts[d]!, sorted[starts[d]!]!, sorted[starts[d]!]!); d++; continue; }
    let end = d, rows = 0;
    while (end < starts.length && count(end) < least && rows < most) rows += count(end++);
    // A remainder too small to stand alone joins the stretch before the next atom.
    let rest = 0, far = end;
    while (far < starts.length && count(far) < least && rest < most) rest += count(far++);
    if (rest < fewestRows && (far === starts.length || count(far) >= least)) end = far;
    // Stretches meet half-way between their outermost values, so that no place between them is left out.
    const between = (a: number, b: number): number => (sorted[starts[a]!]! + sorted[starts[b]!]!) / 2;
    const low = d > 0 && count(d - 1) < least ? between(d - 1, d) : sorted[starts[d]!]!;
    const high = end < starts.length && count(end) < least ? between(end - 1, end) : sorted[starts[end - 1]!]!;
    add(starts[d]!, low, high);
    d = end;
  }
  m.from.push(1);
  return m;
}

/** Rank in [0, 1] of a value; an atom's rank is spread over its whole stretch by u in (0, 1). Beyond the ends: the nearest end. */
export function toRank(m: Marginal, v: number, u: number): number {
  const last = m.low.length - 1;
  let a = 0, b = last;
  while (a < b) { const c = (a + b) >> 1; if (m.high[c]! < v) a = c + 1; else b = c; }
  const width = m.high[a]! - m.low[a]!, share = width > 0 ? Math.min(1, Math.max(0, (v - m.low[a]!) / width)) : v < m.low[a]! ? 0 : v > m.high[a]! ? 1 : u;
  return m.from[a]! + share * (m.from[a + 1]! - m.from[a]!);
}

/** Value at a rank in [0, 1], on the column's grid. */
export function fromRank(m: Marginal, rank: number, grid: Grid): number {
  let a = 0, b = m.low.length - 1;
  while (a < b) { const c = (a + b + 1) >> 1; if (m.from[c]! <= rank) a = c; else b = c - 1; }
  const low = m.low[a]!, high = m.high[a]!;
  if (low === high) return low;
  const share = Math.min(1, Math.max(0, (rank - m.from[a]!) / (m.from[a + 1]! - m.from[a]!)));
  return onto(grid, low + share * (high - low));
}
