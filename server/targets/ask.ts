import { UserError } from '../errors';
import type { ColumnOverride, RowsAnswer, RowsQuestion } from '../protocol';
import { refineKinds } from '../table/kinds';
import { readTable } from '../table/read';
import { columnsOf, rowsMeeting } from '../table/rules/condition';
import { sideOf } from '../table/rules/cells';
import { modelledKinds, type Column, type Table } from '../table/table';
import { fileState } from './source';

/** The table last asked about: questions come one after another while somebody types. */
let last: { key: string; table: Promise<Table> } | undefined;

/**
 * Counts rows that meet a condition, and finds columns that give an outcome away.
 * @param overrides what is declared of columns; of those the question does not name, nothing is needed
 * @throws UserError for a table that cannot be read, and for a column that is not there
 */
export async function askRows(path: string, overrides: Record<string, ColumnOverride>, { condition, outcome }: RowsQuestion): Promise<RowsAnswer> {
  const { bytes, modifiedMs } = await fileState(path), key = `${path} ${bytes} ${modifiedMs}`;
  if (last?.key !== key) {
    const table = readTable(path);
    last = { key, table };
    table.catch(() => { if (last?.table === table) last = undefined; });
  }
  const table = await last.table, answer: RowsAnswer = { rows: table.rows };
  if (condition) {
    try {
      answer.count = rowsMeeting(condition, understood(table, columnsOf(condition), overrides)).length;
    } catch (error) {
      // A value that the column cannot hold is the editor's to tell, by the declaration.
      if (!(error instanceof UserError)) throw error;
    }
  }
  if (outcome !== undefined) answer.tells = telling(refineKinds(table, overrides), outcome);
  return answer;
}

function understood(table: Table, names: readonly string[], overrides: Record<string, ColumnOverride>): Table {
  const there = names.filter((n) => table.schema.columns.some((c) => c.name === n));
  return refineKinds(table.select(there), Object.fromEntries(Object.entries(overrides).filter(([n]) => there.includes(n)).map(([n, { drop: _dropped, ...rest }]) => [n, rest])));
}

/** Rows that are looked at; more would say the same. */
const mostRows = 20_000;
/** Fewer than this on either side show nothing. */
const leastRows = 100;
/** Intervals of equal counts that a number is cut into: enough to find a threshold, few enough to have rows in each. */
const pieces = 64;
/** A column that alone tells this share of what there is to be told is no ordinary predictor. */
const sure = 0.98;

/**
 * Columns each of which tells the outcome nearly by itself: of an outcome of few values, the share of wrong guesses (of the commonest value) that it does away with; of a number,
 * the share of the variance. Learnt as the outcome's commonest value, or mean, in each category or interval on half of the rows, and judged on the others, so that a column of
 * many values tells nothing by being different in each row.
 */
export function telling(table: Table, outcome: string): Array<{ column: string; share: number }> {
  if (!table.schema.columns.some((c) => c.name === outcome)) return [];
  const target = table.column(outcome), step = Math.max(1, Math.ceil(table.rows / mostRows)), rows = Array.from({ length: Math.ceil(table.rows / step) }, (_, i) => i * step).filter((r) => !target.isMissing(r));
  if (rows.length < 2 * leastRows) return [];
  // Every other row by a fixed stir: files are often sorted.
  const learn = rows.filter((r) => stirred(r)), judge = rows.filter((r) => !stirred(r)), numeric = target.schema.storage === 'number' && new Set(rows.map((r) => target.numbers()[r])).size > 20;
  const found: Array<{ column: string; share: number }> = [];
  for (const column of table.columns) {
    if (column === target || !modelledKinds.includes(column.schema.kind)) continue;
    const group = groupsOf(column, rows), share = numeric ? explained(target.numbers(), group, learn, judge) : guessed(target, group, learn, judge);
    if (share >= sure) found.push({ column: column.schema.name, share });
  }
  return found.sort((a, b) => b.share - a.share);
}
const stirred = (row: number): boolean => (Math.imul(row + 1, 2654435761) >>> 16) % 2 === 0;

/** A row's category, or interval. Missing is a group of its own. */
function groupsOf(column: Column, rows: readonly number[]): (row: number) => string | number | null {
  const side = sideOf(column);
  if (side.type !== 'numbers') return side.type === 'words' ? side.at : () => null;
  const sorted = Float64Array.from(rows.map((r) => side.at(r)).filter((v) => v === v)).sort();
  const ends = [...new Set(Array.from({ length: pieces - 1 }, (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / pieces)]))];
  if (new Set(sorted).size <= pieces) return (row) => side.at(row);
  return (row) => {
    const v = side.at(row);
    let low = 0, high = ends.length;
    while (low < high) { const middle = (low + high) >> 1; if (ends[middle] <= v) low = middle + 1; else high = middle; }
    return v === v ? low : null;
  };
}

function guessed(target: Column, group: (row: number) => string | number | null, learn: readonly number[], judge: readonly number[]): number {
  const side = sideOf(target), value = (row: number): string | number | null => (side.type === 'lexeme' ? null : side.at(row));
  const counts = new Map<string | number | null, Map<string | number | null, number>>(), all = new Map<string | number | null, number>();
  for (const r of learn) {
    const own = counts.get(group(r)) ?? new Map<string | number | null, number>(), v = value(r);
    own.set(v, (own.get(v) ?? 0) + 1);
    counts.set(group(r), own);
    all.set(v, (all.get(v) ?? 0) + 1);
  }
  const commonest = (m: ReadonlyMap<string | number | null, number>) => [...m].reduce((a, b) => (b[1] > a[1] ? b : a))[0], usual = commonest(all), guess = new Map([...counts].map(([g, m]) => [g, commonest(m)]));
  let wrong = 0, wrongly = 0;
  for (const r of judge) {
    if (value(r) !== usual) wrong++;
    if (value(r) !== (guess.get(group(r)) ?? usual)) wrongly++;
  }
  // An outcome that hardly varies is told by chance.
  return wrong < 20 ? 0 : 1 - wrongly / wrong;
}

function explained(values: Float64Array, group: (row: number) => string | number | null, learn: readonly number[], judge: readonly number[]): number {
  const sums = new Map<string | number | null, { n: number; sum: number }>();
  let total = 0;
  for (const r of learn) {
    const own = sums.get(group(r)) ?? { n: 0, sum: 0 };
    own.n++;
    own.sum += values[r];
    total += values[r];
    sums.set(group(r), own);
  }
  const mean = total / learn.length;
  let left = 0, whole = 0;
  for (const r of judge) {
    const own = sums.get(group(r));
    left += (values[r] - (own ? own.sum / own.n : mean)) ** 2;
    whole += (values[r] - mean) ** 2;
  }
  return whole > 0 ? 1 - left / whole : 0;
}
