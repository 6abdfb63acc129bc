/** What distribution is asked for: the five purposes (Table 1 of the statistical review), as a `.synth` target, a flag or a quick pick fills them. Part of the protocol: types only. */
import type { PrivacyRequest } from './privacy';

/** A value as it is written in the file (a lexeme), so that categories, numbers and dates need no second notation. */
export type Lexeme = string;
export type Comparison = '<' | '<=' | '=' | '!=' | '>=' | '>';

/** An expression over a row's numbers: what rules compare. */
export type RowExpression =
  | { type: 'column'; column: string } | { type: 'value'; value: Lexeme }
  | { type: 'arithmetic'; op: '+' | '-' | '*' | '/'; left: RowExpression; right: RowExpression };

/** A condition on one row. */
export type Condition =
  | { type: 'compare'; op: Comparison; left: RowExpression; right: RowExpression }
  | { type: 'in'; column: string; values: Lexeme[]; negated?: boolean }
  /** Both ends included unless said. */
  | { type: 'range'; column: string; min?: Lexeme; max?: Lexeme; openMin?: boolean; openMax?: boolean }
  | { type: 'missing'; column: string; negated?: boolean }
  | { type: 'and' | 'or'; of: Condition[] } | { type: 'not'; of: Condition };

/** What must hold in every row, or over the table. */
export type Rule = { name: string } & (
  | { type: 'row'; condition: Condition; /** rows this applies to */ where?: Condition }
  | { type: 'unique'; columns: string[] }
  | { type: 'determines'; from: string[]; to: string[] }
  /** Only combinations of values that occur in the source. */
  | { type: 'combinations'; columns: string[] }
  | { type: 'format'; column: string; pattern: string }
);

/** Rows of a kind, so many or such a share of the whole. */
export interface Stratum {
  where: Condition; rows?: number; share?: number;
  /** One stratum of `rows` for each combination of these columns' values that the source has (within `where`). */
  per?: string[];
}

export type TargetRequest =
  | { purpose: 'release'; releases?: number; /** Each of several from a refit of its own; absent: so, but under a privacy budget from one model. */ proper?: boolean; privacy?: PrivacyRequest }
  | { purpose: 'augmentation'; strata: Stratum[]; /** Marginals to hit: raking of a column to another table's. */ like?: Array<{ column: string; path: string }>; balance?: Array<{ column: string; shares: Record<Lexeme, number> }>; /** Real rows go out with the synthetic ones. */ beside?: boolean }
  | { purpose: 'fairness'; criterion: 'demographic_parity' | 'equal_opportunity' | 'equalised_odds'; outcome: string; positive: Lexeme; sensitive: string[]; within: number; level: 'data' | 'model'; /** Columns through which the sensitive one may act. */ permitted?: string[]; keepUtility?: number }
  | { purpose: 'transfer'; to: string; labels: 'none' | 'some'; outcome?: string; using: 'importance' | 'optimal_transport' }
  | { purpose: 'completion'; task: 'impute'; columns: string[]; releases: number; proper: boolean }
  | { purpose: 'completion'; task: 'forecast'; steps: number; by?: string; order: string; given?: Record<string, Lexeme> };
