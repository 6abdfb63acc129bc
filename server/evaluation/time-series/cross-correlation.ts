import type { Metric } from '../metric';
import { comparedSeries } from './compare';
import { alike, crossCorrelation } from './core';
import { typicalLength } from './series';

const most = 5;

/** Correlations of every pair of numeric columns, one shifted by up to five rows either way. */
export const metric: Metric = {
  compute: context => comparedSeries('time-series.cross-correlation', context, (real, other, all) => {
    const lag = Math.min(most, Math.floor(Math.min(typicalLength(real), typicalLength(other)) / 4)), scores: Record<string, number> = {};
    if (lag < 1) return undefined;
    for (let a = 0; a < all.columns.length; a++) for (let b = a + 1; b < all.columns.length; b++) scores[`${all.columns[a]} x ${all.columns[b]}`] = alike(crossCorrelation(real, a, b, -lag, lag), crossCorrelation(other, a, b, -lag, lag));
    return scores;
  }),
};
