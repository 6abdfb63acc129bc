/** What the editor shows on a delimited file. Part of the protocol: types only. */
import type { ColumnOverride } from './tables';
import type { Figure, ColumnReport, ReportData } from './figures';

/** A file as it was when a run read or wrote it; equal size and time mean the same file, else the hash decides. */
export interface FileMark { path: string; bytes: number; modifiedMs: number; sha256: string }

/** `inline.json` in a run's folder: what of its report the editor shows on the tables themselves, small enough to be read at a glance. */
export interface InlineReport {
  version: 1;
  real: FileMark; synthetic: FileMark;
  /** Other files that the run rests on: its holdout, tables whose marginals it follows, the one it is transferred to. */
  others?: FileMark[];
  delimiter?: string; header?: boolean;
  created: string;
  rows: { real: number; synthetic: number; control?: number };
  verdicts: ReportData['verdicts']; figures: Figure[];
  columns: Array<ColumnReport & { /** the pair of this column that is kept worst */ weakest?: { column: string; score: number } }>;
  /** Rows marked in `copies.bin`, and those left out because several real rows say the same. */
  copies?: { exact: number; near: number; common: number };
  /** How many rows of the real table `exposure.bin` tells the reasons of; whether chance explains that many; whether every row was scored. */
  exposed?: { shown: number; chance: boolean; every: boolean; how: 'cross-fitted' | 'beside-control' };
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
