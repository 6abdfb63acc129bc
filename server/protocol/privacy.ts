/** Differential privacy as a user asks for it and reads it. Part of the protocol: types only. */
import type { Kind, PersonalKind, TableFormat } from './tables';

/** Whose presence is hidden: one row, or all rows that share a value of `entity`. */
export type PrivacyUnit = 'row' | { entity: string };

/** What a user asks for; in the plan. Epsilon is the total for the source with all its releases so far (the ledger's), delta below 1/rows. */
export interface PrivacyRequest {
  epsilon: number; delta: number; unit: PrivacyUnit;
  /** What this run itself may be worth at most, as an epsilon at the same delta: a point of a sweep takes no more than its part of the total. */
  own?: number;
  /** What the user declares to be public knowledge of the table, so that it costs nothing: the row count; the columns' kinds, decimals and formats; the outcome. Column domains are declared as overrides (`domain`). */
  publicRows?: number;
  /** The columns as the user declares them. Absent with `declareSchema`: the worker writes down what it takes this file's columns for, which declares that public. */
  schema?: PublicSchema;
  declareSchema?: boolean;
  /** Domains declared beside the schema, by column: `age=17..90`, `sex=Female|Male`. */
  domains?: Record<string, PublicDomain>;
}

/** A domain known without the table, ends and values as they are written in the file. An end left out is found privately; what lies outside is drawn in, or taken as missing. */
export interface PublicDomain { min?: string | number; max?: string | number; values?: string[] }

/** What is declared to be public of a column: its name, what it is, and how its cells are written. Its domain where that is declared too. */
export interface PublicColumn extends PublicDomain {
  name: string; sourceName?: string; kind: Kind; personal?: PersonalKind;
  /** Numbers: as `NumberFormat` in table/table.ts. Decimals alone will do. */
  number?: { style?: 'fixed' | 'shortest' | 'python' | 'per-cell' | 'exponent'; decimals: number; thousands?: string; point?: string; prefix?: string; suffix?: string; plus?: boolean; leadingZeros?: number; bareFraction?: boolean; upperExponent?: boolean };
  /** Dates and times: a pattern in strptime letters, and a zone. */
  temporal?: { pattern: string; zone?: string };
  /** How a missing cell is written; absent: the column is declared to have none. */
  missing?: string;
  /** Columns that are never learnt (identifiers and the like): cells in whose form fresh ones are made. Absent: a form known without the data. */
  examples?: string[];
  nativeType?: string;
}

/** What is declared to be public of a table. Columns of the file that are not listed are left out of the release. */
export interface PublicSchema {
  file?: { format: TableFormat; encoding: 'utf-8' | 'utf-16le' | 'utf-16be' | 'latin1'; bom: boolean; delimiter: string; quote: string; newline: '\n' | '\r\n' | '\r'; finalNewline: boolean; header: boolean };
  columns: PublicColumn[];
}

/** A request before it is checked: without delta where the number of rows is public, which gives one. */
export type PrivacyWish = Omit<PrivacyRequest, 'delta' | 'unit'> & Partial<Pick<PrivacyRequest, 'delta' | 'unit'>>;

/** A line of the ledger as a report shows it. */
export interface LedgerLine { run: string; at: string; purpose: string; mechanism: string; count: number; sensitivity: number; noise: number; epsilon: number | null }

/** What a report says of privacy that was proven. `statement` is what a user may publish. */
export interface PrivacyReport {
  budget: { epsilon: number; delta: number }; spent: { epsilon: number; delta: number; proof: string };
  unit: PrivacyUnit; adjacency: 'add-remove'; statement: string; lines: LedgerLine[];
  /** What was declared public, and so is not protected. */
  declared: string[];
}
