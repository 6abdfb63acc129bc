import type { MetricInfo } from '../protocol';
import type { Metric, MetricEntry } from './metric';
import * as thresholds from './thresholds';

type Load = () => Promise<{ metric: Metric }>;
const entry = (load: Load, info: MetricInfo): MetricEntry => ({ info, load: async () => (await load()).metric });
const share = { range: [0, 1] as [number, number], unit: 'share' as const }, score = { range: [0, 1] as [number, number], unit: 'score' as const };

/**
 * Every metric: metadata, and code that is loaded when it is first computed. In the order of the report. A new metric is one file and one entry here.
 */
export const metrics: readonly MetricEntry[] = [
  entry(() => import('./fidelity/shapes'), {
    id: 'fidelity.shapes', name: 'Column shapes', family: 'fidelity', ...score, better: 'higher', needs: ['training'],
    definition: 'How alike each column is distributed in the synthetic and in the training rows, averaged over columns: one minus the Kolmogorov-Smirnov distance for numbers and dates, one minus the total variation distance for categories, missing cells left out. All rows of both; the control scored against the training rows stands beside it.',
    paper: 'SDMetrics 0.29, Column Shapes (Patki, Wedge & Veeramachaneni 2016; DataCebo)', threshold: thresholds.shapes,
  }),
  entry(() => import('./fidelity/pair-trends'), {
    id: 'fidelity.pair-trends', name: 'Pair trends', family: 'fidelity', ...score, better: 'higher', needs: ['training'],
    definition: 'How alike pairs of columns depend on one another, averaged over the pairs that are really tied (correlation above .5, or Cramer\'s V above .3, in the training rows): half the difference of correlations for two numbers, total variation of the two-way table otherwise. All rows.',
    paper: 'SDMetrics 0.29, Column Pair Trends with its default thresholds (DataCebo)', threshold: thresholds.pairs,
  }),
  entry(() => import('./fidelity/pair-trends-all'), {
    id: 'fidelity.pair-trends-all', name: 'Pair trends, all pairs', family: 'fidelity', ...score, better: 'higher', needs: ['training'],
    definition: 'Pair trends averaged over every pair of columns, tied or not, as older papers report it. All rows.',
    paper: 'SDMetrics, Column Pair Trends without thresholds (DataCebo)', threshold: thresholds.pairs,
  }),
  entry(() => import('./fidelity/wasserstein'), {
    id: 'fidelity.wasserstein', name: 'Wasserstein distance', family: 'fidelity', range: [0, Number.MAX_VALUE], better: 'lower', needs: ['training'],
    definition: 'How far values must travel, on average, to turn a column\'s synthetic distribution into the real one, in standard deviations of the real column; averaged over numeric and date columns. All synthetic and training rows.',
    paper: 'Vallender 1974; Ramdas, Garcia & Cuturi 2017', threshold: thresholds.wasserstein,
  }),
  entry(() => import('./fidelity/jensen-shannon'), {
    id: 'fidelity.jensen-shannon', name: 'Jensen-Shannon distance', family: 'fidelity', ...score, better: 'lower', needs: ['training'],
    definition: 'How distinguishable a column\'s two distributions are (0 equal, 1 disjoint), numbers in 50 quantile bins, missing cells a category of their own; averaged over columns. All synthetic and training rows.',
    paper: 'Lin 1991; Endres & Schindelin 2003', threshold: thresholds.jensenShannon,
  }),
  entry(() => import('./fidelity/two-sample'), {
    id: 'fidelity.two-sample', name: 'Classifier two-sample test', family: 'fidelity', ...score, better: 'target', target: 0.5, needs: [],
    definition: 'AUC with which boosted trees, trained for it, tell synthetic rows from control rows they have not seen; .5 means they cannot. Equally many rows of both, at most 25,000 each.',
    paper: 'Lopez-Paz & Oquab 2017, Revisiting classifier two-sample tests', threshold: thresholds.twoSample,
  }),
  entry(() => import('./fidelity/logistic-detection'), {
    id: 'fidelity.logistic-detection', name: 'Logistic detection', family: 'fidelity', ...score, better: 'higher', needs: [],
    definition: 'One minus how far a logistic regression beats guessing when it tells synthetic from control rows (three folds); 1 means it cannot. A weak test: it sees differences of means and shares only. Equally many rows of both, at most 10,000 each.',
    paper: 'SDMetrics 0.29, LogisticDetection (DataCebo)', threshold: thresholds.logistic,
  }),
  entry(() => import('./utility/tstr'), {
    id: 'utility.tstr', name: 'Train on synthetic, test on real', family: 'utility', range: [-1, 1], unit: 'score', better: 'higher', needs: ['holdout', 'outcome'],
    definition: 'How well boosted trees that learnt the outcome from synthetic rows predict it for control rows: AUC (several classes: the mean of each against the rest) or R2. The same learner on as many training rows stands beside it; the shortfall is judged.',
    paper: 'Esteban, Hyland & Raetsch 2017; interval by DeLong, DeLong & Clarke-Pearson 1988', threshold: { ...thresholds.tstr, on: 'shortfall' },
  }),
  entry(() => import('./privacy/near-copies'), {
    id: 'privacy.near-copies', name: 'Near copies', family: 'privacy', ...share, better: 'lower', needs: ['holdout', 'training'],
    definition: 'Share of synthetic rows that equal a training row in all columns but at most one, and there lie within 5% of the real value or hold another category. Judged is the excess: training rows copied so, less control rows copied so, per synthetic row. All rows of all three tables.',
    paper: 'Giomi et al. 2023, Anonymeter; membership null as in Carlini et al. 2022', threshold: { ...thresholds.copies, on: 'excess' },
  }),
  entry(() => import('./privacy/exact-copies'), {
    id: 'privacy.exact-copies', name: 'Exact copies', family: 'privacy', ...share, better: 'lower', needs: ['holdout', 'training'],
    definition: 'Share of synthetic rows that equal a training row in every column, missing cells included. Unrelated people share rows too; judged is the excess over the control, per synthetic row. All rows of all three tables.',
    paper: 'Platzer & Reutterer 2021', threshold: { ...thresholds.copies, on: 'excess' },
  }),
  entry(() => import('./privacy/membership-auc'), {
    id: 'privacy.membership-auc', name: 'Membership attack', family: 'privacy', ...score, better: 'target', target: 0.5, needs: ['holdout', 'training'],
    definition: 'Probability that a random training row lies nearer to the synthetic table than a random control row does; .5 means that distances betray nobody. All training and control rows, or as many as the figure says.',
    paper: 'Chen et al. 2020, GAN-Leaks; variance by DeLong et al. 1988', threshold: thresholds.membership,
  }),
  entry(() => import('./privacy/membership-tpr-1'), {
    id: 'privacy.membership-tpr-1', name: 'Members found at 1% false positives', family: 'privacy', ...share, better: 'lower', needs: ['holdout', 'training'],
    definition: 'Share of training rows that an attacker recognises while he wrongly accuses 1% of the control rows, by how much nearer the synthetic table comes to a row than other people do; guessing finds 1%. All training and control rows, or as many as the figure says; also for the 1% most outlying rows.',
    paper: 'Carlini et al. 2022; Watson et al. 2022', threshold: thresholds.tpr1,
  }),
  entry(() => import('./privacy/membership-tpr-0.1'), {
    id: 'privacy.membership-tpr-0.1', name: 'Members found at 0.1% false positives', family: 'privacy', ...share, better: 'lower', needs: ['holdout', 'training'],
    definition: 'Share of training rows that an attacker recognises while he wrongly accuses 0.1% of the control rows: the people he is nearly sure of; guessing finds 0.1%. All training and control rows, or as many as the figure says; also for the 1% most outlying rows.',
    paper: 'Carlini et al. 2022; Watson et al. 2022', threshold: thresholds.tpr01,
  }),
  entry(() => import('./privacy/membership-outliers'), {
    id: 'privacy.membership-outliers', name: 'Membership attack on outliers', family: 'privacy', ...score, better: 'target', target: 0.5, needs: ['holdout', 'training'],
    definition: 'The membership attack on the 1% of real rows that lie farthest from their five nearest other real rows, where leaks concentrate; .5 means that distances betray none of them.',
    paper: 'Stadler, Oprisanu & Troncoso 2022, Synthetic data: anonymisation groundhog day', threshold: thresholds.outliers,
  }),
  entry(() => import('./privacy/dcr'), {
    id: 'privacy.dcr', name: 'Distance to closest record', family: 'privacy', range: [0, Number.MAX_VALUE], better: 'higher', needs: ['holdout', 'training'],
    definition: 'The distance to the nearest training row that 5% of the synthetic rows stay under, beside that of control rows. A diagnostic without a verdict: copies with one value changed pass it.',
    paper: 'Zhao et al. 2021, CTAB-GAN; Platzer & Reutterer 2021',
  }),
  entry(() => import('./privacy/closer-share'), {
    id: 'privacy.closer-share', name: 'Closer to training than to control', family: 'privacy', ...share, better: 'target', target: 0.5, needs: ['holdout', 'training'],
    definition: 'Share of synthetic rows whose nearest training row is nearer than their nearest control row, of equally many of both; ties count half. A diagnostic without a verdict.',
    paper: 'Platzer & Reutterer 2021',
  }),
];

/** Metadata of a metric by id. */
export const metricInfo = (id: string): MetricInfo | undefined => metrics.find(m => m.info.id === id)?.info;
