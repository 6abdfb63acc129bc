import type { Metric } from '../metric';
import { pairsFigure } from './pairs';

/** Pair trends over every pair of columns, without thresholds, as earlier versions of SDMetrics had it and most papers report it. All rows; 1: equal. */
export const metric: Metric = {
  compute: context => pairsFigure(context, 'fidelity.pair-trends-all', p => ({ mean: p.meanAll, variance: p.varianceAll, pairs: p.pairsAll }), 'There are no two columns to compare.', 'all'),
};
