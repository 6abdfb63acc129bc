import type { Mechanism } from '../accountant/mechanism';
import { discreteGaussian, discreteLaplace, fractionAbove, toNumber } from './discrete';
import type { NoiseSource } from './source';

/** How a histogram is noised: discrete Laplace at `epsilon`, or discrete Gaussian of `sigma` counts (cheaper where many are released). */
export type HistogramNoise = { epsilon: number } | { sigma: number };
export interface NoisyHistogram { counts: number[]; mechanism: Mechanism }

/**
 * Counts with noise. Sensitivity under add/remove of one row: a row is in at most one bin, so one count changes, by one. Holds only where the *bins* are not learnt from
 * the table (declared, or selected by partitions.ts); empty bins are noised too, since leaving them out would tell. The total is no part of it: it must not be released or used
 * beside. Counts may come out negative; clipping or smoothing them is post-processing.
 * Theorems: the Laplace mechanism of Dwork, McSherry, Nissim & Smith 2006 with the geometric noise of Ghosh, Roughgarden & Sundararajan 2009; Canonne, Kamath & Steinke 2020, Theorem 4.
 * @param counts whole numbers >= 0, one a bin
 * @returns the noisy counts and what the ledger charges for all of them together
 * @throws RangeError for counts that are none or noise that is none
 */
export function noisyHistogram(counts: ArrayLike<number>, noise: HistogramNoise, source: NoiseSource): NoisyHistogram {
  const exact = Array.from(counts, (c) => {
    if (!(Number.isSafeInteger(c) && c >= 0)) throw new RangeError(`noisyHistogram: a count of ${c}`);
    return c;
  });
  if ('epsilon' in noise) {
    const scale = fractionAbove(1 / noise.epsilon);
    return { counts: exact.map((c) => c + Number(discreteLaplace(scale, source))), mechanism: { kind: 'pure', epsilon: 1 / toNumber(scale) } };
  }
  const sigma = fractionAbove(noise.sigma);
  return { counts: exact.map((c) => c + Number(discreteGaussian(sigma, source))), mechanism: { kind: 'discrete-gaussian', sigma: toNumber(sigma), sensitivity: 1 } };
}
