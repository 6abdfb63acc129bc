/** The fitted rows themselves, for generators that make new rows out of real ones: numbers with gaps filled, codes, and the classes rows belong to. */
import { codeColumn, makeTable, numberColumn } from '../../table/columns';
import { gridOf, onto } from '../../table/protect/numbers';
import type { Column, ColumnSchema, Dialect, Table } from '../../table/table';
import type { FittedColumn } from '../blocks/given';

export interface RowStore {
  rows: number; dialect: Dialect; schemas: ColumnSchema[]; dictionaries: Array<string[] | null>;
  /** Table columns that are numbers, their values [rows, d] with the median where missing, and their ranges. */
  numberColumns: number[]; numbers: Float64Array; low: Float64Array; high: Float64Array;
  /** Codes [rows, c]: of category columns (their dictionary's, -1 missing) and of "missing?" of numbers with gaps (1 missing). */
  codeColumns: Array<{ column: number; part: 'codes' | 'missing' }>; codes: Int32Array;
  /** The outcome column where it is a category, the class of every row, and the rows of each class. */
  outcome: number; classes: Array<{ code: number; rows: Int32Array }>;
}

/** @param mostRows evenly spread over the table @param outcome its categories are the classes; a number or none: one class */
export function storeRows(table: Table, outcome: string | undefined, mostRows: number): RowStore {
  const fit = table.rows <= mostRows ? table : table.take(Int32Array.from({ length: mostRows }, (_, i) => Math.floor((i * table.rows) / mostRows))), n = fit.rows;
  const numberColumns = [...fit.columns.keys()].filter((c) => fit.columns[c]!.schema.storage === 'number'), d = numberColumns.length;
  const codeColumns = fit.columns.flatMap((c, column): RowStore['codeColumns'] => (c.schema.storage === 'code' ? [{ column, part: 'codes' }] : c.missingCount > 0 ? [{ column, part: 'missing' }] : []));
  const numbers = new Float64Array(n * d), low = new Float64Array(d), high = new Float64Array(d), codes = new Int32Array(n * codeColumns.length);
  numberColumns.forEach((c, j) => {
    const values = fit.columns[c]!.numbers(), present = values.filter((v) => v === v).sort(), median = present[present.length >> 1] ?? 0;
    low[j] = present[0] ?? 0; high[j] = present.at(-1) ?? 0;
    for (let r = 0; r < n; r++) numbers[r * d + j] = values[r]! === values[r]! ? values[r]! : median;
  });
  codeColumns.forEach(({ column, part }, f) => {
    const own = part === 'codes' ? fit.columns[column]!.codes() : Int32Array.from(fit.columns[column]!.numbers(), (v) => (v === v ? 0 : 1));
    for (let r = 0; r < n; r++) codes[r * codeColumns.length + f] = own[r]!;
  });
  const at = outcome === undefined ? -1 : fit.columns.findIndex((c) => c.schema.name === outcome && c.schema.storage === 'code'), members = new Map<number, number[]>(), label = at < 0 ? undefined : fit.columns[at]!.codes();
  for (let r = 0; r < n; r++) { const code = label ? label[r]! : 0; if (!members.has(code)) members.set(code, []); members.get(code)!.push(r); }
  return {
    rows: n, dialect: fit.schema.dialect, schemas: fit.columns.map((c) => c.schema), dictionaries: fit.columns.map((c) => (c.schema.storage === 'code' ? [...c.categories()] : null)),
    numberColumns, numbers, low, high, codeColumns, codes, outcome: at, classes: [...members].sort(([a], [b]) => a - b).map(([code, rows]) => ({ code, rows: Int32Array.from(rows) })),
  };
}

/** The class a uniform falls in, by the classes' shares; or the class of this code. */
export function classAt(store: RowStore, u: number): RowStore['classes'][number] {
  let rest = u * store.rows;
  for (const c of store.classes) if ((rest -= c.rows.length) < 0) return c;
  return store.classes.at(-1)!;
}
export const classOf = (store: RowStore, code: number): RowStore['classes'][number] => store.classes.find((c) => c.code === code)!;

/** What a condition may be: the outcome, where it is a category. */
export function conditionable(store: RowStore): { columns: FittedColumn[]; canCondition: (columns: readonly string[]) => boolean } {
  const seen = store.schemas.map((_, c) => { const f = store.codeColumns.findIndex((k) => k.column === c), own = new Set<number>(); if (f >= 0) for (let r = 0; r < store.rows; r++) own.add(store.codes[r * store.codeColumns.length + f]!); return own; });
  return {
    columns: store.schemas.map((schema, c): FittedColumn => (schema.storage === 'code' ? { schema, categories: store.dictionaries[c]!, missing: seen[c]!.has(-1), seen: (code) => seen[c]!.has(code) } : { schema, missing: seen[c]!.has(1) })),
    canCondition: (names) => names.length === 1 && store.outcome >= 0 && names[0] === store.schemas[store.outcome]!.name,
  };
}

/** The table that made numbers [rows, d] and codes [rows, c] stand for: on the grid, within the fitted range, gaps put back. */
export function tableOfRows(store: RowStore, numbers: Float64Array, codes: Int32Array, rows: number): Table {
  const { schemas, numberColumns, codeColumns, low, high } = store, d = numberColumns.length, C = codeColumns.length;
  return makeTable(store.dialect, schemas.map((schema, c): Column => {
    const f = codeColumns.findIndex((k) => k.column === c);
    if (schema.storage === 'code') return codeColumn(schema, Int32Array.from({ length: rows }, (_, r) => codes[r * C + f]!), store.dictionaries[c]!);
    const j = numberColumns.indexOf(c), grid = gridOf(schema);
    return numberColumn(schema, Float64Array.from({ length: rows }, (_, r) => (f >= 0 && codes[r * C + f] === 1 ? NaN : Math.min(high[j]!, Math.max(low[j]!, onto(grid, numbers[r * d + j]!))))));
  }), rows);
}
