import { z } from 'zod';
import { epochBatches, KeyStream, openDevice, type Device, type Expr } from '../../engine';
import { trainLoop } from '../blocks/loop';
import { blockRows, fitModal, modalFitted, unpackKept, type BlockSampler, type Kept } from '../blocks/modal-fitted';
import { normalBits, normals, uniformBits, uniforms, wordsOf } from '../blocks/noise';
import { readRows, rowData, scores } from '../blocks/spans';
import { twoStages } from '../blocks/stages';
import { modalSettings } from '../blocks/settings';
import type { Generator } from '../generator';
import { coderSpec, medGenerate, medSpec, medStepInputs, type MedSizes } from './medgan-step';

const parameters = z.strictObject({
  pretraining: z.int().min(1).max(100_000).default(100).describe('Passes over the rows that train the autoencoder; the time budget may allow fewer.'),
  epochs: z.int().min(1).max(100_000).default(1000).describe('Passes over the rows of the adversarial training; the time budget may allow fewer.'),
  batch: z.int().min(2).max(16_384).default(1000).describe('Rows a step.'),
  embedding: z.int().min(1).max(1024).default(128).describe('Width of the autoencoder\'s code, of the noise and of the generator\'s layers.'),
  layers: z.int().min(1).max(6).default(2).describe('Layers of the generator.'),
  hidden: z.int().min(2).max(2048).default(256).describe('Width of the discriminator\'s first layer; the second has half of it.'),
  criticSteps: z.int().min(1).max(10).default(2).describe('Updates of the discriminator for each of the generator.'),
  learningRate: z.number().positive().max(0.1).default(1e-3).describe('Learning rate of all networks (Adam).'),
  l2: z.number().min(0).max(1).default(1e-3).describe('Weight decay of all networks, added to the gradient.'),
  ema: z.number().min(0).max(0.99999).default(0.99).describe('Decay of the moving average of the generator\'s and decoder\'s weights, which is what rows are drawn from; 0: their last weights.'),
  components: z.int().min(1).max(100).default(10).describe('Most modes of a number.'),
  atoms: z.boolean().default(true).describe('Whether a value that many rows share is a mode of its own and comes back exactly.'),
  ...modalSettings,
});

/** medGAN: Choi, Biswal, Malin, Duke, Stewart & Sun, Generating Multi-label Discrete Patient Records using Generative Adversarial Networks, MLHC 2017. */
export const medgan: Generator = {
  parameters,
  async fit(context, given) {
    const chosen = parameters.parse(given), began = performance.now(), device = await openDevice(context.device);
    const modal = await fitModal(context, { ...chosen, valuesAsCategories: 20 }, device), { layout } = modal, fit = modal.encode(context.fit), { values } = rowData(fit, layout);
    const { embedding, layers, hidden, criticSteps } = chosen, s: MedSizes = { embedding, layers, hidden, criticSteps, batch: Math.min(chosen.batch, Math.max(2, fit.rows)) };
    const perEpoch = Math.max(1, Math.floor(fit.rows / s.batch)), rate = (n: number): Float32Array => new Float32Array(n).fill(chosen.learningRate), mean = (x: ArrayLike<number>): number => Array.from(x).reduce((a, b) => a + b, 0) / x.length;
    const { trained, resolved } = await twoStages(context, {
      names: ['autoencoder', 'adversary'], share: 0.2, seconds: 0.9 * context.budgetSeconds - (performance.now() - began) / 1000,
      async first(part) {
        const order = new KeyStream(context.seed, 'medgan/autoencoder/rows'), trainer = await device.train(coderSpec(layout, s, fit, chosen.l2), { data: values, seed: context.seed });
        try {
          return await trainLoop({ context, device, ...part, trainers: { coder: trainer }, steps: chosen.pretraining * perEpoch, weights: () => trainer.params(),
            run: async (from, count) => mean((await trainer.run({ rows: epochBatches(order, fit.rows, s.batch, from, count) }, rate(count))).loss) });
        } finally { await trainer.release(); }
      },
      async second(learnt, part) {
        const specs = medStepInputs(layout, s), noise = Object.fromEntries(Object.keys(specs).map((n) => [n, new KeyStream(context.seed, `medgan/${n}`)]));
        const trainer = await device.train(medSpec(layout, s, fit, learnt, chosen), { data: values, seed: context.seed });
        try {
          return await trainLoop({
            context, device, ...part, trainers: { adversary: trainer }, steps: chosen.epochs * perEpoch,
            weights: () => Object.fromEntries(Object.entries(trainer.params(chosen.ema > 0 ? 'ema' : 'current')).filter(([n]) => !n.startsWith('critic'))),
            async run(from, count) {
              const words = Object.fromEntries(Object.entries(specs).filter(([n]) => n !== 'rows').map(([n, spec]) => [n, wordsOf(noise[n]!, spec, from, count)]));
              const { metrics } = await trainer.run({ ...words, rows: epochBatches(noise.rows!, fit.rows, s.batch, from * s.criticSteps, count * s.criticSteps) }, rate(count));
              return mean(metrics.criticLoss!);
            },
          });
        } finally { await trainer.release(); }
      },
    });
    trained.curve.note ??= 'The loss is the discriminator\'s: 1.386 where it cannot tell real rows from made ones. It says little about when to stop.';
    return modalFitted<MedSizes>({ id: 'medgan', modal, settings: s, weights: trained.weights, resolved, curve: trained.curve }, device, openSampler);
  },
  async load(bytes, device) { return modalFitted(unpackKept<MedSizes>('medgan', bytes), await openDevice(device), openSampler); },
};

async function openSampler(device: Device, { modal: { layout }, settings, weights }: Kept<MedSizes>): Promise<BlockSampler> {
  const B = blockRows, z = [B, settings.embedding], inputs = { z: normalBits(z), ...(layout.hot && { u: uniformBits([B, layout.hot]) }) };
  const program = await device.compile({ inputs, frozen: weights, outputs: (i: Record<string, Expr>) => ({ scores: scores(medGenerate(i, normals(i.z!, z), settings), i.u && uniforms(i.u), layout) }) });
  return {
    async block(index, seed) {
      const feeds = Object.fromEntries(Object.entries(inputs).map(([name, spec]) => [name, wordsOf(new KeyStream(seed, `medgan/sample/${name}`), spec, index, 1)]));
      return readRows((await program.run(feeds)).scores as Float32Array, layout, B);
    },
    release: () => program.release(),
  };
}
