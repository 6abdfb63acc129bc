/** Worst first: the order of figures, columns and pairs, and what a reader's search and filter keep. */
import type { ColumnReport, Figure, Kind, PairReport, Verdict } from '../server/protocol';

export type ColumnSort = 'worst' | 'name' | 'file';
export type KindGroup = 'all' | 'numeric' | 'categorical' | 'temporal' | 'other';

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

/**
 * The columns a reader asked for. `worst` keeps the report's own order (the evaluation decides what is worst);
 * `file` uses `position` when the report carries it and falls back to the report's order.
 */
export function chooseColumns(columns: ColumnReport[], choice: { sort: ColumnSort; search: string; group: KindGroup }, fileOrder?: readonly string[]): ColumnReport[] {
  const needle = choice.search.trim().toLowerCase();
  const kept = columns.filter((c) => (choice.group === 'all' || groupOf(c.kind) === choice.group)
    && (!needle || c.name.toLowerCase().includes(needle) || c.kind.startsWith(needle)));
  if (choice.sort === 'name') return kept.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true, sensitivity: 'base' }));
  if (choice.sort === 'file') {
    const at = new Map((fileOrder ?? []).map((name, i) => [name, i]));
    const place = (c: ColumnReport) => c.position ?? at.get(c.name) ?? Infinity;
    return kept.map((c, i) => ({ c, i })).sort((a, b) => { const d = place(a.c) - place(b.c); return Number.isNaN(d) || d === 0 ? a.i - b.i : d; }).map(({ c }) => c);
  }
  return kept;
}

export interface Pair { a: string; b: string; i: number; j: number; statistic: 'correlation' | 'contingency'; real: number | null; synthetic: number | null; score: number | null; reference?: number | null }

/** One cell of the pair matrices. */
export function pairAt(p: PairReport, i: number, j: number): Pair {
  const n = p.columns.length, k = i * n + j;
  return { a: p.columns[i], b: p.columns[j], i, j, statistic: p.statistic[k] === 'c' ? 'correlation' : 'contingency',
    real: p.real[k] ?? null, synthetic: p.synthetic[k] ?? null, score: p.score[k] ?? null, reference: p.referenceScore?.[k] };
}

/** The `limit` pairs (i < j) with the lowest score. */
export function worstPairs(p: PairReport, limit: number): Pair[] {
  const n = p.columns.length, cells: Array<{ k: number; s: number }> = [];
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) {
    const s = p.score[i * n + j];
    if (s !== null && s !== undefined) cells.push({ k: i * n + j, s });
  }
  return cells.sort((x, y) => x.s - y.s).slice(0, limit).map(({ k }) => pairAt(p, Math.floor(k / n), k % n));
}
