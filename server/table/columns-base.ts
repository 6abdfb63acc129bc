import { numberWriter } from './number-format';
import type { Column, ColumnSchema, TemporalFormat } from './table';
import { temporalWriter } from './temporal-format';

/**
 * What a source's cells need beyond their column's format to be written back exactly: one byte a row.
 * Tables that were generated have none.
 */
export interface Spelling {
  /** Missing cell: index into `missing`. Other cells: decimals (number style `per-cell`), or index into `zones` or `formats`. */
  codes: Uint8Array;
  missing: Array<{ token: string; quoted: boolean }>;
  zones?: string[];
  /** The formats that dates are written in, where they are several; the schema's is the most frequent. Other cells: index into it. */
  formats?: TemporalFormat[];
}

/** A column that can also say how a missing cell was written. */
export interface SpelledColumn extends Column {
  readonly spelling?: Spelling;
  /** Whether this (missing) cell stood in quotes. */
  missingQuoted(row: number): boolean;
}

abstract class BaseColumn implements SpelledColumn {
  abstract readonly missingCount: number;
  constructor(readonly schema: ColumnSchema, readonly length: number, readonly spelling?: Spelling) {
    if (spelling && spelling.codes.length !== length) throw new Error(`column "${schema.name}": ${spelling.codes.length} spellings for ${length} rows`);
  }
  abstract isMissing(row: number): boolean;
  abstract take(rows: ArrayLike<number>): Column;
  protected abstract present(row: number): string;
  numbers(): Float64Array { throw this.wrong('number'); }
  codes(): Int32Array { throw this.wrong('code'); }
  categories(): readonly string[] { throw this.wrong('code'); }
  text(_row: number): string | null { throw this.wrong('string'); }
  lexeme(row: number): string {
    if (!this.isMissing(row)) return this.present(row);
    return this.spelling ? this.spelling.missing[this.spelling.codes[row]].token : this.schema.missingToken;
  }
  missingQuoted(row: number): boolean {
    return this.spelling ? this.spelling.missing[this.spelling.codes[row]].quoted : this.schema.missingQuoted ?? false;
  }
  protected takeSpelling(rows: ArrayLike<number>): Spelling | undefined {
    const s = this.spelling;
    return s && { ...s, codes: gather(s.codes, rows, new Uint8Array(rows.length)) };
  }
  private wrong(asked: string) { return new Error(`column "${this.schema.name}" is stored as ${this.schema.storage}, not ${asked}`); }
}

class NumberColumn extends BaseColumn {
  readonly missingCount: number;
  private write?: (row: number) => string;
  constructor(schema: ColumnSchema, private readonly values: Float64Array, spelling?: Spelling) {
    super(schema, values.length, spelling);
    let missing = 0;
    for (let i = 0; i < values.length; i++) if (values[i] !== values[i]) missing++;
    this.missingCount = missing;
  }
  isMissing(row: number) { return Number.isNaN(this.values[row]); }
  override numbers() { return this.values; }
  protected present(row: number) { return (this.write ??= this.writer())(row); }
  take(rows: ArrayLike<number>) { return new NumberColumn(this.schema, gather(this.values, rows, new Float64Array(rows.length)), this.takeSpelling(rows)); }
  private writer(): (row: number) => string {
    const { schema: { kind, temporal, number }, values, spelling } = this;
    if (temporal && (kind === 'date' || kind === 'time' || kind === 'datetime')) {
      const write = temporalWriter(kind, temporal);
      const zones = spelling?.zones, writers = spelling?.formats?.map(f => temporalWriter(kind, f));
      if (writers) return row => writers[spelling!.codes[row]](values[row]);
      return zones ? row => write(values[row], zones[spelling.codes[row]]) : row => write(values[row]);
    }
    const write = numberWriter(number ?? { style: 'shortest', decimals: 16 });
    if (number?.style === 'per-cell' && spelling) return row => write(values[row], spelling.codes[row]);
    return row => write(values[row]);
  }
}

class CodeColumn extends BaseColumn {
  readonly missingCount: number;
  constructor(schema: ColumnSchema, private readonly values: Int32Array, private readonly dictionary: readonly string[], spelling?: Spelling) {
    super(schema, values.length, spelling);
    let missing = 0;
    for (let i = 0; i < values.length; i++) {
      const code = values[i];
      if (code < 0) missing++;
      else if (code >= dictionary.length) throw new Error(`column "${schema.name}", row ${i}: code ${code} of ${dictionary.length} categories`);
    }
    this.missingCount = missing;
  }
  isMissing(row: number) { return this.values[row] < 0; }
  override codes() { return this.values; }
  override categories() { return this.dictionary; }
  protected present(row: number) { return this.dictionary[this.values[row]]; }
  take(rows: ArrayLike<number>) { return new CodeColumn(this.schema, gather(this.values, rows, new Int32Array(rows.length)), this.dictionary, this.takeSpelling(rows)); }
}

class StringColumn extends BaseColumn {
  readonly missingCount: number;
  constructor(schema: ColumnSchema, private readonly values: ReadonlyArray<string | null>, spelling?: Spelling) {
    super(schema, values.length, spelling);
    let missing = 0;
    for (let i = 0; i < values.length; i++) if (values[i] === null) missing++;
    this.missingCount = missing;
  }
  isMissing(row: number) { return this.values[row] === null; }
  override text(row: number) { return this.values[row]; }
  protected present(row: number) { return this.values[row]!; }
  take(rows: ArrayLike<number>) {
    const taken = new Array<string | null>(rows.length);
    for (let i = 0; i < rows.length; i++) taken[i] = this.values[rows[i]];
    return new StringColumn(this.schema, taken, this.takeSpelling(rows));
  }
}

function gather<A extends Float64Array | Int32Array | Uint8Array>(from: A, rows: ArrayLike<number>, into: A): A {
  for (let i = 0; i < rows.length; i++) into[i] = from[rows[i]];
  return into;
}

const stored = (schema: ColumnSchema, storage: ColumnSchema['storage']) => schema.storage === storage ? schema : { ...schema, storage };

/** A column of numbers, dates or times. `values` is kept, not copied; NaN is missing. */
export const numberColumn = (schema: ColumnSchema, values: Float64Array, spelling?: Spelling): Column => new NumberColumn(stored(schema, 'number'), values, spelling);

/** A dictionary column. `codes` and `categories` are kept, not copied; -1 is missing; a code beyond the dictionary throws. */
export const codeColumn = (schema: ColumnSchema, codes: Int32Array, categories: readonly string[], spelling?: Spelling): Column => new CodeColumn(stored(schema, 'code'), codes, categories, spelling);

/** A column of strings. `values` is kept, not copied; null is missing. */
export const stringColumn = (schema: ColumnSchema, values: ReadonlyArray<string | null>, spelling?: Spelling): Column => new StringColumn(stored(schema, 'string'), values, spelling);

/** The column's source spelling, where it has one. */
export const spellingOf = (column: Column): Spelling | undefined => (column as Partial<SpelledColumn>).spelling;

/** The same column under another schema of the same storage: another name, kind or format. */
export function withSchema(column: Column, schema: ColumnSchema): Column {
  const spelling = spellingOf(column);
  switch (column.schema.storage) {
    case 'number': return numberColumn(schema, column.numbers(), spelling);
    case 'code': return codeColumn(schema, column.codes(), column.categories(), spelling);
    case 'string': return stringColumn(schema, Array.from({ length: column.length }, (_, i) => column.text(i)), spelling);
  }
}
