import { kendall, ordered } from './association';
import { associationMetric } from './associations';
import { numberPairs, valuesAt } from './number-pairs';
import * as thresholds from './thresholds';

/** Correlation similarity, Kendall's tau-b (scipy.stats.kendalltau). */
export const metric = associationMetric({ ...numberPairs('fidelity.kendall'), prepare: (c, part, rows) => ordered(valuesAt(c, part, rows)), measure: kendall, threshold: thresholds.correlations, cost: 60 });
