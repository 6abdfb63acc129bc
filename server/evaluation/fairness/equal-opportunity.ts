import type { Metric } from '../metric';
import { truePositives } from './measures';
import { modelGap } from './model';

/** Equal opportunity (Hardt, Price & Srebro 2016) of a model trained on the synthetic rows. */
export const metric: Metric = { compute: context => modelGap('fairness.equal-opportunity', context, [{ name: '', of: truePositives }]) };
