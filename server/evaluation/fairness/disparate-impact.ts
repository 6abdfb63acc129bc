import type { Metric } from '../metric';
import { selection } from './measures';
import { modelGap } from './model';

/** Disparate impact of a model trained on the synthetic rows. */
export const metric: Metric = { compute: context => modelGap('fairness.disparate-impact', context, [{ name: '', of: selection }], 'ratio') };
