/** Figures and the report. Part of the protocol: types only. */
import type { Kind, ColumnWarning } from './tables';
import type { DeviceInfo } from './plan';
import type { PrivacyReport } from './privacy';
import type { TrainingExtras } from './training';

export type MetricFamily = 'fidelity' | 'utility' | 'privacy' | 'fairness' | 'structure' | 'time-series' | 'collapse' | 'target';
export type Verdict = 'good' | 'fair' | 'poor' | 'undecided' | 'not-assessable';

/** What the registry says of a metric; the report shows it beside the figure. */
export interface MetricInfo {
  id: string;                          // e.g. "fidelity.shapes"
  name: string; family: MetricFamily;
  range: [number, number]; better: 'higher' | 'lower' | 'target'; target?: number;
  unit?: 'share' | 'seconds' | 'score';
  definition: string;                  // plain words, one or two sentences, with the sample it is taken over
  paper: string;
  /** `model`: the fitted generator itself, not only what it drew; such a metric is computed wherever the model is at hand, whatever the suite. */
  needs: Array<'holdout' | 'outcome' | 'training' | 'sensitive' | 'order' | 'entity' | 'model' | 'identifiers'>;
  /**
   * What the figure and its interval speak of. `file`: these rows as they are, without uncertainty of their own. `model`: the distribution that the fitted model draws from, against the
   * one that real rows come from; other rows of the same model would do about as well. `refits`: the generator, fitted again.
   * `model-held`: what whoever is given the fitted model itself can tell of the rows it learnt; the rows it drew do not show it, and the verdict on them does not count it. Absent: `model`.
   */
  estimand?: 'file' | 'model' | 'refits' | 'model-held';
  /** Computed only when the suite is asked for; absent: in the standard report. */
  suite?: 'full' | 'privacy';
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
  /** The figure of each column, rule or group by its name (pairs as "a x b"), in the metric's own direction; worst first, at most a hundred. */
  columns?: Record<string, number>;
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
  training?: { steps: number[]; loss: number[]; validationSteps: number[]; validation: number[]; stoppedAt?: number; note?: string } & TrainingExtras;
  notes: string[];
  /** What was proven of a release under a privacy budget. */
  privacyProof?: PrivacyReport;
  /** Of such a release: whether the report holds figures of the real table that are covered by no guarantee, or may be published. */
  audience?: 'internal' | 'publishable';
}
