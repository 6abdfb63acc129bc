/** What CA-DASG does without under a privacy budget, and why. */
import { because, refuseGiven, type Refused } from '../blocks/private/refuse';
import { namedAmong } from './contexts';

/** Parts that would look at real rows in a way that no clipping of single rows bounds. */
export const lookingParts = {
  utility: { why: 'its predictor is trained on real rows', off: [0] },
  featureMatching: { why: 'it compares means over a batch of real rows, which no clipping of single rows bounds', off: [0] },
  minibatchDiscrimination: { why: 'it lets every row\'s gradient depend on the other rows of the batch', off: [false] },
  dynamicBalancing: { why: 'it goes by figures of validation rows, each a query of its own', off: [false] },
  adaptiveBalancing: { why: 'gradient lengths on real batches are queries of their own', off: [false] },
  contextLearning: { why: 'clusters are sought among the codes of real rows; name columns instead', off: ['rules', 'off'] },
  cache: { why: 'the paper\'s noise is not scaled to what a row can change, and its counts and entries are not noised at all', off: ['on', 'off'] },
  warmStart: { why: 'the earlier model may have learnt from these rows without a charge', off: [''] },
} satisfies Refused;

/** Settings of the fit without a budget that the private one has no use for. */
const without: Refused = {
  variational: { why: 'what touches rows is the variational update; a critic can only be added to it', off: [true] },
  historicalAveraging: { why: 'the weights that rows are drawn from are an average over the steps already', off: [0] },
  reconstruction: { why: 'the terms of a row\'s loss are clipped together; the divergence is weighed against it', off: [1] },
  criticSteps: { why: 'a step of the critic and one of the autoencoder are one noised release', off: [1] },
  criticRate: 'a step of the critic and one of the autoencoder are one noised release, at one rate',
  cacheDecay: 'the cache is read twice, with noise, and holds the last reading',
  cacheNoise: { why: 'it makes nothing private; what is read into the cache is noised as the budget says', off: [0] },
  contextRows: 'how many rows a context needs is settled by the noise, so that a single row is hidden',
  batch: because.batch, l2: because.weightDecay, components: because.bins, atoms: because.bins, maxCategories: because.codes,
};

/** @throws UserError (usage) with the reason, before anything is charged for */
export function assertPrivately(given: Readonly<Record<string, unknown>>, columns: readonly string[]): void {
  refuseGiven(given, { ...lookingParts, ...without });
  if (typeof given.contexts === 'string') namedAmong(given.contexts, columns);
}
