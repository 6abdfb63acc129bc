/** Laboratory runs: refitting generation after generation, and sweeping a knob. Part of the protocol: types only. */
import type { ColumnOverride } from './tables';
import type { DeviceChoice } from './plan';
import type { PrivacyWish } from './privacy';

/** What the next generation learns from: the last one's output; all tables so far; the last output and a fixed share of real rows. */
export type CollapseMode = 'replace' | 'accumulate' | 'anchor';

/** `plan.json` of a run of kind `collapse`. Paths are absolute. */
export interface CollapsePlan {
  version: 1; laboratory: 'collapse';
  source: { path: string; sha256: string };
  generators: string[]; modes: CollapseMode[]; generations: number; chains: number;
  /** Real rows in each generation's table, in mode `anchor`. */
  share: number;
  /** Rows of every table; the real table's first ones are drawn from the source for each chain. */
  rows: number;
  /** Upper bound on each fit. */
  budgetSeconds: number;
  seed: number; device: DeviceChoice; columns: Record<string, ColumnOverride>;
  reportOut?: string; overwrite?: boolean;
}
export interface CollapseRequest {
  path: string; generators?: string[]; modes?: CollapseMode[]; generations?: number; chains?: number; share?: number; rows?: number; budgetSeconds?: number; seed?: number; device?: DeviceChoice;
  columns?: Record<string, ColumnOverride>; reportOut?: string; force?: boolean; folder?: string;
}

/** What is measured of every generation. */
export interface CollapseMeasure { id: string; name: string; definition: string; /** where an unspoilt table stands */ ideal: number; better: 'higher' | 'lower' | 'target' }
/** Mean over chains with a 95% interval (Student's, over chains); generation 0 is the real table itself. */
export interface CollapsePoint { generation: number; mean: number; low: number; high: number; chains: number[] }
/** Change per generation, mean over chains of each chain's least-squares slope, with Student's interval over chains. `late`: over the second half of the generations. */
export interface Slope { value: number; low: number; high: number }
export interface CollapseSeries {
  generator: string; mode: CollapseMode;
  points: Record<string, CollapsePoint[]>; slopes: Record<string, { all: Slope; late: Slope }>;
  /** In a word, and which measures say so. */
  outcome: 'worsens' | 'plateaus' | 'holds' | 'undecided'; why: string;
}
/** `laboratory.json` in a run's folder. */
export interface CollapseResult {
  laboratory: 'collapse'; version: 1; title: string; created: string; seconds: number;
  source: { path: string; rows: number; columns: number }; plan: Omit<CollapsePlan, 'source' | 'columns' | 'reportOut'>;
  measures: CollapseMeasure[]; series: CollapseSeries[];
  /** Slope when replacing less slope otherwise, chain by chain (same real rows), with Student's interval. */
  contrasts: Array<{ generator: string; mode: CollapseMode; measure: string; difference: Slope }>;
  notes: string[];
}

/** What a point of a sweep sets. */
export interface SweepPoint { label: string; generator?: string; parameters?: Record<string, unknown>; rows?: number; budgetSeconds?: number; epsilon?: number }
/** `plan.json` of a run of kind `explore`. */
export interface ExplorePlan {
  version: 1; laboratory: 'explore';
  source: { path: string; sha256: string };
  knob: string; points: SweepPoint[]; seeds: number[];
  generator?: string; rows?: number; budgetSeconds?: number; device?: DeviceChoice; outcome?: string; holdout?: string; columns: Record<string, ColumnOverride>;
  reportOut?: string; overwrite?: boolean;
  /** Under a privacy budget: what was granted, and how it is shared out. */
  budget?: SweepBudget;
}
/** What a sweep under a privacy budget costs, settled before its first fit. */
export interface SweepBudget {
  /** What was granted, as every run is told it: `epsilon` is the total for the table with all its releases. */
  wish: PrivacyWish & { delta: number };
  /** What each run may be worth by itself, by point. */
  own: number[];
  /** Of all runs together with what was released before, and of that alone, at the delta. */
  total: number; before: number; runs: number;
}
export interface ExploreRequest {
  path: string; /** "epsilon=0.5,1,3", "generator=cart,independent", "rows=...", "budget=...", "param.NAME=..." */ sweep: string; seeds?: number; seed?: number;
  generator?: string; rows?: number; budgetSeconds?: number; device?: DeviceChoice; outcome?: string; holdout?: string; columns?: Record<string, ColumnOverride>; reportOut?: string; force?: boolean; folder?: string;
  /** A privacy budget for all runs together; without its epsilon the request is refused with what it would have to be. */
  privacy?: Omit<PrivacyWish, 'epsilon'> & { epsilon?: number };
}
/** A figure over a point's seeds: the mean, with Student's interval over seeds where there are several, else the figure's own. */
export interface ExploreValue { metric: string; value: number; low?: number; high?: number }
export interface ExplorePoint {
  label: string; values: Record<string, ExploreValue>;
  /** Its runs, one a seed; `folder` opens the report. */
  runs: Array<{ id: string; folder: string; seed: number; state: 'finished' | 'failed' | 'cancelled'; error?: string }>;
  /** No other point is at least as good on fidelity, utility and privacy and better on one. */
  front: boolean;
}
export interface ExploreAxis { metric: string; family: string; name: string; better: 'higher' | 'lower'; definition: string; unit?: 'share' | 'seconds' | 'score' }
export interface ExploreResult {
  laboratory: 'explore'; version: 1; title: string; created: string; seconds: number;
  source: { path: string; rows: number }; knob: string; seeds: number[];
  /** All that can be drawn; the first of each family is what the front is about. */
  axes: ExploreAxis[]; points: ExplorePoint[];
  /** Under a budget choosing by looking at the points is not covered by any one point's guarantee. */
  publishable: boolean; notes: string[];
}
export type LaboratoryResult = CollapseResult | ExploreResult;
