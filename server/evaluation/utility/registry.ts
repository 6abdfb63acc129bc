import { entry } from '../entry';
import type { MetricEntry } from '../metric';
import * as thresholds from '../thresholds';

/** The metrics of whether what is learnt or concluded from it holds for real rows; in the order of the report. A new one is a file here and an entry. */
export const utility: readonly MetricEntry[] = [
  entry(() => import('./tstr'), {
    id: 'utility.tstr', name: 'Train on synthetic, test on real', family: 'utility', range: [-1, 1], unit: 'score', better: 'higher', needs: ['holdout', 'outcome'],
    definition: 'How well boosted trees that learnt the outcome from synthetic rows predict it for control rows: AUC (several classes: the mean of each against the rest) or R2. The same learner on as many training rows stands beside it; the shortfall is judged.',
    paper: 'Esteban, Hyland & Raetsch 2017; interval by DeLong, DeLong & Clarke-Pearson 1988', threshold: { ...thresholds.tstr, on: 'shortfall' },
  }),
];
