import { bomOf, encoder } from './encoding';
import { spellingOf, type SpelledColumn } from './columns-base';
import type { Column, Dialect, Table } from './table';

const batchRows = 4096;

/** The table as the bytes of a delimited file in a dialect, a few thousand rows at a time. */
export function* delimitedPieces(table: Table, dialect: Dialect, progress?: (rows: number) => void): Generator<Buffer> {
  const encode = encoder(dialect.encoding);
  const { delimiter, newline } = dialect;
  const cell = quoter(dialect);
  if (dialect.bom) yield bomOf(dialect.encoding);
  let ended = true;   // whether what was written so far ends its line
  if (dialect.header) {
    const names = table.schema.columns.map(c => c.sourceName ?? c.name), quoted = new Set(dialect.quotedNames);
    const line = names.map((n, i) => dialect.headerQuoting === 'always' || quoted.has(table.schema.columns[i].name) ? quote(n) : names.length === 1 && n === '' ? '""' : cell(n)).join(delimiter);
    yield encode(line);
    ended = false;
  }
  const alone = table.columns.length === 1;
  const writers = table.columns.map(c => cellWriter(c, cell, alone && !dialect.header));
  const width = writers.length;
  for (let from = 0; from < table.rows; from += batchRows) {
    const to = Math.min(table.rows, from + batchRows);
    const lines = new Array<string>(to - from);
    for (let row = from; row < to; row++) {
      let line = writers[0](row);
      for (let c = 1; c < width; c++) line += delimiter + writers[c](row);
      lines[row - from] = line;
    }
    yield encode((ended ? '' : newline) + lines.join(newline));
    ended = false;
    progress?.(to);
  }
  // A last row that is an empty line exists only through its line end.
  const lastBlank = alone && table.rows > 0 && writers[0](table.rows - 1) === '';
  if (dialect.finalNewline || lastBlank) yield encode(newline);
}

const quote = (text: string) => `"${text.replace(/"/g, '""')}"`;

/** Quotes a cell when its text would otherwise be read differently. */
function quoter(dialect: Dialect): (text: string) => string {
  const special = new RegExp(`[${dialect.delimiter === '|' ? '\\|' : dialect.delimiter}\\r\\n${dialect.strayQuotes ? '' : '"'}]|^"`);
  return text => special.test(text) ? quote(text) : text;
}

/** How a column's cells stand in the file, by row. Chosen once, so that plain numbers and dictionaries cost no check per cell. */
function cellWriter(column: Column, cell: (text: string) => string, never_empty: boolean): (row: number) => string {
  const { schema } = column;
  const always = schema.quoting === 'always';
  const spelled = column as SpelledColumn;
  const missingCell = (token: string, quoted: boolean) => quoted || (token === '' && never_empty) ? quote(token) : cell(token);
  const spelling = spellingOf(column);
  const missing = spelling
    ? (row: number) => missingCell(column.lexeme(row), spelled.missingQuoted(row))
    : ((text: string) => () => text)(missingCell(schema.missingToken, schema.missingQuoted ?? false));
  // A present text that spells "missing" must stand in quotes, and the empty one always.
  const text = (t: string) => always || t === '' || (schema.missingToken !== '' && t === schema.missingToken && !schema.missingQuoted && schema.storage !== 'number') ? quote(t) : cell(t);
  if (schema.storage === 'code') {
    const codes = column.codes();
    const written = column.categories().map(text);
    return row => codes[row] < 0 ? missing(row) : written[codes[row]];
  }
  if (schema.storage === 'number') {
    const values = column.numbers();
    const n = schema.number;
    const plain = !always && !schema.temporal && !n?.thousands && (n?.point ?? '.') === '.' && !n?.prefix && !n?.suffix;
    if (plain) return row => values[row] !== values[row] ? missing(row) : column.lexeme(row);
    return row => values[row] !== values[row] ? missing(row) : text(column.lexeme(row));
  }
  return row => { const t = column.text(row); return t === null ? missing(row) : text(t); };
}
