import type { Figure } from '../../protocol';
import type { Metric } from '../metric';
import { z95 } from '../statistics';
import * as thresholds from '../thresholds';
import { around, methodOf, pairOf, skill } from './shortfall';
import { compareSources, overFolds, type Compared } from './trained';

const id = 'utility.augmentation', compare = (context: Parameters<Metric['compute']>[0]) => compareSources(id, context, 'boosted', 'training', 'both');

/**
 * Augmentation gain: what boosted trees score on control rows when they learn from training and synthetic rows together (equally many), less what they score from the
 * training rows alone; interval from the paired rows. Synthetic rows carry no knowledge that the real ones lack, so a gain is a better-behaved learner, and is small.
 */
export const metric: Metric = {
  compute: async context => figure(await compare(context)),
  cross: async (_, folds) => figure(await overFolds(id, folds, compare)),
};

function figure(t: Compared | Figure): Figure {
  if ('verdict' in t) return t;
  const { column, score, samples, first: r, second: both } = t, gain = t.difference.value, half = z95 * t.difference.error, loss = -gain, { good, fair } = thresholds.augmentation;
  let verdict: Figure['verdict'] = loss <= good ? 'good' : loss <= fair ? 'fair' : 'poor', note: string | undefined = gain - half > 0 ? 'Beside the real rows the synthetic ones help.' : undefined;
  if (skill(r.value, score) < 0.02) { verdict = 'undecided'; note = `Even trained on real rows, the learner cannot predict "${column}".`; }
  else if (loss - half <= 0 && (loss + half > fair || verdict !== 'good')) { verdict = 'undecided'; note = 'The control has too few rows to tell.'; }
  return {
    metric: id, value: both.value, interval: { ...around(both), level: 0.95, method: methodOf(score) }, reference: { label: 'trained on real rows alone', value: r.value, interval: pairOf(r) }, samples, verdict, ...(note ? { note } : {}),
    detail: { outcome: column, score, gain, gainLow: gain - half, gainHigh: gain + half, loss },
  };
}
