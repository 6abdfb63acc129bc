import type { Figure } from '../../protocol';
import type { Metric } from '../metric';
import { z95 } from '../statistics';
import * as thresholds from '../thresholds';
import type { LearnerId } from './learners';
import { compareSources, overFolds, type Compared, type Estimate } from './trained';

/**
 * Train on synthetic, test on real (Esteban, Hyland & Raetsch 2017), for one kind of learner: the shortfall against the same learner trained on as many real rows, with a
 * 95% interval from the paired control rows (DeLong's components; delta method for R2), the models as they are; for a network, whose score moves with the rows it is given, the errors count the refitting too
 * (random groups; trained.ts).
 */
export function shortfallMetric(id: string, learner: LearnerId): Metric {
  const compare = (context: Parameters<Metric['compute']>[0]) => compareSources(id, context, learner, 'synthetic', 'training');
  return {
    compute: async context => figure(id, await compare(context)),
    cross: async (_, folds) => figure(id, await overFolds(id, folds, compare)),
  };
}

function figure(id: string, t: Compared | Figure): Figure {
  if ('verdict' in t) return t;
  const { column, score, samples, first: s, second: r } = t, d = t.difference.value, low = d - z95 * t.difference.error, high = d + z95 * t.difference.error;
  let verdict: Figure['verdict'] = d <= thresholds.tstr.good ? 'good' : d <= thresholds.tstr.fair ? 'fair' : 'poor', note: string | undefined;
  if (skill(r.value, score) < 0.02) { verdict = 'undecided'; note = `Even trained on real rows, the learner cannot predict "${column}"; nothing can be said about usefulness for it.`; }
  // to accuse, other fits of the learner must agree; to be good, these models are asked
  else if (low <= 0 && (d + z95 * (t.asTheyAre ?? t.difference.error) > thresholds.tstr.fair || verdict !== 'good')) {
    verdict = 'undecided';
    note = 'The control has too few rows to tell: the shortfall could be chance, or more than tolerable.';
  }
  return {
    metric: id, value: s.value, interval: { ...around(s), level: 0.95, method: `${methodOf(score)}${t.refits ? ', and four random groups for the refitting' : ', the models as they are'}` },
    reference: { label: 'trained on real rows', value: r.value, interval: pairOf(r) }, samples, verdict, ...(note ? { note } : {}),
    detail: { outcome: column, score, shortfall: d, shortfallLow: low, shortfallHigh: high },
  };
}

export const skill = (value: number, score: string): number => value - (score === 'R2' ? 0 : 0.5);
export const methodOf = (score: string): string => (score === 'R2' ? 'delta method over rows' : 'DeLong');
export const around = (e: Estimate): { low: number; high: number } => ({ low: e.value - z95 * e.error, high: e.value + z95 * e.error });
export const pairOf = (e: Estimate): [number, number] => [e.value - z95 * e.error, e.value + z95 * e.error];
