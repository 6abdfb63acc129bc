import { UserError } from '../errors';
import { basename } from 'node:path';
import { literalPath, rewrite } from './bytes';
import { scanDialect, type Scanned } from './dialect';
import { RecordCutter } from './dialect-sample';
import { sqlText, type Database } from './duckdb';
import type { RawContext, RawTable } from './read-options';
import type { TableFormat } from '../protocol';

/** An unquoted cell that stands for "no value" in files we make ourselves; a real cell with this text is quoted there. */
export const nothing = '\\N';

/** Loads a delimited file into `raw`: scanned first, then read strictly; never a row more or less than the scan counted. */
export async function loadDelimited(context: RawContext, database: Database, format: TableFormat): Promise<RawTable> {
  const scanned = await scanDialect(context, format);
  const { dialect, scan, rows } = scanned;
  if (rows === 0) {
    await database.run(`CREATE TABLE raw (${scanned.names.map((_, i) => `c${i} VARCHAR`).join(', ')})`);
  } else {
    const { lf, crlf, cr } = scan.newlines;
    const odd = cr > 0 || (lf > 0 && crlf > 0) || scan.blankLines > 0 || scan.strayQuotes > 0 || scanned.bom > 0;
    let loaded = false;
    if (!odd) {
      const path = await literalPath(scanned.path, context.scratch, '.csv');
      loaded = await tryLoad(database, path, scanned, { delimiter: dialect.delimiter, newline: dialect.newline, header: dialect.header, nothing: '' });
    }
    if (!loaded) {
      const path = await context.scratch.file('.csv');
      await normalise(scanned, path, context.options.signal);
      loaded = await tryLoad(database, path, scanned, { delimiter: ',', newline: '\n', header: false, nothing });
    }
    if (!loaded) throw new UserError(`The file could not be read without losing rows: ${rows} were counted.`, { file: basename(context.file) }, 'Save it again with another program, as plain UTF-8 CSV.');
  }
  const first = dialect.header ? 2 : 1;
  return {
    names: scanned.names, sourceNames: scanned.sourceNames, rows, dialect, counts: scan.counts, lineOf: row => row + first,
  };
}

interface Layout { delimiter: string; newline: string; header: boolean; nothing: string }

/** False when DuckDB refuses the file or counts other rows than we did; then the table does not exist. */
async function tryLoad(database: Database, path: string, scanned: Scanned, layout: Layout): Promise<boolean> {
  const lineBytes = Math.max(2 << 20, Math.ceil(scanned.scan.longestRecord * 1.5) + (1 << 16));
  const columns = scanned.names.map((_, i) => `'c${i}': 'VARCHAR'`).join(', ');
  const sql = `CREATE TABLE raw AS SELECT * FROM read_csv(${sqlText(path)}, auto_detect=false, columns={${columns}}, header=${layout.header},
    delim=${sqlText(layout.delimiter)}, quote='"', escape='"', new_line=${layout.newline === '\r\n' ? `'\\r\\n'` : `'\\n'`}, nullstr=${sqlText(layout.nothing)},
    allow_quoted_nulls=false, strict_mode=true, null_padding=false, ignore_errors=true, store_rejects=true, compression='none', encoding='utf-8',
    max_line_size=${lineBytes}, buffer_size=${Math.max(32 << 20, lineBytes * 2)})`;
  try {
    await database.run(sql);
    const [rows, rejected] = await database.numbers('SELECT (SELECT count(*) FROM raw), (SELECT count(*) FROM reject_errors)');
    if (rows === scanned.rows && rejected === 0) return true;
  } catch (e) {
    if (e instanceof UserError || !/Error/.test(String(e))) throw e;
  }
  await database.run('DROP TABLE IF EXISTS raw');
  await database.run('DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans');
  return false;
}

/** One cell of a file of our own making. */
export const ownCell = (text: string | null): string => text === null ? nothing : text === '' || text === nothing || /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;

/** Rewrites an odd but sound file as plain CSV without a header: LF, comma, quotes only where needed, `\N` for empty. */
async function normalise(scanned: Scanned, out: string, signal?: AbortSignal): Promise<void> {
  let lines: string[] = [];
  let skip = scanned.dialect.header ? 1 : 0;
  let bom = scanned.bom, started = false;
  const width = scanned.names.length;
  const cutter = new RecordCutter(scanned.dialect.delimiter, ({ cells }) => {
    // A blank line is no row, except in a table of one column, and there not before the first record.
    if (cells.length === 1 && !cells[0].quoted && cells[0].text === '' && (width > 1 || !started)) return;
    started = true;
    if (skip > 0) { skip--; return; }
    lines.push(cells.map(c => ownCell(c.text === '' && !c.quoted ? null : c.text)).join(','));
  });
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  await rewrite(scanned.path, out, chunk => {
    lines = [];
    if (chunk === null) { cutter.push(decoder.decode()); cutter.end(); }
    else { cutter.push(decoder.decode(bom ? chunk.subarray(bom) : chunk, { stream: true })); bom = 0; }
    return lines.length ? lines.join('\n') + '\n' : '';
  }, signal);
}
