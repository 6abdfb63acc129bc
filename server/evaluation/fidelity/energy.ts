import type { Metric } from '../metric';
import { kernelFigure } from './kernel-figure';

/** Energy distance, the root of 2 E|X - Y| - E|X - X'| - E|Y - Y'| (Szekely & Rizzo 2013), unbiased, with its permutation test. */
export const metric: Metric = {
  compute: context => kernelFigure(context, 'fidelity.energy', squared => { for (let i = 0; i < squared.length; i++) squared[i] = -Math.sqrt(squared[i]); return 0; }),
};
