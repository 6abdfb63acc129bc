import { codeColumn, makeTable, stringColumn } from './columns';
import { freshIdentifiers, type RealCells } from './fresh/identifier';
import { freshPersonal } from './fresh/personal';
import { spelledAlike } from './fresh/spelling';
import { Stream } from '../random';
import { freshText } from './fresh/text';
import type { Column, Table } from './table';

/**
 * A replacement for a column that is never learnt: identifiers and personal data in the same format, placeholder text for free
 * text. No real value is emitted where the format leaves room for others (checked against all real cells, by hash). Missing cells are as frequent as in the
 * source and drawn independently of everything, unless `missing` says which rows they are. The same seed gives the same column.
 */
export async function makeFresh(column: Column, rows: number, seed: number, missing?: (row: number) => boolean): Promise<Column> {
  const { schema } = column, key = `${seed} ${schema.name}`;
  const cells: string[] = [];
  for (let i = 0; i < column.length; i++) { const v = column.text(i); if (v !== null) cells.push(v); }
  const real: RealCells = { cells, distinct: new Set(cells).size };
  if (cells.length === 0) return stringColumn(schema, new Array<null>(rows).fill(null));
  const values: Array<string | null> =
    schema.kind === 'text' ? await freshText(real, rows, key)
    : schema.kind === 'personal' ? await freshPersonal(schema.name, schema.personal ?? 'name', real, rows, key)
    : freshIdentifiers(real, rows, key, schema.personal === 'uuid');
  if (missing) { for (let i = 0; i < rows; i++) if (missing(i)) values[i] = null; }
  else if (column.missingCount > 0) {
    const stream = new Stream(key, 'missing'), share = column.missingCount / column.length;
    for (let i = 0; i < rows; i++) if (stream.uniform() < share) values[i] = null;
  }
  return stringColumn(schema, values);
}

/** The source's one value (or one missing token) in every row. */
function repeat(column: Column, rows: number): Column {
  return codeColumn(column.schema, new Int32Array(rows).fill(column.missingCount === column.length ? -1 : column.codes()[firstPresent(column)]), column.categories());
}
function firstPresent(column: Column): number {
  for (let i = 0; i < column.length; i++) if (!column.isMissing(i)) return i;
  return 0;
}

/**
 * The whole synthetic table: the source's columns in the source's order, those of `sampled` as the generator made them and written as the source writes, constants
 * repeated, and fresh values for all others. `breathe` is awaited between columns; it may throw to stop.
 */
export async function withFreshColumns(source: Table, sampled: Table, seed: number, breathe: () => Promise<void> = async () => undefined): Promise<Table> {
  const made = new Map(sampled.columns.map((c) => [c.schema.name, c]));
  const columns: Column[] = [];
  for (const column of source.columns) {
    const { name, kind } = column.schema;
    await breathe();
    const sampledColumn = made.get(name);
    columns.push(sampledColumn ? spelledAlike(column, sampledColumn, seed) : (kind === 'constant' ? repeat(column, sampled.rows) : await makeFresh(column, sampled.rows, seed)));
  }
  return makeTable(source.schema, columns, sampled.rows);
}
