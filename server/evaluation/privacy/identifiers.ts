import { wilson } from '../../learners/metrics';
import type { Column, Table } from '../../table/table';
import { worstFirst } from '../detail';
import type { Metric } from '../metric';
import { copies as threshold } from '../thresholds';
import { notAssessable } from './leak';

const id = 'privacy.identifiers';

/** The cells of a column as they are written, null where missing; a whole number however it was stored (12 and 12.0 are one number). */
function written(column: Column): (row: number) => string | null {
  if (column.schema.storage !== 'number' || column.schema.temporal) return row => (column.isMissing(row) ? null : column.lexeme(row));
  const values = column.numbers();
  return row => (values[row] === values[row] ? String(values[row]) : null);
}

const cells = (table: Table, name: string): string[] => { const of = written(table.column(name)), out: string[] = []; for (let i = 0; i < table.rows; i++) { const v = of(i); if (v !== null) out.push(v); } return out; };

/**
 * The share of a table's values that would be among some others by chance: of whole numbers, how densely those fill their range. Of words nothing is known; names that several people
 * bear are what a control is for.
 */
function byChance(real: ReadonlySet<string>): number {
  let low = Infinity, high = -Infinity;
  for (const v of real) {
    const x = /^-?\d{1,15}$/.test(v) ? Number(v) : Number.NaN;
    if (x !== x) return 0;
    low = Math.min(low, x); high = Math.max(high, x);
  }
  return real.size > 1 ? real.size / (high - low + 1) : 0;
}

/**
 * Identifiers, personal data and free text that the synthetic table has from the training rows: the share of synthetic cells, in the worst such column, that are written as some
 * training cell is. These columns are compared nowhere else. Judged is what exceeds both what control rows repeat (two people of one name) and what numbers drawn from the same range would.
 */
export const metric: Metric = {
  async compute({ aside }) {
    if (!aside || aside.training.columns.length === 0) return notAssessable(id, 'No column that identifies people, or holds personal data or text, is in both tables.');
    const found = aside.training.columns.map(({ schema: { name } }) => {
      const real = new Set(cells(aside.training, name)), made = cells(aside.synthetic, name), others = aside.control ? cells(aside.control, name) : [];
      const repeated = made.filter(v => real.has(v)).length, n = made.length, also = others.length ? others.filter(v => real.has(v)).length / others.length : 0;
      return { name, real: real.size, n, repeated, share: n ? repeated / n : 0, expected: Math.max(also, byChance(real)) };
    }).filter(c => c.real >= 2 && c.n > 0);
    if (found.length === 0) return notAssessable(id, 'The columns that identify people are empty in one of the tables.');
    const worst = found.reduce((a, b) => (b.share - b.expected > a.share - a.expected ? b : a)), at = wilson(worst.repeated, worst.n), excess = worst.share - worst.expected;
    const verdict = at.low > worst.expected && excess > threshold.good ? (excess > threshold.fair ? 'poor' : 'fair') : at.high - worst.expected <= threshold.fair ? 'good' : 'undecided';
    return {
      metric: id, value: worst.share, interval: { low: at.low, high: at.high, level: 0.95, method: 'Wilson' }, verdict,
      reference: { label: 'by chance', value: worst.expected }, samples: { synthetic: worst.n, training: aside.training.rows, ...(aside.control && { control: aside.control.rows }) },
      detail: { column: worst.name, excess, repeatedCells: worst.repeated }, columns: worstFirst(found.map(c => [c.name, c.share]), 'lower'),
    };
  },
};
