import type { Scratch } from './bytes';
import type { CellCounts } from './bytes-scan';
import type { Dialect, Table } from './table';

export interface ReadOptions {
  /** Whether the first row names the columns; guessed when absent. */
  header?: boolean;
  delimiter?: string;
  /** A header without rows is an error unless this is set. */
  allowEmpty?: boolean;
  signal?: AbortSignal;
  /** 0..1 of the read. */
  progress?: (fraction: number) => void;
  /** Tables of at most this many rows are typed in JavaScript, larger ones in SQL; both give the same table. For tests. */
  smallRows?: number;
}

/** Something met while reading that the user should know; nothing was lost by it. Rows as an editor counts them. */
export interface ReadIssue {
  code: 'encoding' | 'blank-lines' | 'line-ends' | 'names' | 'no-header' | 'mixed-types' | 'mixed-dates' | 'date-order' | 'infinite' | 'big-integers' | 'all-missing' | 'nested';
  message: string; column?: string; row?: number;
}

export interface ReadReport { table: Table; dialect: Dialect; issues: ReadIssue[] }

/** The file's cells as a DuckDB table `raw` of VARCHAR columns c0, c1, ...: null where a cell is empty and unquoted. */
export interface RawTable {
  names: string[];
  /** Where `names` had to differ from the file's own. */
  sourceNames: Array<string | undefined>;
  rows: number;
  dialect: Dialect;
  /** How cells were quoted; delimited files only. */
  counts?: CellCounts[];
  /** Columns in which null stands for this unquoted token instead of an empty cell. */
  bareTokens?: Array<string | undefined>;
  /** Types of a typed file, by column. */
  nativeTypes?: string[];
  /** Line of a data row, for messages. */
  lineOf(row: number): number;
}

export interface RawContext { path: string; file: string; scratch: Scratch; options: ReadOptions; issues: ReadIssue[] }
