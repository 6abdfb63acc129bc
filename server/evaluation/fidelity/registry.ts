import { entry, score, unbounded } from '../entry';
import type { MetricEntry } from '../metric';
import * as thresholds from '../thresholds';

/** The metrics of how faithful the table is: single columns, columns together, rows; in the order of the report. A new one is a file here and an entry. */
export const fidelity: readonly MetricEntry[] = [
  entry(() => import('./shapes'), {
    id: 'fidelity.shapes', name: 'Column shapes', family: 'fidelity', ...score, better: 'higher', needs: ['training'],
    definition: 'How alike each column is distributed in the synthetic and in the training rows, averaged over columns: one minus the Kolmogorov-Smirnov distance for numbers and dates, one minus the total variation distance for categories, missing cells left out. All rows of both; the control scored against the training rows stands beside it.',
    paper: 'SDMetrics 0.29, Column Shapes (Patki, Wedge & Veeramachaneni 2016; DataCebo)', threshold: thresholds.shapes,
  }),
  entry(() => import('./pair-trends'), {
    id: 'fidelity.pair-trends', name: 'Pair trends', family: 'fidelity', ...score, better: 'higher', needs: ['training'],
    definition: 'How alike pairs of columns depend on one another, averaged over the pairs that are really tied (correlation above .5, or Cramer\'s V above .3, in the training rows): half the difference of correlations for two numbers, total variation of the two-way table otherwise. All rows.',
    paper: 'SDMetrics 0.29, Column Pair Trends with its default thresholds (DataCebo)', threshold: thresholds.pairs,
  }),
  entry(() => import('./pair-trends-all'), {
    id: 'fidelity.pair-trends-all', name: 'Pair trends, all pairs', family: 'fidelity', ...score, better: 'higher', needs: ['training'],
    definition: 'Pair trends averaged over every pair of columns, tied or not, as older papers report it. All rows.',
    paper: 'SDMetrics, Column Pair Trends without thresholds (DataCebo)', threshold: thresholds.pairs,
  }),
  entry(() => import('./wasserstein'), {
    id: 'fidelity.wasserstein', name: 'Wasserstein distance', family: 'fidelity', ...unbounded, better: 'lower', needs: ['training'],
    definition: 'How far values must travel, on average, to turn a column\'s synthetic distribution into the real one, in standard deviations of the real column; averaged over numeric and date columns. All synthetic and training rows.',
    paper: 'Vallender 1974; Ramdas, Garcia & Cuturi 2017', threshold: thresholds.wasserstein,
  }),
  entry(() => import('./jensen-shannon'), {
    id: 'fidelity.jensen-shannon', name: 'Jensen-Shannon distance', family: 'fidelity', ...score, better: 'lower', needs: ['training'],
    definition: 'How distinguishable a column\'s two distributions are (0 equal, 1 disjoint), numbers in 50 quantile bins, missing cells a category of their own; averaged over columns. All synthetic and training rows.',
    paper: 'Lin 1991; Endres & Schindelin 2003', threshold: thresholds.jensenShannon,
  }),
  entry(() => import('./two-sample'), {
    id: 'fidelity.two-sample', name: 'Classifier two-sample test', family: 'fidelity', ...score, better: 'target', target: 0.5, needs: [],
    definition: 'AUC with which boosted trees, trained for it, tell synthetic rows from control rows they have not seen; .5 means they cannot. Equally many rows of both, at most 25,000 each.',
    paper: 'Lopez-Paz & Oquab 2017, Revisiting classifier two-sample tests', threshold: thresholds.twoSample,
  }),
  entry(() => import('./logistic-detection'), {
    id: 'fidelity.logistic-detection', name: 'Logistic detection', family: 'fidelity', ...score, better: 'higher', needs: [],
    definition: 'One minus how far a logistic regression beats guessing when it tells synthetic from control rows (three folds); 1 means it cannot. A weak test: it sees differences of means and shares only. Equally many rows of both, at most 10,000 each.',
    paper: 'SDMetrics 0.29, LogisticDetection (DataCebo)', threshold: thresholds.logistic,
  }),
];
