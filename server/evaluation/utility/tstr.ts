import { shortfallMetric } from './shortfall';

/** Train on synthetic, test on real, with boosted trees. */
export const metric = shortfallMetric('utility.tstr', 'boosted');
