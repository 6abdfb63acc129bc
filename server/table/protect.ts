import { codeColumn, makeTable, numberColumn } from './columns';
import { Stream } from '../random';
import { categoryCounts, distinctNumbers } from './kinds/distinct';
import { categoryMap, type CategoryMap } from './protect/categories';
import { onGrid } from './number-format';
import { commonDecimals, concealer, crowded, gridOf, onto, tailOf, type Grid, type Tail } from './protect/numbers';
import { modelledKinds, type Column, type Table } from './table';

/**
 * Value protection: a value found in fewer than k fitting rows is never emitted verbatim, except values of a grid that does not
 * depend on the data (whole numbers, at most two decimals, decimals the user declared, dates, clock times) and domains the
 * user declared. It is not a privacy guarantee of the model; it keeps single records' values out of the output.
 *
 * - Categories in fewer than k rows become one "other"; where all of them together are in fewer than k rows, so that
 *   "other" itself would point at someone, their cells are spread over the common categories. Ordinal values join their neighbour
 *   on the scale. Booleans are exempt (their two values are known without the data).
 * - Numbers and times are drawn in to the k-th smallest and k-th largest row's value for fitting. What a generator then puts there is
 *   drawn anew from a tail whose length and shape are fitted to those k rows' excesses together, never beyond the farthest of them: cutting every column off at its
 *   fifth value cost SDMetrics' pair trends (no thresholds) .011 on California and .025 on Mammography, the tails give it back (bench/README.md).
 * - On a fine grid (three decimals or more, or none; values with the few decimals that half of the rows have are exempt, and
 *   values around which half of the grid's places occur) an emitted number that equals a rare one moves to a random place between the
 *   midpoints to that value's neighbours, off every rare value.
 */
export interface Protection {
  readonly enabled: boolean; readonly k: number;
  readonly columns: readonly ColumnProtection[];
  /** The table to fit (or to validate, or to compare) with: rare categories mapped, numbers drawn in. Columns this protection does not know stay. */
  apply(table: Table): Table;
  /** The last step on generated values of one column (storage `number`): within bounds, on the column's grid, equal to no rare value. NaN stays. */
  conceal(column: string, values: Float64Array, stream: Stream): Float64Array;
  /** `conceal` on every numeric column of a generated table, with a stream per column from the seed. */
  concealTable(table: Table, seed: number): Table;
}

export interface ColumnProtection {
  name: string;
  /** The k-th smallest and largest rows' values, which fitted rows are drawn in to; null for categories, and where the column is exempt. */
  low: number | null; high: number | null;
  /** The ends of the tails beyond them; equal to the bounds where there is no tail. */
  lowest: number | null; highest: number | null;
  /** Step of the grid that values are rounded to; null: no grid. */
  grid: number | null;
  /** Whether values equal to a rare one are moved. */
  concealed: boolean;
  /** Distinct values in fewer than k fitting rows, that are not emitted. */
  rareValues: number; rareRows: number;
  /** What stands for rare categories, if anything does. */
  other?: string;
}

interface Rule { info: ColumnProtection; grid: Grid; tails?: { low?: Tail; high?: Tail }; categories?: CategoryMap; rare: Float64Array; distinct: Float64Array; empty: boolean }

/**
 * Learns the protected domain of every modelled column from the fitting rows. With `enabled: false` nothing is changed, only numbers are put on their grid.
 * `ends`: rows that hold the fitting rows and more that training uses otherwise (validation); numeric columns then reach as far as k of all of these do, since
 * a far row that happened to fall to validation is as much part of the table.
 */
export function protectTable(fit: Table, options: { k: number; enabled: boolean; seed?: number; ends?: Table }): Protection {
  const { k, enabled } = options;
  if (!Number.isInteger(k) || k < 1) throw new RangeError(`protectTable: k = ${k}`);
  const rules = new Map<string, Rule>();
  for (const column of fit.columns) if (modelledKinds.includes(column.schema.kind)) rules.set(column.schema.name, ruleOf(column, k, enabled, options.seed ?? 0, options.ends?.column(column.schema.name)));
  const concealOf = new Map<string, ReturnType<typeof concealer>>();

  const conceal = (name: string, values: Float64Array, stream: Stream): Float64Array => {
    const rule = rules.get(name);
    if (!rule) throw new Error(`protection knows no column "${name}"`);
    if (rule.empty) return new Float64Array(values.length).fill(NaN);
    let run = concealOf.get(name);
    if (!run) concealOf.set(name, (run = concealer({ low: rule.info.low, high: rule.info.high, tails: rule.tails, grid: rule.grid, rare: rule.rare, distinct: rule.distinct })));
    return run(values, stream);
  };
  return {
    enabled, k, columns: [...rules.values()].map((r) => r.info),
    apply: (table) => enabled ? mapColumns(table, (column) => applyRule(column, rules.get(column.schema.name))) : table,
    conceal,
    concealTable: (table, seed) => mapColumns(table, (column) => {
      const { name, storage } = column.schema;
      return storage === 'number' && rules.has(name) ? numberColumn(column.schema, conceal(name, column.numbers(), new Stream(seed, `conceal ${name}`))) : column;
    }),
  };
}

const mapColumns = (table: Table, change: (column: Column) => Column): Table => makeTable(table.schema, table.columns.map(change), table.rows);

function ruleOf(column: Column, k: number, enabled: boolean, seed: number, all: Column = column): Rule {
  const { schema } = column, present = column.length - column.missingCount;
  const none = new Float64Array(0), domain = schema.declaredDomain;
  const info: ColumnProtection = { name: schema.name, low: null, high: null, lowest: null, highest: null, grid: null, concealed: false, rareValues: 0, rareRows: 0 };
  if (schema.storage === 'code') {
    const exempt = !enabled || schema.kind === 'boolean';
    const counts = categoryCounts(column.codes(), column.categories().length);
    const categories = categoryMap({ categories: column.categories(), counts, k: exempt ? 0 : k, ordered: schema.kind === 'ordinal', keep: new Set(domain?.values ?? []), stream: () => new Stream(seed, `protect ${schema.name}`) });
    return { info: { ...info, rareValues: categories.rareValues, rareRows: categories.rareRows, other: categories.other }, grid: { step: null }, categories, rare: none, distinct: none, empty: !exempt && present > 0 && present < k };
  }
  const grid = gridOf(schema), numbers = column.numbers();
  info.grid = grid.step;
  if (!enabled) return { info, grid, rare: none, distinct: none, empty: false };
  const { values, counts } = distinctNumbers(numbers), ends = all === column ? { values, counts } : distinctNumbers(all.numbers());
  // Declared bounds are known without the data; the other side is still drawn in.
  info.low = domain?.min ?? kthRow(ends.values, ends.counts, k);
  info.high = domain?.max ?? kthRow(ends.values, ends.counts, k, true);
  if (present < k) info.low = info.high = null;
  else if (info.low > info.high) info.low = info.high = mean(values, counts, grid);
  const roomy = info.low !== null && info.high !== null && info.low < info.high;
  const tails = {
    ...(roomy && domain?.min === undefined && { low: tailOf(ends.values, ends.counts, k, false, grid) }),
    ...(roomy && domain?.max === undefined && { high: tailOf(ends.values, ends.counts, k, true, grid) }),
  };
  info.lowest = info.low === null || !tails.low ? info.low : onto(grid, info.low - tails.low.end);
  info.highest = info.high === null || !tails.high ? info.high : onto(grid, info.high + tails.high.end);
  if (domain?.values !== undefined || grid.independent) return { info, grid, tails, rare: none, distinct: none, empty: present > 0 && present < k };
  const coarse = schema.kind === 'real' || schema.kind === 'integer' ? commonDecimals(values, counts) : undefined;
  const rare = new Float64Array(values.length), full = crowded(values, grid, info.low ?? NaN, info.high ?? NaN);
  for (let i = 0; i < values.length; i++) {
    if (counts[i] >= k || full[i] === 1 || (coarse !== undefined && onGrid(values[i], coarse) === values[i])) continue;
    rare[info.rareValues++] = values[i];
    info.rareRows += counts[i];
  }
  return {
    info: { ...info, concealed: true },
    grid, tails, rare: rare.slice(0, info.rareValues), distinct: values, empty: present > 0 && present < k,
  };
}

/** The smallest value with at least k rows at or below it (the largest with k at or above); NaN if there are fewer rows. */
function kthRow(values: Float64Array, counts: Int32Array, k: number, fromTop = false): number {
  for (let n = 0, rows = 0; n < values.length; n++) {
    const i = fromTop ? values.length - 1 - n : n;
    if ((rows += counts[i]) >= k) return values[i];
  }
  return NaN;
}

/** Where fewer than 2k rows leave no room between the bounds, their mean, which is nobody's value. */
function mean(values: Float64Array, counts: Int32Array, grid: Grid): number {
  let sum = 0, rows = 0;
  for (let i = 0; i < values.length; i++) { sum += values[i] * counts[i]; rows += counts[i]; }
  return onto(grid, sum / rows);
}

function applyRule(column: Column, rule: Rule | undefined): Column {
  if (!rule) return column;
  const { schema } = column;
  if (schema.storage === 'code') {
    const map = rule.categories!;
    if (rule.empty) return codeColumn(schema, new Int32Array(column.length).fill(-1), []);
    return codeColumn({ ...schema, ...(map.ordered ? { order: [...map.categories] } : {}) }, map.apply(column.codes(), column.categories()), map.categories);
  }
  if (rule.empty) return numberColumn(schema, new Float64Array(column.length).fill(NaN));
  const { low, high } = rule.info, numbers = column.numbers();
  const drawn = new Float64Array(numbers.length), from = low ?? -Infinity, to = high ?? Infinity;
  for (let i = 0; i < drawn.length; i++) { const v = numbers[i]; drawn[i] = v < from ? from : v > to ? to : v; }
  return numberColumn(schema, drawn);
}
