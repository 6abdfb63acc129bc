import { z } from 'zod';
import { KeyStream, openDevice, type Device, type Values } from '../../engine';
import { trainLoop, type Decisions, type Weights } from '../blocks/loop';
import { batchFor, conditionSettings, featureSettings, hiddenConditions, privateSettings, widthFor } from '../blocks/settings';
import { withPrivacy } from '../blocks/private/loop';
import { because, refuseGiven } from '../blocks/private/refuse';
import type { FitContext, FittedGenerator, Generator, PrivateFit, TrainingCurve } from '../generator';
import { dataOf, fittedDiffusion, unpackKept, type Kept } from './fitted';
import { FixedValidation, StepInputs } from './inputs';
import { privateBatch, privateEma, privateMultinomial, privateView, startBatch, trainPrivately } from './private';
import { noiseWidths, poolRows, privateSpec, trainSpec, type Model, type Sizes } from './tabddpm-model';
import { TabddpmSampler, type Sampling } from './tabddpm-sample';
import { assertCondition, View } from './view';

export { dataOf };

export const parameters = z.strictObject({
  width: z.int().min(8).max(2048).optional().describe('Width of the denoising network. Default: 256, less for tables of few rows.'),
  layers: z.int().min(1).max(8).default(3).describe('Hidden layers of the denoising network.'),
  timesteps: z.int().min(2).max(4000).default(1000).describe('Noise levels the network learns, from data to pure noise.'),
  schedule: z.enum(['cosine', 'linear']).default('cosine').describe('How noise grows over the levels.'),
  prediction: z.enum(['noise', 'velocity']).default('noise').describe('What the network predicts of numbers: the noise, as published, or the velocity, which is steadier at high noise.'),
  samplingSteps: z.int().min(1).max(4000).default(100).describe('Noise levels visited when drawing: fewer are quicker, more are more faithful; all of them is as published.'),
  eta: z.number().min(0).max(1).default(1).describe('Fresh noise of every drawing step of a number: 1 as published, 0 none (DDIM).'),
  steps: z.int().min(1).max(1_000_000).default(30_000).describe('Most training steps; the budget may allow fewer.'),
  batch: z.int().min(16).max(16_384).optional().describe('Rows a step. Default: 512, less for tables of few rows.'),
  learningRate: z.number().positive().max(0.1).default(2e-3).describe('Learning rate at the start; it falls linearly to zero.'),
  weightDecay: z.number().min(0).max(10).default(0).describe('Decoupled weight decay (AdamW).'),
  dropout: z.number().min(0).max(0.9).default(0).describe('Share of hidden units dropped at each training step.'),
  ema: z.number().min(0).max(0.99999).default(0.999).describe('Decay of the moving average of the weights, which is what rows are drawn from.'),
  ...privateSettings,
  ...featureSettings,
  ...conditionSettings,
});
type Parameters = z.infer<typeof parameters>;

interface Drawn { network: Model; sampling: Sampling }


/** TabDDPM: Gaussian diffusion of numbers (as normal scores of their ranks) and multinomial diffusion of categories, denoised together by one network. */
export const tabddpm: Generator = {
  parameters,
  assertPrivately(given, columns) { refuseGiven(given, { layers: { most: 1 }, dropout: because.dropout, weightDecay: because.weightDecay }); assertCondition(given.condition, columns); },
  async fit(context, given) {
    const p = parameters.parse(given), rows = context.fit.rows;
    if (context.privacy) return privately(withPrivacy(context), p);
    const view = View.fit(context.fit, p.condition, { numbers: 'quantile', seed: context.seed, valuesAsCategories: p.valuesAsCategories, maxCategories: p.maxCategories });
    const sizes: Sizes = {
      width: p.width ?? widthFor(rows), layers: p.layers, time: 128, timesteps: p.timesteps, schedule: p.schedule, prediction: p.prediction, batch: p.batch ?? batchFor(rows),
      dropout: p.dropout, dropCondition: hiddenConditions(p),
    };
    const conditionLayout = view.conditionLayout, model: Model = { layout: view.layout, sizes, ...(conditionLayout && { condition: conditionLayout }) };
    const device = await openDevice(context.device);
    await context.progress({ phase: 'warming-up', fraction: 0, device: device.info });
    const { weights, decisions, curve } = await train(device, view, model, p, context);
    return fitted({ view, model: { network: model, sampling: { steps: p.samplingSteps, eta: p.eta, guidance: p.guidance } }, weights, decisions, curve }, device);
  },
  async load(bytes, device) { return fitted(unpackKept<Drawn>(bytes), await openDevice(device)); },
};

/** Under a budget: the view from noised marginals, DP-SGD on the same loss. No dropout, no validation. */
async function privately(context: FitContext & { privacy: PrivateFit }, p: Parameters): Promise<FittedGenerator> {
  const { rows } = context.privacy, view = privateView(context, p.condition, p), device = await openDevice(context.device), condition = view.conditionLayout, batch = p.batch ?? privateBatch(rows), small = privateMultinomial(rows);
  const sizes: Sizes = { width: p.width ?? small.width, layers: Math.min(p.layers, small.depth), time: 64, timesteps: p.timesteps, schedule: p.schedule, prediction: p.prediction, batch, dropout: 0, dropCondition: hiddenConditions(p) };
  const network: Model = { layout: view.layout, sizes, ...(condition && { condition }) };
  const { weights, decisions } = await trainPrivately(device, context, view, privateSpec(network, p.clip, privateEma(p.ema)), {
    batch, steps: Math.min(p.steps, small.steps), learningRate: p.learningRate * small.rate, draws: small.draws,
    start: { spec: (n) => trainSpec({ ...network, sizes: { ...sizes, batch: startBatch } }, n, { clipNorm: 10, ema: 0.99, emaWarmup: true }), noise: noiseWidths(network), batch: startBatch, learningRate: p.learningRate },
  });
  return fitted({ view, model: { network, sampling: { steps: p.samplingSteps, eta: p.eta, guidance: p.guidance } }, weights, decisions }, device);
}

async function train(device: Device, view: View, model: Model, p: Parameters, context: FitContext): Promise<{ weights: Weights; decisions: Decisions; curve: TrainingCurve }> {
  const { sizes } = model, { seed } = context, rows = context.fit.rows, fit = view.encode(context.fit);
  const pool: Record<string, Values> = sizes.dropout > 0 ? { pool: Float32Array.from(new KeyStream(seed, 'tabddpm/pool').uniforms(0, poolRows * sizes.width), (u) => (u < sizes.dropout ? 0 : 1 / (1 - sizes.dropout))) } : {};
  const trainer = await device.train(trainSpec(model, rows, { weightDecay: p.weightDecay, clipNorm: 10, ema: p.ema, emaWarmup: true }), { data: { ...dataOf(fit.rows, fit.condition), ...pool }, seed: new KeyStream(seed, 'tabddpm/weights').bytes(0, 32) });
  const inputs = new StepInputs(seed, 'tabddpm/train', rows, sizes.batch, noiseWidths(model));
  const heldOut = context.validation.rows, own = heldOut > 0 ? view.encode(context.validation) : undefined;
  const validation = own && await FixedValidation.open(device, trainSpec(model, heldOut, undefined, false), dataOf(own.rows, own.condition), new StepInputs(seed, 'tabddpm/validation', heldOut, sizes.batch, noiseWidths(model)), Math.max(4, Math.min(32, Math.ceil(8192 / sizes.batch))));
  try {
    return await trainLoop({
      context, device, trainers: { denoiser: trainer }, steps: p.steps, evaluateEvery: Math.ceil(rows / sizes.batch),
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

const fitted = (kept: Kept<Drawn>, device: Device): FittedGenerator => fittedDiffusion('tabddpm', kept, device, () => TabddpmSampler.open(device, kept.model.network, kept.weights, kept.model.sampling));
