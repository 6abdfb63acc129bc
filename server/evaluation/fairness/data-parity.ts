import type { Metric } from '../metric';
import { dataGap } from './data';

/** Demographic parity of the data: the largest difference between groups' shares of the favourable outcome. */
export const metric: Metric = { compute: context => dataGap('fairness.data-parity', context, 'difference') };
