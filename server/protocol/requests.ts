/** Editor and server (custom LSP requests), and the webview. Part of the protocol: types only. */
import type { AssistantQuery, RunForAssistant, TableForAssistant } from './assistant';
import type { CollapseRequest, ExploreRequest, LaboratoryResult } from './laboratory';
import type { ColumnOverride, TableProfile } from './tables';
import type { DeviceChoice, RunRecord, EvaluatePlan, Suite } from './plan';
import type { PairPicture, NextStep, ReportData } from './figures';
import type { PrivacyWish } from './privacy';
import type { CheckAnswer, CheckQuery, RunTargetRequest, SchemaAnswer, SchemaRequest } from './language';
import type { InlineExposure, InlineExposureQuery } from './exposure';
import type { InlineQuery, InlineAnswer, InlineMarksQuery, InlineMark, InlineHoverQuery, InlineHover } from './inline';

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
  'understudy/inlineExposure': [InlineExposureQuery, InlineExposure[]];
  'understudy/collapse': [CollapseRequest, RunRecord];
  'understudy/explore': [ExploreRequest, RunRecord];
  /** What a laboratory run found; null where the run is none, or is not done. */
  'understudy/laboratory': [{ folder: string }, LaboratoryResult | null];
  'understudy/rename': [{ id: string; folder: string; name?: string; starred?: boolean }, RunRecord];
  'understudy/generators': [Record<string, never>, GeneratorInfo[]];
  'understudy/targets': [CheckQuery, CheckAnswer];
  'understudy/runTarget': [RunTargetRequest, RunRecord];
  'understudy/schema': [SchemaRequest, SchemaAnswer];
  'understudy/assistant': [AssistantQuery, TableForAssistant | RunForAssistant];
  'understudy/health': [Record<string, never>, ServerHealth];
}
/** A line of the registry, as a list to choose from shows it. */
export interface GeneratorInfo { id: string; name: string; family: string; summary: string; /** What a run takes when nothing is said. */ isDefault: boolean; /** Whether it can be had under a privacy budget. */ keepsBudget?: boolean; /** What to know first of it there, one sentence. */ underBudget?: string }
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
  device?: DeviceChoice; out?: string; holdout?: string; outcome?: string; columns?: Record<string, ColumnOverride>; suppress?: number[]; protection?: boolean;
  /** Where the HTML report goes; whether files that are not ours may be replaced; the workspace folder whose `.understudy` holds the run. */
  reportOut?: string; force?: boolean; folder?: string;
  /** A guarantee to be kept. */
  privacy?: PrivacyWish;
  /** For the evaluation, as in `Plan`. */
  sensitive?: string[]; positive?: string; order?: string; entity?: string; suite?: Suite;
}
/** Notification server -> client: 'understudy/run'. Sent on every change of a run. */
export type RunChanged = RunRecord;

export type ToWebview =
  | { type: 'report'; report: ReportData }
  /** Two runs side by side; names as the runs view shows them. */
  | { type: 'comparison'; reports: [ReportData, ReportData]; names: [string, string] }
  /** A run that goes on, or ended without a report. `curve` holds all points heard of so far. */
  | { type: 'live'; run: RunRecord; curve: LiveCurve }
  /** What a laboratory run found. */
  | { type: 'laboratory'; result: LaboratoryResult }
  | { type: 'pair'; a: string; b: string; picture?: PairPicture; error?: string }
  | { type: 'theme' };
export interface LiveCurve { steps: number[]; loss: number[]; validationSteps: number[]; validation: number[] }
export type FromWebview =
  | { type: 'ready' } | { type: 'open'; path: string } | { type: 'save'; name: string; content: string }
  | { type: 'pair'; a: string; b: string }
  /** A run of a laboratory's result, by its folder. */
  | { type: 'openRun'; folder: string }
  /** The whole report as one HTML file. */
  | { type: 'export' }
  /** A command of ours on the report's own files or run; anything not listed is refused. */
  | { type: 'command'; id: NonNullable<NextStep['command']>['id'] | 'cancelRun' | 'resumeRun' | 'showLog' | 'openReport'; side?: 0 | 1 };
