import { basename } from 'node:path';
import { UserError } from '../errors';
import { sqlText, type Database } from './duckdb';

/** An unquoted cell that stands for "no value" in files we make ourselves; a real cell with this text is quoted there. */
export const nothing = '\\N';

/** One cell of a file of our own making: comma, LF, quotes only where needed, no header. */
export const ownCell = (text: string | null): string => text === null ? nothing : text === '' || text === nothing || /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;

export interface Layout { delimiter: string; newline: string; header: boolean; nothing: string; longestRecord: number; multiline: boolean }

/**
 * Loads a delimited UTF-8 file into `raw`, strictly. False when DuckDB refuses it or finds other than `rows` rows; then there is no table.
 * Where cells hold line ends, its parallel reader can mistake the inside of a long one for rows: then, and after a failure, one thread reads.
 */
export async function tryLoad(database: Database, path: string, width: number, rows: number, layout: Layout): Promise<boolean> {
  return (!layout.multiline && await attempt(database, path, width, rows, layout, true)) || attempt(database, path, width, rows, layout, false);
}

async function attempt(database: Database, path: string, width: number, rows: number, layout: Layout, parallel: boolean): Promise<boolean> {
  const lineBytes = Math.max(2 << 20, Math.ceil(layout.longestRecord * 1.5) + (1 << 16));
  const columns = Array.from({ length: width }, (_, i) => `'c${i}': 'VARCHAR'`).join(', ');
  const sql = `CREATE TABLE raw AS SELECT * FROM read_csv(${sqlText(path)}, auto_detect=false, columns={${columns}}, header=${layout.header},
    delim=${sqlText(layout.delimiter)}, quote='"', escape='"', new_line=${layout.newline === '\r\n' ? `'\\r\\n'` : `'\\n'`}, nullstr=${sqlText(layout.nothing)},
    allow_quoted_nulls=false, strict_mode=true, null_padding=false, ignore_errors=true, store_rejects=true, compression='none', encoding='utf-8', parallel=${parallel},
    max_line_size=${lineBytes}, buffer_size=${Math.max(32 << 20, lineBytes * 4)})`;
  try {
    await database.run(sql);
    const [found, rejected] = await database.numbers('SELECT (SELECT count(*) FROM raw), (SELECT count(*) FROM reject_errors)');
    if (found === rows && rejected === 0) return true;
  } catch (e) {
    if (e instanceof UserError || !/Error/.test(String(e))) throw e;
  }
  await database.run('DROP TABLE IF EXISTS raw');
  await database.run('DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans');
  return false;
}

/** Loads a file made of `ownCell`s. */
export async function loadOwn(database: Database, path: string, width: number, rows: number, context: { file: string }, longestRecord = 16 << 20, multiline = false): Promise<void> {
  if (!await tryLoad(database, path, width, rows, { delimiter: ',', newline: '\n', header: false, nothing, longestRecord, multiline })) {
    throw new UserError(`The file could not be read without losing rows: ${rows} were counted.`, { file: basename(context.file) }, 'Save it again with another program, as plain UTF-8 CSV.');
  }
}
