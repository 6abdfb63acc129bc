import type { Table } from '../../table/table';
import type { EvaluationContext } from '../metric';
import { sampleRows } from '../features';
import { viewOf, type ColumnView, type Part } from '../view';
import { quantile } from '../statistics';

/** Groups that share one division of rows: a sensitive column's, or the intersection of several. `of[part][row]` is a group's place in `names`, -1 where a sensitive cell is missing. */
export interface Grouping { name: string; names: string[]; of: Partial<Record<Part, Int32Array>> }

/** A group with fewer rows in any table is not compared: its shares would be anybody's guess. */
export const fewestInGroup = 30;
/** Numbers of more values than this are divided into quarters. */
const mostValues = 6;

/**
 * Every sensitive column by itself and, where there are several, their intersection. Numbers of many values are divided at the training rows' quartiles. Made once.
 */
export const groupingsOf = (context: EvaluationContext): Promise<Grouping[]> => context.shared('groupings', async () => {
  const view = await viewOf(context), parts: Part[] = ['training', 'synthetic', ...(view.hasControl ? ['control' as const] : [])];
  const columns = (context.sensitive ?? []).flatMap(name => view.columns.filter(c => c.name === name)), single = columns.map(c => divided(c, parts));
  return single.length > 1 ? [...single, crossed(single, parts)] : single;
});

function divided(c: ColumnView, parts: readonly Part[]): Grouping {
  if (c.type === 'code') return { name: c.name, names: [...c.categories], of: Object.fromEntries(parts.map(p => [p, c.values(p)])) };
  const sorted = c.sorted('training'), values = [...new Set(sorted)];
  if (values.length <= mostValues) {
    const all = [...new Set(parts.flatMap(p => [...new Set(c.sorted(p))]))].sort((a, b) => a - b), place = new Map(all.map((v, i) => [v, i]));
    return { name: c.name, names: all.map(String), of: Object.fromEntries(parts.map(p => [p, Int32Array.from(c.values(p), v => place.get(v) ?? -1)])) };
  }
  const cuts = [...new Set([0.25, 0.5, 0.75].map(q => quantile(sorted, q)))], show = (v: number) => String(Number(v.toPrecision(6)));
  const names = [...cuts, Infinity].map((to, i) => (i === 0 ? `up to ${show(to)}` : to === Infinity ? `above ${show(cuts[i - 1])}` : `${show(cuts[i - 1])} to ${show(to)}`));
  const at = (v: number) => { if (v !== v) return -1; const k = cuts.findIndex(cut => v <= cut); return k < 0 ? cuts.length : k; };
  return { name: c.name, names, of: Object.fromEntries(parts.map(p => [p, Int32Array.from(c.values(p), at)])) };
}

function crossed(all: readonly Grouping[], parts: readonly Part[]): Grouping {
  const names: string[] = [], place = new Map<string, number>(), of: Grouping['of'] = {};
  for (const p of parts) of[p] = Int32Array.from(all[0].of[p]!, (_, i) => {
    const codes = all.map(g => g.of[p]![i]);
    if (codes.some(c => c < 0)) return -1;
    const name = codes.map((c, k) => all[k].names[c]).join(', ');
    if (!place.has(name)) { place.set(name, names.length); names.push(name); }
    return place.get(name)!;
  });
  return { name: all.map(g => g.name).join(' and '), names, of };
}

/** Rows of each group of a part, those with a true `keep` where given. */
export function rowsByGroup(g: Grouping, part: Part, keep?: (row: number) => boolean): number[][] {
  const rows: number[][] = g.names.map(() => []);
  g.of[part]!.forEach((k, i) => { if (k >= 0 && (!keep || keep(i))) rows[k].push(i); });
  return rows;
}

/** A table's rows that one group of it has, at most `most` of them drawn at random. */
export const takeGroup = (table: Table, rows: readonly number[], most: number, seed: number, name: string): Table => table.take(Int32Array.from(sampleRows(rows.length, most, seed, name), i => rows[i]).sort());
