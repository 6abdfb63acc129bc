import { readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import * as arrow from 'apache-arrow';
import { UserError } from '../errors';
import { utf8, validity } from './arrow-out';
import { fileError } from './bytes';
import type { SpelledColumn } from './columns-base';
import type { Database } from './duckdb';
import { codeOfType, fromText, textOf, typeOfCode, typedArrayFor } from './format-arrow-types';
import { lz4Frame } from './format-lz4';
import { uniqueNames } from './dialect';
import { plainDialect } from './make';
import type { RawContext, RawTable } from './read-options';
import { loadOwn, ownCell } from './read-own';
import type { Column, Table } from './table';
import { temporalWriter } from './temporal-format';
import { writePieces } from './write-file';

// pandas and pyarrow compress Feather files with LZ4 unless told otherwise; apache-arrow brings no codec of its own.
arrow.compressionRegistry.set(arrow.CompressionType.LZ4_FRAME, { decode: lz4Frame });

/** Loads an Arrow IPC (Feather version 2) file or stream: every value becomes the text that reads back as it. Held in memory while it loads. */
export async function loadArrow(context: RawContext, database: Database): Promise<RawTable> {
  const file = basename(context.file);
  let source: arrow.Table;
  let bytes: Buffer;
  try { bytes = await readFile(context.path); } catch (e) { throw fileError(e, context.path, 'read'); }
  if (bytes.subarray(0, 4).toString('latin1') === 'FEA1') throw new UserError('It is a Feather file of version 1, which is no longer in use.', { file }, 'Save it again as version 2.');
  try { source = arrow.tableFromIPC(bytes); } catch (e) {
    if (/compress|codec/i.test(String(e))) throw new UserError('It is compressed with Zstandard, which cannot be read here.', { file }, 'Save it uncompressed or with LZ4.');
    throw new UserError('It is not a whole Arrow file.', { file }, 'Make or download it again.');
  }
  const fields = source.schema.fields;
  if (!fields.length) throw new UserError('The file has no columns, or is not an Arrow file at all.', { file }, 'Write it again as an Arrow IPC file or stream (Feather version 2).');
  if (!source.numRows && !context.options.allowEmpty) throw new UserError('The file has columns but no rows.', { file }, 'Add at least one row of data.');
  const { names, sourceNames } = uniqueNames(fields.map(f => f.name), context.issues);
  const texts = fields.map((f, i) => {
    const code = codeOfType(f.type);
    if (code === 'nested') context.issues.push({ code: 'nested', column: names[i], message: `Values of type ${String(f.type).slice(0, 60)} are kept as JSON text, and written as text.` });
    return textOf(source.getChildAt(i)!, f.type);
  });
  if (source.numRows) {
    const csv = await context.scratch.file('.csv');
    await writePieces(csv, lines(source.numRows, texts), false, context.options.signal);
    await loadOwn(database, csv, names.length, source.numRows, context);
  } else await database.run(`CREATE TABLE raw (${names.map((_, i) => `c${i} VARCHAR`).join(', ')})`);
  return { names, sourceNames, rows: source.numRows, dialect: { ...plainDialect, format: 'arrow' }, nativeTypes: fields.map(f => `arrow:${codeOfType(f.type)}`), lineOf: row => row + 1 };
}

function* lines(rows: number, texts: Array<(row: number) => string | null>): Generator<Buffer> {
  for (let from = 0; from < rows; from += 4096) {
    let out = '';
    for (let row = from; row < Math.min(rows, from + 4096); row++) out += texts.map(t => ownCell(t(row))).join(',') + '\n';
    yield Buffer.from(out);
  }
}

/** Writes an Arrow IPC file: the source's own types, or those that fit the columns' kinds. */
export async function writeArrow(table: Table, part: string, signal?: AbortSignal): Promise<void> {
  const data = table.columns.map((c, i) => arrowColumn(c, i));
  const fields = table.columns.map((c, i) => arrow.Field.new({ name: c.schema.sourceName ?? c.schema.name, type: data[i].type, nullable: true }));
  const schema = new arrow.Schema(fields);
  const struct = arrow.makeData({ type: new arrow.Struct(fields), length: table.rows, nullCount: 0, children: data });
  await writeFile(part, arrow.tableToIPC(new arrow.Table(schema, [new arrow.RecordBatch(schema, struct)]), 'file'), { flag: 'wx', signal });
}

function arrowColumn(column: Column, id: number): arrow.Data {
  const { schema, length } = column;
  const native = schema.nativeType?.startsWith('arrow:') ? typeOfCode(schema.nativeType.slice(6)) : undefined;
  const spelled = column as SpelledColumn;
  if (native) {
    // Null is the unquoted empty cell; other tokens (nan, "NA") are values in a typed file.
    const isNull = (row: number) => column.isMissing(row) && column.lexeme(row) === '' && !spelled.missingQuoted(row);
    return fill(native, length, isNull, row => column.lexeme(row));
  }
  const missing = (row: number) => column.isMissing(row);
  switch (schema.kind) {
    case 'integer': if (schema.storage === 'number') return fill(new arrow.Int64(), length, missing, row => String(column.numbers()[row])); break;
    case 'date': { const iso = temporalWriter('date', { pattern: '%Y-%m-%d' }); return fill(new arrow.DateDay(), length, missing, row => iso(column.numbers()[row])); }
    case 'time': { const iso = temporalWriter('time', { pattern: '%H:%M:%S.%f' }); return fill(new arrow.TimeMicrosecond(), length, missing, row => iso(column.numbers()[row])); }
    case 'datetime': { const iso = temporalWriter('datetime', { pattern: '%Y-%m-%d %H:%M:%S.%f' }); return fill(new arrow.TimestampMicrosecond(schema.temporal?.zone ? 'UTC' : null), length, missing, row => iso(column.numbers()[row])); }
    case 'boolean': if (schema.storage === 'code' && column.categories().every(c => /^(true|false)$/i.test(c))) return fill(new arrow.Bool(), length, missing, row => column.lexeme(row).toLowerCase()); break;
  }
  const nullBitmap = column.missingCount ? validity(column) : undefined;
  if (schema.storage === 'number') return arrow.makeData({ type: new arrow.Float64(), length, nullCount: column.missingCount, nullBitmap, data: column.numbers() });
  if (schema.storage === 'code') {
    const type = new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32(), id, false);
    return arrow.makeData({ type, length, nullCount: column.missingCount, nullBitmap, data: column.codes(), dictionary: new arrow.Vector([utf8(column.categories())]) as arrow.Vector<arrow.Utf8> });
  }
  return utf8(Array.from({ length }, (_, i) => column.text(i) ?? ''), column.missingCount, nullBitmap);
}

/** A column of a type from the texts of its cells. */
function fill(type: arrow.DataType, length: number, isNull: (row: number) => boolean, text: (row: number) => string): arrow.Data {
  const bits = new Uint8Array(Math.ceil(length / 64) * 8);
  let nullCount = 0;
  for (let row = 0; row < length; row++) if (isNull(row)) nullCount++; else bits[row >> 3] |= 1 << (row & 7);
  const nullBitmap = nullCount ? bits : undefined;
  if (arrow.DataType.isUtf8(type)) return utf8(Array.from({ length }, (_, row) => isNull(row) ? '' : text(row)), nullCount, nullBitmap);
  if (arrow.DataType.isNull(type)) return arrow.makeData({ type, length });
  const { values, set } = typedArrayFor(type, length);
  for (let row = 0; row < length; row++) if (!isNull(row)) set(row, fromText(type, text(row)));
  return arrow.makeData({ type: type as arrow.Int, length, nullCount, nullBitmap, data: values as never });
}
