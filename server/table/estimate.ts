import type { TableProfile } from '../protocol';
import { modelledKinds, type Table } from './table';

/**
 * What a run costs on an ordinary machine with two cores. One place for every figure, measured once and rounded; they are
 * meant to tell a minute from an hour and a gigabyte from sixteen, not more. `bench/` measures them again.
 */
export const costs = {
  /** Starting the worker, DuckDB and ONNX Runtime; building the report. Seconds. */
  startSeconds: 3,
  /** Reading, typing and profiling, seconds a cell. */
  readCell: 4e-7,
  /** Fitting until the validation loss turns, seconds a cell, and at least; the budget caps it. */
  fitCell: 1e-4, fitLeast: 6,
  /** Sampling, seconds a cell: 20,000 rows a second of 15 columns. */
  sampleCell: 3.3e-6,
  /** Fresh values, seconds a cell: a draw, a look-up, sometimes an invented name. */
  freshCell: 6e-6,
  /** Writing, seconds a cell. */
  writeCell: 4e-7,
  /** Shapes, pairs, boosted trees: seconds a cell, on at most `judgedRows` rows. */
  evaluateCell: 8e-6, judgedRows: 200_000,
  /** Nearest records: seconds per pair of rows and column. */
  distance: 2.5e-11,
  /** Node, DuckDB, ONNX Runtime with a model: bytes. */
  baseMemory: 450e6,
  /** Bytes a cell of the source held in memory: itself, its parts, the synthetic table, and codes. */
  memoryCell: 40,
  /** Bytes a cell of a column held as strings. */
  memoryString: 130,
} as const;

export interface EstimateOptions {
  /** Rows to generate; default as many as the source. */
  rows?: number;
  budgetSeconds: number;
}

/**
 * Seconds and bytes a synthesis with evaluation will take.
 *
 * With n source rows, m rows to generate, d modelled and f other columns:
 * seconds = start + n(d+f) read + min(budget, max(least, n d fit)) + m d sample + m f fresh + m(d+f) write
 *         + min(n + m, judged) d evaluate + n (m + control) d distance;
 * bytes = base + 40 n d + 130 n f, with n the larger of n and m.
 */
export function estimate(table: Table, { rows, budgetSeconds }: EstimateOptions): NonNullable<TableProfile['estimate']> {
  const n = table.rows, m = rows ?? n;
  const d = table.columns.filter((c) => modelledKinds.includes(c.schema.kind)).length, f = table.columns.length - d;
  const strings = table.columns.filter((c) => c.schema.storage === 'string').length;
  const control = Math.min(20_000, 0.2 * n);
  const fit = Math.min(budgetSeconds, Math.max(costs.fitLeast, n * d * costs.fitCell));
  const make = m * (d * costs.sampleCell + strings * costs.freshCell + (d + f) * costs.writeCell);
  const judge = Math.min(n + m, costs.judgedRows) * d * costs.evaluateCell + n * (m + control) * d * costs.distance;
  const seconds = costs.startSeconds + n * (d + f) * costs.readCell + fit + make + judge;
  const memoryBytes = costs.baseMemory + Math.max(n, m) * (d * costs.memoryCell + strings * costs.memoryString);
  return {
    seconds: Math.round(seconds), memoryBytes: Math.round(memoryBytes),
    why: `fitting at most ${Math.round(fit)} s, making ${m.toLocaleString('en')} rows ${about(make)}, judging them ${about(judge)}, on two processor cores`,
  };
}

const about = (seconds: number) => (seconds < 1 ? 'under 1 s' : `about ${Math.round(seconds)} s`);
