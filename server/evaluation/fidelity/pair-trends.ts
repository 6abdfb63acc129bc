import type { Metric } from '../metric';
import { pairsFigure } from './pairs';

/**
 * Pair trends (SDMetrics 0.29, default thresholds): mean over pairs of columns that are really tied (|r| > .5, or Cramer's V > .3 in the training rows) of
 * one minus half the difference of correlations, or one minus the total variation distance of the two-way tables. All rows; 1: equal.
 * See pair-scores.ts for the definition to the letter.
 */
export const metric: Metric = {
  compute: context => pairsFigure(context, 'fidelity.pair-trends', p => ({ mean: p.mean, variance: p.variance, pairs: p.pairs }),
    'No two columns of the training rows are tied strongly enough (correlation above 0.5 or Cramer\'s V above 0.3) to be scored; see the score over all pairs.', 'tied'),
};
