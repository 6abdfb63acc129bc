import { basename } from 'node:path';
import { UserError } from '../errors';
import { head } from './bytes';
import { NotUtf8, scanBytes, type ByteScan } from './bytes-scan';
import { guessDelimiter, guessHeader, records, type Record_ } from './dialect-sample';
import { sniffEncoding, transcode } from './encoding';
import type { RawContext, ReadIssue } from './read-options';
import type { TableFormat } from '../protocol';
import type { Dialect } from './table';

export interface Scanned {
  dialect: Dialect; scan: ByteScan;
  /** UTF-8 text of the same records: the file itself, or a transcoded copy. */
  path: string; bom: number;
  names: string[]; sourceNames: Array<string | undefined>;
  rows: number;
  /** A cell holds a line end, so that rows and lines differ. */
  multiline: boolean;
}

/**
 * Finds out how the bytes of a delimited file are laid out, and reads every byte of it once to make sure.
 * `context.path` is the (unpacked) file; throws a UserError with the row for whatever cannot be read without loss.
 */
export async function scanDialect(context: RawContext, format: TableFormat): Promise<Scanned> {
  const { file, options, issues } = context;
  const { signal } = options;
  const name = basename(file);
  let { path } = context;
  const start = await head(path, 4096);
  if (start.length === 0) throw new UserError('The file is empty.', { file: name }, 'It needs a row of column names and at least one row of data.');
  let { encoding, bom } = sniffEncoding(start, file);
  const hadBom = bom > 0;
  const move = async (to: Exclude<typeof encoding, 'utf-8'>) => {
    const out = await context.scratch.file('.txt');
    await transcode(path, out, to, bom, signal);
    encoding = to; path = out; bom = 0;
  };
  if (encoding !== 'utf-8') await move(encoding);

  const preferred = options.delimiter ?? (format === 'tsv' || /\.tsv(\.gz)?$/i.test(file) ? '\t' : undefined);
  const scanWith = async () => {
    const sample = await firstRecords(path, bom, preferred, options.delimiter !== undefined);
    const named = options.header ?? guessHeader(sample.records) ? sample.records[0]?.cells.map(c => c.text) : undefined;
    const scan = await scanBytes(path, file, sample.delimiter, bom, signal, options.progress && (done => options.progress!(Math.min(0.25, done / 1e9))), named);
    return { sample, scan };
  };
  let found: Awaited<ReturnType<typeof scanWith>>;
  try { found = await scanWith(); } catch (e) {
    if (!(e instanceof NotUtf8)) throw e;
    if (hadBom) throw new UserError('The file begins as UTF-8 but is not valid UTF-8 throughout.', { file: name, row: e.line }, 'Save it again as UTF-8.');
    await move('latin1');
    issues.push({ code: 'encoding', message: 'The file is not valid UTF-8 and is read as Latin-1 (Windows-1252); it will be written so too.' });
    found = await scanWith();
  }
  const { sample, scan } = found;
  if (scan.records === 0) throw new UserError('The file holds no rows, only blank lines.', { file: name }, 'It needs a row of column names and at least one row of data.');

  const header = options.header ?? guessHeader(sample.records);
  if (!header) issues.push({ code: 'no-header', message: 'The first row looks like data, so columns are named column1, column2, ...' });
  const rows = scan.records - (header ? 1 : 0);
  if (rows === 0 && !options.allowEmpty) throw new UserError('The file has column names but no rows.', { file: name }, 'Add at least one row of data.');
  const own = header ? sample.records[0].cells.map(c => c.text) : Array.from({ length: scan.width }, (_, i) => `column${i + 1}`);
  const { names, sourceNames } = uniqueNames(own, issues);

  const { lf, crlf, cr } = scan.newlines;
  const newline = crlf >= lf && crlf >= cr && crlf > 0 ? '\r\n' : cr > lf ? '\r' : '\n';
  if ([lf, crlf, cr].filter(Boolean).length > 1) issues.push({ code: 'line-ends', message: `Line ends are mixed (${lf} LF, ${crlf} CRLF, ${cr} CR); ${newline === '\n' ? 'LF' : newline === '\r' ? 'CR' : 'CRLF'} is used on writing.` });
  if (scan.blankLines) issues.push({ code: 'blank-lines', message: `${scan.blankLines} blank ${scan.blankLines === 1 ? 'line is' : 'lines are'} skipped.` });
  const dialect: Dialect = { format, encoding, bom: hadBom, delimiter: sample.delimiter, quote: '"', newline, finalNewline: scan.finalNewline, header };
  if (header && scan.headerQuoted > 0 && scan.headerQuoted + scan.headerQuotedNeeded === scan.width) dialect.headerQuoting = 'always';
  else if (header && scan.headerQuoted > 0) dialect.quotedNames = names.filter((_, i) => sample.records[0].cells[i].quoted);
  if (scan.strayQuotes) dialect.strayQuotes = true;
  const multiline = scan.counts.some(c => c.quotedNeeded > 0);
  return { dialect, scan, path, bom, names, sourceNames, rows, multiline };
}

/** The first records of the file: enough bytes that at least one is whole. */
async function firstRecords(path: string, bom: number, preferred: string | undefined, forced: boolean): Promise<{ delimiter: string; records: Record_[] }> {
  for (let bytes = 256 << 10; ; bytes *= 8) {
    const start = await head(path, bytes);
    const whole = start.length < bytes;
    const text = start.subarray(bom).toString('utf8');
    const delimiter = forced ? preferred! : guessDelimiter(text, whole, preferred);
    const found = records(text, delimiter, whole, 500).records.filter(r => r.cells.length > 1 || r.cells[0].text !== '' || r.cells[0].quoted);
    if (found.length > 1 || whole || bytes > 1 << 28) return { delimiter, records: found };
  }
}

/** Empty and repeated names get unique ones inside; the file's own come back on writing. */
export function uniqueNames(own: readonly string[], issues: ReadIssue[]): { names: string[]; sourceNames: Array<string | undefined> } {
  const taken = new Set(own);
  const used = new Set<string>();
  const names: string[] = [], sourceNames: Array<string | undefined> = [];
  own.forEach((name, i) => {
    let unique = name;
    if (name === '' || used.has(name)) {
      const stem = name === '' ? `column${i + 1}` : name;
      unique = stem;
      for (let n = 2; taken.has(unique) || used.has(unique); n++) unique = `${stem}_${n}`;
      issues.push({ code: 'names', column: unique, message: name === '' ? `Column ${i + 1} has no name and is called "${unique}" here.` : `Column ${i + 1} repeats the name "${name}" and is called "${unique}" here.` });
    }
    used.add(unique);
    names.push(unique);
    sourceNames.push(unique === name ? undefined : name);
  });
  return { names, sourceNames };
}
