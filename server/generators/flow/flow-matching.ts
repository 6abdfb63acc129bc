import { z } from 'zod';
import { cosine, KeyStream, openDevice, type Device, type Trainer, type Values } from '../../engine';
import { dropoutPool, dropoutRows } from '../blocks/dropout';
import type { Encoded } from '../blocks/features';
import { trainLoop, type LoopOptions, type Trained, type Weights } from '../blocks/loop';
import { batchFor, conditionSettings, featureSettings, hiddenConditions, privateSettings, widthFor } from '../blocks/settings';
import { FixedValidation, SampleBits, StepInputs } from '../diffusion/inputs';
import { dataOf, fittedDiffusion, unpackKept, type Kept } from '../diffusion/fitted';
import { Stages } from '../diffusion/stages';
import { assertCondition, View } from '../diffusion/view';
import { UserError } from '../../errors';
import { withPrivacy } from '../blocks/private/loop';
import { because, refuseGiven } from '../blocks/private/refuse';
import { privateBatch, privateEma, privateNetwork, privateView, startBatch, trainPrivately } from '../diffusion/private';
import type { FitContext, FittedGenerator, Generator, PrivateFit } from '../generator';
import { stateWidth, type MatchingModel } from './matching-model';
import { MatchingSampler, type Sampling } from './matching-sample';
import { pairSpec, privateSpec, rowNoise, rowSpec, type Training } from './matching-train';

export const parameters = z.strictObject({
  variant: z.enum(['variational', 'ot', 'rectified']).default('variational').describe('variational: distributions of categories, velocities of numbers (TabbyFlow); ot: straight paths to one-hots (Lipman 2022); rectified: trained a second time on its own paths, to need fewer steps (Liu 2022).'),
  samplingSteps: z.int().min(1).max(1000).optional().describe('Steps from noise to rows: fewer are quicker, more are more faithful. Default: 20, rectified 5; with euler twice as many.'),
  method: z.enum(['heun', 'euler']).default('heun').describe('Integrator: heun takes two evaluations of the network a step, and is the more faithful for as many in all.'),
  width: z.int().min(8).max(2048).optional().describe('Width of the network. Default: chosen from the number of rows, at most 384.'),
  blocks: z.int().min(1).max(12).default(3).describe('Residual blocks of the network.'),
  steps: z.int().min(1).max(1_000_000).default(30_000).describe('Most training steps; the budget may allow fewer.'),
  batch: z.int().min(16).max(16_384).optional().describe('Rows a step. Default: 512, less for tables of few rows.'),
  learningRate: z.number().positive().max(0.1).default(1.5e-3).describe('Peak learning rate; cosine decay.'),
  weightDecay: z.number().min(0).max(10).default(0.01).describe('Decoupled weight decay (AdamW).'),
  dropout: z.number().min(0).max(0.9).default(0).describe('Share of hidden units dropped at each training step.'),
  ema: z.number().min(0).max(0.99999).default(0.998).describe('Decay of the moving average of the weights, which is what rows are drawn from.'),
  sigma: z.number().min(0).max(0.5).default(0).describe('Noise left at the end of a path (variant ot).'),
  ...privateSettings,
  ...featureSettings,
  ...conditionSettings,
});
type Parameters = z.infer<typeof parameters>;
interface Fitted { matching: MatchingModel; sampling: Sampling }

/** Paths of the first flow that the second is trained on, and steps of each. */
const mostPaths = 20_000, pathSteps = 15;

/** Flow matching over mixed rows; three variants. See matching-model.ts for the mathematics and its sources. */
export const flowMatching: Generator = {
  parameters,
  assertPrivately(given, columns) {
    if (given.variant === 'rectified') throw notRectified();
    refuseGiven(given, { blocks: { most: mostPrivateBlocks }, dropout: because.dropout, weightDecay: because.weightDecay });
    assertCondition(given.condition, columns);
  },
  async fit(context, given) {
    const p = parameters.parse(given), rows = context.fit.rows;
    if (context.privacy) return privately(withPrivacy(context), p);
    const view = View.fit(context.fit, p.condition, { numbers: 'quantile', seed: context.seed, valuesAsCategories: p.valuesAsCategories, maxCategories: p.maxCategories });
    const model: MatchingModel = { variant: p.variant, layout: view.layout, ...(view.conditionLayout && { condition: view.conditionLayout }), width: p.width ?? widthFor(rows, 384), blocks: p.blocks, time: 128, sigma: p.variant === 'ot' ? p.sigma : 0 };
    const training: Training = { batch: p.batch ?? batchFor(rows), dropout: p.dropout, dropCondition: hiddenConditions(p), weightDecay: p.weightDecay, ema: p.ema };
    const sampling: Sampling = { steps: p.samplingSteps ?? (p.variant === 'rectified' ? 5 : 20) * (p.method === 'euler' ? 2 : 1), method: p.method, guidance: p.guidance };
    const device = await openDevice(context.device);
    await context.progress({ phase: 'warming-up', fraction: 0, device: device.info });
    const { weights, curve, decisions } = await (p.variant === 'rectified' ? trainTwice : trainOnRows)(device, context, p, view, model, training);
    return fitted({ view, weights, model: { matching: model, sampling }, decisions, curve }, device);
  },
  async load(bytes, device) { return fitted(unpackKept<Fitted>(bytes), await openDevice(device)); },
};
const fitted = (kept: Kept<Fitted>, device: Device): FittedGenerator => fittedDiffusion('flow-matching', kept, device, () => MatchingSampler.open(device, kept.model.matching, kept.weights, kept.model.sampling));

/** Blocks of a network under a budget; on fewer than 20,000 rows there is one. */
const mostPrivateBlocks = 2;
const notRectified = (): UserError => new UserError('The variant "rectified" is not offered under a privacy budget.', {}, 'Use --param variant=variational or variant=ot.', 'usage');

/** Under a budget: the view from noised marginals, DP-SGD on the same loss. No dropout, no validation; a second, rectified training would see no row, but is not offered here. */
async function privately(context: FitContext & { privacy: PrivateFit }, p: Parameters): Promise<FittedGenerator> {
  if (p.variant === 'rectified') throw notRectified();
  const { rows } = context.privacy, view = privateView(context, p.condition, p), device = await openDevice(context.device), condition = view.conditionLayout, batch = p.batch ?? privateBatch(rows), small = privateNetwork(rows);
  const matching: MatchingModel = { variant: p.variant, layout: view.layout, ...(condition && { condition }), width: p.width ?? small.width, blocks: Math.min(p.blocks, mostPrivateBlocks, small.depth), time: 64, sigma: p.variant === 'ot' ? p.sigma : 0 };
  const training: Training = { batch, dropout: 0, dropCondition: hiddenConditions(p), weightDecay: 0, ema: privateEma(p.ema) };
  const { weights, decisions } = await trainPrivately(device, context, view, privateSpec(matching, training, p.clip), {
    batch, steps: Math.min(p.steps, small.steps), learningRate: p.learningRate * small.rate, draws: small.draws,
    start: { spec: (n) => rowSpec(matching, n, { ...training, batch: startBatch, ema: 0.99 }), noise: rowNoise(matching, training), batch: startBatch, learningRate: p.learningRate },
  });
  return fitted({ view, weights, model: { matching, sampling: { steps: p.samplingSteps ?? 20 * (p.method === 'euler' ? 2 : 1), method: p.method, guidance: p.guidance } }, decisions }, device);
}

type Fit = Pick<Trained, 'weights' | 'curve'> & { decisions: unknown };
/** How a training's loop is run: by itself, or as a stage. */
type Run = (options: Omit<LoopOptions, 'context'>) => Promise<Trained>;

async function trainOnRows(device: Device, context: FitContext, p: Parameters, view: View, m: MatchingModel, t: Training, run: Run = (options) => trainLoop({ ...options, context })): Promise<Trained> {
  const { seed } = context, own = view.encode(context.fit), rows = context.fit.rows;
  const trainer = await device.train(rowSpec(m, rows, t), { data: { ...dataOf(own.rows, own.condition), ...pool(m, t, seed) }, seed: new KeyStream(seed, 'flow-matching/weights').bytes(0, 32) });
  const inputs = new StepInputs(seed, 'flow-matching/train', rows, t.batch, rowNoise(m, t)), held = context.validation.rows, without = { ...t, dropout: 0 };
  const heldRows = held > 0 ? view.encode(context.validation) : undefined;
  const validation = heldRows && await FixedValidation.open(device, rowSpec(m, held, without), dataOf(heldRows.rows, heldRows.condition), new StepInputs(seed, 'flow-matching/validation', held, t.batch, rowNoise(m, t)), Math.max(4, Math.min(32, Math.ceil(8192 / t.batch))));
  try {
    return await run({ ...loopOf(device, context, p, m, t, trainer, inputs), evaluateEvery: Math.ceil(rows / t.batch), ...(validation && { validate: (w: Weights) => validation.loss(w) }) });
  } finally { await trainer.release(); await validation?.release(); }
}

function loopOf(device: Device, context: FitContext, p: Parameters, m: MatchingModel, t: Training, trainer: Trainer, inputs: StepInputs): Omit<LoopOptions, 'context'> {
  const drops = new KeyStream(context.seed, 'flow-matching/drop');
  return {
    device, trainers: { network: trainer }, steps: p.steps, weights: () => trainer.params('ema'),
    async run(from, count, of) {
      const lr = Float32Array.from({ length: count }, (_, k) => cosine(from + k, of, p.learningRate, { warmup: Math.min(100, of / 10), floor: 0.01 }));
      const { loss } = await trainer.run({ ...inputs.make(from, count), ...(t.dropout > 0 && { drop: dropoutRows(drops, from, count, m.blocks * t.batch) }) }, lr);
      return loss.reduce((a, b) => a + b, 0) / count;
    },
  };
}
const pool = (m: MatchingModel, t: Training, seed: number): Record<string, Values> => (t.dropout > 0 ? { pool: dropoutPool(m.width, t.dropout, new KeyStream(seed, 'flow-matching/pool')) } : {});

/** Rectified flow: train, follow the flow's own paths, train again on their ends, from the first weights (Liu et al. 2022, algorithm 1). */
async function trainTwice(device: Device, context: FitContext, p: Parameters, view: View, m: MatchingModel, t: Training): Promise<Fit> {
  const stages = new Stages(context), seconds = 0.45 * context.budgetSeconds;
  const first = stages.finished ?? await trainOnRows(device, context, p, view, m, t, (options) => stages.run('first', { from: 0, of: 0.5, seconds }, options));
  const pairs = Math.min(mostPaths, Math.max(1000, context.fit.rows)), D = stateWidth(m.layout), x0 = new Float32Array(pairs * D), x1 = new Float32Array(pairs * D);
  const condition = (from: number, count: number): Encoded | undefined => view.conditionRows(undefined, from, count, context.seed, 'flow-matching/paths');
  const sampler = await MatchingSampler.open(device, m, first.weights, { steps: pathSteps, method: 'heun', guidance: 0 });
  try {
    await sampler.rows(pairs, new SampleBits(context.seed, 'flow-matching/paths'), condition, (done) => context.progress({ phase: 'training', fraction: 0.5 + (0.05 * done) / pairs, message: 'following its own paths', device: device.info }), { x0, x1 });
  } finally { await sampler.release(); }
  const given = condition(0, pairs), spec = pairSpec(m, pairs, t);
  for (const [name, w] of Object.entries(first.weights)) spec.params[name] = { ...spec.params[name]!, init: w.values };
  const trainer = await device.train(spec, { data: { x0, x1, ...pool(m, t, context.seed), ...(given && dataOf({ numbers: new Float32Array(0), codes: new Int32Array(0) }, given)) }, seed: 0 });
  try {
    const inputs = new StepInputs(context.seed, 'flow-matching/reflow', pairs, t.batch, { ...rowNoise(m, t), normals: 0 });
    const { weights, curve } = await stages.run('second', { from: 0.55, of: 0.45, seconds }, loopOf(device, context, p, m, t, trainer, inputs));
    return { weights, curve, decisions: stages.resolved };
  } finally { await trainer.release(); }
}
