import { entry, score, unbounded } from '../entry';
import type { MetricEntry } from '../metric';
import * as thresholds from '../thresholds';

const order = 'Rows in the declared order, within each entity where one is declared; at most 12 numeric columns.';

/** The metrics of rows in their order, within what they belong to; in the order of the report. A new one is a file here and an entry. Only where an order is declared: dates alone make no series. */
export const timeSeries: readonly MetricEntry[] = [
  entry(() => import('./autocorrelation'), {
    id: 'time-series.autocorrelation', name: 'Autocorrelation', family: 'time-series', ...score, better: 'higher', needs: ['order', 'training'],
    definition: `One minus half the mean difference between synthetic and training autocorrelations at lags 1 to 24 (at most a quarter of a series), averaged over columns. ${order} Interval: over series, which are independent draws; no interval with fewer than 20 in either table, since rows of one series are not.`,
    paper: 'Box & Jenkins 1970; as used by Wiese et al. 2020, Quant GANs', threshold: thresholds.series,
  }),
  entry(() => import('./spectra'), {
    id: 'time-series.spectra', name: 'Spectra', family: 'time-series', ...score, better: 'higher', needs: ['order', 'training'],
    definition: `The share of variance that synthetic and training series have in common over eight bands of frequency (windows of at most 128 rows), averaged over columns. ${order} Interval: over series, which are independent draws; no interval with fewer than 20 in either table, since rows of one series are not.`,
    paper: 'Welch 1967', threshold: thresholds.series,
  }),
  entry(() => import('./cross-correlation'), {
    id: 'time-series.cross-correlation', name: 'Cross-correlation', family: 'time-series', ...score, better: 'higher', needs: ['order', 'training'],
    definition: `One minus half the mean difference between synthetic and training correlations of two columns, one shifted by up to five rows either way, averaged over pairs. ${order} Interval: over series, which are independent draws; no interval with fewer than 20 in either table, since rows of one series are not.`,
    paper: 'Box & Jenkins 1970', threshold: thresholds.series,
  }),
  entry(() => import('./discriminative'), {
    id: 'time-series.discriminative', name: 'Discriminative score', family: 'time-series', ...score, better: 'target', target: 0.5, needs: ['order'],
    definition: `AUC with which boosted trees tell windows of 24 synthetic rows from windows of control rows; windows do not overlap. TimeGAN's score uses a recurrent network and accuracy. What real windows show is taken off for the verdict. ${order}`,
    paper: 'Yoon, Jarrett & van der Schaar 2019, TimeGAN', threshold: thresholds.twoSample,
  }),
  entry(() => import('./predictive'), {
    id: 'time-series.predictive', name: 'Predictive score', family: 'time-series', ...unbounded, better: 'lower', needs: ['order', 'training'],
    definition: `Mean absolute error, in standard deviations, of the next control row as predicted from the last five by a ridge regression trained on synthetic series (TimeGAN's score uses a recurrent network). The same model trained on training series stands beside it, and the excess, as a share of its error, is judged. ${order} No interval: both models were fitted once, and errors that follow each other are no independent draws.`,
    paper: 'Yoon, Jarrett & van der Schaar 2019, TimeGAN', threshold: { ...thresholds.predictive, on: 'excess' },
  }),
  entry(() => import('./lengths'), {
    id: 'time-series.lengths', name: 'Rows an entity', family: 'time-series', ...score, better: 'higher', needs: ['order', 'entity', 'training'],
    definition: 'One minus the Kolmogorov-Smirnov distance between how many rows synthetic and training entities have. Interval: over entities, for any distribution.', paper: 'SDMetrics, sequence lengths (DataCebo)', threshold: thresholds.shapes,
  }),
];
