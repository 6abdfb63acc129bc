/** A question about a table's rows that its profile cannot answer, asked while a `.synth` file is edited. Part of the protocol: types only. */
import type { Condition } from './targets';

export interface RowsQuestion {
  /** How many rows meet this. */
  condition?: Condition;
  /** Which columns tell this one by themselves. */
  outcome?: string;
}
export interface RowsAnswer {
  rows: number;
  /** Rows that meet the condition; absent where the column cannot hold what it asks for. */
  count?: number;
  /** Columns that tell the outcome, the surest first. `share`: of what there is to be told, judged on rows apart from those it was learnt on. */
  tells?: Array<{ column: string; share: number }>;
}
