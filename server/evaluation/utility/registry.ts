import { entry, score } from '../entry';
import type { MetricEntry } from '../metric';
import * as thresholds from '../thresholds';

/** The metrics of whether what is learnt or concluded from it holds for real rows; in the order of the report. A new one is a file here and an entry. */
export const utility: readonly MetricEntry[] = [
  entry(() => import('./tstr'), {
    id: 'utility.tstr', name: 'Train on synthetic, test on real', family: 'utility', range: [-1, 1], unit: 'score', better: 'higher', needs: ['holdout', 'outcome'],
    definition: 'How well boosted trees that learnt the outcome from synthetic rows predict it for control rows: AUC (several classes: the mean of each against the rest) or R2. The same learner on as many training rows stands beside it; the shortfall is judged. The interval is over control rows, the models as they are.',
    paper: 'Esteban, Hyland & Raetsch 2017; interval by DeLong, DeLong & Clarke-Pearson 1988', threshold: { ...thresholds.tstr, on: 'shortfall' },
  }),
  entry(() => import('./trts'), {
    id: 'utility.trts', name: 'Train on real, test on synthetic', family: 'utility', range: [-1, 1], unit: 'score', better: 'higher', needs: ['holdout', 'outcome'],
    definition: 'How well boosted trees that learnt the outcome from training rows predict it for synthetic rows: AUC or R2, beside the same model on control rows. Lower: synthetic outcomes are noisier than real ones; higher: too tidy. The gap is judged, either way.',
    paper: 'Esteban, Hyland & Raetsch 2017; intervals by DeLong, DeLong & Clarke-Pearson 1988', threshold: { ...thresholds.trts, on: 'gap' },
  }),
  entry(() => import('./ci-overlap'), {
    id: 'utility.ci-overlap', name: 'Overlap of confidence intervals', family: 'utility', ...score, better: 'higher', needs: ['outcome', 'training'],
    definition: 'Mean overlap of the 95% intervals of the coefficients when the outcome is regressed on all other columns, from as many synthetic as training rows (at most 20,000); logistic for classes, least squares for numbers. A fresh real table scores 0.71 on average. How many clear coefficients keep their sign is in the detail. No interval: it compares intervals itself.',
    paper: 'Karr, Kohnen, Oganian, Reiter & Sanil 2006, A framework for evaluating the utility of data altered to protect confidentiality', threshold: thresholds.ciOverlap,
  }),
  entry(() => import('./tstr-linear'), {
    id: 'utility.tstr-linear', name: 'Train on synthetic, test on real: linear', family: 'utility', range: [-1, 1], unit: 'score', better: 'higher', needs: ['holdout', 'outcome'], suite: 'full',
    definition: 'Train on synthetic, test on real, with a logistic (classes) or ridge (numbers) regression on at most 20,000 rows: AUC or R2 on control rows. The same learner on as many training rows stands beside it; the shortfall is judged. The interval is over control rows, the models as they are.',
    paper: 'Esteban, Hyland & Raetsch 2017', threshold: { ...thresholds.tstr, on: 'shortfall' },
  }),
  entry(() => import('./tstr-mlp'), {
    id: 'utility.tstr-mlp', name: 'Train on synthetic, test on real: network', family: 'utility', range: [-1, 1], unit: 'score', better: 'higher', needs: ['holdout', 'outcome'], suite: 'full',
    definition: 'Train on synthetic, test on real, with a neural network of two hidden layers (64 and 32 wide): AUC or R2 on control rows. The same learner on as many training rows stands beside it; the shortfall is judged. The interval is over control rows and over refits (four random groups of rows).',
    paper: 'Esteban, Hyland & Raetsch 2017; Kingma & Ba 2015', threshold: { ...thresholds.tstr, on: 'shortfall' },
  }),
  entry(() => import('./augmentation'), {
    id: 'utility.augmentation', name: 'Real and synthetic together', family: 'utility', range: [-1, 1], unit: 'score', better: 'higher', needs: ['holdout', 'outcome'], suite: 'full',
    definition: 'How well boosted trees that learnt the outcome from training and synthetic rows together (equally many) predict it for control rows: AUC or R2, beside the same learner on the training rows alone. The gain, which is small at best, is judged.',
    paper: 'Xu et al. 2019, CTGAN, section 5; interval by DeLong et al. 1988', threshold: { ...thresholds.augmentation, on: 'loss' },
  }),
  entry(() => import('./importance'), {
    id: 'utility.importance', name: 'Agreement of feature importances', family: 'utility', ...score, better: 'higher', needs: ['holdout', 'outcome'], suite: 'full',
    definition: 'What permutation importances (score lost on at most 5,000 control rows when one column is shuffled, as shares of the sum) of boosted trees trained on synthetic and on training rows have in common. Beside it two halves of the training rows, halved three times. No interval: no resampling of rows is valid for models that are not refitted; three halvings of the training rows beside it say how far real rows disagree.',
    paper: 'Breiman 2001; Fisher, Rudin & Dominici 2019', threshold: thresholds.importance,
  }),
  entry(() => import('./model-ranking'), {
    id: 'utility.model-ranking', name: 'Agreement of model ranking', family: 'utility', ...score, better: 'higher', needs: ['holdout', 'outcome'], suite: 'full',
    definition: 'Share of pairs of learners (of five kinds) that stand in the same order when fitted and judged on synthetic rows alone (at most 10,000) as when fitted on training and judged on control rows. Pairs that the control cannot tell apart do not count. No interval: the order of five learners is no mean over rows.',
    paper: 'Jordon, Yoon & van der Schaar 2018, Measuring the quality of synthetic data for use in competitions', threshold: thresholds.ranking,
  }),
];
