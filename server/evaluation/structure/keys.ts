import { wilson } from '../../learners/metrics';
import type { Table } from '../../table/table';
import { worstFirst } from '../detail';
import type { Metric } from '../metric';
import { notAssessable } from '../privacy/leak';
import { fidelityVerdict } from '../fidelity/verdict';
import * as thresholds from './thresholds';

const mostColumns = 20, leastExpected = 5, byChance = 0.001;

/**
 * Keys: columns, or pairs of columns, that no two training rows share, although rows drawn with the columns' own frequencies would (at least five times, and so often that fewer than one table in a thousand would have such a key among its columns and pairs by chance). The share of synthetic
 * rows whose key no other synthetic row has, for the worst key. Identifiers that are unique in the training rows are keys too, where the tables have them. Real-valued columns are no keys: they are unique by their decimals.
 */
export const metric: Metric = {
  async compute(context) {
    const { training, synthetic, control, aside } = context, own = keysOf(training), names = aside ? identifiersOf(aside.training) : [], keys = [...own, ...names.map(n => [n])];
    if (keys.length === 0) return notAssessable('structure.keys', 'No column or pair of columns is a key of the training rows that chance would not make one.', { training: training.rows });
    const made = [...own.map(k => unique(synthetic, k)), ...names.map(n => unique(aside!.synthetic, [n]))], worst = Math.min(...made.map(u => u.share)), first = made.find(u => u.share === worst)!;
    const real = control && Math.min(...own.map(k => unique(control, k).share), ...(aside?.control ? names.map(n => unique(aside.control!, [n]).share) : []));
    return {
      metric: 'structure.keys', value: worst, interval: { ...wilson(first.unique, first.rows), method: 'Wilson, of the worst key' }, samples: { synthetic: first.rows, training: training.rows, keys: keys.length },
      verdict: fidelityVerdict(worst, thresholds.rules), ...(real !== undefined && real !== Infinity ? { reference: { label: 'control rows', value: real } } : {}),
      columns: worstFirst(keys.map((k, i) => [k.join(', '), made[i].share]), 'higher'),
    };
  },
};

function coded(table: Table, name: string): Int32Array {
  const c = table.column(name);
  if (c.schema.storage === 'code') return c.codes();
  if (c.schema.storage === 'string') {
    const at = new Map<string, number>();
    return Int32Array.from({ length: c.length }, (_, i) => { const v = c.text(i); if (v === null) return -1; let k = at.get(v); if (k === undefined) at.set(v, (k = at.size)); return k; });
  }
  const at = new Map<number, number>();
  return Int32Array.from(c.numbers(), v => { if (v !== v) return -1; let k = at.get(v); if (k === undefined) at.set(v, (k = at.size)); return k; });
}

/** Identifiers that no two rows share and no row lacks: made to be keys, so that nothing is asked of chance. */
const identifiersOf = (table: Table): string[] => table.columns.filter(c => c.schema.kind === 'identifier' && c.missingCount === 0 && table.rows > 1 && new Set(coded(table, c.schema.name)).size === table.rows).map(c => c.schema.name);

/** Single columns and pairs of others that are unique in the table but would not be by chance. */
export function keysOf(table: Table): string[][] {
  const n = table.rows, columns = table.columns.filter(c => c.schema.storage !== 'string' && c.schema.kind !== 'real').slice(0, mostColumns).map(c => ({ name: c.schema.name, codes: coded(table, c.schema.name) })), single: string[][] = [], pairs: string[][] = [];
  // so many columns and pairs are tried, and rows that would meet E times meet never with probability exp(-E)
  const fewestExpected = Math.max(leastExpected, Math.log((columns.length * (columns.length + 1)) / 2 / byChance));
  /** Chance that two different rows agree. */
  const agree = (codes: Int32Array) => { const counts = new Map<number, number>(); for (const v of codes) counts.set(v, (counts.get(v) ?? 0) + 1); let s = 0; for (const c of counts.values()) s += (c * (c - 1)) / (n * (n - 1)); return s; };
  const rest = columns.filter(c => {
    const all = new Set(c.codes);
    if (c.codes.includes(-1) || all.size < n) return true;
    // unique by design or by breadth: whole numbers spread over a far wider range are unique by breadth
    const v = table.column(c.name), range = v.schema.storage === 'number' ? v.numbers().reduce((r, x) => [Math.min(r[0], x), Math.max(r[1], x)], [Infinity, -Infinity]) : [0, n];
    if ((n * (n - 1)) / 2 / Math.max(n, range[1] - range[0] + 1) >= fewestExpected) single.push([c.name]);
    return false;
  });
  const chance = rest.map(c => agree(c.codes));
  for (const [i, a] of rest.entries()) for (const [d, b] of rest.slice(i + 1).entries()) {
    if (((n * (n - 1)) / 2) * chance[i] * chance[i + 1 + d] < fewestExpected || a.codes.includes(-1) || b.codes.includes(-1)) continue;
    const seen = new Set<number>(), width = b.codes.reduce((m, v) => Math.max(m, v), 0) + 1;
    if (a.codes.every((v, r) => { const k = v * width + b.codes[r]; return !seen.has(k) && seen.add(k) !== undefined; })) pairs.push([a.name, b.name]);
  }
  return [...single, ...pairs];
}

function unique(table: Table, key: readonly string[]): { unique: number; rows: number; share: number } {
  const codes = key.map(k => coded(table, k)), width = (codes[1] ?? codes[0]).reduce((m, v) => Math.max(m, v), 0) + 2, counts = new Map<number, number>();
  const of = (r: number) => codes.length === 1 ? codes[0][r] : (codes[0][r] + 1) * width + codes[1][r] + 1;
  for (let r = 0; r < table.rows; r++) counts.set(of(r), (counts.get(of(r)) ?? 0) + 1);
  let alone = 0;
  for (const c of counts.values()) if (c === 1) alone++;
  return { unique: alone, rows: table.rows, share: alone / table.rows };
}
