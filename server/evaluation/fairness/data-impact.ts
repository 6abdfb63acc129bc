import type { Metric } from '../metric';
import { dataGap } from './data';

/** Disparate impact of the data: the smallest ratio between groups' shares of the favourable outcome (Feldman et al. 2015). */
export const metric: Metric = { compute: context => dataGap('fairness.data-impact', context, 'ratio') };
