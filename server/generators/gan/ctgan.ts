import { z } from 'zod';
import { concat, KeyStream, oneHot, openDevice, type Device, type Expr } from '../../engine';
import { Conditions, drawConditions, running } from '../blocks/conditional-vector';
import { trainLoop } from '../blocks/loop';
import { blockRows, fitModal, modalFitted, unpackKept, type BlockSampler, type Kept } from '../blocks/modal-fitted';
import { normalBits, normals, uniformBits, uniforms, wordsOf } from '../blocks/noise';
import { readRows, scores } from '../blocks/spans';
import type { Generator } from '../generator';
import { conditionWidth, ganData, ganSpec, StepDraws, type GanSizes } from './ctgan-step';
import { generate } from './networks';

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
  components: z.int().min(1).max(100).default(10).describe('Most modes of a number.'),
  atoms: z.boolean().default(true).describe('Whether a value that many rows share is a mode of its own and comes back exactly.'),
  maxCategories: z.int().min(2).max(10_000).default(256).describe('Most categories of a column that are told apart in training; the rarer ones share a code and are drawn by their frequency.'),
});
type Settings = GanSizes;

/** CTGAN: Xu, Skoularidou, Cuesta-Infante & Veeramachaneni, Modeling Tabular Data using Conditional GAN, NeurIPS 2019, section 4. */
export const ctgan: Generator = {
  parameters,
  async fit(context, given) {
    const chosen = parameters.parse(given), began = performance.now(), device = await openDevice(context.device);
    const modal = await fitModal(context, { ...chosen, valuesAsCategories: 20 }, device), { layout } = modal, fit = modal.encode(context.fit);
    const { embedding, hidden, layers, pac, criticSteps, dropout } = chosen, batch = pac * Math.ceil(chosen.batch / pac);
    const settings: Settings = { embedding, hidden, layers, pac, criticSteps, dropout, batch };
    const A = layout.alphas, S = layout.spans.length, C = S - A, codes = new Int32Array(fit.rows * C);
    for (let i = 0; i < fit.rows; i++) codes.set(fit.codes.subarray(i * S + A, (i + 1) * S), i * C);
    const conditions = C ? new Conditions(codes, modal.features.sizes, fit.rows) : undefined;
    const trainer = await device.train(ganSpec(layout, settings, fit, chosen), { data: ganData(layout, settings, fit, context.seed), seed: context.seed });
    try {
      const draws = new StepDraws(layout, settings, fit.rows, conditions, context.seed, 'ctgan');
      const { weights, curve, decisions } = await trainLoop({
        context, device, trainers: { ctgan: trainer }, steps: chosen.epochs * Math.max(1, Math.floor(fit.rows / batch)),
        seconds: Math.max(1, 0.9 * context.budgetSeconds - (performance.now() - began) / 1000),
        async run(from, count) {
          const { metrics } = await trainer.run(draws.make(from, count), new Float32Array(count).fill(chosen.learningRate));
          return metrics.criticLoss!.reduce((a, b) => a + b, 0) / count;
        },
        weights: () => Object.fromEntries(Object.entries(trainer.params()).filter(([n]) => n.startsWith('generator'))),
      });
      curve.note ??= 'The loss is the critic\'s: how well it tells real rows from made ones (0: not at all). It says little about when to stop.';
      return modalFitted<Settings>({ id: 'ctgan', modal, settings, weights, resolved: { decisions }, curve }, device, openSampler);
    } finally { await trainer.release(); }
  },
  async load(bytes, device) { return modalFitted(unpackKept<Settings>('ctgan', bytes), await openDevice(device), openSampler); },
};

async function openSampler(device: Device, { modal, settings, weights }: Kept<Settings>): Promise<BlockSampler> {
  const { layout } = modal, B = blockRows, K = conditionWidth(layout), z = [B, settings.embedding], shares = modal.features.categories.map((f) => running(Float64Array.from(f.shares)));
  const inputs = { z: normalBits(z), ...(layout.hot && { u: uniformBits([B, layout.hot]) }) };
  const program = await device.compile({
    inputs: { ...inputs, ...(K && { condition: { shape: [B], dtype: 'int32' as const } }) }, frozen: weights,
    outputs(i: Record<string, Expr>) {
      const noise = normals(i.z!, z), raw = generate(i, K ? concat([noise, oneHot(i.condition!, K)], 1) : noise, settings);
      return { scores: scores(raw, i.u && uniforms(i.u), layout) };
    },
  });
  return {
    async block(index, seed) {
      const feeds = Object.fromEntries(Object.entries(inputs).map(([name, spec]) => [name, wordsOf(new KeyStream(seed, `ctgan/sample/${name}`), spec, index, 1)]));
      const condition = K ? drawConditions(shares, new KeyStream(seed, 'ctgan/sample/condition'), index * B, B).index : undefined;
      return readRows((await program.run({ ...feeds, ...(condition && { condition }) })).scores as Float32Array, layout, B);
    },
    release: () => program.release(),
  };
}
