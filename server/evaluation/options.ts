import type { DeviceChoice, Suite } from '../protocol';
import type { Table } from '../table/table';
import type { EvaluationContext, Fold, MetricEntry, RowLikelihoods } from './metric';

/** The tables of one fold of a cross-fitted release, and where their real rows stand in the source. */
export interface FoldTables { training: Table; synthetic: Table; control: Table; rows: Fold['rows']; likelihood?: RowLikelihoods }

/** What metrics are computed from: the tables with a cache for what several of them need, and the same for each fold. */
export interface Contexts { context: EvaluationContext; folds?: Fold[] }

/** What is judged, as data. */
export interface Judged extends Pick<EvaluationContext, 'sensitive' | 'positive' | 'order' | 'entity' | 'keys' | 'aside' | 'rules' | 'likelihood'> {
  training: Table; synthetic: Table; control?: Table; controlWithout?: readonly string[];
  /** A cross-fitted release: its folds; `training` is then the whole source, `synthetic` the released table, and there is no `control`. */
  folds?: readonly FoldTables[];
  outcome?: { column: string; task: 'classification' | 'regression' };
  seed: number; device: DeviceChoice;
}

export interface EvaluateOptions extends Judged {
  /** Awaited between blocks of work; throws when cancelled. `fraction` is of the evaluation. */
  progress?(fraction: number, message?: string): Promise<void>;
  /** Which metrics of the registry; default `standard`. */
  suite?: Suite;
  /** Others than the suite's. */
  metrics?: readonly MetricEntry[];
  /** What else is wanted of the contexts, after the metrics that share most with it, while a second thread may still be at others. */
  beside?(contexts: Contexts): Promise<void>;
  /** Told how long the metrics took by the clock, and of a second thread that failed. */
  log?(message: string): void;
  /** The bundle of lanes/lane.ts that may compute beside us; default: the one built beside ours, for tables that are worth it. `null`: none. */
  lane?: string | null;
}
