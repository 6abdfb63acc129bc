import type { DeviceChoice, Figure, MetricInfo, Rule } from '../protocol';
import type { Table } from '../table/table';

/** What metrics are computed from. Tables share one schema and hold only evaluated columns (modelled kinds). */
export interface EvaluationContext {
  /** The rows the generator was fitted on (fit + validation parts). */
  training: Table;
  synthetic: Table;
  /** Real rows the generator never saw. Absent: privacy is not assessable, and fidelity is judged against training and says so. */
  control?: Table;
  /**
   * Columns that tell control rows apart by how the control was taken (the time, where it consists of blocks of time), not by what a generator did.
   * Comparisons with the control leave them out of every table: `controlViewOf`, `controlTables`. At least one column must remain.
   */
  controlWithout?: readonly string[];
  outcome?: { column: string; task: 'classification' | 'regression' };
  /** Columns whose groups are compared; as `outcome`, absent where nothing was declared. */
  sensitive?: readonly string[];
  /** Which value of the outcome counts as the favourable one. */
  positive?: string;
  /** The column that orders rows in time, and the one that says whose they are; both may be left out of the modelled columns' order. */
  order?: string; entity?: string;
  /** The order and entity columns of every table, row for row, of whatever kind they are; present where `order` or `entity` is. */
  keys?: { training: Table; synthetic: Table; control?: Table };
  /** Columns of all tables that are not compared, as far as every table has them: identifiers, personal data, text; row for row. */
  aside?: { training: Table; synthetic: Table; control?: Table };
  /** What was declared to hold in every row, or over the table. */
  rules?: readonly Rule[];
  /** What the fitted model itself says of real rows; present where the model is at hand and has a likelihood. */
  likelihood?: RowLikelihoods;
  seed: number;
  device: DeviceChoice;
  /** Called between blocks of work; throws when cancelled. */
  progress(fraction: number, message?: string): Promise<void>;
  /** Shared intermediate results (encoded matrices, nearest neighbours, trained learners), computed once. */
  shared<T>(key: string, make: () => Promise<T>): Promise<T>;
}

/** log p(row) under the fitted model, in nats, of some training and control rows. */
export type RowLikelihoods = Record<'training' | 'control', { /** where they stand in the table */ rows: Int32Array; nats: Float64Array }>;

export interface MetricEntry { info: MetricInfo; load(): Promise<Metric> }
/**
 * One fold of a cross-fitted release: the rows a model was fitted on, a table it drew, and the rows it never saw. The folds' controls are
 * disjoint and together the whole source.
 */
export interface Fold {
  context: EvaluationContext;
  /** Where the fold's training and control rows stand in the source's modelled columns, in the tables' order. */
  rows: { training: Int32Array; control: Int32Array };
}
export interface Metric {
  compute(context: EvaluationContext): Promise<Figure>;
  /**
   * The figure of a cross-fitted release. `context` holds the released table against the whole source and no control. Absent: a metric that needs the
   * training rows only is computed on `context`, with the folds' mean reference; any other on every fold, and averaged (`poolFigures`).
   */
  cross?(context: EvaluationContext, folds: readonly Fold[]): Promise<Figure>;
}
