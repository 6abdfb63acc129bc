import type { TableProfile } from '../protocol';
import { crossFitBelow, crossFitFrom, crossFits } from './split';
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
  /**
   * Fitting, seconds a column and pass over `fitRows` rows; the number of passes falls with the square root of the rows (autoregressive/sizes.ts), from 200 for
   * small tables; and at least. The budget caps it. Birdstrikes (10,000 x 14) took 22 s, Adult (32,561 x 15) its budget of 45.
   */
  fitPass: 4.8e-2, fitRows: 15_000, passes: 40, mostPasses: 200, fitLeast: 1.5,
  /** Sampling, seconds a cell: 20,000 rows a second of 15 columns. */
  sampleCell: 3.3e-6,
  /** Fresh values, seconds a cell: a draw, a look-up, sometimes an invented name. */
  freshCell: 6e-6,
  /** Writing, seconds a cell. */
  writeCell: 4e-7,
  /** Shapes, pairs, boosted trees: seconds a cell, on at most `judgedRows` rows. */
  evaluateCell: 8e-6, judgedRows: 200_000,
  /** The same for each fold of a cross-fitted release, beside its cells: a dozen small classifiers. */
  evaluateFold: 0.8,
  /** Nearest records: seconds per pair of rows and column. */
  distance: 2.5e-11,
  /** Node, DuckDB, ONNX Runtime with a model: bytes. */
  baseMemory: 475e6,
  /**
   * Bytes a cell of the source held in memory: itself, its parts, the synthetic table, and codes. The worker's peaks were 551 MB on Adult (32,561 x 15), 936 MB on 200,000 x 15 and 2.2 GB on
   * 1,000,000 x 20, judged by the standard suite.
   */
  memoryCell: 66,
  /** Bytes a cell that is judged: ranks, features, points; on at most `judgedRows` rows. */
  memoryJudged: 89,
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
 * seconds = start + n(d+f) read + min(budget, K max(least, passes(n) n/15,000 d fit)) + K m d sample + m f fresh + m(d+f) write
 *         + K (min(n + m, judged) d evaluate + n (m + control) d distance), with K = 5 where the table is cross-fitted, else 1;
 * bytes = base + 66 n d + 89 min(n, judged) d + 130 n s, with n the larger of n and m, and s columns of strings.
 */
export function estimate(table: Table, { rows, budgetSeconds }: EstimateOptions): NonNullable<TableProfile['estimate']> {
  const n = table.rows, m = rows ?? n;
  const d = table.columns.filter((c) => modelledKinds.includes(c.schema.kind)).length, f = table.columns.length - d;
  const strings = table.columns.filter((c) => c.schema.storage === 'string').length;
  const control = Math.min(20_000, 0.2 * n);
  const K = n >= crossFitFrom && n < crossFitBelow ? crossFits : 1, fitted = K > 1 ? (n * (K - 1)) / K : n;
  const passes = Math.min(costs.mostPasses, costs.passes * Math.sqrt(costs.fitRows / Math.max(1, fitted)));
  const fit = Math.min(budgetSeconds, K * Math.max(costs.fitLeast, ((passes * fitted) / costs.fitRows) * d * costs.fitPass));
  const make = m * (K * d * costs.sampleCell + strings * costs.freshCell + (d + f) * costs.writeCell);
  const judge = K * ((K > 1 ? costs.evaluateFold : 0) + Math.min(n + m, costs.judgedRows) * d * costs.evaluateCell + n * (m + control) * d * costs.distance);
  const seconds = costs.startSeconds + n * (d + f) * costs.readCell + fit + make + judge;
  const most = Math.max(n, m), memoryBytes = costs.baseMemory + most * (d * costs.memoryCell + strings * costs.memoryString) + Math.min(most, costs.judgedRows) * d * costs.memoryJudged;
  return {
    seconds: Math.round(seconds), memoryBytes: Math.round(memoryBytes),
    why: `fitting ${K > 1 ? `${K} models ` : ''}at most ${Math.round(fit)} s, making ${m.toLocaleString('en')} ${m === 1 ? 'row' : 'rows'} ${about(make)}, judging them ${about(judge)}, on two processor cores`,
  };
}

const about = (seconds: number) => (seconds < 1 ? 'under 1 s' : `about ${Math.round(seconds)} s`);
