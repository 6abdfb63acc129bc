/** Groups of a fairness target: who is compared, within which permitted strata, and what counts as favourable. */
import { UserError } from '../../errors';
import { quantiles } from '../../learners/intervals';
import { numberOf } from '../../table/rules/cells';
import type { Column, Table } from '../../table/table';

/** Groups are the combinations of the sensitive columns' values; smaller ones are left as they are and compared with nobody. */
export const fewestInGroup = 30;

/** The same coding for every table: group and stratum of every row (-1: none), and whether its outcome is favourable. */
export interface Cells { groups: string[]; strata: number; code(table: Table): { group: Int32Array; stratum: Int32Array; favourable: Uint8Array } }

/** Values in quarters where a column is numeric, else as they are. Missing is a value. */
function codes(column: Column): { count: number; of(other: Column): Int32Array; names: string[] } {
  if (column.schema.storage === 'number') {
    const present = column.numbers().filter((v) => !Number.isNaN(v)), distinct = [...new Set(present)].sort((a, b) => a - b);
    const edges = distinct.length <= 6 ? distinct.slice(0, -1) : [...new Set(quantiles(present, [0.25, 0.5, 0.75]))], count = edges.length + 2;
    const names = Array.from({ length: count }, (_, i) => (i === count - 1 ? 'missing' : distinct.length <= 6 ? String(distinct[i]) : i === 0 ? `up to ${edges[0]!}` : i === edges.length ? `above ${edges[i - 1]!}` : `${edges[i - 1]!} to ${edges[i]!}`));
    return { count, names, of: (c) => Int32Array.from(c.numbers(), (v) => { if (Number.isNaN(v)) return count - 1; let k = 0; while (k < edges.length && v > edges[k]!) k++; return k; }) };
  }
  const words = [...new Set(column.categories())].sort(), place = new Map(words.map((w, i) => [w, i]));
  return { count: words.length + 1, names: [...words, 'missing'], of: (c) => { const map = c.categories().map((w) => place.get(w) ?? words.length); return c.codes().map((x) => (x < 0 ? words.length : map[x]!)); } };
}
function crossed(columns: readonly string[], table: Table): { count: number; of(t: Table): Int32Array; name(cell: number): string } {
  const parts = columns.map((n) => codes(table.column(n))), count = parts.reduce((n, p) => n * p.count, 1);
  return {
    count, of: (t) => { const out = new Int32Array(t.rows); parts.forEach((p, k) => p.of(t.column(columns[k]!)).forEach((c, i) => { out[i] = out[i]! * p.count + c; })); return out; },
    name: (cell) => { const words: string[] = []; for (let k = parts.length - 1, rest = cell; k >= 0; k--) { words.unshift(parts[k]!.names[rest % parts[k]!.count]!); rest = Math.floor(rest / parts[k]!.count); } return words.join(', '); },
  };
}

/** @throws UserError (usage) for columns that cannot serve, or fewer than two groups of 30 rows */
export function cellsOf(table: Table, request: { outcome: string; positive: string; sensitive: readonly string[]; permitted?: readonly string[] }): Cells {
  const { outcome, positive, sensitive, permitted = [] } = request, names = table.schema.columns.map((c) => c.name);
  for (const [name, what] of [[outcome, 'the outcome'], ...sensitive.map((s) => [s, 'sensitive']), ...permitted.map((s) => [s, 'permitted'])] as Array<[string, string]>)
    if (!names.includes(name)) throw new UserError(`is named as ${what}, and is no column that is learnt.`, { column: name }, `Choose among ${names.slice(0, 20).join(', ')}.`, 'usage');
  const overlap = [...sensitive, ...permitted].find((s, i, all) => s === outcome || all.indexOf(s) !== i);
  if (overlap !== undefined) throw new UserError('cannot have two parts: the outcome, the sensitive and the permitted columns are different ones.', { column: overlap }, undefined, 'usage');
  const y = table.column(outcome);
  if (y.schema.storage === 'code' && !y.categories().includes(positive)) throw new UserError(`"${positive}" does not occur.`, { column: outcome }, `It can be ${y.categories().slice(0, 12).join(', ')}.`, 'usage');
  const wanted = y.schema.storage === 'number' ? numberOf(y.schema, positive) : NaN;
  const who = crossed(sensitive, table), where = crossed(permitted, table), counts = new Int32Array(who.count), all = who.of(table);
  for (const g of all) counts[g]!++;
  const kept = [...counts.keys()].filter((g) => counts[g]! >= fewestInGroup), place = new Map(kept.map((g, i) => [g, i]));
  if (kept.length < 2) throw new UserError(`There are not two groups of ${fewestInGroup} rows to compare.`, { column: sensitive[0]! }, 'Name other sensitive columns.');
  return {
    groups: kept.map(who.name), strata: where.count,
    code(t) {
      const column = t.column(outcome), good = column.schema.storage === 'number' ? Uint8Array.from(column.numbers(), (v) => (v === wanted ? 1 : 0)) : (() => { const k = column.categories().indexOf(positive); return Uint8Array.from(column.codes(), (c) => (c === k && k >= 0 ? 1 : 0)); })();
      return { group: Int32Array.from(who.of(t), (g) => place.get(g) ?? -1), stratum: where.of(t), favourable: good };
    },
  };
}
