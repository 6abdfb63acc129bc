/** Code units of a text: bytes of UTF-8 or an 8-bit encoding, 16-bit units of UTF-16. The characters that matter here are ASCII in all of them. */
export type Units = Uint8Array | Uint16Array;

/** A record as it lies in a file: its units [from, to) without the line end, and its lines from 0. */
export interface Found { from: number; to: number; line: number; endLine: number; blank: boolean; cells: number }

const QUOTE = 34, LF = 10, CR = 13;
const enum At { cellStart, plain, quoted, afterQuote }

/**
 * Finds where records begin and end, in pieces fed one after another from the start of some record.
 * The same rules as the table reader's (table/bytes-scan.ts), but lenient: a table that could not be read can still be looked at.
 */
export class RecordScanner {
  private state = At.cellStart;
  private afterCr = false;
  private cells = 1;
  private from: number;
  private recordLine: number;

  /** @param offset of the first unit that will be fed, in units; @param line its line */
  constructor(private readonly delimiter: number, private offset: number, private line: number) {
    this.from = offset;
    this.recordLine = line;
  }

  /** @param each told of every whole record; true stops the scan, after which the scanner is spent. @returns whether it was stopped */
  push(units: Units, each: (record: Found) => boolean): boolean {
    const { delimiter } = this, n = units.length, base = this.offset;
    for (let i = 0; i < n; i++) {
      const c = units[i];
      if (this.afterCr) {
        this.afterCr = false;
        if (c === LF) {
          // the second half of a CR LF: no line of its own, and after a record's end not part of the next record
          if (this.state === At.cellStart && this.cells === 1 && this.from === base + i) this.from++;
          continue;
        }
      }
      if (this.state === At.quoted) {
        if (c === QUOTE) this.state = At.afterQuote;
        else if (c === LF) this.line++;
        else if (c === CR) { this.line++; this.afterCr = true; }
        continue;
      }
      if (c === LF || c === CR) {
        const found: Found = { from: this.from, to: base + i, line: this.recordLine, endLine: this.line, blank: this.state === At.cellStart && this.cells === 1, cells: this.cells };
        this.line++;
        this.afterCr = c === CR;
        this.begin(base + i + 1);
        if (each(found)) return true;
      } else if (c === delimiter) { this.cells++; this.state = At.cellStart; }
      else if (c === QUOTE && (this.state === At.cellStart || this.state === At.afterQuote)) this.state = At.quoted;
      else this.state = At.plain;
    }
    this.offset += n;
    return false;
  }

  /** The last record, where no line end follows it. */
  end(each: (record: Found) => boolean): void {
    if (this.from < this.offset) each({ from: this.from, to: this.offset, line: this.recordLine, endLine: this.line, blank: false, cells: this.cells });
  }

  private begin(from: number): void {
    this.from = from;
    this.recordLine = this.line;
    this.cells = 1;
    this.state = At.cellStart;
  }
}
