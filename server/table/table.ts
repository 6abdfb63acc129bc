import type * as arrow from 'apache-arrow';
import type { Kind, PersonalKind, TableFormat } from '../protocol';

/**
 * How a column's cells are held.
 * - `number`: Float64 (integer, real; date = days since 1970-01-01; time and datetime = milliseconds, UTC), NaN where missing
 * - `code`: a dictionary of distinct strings and an Int32 code per row, -1 where missing (boolean, category, ordinal, constant)
 * - `string`: one string per row, null where missing (identifier, personal, text); never enters a generator
 */
export type Storage = 'number' | 'code' | 'string';

/**
 * How numbers are written. `fixed`: exactly `decimals`; `shortest`: as JavaScript prints; `python`: shortest, but always with a point;
 * `exponent`: one digit, `decimals` digits, an exponent of at least two; `per-cell`: decimals differ from cell to cell.
 * `decimals` is the grid the source's values lie on (for `shortest`, `python` and `per-cell` the largest seen); 16 or more means no grid.
 */
export interface NumberFormat {
  style: 'fixed' | 'shortest' | 'python' | 'per-cell' | 'exponent'; decimals: number;
  thousands?: string; point?: string;   // default '' and '.'
  prefix?: string; suffix?: string; plus?: boolean;
  /** Integers are padded with zeros to this many digits. */
  leadingZeros?: number;
  /** `.5` instead of `0.5`. */
  bareFraction?: boolean;
  /** `E` instead of `e`. */
  upperExponent?: boolean;
}
/**
 * Pattern in strptime letters (%Y-%m-%d ...), and the zone text that follows it, if any ('Z', '+02:00', ' UTC').
 * A date-time without a zone is held as if it were UTC; with an offset, it is held in UTC and written in the offset.
 */
export interface TemporalFormat { pattern: string; zone?: string }

/** `offset` plus whole multiples of `step`, in the column's own unit (dates in days, times in milliseconds), or the start of every so many months (0 is January 1970). */
export type Lattice = { step: number; offset: number } | { months: number; offset: number };

export interface ColumnSchema {
  /** Unique within the table. */
  name: string;
  /** The name in the file, where it is empty or a duplicate and `name` had to differ; written back as it was. */
  sourceName?: string;
  kind: Kind; storage: Storage; personal?: PersonalKind;
  number?: NumberFormat; temporal?: TemporalFormat;
  /** Token written for a missing cell ('' unless the source used another). */
  missingToken: string;
  /** The missing token is written in quotes (`""`, `"NA"`) though quoting would not require it. */
  missingQuoted?: boolean;
  /** Ordered categories, when kind is ordinal. */
  order?: string[];
  /** Whether the source quoted this column's cells: always, never, or only when needed. */
  quoting?: 'always' | 'needed';
  /** The column's type in a typed file (Parquet, Arrow, JSON lines), in that format's own words; written back as it was. */
  nativeType?: string;
  /** A domain the user declared: exempt from value protection. */
  declaredDomain?: { min?: number; max?: number; values?: string[] };
  /** What all values keep to beyond the format: full hours, steps of five. Found in the values, so never part of a schema that is declared public. */
  lattice?: Lattice;
  /** The user declared the decimals: a grid known without the data, so its values are exempt as well. */
  decimalsDeclared?: boolean;
}

/** How the bytes of a delimited file are laid out. */
export interface Dialect {
  format: TableFormat; encoding: 'utf-8' | 'utf-16le' | 'utf-16be' | 'latin1'; bom: boolean;
  delimiter: string; quote: string; newline: '\n' | '\r\n' | '\r'; finalNewline: boolean; header: boolean;
  /** Names in the header are quoted always, or (default) only when needed. */
  headerQuoting?: 'always' | 'needed';
  /** Columns (by `name`) whose names stand in quotes without need, where not all do. */
  quotedNames?: string[];
  /** Quotes inside unquoted cells are plain characters (`5" pipe`): such cells are not quoted on writing either. */
  strayQuotes?: boolean;
}

export interface TableSchema { columns: ColumnSchema[]; dialect: Dialect }

export interface Column {
  readonly schema: ColumnSchema;
  readonly length: number;
  readonly missingCount: number;
  isMissing(row: number): boolean;
  /** storage `number`: one value per row, NaN where missing. Throws for other storages. A view: do not write. */
  numbers(): Float64Array;
  /** storage `code`: one code per row, -1 where missing. A view: do not write. */
  codes(): Int32Array;
  /** storage `code`: the dictionary. */
  categories(): readonly string[];
  /** storage `string`: the cell, null where missing. */
  text(row: number): string | null;
  /** The cell as it is written to a file, any storage; the missing token where missing. */
  lexeme(row: number): string;
  take(rows: ArrayLike<number>): Column;
}

/** An immutable table: an Arrow table and a schema that says how to read and write it. */
export interface Table {
  readonly schema: TableSchema;
  readonly rows: number;
  readonly columns: readonly Column[];
  column(name: string): Column;
  /** Rows in the given order (repeats allowed). */
  take(rows: ArrayLike<number>): Table;
  /** Only these columns, in this order. */
  select(names: readonly string[]): Table;
  toArrow(): arrow.Table;
}

/** The kinds a generator may learn; the others are replaced (identifier, personal, text) or repeated (constant). */
export const modelledKinds: readonly Kind[] = ['integer', 'real', 'boolean', 'category', 'ordinal', 'date', 'time', 'datetime'];
