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
