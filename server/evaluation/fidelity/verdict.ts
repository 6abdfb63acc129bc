import type { Figure, Verdict } from '../../protocol';

/**
 * Verdict of a figure against its thresholds. Where the interval reaches from good to poor the data cannot tell: undecided.
 */
export function fidelityVerdict(value: number, threshold: { good: number; fair: number }, interval?: Figure['interval']): Verdict {
  const lower = threshold.good < threshold.fair;
  const grade = (x: number): Verdict => {
    const at = (limit: number) => (lower ? x <= limit : x >= limit);
    return at(threshold.good) ? 'good' : at(threshold.fair) ? 'fair' : 'poor';
  };
  if (interval) {
    const ends = new Set([grade(interval.low), grade(interval.high)]);
    if (ends.has('good') && ends.has('poor')) return 'undecided';
  }
  return grade(value);
}

/**
 * The same for a figure whose chance distribution is known: what does not differ beyond what two fresh real tables differ by is good however small the tables, unless they
 * are so small that a poor table might not differ either.
 * @param worst what one fresh real table in twenty scores, or worse
 */
export function calibratedVerdict(value: number, worst: number, threshold: { good: number; fair: number }): Verdict {
  const grade = fidelityVerdict(value, threshold), lower = threshold.good < threshold.fair;
  if (grade === 'good' || !(lower ? value <= worst : value >= worst)) return grade;
  return fidelityVerdict(worst, threshold) === 'poor' ? 'undecided' : 'good';
}
