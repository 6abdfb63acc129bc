import type { z } from 'zod';
import type { Mechanism } from '../privacy/accountant/mechanism';
import type { NoiseSource } from '../privacy/mechanisms/source';
import type { DeviceChoice, DeviceInfo, Progress, TrainingExtras } from '../protocol';
import type { Domains } from '../table/rules/domains';
import type { Table } from '../table/table';

/** What a generator can do beyond rows from p-hat. */
export interface Capabilities { conditional: boolean; missingValues: boolean; sequences: boolean; differentialPrivacy: boolean; exactLikelihood: boolean; exportableSampler: boolean }

/** A registry line: metadata only; `load` brings the code. */
export interface GeneratorEntry {
  id: string; name: string; family: string; summary: string; paper: string; capabilities: Capabilities;
  /** Under a privacy budget it is a function of the columns' noised marginals alone, so that these may cost all of it. */
  marginalsOnly?: true;
  /** What whoever chooses it under a privacy budget should know first, measured; one sentence. */
  underBudget?: string;
  load(): Promise<Generator>;
}

/** A column under differential privacy: everything a generator may know of it before training, all of it declared public or already noised and charged. */
export type PrivateColumn =
  /** Over the schema's categories (`categories()` of the fitted column, in that order), missing cells last: shares after noise, projected to the simplex. */
  | { type: 'category'; shares: number[] }
  /**
   * Values lie in [min, max] (others were clamped). Bin i is edges[i] <= v < edges[i+1], with the noisy share shares[i]; the bins are of about equal mass, but a value that many rows share
   * has a narrow bin of its own. Edges ascend, one more than bins, from at most min to at least max; where the column has a grid (declared decimals, dates) they lie half-way between grid
   * points, so that a uniform draw within a bin, rounded to the grid, stays in it. `missing` is the share of missing cells; shares and `missing` sum to 1.
   */
  | { type: 'number'; min: number; max: number; edges: number[]; shares: number[]; missing: number };

/**
 * A guarantee to be kept by a fit. The fit then sees every row (there is no validation and no control), learns nothing of a column but `columns` except through `charge`d mechanisms, takes batches by Poisson sampling, and does not
 * choose by looking: no early stopping, no best weights, no published losses.
 */
export interface PrivateFit {
  /** The number of rows, declared public or noised: rates and expected batch sizes are computed from it, never from `fit.rows`. */
  rows: number;
  /** The budget, for messages and for shares of it; what a fit may spend is `left`. */
  epsilon: number; delta: number;
  /**
   * What is left of it (filter.ts): mechanisms' precisions add up, however they are chosen. `precision`: the sum of 1 / sigma^2 of Gaussian noise; `slack`: what the next nearly Gaussian mechanism (a training, a histogram) may fail to be one with,
   * halved for each after it; `contexts`: the delta of a selection of its own.
   */
  left: { precision: number; slack: number; contexts: number };
  columns: Readonly<Record<string, PrivateColumn>>;
  /** Batch membership, noise and initial weights come from here alone; its key is never stored. */
  noise: NoiseSource;
  /** Writes to the ledger, before the noise is drawn. @throws BudgetExhausted: training ends with the last valid model */
  charge(what: { purpose: string; mechanism: Mechanism; count: number; /** of how many, where this is a piece: all count from the first on */ of?: number; sensitivity: number; noise: number }): Promise<void>;
}

/** Everything a fit may use. The tables hold only modelled columns; value protection has been prepared by the caller as the schema's domain. */
export interface FitContext {
  fit: Table;
  /** For early stopping and choices; disjoint from `fit` and from the control. */
  validation: Table;
  /** The column the user means to predict (declared or guessed), for generators that treat it apart: classes, conditions, auxiliary losses. */
  outcome?: string;
  /**
   * What a missing cell is. `modelled` (default): a value of its own, drawn like others. `unobserved`: a value that was not seen, which is masked wherever it would be an input and adds nothing to the loss
   * (multiple imputation); only for generators whose fitted form has `impute`.
   */
  missing?: 'modelled' | 'unobserved';
  /** Columns that rows will be asked for given their values: a generator that draws in an order does well to draw these first, in this one. */
  first?: readonly string[];
  seed: number;
  device: DeviceChoice;
  budgetSeconds: number;
  /** Value protection: a value found in fewer than k fitting rows is never emitted verbatim. */
  protection: { enabled: boolean; k: number };
  /** Absent: no guarantee was asked for. */
  privacy?: PrivateFit;
  /** Decisions of an earlier run of the same plan; when given, the clock is not read. */
  resolved?: Record<string, unknown>;
  /** The bytes an earlier, interrupted fit gave to `checkpoint`. */
  resume?: Uint8Array;
  /** Called at least twice a second during long work; throws when the user cancelled. `fraction` is of the fit. */
  progress(p: Pick<Progress, 'phase' | 'fraction' | 'message' | 'secondsLeft' | 'device' | 'step' | 'steps' | 'loss' | 'validationLoss'>): Promise<void>;
  /** Offers state to resume from; awaits the write. Called every few seconds. */
  checkpoint(state: Uint8Array, resolved: Record<string, unknown>): Promise<void>;
}

export interface Generator {
  readonly parameters: z.ZodObject;
  /**
   * What a fit under a privacy budget could not do, found before anything is charged for, and settings that would mean nothing there.
   * @param given the settings as the user gave them, of which none is refused that was not named @param columns those that are learnt
   * @throws UserError (usage) with the reason
   */
  assertPrivately?(given: Readonly<Record<string, unknown>>, columns: readonly string[]): void;
  fit(context: FitContext, parameters: Record<string, unknown>): Promise<FittedGenerator>;
  /** From the bytes of `FittedGenerator.save`. */
  load(bytes: Uint8Array, device: DeviceChoice): Promise<FittedGenerator>;
}

export interface TrainingCurve extends TrainingExtras { steps: number[]; loss: number[]; validationSteps: number[]; validation: number[]; stoppedAt?: number; note?: string }

/** Which cells of some columns may stand in one row. */
export interface Together { columns: readonly string[]; /** 1 for every row of a table of these columns that may be drawn, each looked at by itself. */ allows(rows: Table): Uint8Array }

export interface SampleOptions {
  seed: number; given?: Table; progress?: (done: number) => Promise<void>;
  /** A generator may leave out while it draws what these forbid; whoever asks checks whole rows all the same. The same array for every call of one kind: programs are kept by it. */
  together?: readonly Together[];
}

/** Rows of a few columns, drawn within domains step by step. */
export interface Proposal {
  /**
   * Log of the probability that the domains (and what may not stand together) left at each step, summed over the columns: rows chosen in proportion to exp(logWeight) follow the generator's law within the
   * domains, which rows truncated step by step do not.
   */
  logWeight: Float64Array;
  /** The cells of these rows (repeats allowed; a number inside an interval is drawn anew every time). Numbers may still lie beyond a domain's end, inside the code that straddles it. */
  cells(rows: Int32Array, seed: number): Table;
}

export interface FittedGenerator {
  readonly device: DeviceInfo;
  readonly resolved: Record<string, unknown>;
  readonly curve?: TrainingCurve;
  /**
   * Same seed, same rows, whatever the chunking. Columns as in the fitted table.
   * `given` holds `rows` rows of some of the columns (same schemas, values and categories of the fitted table): row i is then drawn from the
   * conditional given row i of it, and repeats its cells exactly. Only where `capabilities.conditional`; `canCondition` says on which columns.
   * @throws UserError (usage) naming the column where a condition cannot be met: a column not fitted, a category never seen.
   */
  sample(rows: number, options: SampleOptions): Promise<Table>;
  /** The columns in the order that was learnt best: what is drawn column by column is drawn so where it can be. Absent: there is none. */
  readonly order?: readonly string[];
  /**
   * Draws only these columns, in this order (of which rows given them are then the continuation), each within its domain where it has one, and what may not stand `together` never. Absent: the
   * generator cannot.
   */
  propose?(columns: readonly string[], rows: number, options: { seed: number; within?: Domains; together?: readonly Together[]; progress?: (done: number) => Promise<void> }): Promise<Proposal>;
  /** Fills the missing cells of a table of the fitted columns, row by row from the conditional given the row's other cells, which stay as they are. Only after a fit with `missing: 'unobserved'`. */
  impute?(table: Table, options: { seed: number; progress?: (done: number) => Promise<void> }): Promise<Table>;
  /** Whether `given` may hold exactly these columns; absent: any. */
  canCondition?(columns: readonly string[]): boolean;
  /** Only where `capabilities.exactLikelihood`. */
  readonly likelihood?: {
    /** Rows that may be asked about in a reasonable time. */
    rows: number;
    /**
     * log p(row) in nats of every row of a table of the fitted columns, prepared as the fitted table was (value protection): of the row as the model sees it, so that numbers count as the codes,
     * bins or normal scores that they are encoded as. Values never fitted count as what they are encoded as. Nothing is drawn but by `seed`.
     */
    of(table: Table, options: { seed: number; progress?: (done: number) => Promise<void> }): Promise<Float64Array>;
  };
  save(): Uint8Array;
  dispose(): Promise<void>;
}
