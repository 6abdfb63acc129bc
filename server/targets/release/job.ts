import type { FoldTables } from '../../evaluation/evaluate';
import type { RowLikelihoods } from '../../evaluation/metric';
import type { TrainingCurve } from '../../generators/generator';
import type { NoiseSource } from '../../privacy/mechanisms/source';
import type { DeviceInfo, PrivacyReport, PrivacyRequest, TableProfile } from '../../protocol';
import type { Table } from '../../table/table';
import type { ProgressMeter } from '../progress';
import type { ControlWithout } from './parts';
import type { Written } from './output';
import type { Domain } from './private/domain';

/** What the release needs of the job it runs in. */
export interface ReleaseJob {
  /** The run's id: marks its temporary files. */
  id: string;
  meter: ProgressMeter;
  /** Awaited between pieces of work; throws once the user cancelled. */
  breathe(): Promise<void>;
  profiled(profile: TableProfile): void;
  log(message: string): void;
  /** The decisions of the fit's warm-up, to be kept with the plan; called whenever they changed. */
  decided(resolved: Record<string, unknown>, device: DeviceInfo | undefined): Promise<void>;
  /** Whether a file that lies under an output's name may be replaced. */
  mayReplace(path: string): Promise<boolean>;
  /** Files of the run's folder. */
  files: { checkpoint: string; model: string; curve: string; synthetic: string };
  /** Whether an earlier attempt of the same run left something to go on from. */
  resume: boolean;
  /** For a release under a privacy budget. */
  privacy?: {
    /** The folder of ledgers, and the file that keeps what this run has released of the table. */
    ledger: string; domain: string;
    /** The request with what was found to be declared by it; to be kept with the plan. */
    declared(request: PrivacyRequest): Promise<void>;
    /** In tests alone. */
    noise?: NoiseSource;
  };
}

/** What the evaluation takes over, all restricted to the modelled columns. */
export interface Released {
  training: Table; synthetic: Table; control?: Table;
  /** Rows of the source that `training` holds. */
  trainingRows: Int32Array;
  /** Where the control comes from, in words. */
  controlHow: string;
  /** Columns to leave out of comparisons with the control. */
  controlWithout?: ControlWithout;
  /** Of a cross-fitted release: what each model learnt, a table it drew, and the rows it never saw, which are its control; then `control` is absent. */
  folds?: FoldTables[];
  /** What the model says of training and control rows, where its generator has a likelihood and there is a control. */
  likelihood?: RowLikelihoods;
  /** The columns that order rows and say whose they are, where some were named. */
  keys?: { training: Table; synthetic: Table; control?: Table };
  source: { rows: number; columns: number };
  profile: TableProfile;
  outcome?: { column: string; guessed: boolean };
  curve?: TrainingCurve; device: DeviceInfo;
  /** Where the synthetic table is, how many rows it has, and the SHA-256 of its bytes. */
  out: string; rows: number; outSha256: string;
  /** Every table written, where there are several; the first is `out`. */
  outs?: Written[];
  /** The generator that made it: the plan's, or what `auto` came to. */
  generator: string;
  notes: string[];
  /** Of a release under a privacy budget: what was proven, and all that was released of the table before training. */
  proof?: PrivacyReport; domain?: Domain;
}

