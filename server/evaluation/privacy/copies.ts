import type { EvaluationContext } from '../metric';
import { quantile } from '../statistics';
import { controlViewOf, type NumberView, type Part, type View } from '../view';
import { cellHashes, hashSpace, HashGroups, rowHashes, type RowHashes } from './row-hash';

/**
 * For every row of one table, whether another table holds a copy of it.
 * - exact: all columns equal
 * - near: all columns equal but at most one, and that one within 5% of the real value (numbers), within 5% of the real column's interquartile
 *   range (dates and times, whose zero means nothing), or any other category. A missing number is near no number. Exact copies are near copies.
 * One byte a row, 1 where there is a copy. Every row of every table is looked up; nothing is sampled.
 */
export interface Copies {
  exact: CopyFlags; near: CopyFlags;
  /** Real rows (training and control together) that another real row is an exact, or a near, copy of: 1 where what the row says is said of several people. */
  common: { exact: RealFlags; near: RealFlags };
}
export interface RealFlags { training: Uint8Array; control: Uint8Array }
export interface CopyFlags {
  /** synthetic rows with a copy in training / in control */
  syntheticInTraining: Uint8Array; syntheticInControl: Uint8Array;
  /** control rows with a copy in training: what unrelated people have in common */
  controlInTraining: Uint8Array;
  /** real rows with a copy in the synthetic table */
  trainingInSynthetic: Uint8Array; controlInSynthetic: Uint8Array;
}
export const tolerance = 0.05;

/** Copies of a context's tables, found once. */
export const copiesOf = (context: EvaluationContext): Promise<Copies> =>
  context.shared('copies', async () => findCopies(await controlViewOf(context), (f, m) => context.progress(f, m)));

type Query = { key: keyof CopyFlags; asked: Part; within: Part; /** whose value the 5% is of */ realIs: 'asked' | 'within' };
const queries: Query[] = [
  { key: 'syntheticInTraining', asked: 'synthetic', within: 'training', realIs: 'within' },
  { key: 'controlInTraining', asked: 'control', within: 'training', realIs: 'within' },
  { key: 'syntheticInControl', asked: 'synthetic', within: 'control', realIs: 'within' },
  { key: 'trainingInSynthetic', asked: 'training', within: 'synthetic', realIs: 'asked' },
  { key: 'controlInSynthetic', asked: 'control', within: 'synthetic', realIs: 'asked' },
];

/**
 * One hash join over all columns for exact copies, then one for each column left out. Time is linear in rows x columns (and n log n within
 * groups that agree in all other columns); memory about 60 bytes a row.
 */
export async function findCopies(view: View, progress: (fraction: number, message?: string) => Promise<void>): Promise<Copies> {
  const parts: Part[] = ['training', 'synthetic', 'control'];
  const whole = Object.fromEntries(parts.map(p => [p, rowHashes(view, p)])) as Record<Part, RowHashes>;
  const flags = () => Object.fromEntries(queries.map(q => [q.key, new Uint8Array(view.rows[q.asked])])) as unknown as CopyFlags;
  const exact = flags();
  for (const within of parts) {
    const groups = new HashGroups(whole[within]);
    for (const q of queries.filter(x => x.within === within)) lookUp(exact[q.key], whole[q.asked], groups, () => true);
  }
  const real = join(whole.training, whole.control), exactTwin = new Uint8Array(real.lo.length);
  markTwins(exactTwin, new HashGroups(real));
  const nearTwin = exactTwin.slice(), n = view.rows.training;
  const near = Object.fromEntries(queries.map(q => [q.key, exact[q.key].slice()])) as unknown as CopyFlags;
  const cell = Object.fromEntries(parts.map(p => [p, hashSpace(view.rows[p])])) as Record<Part, RowHashes>;
  for (let j = 0; j < view.columns.length; j++) {
    const column = view.columns[j];
    // what remains of each row's hash without column j, into `cell`
    for (const p of parts) {
      cellHashes(column, j, p, cell[p]);
      const { lo, hi } = cell[p], w = whole[p];
      for (let i = 0; i < lo.length; i++) { lo[i] = w.lo[i] - lo[i]; hi[i] = w.hi[i] - hi[i]; }
    }
    for (const within of parts) {
      const groups = new HashGroups(cell[within]);
      const values = column.type === 'number' ? new GroupValues(column.values(within), groups) : undefined;
      for (const q of queries.filter(x => x.within === within)) {
        if (!values || column.type !== 'number') { lookUp(near[q.key], cell[q.asked], groups, () => true); continue; }
        const asked = column.values(q.asked), range = rangeOf(column, q.realIs);
        lookUp(near[q.key], cell[q.asked], groups, (g, row) => values.holds(g, ...range(asked[row])));
      }
    }
    const groups = new HashGroups(join(cell.training, cell.control));
    if (column.type === 'code') markTwins(nearTwin, groups);
    else {
      const all = new Float64Array(n + view.rows.control);
      all.set(column.values('training')); all.set(column.values('control'), n);
      const values = new GroupValues(all, groups), range = rangeOf(column, 'asked');
      for (let i = 0; i < all.length; i++) if (!nearTwin[i] && values.count(groups.groupOf[i], ...range(all[i])) > 1) nearTwin[i] = 1;
    }
    await progress((j + 1) / view.columns.length, `copies, column ${j + 1} of ${view.columns.length}`);
  }
  const split = (f: Uint8Array): RealFlags => ({ training: f.slice(0, n), control: f.slice(n) });
  return { exact, near, common: { exact: split(exactTwin), near: split(nearTwin) } };
}

function lookUp(flags: Uint8Array, asked: RowHashes, groups: HashGroups, agrees: (group: number, row: number) => boolean): void {
  for (let i = 0; i < flags.length; i++) {
    if (flags[i]) continue;
    const g = groups.find(asked.lo[i], asked.hi[i]);
    if (g >= 0 && agrees(g, i)) flags[i] = 1;
  }
}

/** The values that count as within 5% of a given one, as [low, high]; NaN for a missing one, which only equals missing. */
export function rangeOf(column: NumberView, realIs: Query['realIs']): (x: number) => [number, number] {
  const slack = 1e-12;                 // 105 is within 5% of 100, whatever 105 / 1.05 rounds to
  if (column.temporal) {
    const s = column.sorted('training'), iqr = quantile(s, 0.75) - quantile(s, 0.25);
    const width = tolerance * (iqr > 0 ? iqr : s.length ? s[s.length - 1] - s[0] : 0);
    return x => [x - width, x + width];
  }
  const grow = realIs === 'asked' ? [1 - tolerance, 1 + tolerance] : [1 / (1 + tolerance), 1 / (1 - tolerance)];
  const low = grow[0] * (1 - slack), high = grow[1] * (1 + slack);
  return x => (x >= 0 ? [x * low, x * high] : [x * high, x * low]);
}

/** A column's values, sorted within groups of rows that agree in all other columns. */
class GroupValues {
  private readonly start: Int32Array;
  private readonly values: Float64Array;
  constructor(column: Float64Array, { groupOf, groups }: HashGroups) {
    const start = new Int32Array(groups + 1), n = column.length;
    let present = 0;
    for (let i = 0; i < n; i++) if (column[i] === column[i]) { start[groupOf[i] + 1]++; present++; }
    for (let g = 0; g < groups; g++) start[g + 1] += start[g];
    const fill = start.slice(0, groups), values = new Float64Array(present);
    for (let i = 0; i < n; i++) if (column[i] === column[i]) values[fill[groupOf[i]]++] = column[i];
    for (let g = 0; g < groups; g++) {
      const size = start[g + 1] - start[g];
      if (size === 2) {
        const a = start[g];
        if (values[a] > values[a + 1]) { const t = values[a]; values[a] = values[a + 1]; values[a + 1] = t; }
      } else if (size > 2) values.subarray(start[g], start[g + 1]).sort();
    }
    this.start = start;
    this.values = values;
  }
  /** Whether the group has a value in [low, high]. A NaN range (missing) holds nothing here: two missing cells are an exact copy, found before. */
  holds(group: number, low: number, high: number): boolean {
    const at = this.from(group, low);
    return at < this.start[group + 1] && this.values[at] <= high;
  }
  /** How many of the group's values lie in [low, high]; stops at two. */
  count(group: number, low: number, high: number): number {
    let at = this.from(group, low), n = 0;
    while (n < 2 && at < this.start[group + 1] && this.values[at] <= high) { n++; at++; }
    return n;
  }
  private from(group: number, low: number): number {
    let a = this.start[group], b = this.start[group + 1];
    while (a < b) { const mid = (a + b) >>> 1; if (this.values[mid] < low) a = mid + 1; else b = mid; }
    return a;
  }
}

/** Marks the rows of groups that have more than one. */
function markTwins(flags: Uint8Array, { groupOf, groups }: HashGroups): void {
  const size = new Int32Array(groups);
  for (const g of groupOf) size[g]++;
  for (let i = 0; i < flags.length; i++) if (size[groupOf[i]] > 1) flags[i] = 1;
}

function join(a: RowHashes, b: RowHashes): RowHashes {
  const all = hashSpace(a.lo.length + b.lo.length);
  all.lo.set(a.lo); all.lo.set(b.lo, a.lo.length);
  all.hi.set(a.hi); all.hi.set(b.hi, a.hi.length);
  return all;
}
