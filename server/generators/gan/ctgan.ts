import { z } from 'zod';
import { openDevice } from '../../engine';
import { fitModal, modalFitted, unpackKept } from '../blocks/modal-fitted';
import { modalSettings, privateSettings } from '../blocks/settings';
import { withPrivacy } from '../blocks/private/loop';
import type { Generator } from '../generator';
import { ganSpec, type GanSizes } from './ctgan-step';
import { fitPrivately } from './private';
import { fitGan, openSampler, type GanSettings } from './train';

const parameters = z.strictObject({
  epochs: z.int().min(1).max(100_000).default(300).describe('Passes over the rows; the time budget may allow fewer.'),
  batch: z.int().min(2).max(16_384).default(500).describe('Rows a step; rounded up to a whole number of packs.'),
  embedding: z.int().min(1).max(1024).default(128).describe('Width of the noise vector.'),
  hidden: z.int().min(1).max(2048).default(256).describe('Width of the hidden layers of generator and critic.'),
  layers: z.int().min(1).max(6).default(2).describe('Hidden layers of generator and of critic.'),
  pac: z.int().min(1).max(100).default(10).describe('Rows that the critic judges together, which works against mode collapse.'),
  criticSteps: z.int().min(1).max(10).default(1).describe('Updates of the critic for each of the generator.'),
  dropout: z.number().min(0).max(0.9).default(0.5).describe('Share of the critic\'s hidden units dropped.'),
  penalty: z.number().min(0).max(1000).default(10).describe('Weight of the gradient penalty.'),
  learningRate: z.number().positive().max(0.1).default(2e-4).describe('Learning rate of both networks (Adam).'),
  l2: z.number().min(0).max(1).default(1e-6).describe('Weight decay of both networks, added to the gradient.'),
  ema: z.number().min(0).max(0.99999).default(0.99).describe('Decay of the moving average of the generator\'s weights, which is what rows are drawn from; 0: its last weights.'),
  components: z.int().min(1).max(100).default(10).describe('Most modes of a number.'),
  atoms: z.boolean().default(true).describe('Whether a value that many rows share is a mode of its own and comes back exactly.'),
  places: z.boolean().default(true).describe('Whether a number has a place of its own in each of its modes, of which the drawn mode\'s counts; otherwise one for all, as in the paper.'),
  ...privateSettings,
  ...modalSettings,
});

/** CTGAN: Xu, Skoularidou, Cuesta-Infante & Veeramachaneni, Modeling Tabular Data using Conditional GAN, NeurIPS 2019, section 4. */
export const ctgan: Generator = {
  parameters,
  async fit(context, given) {
    const chosen = parameters.parse(given), began = performance.now();
    if (context.privacy) return fitPrivately(withPrivacy(context), chosen);
    const device = await openDevice(context.device);
    const modal = await fitModal(context, { ...chosen, valuesAsCategories: 20 }, device), rows = modal.encode(context.fit);
    const { embedding, hidden, layers, pac, criticSteps, dropout, epochs, learningRate } = chosen;
    const sizes: GanSizes = { embedding, hidden, layers, pac, criticSteps, dropout, batch: pac * Math.ceil(chosen.batch / pac), places: chosen.places && modal.layout.alphas > 0 };
    return fitGan({ id: 'ctgan', context, device, modal, rows, sizes, spec: ganSpec(modal.layout, sizes, rows, chosen), averaged: chosen.ema > 0, epochs, learningRate, began });
  },
  async load(bytes, device) { return modalFitted(unpackKept<GanSettings>('ctgan', bytes), await openDevice(device), openSampler); },
};
