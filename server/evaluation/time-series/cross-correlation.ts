import type { Metric } from '../metric';
import { comparedSeries } from './compare';
import { correlations, crossSums, unlike } from './core';
import { typicalLength } from './series';

const most = 5;

/** Correlations of every pair of numeric columns, one shifted by up to five rows either way. */
export const metric: Metric = {
  compute: context => comparedSeries('time-series.cross-correlation', context, (real, other, all) => {
    const lag = Math.min(most, Math.floor(Math.min(typicalLength(real), typicalLength(other)) / 4)), pairs = all.columns.flatMap((x, a) => all.columns.slice(a + 1).map((y, d) => [`${x} x ${y}`, a, a + 1 + d] as const));
    return lag < 1 ? undefined : { sums: list => Object.fromEntries(pairs.map(([name, a, b]) => [name, crossSums(list, a, b, -lag, lag)])), of: correlations, apart: unlike };
  }),
};
