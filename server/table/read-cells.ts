import type { Database } from './duckdb';

/** A column's cells by number: `values[codes[row]]`, -1 where the cell is null. `distinct`: no value twice, in byte order. */
export interface Dictionary { values: string[]; codes: Int32Array; distinct: boolean }

/** Beyond this many distinct values a column is not worth a dictionary. */
export const mostDistinct = 100_000;

/** The cells of one column of `raw`, however many rows: what typing needs to know of them. */
export interface Cells {
  readonly rows: number;
  /** Texts from all over the column, nulls left out, in row order. */
  sample(): Promise<string[]>;
  nulls(): Promise<number>;
  /** Some distinct texts (300 at most) for which the SQL condition fails; undefined where SQL is not used. */
  refute?(condition: (v: string) => string): Promise<string[]>;
  /** The column as doubles, NaN where it is none; only after `refute` found nothing worse than missing tokens. */
  doubles?(): Promise<Float64Array>;
  /** One byte a row: the place of the cell (null included) in `forms`, 0 for any other. */
  places(forms: ReadonlyArray<string | null>): Promise<Uint8Array>;
  dictionary(): Promise<Dictionary>;
  /** Whether the dictionary is sure to be small. */
  firstRowOf(text: string): Promise<number>;
}

/** Up to a few thousand rows: everything in memory. */
export class SmallCells implements Cells {
  private made?: Dictionary;
  constructor(private readonly cells: ReadonlyArray<string | null>) {}
  get rows() { return this.cells.length; }
  async sample() { return this.cells.filter((c): c is string => c !== null); }
  async nulls() { return this.cells.reduce((n, c) => n + (c === null ? 1 : 0), 0); }
  async places(forms: ReadonlyArray<string | null>) { return Uint8Array.from(this.cells, c => Math.max(0, forms.indexOf(c))); }
  async firstRowOf(text: string) { return this.cells.indexOf(text); }
  async dictionary() {
    if (this.made) return this.made;
    const values = [...new Set(this.cells.filter((c): c is string => c !== null))].sort(byBytes);
    const index = new Map(values.map((v, i) => [v, i]));
    return this.made = { values, codes: Int32Array.from(this.cells, c => c === null ? -1 : index.get(c)!), distinct: true };
  }
}

/** UTF-8 byte order, which is code point order: what DuckDB sorts by. */
export function byBytes(a: string, b: string): number {
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; i++) {
    const x = a.charCodeAt(i), y = b.charCodeAt(i);
    if (x !== y) return (x >= 0xd800 && x < 0xe000) !== (y >= 0xd800 && y < 0xe000) ? (x >= 0xd800 && x < 0xe000 ? 1 : -1) : x - y;
  }
  return a.length - b.length;
}

/** Many rows: SQL over DuckDB's vectors; strings are made only for samples, dictionaries and columns that are nearly all different. */
export class LargeCells implements Cells {
  private made?: Dictionary;
  constructor(private readonly database: Database, private readonly column: number, readonly rows: number, private readonly sampleRows: number) {}
  private get v() { return `c${this.column}`; }

  async sample() {
    const step = Math.max(1, Math.floor(this.rows / this.sampleRows));
    const [spread] = await this.database.strings(`SELECT ${this.v} FROM raw WHERE rowid % ${step} = 0 AND ${this.v} IS NOT NULL ORDER BY rowid LIMIT ${this.sampleRows + 1}`, 1);
    if (spread.length >= this.sampleRows / 4) return spread as string[];
    const [any] = await this.database.strings(`SELECT ${this.v} FROM raw WHERE ${this.v} IS NOT NULL LIMIT ${this.sampleRows}`, 1);   // mostly missing
    return [...spread, ...any] as string[];
  }
  async nulls() { return (await this.database.numbers(`SELECT count(*) - count(${this.v}) FROM raw`))[0]; }
  async refute(condition: (v: string) => string) {
    const [found] = await this.database.strings(`SELECT DISTINCT ${this.v} FROM raw WHERE ${this.v} IS NOT NULL AND NOT (${condition(this.v)}) LIMIT 300`, 1);
    return found as string[];
  }
  async doubles() {
    const x = `TRY_CAST(${this.v} AS DOUBLE)`;
    return (await this.database.doubles(`SELECT CASE WHEN isfinite(${x}) THEN ${x} ELSE 'nan'::DOUBLE END FROM raw`, 1, this.rows))[0];
  }
  async places(forms: ReadonlyArray<string | null>) {
    const cases = forms.map((f, i) => f === null ? `WHEN ${this.v} IS NULL THEN ${i}` : `WHEN ${this.v} = '${f.replace(/'/g, "''")}' THEN ${i}`).join(' ');
    return (await this.database.bytes(`SELECT (CASE ${cases} ELSE 0 END)::UTINYINT FROM raw`, 1, this.rows))[0];
  }
  async firstRowOf(text: string) { return (await this.database.numbers(`SELECT min(rowid) FROM raw WHERE ${this.v} = '${text.replace(/'/g, "''")}'`))[0]; }
  async dictionary() {
    if (this.made) return this.made;
    const [about] = await this.database.numbers(`SELECT approx_count_distinct(${this.v}) FROM raw`);
    return this.made = about <= mostDistinct * 1.2 ? await this.enumerated() : await this.listed();
  }
  private async enumerated(): Promise<Dictionary> {
    const { database, v } = this;
    const [values] = await database.strings(`SELECT DISTINCT ${v} FROM raw WHERE ${v} IS NOT NULL ORDER BY 1`, 1);
    if (!values.length) return { values: [], codes: new Int32Array(this.rows).fill(-1), distinct: true };
    await database.run(`CREATE TYPE dictionary AS ENUM (SELECT DISTINCT ${v} FROM raw WHERE ${v} IS NOT NULL ORDER BY 1)`);
    try {
      const [codes] = await database.integers(`SELECT coalesce(enum_code(${v}::dictionary)::INTEGER, -1) FROM raw`, 1, this.rows);
      return { values: values as string[], codes, distinct: true };
    } finally { await database.run('DROP TYPE dictionary'); }
  }
  private async listed(): Promise<Dictionary> {
    const [cells] = await this.database.strings(`SELECT ${this.v} FROM raw`, 1);
    const values: string[] = [];
    const codes = Int32Array.from(cells, c => c === null ? -1 : values.push(c) - 1);
    return { values, codes, distinct: false };
  }
}
