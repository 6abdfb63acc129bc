/**
 * Every message and stored record that crosses a process boundary: extension <-> server <-> worker <-> webview <-> disk.
 * Types only; plain JSON; a file that imports this imports no code.
 */

// ---------------------------------------------------------------- tables and profiles

/** What a column is, and so how it is modelled and written. */
export type Kind =
  | 'integer' | 'real' | 'boolean' | 'category' | 'ordinal'
  | 'date' | 'time' | 'datetime'
  | 'identifier' | 'personal' | 'text' | 'constant';

/** Kinds of personal data recognised by format and name. */
export type PersonalKind = 'email' | 'name' | 'phone' | 'iban' | 'ip' | 'address' | 'url' | 'credit-card' | 'ssn' | 'uuid';

/** What the user said about a column; absent fields are inferred. */
export interface ColumnOverride { kind?: Kind; drop?: boolean; domain?: { min?: number; max?: number; values?: string[] } ; decimals?: number }

export type Severity = 'error' | 'warning' | 'information';

/** Something a user should know about a column before fitting, with what can be done about it. */
export interface ColumnWarning {
  code: 'identifier' | 'text' | 'nearly-unique' | 'constant' | 'personal' | 'mostly-missing' | 'mixed-types' | 'many-categories' | 'all-missing';
  severity: Severity; message: string; suggestion?: string;
}

/** One column as `inspect` shows it. */
export interface ColumnProfile {
  name: string; index: number; kind: Kind; personal?: PersonalKind;
  /** How it will be modelled, in words: "41 categories", "64 quantile bins of 2,310 values", "fresh e-mail addresses, never learnt". */
  modelledAs: string;
  rows: number; missing: number; distinct: number; missingToken?: string;
  format?: string;
  /** For numeric and temporal kinds, in the file's own format. */
  min?: string; max?: string; mean?: number; sd?: number;
  /** Most frequent values with counts (categorical kinds; numeric with few values). Never for personal data. */
  top?: Array<{ value: string; count: number }>;
  /** Equal-width histogram of numeric kinds: edges has one more element than counts. */
  histogram?: { edges: number[]; counts: number[] };
  warnings: ColumnWarning[];
}

export interface TableProfile {
  path: string; format: TableFormat; bytes: number; rows: number; columns: ColumnProfile[];
  dialect?: { delimiter: string; quote: string; encoding: string; bom: boolean; newline: string; header: boolean };
  outcome?: { column: string; guessed: boolean; why: string };
  estimate?: { seconds: number; memoryBytes: number; why: string };
  /** The generator that `--generator auto` would take, and why. */
  auto?: { generator: string; why: string };
  notes: string[];
}

export type TableFormat = 'csv' | 'tsv' | 'csv.gz' | 'parquet' | 'jsonl' | 'arrow';

// ---------------------------------------------------------------- plan, progress, run

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
  outcome?: string;
  protection: { enabled: boolean; k: number };
  /** What the warm-up decided; *repeat* and *resume* use it and never read the clock. */
  resolved?: Record<string, unknown>;
  /** The device the first fit ran on; *repeat* and *resume* ask for it by name, since another one rounds differently. */
  resolvedDevice?: DeviceInfo['name'];
  /** The user allowed `out` and `reportOut` to replace files that are not ours (--force). */
  overwrite?: boolean;
}

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
  id: string; folder: string; kind: 'synthesize' | 'evaluate'; name?: string; starred?: boolean;
  state: RunState; created: string; started?: string; finished?: string; seconds?: number;
  source: string; out?: string; rows?: number; generator?: string; seed?: number; device?: DeviceInfo;
  versions: Record<string, string>;
  progress?: Progress; pid?: number;
  /** The report as the user sees it, and SHA-256 of both files as we wrote them: a file still equal to it is ours to replace. */
  reportOut?: string; outSha256?: string; reportSha256?: string;
  error?: { message: string; hint?: string; code: string };
  /** Headline figures by metric id. */
  figures?: Record<string, Figure>;
  /** The report's three sentences, for a list of runs and a terminal. */
  verdicts?: ReportData['verdicts'];
}

/** parent -> worker */
export type WorkerRequest =
  | { type: 'synthesize'; folder: string; plan: Plan; resume: boolean }
  | { type: 'evaluate'; folder: string; plan: EvaluatePlan }
  | { type: 'inspect'; path: string; overrides?: Record<string, ColumnOverride> }
  | { type: 'pair'; folder: string; a: string; b: string }
  | { type: 'cancel' };
/** worker -> parent */
export type WorkerMessage =
  | { type: 'progress'; progress: Progress }
  | { type: 'profile'; profile: TableProfile }
  | { type: 'pair'; picture: PairPicture }
  | { type: 'done'; figures?: Record<string, Figure>; resolved?: Record<string, unknown>; rows?: number; out?: string; reportOut?: string; outSha256?: string; reportSha256?: string; device?: DeviceInfo; verdicts?: ReportData['verdicts'] }
  | { type: 'failed'; error: { message: string; hint?: string; place?: { file?: string; row?: number; column?: string }; code: string; stack?: string } }
  | { type: 'log'; level: 'info' | 'warn' | 'error'; message: string };

export interface EvaluatePlan {
  version: 1; real: string; synthetic: string; holdout?: string; outcome?: string; seed: number; device: DeviceChoice;
  columns: Record<string, ColumnOverride>; reportOut?: string; overwrite?: boolean;
}

// ---------------------------------------------------------------- figures and the report

export type MetricFamily = 'fidelity' | 'utility' | 'privacy' | 'fairness' | 'structure' | 'collapse';
export type Verdict = 'good' | 'fair' | 'poor' | 'undecided' | 'not-assessable';

/** What the registry says of a metric; the report shows it beside the figure. */
export interface MetricInfo {
  id: string;                          // e.g. "fidelity.shapes"
  name: string; family: MetricFamily;
  range: [number, number]; better: 'higher' | 'lower' | 'target'; target?: number;
  unit?: 'share' | 'seconds' | 'score';
  definition: string;                  // plain words, one or two sentences, with the sample it is taken over
  paper: string;
  needs: Array<'holdout' | 'outcome' | 'training'>;
  /** `on` names the detail that the thresholds judge where it is not the value itself (e.g. `excess`); the report then draws no bands on the value. */
  threshold?: { good: number; fair: number; why: string; on?: string };
}

/** A number with what is needed to defend it. */
export interface Figure {
  metric: string;
  value: number | null;                // null: not assessable, and `note` says why
  /** 95% unless `level` says otherwise. `method` names how it was obtained. */
  interval?: { low: number; high: number; level: number; method: string };
  /** The same quantity for real data: the holdout in the synthetic table's place. */
  reference?: { label: string; value: number; interval?: [number, number] };
  samples: Record<string, number>;     // { synthetic: 32561, holdout: 16281 }
  verdict: Verdict;
  note?: string;
  /** Extra scalars: e.g. smallest leak that could have been seen, train-on-real score. */
  detail?: Record<string, number | string>;
}

/** Shares, not counts, so that tables of different sizes overlay. Missing is a share of its own. */
export type ColumnPicture =
  | { type: 'histogram'; edges: number[]; edgeLabels?: string[]; real: number[]; synthetic: number[]; holdout?: number[]; missing: { real: number; synthetic: number; holdout?: number } }
  | { type: 'bars'; labels: string[]; real: number[]; synthetic: number[]; holdout?: number[]; missing: { real: number; synthetic: number; holdout?: number } }
  | { type: 'none'; why: string };

export interface ColumnReport {
  name: string; kind: Kind; modelledAs: string;
  /** Place in the source file, from 0; the report offers file order by it. */
  position?: number;
  /** SDMetrics column shape in [0,1] against the real table, and the holdout's own. Null where not modelled. */
  score: number | null; referenceScore?: number; metric?: 'KSComplement' | 'TVComplement';
  wasserstein?: number; jensenShannon?: number;
  picture: ColumnPicture;
  /** How far the score falls short: against the control's own where there is one, else against the thresholds of `fidelity.shapes`. Absent where not scored. */
  verdict?: Verdict;
  /** Plain words on what falls short, worst first. */
  findings: string[];
  warnings: ColumnWarning[];
}

/** Square matrices in row-major order over `columns`; NaN travels as null. */
export interface PairReport {
  columns: string[];
  real: Array<number | null>; synthetic: Array<number | null>; score: Array<number | null>; referenceScore?: Array<number | null>;
  /** Which statistic a cell holds: 'c' correlation, 'v' contingency, as SDMetrics chooses by the two kinds. */
  statistic: string;
}

/** How one column of a pair is divided: bins of equal width (`labels` names the edges, one more than there are bins; the outermost hold what lies beyond too) or values. */
export interface PairAxis { name: string; kind: Kind; type: 'bins' | 'values'; labels: string[] }

/**
 * Two columns together, as counts over a grid in row-major order (`y` by `x`). A cell that fewer than `least` rows share holds 0 and its rows are in
 * `hidden`: a picture that travels must not single anyone out. The same rule for all tables, so that they compare. Rows where either is missing are in `missing`.
 */
export interface PairPicture {
  x: PairAxis; y: PairAxis; least: number;
  real: PairCounts; synthetic: PairCounts; holdout?: PairCounts;
}
export interface PairCounts { cells: number[]; rows: number; missing: number; hidden: number }

/** What a reader should do about the result, most pressing first: why, and how, here (an editor command) and in a terminal. */
export interface NextStep {
  title: string; why: string;
  /** One of ours, without `understudy.`; arguments are the report's own files. */
  command?: { id: 'synthesize' | 'evaluate' | 'inspect' | 'openSynthetic'; title: string };
  terminal?: string;
}

export interface DistanceReport {
  /** Histograms over common edges of nearest-record distances. */
  edges: number[];
  syntheticToTraining: number[]; controlToTraining?: number[];
  quantiles: Array<{ q: number; synthetic: number; control?: number }>;
  metric: string;
}

export interface ReportData {
  version: 1;
  title: string; created: string;
  run?: { id: string; seed: number; generator: string; seconds: number; device?: DeviceInfo; versions: Record<string, string> };
  source: { path: string; rows: number; columns: number }; synthetic: { path: string; rows: number }; control?: { path?: string; rows: number; how: string };
  outcome?: { column: string; guessed: boolean; task: 'classification' | 'regression' };
  /** In order fidelity, utility, privacy: the three sentences a reader sees first. */
  verdicts: Array<{ family: MetricFamily; verdict: Verdict; sentence: string; reasons: string[] }>;
  metrics: Record<string, MetricInfo>;
  figures: Figure[];
  columns: ColumnReport[];             // worst first
  pairs?: PairReport;
  /** Pictures of the pairs with the lowest scores, worst first; any other is made on request from the run's tables. */
  pairPictures?: PairPicture[];
  next?: NextStep[];
  distances?: DistanceReport;
  training?: { steps: number[]; loss: number[]; validationSteps: number[]; validation: number[]; stoppedAt?: number; note?: string };
  notes: string[];
}

// ---------------------------------------------------------------- what the editor shows on a delimited file

/** A file as it was when a run read or wrote it; equal size and time mean the same file, else the hash decides. */
export interface FileMark { path: string; bytes: number; modifiedMs: number; sha256: string }

/** `inline.json` in a run's folder: what of its report the editor shows on the tables themselves, small enough to be read at a glance. */
export interface InlineReport {
  version: 1;
  real: FileMark; synthetic: FileMark;
  delimiter?: string; header?: boolean;
  created: string;
  rows: { real: number; synthetic: number; control?: number };
  verdicts: ReportData['verdicts']; figures: Figure[];
  columns: Array<ColumnReport & { /** the pair of this column that is kept worst */ weakest?: { column: string; score: number } }>;
  /** Rows marked in `copies.bin`, and those left out because several real rows say the same. */
  copies?: { exact: number; near: number; common: number };
  trainingNote?: string;
}

/** Asked of a table by uri, version and what is visible; its text never travels. */
export interface InlineQuery {
  uri: string; version: number;
  /** The document has changes that are not on disk. */
  dirty: boolean;
  /** `editor.inlayHints.maximumLength` for the document: the editor cuts a line's hints there; 0 never, -1 no hints at all. */
  hintLimit?: number;
}
/** Lines from 0, characters in UTF-16 units, ends exclusive, as in the Language Server Protocol. */
export interface TextSpan { line: number; start: number; endLine: number; end: number }
/** A command is one of ours, without the prefix; codicons as $(name). */
export interface InlineLens { title: string; tooltip?: string; command: string; arguments: unknown[] }
export interface InlineHint { line: number; character: number; label: string; tooltip: string }
export interface InlineDiagnostic { span: TextSpan; column: string; severity: 'warning' | 'information'; message: string; /** Numbers, which might be codes: declaring the column a category is worth a try. */ codes?: boolean; related?: { path: string; span: TextSpan; message: string } }
/** All lenses stand over the first line. `state`: whether what is known is of the file as it is now. */
export interface InlineAnswer { role: 'synthetic' | 'real' | 'other'; state: 'fresh' | 'stale' | 'none'; run?: string; lenses: InlineLens[]; hints: InlineHint[]; diagnostics: InlineDiagnostic[] }

export interface InlineMarksQuery extends InlineQuery { /** Visible lines, both included. */ visible: Array<[from: number, to: number]> }
/** A row that copies a real one. `chance`: there are no more such rows than chance explains. */
export interface InlineMark { line: number; endLine: number; kind: 'exact' | 'near'; chance?: boolean; note: string; message: string }

export interface InlineHoverQuery extends InlineQuery { line: number; character: number; theme: 'light' | 'dark' | 'hc-light' | 'hc-dark'; /** What the user said of the table's columns. */ overrides?: Record<string, ColumnOverride> }
/** Markdown in which nothing from the file is markup; the picture is an SVG drawn for the theme. */
export interface InlineHover { span: TextSpan; markdown: string }

// ---------------------------------------------------------------- editor <-> server (custom LSP requests) and webview

/** Method names of the custom requests, with parameter and result types. */
export interface Requests {
  'understudy/inspect': [{ path: string; overrides?: Record<string, ColumnOverride> }, TableProfile];
  'understudy/synthesize': [SynthesizeRequest, RunRecord];
  'understudy/evaluate': [Omit<EvaluatePlan, 'version'> & { folder?: string }, RunRecord];
  'understudy/cancel': [{ id: string }, null];
  'understudy/resume': [{ id: string; folder: string }, RunRecord];
  'understudy/runs': [{ folder: string }, RunRecord[]];
  'understudy/report': [{ folder: string }, ReportData];
  'understudy/pair': [{ folder: string; a: string; b: string }, PairPicture];
  'understudy/repeat': [{ id: string; folder: string }, RunRecord];
  'understudy/delete': [{ id: string; folder: string }, null];
  'understudy/inline': [InlineQuery, InlineAnswer];
  'understudy/inlineMarks': [InlineMarksQuery, InlineMark[]];
  'understudy/inlineHover': [InlineHoverQuery, InlineHover | null];
  'understudy/rename': [{ id: string; folder: string; name?: string; starred?: boolean }, RunRecord];
  'understudy/generators': [Record<string, never>, GeneratorInfo[]];
  'understudy/health': [Record<string, never>, ServerHealth];
}
/** A line of the registry, as a list to choose from shows it. */
export interface GeneratorInfo { id: string; name: string; family: string; summary: string; /** What a run takes when nothing is said. */ isDefault: boolean }
/** How the server is, for its status item and for a bug report. Nothing in it comes out of a table. */
export interface ServerHealth {
  pid: number; uptimeSeconds: number; memoryBytes: number; versions: Record<string, string>;
  machine: { cores: number; processor: string; memoryBytes: number; freeBytes: number; system: string };
  /** Runs under way in this server, by id, with the worker's process where one has begun. */
  active: Array<{ id: string; worker?: number }>;
}
/** What the user chose; everything absent takes the default. */
export interface SynthesizeRequest {
  path: string; rows?: number; generator?: string; parameters?: Record<string, unknown>; seed?: number; budgetSeconds?: number;
  device?: DeviceChoice; out?: string; holdout?: string; outcome?: string; columns?: Record<string, ColumnOverride>; protection?: boolean;
  /** Where the HTML report goes; whether files that are not ours may be replaced; the workspace folder whose `.understudy` holds the run. */
  reportOut?: string; force?: boolean; folder?: string;
}
/** Notification server -> client: 'understudy/run'. Sent on every change of a run. */
export type RunChanged = RunRecord;

export type ToWebview =
  | { type: 'report'; report: ReportData }
  /** Two runs side by side; names as the runs view shows them. */
  | { type: 'comparison'; reports: [ReportData, ReportData]; names: [string, string] }
  /** A run that goes on, or ended without a report. `curve` holds all points heard of so far. */
  | { type: 'live'; run: RunRecord; curve: LiveCurve }
  | { type: 'pair'; a: string; b: string; picture?: PairPicture; error?: string }
  | { type: 'theme' };
export interface LiveCurve { steps: number[]; loss: number[]; validationSteps: number[]; validation: number[] }
export type FromWebview =
  | { type: 'ready' } | { type: 'open'; path: string } | { type: 'save'; name: string; content: string }
  | { type: 'pair'; a: string; b: string }
  /** The whole report as one HTML file. */
  | { type: 'export' }
  /** A command of ours on the report's own files or run; anything not listed is refused. */
  | { type: 'command'; id: NonNullable<NextStep['command']>['id'] | 'cancelRun' | 'resumeRun' | 'showLog' | 'openReport'; side?: 0 | 1 };
