import type { Figure, Verdict } from '../../protocol';

/**
 * How privacy figures become verdicts. Every test compares what the synthetic table shows of the people it was made from with what it shows of
 * people it has never seen, so under no leak the expected excess is zero.
 *
 * - *good*: the one-sided 95% upper bound of the excess lies below the tolerated leak, and a leak that would be called poor would have been seen four times in
 *   five (so that tables too small to see anything are not called good by luck);
 * - *fair* or *poor*: the one-sided 99.5% lower bound lies above zero, and the excess is small or not. 99.5%, because six such tests
 *   decide a report together and tables without a leak shall be accused by none of them in 95 reports of 100 (Bonferroni);
 * - *undecided*: neither; the figure then says which leak would have been seen four times in five.
 */
export const boundLevel = 0.95, accusationLevel = 0.995;
/** Two-sided levels whose ends are the one-sided bounds above. */
export const boundTwoSided = 2 * boundLevel - 1, accusationTwoSided = 2 * accusationLevel - 1;
/** z of 99.5% one-sided plus z of 80% power. */
export const detectZ = 2.5758293035489004 + 0.8416212335729143;

export interface Bounds { estimate: number; /** one-sided 95% upper bound */ upper: number; /** one-sided 99.5% lower bound */ lower: number; /** smallest excess seen with 80% power */ detectable: number }

/** @param none the value under no leak (0 for excesses, 0.5 for an AUC) */
export function leakVerdict(b: Bounds, threshold: { good: number; fair: number }, none = 0): Verdict {
  if (b.lower > none) return b.estimate > threshold.fair ? 'poor' : b.estimate > threshold.good ? 'fair' : b.upper <= threshold.fair && b.detectable <= threshold.fair - none ? 'good' : 'fair';
  return b.upper <= threshold.good && b.detectable <= threshold.fair - none ? 'good' : 'undecided';
}

/**
 * Why a figure is undecided: the rows that it looked at, which in a large table are a sample, are too few.
 * @param samples the figure's own; training and control rows where it compares them, else the rows of a cross-fitted release, or conditions where these are what was tried @param seen what would have been seen four times in five, in words; undefined where that is more than there can be
 */
export function cannotTell(samples: Record<string, number>, seen: string | undefined): string {
  const n = (k: string) => samples[k].toLocaleString('en');
  const few = samples.predicates !== undefined ? `${n('predicates')} conditions` : samples.training !== undefined ? `${n('training')} training and ${n('control')} control rows` : `${n('control')} rows`;
  return `${few} are too few to tell${seen === undefined ? ', whatever the leak' : `: only ${seen} would have been seen`}.`;
}

/** A figure that cannot be computed, and why. */
export const notAssessable = (metric: string, note: string, samples: Record<string, number> = {}, verdict: Verdict = 'not-assessable'): Figure =>
  ({ metric, value: null, samples, verdict, note });
export const noControl = (metric: string): Figure =>
  notAssessable(metric, 'Without real rows that the generator never saw, nothing can be said about privacy.');
