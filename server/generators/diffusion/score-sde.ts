import { z } from 'zod';
import { KeyStream, openDevice, type Device } from '../../engine';
import { trainLoop, type Decisions, type Weights } from '../blocks/loop';
import { batchFor, conditionSettings, featureSettings, hiddenConditions, widthFor } from '../blocks/settings';
import { spansOf } from '../blocks/multinomial-diffusion';
import type { Table } from '../../table/table';
import type { FitContext, FittedGenerator, Generator, TrainingCurve } from '../generator';
import { dataOf, fittedDiffusion, unpackKept, type Kept } from './fitted';
import { FixedValidation, StepInputs } from './inputs';
import { Likelihood } from './likelihood';
import { categoryScale, dimsOf, noiseWidths, trainSpec, type ScoreModel, type ScoreSizes } from './score-model';
import { noiseFor, ScoreSampler, type ScoreSampling } from './score-sample';
import { sdes } from './sde';
import { View } from './view';

export const parameters = z.strictObject({
  sde: z.enum(['vp', 'sub-vp', 've']).default('vp').describe('How data turn into noise: variance preserving, its tighter variant, or exploding.'),
  sampler: z.enum(['sde', 'euler', 'heun', 'rk4', 'dopri5']).default('heun').describe('How rows are drawn: the reverse stochastic equation, or the probability-flow equation by one of four methods.'),
  samplingSteps: z.int().min(1).max(4000).default(30).describe('Steps of the sampler. The stochastic one needs several hundred.'),
  width: z.int().min(8).max(2048).optional().describe('Width of the score network. Default: 256, less for tables of few rows.'),
  blocks: z.int().min(1).max(12).default(3).describe('Residual blocks of the score network.'),
  steps: z.int().min(1).max(1_000_000).default(30_000).describe('Most training steps; the budget may allow fewer.'),
  batch: z.int().min(16).max(16_384).optional().describe('Rows a step. Default: 512, less for tables of few rows.'),
  learningRate: z.number().positive().max(0.1).default(1e-3).describe('Learning rate at the start; it falls linearly to zero.'),
  weightDecay: z.number().min(0).max(10).default(0).describe('Decoupled weight decay (AdamW).'),
  ema: z.number().min(0).max(0.99999).default(0.999).describe('Decay of the moving average of the weights, which is what rows are drawn from.'),
  ...featureSettings,
  ...conditionSettings,
});
type Parameters = z.infer<typeof parameters>;

interface Drawn { network: ScoreModel; sampling: ScoreSampling }
/** Where training and sampling stop short of the data, as in the published code's samplers. */
const least = 1e-3;

/** Score-based diffusion through a stochastic differential equation, over normal scores and scaled one-hots. */
export const scoreSde: Generator = {
  parameters,
  async fit(context, given) {
    const p = parameters.parse(given), rows = context.fit.rows;
    const view = View.fit(context.fit, p.condition, { numbers: 'quantile', seed: context.seed, valuesAsCategories: p.valuesAsCategories, maxCategories: p.maxCategories });
    const sizes: ScoreSizes = { width: p.width ?? widthFor(rows), blocks: p.blocks, time: 64, sde: p.sde, batch: p.batch ?? batchFor(rows), dropCondition: hiddenConditions(p), least };
    const condition = view.conditionLayout, model: ScoreModel = { layout: view.layout, shares: view.features.categories.flatMap((c) => c.shares), sizes, ...(condition && { condition }) };
    const device = await openDevice(context.device);
    await context.progress({ phase: 'warming-up', fraction: 0, device: device.info });
    const { weights, decisions, curve } = await train(device, view, model, p, context);
    return fitted({ view, model: { network: model, sampling: { sampler: p.sampler, steps: p.samplingSteps, guidance: p.guidance } }, weights, decisions, curve }, device);
  },
  async load(bytes, device) { return fitted(unpackKept<Drawn>(bytes), await openDevice(device)); },
};
const fitted = (kept: Kept<Drawn>, device: Device): FittedGenerator => fittedDiffusion(
  'score-sde', kept, device, () => ScoreSampler.open(device, kept.model.network, kept.weights, kept.model.sampling), kept.view.condition ? undefined : { rows: 2000, of: (table, options) => logLikelihoods(kept, device, table, options.seed, options.progress) },
);

/** Directions that Hutchinson's estimate of the divergence is averaged over, and steps of the classical Runge-Kutta method. */
const directions = 2, likelihoodSteps = 20, likelihoodChunk = 500;

/** log p of rows as vectors, noised to the least time, by the probability-flow equation (likelihood.ts). */
async function logLikelihoods({ view, weights, model: { network } }: Kept<Drawn>, device: Device, table: Table, seed: number, progress?: (done: number) => Promise<void>): Promise<Float64Array> {
  const { rows: own } = view.encode(table), dims = dimsOf(network), { layout, shares, sizes } = network, N = layout.numbers, C = layout.sizes.length, spans = spansOf(layout.sizes), x = new Float32Array(table.rows * dims);
  for (let r = 0; r < table.rows; r++) {
    for (let j = 0; j < N; j++) x[r * dims + j] = own.numbers[r * N + j];
    spans.forEach(({ start, size }, c) => { for (let k = 0; k < size; k++) x[r * dims + N + start + k] = categoryScale * (Number(own.codes[r * C + c] === k) - shares[start + k]); });
  }
  const l = await Likelihood.open(device, sdes[sizes.sde], (i) => noiseFor(i, network, 0), weights, { dims, chunk: Math.max(1, Math.min(likelihoodChunk, table.rows)), least: sizes.least, divergence: 'hutchinson', fixed: { method: 'rk4', steps: likelihoodSteps } });
  try {
    const out = new Float64Array(table.rows), signs = new KeyStream(seed, 'score-sde/likelihood');
    for (let at = 0; at < table.rows; at += likelihoodChunk) {
      const n = Math.min(likelihoodChunk, table.rows - at);
      for (let d = 0; d < directions; d++) (await l.logDensity(x.subarray(at * dims, (at + n) * dims), Float32Array.from(signs.bits((d * table.rows + at) * dims, n * dims), (b) => (b < 0 ? -1 : 1)))).forEach((v, i) => { out[at + i] += v / directions; });
      await progress?.(at + n);
    }
    return out;
  } finally { await l.release(); }
}

async function train(device: Device, view: View, model: ScoreModel, p: Parameters, context: FitContext): Promise<{ weights: Weights; decisions: Decisions; curve: TrainingCurve }> {
  const { sizes } = model, { seed } = context, rows = context.fit.rows, fit = view.encode(context.fit), heldOut = context.validation.rows;
  const trainer = await device.train(trainSpec(model, rows, { weightDecay: p.weightDecay, clipNorm: 10, ema: p.ema, emaWarmup: true }), { data: dataOf(fit.rows, fit.condition), seed: new KeyStream(seed, 'score-sde/weights').bytes(0, 32) });
  const inputs = new StepInputs(seed, 'score-sde/train', rows, sizes.batch, noiseWidths(model)), own = heldOut > 0 ? view.encode(context.validation) : undefined;
  const validation = own && await FixedValidation.open(device, trainSpec(model, heldOut), dataOf(own.rows, own.condition), new StepInputs(seed, 'score-sde/validation', heldOut, sizes.batch, noiseWidths(model)), Math.max(4, Math.min(32, Math.ceil(8192 / sizes.batch))));
  try {
    return await trainLoop({
      context, device, trainers: { score: trainer }, steps: p.steps, evaluateEvery: Math.ceil(rows / sizes.batch),
      async run(from, count, of) {
        const lr = Float32Array.from({ length: count }, (_, k) => p.learningRate * Math.min(1, (from + k + 1) / 100) * (1 - (from + k) / of));
        const { loss } = await trainer.run(inputs.make(from, count), lr);
        return loss.reduce((a, b) => a + b, 0) / count;
      },
      weights: () => trainer.params('ema'),
      ...(validation && { validate: (w: Weights) => validation.loss(w) }),
    });
  } finally { await trainer.release(); await validation?.release(); }
}
