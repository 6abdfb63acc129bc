import type { Metric } from '../metric';
import { falsePositives, truePositives } from './measures';
import { modelGap } from './model';

/** Equalised odds (Hardt, Price & Srebro 2016): the larger of the gaps of true and of false positive rates. */
export const metric: Metric = { compute: context => modelGap('fairness.equalised-odds', context, [{ name: 'found', of: truePositives }, { name: 'wrongly selected', of: falsePositives }]) };
