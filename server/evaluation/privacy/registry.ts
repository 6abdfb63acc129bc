import { entry, share, score, unbounded } from '../entry';
import type { MetricEntry } from '../metric';
import * as thresholds from '../thresholds';
import * as attacks from './thresholds';

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
  entry(() => import('./identifiers'), {
    id: 'privacy.identifiers', name: 'Real identifiers', family: 'privacy', suite: 'privacy', ...share, better: 'lower', needs: ['identifiers', 'training'], estimand: 'file',
    definition: 'Share of synthetic cells that are written as some training cell is, in the column of identifiers, personal data or free text where that exceeds chance most. Judged is the excess over what control rows repeat (two people of one name) and over what whole numbers drawn from the same range would. All rows. Only of tables that others made: ours never repeat one.',
    paper: 'Article 29 Working Party 2014, Opinion 05/2014 on anonymisation techniques', threshold: { ...thresholds.copies, on: 'excess' },
  }),
  entry(() => import('./membership-auc'), {
    id: 'privacy.membership-auc', name: 'Membership attack', family: 'privacy', ...score, better: 'target', target: 0.5, needs: ['holdout', 'training'],
    definition: 'Probability that a random training row lies nearer to the synthetic table than a random control row does; 0.5 means that distances betray nobody. All training and control rows, or as many as the figure says.',
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
    definition: 'The membership attack on the 1% of real rows that lie farthest from their five nearest other real rows, where leaks concentrate; 0.5 means that distances betray none of them.',
    paper: 'Stadler, Oprisanu & Troncoso 2022, Synthetic data: anonymisation groundhog day', threshold: thresholds.outliers,
  }),
  entry(() => import('./dcr'), {
    id: 'privacy.dcr', name: 'Distance to closest record', family: 'privacy', ...unbounded, better: 'higher', needs: ['holdout', 'training'],
    definition: 'The distance to the nearest training row that 5% of the synthetic rows stay under, beside that of control rows. A diagnostic without a verdict: copies with one value changed pass it.',
    paper: 'Zhao et al. 2021, CTAB-GAN; Platzer & Reutterer 2021',
  }),
  entry(() => import('./closer-share'), {
    id: 'privacy.closer-share', name: 'Closer to training than to control', family: 'privacy', ...share, better: 'target', target: 0.5, needs: ['holdout', 'training'],
    definition: 'Share of synthetic rows whose nearest training row is nearer than their nearest control row, of equally many of both; ties count half. A diagnostic without a verdict. Interval: over synthetic rows, given the real ones.',
    paper: 'Platzer & Reutterer 2021',
  }),
  entry(() => import('./nndr'), {
    id: 'privacy.nndr', name: 'Nearest-neighbour distance ratio', family: 'privacy', suite: 'privacy', ...score, better: 'higher', needs: ['holdout', 'training'],
    definition: 'The distance of a synthetic row to the nearest training row over that to the second nearest: the ratio that 5% of the rows stay under, beside that of control rows. Near 0 a row points at one person. A diagnostic without a verdict. All rows, or as many as the figure says.',
    paper: 'Zhao et al. 2021, CTAB-GAN',
  }),
  entry(() => import('./identifiability'), {
    id: 'privacy.identifiability', name: 'Epsilon-identifiability', family: 'privacy', suite: 'privacy', ...share, better: 'lower', needs: ['holdout', 'training'],
    definition: 'Share of training rows to which some synthetic row lies nearer than any other real row, rare values weighing more. A dense synthetic table has many by chance; judged is the excess over control rows, sought among the same real rows. Equally many rows of both.',
    paper: 'Yoon, Drumright & van der Schaar 2020, ADS-GAN', threshold: { ...attacks.attack, on: 'excess' },
  }),
  entry(() => import('./domias'), {
    id: 'privacy.domias', name: 'Membership by density (DOMIAS)', family: 'privacy', suite: 'privacy', ...score, better: 'target', target: 0.5, needs: ['holdout', 'training'],
    definition: 'Probability that the synthetic table is denser at a random training row than at a random unseen one, each relative to the density of a reference table of other real rows, which shares no row with either. 0.5 means that nobody is betrayed. All training and control rows, or as many as the figure says; the control is reference and unseen rows by halves.',
    paper: 'van Breugel, Sun, Qian & van der Schaar 2023, AISTATS', threshold: thresholds.membership,
  }),
  entry(() => import('./likelihood'), {
    id: 'privacy.likelihood', name: 'Membership by the model\'s likelihood', family: 'privacy', suite: 'privacy', ...score, better: 'target', target: 0.5, needs: ['holdout', 'training', 'model'], estimand: 'model-held',
    definition: 'Probability that the fitted model finds a random training row likelier than a random control row; 0.5 means that it betrays nobody. This attacker holds the model and not only the table, so that the figure takes no part in the verdict on the table: it says what would be betrayed if the model itself were given away. Keep the model as you keep the real table. Only where the generator has a likelihood and its run is judged. At most 10,000 training and control rows.',
    paper: 'Yeom et al. 2018 and Carlini et al. 2022 (one threshold on the likelihood); cross-fitted: van den Burg & Williams 2021 and Carlini et al. 2022 (likelihood ratio against models without the row)', threshold: thresholds.membership,
  }),
  entry(() => import('./exposure'), {
    id: 'privacy.exposure', name: 'Exposure', family: 'privacy', suite: 'privacy', range: [-7, 7], better: 'lower', needs: ['holdout', 'training'],
    definition: 'How much denser, in nats, the synthetic table is around the people it was made from than around people it has never seen, by kernel densities; 0 without a leak. Per row it is shown on the real table. All training and control rows, or as many as the figure says.',
    paper: 'van den Burg & Williams 2021, On memorization in probabilistic deep generative models', threshold: { ...attacks.exposure, on: 'excess' },
  }),
  entry(() => import('./singling-out-univariate'), {
    id: 'privacy.singling-out-univariate', name: 'Singling out, one column', family: 'privacy', suite: 'privacy', ...share, better: 'lower', needs: ['holdout', 'training'],
    definition: 'Share of conditions on one column that hold for exactly one synthetic row (a rare value, the largest number) and then for exactly one training row; judged is the excess over equally many control rows. At most 2,000 conditions.',
    paper: 'Giomi et al. 2023, Anonymeter; Cohen & Nissim 2020', threshold: { ...attacks.attack, on: 'excess' },
  }),
  entry(() => import('./singling-out-multivariate'), {
    id: 'privacy.singling-out-multivariate', name: 'Singling out, three columns', family: 'privacy', suite: 'privacy', ...share, better: 'lower', needs: ['holdout', 'training'],
    definition: 'Share of conditions on three columns together that hold for exactly one synthetic row and then for exactly one training row; judged is the excess over equally many control rows. At most 2,000 conditions.',
    paper: 'Giomi et al. 2023, Anonymeter; Cohen & Nissim 2020', threshold: { ...attacks.attack, on: 'excess' },
  }),
  entry(() => import('./linkability'), {
    id: 'privacy.linkability', name: 'Linkability', family: 'privacy', suite: 'privacy', ...share, better: 'lower', needs: ['holdout', 'training'],
    definition: 'Share of training people whose two halves, known to an attacker from two sources with half of the columns each, have the same nearest synthetic row and are so linked; judged is the excess over control people. At most 2,000 people of each, and fewer the larger the synthetic table.',
    paper: 'Giomi et al. 2023, Anonymeter', threshold: { ...attacks.linked, on: 'excess' },
  }),
  entry(() => import('./inference'), {
    id: 'privacy.inference', name: 'Inference from the nearest row', family: 'privacy', suite: 'privacy', ...share, better: 'lower', needs: ['holdout', 'training'],
    definition: 'Share of right guesses when an attacker who knows all of a person but one column takes that from the nearest synthetic row (a number is right within 5%), over all columns; judged is the excess over control people, about whom no more can be known than about anybody. At most 2,000 people of each, and fewer the larger the synthetic table.',
    paper: 'Giomi et al. 2023, Anonymeter', threshold: { ...attacks.attack, on: 'excess' },
  }),
  entry(() => import('./attribute-inference'), {
    id: 'privacy.attribute-inference', name: 'Attribute inference by a model', family: 'privacy', suite: 'privacy', ...share, better: 'lower', needs: ['holdout', 'training'],
    definition: 'Share of people whose secret boosted trees trained on the synthetic table predict rightly from all other columns; judged is the excess of training over control people. Secrets: the sensitive columns and the outcome, or the three most varied categories. At most 20,000 people of each.',
    paper: 'Yeom et al. 2018; Stadler, Oprisanu & Troncoso 2022', threshold: { ...attacks.attack, on: 'excess' },
  }),
];
