import type { Metric } from '../metric';
import { kernelFigure, medianDistance } from './kernel-figure';

/**
 * Maximum mean discrepancy with a Gaussian kernel whose width is the median distance, and the kernel two-sample test by permutation (Gretton et al. 2012). The value
 * is the root of the unbiased squared statistic, 0 where that is negative.
 */
export const metric: Metric = {
  compute: context => kernelFigure(context, 'fidelity.mmd', squared => {
    const width = medianDistance(squared), rate = -1 / (2 * width * width);
    for (let i = 0; i < squared.length; i++) squared[i] = Math.exp(rate * squared[i]);
    return 1;
  }),
};
