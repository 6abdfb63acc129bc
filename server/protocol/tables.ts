/** Tables and their profiles. Part of the protocol: types only. */
/** What a column is, and so how it is modelled and written. */
export type Kind =
  | 'integer' | 'real' | 'boolean' | 'category' | 'ordinal'
  | 'date' | 'time' | 'datetime'
  | 'identifier' | 'personal' | 'text' | 'constant';

/** Kinds of personal data recognised by format and name. */
export type PersonalKind = 'email' | 'name' | 'phone' | 'iban' | 'ip' | 'address' | 'url' | 'credit-card' | 'ssn' | 'uuid';

/** What the user said about a column; absent fields are inferred. */
export interface ColumnOverride {
  kind?: Kind; drop?: boolean; domain?: { min?: number; max?: number; values?: string[] }; decimals?: number;
  /** Cells that say so are missing. */
  missing?: string[];
  /** Numbers, dates and times are rounded to multiples of this before anything is learnt (days for dates, milliseconds for times). */
  step?: number;
  /** Categories that become one, "other", before anything is learnt. */
  merge?: string[];
}

export type Severity = 'error' | 'warning' | 'information';

/** Something a user should know about a column before fitting, with what can be done about it. */
export interface ColumnWarning {
  code: 'identifier' | 'text' | 'nearly-unique' | 'constant' | 'personal' | 'mostly-missing' | 'mixed-types' | 'many-categories' | 'all-missing';
  severity: Severity; message: string; suggestion?: string;
}

/** One column as `inspect` shows it. */
export interface ColumnProfile {
  name: string; index: number; kind: Kind; personal?: PersonalKind;
  /** How it will be modelled, in words: "41 categories", "64 quantile bins of 2,310 values", "fresh e-mail addresses, never learnt". */
  modelledAs: string;
  rows: number; missing: number; distinct: number; missingToken?: string;
  format?: string;
  /** For numeric and temporal kinds, in the file's own format. */
  min?: string; max?: string; mean?: number; sd?: number;
  /** Most frequent values with counts (categorical kinds; numeric with few values). Never for personal data. */
  top?: Array<{ value: string; count: number }>;
  /** Of an ordinal column: its values on their scale, lowest first. */
  order?: string[];
  /** Equal-width histogram of numeric kinds: edges has one more element than counts. */
  histogram?: { edges: number[]; counts: number[] };
  warnings: ColumnWarning[];
}

export interface TableProfile {
  path: string; format: TableFormat; bytes: number; rows: number; columns: ColumnProfile[];
  dialect?: { delimiter: string; quote: string; encoding: string; bom: boolean; newline: string; header: boolean };
  outcome?: { column: string; guessed: boolean; why: string };
  estimate?: { seconds: number; memoryBytes: number; why: string };
  /** The generator that `--generator auto` would take, and why. */
  auto?: { generator: string; why: string };
  /** The table is itself synthetic, by all that is known: a sentence that says why. Also the first of the notes. */
  standIn?: string;
  notes: string[];
  /** Exact relations between columns that hold in every row; each is also a note. */
  relations?: ColumnRelation[];
}
/** Equal columns; the first never above the second; the first the sum of the others; the first determines the second. */
export interface ColumnRelation { type: 'equal' | 'at-most' | 'sum' | 'determines'; columns: string[]; sentence: string }

export type TableFormat = 'csv' | 'tsv' | 'csv.gz' | 'parquet' | 'jsonl' | 'arrow';
