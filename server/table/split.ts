import { UserError } from '../errors';
import { shuffledRows } from '../random';
import { distinctNumbers, lowerBound } from './kinds/distinct';
import { rowKeys } from './split/keys';
import { modelledKinds, type Column, type Table } from './table';

export { rowKeys } from './split/keys';

export interface SplitOptions {
  seed: number;
  /** Share of the rows that no fit ever sees; at most `controlMost` rows. Default 0.2 and 20,000. */
  control?: number; controlMost?: number;
  /** Share of the remaining rows kept for early stopping and choices; at most 20,000 rows. Default 0.1. */
  validation?: number;
  /** Column whose distribution every part should share. */
  outcome?: string;
  /** Column that says which rows are one entity's: they stay together. */
  entity?: string;
  /**
   * Column that orders the rows in time: parts are then blocks of time, not single rows, since neighbours nearly repeat each
   * other. Absent: found where the rows are a regular series (`seriesColumn`); false: rows are independent whatever their times.
   */
  time?: string | false;
  /** The user gave a control table of their own: every row may be fitted. */
  holdoutGiven?: boolean;
  /**
   * What becomes of rows equal in every modelled column: `together` puts them in one part, so that no control row was fitted;
   * `apart` deals out each row alone, so that the control repeats fitted rows as often as fresh rows of the same source would.
   * Default: together where at most 2% of the rows repeat another (records entered twice), else apart: where rows
   * repeat by nature (few columns, few values), a control purged of repeats would be no fair sample to hold copies against.
   */
  duplicates?: 'together' | 'apart';
}
/** Row numbers, increasing; disjoint, and together every row. */
export interface Split {
  fit: Int32Array; validation: Int32Array; control: Int32Array; how: string;
  /**
   * Present when the control was divided from the rest by time: of how many blocks it consists, and the columns whose values
   * alone tell in which block a row lies, so that none of the control's occurs elsewhere (the time, and whatever runs along with it).
   */
  blocks?: { columns: string[]; control: number };
}

/**
 * Divides a table into the rows to fit, to validate on, and the control that only the evaluation reads. Deterministic in the seed.
 * Groups (equal rows, entities, blocks of time) go whole into one part; groups are dealt out stratum by stratum (the outcome of
 * their first row), so every part has nearly the outcome's shares.
 * @throws UserError if the table has too few rows to divide.
 */
export function splitTable(table: Table, options: SplitOptions): Split {
  const n = table.rows;
  if (n < 3) throw new UserError(`The table has ${n} row${n === 1 ? '' : 's'}; at least three are needed to fit, validate and check.`, {}, 'Use a longer table.');
  const control = options.holdoutGiven ? 0 : Math.min(Math.max(1, Math.round(n * (options.control ?? 0.2))), options.controlMost ?? 20_000, n - 2);
  const validation = Math.min(Math.max(1, Math.round((n - control) * (options.validation ?? 0.1))), 20_000, n - control - 1);
  const groups = groupsOf(table, options);
  const strata = strataOf(table, options.outcome), sizes = [control, validation];
  let part = deal(groups.group, groups.count, strata, sizes, options.seed), { how, time } = groups;
  // A few huge groups may leave a part with nothing; a split with a little leakage is then better than none.
  if ([control, validation, 1].some((wanted, p) => wanted > 0 && !part.includes(p))) {
    part = deal(alone(n), n, strata, sizes, options.seed);
    time = undefined;
    how = how && `too few groups for "${how}": each row alone`;
  }
  const parts = [0, 1, 2].map((p) => where(part, p));
  return {
    control: parts[0], validation: parts[1], fit: parts[2],
    ...(time !== undefined && parts[0].length > 0 && { blocks: { columns: alongWith(table, time), control: new Set(Array.from(parts[0], (r) => groups.group[r])).size } }),
    how: [options.holdoutGiven ? 'a control table was given' : `control ${parts[0].length.toLocaleString('en')} rows`, how, options.outcome ? `stratified by ${options.outcome}` : ''].filter(Boolean).join('; '),
  };
}

/** Below this many rows a single control set decides too little, and from so many on rows are enough for so many folds; see `crossFitFolds`. */
export const crossFitBelow = 2000, crossFitFrom = 40, crossFits = 5;

/**
 * Fold number (0 .. folds-1) of every row, with the same grouping and stratification: each row is control once, for the fit
 * on the other folds. For tables of fewer than about 2,000 rows.
 */
export function crossFitFolds(table: Table, folds: number, options: Omit<SplitOptions, 'control' | 'controlMost' | 'validation' | 'holdoutGiven'>): Int32Array {
  if (!(folds >= 2) || folds > table.rows) throw new RangeError(`crossFitFolds: ${folds} folds of ${table.rows} rows`);
  const groups = groupsOf(table, options);
  const sizes = Array.from({ length: folds - 1 }, (_, f) => Math.round((table.rows * (f + 1)) / folds) - Math.round((table.rows * f) / folds));
  return deal(groups.group, groups.count, strataOf(table, options.outcome), sizes, options.seed);
}

/** Group number of every row. */
function groupsOf(table: Table, options: SplitOptions): { group: Int32Array; count: number; how: string; time?: string } {
  const time = options.time ?? (options.entity === undefined ? seriesColumn(table) : undefined);
  if (typeof time === 'string') return { ...timeBlocks(table.column(time)), how: `blocks of time by ${time}`, time };
  if (options.entity !== undefined) {
    const keys = rowKeys([table], [options.entity])[0], column = table.column(options.entity);
    let count = maximum(keys) + 1;
    for (let i = 0; i < keys.length; i++) if (column.isMissing(i)) keys[i] = count++;   // an unknown entity is not the same one
    return { group: keys, count, how: `rows of one ${options.entity} kept together` };
  }
  const names = table.schema.columns.filter((c) => modelledKinds.includes(c.kind)).map((c) => c.name);
  if (options.duplicates === 'apart' || names.length === 0) return { group: alone(table.rows), count: table.rows, how: '' };
  // Identifiers would make every row unlike every other.
  const keys = rowKeys([table], names)[0], count = maximum(keys) + 1, repeats = 1 - count / table.rows;
  if (options.duplicates === undefined && repeats > mostRepeats) return { group: alone(table.rows), count: table.rows, how: `${Math.round(100 * repeats)}% of the rows repeat another, each row alone` };
  return { group: keys, count, how: 'equal rows kept together' };
}

/** Share of repeated rows up to which they count as records entered twice. */
const mostRepeats = 0.02;
const alone = (rows: number) => Int32Array.from({ length: rows }, (_, i) => i);

/**
 * The date or datetime column along which the rows are one regular series: increasing (or decreasing) from row to row, and nine tenths
 * of the steps between half and four times the usual one (hours, months, trading days). Undefined where there is none: the times
 * of an event log increase too, but its steps scatter exponentially.
 */
export function seriesColumn(table: Table): string | undefined {
  for (const column of table.columns) {
    const { schema, missingCount, length } = column;
    if ((schema.kind !== 'date' && schema.kind !== 'datetime') || length < 50 || missingCount > 0) continue;
    const times = column.numbers(), steps = Float64Array.from({ length: length - 1 }, (_, i) => times[i + 1] - times[i]);
    const direction = Math.sign(steps[0]);
    if (direction === 0 || steps.some((s) => Math.sign(s) !== direction)) continue;
    const usual = steps.slice().sort()[Math.floor(steps.length / 2)];
    if (steps.filter((s) => s / usual >= 0.5 && s / usual <= 4).length >= 0.9 * steps.length) return schema.name;
  }
  return undefined;
}

/** The time column, and every other modelled one that only ever grows, or only ever falls, along it: a day's number, a running total. */
function alongWith(table: Table, time: string): string[] {
  const times = table.column(time).numbers(), order = [...times.keys()].filter((i) => times[i] === times[i]).sort((a, b) => times[a] - times[b]);
  return table.columns.filter((column) => {
    const { schema } = column;
    if (schema.name === time) return true;
    if (schema.storage !== 'number' || !modelledKinds.includes(schema.kind) || column.missingCount > 0) return false;
    const values = column.numbers(), step = (i: number) => Math.sign(values[order[i]] - values[order[i - 1]]), direction = step(1);
    for (let i = 1; i < order.length; i++) if (step(i) !== direction) return false;
    return direction !== 0;
  }).map((c) => c.schema.name);
}

/** About a hundred blocks of neighbouring rows in time order, never shorter than 8 rows; rows without a time are blocks of their own. */
function timeBlocks(column: Column): { group: Int32Array; count: number } {
  const times = column.schema.storage === 'number' ? column.numbers() : undefined;
  if (!times) throw new Error(`splitTable: "${column.schema.name}" holds no times`);
  const order = [...times.keys()].filter((i) => times[i] === times[i]).sort((a, b) => times[a] - times[b] || a - b);
  const size = Math.max(8, Math.ceil(order.length / 100));
  const group = new Int32Array(column.length).fill(-1);
  order.forEach((row, at) => { group[row] = Math.floor(at / size); });
  let count = Math.ceil(order.length / size);
  for (let i = 0; i < group.length; i++) if (group[i] < 0) group[i] = count++;
  return { group, count };
}

/** The outcome's class per row: its code, its value, or its tenth of the distribution; missing is a class. */
function strataOf(table: Table, outcome: string | undefined): Int32Array {
  const strata = new Int32Array(table.rows);
  if (outcome === undefined) return strata;
  const column = table.column(outcome);
  if (column.schema.storage === 'code') return column.codes().map((c) => c + 1);
  if (column.schema.storage !== 'number') return strata;
  const numbers = column.numbers(), { values } = distinctNumbers(numbers);
  let cuts = values;
  if (values.length > 20) {
    const sorted = numbers.filter((v) => v === v).sort();
    cuts = Float64Array.from({ length: 9 }, (_, q) => sorted[Math.floor(((q + 1) * sorted.length) / 10)]);
  }
  for (let i = 0; i < strata.length; i++) strata[i] = numbers[i] === numbers[i] ? 1 + lowerBound(cuts, numbers[i]) : 0;
  return strata;
}

/**
 * Deals groups out to parts of the wanted sizes (rows); what is left over is the last part. Groups are shuffled, arranged by
 * stratum, and walked with one running quota per part, so that after any stretch of rows every part has had its share of it
 * (the largest-deficit rule of apportionment).
 */
function deal(group: Int32Array, count: number, strata: Int32Array, sizes: readonly number[], seed: number): Int32Array {
  const n = group.length, first = new Int32Array(count).fill(-1), rows = new Int32Array(count);
  for (let i = 0; i < n; i++) { if (first[group[i]] < 0) first[group[i]] = i; rows[group[i]]++; }
  const order = shuffledRows(seed, 'split', count);
  const byStratum = bucketSort(order, (g) => strata[first[g]], maximum(strata) + 1);

  const shares = [...sizes, n - sizes.reduce((a, b) => a + b, 0)].map((s) => s / n), given = shares.map(() => 0), parts = new Int32Array(count);
  let dealt = 0;
  for (const g of byStratum) {
    dealt += rows[g];
    let best = -1, deficit = -Infinity;
    for (let p = 0; p < shares.length; p++) {
      if (shares[p] <= 0) continue;
      const d = shares[p] * dealt - given[p];
      if (d > deficit) { deficit = d; best = p; }
    }
    parts[g] = best; given[best] += rows[g];
  }
  return group.map((g) => parts[g]);
}

function bucketSort(items: Int32Array, key: (item: number) => number, buckets: number): Int32Array {
  const start = new Int32Array(buckets + 1), result = new Int32Array(items.length);
  for (const item of items) start[key(item) + 1]++;
  for (let b = 0; b < buckets; b++) start[b + 1] += start[b];
  for (const item of items) result[start[key(item)]++] = item;
  return result;
}

function where(parts: Int32Array, part: number): Int32Array {
  let n = 0;
  for (const p of parts) if (p === part) n++;
  const rows = new Int32Array(n);
  for (let i = 0, at = 0; i < parts.length; i++) if (parts[i] === part) rows[at++] = i;
  return rows;
}

function maximum(values: Int32Array): number {
  let most = 0;
  for (const v of values) if (v > most) most = v;
  return most;
}
