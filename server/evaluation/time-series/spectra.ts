import type { Metric } from '../metric';
import { comparedSeries } from './compare';
import { massApart, power, shares } from './core';
import { typicalLength } from './series';

const bands = 8;

/** Shares of variance in eight bands of frequency, from windows of at most 128 rows. */
export const metric: Metric = {
  compute: context => comparedSeries('time-series.spectra', context, (real, other, all) => {
    const length = Math.min(128, 2 * Math.floor(Math.min(typicalLength(real), typicalLength(other)) / 2));
    return length < 8 ? undefined : { sums: list => Object.fromEntries(all.columns.map((name, c) => [name, banded(power(list, c, length))])), of: shares, apart: massApart };
  }),
};

/** Neighbouring frequencies added up: single ones of a periodogram never settle, however long the series. */
function banded(x: Float64Array): Float64Array {
  const n = Math.min(bands, x.length), out = new Float64Array(n);
  x.forEach((v, i) => { out[Math.floor((i * n) / x.length)] += v; });
  return out;
}
