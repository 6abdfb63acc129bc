/** What a purpose is to the run that carries it out: what is made ready before the fit, how rows are drawn from fitted generators, and what is said of the result. */
import type { Figure, MetricInfo, Plan, Rule, TargetRequest } from '../protocol';
import type { Table } from '../table/table';
import type { How, Model } from './conditions/draw';
import type { Parts } from './release/parts';

/** What is known once the source has been read and divided. */
export interface Before {
  plan: Plan;
  /** The whole source, all kinds of columns; and its parts, modelled columns only. */
  source: Table; parts: Parts;
  outcome?: string;
  rules: readonly Rule[];
  /** Another table of the user's: the named columns (default: all learnt ones) as the source has them. @throws UserError */
  read(path: string, columns?: readonly string[]): Promise<Table>;
  /** Real rows kept from the fit, for what a purpose must measure on unseen rows; with cross-fitting, none. */
  control?: Table;
  log(message: string): void;
  progress(fraction: number, message?: string): Promise<void>;
}

/** Which part of a release a model draws: the `fold`-th of `folds`, of release `release` (all from 0). */
export interface Share { fold: number; folds: number; release: number }

/** Something that was drawn, with a name for messages, and how. */
export interface Fact { name: string; rows: number; how: How }

export interface Draw {
  table: Table; facts: Fact[];
  /** Rows to go to the evaluation in its place, where that is not what is written. */
  judged?: Table;
}

export interface Ready {
  /** Tables to be written, each from fits of its own. */
  releases: number;
  /** Whether each is refitted on a bootstrap sample of the rows ("proper"), so that the spread between tables holds what is uncertain about the generator too. */
  proper: boolean;
  /** What is learnt, where it is not the source as it is. */
  parts?: Parts;
  /** A missing cell is a value not seen, rather than a value of its own. */
  missing?: 'unobserved';
  /** Columns that rows are drawn given: to be learnt as the first of the order they are drawn in. Absent where the order that is learnt best serves. */
  first?: readonly string[];
  /** False where real cells go out by design, and protecting values would only blur what was learnt. */
  protection?: false;
  draw(model: Model, share: Share, options: { seed: number; progress(done: number): Promise<void>; breathe(): Promise<void> }): Promise<Draw>;
  /** The table to write, where it is not the drawn columns with fresh identifiers beside them. */
  compose?(drawn: Table, release: number): Promise<Table>;
  /** Rows of a real table that the result is to be compared with. Absent: all. */
  comparable?(real: Table): Int32Array;
  /** Figures and notes on whether the target was hit. `whole`: the first table as written. */
  conclude?(result: { whole: Table; synthetic: Table; tables: readonly Table[]; facts: readonly Fact[]; /** Of a cross-fitted run: what each model learnt, drew and never saw. */ folds?: ReadonlyArray<{ synthetic: Table; training: Table; control: Table }> }): Promise<Concluded>;
}
export interface Concluded { figures: Figure[]; notes: string[] }

export interface Purpose<R extends TargetRequest = TargetRequest> {
  /** @throws UserError for a request that the table cannot answer, before anything is fitted */
  prepare(request: R, before: Before): Promise<Ready>;
}

/** What the registry says of a figure of this family. */
export const targetInfo = (id: string, name: string, definition: string, more: Partial<MetricInfo> = {}): MetricInfo =>
  ({ id, name, family: 'target', range: [0, 1], better: 'higher', unit: 'share', definition, paper: '', needs: [], ...more });
