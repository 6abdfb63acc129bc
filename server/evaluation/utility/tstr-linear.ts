import { shortfallMetric } from './shortfall';

/** Train on synthetic, test on real, with a logistic or ridge regression. */
export const metric = shortfallMetric('utility.tstr-linear', 'linear');
