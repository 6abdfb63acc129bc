/** The `.synth` language: which target a run was made for, and whether its expectations were met. Part of the protocol: types only. */
/** The declaration a run was made for. `declaration` is a hash of everything in the file that bears on the result: equal hashes, equal wishes. */
export interface Origin { file: string; target: string; declaration: string }

export type ExpectationState = 'met' | 'missed' | 'undecided' | 'unknown';

/** One `expect` line and what became of it. Lines and characters from 0, ends exclusive. */
export interface ExpectationResult {
  target: string; metric: string; column?: string;
  /** The line as it is written. */
  text: string;
  range: { start: { line: number; character: number }; end: { line: number; character: number } };
  /** Unknown: not run, stale, or not assessable; `why` says which. */
  state: ExpectationState;
  value?: number; low?: number; high?: number;
  /** What the value is compared with, in the metric's own unit. */
  bound?: number; reference?: number;
  why?: string;
  /** Columns responsible, worst first. */
  columns?: Array<{ name: string; value: number }>;
}

/** A target of a file with its last run. */
export interface TargetResult {
  file: string; target: string; purpose: string; range: ExpectationResult['range'];
  run?: { id: string; folder: string; finished: string };
  /** Why the last run is no longer of what is declared: the source file, or the declaration changed. */
  stale?: string;
  /** Finished runs of this target, and how many of them are of the declaration as it is. */
  attempts: number; attemptsOfThis: number;
  expectations: ExpectationResult[];
}

/** Problems of a `.synth` file as a front end without an editor prints them. */
export interface LanguageProblem { severity: 'error' | 'warning' | 'information' | 'hint'; message: string; line: number; character: number; code?: string; file?: string }

/** `understudy/targets`: the targets of a file with what became of their expectations. */
export interface CheckQuery { uri: string }
export interface CheckAnswer { targets: TargetResult[]; problems: LanguageProblem[] }
/** `understudy/runTarget`. */
export interface RunTargetRequest { uri: string; target: string; folder?: string; device?: string }
/** `understudy/schema`: a complete, commented `.synth` for a table. */
export interface SchemaRequest { path: string }
export interface SchemaAnswer { path: string; text: string }
