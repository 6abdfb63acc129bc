import type { Metric } from '../metric';
import { crossedTprFigure, tprFigure } from './membership-tpr';

/** True-positive rate of the membership attack at 1% false positives, overall and on the 1% most outlying rows; see membership-tpr.ts. */
export const metric: Metric = { compute: context => tprFigure(context, 'privacy.membership-tpr-1', 0.01), cross: (_, folds) => crossedTprFigure(folds, 'privacy.membership-tpr-1', 0.01) };
