import type { Metric } from '../metric';
import { foundRules } from './found';
import { keptFigure } from './kept';
import * as thresholds from './thresholds';

/** Functional dependencies that every training row keeps (a determines b). */
export const metric: Metric = {
  compute: async context => keptFigure(context, 'structure.dependencies', (await foundRules(context)).dependencies, thresholds.rules, 'No column of the training rows determines another.'),
};
