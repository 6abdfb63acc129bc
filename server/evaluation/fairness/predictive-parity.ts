import type { Metric } from '../metric';
import { precision } from './measures';
import { modelGap } from './model';

/** Predictive parity (Chouldechova 2017): how often a selection is right, by group. */
export const metric: Metric = { compute: context => modelGap('fairness.predictive-parity', context, [{ name: '', of: precision }]) };
