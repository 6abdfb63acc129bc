import { z } from 'zod';
import { modalSettings } from '../blocks/settings';

const weight = (base: number, words: string) => z.number().min(0).max(100).default(base).describe(words);

/** Every part of the framework has a name here and can be switched off by it. */
export const parameters = z.strictObject({
  variational: z.boolean().default(true).describe('Whether there is an encoder and a variational update (the VAE half); off: a conditional GAN.'),
  adversarial: weight(0.1, 'Weight of the critic\'s term, L_WGAN (the GAN half): how hard it pulls, relative to the reconstruction. 0: off.'),
  divergence: z.number().min(0).max(100).default(0.5).describe('Weight of the divergence of codes from their context\'s prior, L_KL.'),
  covariance: weight(0.1, 'Weight of the covariance term, L_Cov. 0: off.'),
  utility: weight(0.05, 'Weight of the outcome\'s term, L_Utility. 0: off.'),
  adaptiveBalancing: z.boolean().default(true).describe('Whether weights follow the lengths of the terms\' gradients.'),
  dynamicBalancing: z.boolean().default(false).describe('Whether weights shift toward what lags on validation rows: fidelity, utility or privacy.'),
  cache: z.enum(['on', 'off', 'paper']).default('on').describe('The cache of every context\'s mean, covariance and latent prior; "paper": averaged as the paper writes it.'),
  cacheDecay: z.number().min(0.9).max(0.99).default(0.99).describe('How much of a cached average stays at each step (alpha).'),
  cacheNoise: z.number().min(0).max(10).default(0).describe('Noise added to the paper\'s cache at every step. It makes nothing private: see --epsilon for that.'),
  contexts: z.string().default('').describe('Columns that divide the table into contexts, between commas: sex,education. Numbers are taken in bins, dates in periods. Empty: the outcome, where it is a category.'),
  contextLearning: z.enum(['rules', 'clusters', 'off']).default('rules').describe('Contexts by the named columns, by clusters of the encoder\'s codes, or none.'),
  contextBins: z.int().min(2).max(20).default(4).describe('Bins of a number that divides the table into contexts.'),
  contextRows: z.int().min(1).max(10_000).default(5).describe('Fewest rows of a context of its own; rarer combinations share one.'),
  mostContexts: z.int().min(2).max(256).default(64).describe('Most contexts; with clusters, how many.'),
  featureMatching: weight(0, 'Weight of matching the critic\'s mean impressions of real rows. 0: off.'),
  minibatchDiscrimination: z.boolean().default(false).describe('Whether the critic compares the rows of a batch with each other.'),
  historicalAveraging: weight(0, 'Weight of keeping the generator\'s parameters near their own past mean. 0: off.'),
  adaptiveNoise: z.boolean().default(true).describe('Under a privacy budget: whether noise is allotted over groups of parameters, at the same guarantee, or even.'),
  warmStart: z.string().default('').describe('A model file of an earlier run on a table of the same columns (model.bin in the run\'s folder), to start from. Empty: from nothing.'),
  epochs: z.int().min(1).max(100_000).default(300).describe('Passes over the rows; the time budget may allow fewer.'),
  batch: z.int().min(2).max(16_384).default(500).describe('Rows a step.'),
  embedding: z.int().min(1).max(256).default(32).describe('Width of the latent code.'),
  hidden: z.int().min(1).max(2048).default(256).describe('Width of the hidden layers of encoder, decoder and critic.'),
  layers: z.int().min(1).max(6).default(2).describe('Hidden layers of each.'),
  criticSteps: z.int().min(1).max(10).default(1).describe('Updates of the critic for each of the generator.'),
  penalty: z.number().min(0).max(1000).default(10).describe('Weight of the critic\'s gradient penalty.'),
  reconstruction: z.number().positive().max(1000).default(1).describe('Weight of the reconstruction in the variational update.'),
  learningRate: z.number().positive().max(0.1).default(1e-3).describe('Learning rate of encoder and decoder (Adam).'),
  criticRate: z.number().positive().max(100).default(0.5).describe('Learning rate of the critic, as a multiple of that.'),
  l2: z.number().min(0).max(1).default(1e-5).describe('Weight decay, added to the gradient.'),
  components: z.int().min(1).max(100).default(10).describe('Most modes of a number.'),
  atoms: z.boolean().default(true).describe('Whether a value that many rows share is a mode of its own and comes back exactly.'),
  ...modalSettings,
});
export type Parameters = ReturnType<typeof parameters.parse>;
