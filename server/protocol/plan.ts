/** Plans, progress, runs, and what parent and worker say to each other. Part of the protocol: types only. */
import type { CollapsePlan } from './laboratory';
import type { Origin } from './language';
import type { PrivacyRequest } from './privacy';
import type { RowsAnswer, RowsQuestion } from './rows';
import type { Rule, TargetRequest } from './targets';
import type { ColumnOverride, TableProfile } from './tables';
import type { Figure, PairPicture, ReportData } from './figures';

/** What a run is asked to do. Filled from CLI flags, quick picks or a .synth target; stored in the run's folder. Paths are absolute. */
export interface Plan {
  version: 1;
  purpose: 'release' | 'augmentation' | 'fairness' | 'transfer' | 'completion';
  source: { path: string; bytes: number; modifiedMs: number; sha256: string };
  /** A control table of the user's own; then every row of the source may be fitted. */
  holdout?: { path: string; sha256: string };
  rows?: number;                       // default: as many as the source
  generator: { id: string; parameters: Record<string, unknown> };
  seed: number;
  /** Upper bound on fitting time; turned into a size and a step count before step 0 and recorded in `resolved`. */
  budgetSeconds: number;
  device: DeviceChoice;
  out: string; reportOut?: string;
  columns: Record<string, ColumnOverride>;
  /** Rows of the source (from 0) that are left out, as if they were not in the file. */
  suppress?: number[];
  outcome?: string;
  protection: { enabled: boolean; k: number };
  /** What distribution is asked for; absent: a plain release. `purpose` repeats its own. */
  target?: TargetRequest;
  /** What must hold in the result. */
  rules?: Rule[];
  /** A guarantee to be kept; only generators that declare `differentialPrivacy` take it. */
  privacy?: PrivacyRequest;
  /** Columns whose groups are compared (fairness), in the evaluation too. */
  sensitive?: string[];
  /** Further for the evaluation: the outcome's favourable value, the column that orders rows, the one that says whose they are, and how much is computed. */
  positive?: string; order?: string; entity?: string; suite?: Suite;
  /** What the warm-up decided; *repeat* and *resume* use it and never read the clock. */
  resolved?: Record<string, unknown>;
  /** The device the first fit ran on; *repeat* and *resume* ask for it by name, since another one rounds differently. */
  resolvedDevice?: DeviceInfo['name'];
  /** The declaration in a `.synth` file that this plan was made from. */
  origin?: Origin;
  /** The user allowed `out` and `reportOut` to replace files that are not ours (--force). */
  overwrite?: boolean;
}

/** How much an evaluation computes: what every report has, everything, or whom the table exposes. */
export type Suite = 'standard' | 'full' | 'privacy';

export type DeviceChoice = 'auto' | 'cpu' | 'webgpu' | 'cuda' | 'directml' | 'coreml';
export interface DeviceInfo { name: Exclude<DeviceChoice, 'auto'>; description: string; /** why a better one is not in use */ whyNotBetter?: string }

export type Phase = 'reading' | 'profiling' | 'preparing' | 'warming-up' | 'training' | 'sampling' | 'writing' | 'evaluating' | 'reporting';

export interface Progress {
  phase: Phase;
  /** Of the whole run, 0..1. */
  fraction: number;
  message?: string; secondsLeft?: number; device?: DeviceInfo;
  step?: number; steps?: number; loss?: number; validationLoss?: number;
}

export type RunState = 'queued' | 'running' | 'finished' | 'failed' | 'cancelled' | 'interrupted';

/** A row of `understudy runs`; `run.json` in the run's folder. */
export interface RunRecord {
  id: string; folder: string; kind: 'synthesize' | 'evaluate' | 'collapse' | 'explore'; name?: string; starred?: boolean;
  state: RunState; created: string; started?: string; finished?: string; seconds?: number;
  source: string; out?: string; rows?: number; generator?: string; seed?: number; device?: DeviceInfo;
  /** Names of the source's columns, where they are not too many. */
  columns?: string[];
  versions: Record<string, string>;
  progress?: Progress; pid?: number;
  /** The report as the user sees it, and SHA-256 of both files as we wrote them: a file still equal to it is ours to replace. */
  reportOut?: string; outSha256?: string; reportSha256?: string;
  /** Every table of a run that makes several; `out` is the first. */
  outs?: Array<{ path: string; sha256: string }>;
  /** Of a run under a privacy budget: the report that may be published. */
  publishableOut?: string; publishableSha256?: string;
  /** The privacy budget it was made under. */
  privacy?: { epsilon: number; delta: number };
  error?: { message: string; hint?: string; code: string };
  /** Headline figures by metric id. */
  figures?: Record<string, Figure>;
  /** The report's three sentences, for a list of runs and a terminal. */
  verdicts?: ReportData['verdicts'];
  /** As in the plan: the declaration this run was made for. */
  origin?: Origin;
}

/** parent -> worker */
export type WorkerRequest =
  | { type: 'synthesize'; folder: string; plan: Plan; resume: boolean }
  | { type: 'evaluate'; folder: string; plan: EvaluatePlan }
  | { type: 'collapse'; folder: string; plan: CollapsePlan }
  /** `values`: how many of a column's most frequent values are listed. */
  | { type: 'inspect'; path: string; overrides?: Record<string, ColumnOverride>; values?: number }
  | { type: 'pair'; folder: string; a: string; b: string }
  | { type: 'rows'; path: string; overrides: Record<string, ColumnOverride>; question: RowsQuestion }
  | { type: 'cancel' };
/** worker -> parent */
export type WorkerMessage =
  | { type: 'progress'; progress: Progress }
  | { type: 'profile'; profile: TableProfile }
  | { type: 'pair'; picture: PairPicture }
  | { type: 'rows'; answer: RowsAnswer }
  | { type: 'done'; figures?: Record<string, Figure>; resolved?: Record<string, unknown>; rows?: number; columns?: string[]; out?: string; outs?: RunRecord['outs']; reportOut?: string; outSha256?: string; reportSha256?: string; publishableOut?: string; publishableSha256?: string; device?: DeviceInfo; verdicts?: ReportData['verdicts'] }
  | { type: 'failed'; error: { message: string; hint?: string; place?: { file?: string; row?: number; column?: string }; code: string; stack?: string } }
  | { type: 'log'; level: 'info' | 'warn' | 'error'; message: string };

export interface EvaluatePlan {
  version: 1; real: string; synthetic: string; holdout?: string; outcome?: string; seed: number; device: DeviceChoice;
  columns: Record<string, ColumnOverride>; reportOut?: string; overwrite?: boolean;
  /** As in `Plan`. */
  sensitive?: string[]; positive?: string; order?: string; entity?: string; suite?: Suite; rules?: Rule[];
}
