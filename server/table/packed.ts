import { codeColumn, makeTable, numberColumn, stringColumn } from './columns';
import type { ColumnSchema, Dialect, Table } from './table';

/** A table as plain data, which another thread can be given: structured cloning knows typed arrays, but no classes. */
export interface PackedTable { rows: number; dialect: Dialect; columns: PackedColumn[] }
type PackedColumn = { schema: ColumnSchema } & ({ numbers: Float64Array } | { codes: Int32Array; categories: readonly string[] } | { cells: Array<string | null> });

/** The table's columns as they are held, not copied. How single cells were spelled in a file is left behind: values are what is computed with. */
export function packTable(table: Table): PackedTable {
  const columns = table.columns.map((c): PackedColumn => {
    const { schema } = c;
    switch (schema.storage) {
      case 'number': return { schema, numbers: whole(c.numbers()) };
      case 'code': return { schema, codes: whole(c.codes()), categories: c.categories() };
      case 'string': return { schema, cells: Array.from({ length: c.length }, (_, i) => c.text(i)) };
    }
  });
  return { rows: table.rows, dialect: table.schema.dialect, columns };
}

/** The table again. */
export const unpackTable = ({ rows, dialect, columns }: PackedTable): Table => makeTable(dialect, columns.map(c =>
  'numbers' in c ? numberColumn(c.schema, c.numbers) : 'codes' in c ? codeColumn(c.schema, c.codes, c.categories) : stringColumn(c.schema, c.cells)), rows);

/** A clone of a typed array takes its whole buffer along, so a part of a larger one is cut out first. */
const whole = <A extends Float64Array | Int32Array>(values: A): A => (values.byteLength < values.buffer.byteLength ? values.slice() as A : values);
