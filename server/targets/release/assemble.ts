import { freshColumn } from '../../table/fresh';
import { codeColumn, makeTable } from '../../table/columns';
import { Stream } from '../../table/fresh/stream';
import type { Column, Table } from '../../table/table';

/**
 * The whole synthetic table: the source's columns in the source's order under the source's schema. Modelled columns come
 * from the generator; constants are repeated; identifiers, personal data and free text are replaced by fresh values of the same form.
 */
export function assemble(source: Table, modelled: Table, seed: number): Table {
  const made = new Set(modelled.schema.columns.map((c) => c.name));
  const columns = source.columns.map((column) => {
    if (made.has(column.schema.name)) return modelled.column(column.schema.name);
    return column.schema.kind === 'constant' ? constant(column, modelled.rows, seed) : freshColumn(column, modelled.rows, seed);
  });
  return makeTable(source.schema, columns, modelled.rows);
}

/** The one value, missing as often as in the source. */
function constant(column: Column, rows: number, seed: number): Column {
  if (column.schema.storage !== 'code') return freshColumn(column, rows, seed);
  const share = column.length ? column.missingCount / column.length : 1;
  const stream = new Stream(seed, `constant ${column.schema.name}`);
  return codeColumn(column.schema, Int32Array.from({ length: rows }, () => (stream.uniform() < share ? -1 : 0)), column.categories());
}
