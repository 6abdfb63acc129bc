import type { Metric } from '../metric';
import { comparedSeries } from './compare';
import { alike, autocorrelation } from './core';
import { typicalLength } from './series';

/** Autocorrelations of every numeric column at lags 1 to 24 (at most a quarter of a series). */
export const metric: Metric = {
  compute: context => comparedSeries('time-series.autocorrelation', context, (real, other, all) => {
    const lags = Math.min(24, Math.floor(Math.min(typicalLength(real), typicalLength(other)) / 4));
    return lags < 1 ? undefined : Object.fromEntries(all.columns.map((name, c) => [name, alike(autocorrelation(real, c, lags), autocorrelation(other, c, lags))]));
  }),
};
