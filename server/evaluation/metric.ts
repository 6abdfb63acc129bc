import type { DeviceChoice, Figure, MetricInfo } from '../protocol';
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
  seed: number;
  device: DeviceChoice;
  /** Called between blocks of work; throws when cancelled. */
  progress(fraction: number, message?: string): Promise<void>;
  /** Shared intermediate results (encoded matrices, nearest neighbours, trained learners), computed once. */
  shared<T>(key: string, make: () => Promise<T>): Promise<T>;
}

export interface MetricEntry { info: MetricInfo; load(): Promise<Metric> }
export interface Metric { compute(context: EvaluationContext): Promise<Figure> }
