import { pearson } from './association';
import { associationMetric } from './associations';
import { numberPairs, valuesAt } from './number-pairs';
import * as thresholds from './thresholds';

/** Correlation similarity, Pearson (SDMetrics' CorrelationSimilarity over every pair of numeric and date columns). */
export const metric = associationMetric({ ...numberPairs('fidelity.pearson'), prepare: valuesAt, measure: pearson, threshold: thresholds.correlations });
