import { literalPath, rewrite } from './bytes';
import { scanDialect, type Scanned } from './dialect';
import { RecordCutter } from './dialect-sample';
import type { Database } from './duckdb';
import { loadOwn, ownCell, tryLoad } from './read-own';
import type { RawContext, RawTable } from './read-options';
import type { TableFormat } from '../protocol';

/** Loads a delimited file into `raw`: scanned first, then read strictly; never a row more or less than the scan counted. */
export async function loadDelimited(context: RawContext, database: Database, format: TableFormat): Promise<RawTable> {
  const scanned = await scanDialect(context, format);
  const { dialect, scan, rows } = scanned;
  // Where both NA and "NA" occur, only the bare one is missing; DuckDB would not tell them apart.
  const bareTokens = scan.counts.map(c => c.bareNA > 0 && c.quotedNA > 0 && c.empty === 0 ? 'NA' : undefined);
  if (rows === 0) {
    await database.run(`CREATE TABLE raw (${scanned.names.map((_, i) => `c${i} VARCHAR`).join(', ')})`);
  } else {
    const { lf, crlf, cr } = scan.newlines;
    const odd = bareTokens.some(Boolean) || cr > 0 || (lf > 0 && crlf > 0) || scan.blankLines > 0 || scan.strayQuotes > 0 || scanned.bom > 0;
    let loaded = false;
    if (!odd) {
      const path = await literalPath(scanned.path, context.scratch, '.csv');
      loaded = await tryLoad(database, path, scanned.names.length, rows, { delimiter: dialect.delimiter, newline: dialect.newline, header: dialect.header, nothing: '', longestRecord: scan.longestRecord, multiline: scanned.multiline });
    }
    if (!loaded) {
      const path = await context.scratch.file('.csv');
      await normalise(scanned, path, bareTokens, context.options.signal);
      await loadOwn(database, path, scanned.names.length, rows, context, scan.longestRecord, scanned.multiline);
    }
  }
  const first = dialect.header ? 2 : 1;
  return {
    names: scanned.names, sourceNames: scanned.sourceNames, rows, dialect, counts: scan.counts, bareTokens, lineOf: row => row + first,
  };
}

/** Rewrites an odd but sound file as plain CSV without a header: LF, comma, quotes only where needed, `\N` for empty. */
async function normalise(scanned: Scanned, out: string, bareTokens: ReadonlyArray<string | undefined>, signal?: AbortSignal): Promise<void> {
  let lines: string[] = [];
  let skip = scanned.dialect.header ? 1 : 0;
  let bom = scanned.bom, started = false;
  const width = scanned.names.length;
  const cutter = new RecordCutter(scanned.dialect.delimiter, ({ cells }) => {
    // A blank line is no row, except in a table of one column, and there not before the first record.
    if (cells.length === 1 && !cells[0].quoted && cells[0].text === '' && (width > 1 || !started)) return;
    started = true;
    if (skip > 0) { skip--; return; }
    lines.push(cells.map((c, i) => ownCell(!c.quoted && (c.text === '' || c.text === bareTokens[i]) ? null : c.text)).join(','));
  });
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  await rewrite(scanned.path, out, chunk => {
    lines = [];
    if (chunk === null) { cutter.push(decoder.decode()); cutter.end(); }
    else { cutter.push(decoder.decode(bom ? chunk.subarray(bom) : chunk, { stream: true })); bom = 0; }
    return lines.length ? lines.join('\n') + '\n' : '';
  }, signal);
}
