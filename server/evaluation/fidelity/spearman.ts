import { ordered, spearman } from './association';
import { associationMetric } from './associations';
import { numberPairs, valuesAt } from './number-pairs';
import * as thresholds from './thresholds';

/** Correlation similarity, Spearman (SDMetrics' CorrelationSimilarity with coefficient "Spearman"). */
export const metric = associationMetric({ ...numberPairs('fidelity.spearman'), prepare: (c, part, rows) => ordered(valuesAt(c, part, rows)), measure: spearman, threshold: thresholds.correlations, cost: 5 });
