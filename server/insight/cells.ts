/** A stretch of a document as an editor counts it: lines from 0, characters in UTF-16 units, the end exclusive. */
export interface Span { line: number; start: number; endLine: number; end: number }

/** A cell as it stands in a document: its span includes quotes around it, its text does not. */
export interface Cell extends Span { text: string; quoted: boolean }

/**
 * Cuts one record into cells. The rules are those of the reader (table/dialect-sample.ts): a quote counts only at a cell's
 * start, doubled quotes are one, text after a closing quote belongs to the cell. A line ends at LF, CR LF or CR, as it does in the editor.
 * @param text the record without its line end; a quoted cell may hold line ends
 * @param line the document's line on which the record starts
 */
export function cellsOf(text: string, delimiter: string, line: number): Cell[] {
  const cells: Cell[] = [];
  let at = 0, lineStart = 0;
  for (;;) {
    const from = at, startLine = line, start = from - lineStart;
    let value = '';
    const quoted = text[at] === '"';
    if (quoted) {
      at++;
      for (;;) {
        const c = text[at];
        if (c === undefined) break;
        at++;
        if (c === '"') {
          if (text[at] !== '"') break;
          at++;
        } else if (c === '\n' || (c === '\r' && text[at] !== '\n')) {
          line++;
          lineStart = at;
        }
        value += c;
      }
    }
    let end = text.indexOf(delimiter, at);
    if (end < 0) end = text.length;
    value += text.slice(at, end);
    at = end;
    cells.push({ line: startLine, start, endLine: line, end: at - lineStart, text: value, quoted });
    if (at >= text.length) return cells;
    at += delimiter.length;
  }
}

/** The index of the cell under a position, a cell's end included (where a caret may stand); -1 outside. */
export function cellAt(cells: readonly Span[], line: number, character: number): number {
  return cells.findIndex((c) => (line > c.line || (line === c.line && character >= c.start)) && (line < c.endLine || (line === c.endLine && character <= c.end)));
}
