import { entry, score, unbounded } from '../entry';
import type { MetricEntry } from '../metric';
import * as thresholds from '../thresholds';
import * as further from './thresholds';

/** The metrics of how faithful the table is: single columns, columns together, rows; in the order of the report. A new one is a file here and an entry. */
export const fidelity: readonly MetricEntry[] = [
  entry(() => import('./shapes'), {
    id: 'fidelity.shapes', name: 'Column shapes', family: 'fidelity', ...score, better: 'higher', needs: ['training'],
    definition: 'How alike each column is distributed in the synthetic and in the training rows, averaged over columns: one minus the Kolmogorov-Smirnov distance for numbers and dates, one minus the total variation distance for categories, missing cells left out. All rows of both; the control scored against the training rows stands beside it.',
    paper: 'SDMetrics 0.29, Column Shapes (Patki, Wedge & Veeramachaneni 2016; DataCebo)', threshold: thresholds.shapes,
  }),
  entry(() => import('./pair-trends'), {
    id: 'fidelity.pair-trends', name: 'Pair trends', family: 'fidelity', ...score, better: 'higher', needs: ['training'],
    definition: 'How alike pairs of columns depend on one another, averaged over the pairs that are really tied (correlation above 0.5, or Cramer\'s V above 0.3, in the training rows): half the difference of correlations for two numbers, total variation of the two-way table otherwise. All rows.',
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
    definition: 'AUC with which boosted trees, trained for it, tell synthetic rows from control rows they have not seen; 0.5 means they cannot. Equally many rows of both, at most 25,000 each.',
    paper: 'Lopez-Paz & Oquab 2017, Revisiting classifier two-sample tests', threshold: thresholds.twoSample,
  }),
  entry(() => import('./logistic-detection'), {
    id: 'fidelity.logistic-detection', name: 'Logistic detection', family: 'fidelity', ...score, better: 'higher', needs: [],
    definition: 'One minus how far a logistic regression beats guessing when it tells synthetic from control rows (three folds); 1 means it cannot. A weak test: it sees differences of means and shares only. Equally many rows of both, at most 10,000 each. No interval: three models are refitted on overlapping folds; the logistic two-sample test has one.',
    paper: 'SDMetrics 0.29, LogisticDetection (DataCebo)', threshold: thresholds.logistic,
  }),
  entry(() => import('./missing-rates'), {
    id: 'fidelity.missing-rates', name: 'Missing rates', family: 'fidelity', ...score, better: 'higher', needs: ['training'],
    definition: 'One minus the difference of the shares of missing cells, averaged over columns that miss any. All rows.',
    paper: 'SDMetrics, MissingValueSimilarity (DataCebo)', threshold: further.missingRates,
  }),
  entry(() => import('./range-coverage'), {
    id: 'fidelity.range-coverage', name: 'Range coverage', family: 'fidelity', ...score, better: 'higher', needs: ['training'], estimand: 'file',
    definition: 'How much of the training rows\' range, from smallest to largest value, the synthetic rows reach, averaged over numeric and date columns. All rows; the share of values within that range is in the details.',
    paper: 'SDMetrics, RangeCoverage and BoundaryAdherence (DataCebo)', threshold: further.rangeCoverage,
  }),
  entry(() => import('./category-coverage'), {
    id: 'fidelity.category-coverage', name: 'Category coverage', family: 'fidelity', ...score, better: 'higher', needs: ['training'], estimand: 'file',
    definition: 'Share of the training rows\' categories that synthetic rows have, averaged over columns. Judged against what a fresh real table of as many rows would cover.',
    paper: 'SDMetrics, CategoryCoverage (DataCebo)', threshold: further.categoryCoverage,
  }),
  entry(() => import('./tail-width'), {
    id: 'fidelity.tail-width', name: 'Width of tails', family: 'fidelity', ...score, better: 'higher', needs: ['training'],
    definition: 'How far the 1st and the 99th percentile lie from the median, synthetic over training, folded to at most 1 (half as wide and twice as wide both score 0.5); geometric mean over both tails of all numeric and date columns. All rows.',
    paper: 'Review of synthetic data\'s failures in the tail; quantiles as Hyndman & Fan 1996, definition 7', threshold: further.tails,
  }),
  entry(() => import('./rare-mass'), {
    id: 'fidelity.rare-mass', name: 'Mass in rare categories', family: 'fidelity', ...score, better: 'higher', needs: ['training'],
    definition: 'Share of rows whose category fewer than 1% of the training rows have, synthetic over training, folded to at most 1; geometric mean over columns that have such categories. All rows.',
    paper: 'Alemohammad et al. 2024; Shumailov et al. 2024, on what goes first when models learn from models', threshold: further.tails,
  }),
  entry(() => import('./extreme-coverage'), {
    id: 'fidelity.extreme-coverage', name: 'Coverage of extremes', family: 'fidelity', ...score, better: 'higher', needs: ['training'],
    definition: 'Share of values at or beyond the training rows\' 1st and 99th percentile, synthetic over training, at most 1; geometric mean over both ends of all numeric and date columns. All rows.',
    paper: 'Shumailov et al. 2024, on tails that disappear', threshold: further.tails,
  }),
  entry(() => import('./pearson'), {
    id: 'fidelity.pearson', name: 'Correlations, Pearson', family: 'fidelity', ...score, better: 'higher', needs: ['training'], suite: 'full',
    definition: 'One minus half the difference of Pearson correlations, averaged over all pairs of numeric and date columns. Equally many training and synthetic rows, at most 100,000 of each.',
    paper: 'SDMetrics, CorrelationSimilarity (DataCebo)', threshold: further.correlations,
  }),
  entry(() => import('./spearman'), {
    id: 'fidelity.spearman', name: 'Correlations, Spearman', family: 'fidelity', ...score, better: 'higher', needs: ['training'], suite: 'full',
    definition: 'One minus half the difference of Spearman rank correlations, averaged over all pairs of numeric and date columns. Equally many training and synthetic rows, at most 100,000 of each.',
    paper: 'SDMetrics, CorrelationSimilarity with Spearman (DataCebo); Spearman 1904', threshold: further.correlations,
  }),
  entry(() => import('./kendall'), {
    id: 'fidelity.kendall', name: 'Correlations, Kendall', family: 'fidelity', ...score, better: 'higher', needs: ['training'], suite: 'full',
    definition: 'One minus half the difference of Kendall\'s tau-b, averaged over all pairs of numeric and date columns. Equally many training and synthetic rows, at most 100,000 of each.',
    paper: 'Kendall 1945; Knight 1966', threshold: further.correlations,
  }),
  entry(() => import('./mutual-information'), {
    id: 'fidelity.mutual-information', name: 'Mutual information', family: 'fidelity', ...score, better: 'higher', needs: ['training'], suite: 'full',
    definition: 'One minus the difference of normalised mutual information, averaged over all pairs of columns: numbers in ten quantile bins, the twenty commonest categories, missing a level of its own. Equally many training and synthetic rows, at most 100,000 of each.',
    paper: 'Shannon 1948; Strehl & Ghosh 2002 (normalisation by the mean entropy)', threshold: further.information,
  }),
  entry(() => import('./correlation-ratio'), {
    id: 'fidelity.correlation-ratio', name: 'Mixed pairs', family: 'fidelity', ...score, better: 'higher', needs: ['training'], suite: 'full',
    definition: 'One minus the difference of correlation ratios, averaged over pairs of a category and a number: the root of the share of the number\'s variance that lies between categories. Equally many training and synthetic rows, at most 100,000 of each.',
    paper: 'Fisher 1925, correlation ratio', threshold: further.information,
  }),
  entry(() => import('./three-way'), {
    id: 'fidelity.three-way', name: 'Three-way marginals', family: 'fidelity', ...score, better: 'higher', needs: ['training'], suite: 'full',
    definition: 'How alike triples of columns are distributed: one minus the total variation distance of three-way tables, averaged over at most 60 random triples; numbers in five quantile bins, the eight commonest categories. Equally many training and synthetic rows.',
    paper: 'McKenna, Miklau & Sheldon 2021; NIST synthetic data challenge, k-marginals', threshold: further.triples,
  }),
  entry(() => import('./mmd'), {
    id: 'fidelity.mmd', name: 'Maximum mean discrepancy', family: 'fidelity', ...unbounded, better: 'lower', needs: [], suite: 'full',
    definition: 'Distance of the mean embeddings of synthetic and control rows under a Gaussian kernel of median width (the root of the unbiased squared statistic). At most 1,000 random rows of each table. Judged by its permutation test: good where it does not tell the tables apart at 5%. Interval: of the distance between the generator\'s rows and the population\'s, under this kernel, from the deviations of resampled embeddings; it covers at zero too.',
    paper: 'Gretton, Borgwardt, Rasch, Schoelkopf & Smola 2012, A kernel two-sample test',
  }),
  entry(() => import('./energy'), {
    id: 'fidelity.energy', name: 'Energy distance', family: 'fidelity', ...unbounded, better: 'lower', needs: [], suite: 'full',
    definition: 'How much farther synthetic rows lie from control rows than both among themselves: the root of 2 E|X-Y| - E|X-X\'| - E|Y-Y\'|, unbiased. At most 1,000 random rows of each table. Judged by its permutation test: good where it does not tell the tables apart at 5%. Interval: of the distance between the generator\'s rows and the population\'s, from the deviations of resampled embeddings; it covers at zero too.',
    paper: 'Szekely & Rizzo 2013; Sejdinovic et al. 2013',
  }),
  entry(() => import('./sliced-wasserstein'), {
    id: 'fidelity.sliced-wasserstein', name: 'Sliced Wasserstein distance', family: 'fidelity', ...unbounded, better: 'lower', needs: [], suite: 'full',
    definition: 'First Wasserstein distance of synthetic and control rows along a line, averaged over 100 random directions. At most 5,000 random rows of each table. Judged by its permutation test: good where it does not tell the tables apart at 5%. Interval: of the distance between the generator\'s rows and the population\'s along these directions, from resampled deviations.',
    paper: 'Rabin, Peyre, Delon & Bernot 2012',
  }),
  entry(() => import('./pmse'), {
    id: 'fidelity.pmse', name: 'Propensity score ratio', family: 'fidelity', ...unbounded, better: 'lower', needs: [], suite: 'full',
    definition: 'How well a logistic regression with main effects predicts which rows are synthetic: the mean squared distance of its predictions from the synthetic share, over what it is expected to be under a right synthesis; 1 is right. Equally many synthetic and control rows, at most 10,000. No interval: the ratio is held against what it is under a right synthesis.',
    paper: 'Snoke, Raab, Nowok, Dibben & Slavkovic 2018; Raab, Nowok & Dibben 2021', threshold: further.pmse,
  }),
  entry(() => import('./two-sample-logistic'), {
    id: 'fidelity.two-sample-logistic', name: 'Classifier two-sample test, logistic', family: 'fidelity', ...score, better: 'target', target: 0.5, needs: [], suite: 'full',
    definition: 'AUC with which a logistic regression, trained for it, tells synthetic from control rows it has not seen; 0.5 means it cannot. Equally many rows of both, at most 10,000 each.',
    paper: 'Lopez-Paz & Oquab 2017; interval by DeLong, DeLong & Clarke-Pearson 1988', threshold: thresholds.twoSample,
  }),
  entry(() => import('./alpha-precision'), {
    id: 'fidelity.alpha-precision', name: 'Alpha-precision', family: 'fidelity', ...score, better: 'higher', needs: ['training'], suite: 'full',
    definition: 'Whether synthetic rows lie where real rows do, from the middle outward: agreement of the shares of both within balls that hold every share of the real rows. 2,000 rows of each table; judged is the shortfall from real rows in the synthetic table\'s place. Interval: over synthetic rows, given the training rows compared: what more rows of this generator would score among these.',
    paper: 'Alaa, van Breugel, Saveliev & van der Schaar 2022, How faithful is your synthetic data?', threshold: further.sampleLevel,
  }),
  entry(() => import('./beta-recall'), {
    id: 'fidelity.beta-recall', name: 'Beta-recall', family: 'fidelity', ...score, better: 'higher', needs: ['training'], suite: 'full',
    definition: 'Whether synthetic rows cover the real ones: share of real rows that have a synthetic row nearer than their nearest real one, over growing shells of synthetic rows. 2,000 rows of each table; judged is the shortfall from real rows in the synthetic table\'s place. No interval: it rests on how near every row\'s nearest other row is, for which no resampling of rows is valid.',
    paper: 'Alaa et al. 2022', threshold: further.sampleLevel,
  }),
  entry(() => import('./authenticity'), {
    id: 'fidelity.authenticity', name: 'Authenticity', family: 'fidelity', ...score, better: 'higher', needs: ['training'], suite: 'full',
    definition: 'Share of synthetic rows that lie farther from their nearest training row than that one lies from its own nearest other training row. Copies make it fall. 2,000 rows of each table; judged is the shortfall from real rows in the synthetic table\'s place. Interval: over synthetic rows, given the training rows compared: what more rows of this generator would score among these.',
    paper: 'Alaa et al. 2022', threshold: further.sampleLevel,
  }),
  entry(() => import('./precision'), {
    id: 'fidelity.precision', name: 'Precision', family: 'fidelity', ...score, better: 'higher', needs: ['training'], suite: 'full',
    definition: 'Share of synthetic rows within the ball of five neighbours of some training row. 2,000 rows of each table; judged is the shortfall from real rows in the synthetic table\'s place. Interval: over synthetic rows, given the training rows compared: what more rows of this generator would score among these.',
    paper: 'Kynkaanniemi et al. 2019; Naeem et al. 2020', threshold: further.sampleLevel,
  }),
  entry(() => import('./recall'), {
    id: 'fidelity.recall', name: 'Recall', family: 'fidelity', ...score, better: 'higher', needs: ['training'], suite: 'full',
    definition: 'Share of training rows within the ball of five neighbours of some synthetic row. 2,000 rows of each table; judged is the shortfall from real rows in the synthetic table\'s place. Interval: over training rows, given the synthetic rows compared: what all of the training table would score among these.',
    paper: 'Kynkaanniemi et al. 2019; Naeem et al. 2020', threshold: further.sampleLevel,
  }),
  entry(() => import('./density'), {
    id: 'fidelity.density', name: 'Density', family: 'fidelity', ...unbounded, better: 'higher', needs: ['training'], suite: 'full',
    definition: 'How many of the training rows\' balls of five neighbours hold a synthetic row, on average, over five; about 1 for real rows. 2,000 rows of each table; judged is the shortfall from real rows in the synthetic table\'s place. Interval: over synthetic rows, given the training rows compared: what more rows of this generator would score among these.',
    paper: 'Naeem, Oh, Uh, Choi & Yoo 2020', threshold: further.sampleLevel,
  }),
  entry(() => import('./coverage'), {
    id: 'fidelity.coverage', name: 'Coverage', family: 'fidelity', ...score, better: 'higher', needs: ['training'], suite: 'full',
    definition: 'Share of training rows whose ball of five neighbours holds a synthetic row. 2,000 rows of each table; judged is the shortfall from real rows in the synthetic table\'s place. No interval: it rests on how near every row\'s nearest other row is, for which no resampling of rows is valid.',
    paper: 'Naeem et al. 2020', threshold: further.sampleLevel,
  }),
];
