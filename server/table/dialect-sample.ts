/** A cell as it stands in a file: its text, and whether quotes were around it. */
export interface Cell { text: string; quoted: boolean }

/** One record and the line of the file it starts on. */
export interface Record_ { cells: Cell[]; line: number }

/** Delimiters that are recognised. */
export const delimiters = [',', ';', '\t', '|'] as const;

/**
 * Cuts delimited text into records, leniently: a quote counts only at the start of a cell, doubled quotes are one,
 * text after a closing quote is kept (`badQuotes` counts those). Feed pieces with `push`, finish with `end`.
 */
export class RecordCutter {
  private rest = '';
  private line = 1;
  badQuotes = 0;
  constructor(private readonly delimiter: string, private readonly onRecord: (record: Record_) => void) {}

  push(piece: string): void { this.cut(this.rest + piece, false); }
  /** Hands over the last record. True when a quote was still open; the record is handed over nevertheless. */
  end(): boolean { return this.cut(this.rest, true); }

  private cut(text: string, last: boolean): boolean {
    const { delimiter } = this;
    let at = 0;
    for (;;) {
      const start = at;
      if (start >= text.length) break;
      const cells: Cell[] = [];
      const startLine = this.line;
      let line = this.line, ended = false, bad = 0;
      while (!ended) {
        let cell: Cell;
        if (text[at] === '"') {
          let from = at + 1, value = '';
          for (;;) {
            const close = text.indexOf('"', from);
            if (close < 0) {
              if (!last) { this.rest = text.slice(start); return false; }
              cells.push({ text: value + text.slice(from), quoted: true });
              this.onRecord({ cells, line: startLine });
              this.rest = '';
              return true;
            }
            if (close + 1 >= text.length && !last) { this.rest = text.slice(start); return false; }
            value += text.slice(from, close);
            if (text[close + 1] === '"') { value += '"'; from = close + 2; continue; }
            at = close + 1;
            break;
          }
          for (let i = 0; i < value.length; i++) if (value[i] === '\n') line++;
          cell = { text: value, quoted: true };
          const stop = endOfPlain(text, at, delimiter);
          if (stop > at) { bad++; cell.text += text.slice(at, stop); at = stop; }
        } else {
          const stop = endOfPlain(text, at, delimiter);
          cell = { text: text.slice(at, stop), quoted: false };
          at = stop;
        }
        // The end of the piece may cut a cell, or a CR from its LF.
        if (!last && (at >= text.length || (text[at] === '\r' && at + 1 >= text.length))) { this.rest = text.slice(start); return false; }
        cells.push(cell);
        if (text[at] === delimiter) { at++; if (at >= text.length && last) { cells.push({ text: '', quoted: false }); ended = true; } continue; }
        if (text[at] === '\r' && text[at + 1] === '\n') at += 2; else at += 1;
        line++;
        ended = true;
      }
      this.line = line;
      this.badQuotes += bad;
      this.onRecord({ cells, line: startLine });
    }
    this.rest = '';
    return false;
  }
}

function endOfPlain(text: string, from: number, delimiter: string): number {
  for (let i = from; i < text.length; i++) {
    const c = text[i];
    if (c === delimiter || c === '\n' || c === '\r') return i;
  }
  return text.length;
}

/** The records of a text; of a cut-off text (`whole` false) only those that are surely complete. */
export function records(text: string, delimiter: string, whole: boolean, limit = Infinity): { records: Record_[]; badQuotes: number; open: boolean } {
  const out: Record_[] = [];
  const cutter = new RecordCutter(delimiter, r => { if (out.length < limit) out.push(r); });
  cutter.push(text);
  const open = whole && cutter.end();
  return { records: out, badQuotes: cutter.badQuotes, open };
}

const isBlank = (r: Record_) => r.cells.length === 1 && !r.cells[0].quoted && r.cells[0].text === '';

/** The delimiter under which the most records have the same number of cells; `preferred` wins whenever it fits. */
export function guessDelimiter(text: string, whole: boolean, preferred?: string): string {
  let best = { delimiter: preferred ?? ',', share: 0, width: 1, commas: false };
  const order = preferred ? [preferred, ...delimiters.filter(d => d !== preferred)] : [...delimiters];
  for (const delimiter of order) {
    const { records: rows, badQuotes } = records(text, delimiter, whole, 500);
    const filled = rows.filter(r => !isBlank(r));
    if (!filled.length) continue;
    const widths = new Map<number, number>();
    for (const r of filled) widths.set(r.cells.length, (widths.get(r.cells.length) ?? 0) + 1);
    // The header's width counts: a comma in every number is not in the names.
    const [width, count] = [...widths].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0];
    if (width < 2) continue;
    let share = (count - badQuotes) / filled.length;
    if (filled[0].cells.length !== width) share *= 0.5;
    // A cell such as 1,5 under another delimiter speaks for decimal commas.
    const commas = delimiter !== ',' && filled.slice(1).some(r => r.cells.some(c => /^-?\d+,\d+$/.test(c.text)));
    if (delimiter === preferred && share >= 0.9) return delimiter;
    const better = share > best.share + 1e-9 || (share > best.share - 1e-9 && (commas || (!best.commas && width > best.width)));
    if (better) best = { delimiter, share, width, commas };
  }
  return best.delimiter;
}

const numeric = /^\s*[-+]?[$€£]?\d[\d.,' ]*(e[-+]?\d+)?\s*%?\s*$/i;
const dated = /^\s*(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{1,2}:\d{2})/;
const alike = (text: string) => numeric.test(text) ? 'number' : dated.test(text) ? 'date' : 'text';

/**
 * Whether the first record names the columns. It does unless it looks like data: numbers or dates above numbers or dates
 * (a run of equally spaced whole numbers, as in years, still counts as names), or texts that recur in their own columns.
 * Any two numbers are equally spaced: alone they are names only one after the other (0, 1), or as years (1990, 2000).
 */
export function guessHeader(rows: readonly Record_[]): boolean {
  const [first, ...rest] = rows.filter(r => !isBlank(r));
  if (!first) return false;
  const names = first.cells.map(c => c.text);
  if (!rest.length) return !names.every(n => alike(n) !== 'text' || n === '') || names.every(n => n === '');
  let speaksFor = 0, against = 0, recurring = 0, texts = 0;
  const numbers: number[] = [];
  names.forEach((name, i) => {
    const below = rest.map(r => r.cells[i]?.text ?? '').filter(t => t !== '' && !/^(na|n\/a|nan|null|none|\?|-|\.)$/i.test(t));
    if (!below.length || name === '') return;
    const kinds = below.map(alike);
    const typed = kinds.filter(k => k !== 'text').length >= below.length * 0.9;
    const own = alike(name);
    if (typed && own === 'text') speaksFor++;
    else if (typed) { against++; if (/^\d+$/.test(name)) numbers.push(Number(name)); }
    else if (!typed) { texts++; if (below.includes(name)) recurring++; }
  });
  if (speaksFor) return true;
  const step = numbers[1] - numbers[0], spaced = numbers.length > 2 || step === 1 || numbers.every(n => n >= 1800 && n < 2200);
  if (against) return numbers.length === against && against >= 2 && spaced && numbers.every((n, i) => i === 0 || n - numbers[i - 1] === step && n > numbers[i - 1]);
  return !(texts && recurring >= Math.max(1, texts / 2));
}
