import { shuffledRows, Stream } from '../../random';
import { ksStatistic } from '../fidelity/shape-scores';
import type { ColumnView, View } from '../view';

/** Where the rare cells of a real table and another one are: half of them in each, if both are samples of one population. */
export interface RareCells {
  /** Rows a table that were compared. */
  rows: number;
  /** Rare cells of both, and those of them that the asked table holds. */
  cells: number; held: number;
  /** Chance that it holds so few, or fewer; 1 where the share alone tells nothing (more than `limit`). */
  p: number;
  columns: Array<{ name: string; cells: number; held: number }>;
}

const mostRows = 20_000, rareAtMost = 4, ends = 5, permutations = 9_999, limit = 0.3, fewest = 20, level = 0.001, apart = 0.1;

/**
 * The mark that collapse leaves, and value protection: rare things are gone. Equal numbers of rows of both tables are pooled; a cell is rare where its category is found at most 4 times in the pool, or its
 * number is one of the up to 5 outermost at either end (ties whole or not at all): a definition that knows nothing of who holds what. The statistic is the asked table's share of the rare cells.
 * Its p-value is a permutation test of *rows*, exact when the rows of both tables are exchangeable (two samples of one population): 9,999 random divisions (Phipson & Smyth 2010), each drawn exactly by walking the rows that
 * hold any rare cell; cut short once so many divisions hold as few that p < .001 is out of reach (Besag & Clifford 1991).
 * Columns whose bulk differs are left out: what another place or time has not, it need not have lost. A generator that loses the rare keeps the frequent.
 * @param view the real table as `training`, the other as `synthetic`
 */
export function rareCells(view: View, seed = 0): RareCells {
  const n = Math.min(mostRows, view.rows.training, view.rows.synthetic), chosen = (of: number, name: string) => shuffledRows(seed, `rare cells ${name}`, of).subarray(0, n);
  const real = chosen(view.rows.training, 'real'), asked = chosen(view.rows.synthetic, 'asked'), score = new Int32Array(2 * n);
  const columns = view.columns.flatMap(column => {
    const own = column.values('training'), other = column.values('synthetic'), pool = Float64Array.from({ length: 2 * n }, (_, i) => (i < n ? own[real[i]!]! : other[asked[i - n]!]!));
    let cells = 0, held = 0;
    if (!alike(column, pool, n)) return [];
    for (const row of rareRows(column, pool)) { score[row]!++; cells++; if (row >= n) held++; }
    return cells ? [{ name: column.name, cells, held }] : [];
  });
  const cells = columns.reduce((s, c) => s + c.cells, 0), held = columns.reduce((s, c) => s + c.held, 0);
  return { rows: n, cells, held, columns, p: cells < fewest || held > limit * cells ? 1 : chanceOf(score.filter(s => s > 0), n, held, seed) };
}

/**
 * Whether the rare cells tell: at least 20 of them, at most 3 in 10 of them in the asked table, p < .001; and without any one column at most half of the others', because a real table of another time or place
 * may lack what is rare in one column and have more of it in others, where collapse and protection spare none.
 */
export function lacksRare({ cells, held, p, columns }: RareCells): boolean {
  return cells >= fewest && held <= limit * cells && p < level && columns.length > 1 && columns.every(c => 2 * (held - c.held) <= cells - c.cells);
}

/**
 * Whether the bulk of a column is the same in both halves of the pool, but for chance and a tenth: the Kolmogorov-Smirnov distance of numbers, the total variation distance of the categories that both have (half of either's frequent cells at least), the
 * share that is missing. Swapping the halves changes nothing.
 */
function alike(column: ColumnView, pool: Float64Array, n: number): boolean {
  const missing = (v: number) => (column.type === 'code' ? v < 0 : v !== v), parts = [pool.subarray(0, n), pool.subarray(n)].map(half => half.filter(v => !missing(v))) as [Float64Array, Float64Array], [a, b] = parts;
  const chance = 1.63 * Math.sqrt((a.length + b.length) / (a.length * b.length));
  if (!a.length || !b.length || Math.abs(a.length - b.length) / n > apart) return false;
  if (column.type === 'number') return ksStatistic(a.sort(), b.sort()).statistic <= apart + chance;
  const [own, other] = parts.map(half => { const counts = new Int32Array(column.categories.length); for (const v of half) counts[v]!++; return counts; }) as [Int32Array, Int32Array];
  let inA = 0, inB = 0, allA = 0, allB = 0;
  own.forEach((c, k) => { const d = other[k]!; if (c + d <= rareAtMost) return; allA += c; allB += d; if (c && d) { inA += c; inB += d; } });
  if (!(inA >= allA / 2 && inB >= allB / 2)) return false;
  let differ = 0, noise = 0;
  own.forEach((c, k) => { const d = other[k]!; if (c + d <= rareAtMost || !c || !d) return; differ += Math.abs(c / inA - d / inB) / 2; noise += Math.sqrt((2 * (c + d)) / Math.PI) / (inA + inB); });
  return differ - noise <= apart;
}

/** The pooled rows whose cell is rare. */
function rareRows(column: ColumnView, pool: Float64Array): number[] {
  const rows: number[] = [];
  if (column.type === 'code') {
    if (column.kind === 'boolean') return rows;
    const counts = new Int32Array(column.categories.length);
    for (const v of pool) if (v >= 0) counts[v]!++;
    pool.forEach((v, i) => { if (v >= 0 && counts[v]! <= rareAtMost) rows.push(i); });
    return rows;
  }
  const sorted = pool.filter(v => v === v).sort(), outermost = (at: (k: number) => number) => {
    // whole ties only: the outermost value that at most so many cells lie at or beyond
    let last: number | undefined;
    for (let k = 0; k < ends && k < sorted.length; k++) if (k + 1 === sorted.length || at(k) !== at(k + 1)) last = at(k);
    return last;
  };
  const low = outermost(k => sorted[k]!), high = outermost(k => sorted[sorted.length - 1 - k]!);
  pool.forEach((v, i) => { if ((low !== undefined && v <= low) || (high !== undefined && v >= high)) rows.push(i); });
  return rows;
}

/** P(the asked half of 2n rows holds at most `held`), over divisions of the rows; rows without a score need not be drawn. */
function chanceOf(scores: Int32Array, n: number, held: number, seed: number): number {
  const stream = new Stream(seed, 'rare cells divided'), hopeless = Math.ceil(level * (permutations + 1));
  let asFew = 0;
  for (let r = 1; r <= permutations; r++) {
    let sum = 0, taken = 0;
    for (let i = 0; i < scores.length; i++) if (stream.uniform() * (2 * n - i) < n - taken) { taken++; sum += scores[i]!; }
    if (sum <= held && ++asFew >= hopeless) return (asFew + 1) / (r + 1);
  }
  return (asFew + 1) / (permutations + 1);
}
