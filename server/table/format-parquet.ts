import { basename } from 'node:path';
import { UserError } from '../errors';
import { literalPath, Scratch } from './bytes';
import type { SpelledColumn } from './columns-base';
import { Database, sqlName, sqlText } from './duckdb';
import { plainDialect } from './make';
import type { RawContext, RawTable } from './read-options';
import { loadOwn, ownCell } from './read-own';
import type { Column, Table } from './table';
import { temporalWriter } from './temporal-format';
import { writePieces } from './write-file';

/** Loads a Parquet file through DuckDB's built-in reader; every value becomes the text that casts back to it. */
export async function loadParquet(context: RawContext, database: Database): Promise<RawTable> {
  const file = basename(context.file);
  const path = await literalPath(context.path, context.scratch, '.parquet');
  const from = `read_parquet(${sqlText(path)})`;
  let described: unknown[][];
  try { described = await database.rows(`DESCRIBE SELECT * FROM ${from}`); }
  catch (e) { throw damaged(e, file); }
  const names = described.map(r => String(r[0])), types = described.map(r => String(r[1]));
  const texts: string[] = [];
  for (const [i, type] of types.entries()) {
    let name = sqlName(names[i]);
    let plain = type;
    // Nanoseconds are kept only where there are any: then as text.
    if (type === 'TIMESTAMP_NS' && (await database.numbers(`SELECT count(*) FILTER (WHERE ${name}::TIMESTAMP::TIMESTAMP_NS <> ${name}) FROM ${from}`))[0] === 0) { name = `${name}::TIMESTAMP`; plain = 'TIMESTAMP'; }
    if (/^TIMESTAMP(_S|_MS)?$|^TIMESTAMP WITH TIME ZONE$/.test(plain)) {
      const [fractions] = await database.numbers(`SELECT count(*) FILTER (WHERE microsecond(${name}) % 1000000 <> 0) FROM ${from}`);
      texts.push(`strftime(${name}, '%Y-%m-%d %H:%M:%S${fractions ? '.%f' : ''}')${type.endsWith('ZONE') ? ` || '+00'` : ''}`);
    } else texts.push(`${name}::VARCHAR`);
    if (/\[|STRUCT|MAP|UNION|BLOB/.test(type)) context.issues.push({ code: 'nested', column: names[i], message: `Values of type ${type.slice(0, 60)} are kept as text.` });
  }
  try { await database.run(`CREATE TABLE raw AS SELECT ${texts.map((t, i) => `${t} AS c${i}`).join(', ')} FROM ${from}`); }
  catch (e) { throw damaged(e, file); }
  const [rows] = await database.numbers('SELECT count(*) FROM raw');
  if (!rows && !context.options.allowEmpty) throw new UserError('The file has columns but no rows.', { file }, 'Add at least one row of data.');
  return { names, sourceNames: names.map(() => undefined), rows, dialect: { ...plainDialect, format: 'parquet' }, nativeTypes: types.map(t => `parquet:${t}`), lineOf: row => row + 1 };
}

const damaged = (error: unknown, file: string) => error instanceof UserError ? error
  : new UserError('It is not a whole Parquet file, or uses something unknown to us.', { file }, String((error as Error).message).split('\n')[0].slice(0, 200));

/** Writes Parquet: the source's own column types, or those that fit the columns' kinds. */
export async function writeParquet(table: Table, part: string, signal?: AbortSignal): Promise<void> {
  const scratch = new Scratch();
  const database = await Database.open(await scratch.file('.spill'), signal);
  try {
    const csv = await scratch.file('.csv');
    const writers = table.columns.map(parquetColumn);
    await writePieces(csv, ownLines(table.rows, writers.map(w => w.cell)), false, signal);
    if (table.rows) await loadOwn(database, csv, writers.length, table.rows, { file: part });
    else await database.run(`CREATE TABLE raw (${writers.map((_, i) => `c${i} VARCHAR`).join(', ')})`);
    const select = writers.map((w, i) => `CAST(c${i} AS ${w.type}) AS ${sqlName(table.columns[i].schema.name)}`).join(', ');
    await database.run(`COPY (SELECT ${select} FROM raw) TO ${sqlText(part)} (FORMAT parquet, COMPRESSION snappy)`);
  } finally {
    database.close();
    await scratch.dispose();
  }
}

function* ownLines(rows: number, cells: Array<(row: number) => string | null>): Generator<Buffer> {
  for (let from = 0; from < rows; from += 4096) {
    let lines = '';
    for (let row = from; row < Math.min(rows, from + 4096); row++) lines += cells.map(c => ownCell(c(row))).join(',') + '\n';
    yield Buffer.from(lines);
  }
}

/** A column's SQL type, and its cells as texts that cast to it. */
function parquetColumn(column: Column): { type: string; cell(row: number): string | null } {
  const { schema } = column;
  const spelled = column as SpelledColumn;
  if (schema.nativeType?.startsWith('parquet:')) {
    const type = schema.nativeType.slice(8);
    // Null is the unquoted empty cell; other tokens (NaN, "NA") are values in a typed file.
    return { type: type.startsWith('ENUM') ? 'VARCHAR' : type, cell: row => column.isMissing(row) && column.lexeme(row) === '' && !spelled.missingQuoted(row) ? null : column.lexeme(row) };
  }
  const present = (cell: (row: number) => string) => (row: number) => column.isMissing(row) ? null : cell(row);
  switch (schema.kind) {
    case 'integer': return { type: 'BIGINT', cell: present(row => String(column.numbers()[row])) };
    case 'real': return { type: 'DOUBLE', cell: present(row => String(column.numbers()[row])) };
    case 'date': { const iso = temporalWriter('date', { pattern: '%Y-%m-%d' }); return { type: 'DATE', cell: present(row => iso(column.numbers()[row])) }; }
    case 'time': { const iso = temporalWriter('time', { pattern: '%H:%M:%S.%f' }); return { type: 'TIME', cell: present(row => iso(column.numbers()[row])) }; }
    case 'datetime': { const iso = temporalWriter('datetime', { pattern: '%Y-%m-%d %H:%M:%S.%f', ...(schema.temporal?.zone ? { zone: '+00' } : {}) }); return { type: schema.temporal?.zone ? 'TIMESTAMPTZ' : 'TIMESTAMP', cell: present(row => iso(column.numbers()[row])) }; }
    case 'boolean': if (column.schema.storage === 'code' && column.categories().every(c => /^(true|false)$/i.test(c))) return { type: 'BOOLEAN', cell: present(row => column.lexeme(row)) };
  }
  return { type: 'VARCHAR', cell: present(row => column.lexeme(row)) };
}
