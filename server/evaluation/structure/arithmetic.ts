import type { Metric } from '../metric';
import { foundRules } from './found';
import { keptFigure } from './kept';
import * as thresholds from './thresholds';

/** Arithmetic that every training row keeps: equal columns, sums, products, constant differences and ratios. */
export const metric: Metric = {
  compute: async context => keptFigure(context, 'structure.arithmetic', (await foundRules(context)).arithmetic, thresholds.rules, 'No arithmetic holds between columns in every training row.'),
};
