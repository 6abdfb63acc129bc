import { entry, share, score, unbounded } from '../entry';
import type { MetricEntry } from '../metric';
import * as thresholds from '../thresholds';

/** The metrics of whom it exposes; in the order of the report. A new one is a file here and an entry. */
export const privacy: readonly MetricEntry[] = [
  entry(() => import('./near-copies'), {
    id: 'privacy.near-copies', name: 'Near copies', family: 'privacy', ...share, better: 'lower', needs: ['holdout', 'training'],
    definition: 'Share of synthetic rows that equal a training row in all columns but at most one, and there lie within 5% of the real value or hold another category. Judged is the excess: training rows copied so, less control rows copied so, per synthetic row. All rows of all three tables.',
    paper: 'Giomi et al. 2023, Anonymeter; membership null as in Carlini et al. 2022', threshold: { ...thresholds.copies, on: 'excess' },
  }),
  entry(() => import('./exact-copies'), {
    id: 'privacy.exact-copies', name: 'Exact copies', family: 'privacy', ...share, better: 'lower', needs: ['holdout', 'training'],
    definition: 'Share of synthetic rows that equal a training row in every column, missing cells included. Unrelated people share rows too; judged is the excess over the control, per synthetic row. All rows of all three tables.',
    paper: 'Platzer & Reutterer 2021', threshold: { ...thresholds.copies, on: 'excess' },
  }),
  entry(() => import('./membership-auc'), {
    id: 'privacy.membership-auc', name: 'Membership attack', family: 'privacy', ...score, better: 'target', target: 0.5, needs: ['holdout', 'training'],
    definition: 'Probability that a random training row lies nearer to the synthetic table than a random control row does; .5 means that distances betray nobody. All training and control rows, or as many as the figure says.',
    paper: 'Chen et al. 2020, GAN-Leaks; variance by DeLong et al. 1988', threshold: thresholds.membership,
  }),
  entry(() => import('./membership-tpr-1'), {
    id: 'privacy.membership-tpr-1', name: 'Members found at 1% false positives', family: 'privacy', ...share, better: 'lower', needs: ['holdout', 'training'],
    definition: 'Share of training rows that an attacker recognises while he wrongly accuses 1% of the control rows, by how much nearer the synthetic table comes to a row than other people do; guessing finds 1%. All training and control rows, or as many as the figure says; also for the 1% most outlying rows.',
    paper: 'Carlini et al. 2022; Watson et al. 2022', threshold: thresholds.tpr1,
  }),
  entry(() => import('./membership-tpr-0.1'), {
    id: 'privacy.membership-tpr-0.1', name: 'Members found at 0.1% false positives', family: 'privacy', ...share, better: 'lower', needs: ['holdout', 'training'],
    definition: 'Share of training rows that an attacker recognises while he wrongly accuses 0.1% of the control rows: the people he is nearly sure of; guessing finds 0.1%. All training and control rows, or as many as the figure says; also for the 1% most outlying rows.',
    paper: 'Carlini et al. 2022; Watson et al. 2022', threshold: thresholds.tpr01,
  }),
  entry(() => import('./membership-outliers'), {
    id: 'privacy.membership-outliers', name: 'Membership attack on outliers', family: 'privacy', ...score, better: 'target', target: 0.5, needs: ['holdout', 'training'],
    definition: 'The membership attack on the 1% of real rows that lie farthest from their five nearest other real rows, where leaks concentrate; .5 means that distances betray none of them.',
    paper: 'Stadler, Oprisanu & Troncoso 2022, Synthetic data: anonymisation groundhog day', threshold: thresholds.outliers,
  }),
  entry(() => import('./dcr'), {
    id: 'privacy.dcr', name: 'Distance to closest record', family: 'privacy', ...unbounded, better: 'higher', needs: ['holdout', 'training'],
    definition: 'The distance to the nearest training row that 5% of the synthetic rows stay under, beside that of control rows. A diagnostic without a verdict: copies with one value changed pass it.',
    paper: 'Zhao et al. 2021, CTAB-GAN; Platzer & Reutterer 2021',
  }),
  entry(() => import('./closer-share'), {
    id: 'privacy.closer-share', name: 'Closer to training than to control', family: 'privacy', ...share, better: 'target', target: 0.5, needs: ['holdout', 'training'],
    definition: 'Share of synthetic rows whose nearest training row is nearer than their nearest control row, of equally many of both; ties count half. A diagnostic without a verdict.',
    paper: 'Platzer & Reutterer 2021',
  }),
];
