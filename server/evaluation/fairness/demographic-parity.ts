import type { Metric } from '../metric';
import { selection } from './measures';
import { modelGap } from './model';

/** Demographic parity of a model trained on the synthetic rows. */
export const metric: Metric = { compute: context => modelGap('fairness.demographic-parity', context, [{ name: '', of: selection }]) };
