import { z } from 'zod';
import { openDevice } from '../../engine';
import { fitModal, modalFitted, unpackKept } from '../blocks/modal-fitted';
import { epochsFor, modalSettings, privateSettings } from '../blocks/settings';
import { withPrivacy } from '../blocks/private/loop';
import { because, refuseGiven } from '../blocks/private/refuse';
import type { Generator } from '../generator';
import { ganSpec, type GanSizes } from './ctgan-step';
import { fitPrivately, mostHidden } from './private';
import { fitGan, isSmall, leastSteps, ofFewRows, openSampler, type GanSettings } from './train';

const parameters = z.strictObject({
  epochs: z.int().min(1).max(100_000).optional().describe('Passes over the rows; the time budget may allow fewer. Default: 300, or more on tables of few rows, so that there are at least 3,000 steps.'),
  batch: z.int().min(2).max(16_384).optional().describe('Rows a step; rounded up to a whole number of packs. Default: 500, and 100 on tables of under 6,000 rows.'),
  embedding: z.int().min(1).max(1024).default(128).describe('Width of the noise vector.'),
  hidden: z.int().min(1).max(2048).default(256).describe('Width of the hidden layers of generator and critic.'),
  layers: z.int().min(1).max(6).default(2).describe('Hidden layers of generator and of critic.'),
  pac: z.int().min(1).max(100).optional().describe('Rows that the critic judges together, which works against mode collapse. Default: 10, and 1 on tables of under 6,000 rows.'),
  criticSteps: z.int().min(1).max(10).default(1).describe('Updates of the critic for each of the generator.'),
  dropout: z.number().min(0).max(0.9).optional().describe('Share of the critic\'s hidden units dropped. Default: 0.5, and 0 on tables of under 6,000 rows.'),
  penalty: z.number().min(0).max(1000).default(10).describe('Weight of the gradient penalty.'),
  learningRate: z.number().positive().max(0.1).optional().describe('Learning rate of both networks (Adam). Default: 0.0002, and 0.001 on tables of under 6,000 rows without a privacy budget.'),
  l2: z.number().min(0).max(1).default(1e-6).describe('Weight decay of both networks, added to the gradient.'),
  ema: z.number().min(0).max(0.99999).default(0.99).describe('Decay of the moving average of the generator\'s weights, which is what rows are drawn from; 0: its last weights.'),
  components: z.int().min(1).max(100).optional().describe('Most modes of a number. Default: 10, and 5 on tables of under 6,000 rows without a privacy budget.'),
  atoms: z.boolean().default(true).describe('Whether a value that many rows share is a mode of its own and comes back exactly.'),
  places: z.boolean().default(true).describe('Whether a number has a place of its own in each of its modes, of which the drawn mode\'s counts; otherwise one for all, as in the paper.'),
  ...privateSettings,
  ...modalSettings,
});

/** The paper's own, for tables of tens of thousands of rows. */
const paper = { batch: 500, pac: 10, dropout: 0.5, learningRate: 2e-4, components: 10 }, usualEpochs = 300;

/** CTGAN: Xu, Skoularidou, Cuesta-Infante & Veeramachaneni, Modeling Tabular Data using Conditional GAN, NeurIPS 2019, section 4. */
export const ctgan: Generator = {
  parameters,
  assertPrivately: (given) => refuseGiven(given, {
    hidden: { most: mostHidden },
    pac: { why: 'the critic would judge several rows at once, so that what one of them does to it depends on the others', off: [1] }, batch: because.batch, dropout: because.dropout,
    ema: { why: 'rows are drawn from the generator\'s last weights', off: [0] }, places: { why: 'a number has one place for all its modes there', off: [false] },
  }),
  async fit(context, given) {
    const chosen = parameters.parse(given), began = performance.now();
    if (context.privacy) return fitPrivately(withPrivacy(context), { ...chosen, epochs: chosen.epochs ?? usualEpochs, learningRate: chosen.learningRate ?? paper.learningRate, components: chosen.components ?? paper.components });
    const device = await openDevice(context.device), usual = isSmall(context.fit.rows) ? ofFewRows : paper;
    const modal = await fitModal(context, { ...chosen, components: chosen.components ?? usual.components, valuesAsCategories: 20 }, device), rows = modal.encode(context.fit);
    const { embedding, hidden, layers, criticSteps, pac = usual.pac, dropout = usual.dropout, learningRate = usual.learningRate } = chosen, batch = pac * Math.ceil((chosen.batch ?? usual.batch) / pac);
    const epochs = chosen.epochs ?? epochsFor(rows.rows, batch, usualEpochs, leastSteps), sizes: GanSizes = { embedding, hidden, layers, pac, criticSteps, dropout, batch, places: chosen.places && modal.layout.alphas > 0 };
    return fitGan({ id: 'ctgan', context, device, modal, rows, sizes, spec: ganSpec(modal.layout, sizes, rows, chosen), averaged: chosen.ema > 0, epochs, learningRate, began });
  },
  async load(bytes, device) { return modalFitted(unpackKept<GanSettings>('ctgan', bytes), await openDevice(device), openSampler); },
};
