import { z } from 'zod';
import { add, constant, KeyStream, mul, openDevice, reshape, type Device, type Expr } from '../../engine';
import type { Encoded } from '../blocks/features';
import { conditionVector, guide } from '../blocks/guidance';
import type { Weights } from '../blocks/loop';
import { spansOf } from '../blocks/multinomial-diffusion';
import { batchFor, conditionSettings, featureSettings, hiddenConditions, widthFor as usualWidthFor } from '../blocks/settings';
import type { FitContext, FittedGenerator, Generator, TrainingCurve } from '../generator';
import { ContinuousSampler } from './continuous';
import { dataOf, fittedDiffusion, unpackKept, type ConditionRows, type Drawer, type Kept } from './fitted';
import { FixedValidation, StepInputs, type SampleBits } from './inputs';
import { dataSd, denoise, heunStep, latentTrainSpec, latentWidths, levels, startSd, stepScalars, type LatentModel } from './latent-score';
import { betaAt, codeLength, decode, encode, vaeTrainSpec, type VaeModel } from './latent-vae';
import { Stages, type TwoStages } from './stages';
import { View } from './view';

export const parameters = z.strictObject({
  tokenDim: z.int().min(1).max(64).default(4).describe('Length of a column\'s latent code.'),
  heads: z.int().min(1).max(8).default(1).describe('Attention heads of the autoencoder; must divide tokenDim.'),
  layers: z.int().min(1).max(6).default(2).describe('Transformer layers of the encoder and of the decoder.'),
  factor: z.int().min(1).max(64).default(32).describe('Hidden width of a transformer layer, in multiples of tokenDim.'),
  vaeSteps: z.int().min(1).max(1_000_000).default(20_000).describe('Most training steps of the autoencoder; the budget may allow fewer.'),
  vaeShare: z.number().min(0.1).max(0.9).default(0.5).describe('Share of the budget that the autoencoder may take.'),
  width: z.int().min(8).max(2048).optional().describe('Width of the denoising network; its inner layers are twice as wide. Default: 256, less for tables of few rows.'),
  steps: z.int().min(1).max(1_000_000).default(30_000).describe('Most training steps of the diffusion; the budget may allow fewer.'),
  samplingSteps: z.int().min(1).max(1000).default(50).describe('Noise levels visited when drawing.'),
  churn: z.number().min(0).max(100).default(1).describe('Fresh noise added while drawing (S_churn); 0 makes drawing deterministic given its first noise.'),
  batch: z.int().min(16).max(16_384).optional().describe('Rows a step of the diffusion. Default: 512, less for tables of few rows.'),
  vaeBatch: z.int().min(16).max(16_384).optional().describe('Rows a step of the autoencoder. Default: 256, less for tables of few rows.'),
  vaeLearningRate: z.number().positive().max(0.1).default(3e-3).describe('Learning rate of the autoencoder at the start; it falls linearly.'),
  learningRate: z.number().positive().max(0.1).default(3e-3).describe('Learning rate of the diffusion at the start; it falls linearly to zero. TabSyn\'s is 0.001, over far longer training.'),
  ema: z.number().min(0).max(0.99999).default(0.999).describe('Decay of the moving average of the denoiser\'s weights, which is what rows are drawn from.'),
  ...featureSettings,
  ...conditionSettings,
}).refine((p) => p.tokenDim % p.heads === 0, { path: ['heads'], message: 'heads must divide tokenDim' });
type Parameters = z.infer<typeof parameters>;

/** Both networks; the codes' centre and spread, which turn them into what the diffusion sees. */
interface Drawn { vae: VaeModel; latent: LatentModel; centre: number[]; spread: number; sampling: { steps: number; churn: number; guidance: number } }
/** Narrower than the other denoisers on few rows, since its inner layers are twice as wide; from 2,000 on as wide as they, since one of 96 left rows between the clusters of codes (of 4,500). */
const widthFor = (rows: number): number => (rows < 600 ? 48 : rows < 2000 ? 64 : usualWidthFor(rows));
const encodeChunk = 1024;

/** TabSyn: a transformer autoencoder gives every row a latent code, and score diffusion draws new codes. */
export const latentDiffusion: Generator = {
  parameters,
  async fit(context, given) {
    const p = parameters.parse(given), rows = context.fit.rows;
    const view = View.fit(context.fit, p.condition, { numbers: 'quantile', seed: context.seed, valuesAsCategories: p.valuesAsCategories, maxCategories: p.maxCategories });
    const vae: VaeModel = { layout: view.layout, sizes: { token: p.tokenDim, heads: p.heads, factor: p.factor, layers: p.layers, batch: p.vaeBatch ?? Math.min(256, batchFor(rows)) } };
    const device = await openDevice(context.device), stages = new Stages(context);
    await context.progress({ phase: 'warming-up', fraction: 0, device: device.info });
    const first = stages.finished ?? await trainVae(device, view, vae, p, context, stages);
    const condition = view.conditionLayout, encoded = await codesOf(device, vae, first.weights, view.encode(context.fit).rows, rows);
    const latent: LatentModel = { dims: codeLength(vae), sizes: { width: p.width ?? widthFor(rows), batch: p.batch ?? batchFor(rows), dropCondition: hiddenConditions(p) }, ...(condition && { condition }) };
    const drawn: Drawn = { vae, latent, ...scaleOf(encoded, latent.dims), sampling: { steps: p.samplingSteps, churn: p.churn, guidance: p.guidance } };
    const second = await trainLatent(device, view, drawn, first.weights, encoded, p, context, stages);
    const weights = { ...prefixed('v:', only(first.weights, /^(dec|det)/)), ...prefixed('l:', second.weights) };
    return fitted({ view, model: drawn, weights, decisions: stages.resolved satisfies TwoStages, curve: joined(first.curve, second.curve) }, device);
  },
  async load(bytes, device) { return fitted(unpackKept<Drawn>(bytes), await openDevice(device)); },
};
const prefixed = (prefix: string, w: Weights): Weights => Object.fromEntries(Object.entries(w).map(([n, v]) => [prefix + n, v]));
const only = (w: Weights, which: RegExp): Weights => Object.fromEntries(Object.entries(w).filter(([n]) => which.test(n)));
const cut = (prefix: string, i: Record<string, Expr>): Record<string, Expr> => Object.fromEntries(Object.entries(i).flatMap(([n, x]) => (n.startsWith(prefix) ? [[n.slice(prefix.length), x]] : [])));
/** The second curve, with the first's end told in words: their losses are not of one kind. */
function joined(first: TrainingCurve, second: TrainingCurve): TrainingCurve {
  const last = first.validation.length > 0 ? ` to a reconstruction loss of ${Math.min(...first.validation).toFixed(3)} on validation rows` : '';
  return { ...second, note: `The autoencoder was trained for ${first.stoppedAt ?? first.steps.at(-1) ?? 0} steps${last}; the curve is the diffusion's.${second.note ? ` ${second.note}` : ''}` };
}

async function trainVae(device: Device, view: View, model: VaeModel, p: Parameters, context: FitContext, stages: Stages): ReturnType<Stages['run']> {
  const { seed } = context, rows = context.fit.rows, heldOut = context.validation.rows, { batch } = model.sizes, widths = { normals: codeLength(model), uniforms: 0 };
  const trainer = await device.train(vaeTrainSpec(model, rows, { clipNorm: 5, ema: 0.99, emaWarmup: true }), { data: dataOf(view.encode(context.fit).rows), seed: new KeyStream(seed, 'latent-diffusion/vae').bytes(0, 32) });
  const inputs = new StepInputs(seed, 'latent-diffusion/vae', rows, batch, widths);
  // Judged by reconstruction alone: beta differs from step to step.
  const validation = heldOut > 0 ? await FixedValidation.open(device, vaeTrainSpec(model, heldOut, undefined, 0), dataOf(view.encode(context.validation).rows), new StepInputs(seed, 'latent-diffusion/vae-validation', heldOut, batch, widths), Math.max(1, Math.ceil(Math.min(heldOut, 4096) / batch))) : undefined;
  try {
    return await stages.run('first', { from: 0, of: p.vaeShare, seconds: 0.9 * p.vaeShare * context.budgetSeconds }, {
      device, trainers: { vae: trainer }, steps: p.vaeSteps, evaluateEvery: Math.ceil(rows / batch),
      async run(from, count, of) {
        const steps = Array.from({ length: count }, (_, k) => from + k);
        const { loss } = await trainer.run({ ...inputs.make(from, count), beta: Float32Array.from(steps, (s) => betaAt(s, of)) }, steps.map((s) => p.vaeLearningRate * Math.min(1, (s + 1) / 100) * Math.max(0.02, 1 - s / of)));
        return loss.reduce((a, b) => a + b, 0) / count;
      },
      weights: () => trainer.params('ema'),
      ...(validation && { validate: (w: Weights) => validation.loss(w) }),
    });
  } finally { await trainer.release(); await validation?.release(); }
}

/** The mean codes of encoded rows, [rows, codeLength]. */
async function codesOf(device: Device, model: VaeModel, weights: Weights, encoded: Encoded, rows: number): Promise<Float32Array> {
  const { numbers: N, sizes } = model.layout, C = sizes.length, D = codeLength(model), B = encodeChunk, out = new Float32Array(rows * D);
  const program = await device.compile({
    inputs: { ...(N > 0 && { numbers: { shape: [B, N], dtype: 'float32' as const } }), ...(C > 0 && { codes: { shape: [B, C], dtype: 'int32' as const } }) }, frozen: only(weights, /^(tok|enc|mu)/),
    outputs: (i: Record<string, Expr>) => ({ mu: reshape(encode({ ...i, 'logvar.w': constant(0, [model.sizes.token, model.sizes.token]), 'logvar.b': constant(0, [model.sizes.token]) }, model, { numbers: i.numbers, codes: i.codes }).mu, [B, D]) }),
  });
  for (let from = 0; from < rows; from += B) {
    const n = Math.min(B, rows - from), numbers = new Float32Array(B * N), codes = new Int32Array(B * C);
    numbers.set(encoded.numbers.subarray(from * N, (from + n) * N));
    codes.set(encoded.codes.subarray(from * C, (from + n) * C));
    const { mu } = await program.run({ numbers, codes });
    out.set((mu as Float32Array).subarray(0, n * D), from * D);
  }
  await program.release();
  return out;
}
/** The mean of every entry, and one spread for all: an entry that says nothing should stay small. */
function scaleOf(codes: Float32Array, dims: number): { centre: number[]; spread: number } {
  const rows = Math.max(1, codes.length / dims), centre = new Array<number>(dims).fill(0);
  codes.forEach((v, i) => { centre[i % dims] += v / rows; });
  let squares = 0;
  codes.forEach((v, i) => { squares += (v - centre[i % dims]) ** 2; });
  return { centre, spread: Math.sqrt(squares / Math.max(1, codes.length)) || 1 };
}
const scaled = (codes: Float32Array, { centre, spread }: Drawn): Float32Array => codes.map((v, i) => ((v - centre[i % centre.length]) / spread) * dataSd);

async function trainLatent(device: Device, view: View, drawn: Drawn, vae: Weights, fitCodes: Float32Array, p: Parameters, context: FitContext, stages: Stages): ReturnType<Stages['run']> {
  const { latent } = drawn, { batch } = latent.sizes, { seed } = context, rows = context.fit.rows, heldOut = context.validation.rows;
  const conditionOf = (t: typeof context.fit): Record<string, Float32Array | Int32Array | Uint8Array> => { const c = view.encode(t).condition; return c ? dataOf({ numbers: new Float32Array(0), codes: new Int32Array(0) }, c) : {}; };
  const trainer = await device.train(latentTrainSpec(latent, rows, { clipNorm: 10, ema: p.ema, emaWarmup: true }), { data: { z: scaled(fitCodes, drawn), ...conditionOf(context.fit) }, seed: new KeyStream(seed, 'latent-diffusion/weights').bytes(0, 32) });
  const inputs = new StepInputs(seed, 'latent-diffusion/train', rows, batch, latentWidths(latent));
  const validation = heldOut > 0 ? await FixedValidation.open(device, latentTrainSpec(latent, heldOut), { z: scaled(await codesOf(device, drawn.vae, vae, view.encode(context.validation).rows, heldOut), drawn), ...conditionOf(context.validation) },
    new StepInputs(seed, 'latent-diffusion/validation', heldOut, batch, latentWidths(latent)), Math.max(4, Math.min(32, Math.ceil(8192 / batch)))) : undefined;
  try {
    return await stages.run('second', { from: p.vaeShare, of: 1 - p.vaeShare, seconds: 0.9 * (1 - p.vaeShare) * context.budgetSeconds }, {
      device, trainers: { latent: trainer }, steps: p.steps, evaluateEvery: Math.ceil(rows / batch),
      async run(from, count, of) {
        const { loss } = await trainer.run(inputs.make(from, count), Float32Array.from({ length: count }, (_, k) => p.learningRate * Math.min(1, (from + k + 1) / 100) * (1 - (from + k) / of)));
        return loss.reduce((a, b) => a + b, 0) / count;
      },
      weights: () => trainer.params('ema'),
      ...(validation && { validate: (w: Weights) => validation.loss(w) }),
    });
  } finally { await trainer.release(); await validation?.release(); }
}

class LatentSampler implements Drawer {
  private constructor(private readonly sampler: ContinuousSampler<'numbers' | 'logits'>, private readonly model: Drawn) {}
  static async open(device: Device, model: Drawn, weights: Weights): Promise<LatentSampler> {
    const { vae, latent, centre, spread, sampling } = model, { condition } = latent;
    return new LatentSampler(await ContinuousSampler.open<'numbers' | 'logits'>(device, {
      dims: latent.dims, ...(condition && { condition }), weights, scalars: 4, noisy: true, widest: 8 * latent.sizes.width + (latent.dims / vae.sizes.token) * vae.sizes.token * vae.sizes.factor,
      step(i, x, scalars, noise) {
        const p = cut('l:', i), vector = condition && conditionVector(p, 'condition', condition, { numbers: i.conditionNumbers, codes: i.conditionCodes });
        const expected = (v: Expr, sigma: Expr): Expr => {
          const own = denoise(p, latent, v, sigma, vector);
          return condition && sampling.guidance > 0 ? guide(own, denoise(p, latent, v, sigma, conditionVector(p, 'condition', condition)), sampling.guidance) : own;
        };
        return heunStep(expected, x, scalars, noise!);
      },
      finish(i, x) {
        const z = add(mul(x, spread / dataSd), constant(Float32Array.from(centre), [1, latent.dims]));
        return decode(cut('v:', i), vae, reshape(z, [x.shape[0], latent.dims / vae.sizes.token, vae.sizes.token])) as Record<'numbers' | 'logits', Expr>;
      },
    }), model);
  }
  async rows(count: number, bits: SampleBits, condition: ConditionRows, progress?: (done: number) => Promise<void>): Promise<Encoded> {
    const { vae: { layout }, sampling } = this.model, N = layout.numbers, C = layout.sizes.length, spans = spansOf(layout.sizes), W = layout.sizes.reduce((a, b) => a + b, 0), path = levels(sampling.steps);
    const out: Encoded = { numbers: new Float32Array(count * N), codes: new Int32Array(count * C) };
    await this.sampler.rows(count, bits, startSd, path.slice(0, -1).map((_, k) => stepScalars(path, k, sampling.churn)), condition, ({ numbers, logits }, from, n) => {
      if (N > 0) out.numbers.set((numbers as Float32Array).subarray(0, n * N), from * N);
      const u = bits.uniforms(-2, from, n, C);
      for (let i = 0; i < n; i++) spans.forEach((s, c) => { out.codes[(from + i) * C + c] = draw(logits as Float32Array, i * W + s.start, s.size, u[i * C + c] / 2 ** 32 + 0.5); });
    }, progress);
    return out;
  }
  release(): Promise<void> { return this.sampler.release(); }
}
/** A category from the softmax of logits [from, from + size), by inverse distribution function. */
function draw(logits: Float32Array, from: number, size: number, u: number): number {
  let most = -Infinity, total = 0;
  for (let k = 0; k < size; k++) most = Math.max(most, logits[from + k]);
  for (let k = 0; k < size; k++) total += Math.exp(logits[from + k] - most);
  let left = u * total;
  for (let k = 0; k < size - 1; k++) { left -= Math.exp(logits[from + k] - most); if (left < 0) return k; }
  return size - 1;
}

const fitted = (kept: Kept<Drawn>, device: Device): FittedGenerator => fittedDiffusion('latent-diffusion', kept, device, () => LatentSampler.open(device, kept.model, kept.weights));
