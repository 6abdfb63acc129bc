import { basename } from 'node:path';
import { UserError } from '../errors';
import { chunks } from './bytes';
import { Utf8Check } from './encoding';

/** How one column's cells stand in the file. Counts exclude the header. */
export interface CellCounts {
  /** In quotes without need; in quotes because they must be. */
  quoted: number; quotedNeeded: number;
  /** Not in quotes and not empty. */
  plain: number;
  /** Nothing at all; and `""`. */
  empty: number; quotedEmpty: number;
  /** Cells `NA` without and with quotes: R writes the first for missing, the second for the text (Namibia). Cells at a chunk's edge may go uncounted. */
  bareNA: number; quotedNA: number;
}

/** What one pass over the bytes of a delimited UTF-8 file found. */
export interface ByteScan {
  width: number;
  /** Records that are not blank, header included. */
  records: number;
  blankLines: number;
  newlines: { lf: number; crlf: number; cr: number };
  finalNewline: boolean;
  counts: CellCounts[];
  /** The header's own counts, were the first record one. */
  headerQuoted: number; headerQuotedNeeded: number;
  /** Unquoted cells with a quote inside. */
  strayQuotes: number;
  longestRecord: number;
}

/** The file is not UTF-8: the caller reads it as Latin-1. `line` is where the first foreign byte was met, roughly (its chunk's last line). */
export class NotUtf8 extends Error { constructor(readonly line: number) { super('not UTF-8'); } }

const QUOTE = 34, LF = 10, CR = 13;
const enum At { cellStart, plain, quoted, afterQuote, afterCr }

/**
 * Reads every byte once: counts records, checks that all have the same number of cells, and notes how cells are quoted.
 * Throws a UserError at ragged rows, a quote that never closes, text after a closing quote, and NUL bytes, each with its line.
 * @param skip bytes of a byte-order mark
 * @param names what the first record calls the columns, where it is a header: an error in a cell below names its column
 */
export async function scanBytes(path: string, file: string, delimiter: string, skip: number, signal?: AbortSignal, onBytes?: (done: number) => void, names: readonly string[] = []): Promise<ByteScan> {
  const DELIMITER = delimiter.charCodeAt(0);
  const name = basename(file);
  const utf8 = new Utf8Check();
  let quoted = new Float64Array(64), quotedNeeded = new Float64Array(64), plain = new Float64Array(64), empty = new Float64Array(64), quotedEmpty = new Float64Array(64), bareNA = new Float64Array(64), quotedNA = new Float64Array(64);
  const grow = (a: Float64Array) => { const b = new Float64Array(a.length * 2); b.set(a); return b; };
  let state = At.cellStart, column = 0, width = -1, records = 0, blankLines = 0, strayQuotes = 0, longest = 0;
  let line = 1, recordLine = 1, quoteLine = 1, quoteColumn = 0, lf = 0, crlf = 0, cr = 0;
  let cellBytes = 0, stray = false, need = false, recordBytes = 0, headerQuoted = 0, headerQuotedNeeded = 0;
  let read = 0, lastNewlineAt = -1;
  const ragged: Array<{ line: number; cells: number }> = [];
  let raggedCount = 0;

  /** In the header itself no name is known yet. */
  const at = (row: number, cell: number) => ({ file: name, row, ...(width >= 0 && names[cell] && { column: names[cell] }) });
  const nulByte = () => new UserError(`There is a NUL byte in cell ${column + 1}: the file is damaged or not text.`, at(line, column), 'Export it again as UTF-8 text.');
  /** `i` is just past the cell in `chunk`. */
  const endCell = (chunk: Buffer, i: number) => {
    if (column >= quoted.length) { quoted = grow(quoted); quotedNeeded = grow(quotedNeeded); plain = grow(plain); empty = grow(empty); quotedEmpty = grow(quotedEmpty); bareNA = grow(bareNA); quotedNA = grow(quotedNA); }
    if (state === At.afterQuote) {
      if (width < 0) { if (need) headerQuotedNeeded++; else headerQuoted++; }
      else if (cellBytes === 0) quotedEmpty[column]++;
      else if (need) quotedNeeded[column]++;
      else {
        quoted[column]++;
        if (cellBytes === 2 && chunk[i - 2] === 65 && chunk[i - 3] === 78) quotedNA[column]++;
      }
    } else if (width >= 0) {
      if (state === At.cellStart) empty[column]++;
      else {
        plain[column]++;
        if (chunk[i - 1] === 65 && chunk[i - 2] === 78 && (chunk[i - 3] === DELIMITER || chunk[i - 3] === LF || chunk[i - 3] === CR)) bareNA[column]++;
      }
      if (stray) strayQuotes++;
    } else if (stray) strayQuotes++;
    column++;
  };
  const endRecord = (chunk: Buffer, i: number) => {
    const blank = column === 0 && state === At.cellStart;
    if (blank && width !== 1 && (width > 1 || records === 0)) { blankLines++; state = At.cellStart; return; }
    endCell(chunk, i);
    records++;
    if (width < 0) { width = column; }
    else if (column !== width) { if (raggedCount++ < 5) ragged.push({ line: recordLine, cells: column }); }
    if (recordBytes > longest) longest = recordBytes;
    column = 0;
    state = At.cellStart;
  };

  const none = Buffer.alloc(0);
  for await (const chunk of chunks(path, 4 << 20, signal)) {
    if (!utf8.push(chunk)) throw new NotUtf8(line);
    const n = chunk.length;
    let i = read === 0 ? skip : 0, recordStart = i;
    for (; i < n; i++) {
      let b = chunk[i];
      if (state === At.afterCr) {
        state = At.cellStart;
        if (b === LF) { crlf++; cr--; lastNewlineAt = read + i; recordLine = line; recordStart = i + 1; continue; }
      }
      if (state === At.cellStart) {
        stray = false; need = false; cellBytes = 0;
        if (b === QUOTE) { state = At.quoted; quoteLine = line; quoteColumn = column; continue; }
        if (b === 0) throw nulByte();
        if (b !== DELIMITER && b !== LF && b !== CR) state = At.plain;
      }
      if (state === At.plain) {
        while (b !== DELIMITER && b !== LF && b !== CR) {
          if (b === QUOTE) stray = true;
          if (++i === n) break;
          b = chunk[i];
          if (b === 0) throw nulByte();
        }
        if (i === n) break;
      } else if (state === At.quoted) {
        const from = i;
        while (b !== QUOTE) {
          if (b === LF) { line++; need = true; }
          else if (b === CR || b === DELIMITER) need = true;
          else if (b === 0) throw nulByte();
          if (++i === n) break;
          b = chunk[i];
        }
        cellBytes += i - from;
        if (i === n) break;
        state = At.afterQuote;
        continue;
      } else if (state === At.afterQuote && b !== DELIMITER && b !== LF && b !== CR) {
        if (b === QUOTE) { state = At.quoted; need = true; cellBytes++; continue; }
        throw new UserError(`Text follows the closing quote of cell ${column + 1}` + (quoteLine === line ? '.' : `, which opened in row ${quoteLine}: a quote was probably never closed there.`),
          at(line, column), 'A quote inside a quoted cell is written twice ("").');
      }
      // b ends a cell.
      if (b === DELIMITER) { endCell(chunk, i); state = At.cellStart; continue; }
      recordBytes += i - recordStart;
      endRecord(chunk, i);
      recordBytes = 0;
      line++;
      lastNewlineAt = read + i;
      if (b === LF) lf++; else { cr++; state = At.afterCr; }
      recordLine = line;
      recordStart = i + 1;
    }
    recordBytes += n - recordStart;
    read += n;
    onBytes?.(read);
  }
  if (!utf8.end()) throw new NotUtf8(line);
  if (state === At.quoted) throw new UserError(`A quote opens in cell ${quoteColumn + 1} and is never closed.`, at(quoteLine, quoteColumn), 'Close it, or write a literal quote twice ("") inside quotes.');
  if (lastNewlineAt !== read - 1 && read > skip) { if (state !== At.afterCr) endRecord(none, 0); }
  if (raggedCount) {
    const [first, ...more] = ragged;
    const others = more.length ? ` The same is wrong in ${more.length === 1 ? 'row' : 'rows'} ${more.map(r => r.line).join(', ')}${raggedCount > ragged.length ? ` and ${raggedCount - ragged.length} more` : ''}.` : '';
    throw new UserError(`This row has ${first.cells} ${first.cells === 1 ? 'cell' : 'cells'} where the first has ${width}.${others}`,
      { file: name, row: first.line }, `Each row needs ${width} cells; quote a cell that contains "${delimiter === '\t' ? 'tab' : delimiter}".`);
  }
  return {
    width: Math.max(width, 0), records, blankLines, newlines: { lf, crlf, cr }, finalNewline: read > skip && lastNewlineAt === read - 1,
    counts: Array.from({ length: Math.max(width, 0) }, (_, c) => ({ quoted: quoted[c], quotedNeeded: quotedNeeded[c], plain: plain[c], empty: empty[c], quotedEmpty: quotedEmpty[c], bareNA: bareNA[c], quotedNA: quotedNA[c] })),
    headerQuoted, headerQuotedNeeded, strayQuotes, longestRecord: longest,
  };
}
