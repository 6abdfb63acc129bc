import { z95, clamp01 } from './statistics';

/**
 * Standard error of a score that averages many statistics of one table pair, by the delta method: every row's first-order influence on
 * the score is added up over the statistics, so that the dependence between columns is counted, and the variance of these sums
 * gives the score's (van der Vaart 1998, section 20). Influences are kept for at most `maxRows` evenly spaced rows a table: a variance needs no more.
 *
 * The statistics here are distances, which are never below zero and lean away from it in small tables: the interval carries their spread, not
 * that lean; the real reference beside each figure has the same lean.
 */
export class Influence {
  readonly rows: Int32Array;
  private readonly sums: Float64Array;
  /** @param n rows of the table */
  constructor(private readonly n: number, maxRows = 4096) {
    const kept = Math.min(n, maxRows);
    this.rows = Int32Array.from({ length: kept }, (_, i) => Math.floor((i * n) / kept));
    this.sums = new Float64Array(kept);
  }
  /** Adds one statistic: `of(row)` is its influence up to a constant. */
  add(of: (row: number) => number): void {
    for (let i = 0; i < this.rows.length; i++) this.sums[i] += of(this.rows[i]);
  }
  /** Variance of the mean of `statistics` statistics that this table's sampling causes. */
  variance(statistics: number): number {
    const k = this.sums.length;
    if (k < 2 || statistics < 1) return 0;
    let m = 0, s = 0;
    for (let i = 0; i < k; i++) { const d = this.sums[i] - m; m += d / (i + 1); s += d * (this.sums[i] - m); }
    return s / (k - 1) / this.n / (statistics * statistics);
  }
}

/** A score in [0, 1] with its 95% interval from the variances of the two tables. */
export function withInterval(value: number, variance: number): { low: number; high: number; level: number; method: string } {
  const half = z95 * Math.sqrt(variance);
  return { low: clamp01(value - half), high: clamp01(value + half), level: 0.95, method: 'delta method over rows' };
}
