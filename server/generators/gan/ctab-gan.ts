import { z } from 'zod';
import { openDevice } from '../../engine';
import { fitModal, modalFitted, unpackKept } from '../blocks/modal-fitted';
import type { ModalFeatures } from '../blocks/spans';
import { epochsFor, modalSettings } from '../blocks/settings';
import type { Generator } from '../generator';
import { ctabSpec, type CtabSizes } from './ctab-step';
import { fitGan, isSmall, leastSteps, ofFewRows, openSampler, type GanSettings } from './train';

const parameters = z.strictObject({
  epochs: z.int().min(1).max(100_000).optional().describe('Passes over the rows; the time budget may allow fewer. Default: 150, or more on tables of few rows, so that there are at least 3,000 steps.'),
  batch: z.int().min(2).max(16_384).optional().describe('Rows a step; rounded up to a whole number of packs. Default: 500, and 100 on tables of under 6,000 rows.'),
  embedding: z.int().min(1).max(1024).default(100).describe('Width of the noise vector.'),
  hidden: z.int().min(1).max(2048).default(256).describe('Width of the hidden layers of generator and critic.'),
  layers: z.int().min(1).max(6).default(2).describe('Hidden layers of generator and of critic.'),
  pac: z.int().min(1).max(100).default(1).describe('Rows that the critic judges together, which works against mode collapse.'),
  criticSteps: z.int().min(1).max(10).default(1).describe('Updates of the critic for each of the generator.'),
  dropout: z.number().min(0).max(0.9).default(0).describe('Share of the critic\'s hidden units dropped.'),
  penalty: z.number().min(0).max(1000).default(10).describe('Weight of the gradient penalty.'),
  learningRate: z.number().positive().max(0.1).optional().describe('Learning rate of both networks (Adam). Default: 0.0002, and 0.001 on tables of under 6,000 rows.'),
  l2: z.number().min(0).max(1).default(1e-5).describe('Weight decay of both networks, added to the gradient.'),
  information: z.number().min(0).max(1000).default(1).describe('Weight of the information loss: the critic\'s impressions of made rows are to have the mean and deviation of those of real ones.'),
  downstream: z.number().min(0).max(1000).default(1).describe('Weight of the downstream loss: a classifier trained on real rows is to find the outcome in the rest of made rows. Needs an outcome column.'),
  classifierLayers: z.int().min(0).max(8).default(4).describe('Hidden layers of that classifier.'),
  logs: z.boolean().default(true).describe('Whether columns with a long tail are taken by their logarithm.'),
  ema: z.number().min(0).max(0.99999).default(0.99).describe('Decay of the moving average of the generator\'s weights, which is what rows are drawn from; 0: its last weights.'),
  components: z.int().min(1).max(100).optional().describe('Most modes of a number. Default: 10, and 5 on tables of under 6,000 rows.'),
  atoms: z.boolean().default(true).describe('Whether a value that many rows share is a mode of its own and comes back exactly.'),
  places: z.boolean().default(true).describe('Whether a number has a place of its own in each of its modes, of which the drawn mode\'s counts; otherwise one for all, as in the paper.'),
  ...modalSettings,
});

/** The reference's own, for tables of tens of thousands of rows. */
const reference = { batch: 500, learningRate: 2e-4, components: 10 }, usualEpochs = 150;

/** CTAB-GAN+: Zhao, Kunar, Birke & Chen, CTAB-GAN: Effective Table Data Synthesizing, ACML 2021; CTAB-GAN+: Enhancing Tabular Data Synthesis, 2022. What differs here: ctab-step.ts. */
export const ctabGan: Generator = {
  parameters,
  async fit(context, given) {
    const chosen = parameters.parse(given), began = performance.now(), device = await openDevice(context.device), usual = isSmall(context.fit.rows) ? ofFewRows : reference;
    const modal = await fitModal(context, { ...chosen, components: chosen.components ?? usual.components, valuesAsCategories: 20 }, device), rows = modal.encode(context.fit);
    const { embedding, hidden, layers, pac, criticSteps, dropout, classifierLayers } = chosen, target = spanOf(modal, context.outcome);
    const batch = pac * Math.ceil((chosen.batch ?? usual.batch) / pac), epochs = chosen.epochs ?? epochsFor(rows.rows, batch, usualEpochs, leastSteps), learningRate = chosen.learningRate ?? usual.learningRate;
    const sizes: CtabSizes = { embedding, hidden, layers, pac, criticSteps, dropout, classifierLayers, modesToo: true, ...(target !== undefined && chosen.downstream > 0 && { target }), batch, places: chosen.places && modal.layout.alphas > 0 };
    return fitGan({ id: 'ctab-gan', context, device, modal, rows, sizes, spec: ctabSpec(modal.layout, sizes, rows, chosen), averaged: chosen.ema > 0, epochs, learningRate, began });
  },
  async load(bytes, device) { return modalFitted(unpackKept<GanSettings>('ctab-gan', bytes), await openDevice(device), openSampler); },
};

/** The span of the outcome: its category, or a number's mode. Undefined without an outcome, and where it has only one. */
function spanOf({ features, layout }: ModalFeatures, outcome: string | undefined): number | undefined {
  const number = features.numbers.findIndex((f) => f.column === outcome), category = features.categories.findIndex((f) => f.column === outcome && f.source !== 'missing');
  const span = number >= 0 ? number : category >= 0 ? layout.alphas + category : undefined;
  return span !== undefined && layout.spans[span]!.size > 1 ? span : undefined;
}
