import { logistic } from './two-sample-core';
import { twoSampleMetric } from './two-sample';

/** The classifier two-sample test with a logistic regression for a detective: what a linear model can tell. At most 10,000 rows of each table. */
export const metric = twoSampleMetric({ id: 'fidelity.two-sample-logistic', classifier: logistic, mostRows: 10_000 });
