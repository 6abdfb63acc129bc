import type { Metric } from '../metric';
import { comparedSeries } from './compare';
import { correlations, crossSums, unlike } from './core';
import { typicalLength } from './series';

/** Autocorrelations of every numeric column at lags 1 to 24 (at most a quarter of a series). */
export const metric: Metric = {
  compute: context => comparedSeries('time-series.autocorrelation', context, (real, other, all) => {
    const lags = Math.min(24, Math.floor(Math.min(typicalLength(real), typicalLength(other)) / 4));
    return lags < 1 ? undefined : { sums: list => Object.fromEntries(all.columns.map((name, c) => [name, crossSums(list, c, c, 1, lags)])), of: correlations, apart: unlike };
  }),
};
