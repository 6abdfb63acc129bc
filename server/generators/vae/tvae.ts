import { z } from 'zod';
import { add, cosine, epochBatches, KeyStream, log, mean, mul, neg, openDevice, spanOneHot, sum, type Device, type Expr, type Program, type TrainSpec } from '../../engine';
import type { Table } from '../../table/table';
import { trainLoop, type Weights } from '../blocks/loop';
import { blockRows, fitModal, modalFitted, unpackKept, type BlockSampler, type Kept } from '../blocks/modal-fitted';
import { normalBits, normalRows, normals, uniformBits, uniforms, wordsOf } from '../blocks/noise';
import { readRows, rowData, rowVector, type EncodedRows, type Layout } from '../blocks/spans';
import { epochsFor, modalBatchFor, modalSettings, privateSettings } from '../blocks/settings';
import { privateData, privateLoop, withPrivacy } from '../blocks/private/loop';
import { because, refuseGiven } from '../blocks/private/refuse';
import { describeColumns, listening, narrowed, said, seen, spelledOut, type Described } from '../blocks/private/described';
import { PrivateEncoding } from '../blocks/private/encoding';
import { privateBatch } from '../blocks/private/sizes';
import { PrivateTrainer, type PrivateSpec } from '../../privacy/clipping/private-trainer';
import type { FitContext, FittedGenerator, Generator, PrivateFit } from '../generator';
import { codeOf, crossEntropies, decode, divergenceOf, drawn, encode, rowLosses, vaeParams, type VaeSizes } from './network';

const parameters = z.strictObject({
  epochs: z.int().min(1).max(100_000).optional().describe('Passes over the rows; the time budget may allow fewer. Default: 300, or more on tables of few rows, so that there are at least 3,000 steps.'),
  batch: z.int().min(2).max(16_384).optional().describe('Rows a step. Default: 500, fewer for tables of few rows.'),
  embedding: z.int().min(1).max(1024).default(128).describe('Width of the latent vector.'),
  hidden: z.int().min(1).max(2048).default(128).describe('Width of the hidden layers of encoder and decoder.'),
  layers: z.int().min(0).max(6).default(2).describe('Hidden layers of encoder and of decoder.'),
  learningRate: z.number().positive().max(0.1).default(1e-3).describe('Learning rate (Adam).'),
  l2: z.number().min(0).max(1).default(1e-5).describe('Weight decay, added to the gradient.'),
  lossFactor: z.number().positive().max(1000).default(2).describe('Weight of the reconstruction against the divergence.'),
  components: z.int().min(1).max(100).default(10).describe('Most modes of a number.'),
  atoms: z.boolean().default(true).describe('Whether a value that many rows share is a mode of its own and comes back exactly.'),
  draw: z.enum(['sample', 'mode']).default('sample').describe('Whether a category is drawn from the decoder\'s distribution or is its most likely one (as in the reference).'),
  ...privateSettings,
  ...modalSettings,
});
interface Settings extends VaeSizes { draw: 'sample' | 'mode' }
/** Rows that settle which weights are kept. */
const mostValidationRows = 4096;
const spread = (table: Table, most: number): Table => (table.rows <= most ? table : table.take(Int32Array.from({ length: most }, (_, i) => Math.floor((i * table.rows) / most))));

/** TVAE: Xu, Skoularidou, Cuesta-Infante & Veeramachaneni, Modeling Tabular Data using Conditional GAN, NeurIPS 2019, section 4.5. */
export const tvae: Generator = {
  parameters,
  assertPrivately: (given) => refuseGiven(given, { embedding: { most: small.embedding }, hidden: { most: small.hidden }, layers: { most: small.layers }, batch: because.batch, components: because.bins, atoms: because.bins, maxCategories: because.codes }),
  async fit(context, given) {
    const chosen = parameters.parse(given), began = performance.now();
    if (context.privacy) return privately(withPrivacy(context), chosen);
    const device = await openDevice(context.device);
    const modal = await fitModal(context, { ...chosen, valuesAsCategories: 20 }, device), { layout } = modal;
    const settings: Settings = { embedding: chosen.embedding, hidden: chosen.hidden, layers: chosen.layers, draw: chosen.draw };
    const fit = modal.encode(context.fit), batch = Math.min(chosen.batch ?? modalBatchFor(fit.rows), fit.rows), bits = normalBits([batch, chosen.embedding]);
    const trainer = await device.train(trainSpec(layout, settings, fit, { ...chosen, batch }), { data: rowData(fit, layout).values, seed: context.seed });
    const bound = await Bound.open(device, modal.encode(spread(context.validation, mostValidationRows)), layout, settings, chosen.lossFactor, context.seed);
    try {
      const order = new KeyStream(context.seed, 'tvae/rows'), stream = new KeyStream(context.seed, 'tvae/noise'), perEpoch = Math.ceil(fit.rows / batch);
      const { weights, curve, decisions } = await trainLoop({
        context, device, trainers: { tvae: trainer }, steps: (chosen.epochs ?? epochsFor(fit.rows, batch, 300, 3000)) * perEpoch, evaluateEvery: perEpoch,
        seconds: Math.max(1, 0.9 * context.budgetSeconds - (performance.now() - began) / 1000),
        async run(from, count) {
          const { loss } = await trainer.run({ rows: epochBatches(order, fit.rows, batch, from, count), bits: wordsOf(stream, bits, from, count) }, new Float32Array(count).fill(chosen.learningRate));
          return loss.reduce((a, b) => a + b, 0) / count;
        },
        weights: () => trainer.params(), ...(bound && { validate: (w: Weights) => bound.loss(w) }),
      });
      return modalFitted<Settings>({ id: 'tvae', modal, settings, weights, resolved: { decisions }, curve }, device, openSampler);
    } finally { await trainer.release(); await bound?.release(); }
  },
  async load(bytes, device) { return modalFitted(unpackKept<Settings>('tvae', bytes), await openDevice(device), openSampler); },
};

/** Under a budget: the steps, their rate, and the averaged weights; on 5,000 and 20,000 rows of Adult at epsilon 3 twice as many steps or half the rate differed by less than the noise's own luck. */
const small = { steps: 160, rateFactor: 20, ema: 0.95, embedding: 8, hidden: 48, layers: 1 };

/** Under a budget: bins and features from noised marginals, DP-SGD on the same bound, no validation. */
async function privately(context: FitContext & { privacy: PrivateFit }, chosen: z.infer<typeof parameters>): Promise<FittedGenerator> {
  const { privacy, fit } = context, device = await openDevice(context.device), encoding = PrivateEncoding.from(fit, privacy.columns), { layout } = encoding, described = describeColumns(fit, privacy.columns, layout);
  const settings: Settings = { embedding: Math.min(chosen.embedding, small.embedding), hidden: Math.min(chosen.hidden, small.hidden), layers: Math.min(chosen.layers, small.layers), draw: chosen.draw };
  const trainer = await PrivateTrainer.open(device, privateSpec(layout, described, settings, chosen), privateData(privacy, { codes: encoding.encode(fit).codes }, privateBatch(privacy.rows)));
  try {
    const { weights, decisions } = await privateLoop({
      context, device, trainer, steps: Math.min((chosen.epochs ?? 300) * 8, small.steps), rate: (step, of) => cosine(step, of, small.rateFactor * chosen.learningRate, { warmup: Math.min(5, of / 10), floor: 0.02 }), weights: () => trainer.weights('ema'),
    });
    const decoder = Object.fromEntries(Object.entries(spelledOut(weights, described)).filter(([n]) => /^(decoder|out)/.test(n)));
    return modalFitted<Settings>({ id: 'tvae', modal: encoding, settings, weights: decoder, resolved: { decisions } }, device, openSampler);
  } finally { await trainer.release(); }
}
export function privateSpec(layout: Layout, described: Described, sizes: VaeSizes, o: { lossFactor: number; clip: number; l2: number }): PrivateSpec {
  return {
    params: listening(vaeParams(narrowed(described), sizes), described, sizes.layers), rows: { codes: { shape: [layout.spans.length], dtype: 'int32' } },
    noise: { bits: { shape: (B) => [2, B, Math.ceil(sizes.embedding / 2)], axis: 1 } },
    losses({ params, rows, noise }) {
      const x = spanOneHot(rows.codes!, layout.spans), q = encode(params, seen(x, described), sizes), z = codeOf(q, normalRows(noise.bits!, sizes.embedding));
      return add(mul(crossEntropies(said(decode(params, z, sizes), described), x, layout), o.lossFactor), divergenceOf(q));
    },
    clip: o.clip, optimiser: { l2: o.l2, ema: small.ema },
  };
}

/** One training step, as the engine takes it. */
export function trainSpec(layout: Layout, sizes: VaeSizes, fit: EncodedRows, o: { batch: number; lossFactor: number; l2: number }): TrainSpec {
  const noise = [o.batch, sizes.embedding];
  return {
    params: vaeParams(layout, sizes), data: rowData(fit, layout).specs, step: { rows: { shape: [o.batch], dtype: 'int32' }, bits: normalBits(noise) },
    loss: ({ params, data, step }) => ({ loss: vaeLoss(params, rowVector(data, layout, step.rows!), normals(step.bits!, noise), layout, sizes, o.lossFactor) }),
    optimiser: { l2: o.l2 },
  };
}
/** Mean over a batch of the weighted reconstruction plus the divergence. */
export function vaeLoss(params: Record<string, Expr>, x: Expr, noise: Expr, layout: Layout, sizes: VaeSizes, factor: number): Expr {
  const { reconstruction, divergence } = rowLosses(params, x, noise, layout, sizes, factor);
  return mean(add(reconstruction, divergence));
}

/** The loss on validation rows, with noise that stays the same. */
class Bound {
  private constructor(private readonly program: Program<'total'>, private readonly rows: EncodedRows, private readonly batch: number, private readonly embedding: number, private readonly stream: KeyStream) {}
  static async open(device: Device, rows: EncodedRows, layout: Layout, sizes: VaeSizes, factor: number, seed: number): Promise<Bound | undefined> {
    if (rows.rows === 0) return undefined;
    const batch = Math.min(1024, rows.rows), noise = [batch, sizes.embedding];
    const weights = Object.fromEntries(Object.entries(vaeParams(layout, sizes)).map(([n, p]) => [n, { shape: p.shape, dtype: 'float32' as const }]));
    const program = await device.compile({
      inputs: { ...weights, ...rowData({ ...rows, rows: batch }, layout).specs, bits: normalBits(noise), weight: { shape: [batch], dtype: 'float32' } },
      outputs: (i: Record<string, Expr>) => {
        const { reconstruction, divergence } = rowLosses(i, rowVector(i, layout), normals(i.bits!, noise), layout, sizes, factor);
        return { total: sum(mul(add(reconstruction, divergence), i.weight!)) };
      },
    });
    return new Bound(program, rows, batch, sizes.embedding, new KeyStream(seed, 'tvae/validation'));
  }
  async loss(weights: Weights): Promise<number> {
    const { rows, batch } = this, n = rows.rows, A = rows.alphas.length / n, S = rows.codes.length / n, feeds = Object.fromEntries(Object.entries(weights).map(([k, w]) => [k, w.values]));
    let total = 0;
    for (let at = 0; at < n; at += batch) {
      // The last block runs over the rows before it, which then weigh nothing.
      const from = Math.max(0, Math.min(at, n - batch)), weight = new Float32Array(batch).fill(1, at - from);
      const r = await this.program.run({ ...feeds, alphas: rows.alphas.slice(from * A, (from + batch) * A), codes: rows.codes.slice(from * S, (from + batch) * S), weight, bits: wordsOf(this.stream, normalBits([batch, this.embedding]), at / batch, 1) });
      total += r.total[0]!;
    }
    return total / n;
  }
  release(): Promise<void> { return this.program.release(); }
}

async function openSampler(device: Device, { modal: { layout }, settings, weights }: Kept<Settings>): Promise<BlockSampler> {
  const B = blockRows, z = [B, settings.embedding], scatter = [B, layout.alphas], hot = [B, layout.hot], sampled = settings.draw === 'sample' && layout.hot > 0;
  const inputs = { z: normalBits(z), ...(layout.alphas && { scatter: normalBits(scatter) }), ...(sampled && { u: uniformBits(hot) }) };
  const frozen = Object.fromEntries(Object.entries(weights).filter(([n]) => !/^(encoder|latent)/.test(n)));
  const program = await device.compile({
    inputs, frozen,
    outputs: (i: Record<string, Expr>) => ({ scores: drawn(i, normals(i.z!, z), i.scatter && normals(i.scatter, scatter), i.u && neg(log(neg(log(uniforms(i.u))))), layout, settings) }),
  });
  return {
    async block(index, seed) {
      const feeds = Object.fromEntries(Object.entries(inputs).map(([name, spec]) => [name, wordsOf(new KeyStream(seed, `tvae/sample/${name}`), spec, index, 1)]));
      return readRows((await program.run(feeds)).scores as Float32Array, layout, B);
    },
    release: () => program.release(),
  };
}
