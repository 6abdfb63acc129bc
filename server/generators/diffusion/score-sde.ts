import { z } from 'zod';
import { KeyStream, openDevice, type Device } from '../../engine';
import { trainLoop, type Decisions, type Weights } from '../blocks/loop';
import { batchFor, conditionSettings, featureSettings, hiddenConditions, widthFor } from '../blocks/settings';
import type { FitContext, FittedGenerator, Generator, TrainingCurve } from '../generator';
import { dataOf, fittedDiffusion, unpackKept, type Kept } from './fitted';
import { FixedValidation, StepInputs } from './inputs';
import { noiseWidths, trainSpec, type ScoreModel, type ScoreSizes } from './score-model';
import { ScoreSampler, type ScoreSampling } from './score-sample';
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
const fitted = (kept: Kept<Drawn>, device: Device): FittedGenerator => fittedDiffusion('score-sde', kept, device, () => ScoreSampler.open(device, kept.model.network, kept.weights, kept.model.sampling));

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
