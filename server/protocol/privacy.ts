/** Differential privacy as a user asks for it and reads it. Part of the protocol: types only. */

/** Whose presence is hidden: one row, or all rows that share a value of `entity`. */
export type PrivacyUnit = 'row' | { entity: string };

/** What a user asks for; in the plan. Epsilon is the total for the source with all its releases so far (the ledger's), delta below 1/rows. */
export interface PrivacyRequest {
  epsilon: number; delta: number; unit: PrivacyUnit;
  /** What the user declares to be public knowledge of the table, so that it costs nothing: the row count; the columns' kinds, decimals and formats; the outcome. Column domains are declared as overrides (`domain`). */
  publicRows?: number;
}

/** A line of the ledger as a report shows it. */
export interface LedgerLine { run: string; at: string; purpose: string; mechanism: string; count: number; sensitivity: number; noise: number; epsilon: number | null }

/** What a report says of privacy that was proven. `statement` is what a user may publish. */
export interface PrivacyReport {
  budget: { epsilon: number; delta: number }; spent: { epsilon: number; delta: number; proof: string };
  unit: PrivacyUnit; adjacency: 'add-remove'; statement: string; lines: LedgerLine[];
  /** What was declared public, and so is not protected. */
  declared: string[];
}
