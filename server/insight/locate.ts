import { isUtf8 } from 'node:buffer';
import { promises as fs } from 'node:fs';
import { guessDelimiter, guessHeader, records as cut } from '../table/dialect-sample';
import { sniffEncoding, type Encoding } from '../table/encoding';
import { cellsOf, type Cell } from './cells';
import { RecordScanner, type Found, type Units } from './scan';

/** How a table's file is laid out, as far as positions depend on it. */
export interface Layout { encoding: Encoding; bom: number; delimiter: string; header: boolean; width: number }

/** A record of the table: its number among those that are not blank (the header counts where there is one), and its cells. */
export interface Located { record: number; line: number; endLine: number; cells: Cell[] }

/** Editors hide larger documents from extensions; nothing asks about them. */
export const mostBytes = 50 * 1024 * 1024;
/** A record longer than this is not cut into cells: its quote was probably never closed. */
const longestRecord = 1 << 20;
const sampleBytes = 32 << 10, pieceBytes = 128 << 10, markEvery = 64 << 10;

/** Where some record begins: in units from the file's start, lines from 0, records from 0. */
interface Mark { offset: number; line: number; record: number }

/**
 * Tells which cell of a delimited file lies where, for a few lines at a time.
 *
 * The file is read as an editor shows it, so a line can be inside a quoted cell that began far above: there is no way to know
 * that from the visible lines alone. So the quotes are followed from the file's start, once, in pieces of 128 KiB with a turn of the
 * event loop between them, and only as far down as was ever looked at; every 64 KiB a record's start is remembered, so that looking
 * further, or again, starts from there. Nothing is kept of the text. A 50 MB file scrolled to its end costs a quarter of a second of reading
 * once, in slices of less than a millisecond; its first screen costs one slice.
 */
export class Locator {
  private readonly marks: Mark[] = [];
  private turn: Promise<unknown> = Promise.resolve();
  private known: Layout | undefined;
  private first: Located | undefined;

  /** @param given the delimiter, where a run has found it out already */
  constructor(readonly path: string, private readonly given?: string) {}

  /** @returns undefined for an empty file and what is no text. */
  layout(): Promise<Layout | undefined> {
    return this.alone(() => this.open(async (file) => this.learn(file)));
  }

  /** The first record: the names of the columns where the file has a header. */
  header(): Promise<Located | undefined> {
    return this.alone(async () => (this.first ??= (await this.read(0, 0))[0]));
  }

  /** The records that lie, at least in part, on these lines (both ends included), blank ones left out. */
  records(from: number, to: number): Promise<Located[]> {
    return this.alone(() => this.read(from, to));
  }

  /** Where the records on these lines are, without their cells. */
  places(from: number, to: number): Promise<Located[]> {
    return this.alone(() => this.read(from, to, false));
  }

  /** One reading at a time: the marks grow in order. */
  private alone<T>(work: () => Promise<T>): Promise<T> {
    const next = this.turn.then(work, work);
    this.turn = next.catch(() => undefined);
    return next;
  }

  private async open<T>(work: (file: fs.FileHandle) => Promise<T>): Promise<T> {
    const file = await fs.open(this.path, 'r');
    try {
      return await work(file);
    } finally {
      await file.close();
    }
  }

  private async learn(file: fs.FileHandle): Promise<Layout | undefined> {
    if (this.known) return this.known;
    for (let bytes = sampleBytes; ; bytes *= 8) {
      const buffer = Buffer.alloc(bytes), { bytesRead } = await file.read(buffer, 0, bytes, 0), start = buffer.subarray(0, bytesRead), whole = bytesRead < bytes;
      if (bytesRead === 0) return undefined;
      const { encoding: sniffed, bom } = sniffEncoding(start, this.path);
      const encoding = sniffed === 'utf-8' && !isUtf8(cutToCharacter(start, whole)) ? 'latin1' : sniffed;
      const text = decode(unitsOf(start.subarray(bom), encoding), encoding);
      const delimiter = this.given ?? guessDelimiter(text, whole, /\.(tsv|tab)$/i.test(this.path) ? '\t' : undefined);
      const found = cut(text, delimiter, whole, 100).records;
      // At least one record must be whole in the sample, unless there is no end to it.
      if (found.length < 2 && !whole && bytes < longestRecord) continue;
      const width = found.find((r) => r.cells.length > 1 || r.cells[0].text !== '')?.cells.length ?? 1;
      this.known = { encoding, bom, delimiter, header: found.length ? guessHeader(found) : true, width };
      this.marks.push({ offset: bom / unitBytes(encoding), line: 0, record: 0 });
      return this.known;
    }
  }

  private read(from: number, to: number, withCells = true): Promise<Located[]> {
    return this.open(async (file) => {
      const layout = await this.learn(file);
      if (!layout) return [];
      const { delimiter, encoding, width } = layout, size = unitBytes(encoding);
      const mark = [...this.marks].reverse().find((m) => m.line <= from) ?? this.marks[0];
      const scanner = new RecordScanner(delimiter.charCodeAt(0), mark.offset, mark.line);
      const out: Array<Found & { record: number }> = [];
      let record = mark.record;
      const each = (found: Found): boolean => {
        if (found.line > to) return true;
        const last = this.marks[this.marks.length - 1];
        if (found.from - last.offset >= markEvery / size) this.marks.push({ offset: found.from, line: found.line, record });
        // A blank line is no row, except in a table of one column, where it is an empty cell.
        const blank = found.blank && (width > 1 || record === 0);
        if (!blank) {
          if (found.endLine >= from) out.push({ ...found, record });
          record++;
        }
        return false;
      };
      const buffer = Buffer.alloc(pieceBytes);
      let at = mark.offset * size, stopped = false;
      while (!stopped) {
        const { bytesRead } = await file.read(buffer, 0, pieceBytes, at);
        // An odd last byte of UTF-16 is half a character: not one.
        const usable = bytesRead - (bytesRead % size);
        if (usable === 0) break;
        stopped = scanner.push(unitsOf(buffer.subarray(0, usable), encoding), each);
        at += usable;
      }
      if (!stopped) scanner.end(each);
      const located: Located[] = [];
      for (const r of out) {
        const length = (r.to - r.from) * size;
        if (!withCells || length > longestRecord) { located.push({ record: r.record, line: r.line, endLine: r.endLine, cells: [] }); continue; }
        const bytes = Buffer.alloc(length);
        await file.read(bytes, 0, length, r.from * size);
        located.push({ record: r.record, line: r.line, endLine: r.endLine, cells: cellsOf(decode(unitsOf(bytes, encoding), encoding), delimiter, r.line) });
      }
      return located;
    });
  }
}

const unitBytes = (encoding: Encoding): 1 | 2 => (encoding === 'utf-16le' || encoding === 'utf-16be' ? 2 : 1);

function unitsOf(bytes: Buffer, encoding: Encoding): Units {
  if (unitBytes(encoding) === 1) return bytes;
  const units = new Uint16Array(bytes.length >> 1);
  for (let i = 0; i < units.length; i++) units[i] = encoding === 'utf-16le' ? bytes[2 * i] | (bytes[2 * i + 1] << 8) : (bytes[2 * i] << 8) | bytes[2 * i + 1];
  return units;
}

function decode(units: Units, encoding: Encoding): string {
  const bytes = Buffer.from(units.buffer, units.byteOffset, units.byteLength);
  return bytes.toString(encoding === 'latin1' ? 'latin1' : encoding === 'utf-8' ? 'utf8' : 'utf16le');
}

/** Without the character that the sample's end cuts. */
function cutToCharacter(bytes: Buffer, whole: boolean): Buffer {
  if (whole) return bytes;
  let end = bytes.length;
  while (end > 0 && bytes.length - end < 4 && (bytes[end - 1] & 0xc0) === 0x80) end--;
  return bytes.subarray(0, Math.max(0, end - 1));
}
