/** Worst first: the order of figures, columns and pairs, and what a reader's search and filter keep. */
import type { ColumnReport, Figure, Kind, PairReport, Verdict } from '../server/protocol';

export type ColumnSort = 'worst' | 'name' | 'file' | 'kind';
export type KindGroup = 'all' | 'numeric' | 'categorical' | 'temporal' | 'other';
export type VerdictFilter = 'all' | 'short' | 'good' | 'pinned';
export interface ColumnChoice { sort: ColumnSort; search: string; group: KindGroup; verdict: VerdictFilter; pins: ReadonlySet<string> }

const groups: Record<Exclude<KindGroup, 'all'>, readonly Kind[]> = {
  numeric: ['integer', 'real'],
  categorical: ['boolean', 'category', 'ordinal'],
  temporal: ['date', 'time', 'datetime'],
  other: ['identifier', 'personal', 'text', 'constant'],
};
export const groupOf = (kind: Kind) => (Object.keys(groups) as Array<Exclude<KindGroup, 'all'>>).find((g) => groups[g].includes(kind)) ?? 'other';

const verdictRank: Record<Verdict, number> = { poor: 0, undecided: 1, fair: 2, good: 3, 'not-assessable': 4 };
/** Figures of one family, worst verdict first; the evaluation's own order within a verdict. */
export const worstFiguresFirst = (figures: Figure[]) =>
  figures.map((f, i) => ({ f, i })).sort((a, b) => verdictRank[a.f.verdict] - verdictRank[b.f.verdict] || a.i - b.i).map(({ f }) => f);

/** How far a column falls short of what fresh real rows reach; unscored columns sort last. */
export const shortfall = (c: ColumnReport) => (c.score === null ? -Infinity : (c.referenceScore ?? 1) - c.score);

const byName = (a: ColumnReport, b: ColumnReport) => a.name.localeCompare(b.name, 'en', { numeric: true, sensitivity: 'base' });

/**
 * The columns a reader asked for, pinned ones first. `worst` keeps the report's own order (the evaluation decides what is worst);
 * `file` uses `position` when the report carries it and falls back to the report's order.
 */
export function chooseColumns(columns: ColumnReport[], { sort, search, group, verdict, pins }: ColumnChoice, fileOrder?: readonly string[]): ColumnReport[] {
  const needle = search.trim().toLowerCase();
  const passes: Record<VerdictFilter, (c: ColumnReport) => boolean> = { all: () => true, short: (c) => c.verdict === 'poor' || c.verdict === 'fair', good: (c) => c.verdict === 'good', pinned: (c) => pins.has(c.name) };
  const kept = columns.filter((c) => (group === 'all' || groupOf(c.kind) === group) && passes[verdict](c) && (!needle || c.name.toLowerCase().includes(needle) || c.kind.startsWith(needle)));
  const at = new Map((fileOrder ?? []).map((name, i) => [name, i])), given = new Map(kept.map((c, i) => [c, i]));
  const place = (c: ColumnReport) => c.position ?? at.get(c.name) ?? Number.MAX_SAFE_INTEGER;
  const orders: Record<ColumnSort, (a: ColumnReport, b: ColumnReport) => number> = {
    worst: () => 0, name: byName, file: (a, b) => place(a) - place(b), kind: (a, b) => groupOf(a.kind).localeCompare(groupOf(b.kind)) || a.kind.localeCompare(b.kind),
  };
  return kept.sort((a, b) => Number(pins.has(b.name)) - Number(pins.has(a.name)) || orders[sort](a, b) || given.get(a)! - given.get(b)!);
}

export interface Pair { a: string; b: string; i: number; j: number; statistic: 'correlation' | 'contingency'; real: number | null; synthetic: number | null; score: number | null; reference?: number | null }

/** One cell of the pair matrices. */
export function pairAt(p: PairReport, i: number, j: number): Pair {
  const n = p.columns.length, k = i * n + j;
  return { a: p.columns[i], b: p.columns[j], i, j, statistic: p.statistic[k] === 'c' ? 'correlation' : 'contingency',
    real: p.real[k] ?? null, synthetic: p.synthetic[k] ?? null, score: p.score[k] ?? null, reference: p.referenceScore?.[k] };
}

export type PairSort = 'worst' | 'control' | 'strongest' | 'name';
export interface PairChoice { sort: PairSort; search: string; statistic: 'all' | 'correlation' | 'contingency'; pins?: ReadonlySet<string> }

/**
 * The pairs (i < j) a reader asked for, as places `i * n + j` in the matrices: 45,000 small numbers where 45,000 objects would be felt.
 * Words of the search are all looked for, in either name. With `pins`, pairs of pinned columns only.
 */
export function choosePairs(p: PairReport, { sort, search, statistic, pins }: PairChoice): Int32Array {
  const n = p.columns.length, words = search.trim().toLowerCase().split(/\s+/).filter(Boolean), names = p.columns.map((c) => c.toLowerCase());
  const letter = statistic === 'all' ? '' : statistic === 'correlation' ? 'c' : 'v';
  const pinned = pins && p.columns.map((c) => pins.has(c));
  const kept: number[] = [];
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) {
    const k = i * n + j;
    if (p.score[k] === null || p.score[k] === undefined) continue;
    if (letter && p.statistic[k] !== letter) continue;
    if (pinned && !pinned[i] && !pinned[j]) continue;
    if (words.length && !words.every((w) => names[i].includes(w) || names[j].includes(w))) continue;
    kept.push(k);
  }
  const places = Int32Array.from(kept);
  if (sort === 'name') return places;
  const key = new Float64Array(n * n);
  for (const k of places) key[k] = sort === 'worst' ? p.score[k]! : sort === 'control' ? p.score[k]! - (p.referenceScore?.[k] ?? 1) : -Math.abs(p.real[k] ?? 0);
  return places.sort((x, y) => key[x] - key[y] || x - y);
}

/** The `limit` pairs with the lowest score. */
export const worstPairs = (p: PairReport, limit: number): Pair[] => {
  const n = p.columns.length;
  return [...choosePairs(p, { sort: 'worst', search: '', statistic: 'all' }).slice(0, limit)].map((k) => pairAt(p, Math.floor(k / n), k % n));
};

/** The columns in the worst pairs, in the matrices' own order: what is left of a large heat map when only that is asked for. */
export function worstPairColumns(p: PairReport, limit: number): string[] {
  const n = p.columns.length, found = new Set<number>();
  for (const k of choosePairs(p, { sort: 'worst', search: '', statistic: 'all' })) {
    if (found.size >= limit) break;
    found.add(Math.floor(k / n)); found.add(k % n);
  }
  return [...found].sort((a, b) => a - b).map((i) => p.columns[i]);
}

/** The matrices of some of the columns only. */
export function subPairs(p: PairReport, names: readonly string[]): PairReport {
  const n = p.columns.length, at = names.map((name) => p.columns.indexOf(name)).filter((i) => i >= 0);
  const cut = <T>(m: ArrayLike<T>) => at.flatMap((i) => at.map((j) => m[i * n + j]));
  return { columns: at.map((i) => p.columns[i]), real: cut(p.real), synthetic: cut(p.synthetic), score: cut(p.score), ...(p.referenceScore && { referenceScore: cut(p.referenceScore) }), statistic: cut(p.statistic).join('') };
}
