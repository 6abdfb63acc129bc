import { shuffledRows } from '../random';
import { toArrow } from './arrow-out';
import { codeColumn, numberColumn, spellingOf, stringColumn, type Spelling } from './columns-base';
import type { Column, ColumnSchema, Dialect, Table, TableSchema } from './table';

class ColumnTable implements Table {
  readonly rows: number;
  private readonly byName = new Map<string, Column>();
  constructor(readonly schema: TableSchema, readonly columns: readonly Column[], rows?: number) {
    this.rows = rows ?? columns[0]?.length ?? 0;
    for (const column of columns) {
      if (column.length !== this.rows) throw new Error(`column "${column.schema.name}" has ${column.length} rows where the table has ${this.rows}`);
      if (this.byName.has(column.schema.name)) throw new Error(`two columns are named "${column.schema.name}"`);
      this.byName.set(column.schema.name, column);
    }
  }
  column(name: string) {
    const column = this.byName.get(name);
    if (!column) throw new Error(`the table has no column "${name}"`);
    return column;
  }
  take(rows: ArrayLike<number>): Table { return new ColumnTable(this.schema, this.columns.map(c => c.take(rows)), rows.length); }
  select(names: readonly string[]): Table { return makeTable(this.schema.dialect, names.map(n => this.column(n)), this.rows); }
  toArrow() { return toArrow(this); }
}

/**
 * A table of columns of one length; its schema's columns are the columns' own.
 * `rows` is needed only when there are no columns. Throws on unequal lengths or repeated names.
 */
export function makeTable(schema: TableSchema | Dialect, columns: readonly Column[], rows?: number): Table {
  const dialect = 'dialect' in schema ? schema.dialect : schema;
  return new ColumnTable({ columns: columns.map(c => c.schema), dialect }, columns, rows);
}

/** The layout a table is written in when it came from no file: plain UTF-8 CSV. */
export const plainDialect: Dialect = { format: 'csv', encoding: 'utf-8', bom: false, delimiter: ',', quote: '"', newline: '\n', finalNewline: true, header: true };

/** So many rows of a table, drawn by seed and name without repetition, in the table's order; the table itself where it has no more. */
export const sampleTable = (table: Table, most: number, seed: number, name: string): Table => (table.rows <= most ? table : table.take(shuffledRows(seed, name, table.rows).slice(0, most).sort()));

/** The rows of several tables one after the other. Names and storage must agree; dictionaries are merged in order of first appearance. The first table's schema is kept. */
export function concatRows(tables: readonly Table[]): Table {
  const [first, ...others] = tables;
  if (!first) throw new Error('no tables to join');
  if (!others.length) return first;
  for (const t of others) if (t.columns.length !== first.columns.length) throw new Error(`cannot join tables of ${first.columns.length} and ${t.columns.length} columns`);
  return makeTable(first.schema, first.columns.map(c => concatColumns(tables.map(t => t.column(c.schema.name)))), tables.reduce((n, t) => n + t.rows, 0));
}

function concatColumns(parts: Column[]): Column {
  const schema = parts[0].schema;
  for (const p of parts) if (p.schema.storage !== schema.storage) throw new Error(`column "${schema.name}" is stored as ${schema.storage} in one table and ${p.schema.storage} in another`);
  const length = parts.reduce((n, p) => n + p.length, 0);
  const spelling = concatSpellings(parts, length);
  if (schema.storage === 'number') {
    const values = new Float64Array(length);
    let at = 0;
    for (const p of parts) { values.set(p.numbers(), at); at += p.length; }
    return numberColumn(schema, values, spelling);
  }
  if (schema.storage === 'code') {
    const { categories, places } = mergeDictionaries(parts.map(p => p.categories()));
    const codes = new Int32Array(length);
    let at = 0;
    parts.forEach((p, k) => { for (const code of p.codes()) codes[at++] = code < 0 ? -1 : places[k][code]; });
    return codeColumn(schema, codes, categories, spelling);
  }
  const values: Array<string | null> = [];
  for (const p of parts) for (let i = 0; i < p.length; i++) values.push(p.text(i));
  return stringColumn(schema, values, spelling);
}

/**
 * One dictionary of several, in order of first appearance: the first one's values keep their codes.
 * @returns its values, and for each dictionary the code that each of its values has there
 */
export function mergeDictionaries(dictionaries: readonly (readonly string[])[]): { categories: string[]; places: number[][] } {
  const categories = [...dictionaries[0] ?? []], known = new Map<string, number>();
  categories.forEach((value, code) => { if (!known.has(value)) known.set(value, code); });
  const place = (value: string) => { let code = known.get(value); if (code === undefined) known.set(value, code = categories.push(value) - 1); return code; };
  return { categories, places: dictionaries.map(d => d.map(place)) };
}

/** Exact spellings survive only where every part has compatible ones; parts of one source do. Otherwise the column's format speaks for all. */
function concatSpellings(parts: Column[], length: number): Spelling | undefined {
  const all = parts.map(spellingOf);
  const [first] = all;
  const same = (s: Spelling | undefined) => s && JSON.stringify([s.missing, s.zones, s.formats]) === JSON.stringify([first!.missing, first!.zones, first!.formats]);
  if (!first || !all.every(same)) return undefined;
  const codes = new Uint8Array(length);
  let at = 0;
  for (const s of all) { codes.set(s!.codes, at); at += s!.codes.length; }
  return { ...first, codes };
}

/** A schema with the defaults filled in, for columns made by hand. */
export const columnSchema = (s: Pick<ColumnSchema, 'name' | 'kind' | 'storage'> & Partial<ColumnSchema>): ColumnSchema => ({ missingToken: '', ...s });
