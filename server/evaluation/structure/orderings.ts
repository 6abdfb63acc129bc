import type { Metric } from '../metric';
import { foundRules } from './found';
import { keptFigure } from './kept';
import * as thresholds from './thresholds';

/** Orderings between columns that every training row keeps (a <= b, of columns whose ranges overlap). */
export const metric: Metric = {
  compute: async context => keptFigure(context, 'structure.orderings', (await foundRules(context)).orderings, thresholds.rules, 'No two columns of the training rows are ordered in every row.'),
};
