import type { DeviceChoice, Figure, MetricInfo } from '../protocol';
import type { Table } from '../table/table';

/** What metrics are computed from. Tables share one schema and hold only evaluated columns (modelled kinds). */
export interface EvaluationContext {
  /** The rows the generator was fitted on (fit + validation parts). */
  training: Table;
  synthetic: Table;
  /** Real rows the generator never saw. Absent: privacy is not assessable, and fidelity is judged against training and says so. */
  control?: Table;
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
