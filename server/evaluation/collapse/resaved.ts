import { fisherGreater, signTestGreater } from '../../learners/metrics';
import { shuffledRows } from '../../random';
import { cellHashes, HashGroups, hashSpace, rowHashes, type RowHashes } from '../privacy/row-hash';
import { NumberView, type Part, type View } from '../view';

/** Rows of a table, its repeats counted once, that are rows of a known output. */
export interface Resaved {
  rows: number; inOutput: number;
  /** Share of as many rows of the real table that are rows of the output as well: what coincidence makes of it. */
  chance: number;
  /** The one column left out of the comparison, where whole rows did not tell. */
  without?: string;
  p: number;
}

const level = 0.001, least = 0.5, mostRows = 20_000, mostWork = 2e7;

/**
 * Whether a table is a known output that another program has re-saved: shuffled, cut, re-spelt, added to, or changed in one column. Numbers are equal where float32 makes them so (about
 * seven digits), because programs differ in how many they write. All of these must hold:
 * - more of its distinct rows are rows of the output than of an equally large sample of the real table (Fisher's exact test, one-sided),
 * - of its rows that only one of the two tables has, more are the output's than the real table's (McNemar's exact test, one-sided): a filtered extract of the real table
 *   may be made of just those common rows that coincide,
 * - both p < .001, divided by the number of comparisons; and at least half of its rows come from the output, after the share that coincides by chance is taken off.
 * @param view the known real table as `training`, the known output as `synthetic`, the table that is asked about as `control`
 */
export function resaved(view: View): Resaved | undefined {
  if (!view.rows.control || !view.rows.synthetic || !view.columns.length) return undefined;
  const coarse: View = { ...view, columns: view.columns.map(c => (c.type === 'number' ? new NumberView(c.schema, Object.fromEntries(Object.entries(c.parts).map(([p, v]) => [p, v.map(Math.fround)]))) : c)) };
  const parts = ['training', 'synthetic', 'control'] as const, whole = Object.fromEntries(parts.map(p => [p, rowHashes(coarse, p)])) as Record<Part, RowHashes>;
  const sample = (n: number, of: number, name: string) => shuffledRows(0, `resaved ${name}`, of).subarray(0, n);
  const asked = sample(Math.min(mostRows, view.rows.control), view.rows.control, 'asked'), real = sample(Math.min(asked.length, view.rows.training), view.rows.training, 'real');
  const width = view.columns.length, work = width * (view.rows.training + view.rows.synthetic + asked.length), each = width > 2 && work <= mostWork, comparisons = each ? width + 1 : 1;
  const told = (h: Record<Part, RowHashes>): Resaved | undefined => {
    const output = new HashGroups(h.synthetic), source = new HashGroups(h.training), own = distinct(h.control, asked), others = distinct(h.training, real);
    const within = (g: HashGroups, from: RowHashes, row: number) => g.find(from.lo[row]!, from.hi[row]!) >= 0;
    let both = 0, made = 0, kept = 0;
    for (const row of own) { const o = within(output, h.control, row), s = within(source, h.control, row); if (o && s) both++; else if (o) made++; else if (s) kept++; }
    const met = others.reduce((n, row) => n + (within(output, h.training, row) ? 1 : 0), 0), chance = met / Math.max(1, others.length), share = (both + made) / own.length;
    if (!(share >= least) || !(share - chance >= least * (1 - chance)) || chance === 1) return undefined;
    const p = Math.max(fisherGreater(both + made, own.length, met, others.length), signTestGreater(made, kept));
    return p < level / comparisons ? { rows: own.length, inOutput: both + made, chance, p } : undefined;
  };
  const found = told(whole);
  if (found || !each) return found;
  for (let j = 0; j < width; j++) {
    const less = Object.fromEntries(parts.map(part => [part, minus(whole[part], coarse, j, part)])) as Record<Part, RowHashes>, result = told(less);
    if (result) return { ...result, without: coarse.columns[j]!.name };
  }
  return undefined;
}

/** Whether the table is an extract of the real one: beyond what coincidence makes of it (rows that the real table has twice), at least half of its rows are there. */
export function isExtract(view: View, asked: Part): boolean {
  const real = rowHashes(view, 'training'), own = rowHashes(view, asked), groups = new HashGroups(real), counts = new Int32Array(groups.groups);
  for (const g of groups.groupOf) counts[g]!++;
  let twins = 0, found = 0;
  for (const g of groups.groupOf) if (counts[g]! > 1) twins++;
  for (let i = 0; i < own.lo.length; i++) if (groups.find(own.lo[i]!, own.hi[i]!) >= 0) found++;
  const chance = twins / Math.max(1, groups.groupOf.length);
  return own.lo.length > 0 && chance < 1 && found / own.lo.length - chance >= least * (1 - chance);
}

/** The first of each of these rows that are equal. */
function distinct(h: RowHashes, rows: Int32Array): Int32Array {
  const groups = new HashGroups({ lo: Uint32Array.from(rows, r => h.lo[r]!), hi: Uint32Array.from(rows, r => h.hi[r]!) }), seen = new Uint8Array(groups.groups);
  return rows.filter((_, i) => { const g = groups.groupOf[i]!; return seen[g] ? false : (seen[g] = 1) === 1; });
}

function minus(whole: RowHashes, view: View, column: number, part: Part): RowHashes {
  const cell = hashSpace(whole.lo.length);
  cellHashes(view.columns[column]!, column, part, cell);
  for (let i = 0; i < cell.lo.length; i++) { cell.lo[i] = whole.lo[i]! - cell.lo[i]!; cell.hi[i] = whole.hi[i]! - cell.hi[i]!; }
  return cell;
}
