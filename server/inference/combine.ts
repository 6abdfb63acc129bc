/**
 * What may be concluded from m tables: estimates of one quantity and their variances, one from each, combined into one estimate with an interval.
 * Which rule holds depends on what was replaced; all three presume *proper* tables, each from a generator that was itself drawn anew (a refit on a bootstrap sample).
 */
import { studentQuantile } from '../learners/distributions';

/** From each table: the estimate, and the variance that its own formula gives on that table. */
export interface Estimates { estimates: ArrayLike<number>; variances: ArrayLike<number> }

export interface Combined {
  estimate: number;
  /** Total variance, within-table mean variance and between-table variance. */
  variance: number; within: number; between: number;
  df: number; low: number; high: number; level: number;
  /** Fraction of missing information; for synthetic tables the share of the total variance that synthesis added. */
  missing: number;
}

interface Moments { m: number; mean: number; within: number; between: number }
function moments({ estimates, variances }: Estimates): Moments {
  const m = estimates.length;
  if (m < 2 || variances.length !== m) throw new RangeError(`combining needs two estimates at least, each with its variance: ${m} and ${variances.length}`);
  const q = Array.from(estimates), u = Array.from(variances), mean = q.reduce((a, b) => a + b, 0) / m;
  return { m, mean, within: u.reduce((a, b) => a + b, 0) / m, between: q.reduce((s, x) => s + (x - mean) ** 2, 0) / (m - 1) };
}
function combined({ mean, within, between }: Moments, variance: number, df: number, missing: number, level: number): Combined {
  const half = studentQuantile(0.5 + level / 2, df) * Math.sqrt(variance);
  return { estimate: mean, variance, within, between, df, low: mean - half, high: mean + half, level, missing };
}

/**
 * Multiple imputation of missing cells (Rubin 1987, chapter 3): T = W + (1 + 1/m) B.
 * @param complete degrees of freedom the analysis would have had without missing cells; then those of Barnard & Rubin (1999), which never exceed them
 */
export function combineImputations(data: Estimates, options: { level?: number; complete?: number } = {}): Combined {
  const s = moments(data), { m, within, between } = s, added = (1 + 1 / m) * between, variance = within + added, { level = 0.95, complete = Infinity } = options;
  if (added === 0) return combined(s, variance, complete, 0, level);
  const lambda = added / variance, old = (m - 1) / lambda ** 2;
  const observed = Number.isFinite(complete) ? ((complete + 1) / (complete + 3)) * complete * (1 - lambda) : Infinity;
  const df = Number.isFinite(observed) ? (observed > 0 ? 1 / (1 / old + 1 / observed) : old) : old, r = added / within;
  // Rubin's gamma: the share of information lost, corrected for the finite number of imputations.
  const missing = within === 0 ? 1 : (r + 2 / (df + 3)) / (r + 1);
  return combined(s, variance, df, Math.min(1, missing), level);
}

/** Partially synthetic tables, where some cells of the real rows were replaced (Reiter 2003): T = W + B/m, df = (m - 1)(1 + m W / B)^2. */
export function combinePartiallySynthetic(data: Estimates, { level = 0.95 }: { level?: number } = {}): Combined {
  const s = moments(data), { m, within, between } = s, variance = within + between / m;
  return combined(s, variance, between === 0 ? Infinity : (m - 1) * (1 + (m * within) / between) ** 2, variance === 0 ? 0 : between / m / variance, level);
}

/**
 * Fully synthetic tables, of rows that are nobody's (Raghunathan, Reiter & Rubin 2003): T = (1 + 1/m) B - W. Where that is negative, which happens with few tables,
 * it is replaced by (size of a synthetic table / size of the real one) * W, as they propose (Reiter 2002), which errs on the long side.
 * @param ratio rows of a synthetic table per real row; default 1
 */
export function combineFullySynthetic(data: Estimates, { level = 0.95, ratio = 1 }: { level?: number; ratio?: number } = {}): Combined {
  const s = moments(data), { m, within, between } = s, raw = (1 + 1 / m) * between - within, variance = raw > 0 ? raw : ratio * within;
  const df = raw > 0 ? (m - 1) * (1 - within / ((1 + 1 / m) * between)) ** 2 : Infinity;
  return combined(s, variance, Math.max(1, df), variance === 0 ? 0 : Math.min(1, ((1 + 1 / m) * between) / (variance + within)), level);
}
