import { entry, share } from '../entry';
import type { MetricEntry } from '../metric';
import * as thresholds from '../thresholds';

const parity = { ...thresholds.parity, on: 'excess' }, impact = { ...thresholds.impact, on: 'excess' };
const data = 'All rows with a known outcome. Groups of at least 30 rows, of every sensitive column and of their intersections; the groups that differ most count. What exceeds the training rows\' own figure is judged.';
const model = 'Boosted trees trained on synthetic rows decide on control rows (probability of the favourable outcome above one half); the same learner trained on real rows stands beside it, and what exceeds it is judged. Groups of at least 30 cases, of every sensitive column and of their intersections; the groups that differ most count.';
const ofData: Array<'outcome' | 'sensitive' | 'training'> = ['outcome', 'sensitive', 'training'], ofModels: Array<'outcome' | 'sensitive' | 'holdout'> = ['outcome', 'sensitive', 'holdout'];

/** The metrics of how groups are treated, by the data and by models trained on it; in the order of the report. A new one is a file here and an entry. */
export const fairness: readonly MetricEntry[] = [
  entry(() => import('./data-parity'), {
    id: 'fairness.data-parity', name: 'Demographic parity of the data', family: 'fairness', ...share, better: 'lower', needs: ofData,
    definition: `The largest difference between groups' shares of the favourable outcome in the synthetic table. ${data}`,
    paper: 'Dwork et al. 2012; interval by Newcombe 1998', threshold: parity,
  }),
  entry(() => import('./data-impact'), {
    id: 'fairness.data-impact', name: 'Disparate impact of the data', family: 'fairness', ...share, better: 'higher', needs: ofData,
    definition: `The smallest ratio between groups' shares of the favourable outcome in the synthetic table. ${data}`,
    paper: 'Feldman et al. 2015; interval by Donner & Zou 2012', threshold: impact,
  }),
  entry(() => import('./demographic-parity'), {
    id: 'fairness.demographic-parity', name: 'Demographic parity', family: 'fairness', ...share, better: 'lower', needs: ofModels,
    definition: `The largest difference between the shares of groups that a model selects. ${model}`,
    paper: 'Dwork et al. 2012; fairlearn; interval by Newcombe 1998', threshold: parity,
  }),
  entry(() => import('./disparate-impact'), {
    id: 'fairness.disparate-impact', name: 'Disparate impact', family: 'fairness', ...share, better: 'higher', needs: ofModels,
    definition: `The smallest ratio between the shares of groups that a model selects (the four-fifths rule asks for 0.8). ${model}`,
    paper: 'Feldman et al. 2015; interval by Donner & Zou 2012', threshold: impact,
  }),
  entry(() => import('./equal-opportunity'), {
    id: 'fairness.equal-opportunity', name: 'Equal opportunity', family: 'fairness', ...share, better: 'lower', needs: ofModels,
    definition: `Of those whose outcome is favourable, the largest difference between the shares of groups that a model selects. ${model}`,
    paper: 'Hardt, Price & Srebro 2016; interval by Newcombe 1998', threshold: parity,
  }),
  entry(() => import('./equalised-odds'), {
    id: 'fairness.equalised-odds', name: 'Equalised odds', family: 'fairness', ...share, better: 'lower', needs: ofModels,
    definition: `The larger of two differences between groups: of true positive and of false positive rates. ${model}`,
    paper: 'Hardt, Price & Srebro 2016; interval by Newcombe 1998', threshold: parity,
  }),
  entry(() => import('./predictive-parity'), {
    id: 'fairness.predictive-parity', name: 'Predictive parity', family: 'fairness', ...share, better: 'lower', needs: ofModels,
    definition: `Of those a model selects, the largest difference between groups' shares with a favourable outcome. ${model}`,
    paper: 'Chouldechova 2017; interval by Newcombe 1998', threshold: parity,
  }),
  entry(() => import('./calibration'), {
    id: 'fairness.calibration', name: 'Calibration by group', family: 'fairness', ...share, better: 'lower', needs: ofModels,
    definition: `The most that a model's mean predicted probability is off a group's share of favourable outcomes, either way. ${model}`,
    paper: 'Kleinberg, Mullainathan & Raghavan 2017', threshold: parity,
  }),
  entry(() => import('./conditional-fidelity'), {
    id: 'fairness.conditional-fidelity', name: 'Fidelity by group', family: 'fairness', ...share, range: [-1, 1], better: 'lower', needs: ['sensitive', 'training'],
    definition: 'How far a group\'s mean column shape, synthetic against training rows, lies below what chance gives two samples of these sizes (the rows of both divided anew 40 times); the worst group counts, of every sensitive column and of their intersections, with at least 30 rows in both tables and at most 2,000 looked at. All rows together stand beside it. No interval: it is the worst of many groups, each a mean of scores that lean with the group\'s size.',
    paper: 'SDMetrics, Column Shapes; permutation null as in Good 2005', threshold: thresholds.conditional,
  }),
];
