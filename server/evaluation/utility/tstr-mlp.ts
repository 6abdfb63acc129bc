import { shortfallMetric } from './shortfall';

/** Train on synthetic, test on real, with a small neural network. */
export const metric = shortfallMetric('utility.tstr-mlp', 'mlp');
