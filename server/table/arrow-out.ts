import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, basename } from 'node:path';
import * as arrow from 'apache-arrow';
import { spellingOf } from './columns-base';
import type { Column, Table } from './table';

/** Key of the Arrow schema's metadata under which a table's own schema travels, as JSON. */
export const schemaKey = 'understudy.schema';
/** Ends the name of an extra column of bytes that holds the exact spelling of the column before it. */
export const spellingSuffix = '\u0000spelling';

/**
 * The table as Arrow: Float64 for numbers, Dictionary<Int32, Utf8> for codes, Utf8 for strings; missing is null.
 * Values are shared, not copied. The schema rides along as metadata, so that `fromArrow` gives the same table back.
 */
export function toArrow(table: Table): arrow.Table {
  const fields: arrow.Field[] = [];
  const children: arrow.Data[] = [];
  table.columns.forEach((column, i) => {
    const data = columnData(column, i);
    fields.push(arrow.Field.new({ name: column.schema.name, type: data.type, nullable: true }));
    children.push(data);
    const spelling = spellingOf(column);
    if (!spelling) return;
    const metadata = new Map([['missing', JSON.stringify(spelling.missing)], ['zones', JSON.stringify(spelling.zones ?? null)], ['formats', JSON.stringify(spelling.formats ?? null)]]);
    fields.push(new arrow.Field(column.schema.name + spellingSuffix, new arrow.Uint8(), false, metadata));
    children.push(arrow.makeData({ type: new arrow.Uint8(), length: table.rows, nullCount: 0, data: spelling.codes }));
  });
  const schema = new arrow.Schema(fields, new Map([[schemaKey, JSON.stringify(table.schema)]]));
  const data = arrow.makeData({ type: new arrow.Struct(fields), length: table.rows, nullCount: 0, children });
  return new arrow.Table(schema, [new arrow.RecordBatch(schema, data)]);
}

function columnData(column: Column, id: number): arrow.Data {
  const { length, missingCount: nullCount } = column;
  const nullBitmap = nullCount ? validity(column) : undefined;
  switch (column.schema.storage) {
    case 'number': return arrow.makeData({ type: new arrow.Float64(), length, nullCount, nullBitmap, data: column.numbers() });
    case 'code': {
      const type = new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32(), id, false);
      return arrow.makeData({ type, length, nullCount, nullBitmap, data: column.codes(), dictionary: new arrow.Vector([utf8(column.categories())]) as arrow.Vector<arrow.Utf8> });
    }
    case 'string': {
      const cells = Array.from({ length }, (_, i) => column.text(i) ?? '');
      return utf8(cells, nullCount, nullBitmap);
    }
  }
}

/** Strings as Arrow Utf8. They are laid out by hand: apache-arrow's builders take a call per cell. */
export function utf8(cells: readonly string[], nullCount = 0, nullBitmap?: Uint8Array): arrow.Data<arrow.Utf8> {
  const offsets = new Int32Array(cells.length + 1);
  let total = 0;
  for (let i = 0; i < cells.length; i++) { total += Buffer.byteLength(cells[i]); if (total > 0x7fffffff) throw new Error('a text column of more than 2 GB cannot travel as Arrow'); offsets[i + 1] = total; }
  const bytes = Buffer.allocUnsafe(total);
  for (let i = 0; i < cells.length; i++) bytes.write(cells[i], offsets[i]);
  return arrow.makeData({ type: new arrow.Utf8(), length: cells.length, nullCount, nullBitmap, valueOffsets: offsets, data: new Uint8Array(bytes.buffer, bytes.byteOffset, total) });
}

/** One bit a row, set where the cell is not missing, padded to eight bytes. */
export function validity(column: Column): Uint8Array {
  const bits = new Uint8Array(Math.ceil(column.length / 64) * 8);
  for (let i = 0; i < column.length; i++) if (!column.isMissing(i)) bits[i >> 3] |= 1 << (i & 7);
  return bits;
}

/** The table as the bytes of an Arrow IPC file. */
export const toIpc = (table: Table): Uint8Array => arrow.tableToIPC(toArrow(table), 'file');

/** Writes the internal Arrow IPC file (schema and exact spellings included), beside and then renamed. */
export async function writeIpc(table: Table, path: string): Promise<void> {
  const folder = await mkdtemp(join(dirname(path), '.ipc-'));
  try {
    const part = join(folder, basename(path));
    await writeFile(part, toIpc(table), { mode: 0o600 });
    await rename(part, path);
  } finally { await rm(folder, { recursive: true, force: true }); }
}
