/**
 * CTGAN under a privacy budget. The critic alone sees real rows, one in every row it judges (no packs), and learns by DP-SGD; the generator learns from the noised critic, which is
 * post-processing (Xie et al. 2018, "Differentially private generative adversarial network"; Jordon et al. 2019). Against ctgan-step.ts: conditions are drawn from the noised shares, and a
 * real row's condition is its own value in a column chosen at random, so that no row is picked for what it is; modes come from the noised marginals; the penalty of an example is taken between
 * its own real row and a made one.
 */
import { add, concat, cosine, grad, KeyStream, matmul, mul, openDevice, reshape, slice, sqrt, square, sub, sum, type Device, type Expr, type Program, type Trainer, type TrainSpec, type Values } from '../../engine';
import { PrivateTrainer, freshKey, type PrivateSpec } from '../../privacy/clipping/private-trainer';
import { drawConditions, running } from '../blocks/conditional-vector';
import { privateData, privateLoop, type PrivateLoopOptions } from '../blocks/private/loop';
import { privateModal } from '../blocks/private/marginal-table';
import { mostPrivateSteps, privateBatch } from '../blocks/private/sizes';
import { linear } from '../blocks/mlp';
import { modalFitted } from '../blocks/modal-fitted';
import { normalBits, normals, uniformBits, uniforms } from '../blocks/noise';
import { hotPart, rowVector, type Layout } from '../blocks/spans';
import type { FittedGenerator } from '../generator';
import { conditionSpans, conditionWidth, ganParams, generatorTurn, made, type GanSizes } from './ctgan-step';
import { judgeFrom, type Tower } from './networks';
import { openSampler, type GanSettings } from './train';

interface Chosen { embedding: number; hidden: number; layers: number; criticSteps: number; penalty: number; learningRate: number; l2: number; epochs: number; components: number; atoms: boolean; maxCategories: number; clip: number }
/** Widest hidden layers. */
export const mostHidden = 128;
/** Rows that the generator learns from in a step, and of a block for the critic: made ones, at no cost in privacy. */
const generatorBatch = 500;
export const madeRows = 4096;

export async function fitPrivately(context: PrivateLoopOptions['context'], chosen: Chosen): Promise<FittedGenerator> {
  const { privacy, fit } = context, device = await openDevice(context.device), { kept: modal, encoder } = await privateModal(fit, privacy, { ...chosen, valuesAsCategories: 20 }), { layout } = modal;
  const sizes: GanSizes = { embedding: chosen.embedding, hidden: Math.min(chosen.hidden, mostHidden), layers: chosen.layers, criticSteps: Math.max(2, chosen.criticSteps), pac: 1, dropout: 0, batch: generatorBatch };
  const shares = categoryShares(modal.features.categories.map((f) => f.shares)), { generator } = ganParams(layout, sizes);
  const keys = new KeyStream(freshKey(privacy.noise), 'ctgan/generator');
  const learner = await GeneratorTurns.open(device, layout, sizes, shares, chosen, keys), maker = await Maker.open(device, layout, sizes, shares, learner, keys);
  const { alphas, codes } = encoder.encode(fit);
  const trainer = await PrivateTrainer.open(device, criticSpec(layout, sizes, chosen), privateData(privacy, { ...(layout.alphas && { alphas }), codes }, privateBatch(privacy.rows), { make: (batch, stream) => maker.rows(batch, stream) }));
  try {
    const rate = (step: number, of: number): number => cosine(step, of, 5 * chosen.learningRate, { warmup: Math.min(20, of / 10), floor: 0.02 });
    const { weights, decisions } = await privateLoop({
      context, device, trainer, steps: Math.min(chosen.epochs * 8, mostPrivateSteps), rate, others: { generator: learner },
      after: async (step, of) => { if ((step + 1) % sizes.criticSteps === 0) await learner.turn(trainer.weights(), rate(step, of)); },
      weights: () => Object.fromEntries(Object.entries(learner.weights()).filter(([n]) => n in generator)),
    });
    return modalFitted<GanSettings>({ id: 'ctgan', modal, settings: { ...sizes, shares }, weights, resolved: { decisions } }, device, openSampler);
  } finally { await trainer.release(); await learner.release(); await maker.release(); }
}

/** None of them zero: a category must be drawn sometimes to be learnt. */
export const categoryShares = (all: readonly (readonly number[])[]): number[][] => all.map((s) => { const up = s.map((v) => Math.max(v, 1e-4)), total = up.reduce((a, b) => a + b, 0); return up.map((v) => v / total); });

/** One critic step: scores of made rows less scores of real ones, and the penalty, example by example. */
export function criticSpec(l: Layout, s: GanSizes, o: { penalty: number; clip: number; l2: number }): PrivateSpec {
  const K = conditionWidth(l, s), C = conditionSpans(l, s).length;
  return {
    params: ganParams(l, s).critic, rows: { ...(l.alphas && { alphas: { shape: [l.alphas], dtype: 'float32' as const } }), codes: { shape: [l.spans.length], dtype: 'int32' } },
    noise: { mix: { shape: (B) => [B, 1], axis: 0 } }, made: { fake: { shape: [l.width + K], dtype: 'float32' }, ...(C > 0 && { chosen: { shape: [K], dtype: 'float32' as const } }) },
    losses({ params: p, rows, noise, made: m, ones }) {
      // Of a real row's own categories, the one of the column chosen for it.
      const row = rowVector(rows, l), real = C > 0 ? concat([row, mul(slice(hotPart(row, l), [l.hot - K], [l.hot], [1]), m.chosen!)], 1) : row;
      return criticLosses(p, real, m.fake!, uniforms(noise.mix!), ones, s, o.penalty);
    },
    clip: o.clip, optimiser: { beta1: 0.5, beta2: 0.9, l2: o.l2 },
  };
}
/**
 * critic(fake_i) - critic(real_i) + weight (|gradient at mix_i real_i + (1 - mix_i) fake_i| - 1)^2, [B]: the terms of `criticLoss` in networks.ts for packs of one.
 * @param ones [B, 1], which make the sum of scores one over examples
 */
export function criticLosses(p: Record<string, Expr>, real: Expr, fake: Expr, mix: Expr, ones: Expr, tower: Tower, weight: number): Expr {
  const n = real.shape[0]!, first = linear(p, 'critic.0', concat([fake, real], 0)), part = (x: Expr, k: number): Expr => slice(x, [k * n], [(k + 1) * n]);
  const scores = judgeFrom(p, first, tower, []), between = add(mul(part(first, 1), mix), mul(part(first, 0), sub(1, mix)));
  const [slope] = grad(sum(mul(judgeFrom(p, between, tower, []), ones)), [between]);
  const norm = sqrt(add(sum(square(matmul(slope!, p['critic.0.w']!, { transB: true })), { axes: 1 }), 1e-12));
  return add(reshape(sub(part(scores, 0), part(scores, 1)), [n]), mul(square(sub(norm, 1)), weight));
}

type Weights = ReturnType<Trainer['params']>;
/** Conditions for made rows, from the noised shares. */
function conditions(shares: readonly number[][], stream: KeyStream, at: number, count: number): { column: Int32Array; index: Int32Array } {
  return drawConditions(shares.map((s) => running(Float64Array.from(s))), stream, at, count);
}

/**
 * Rows made for the critic by the generator as it is: activated, with their conditions beside them. Batch normalisation ties rows of one block together, so a block is made once for all physical batches of a step and every place
 * draws from it independently: given the block, which no row had a part in, places are alike and tell nothing of each other, and a row more moves no other row's partner but to one as likely.
 */
export class Maker {
  private block?: { version: number; seen: Float32Array };
  private constructor(private readonly program: Program<'seen'>, private readonly l: Layout, private readonly s: GanSizes, private readonly shares: number[][], private readonly learner: GeneratorTurns, private readonly keys: KeyStream) {}
  static async open(device: Device, l: Layout, s: GanSizes, shares: number[][], learner: GeneratorTurns, keys: KeyStream): Promise<Maker> {
    const params = Object.fromEntries(Object.entries(ganParams(l, s).generator).map(([n, p]) => [n, { shape: p.shape, dtype: 'float32' as const }]));
    return new Maker(await device.compile({
      inputs: { ...params, ...inputs(l, s, madeRows) },
      outputs: (i: Record<string, Expr>) => ({ seen: made(i, { z: normals(i.z!, [madeRows, s.embedding]), ...(i.u && { u: uniforms(i.u) }), ...(i.condition && { condition: i.condition }), masks: [] }, l, s).seen }),
    }), l, s, shares, learner, keys);
  }
  private async made(): Promise<Float32Array> {
    const { l, s, learner: { version } } = this;
    if (this.block?.version !== version) {
      const stream = this.keys.child(`made/${version}`);
      const { seen } = await this.program.run({ ...Object.fromEntries(Object.entries(this.learner.weights()).map(([n, w]) => [n, w.values])), ...words(l, s, madeRows, stream), ...(conditionWidth(l, s) > 0 && { condition: conditions(this.shares, stream.child('condition'), 0, madeRows).index }) });
      this.block = { version, seen: seen as Float32Array };
    }
    return this.block!.seen;
  }
  async rows(B: number, stream: KeyStream): Promise<Record<string, Values>> {
    const { l, s } = this, seen = await this.made(), spans = conditionSpans(l, s), K = conditionWidth(l, s), W = l.width + K, fake = new Float32Array(B * W);
    stream.child('fake').integers(0, B, madeRows).forEach((from, i) => fake.set(seen.subarray(from * W, (from + 1) * W), i * W));
    if (spans.length === 0) return { fake };
    const chosen = new Float32Array(B * K);
    stream.child('chosen').integers(0, B, spans.length).forEach((c, i) => chosen.fill(1, i * K + spans[c]!.start, i * K + spans[c]!.start + spans[c]!.size));
    return { fake, chosen };
  }
  async release(): Promise<void> { await this.program.release(); }
}
const inputs = (l: Layout, s: GanSizes, B: number): NonNullable<TrainSpec['step']> => ({ z: normalBits([B, s.embedding]), ...(l.hot && { u: uniformBits([B, l.hot]) }), ...(conditionWidth(l, s) && { condition: { shape: [B], dtype: 'int32' as const } }) });
const words = (l: Layout, s: GanSizes, B: number, stream: KeyStream): Record<string, Values> =>
  Object.fromEntries(Object.entries(inputs(l, s, B)).filter(([n]) => n !== 'condition').map(([n, spec]) => [n, stream.child(n).bits(0, spec.shape.reduce((a, b) => a * b, 1))]));

/** The generator's side: its weights, and turns against a critic that is already noised. It is given no row. */
export class GeneratorTurns {
  /** Counts the generators that there were: one more after every turn, and where a checkpoint's takes the place of this one. */
  version = 0;
  private constructor(private readonly trainer: Trainer, private readonly l: Layout, private readonly s: GanSizes, private readonly shares: number[][], private readonly keys: KeyStream) {}
  static async open(device: Device, l: Layout, s: GanSizes, shares: number[][], o: { l2: number }, keys: KeyStream): Promise<GeneratorTurns> {
    const { generator, critic } = ganParams(l, s), B = s.batch, K = conditionWidth(l, s);
    const data = Object.fromEntries(Object.entries(critic).map(([n, p]) => [n, { shape: p.shape, dtype: 'float32' as const }]));
    const trainer = await device.train({
      params: generator, data, step: { ...inputs(l, s, B), ...(K && { column: { shape: [B], dtype: 'int32' as const } }) },
      loss: ({ params, data: d, step }) => ({ loss: generatorTurn({ ...d, ...params }, { z: normals(step.z!, [B, s.embedding]), ...(step.u && { u: uniforms(step.u) }), ...(step.condition && { condition: step.condition, column: step.column! }), masks: [] }, l, s) }),
      optimiser: { beta1: 0.5, beta2: 0.9, l2: o.l2 },
    }, { data: Object.fromEntries(Object.entries(critic).map(([n, p]) => [n, new Float32Array(p.shape.reduce((a, b) => a * b, 1))])), seed: keys.bytes(0, 32) });
    return new GeneratorTurns(trainer, l, s, shares, keys);
  }
  weights(): Weights { return this.trainer.params(); }
  async turn(critic: Weights, rate: number): Promise<void> {
    this.trainer.setData(Object.fromEntries(Object.entries(critic).map(([n, w]) => [n, w.values])));
    const stream = this.keys.child(`turn/${this.version}`), K = conditionWidth(this.l, this.s), drawn = K > 0 ? conditions(this.shares, stream.child('condition'), 0, this.s.batch) : undefined;
    await this.trainer.run({ ...words(this.l, this.s, this.s.batch, stream), ...(drawn && { condition: drawn.index, column: drawn.column }) }, [rate]);
    this.version++;
  }
  save(): Uint8Array { return this.trainer.save(); }
  restore(bytes: Uint8Array): void { this.trainer.restore(bytes); this.version++; }
  release(): Promise<void> { return this.trainer.release(); }
}
