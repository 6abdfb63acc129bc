/** Training of the default generator: a timed warm-up, steps in chunks, early stopping on the validation loss, checkpoints. */
import { epochBatches, gather, KeyStream, mul, packState, reshape, slice, sum, unpackState, type Device, type Expr, type NamedArray, type Program, type Trainer, type TrainSpec } from '../../engine';
import type { FitContext, TrainingCurve } from '../generator';
import type { Layout, Sizes } from './layout';
import { columnLosses, meanLoss, parameters, type Drop } from './model';
import { chooseSteps } from './sizes';
import { Best, single, type Weights } from './versions';

/** What the warm-up decides, recorded in the plan; a repeat reads it instead of the clock. */
export interface Decisions { steps: number; evaluateEvery: number; chunk: number; sizes: Sizes }

/** Dropout masks are rows of this pool, drawn afresh for every cell of (column, row): a keystream of its own per unit would cost more than the step. */
export const poolRows = 2048;
const evaluationBatch = 1024;
/** Evaluations without improvement after which the learning rate begins to fall, and, once it falls, after which training stops. */
const patience = { plateau: 2, falling: 4 };
/** The share of the loss that counts as a gain. */
const leastGain = 1e-4;
/**
 * In standard errors of a column's mean loss, taking a row's to vary by about a nat: small tables stop sooner, and copy less. At 0.25 compas fell to a membership
 * AUC of .509 (from .522 at 0) but lost .002 of pair trends, and heart .025; this lies between.
 */
const undecidedGain = 0.08;
/** Larger networks keep one step's weights for all columns: several copies would cost too much memory. */
const mostSnapshotValues = 8e6;
/** The fall of the learning rate takes this share of the steps before it, and of the budget when nothing else starts it. */
const fall = { ofSteps: 0.5, ofBudget: 0.35 };

interface Inputs { layout: Layout; sizes: Sizes; fitLeaves: Int32Array; validationLeaves: Int32Array; seed: number; /** fixed by the user */ steps?: number }

/** The loss of one training step as the engine wants it. N fitting rows, C columns, B batch. */
export function trainSpec({ layout, sizes, fitLeaves }: Pick<Inputs, 'layout' | 'sizes' | 'fitLeaves'>): TrainSpec {
  const C = layout.columns.length, B = sizes.batch, N = fitLeaves.length / C;
  return {
    params: parameters(layout, sizes),
    data: { leaves: { shape: [N, C], dtype: 'int32' }, pool: { shape: [poolRows, sizes.hidden], dtype: 'float32' } },
    step: { rows: { shape: [B], dtype: 'int32' }, visible: { shape: [C, seenBy(layout)], dtype: 'float32' }, drop: { shape: [sizes.layers, C * B], dtype: 'int32' } },
    loss({ params, data, step }) {
      const drop: Drop = (h, layer) => mul(h, reshape(gather(data.pool!, reshape(slice(step.drop!, [layer], [layer + 1]), [C * B])), [C, B, sizes.hidden]));
      const losses = columnLosses(layout, sizes, params, gather(data.leaves!, step.rows!), step.visible!, sizes.dropout > 0 ? drop : undefined, sizes.smoothing);
      return { loss: meanLoss(losses) };
    },
    optimiser: { beta2: 0.99, weightDecay: sizes.weightDecay, clipNorm: 5, ema: 0.998, emaWarmup: true },
  };
}

/** visible[target, source] = 1 where the source is drawn before the target; over the listed sources [C, P] in wide tables, else over all columns [C, C]. */
export function visibility({ sources }: Pick<Layout, 'sources'>, order: Int32Array): Float32Array {
  const C = order.length, place = new Int32Array(C), P = sources ? sources.length / C : C, out = new Float32Array(C * P);
  order.forEach((column, k) => { place[column] = k; });
  for (let i = 0; i < C; i++) for (let j = 0; j < P; j++) if (place[sources ? sources[i * P + j]! : j]! < place[i]!) out[i * P + j] = 1;
  return out;
}
const seenBy = (layout: Layout): number => (layout.sources ? layout.sources.length / layout.columns.length : layout.columns.length);

/** Everything random about steps [from, from + count), a function of the seed and the step alone. */
export class StepInputs {
  private readonly rows; private readonly orders; private readonly choice; private readonly drops;
  private readonly fixed: Float32Array;
  constructor(private readonly layout: Layout, private readonly sizes: Sizes, private readonly n: number, seed: number) {
    this.rows = new KeyStream(seed, 'autoregressive/rows');
    this.orders = new KeyStream(seed, 'autoregressive/orders');
    this.choice = new KeyStream(seed, 'autoregressive/choice');
    this.drops = new KeyStream(seed, 'autoregressive/dropout');
    this.fixed = visibility(layout, layout.order);
  }
  make(from: number, count: number): { rows: Int32Array; visible: Float32Array; drop: Int32Array } {
    const C = this.layout.columns.length, { batch, layers, anyOrder } = this.sizes;
    const visible = new Float32Array(count * this.fixed.length), u = this.choice.uniforms(from, count);
    for (let k = 0; k < count; k++) visible.set(u[k]! < anyOrder ? visibility(this.layout, this.orders.permutation(from + k, C)) : this.fixed, k * this.fixed.length);
    const width = layers * C * batch, drop = this.drops.bits(from * width, count * width);
    for (let i = 0; i < drop.length; i++) drop[i] = drop[i]! & (poolRows - 1);
    return { rows: epochBatches(this.rows, this.n, batch, from, count), visible, drop };
  }
}

/** Bernoulli masks scaled by 1/keep: [poolRows, hidden]. */
function dropoutPool(sizes: Sizes, seed: number): Float32Array {
  const keep = 1 - sizes.dropout, u = new KeyStream(seed, 'autoregressive/pool').uniforms(0, poolRows * sizes.hidden);
  return Float32Array.from(u, (v) => (v < keep ? 1 / keep : 0));
}

/** Mean negative log-likelihood of rows under the fixed order, in nats a row, by a program that takes the weights as inputs. */
export class Validation {
  private constructor(private readonly program: Program<'total'>, private readonly leaves: Int32Array, private readonly C: number, private readonly batch: number, private readonly visible: Float32Array) {}
  static async open(device: Device, layout: Layout, sizes: Sizes, leaves: Int32Array): Promise<Validation> {
    const C = layout.columns.length, batch = Math.min(evaluationBatch, Math.max(1, leaves.length / C));
    const weights = Object.fromEntries(Object.entries(parameters(layout, sizes)).map(([n, p]) => [n, { shape: p.shape, dtype: 'float32' as const }]));
    const program = await device.compile({
      inputs: { ...weights, leaves: { shape: [batch, C], dtype: 'int32' }, visible: { shape: [C, seenBy(layout)], dtype: 'float32' }, weight: { shape: [batch], dtype: 'float32' } },
      outputs: (i: Record<string, Expr>) => ({ total: sum(mul(columnLosses(layout, sizes, i, i.leaves!, i.visible!), i.weight!), { axes: 1 }) }),
    });
    return new Validation(program, leaves, C, batch, visibility(layout, layout.order));
  }
  /** Per column and in all. `masks`: other visibilities than the fixed order's, in turn; a few rows are seen under each. */
  async loss(weights: Weights, masks: readonly Float32Array[] = [this.visible]): Promise<{ total: number; columns: Float64Array }> {
    const { C, batch } = this, rows = this.leaves.length / C, columns = new Float64Array(C);
    const feeds = Object.fromEntries(Object.entries(weights).map(([n, w]) => [n, w.values]));
    const passes = Math.ceil(masks.length / Math.ceil(rows / batch));
    for (let k = 0, turn = 0; k < passes; k++) for (let at = 0; at < rows; at += batch) {
      const n = Math.min(batch, rows - at), block = new Int32Array(batch * C), weight = new Float32Array(batch).fill(1, 0, n);
      block.set(this.leaves.subarray(at * C, (at + n) * C));
      const { total } = await this.program.run({ ...feeds, leaves: block, visible: masks[turn++ % masks.length]!, weight });
      for (let c = 0; c < C; c++) columns[c]! += (total as Float32Array)[c]! / (rows * passes);
    }
    return { total: columns.reduce((a, b) => a + b, 0), columns };
  }
  release(): Promise<void> { return this.program.release(); }
}

export interface Trained {
  weights: Weights; /** which version of the embeddings each column reads */ versionOf: Int32Array; decisions: Decisions; curve: TrainingCurve;
  /**
   * For rows given some columns: each column from the step of its least loss under random orders. (Under the fixed order the first columns see nothing, and
   * are best before they have learnt anything from the others.) Absent where every column has the same step's weights anyway.
   */
  conditional?: { weights: Weights; versionOf: Int32Array };
}

/** What a checkpoint holds beside the trainer's own state. */
interface Memory { decisions: Decisions; curve: TrainingCurve; /** least total so far, over columns' own least losses */ total: number; waited: number; ended: boolean; /** where the learning rate begins to fall, and over how many steps */ fallFrom: number; fallSteps: number }

/** Trains to the end, from a checkpoint where there is one. */
export async function train(device: Device, inputs: Inputs, context: FitContext): Promise<Trained> {
  const { layout, fitLeaves, validationLeaves, seed } = inputs, C = layout.columns.length, n = fitLeaves.length / C;
  const began = performance.now(), earlier = context.resume ? readCheckpoint(context.resume) : undefined;
  const recorded = (context.resolved as { decisions?: Decisions } | undefined)?.decisions ?? earlier?.memory.decisions;
  const sizes = recorded?.sizes ?? inputs.sizes;
  const trainer = await device.train(trainSpec({ layout, sizes, fitLeaves }), {
    data: { leaves: fitLeaves, pool: dropoutPool(sizes, seed) }, seed, ...(earlier && { resume: earlier.trainer }),
  });
  const validation = validationLeaves.length ? await Validation.open(device, layout, sizes, validationLeaves) : undefined;
  const source = new StepInputs(layout, sizes, n, seed);
  try {
    const decisions = recorded ?? await warmUp(trainer, source, sizes, n, context, began, inputs.steps);
    const memory: Memory = earlier?.memory ?? { decisions, curve: { steps: [], loss: [], validationSteps: [], validation: [] }, total: Infinity, waited: 0, ended: false, ...fallAtEnd(decisions.steps) };
    const best = earlier?.best ?? Best.of(C), bestAny = earlier?.bestAny ?? Best.of(C);
    const anyOrders = Array.from({ length: 8 }, (_, k) => visibility(layout, new KeyStream(seed, 'autoregressive/validation').permutation(k, C)));
    let saved = performance.now(), started = performance.now();
    const from = trainer.step, { curve } = memory, tolerance = undecidedGain / Math.sqrt(Math.max(1, validationLeaves.length / C));
    while (trainer.step < decisions.steps && !memory.ended) {
      // Chunks end at evaluations, so that these fall on the same steps whatever the chunk.
      const step = trainer.step, count = Math.min(decisions.chunk, decisions.steps - step, decisions.evaluateEvery - (step % decisions.evaluateEvery), memory.fallFrom + memory.fallSteps - step);
      const lr = Float32Array.from({ length: count }, (_, k) => learningRate(step + k, sizes.learningRate, Math.min(50, decisions.steps / 10), memory));
      const { loss } = await trainer.run(source.make(step, count), lr);
      curve.steps.push(trainer.step);
      curve.loss.push(loss.reduce((a, b) => a + b, 0) / count);
      if (validation && (trainer.step % decisions.evaluateEvery === 0 || trainer.step === memory.fallFrom + memory.fallSteps)) {
        const weights = trainer.params('ema'), { total, columns } = await validation.loss(weights);
        curve.validationSteps.push(trainer.step);
        curve.validation.push(total);
        const together = sizeOf(weights) > mostSnapshotValues;
        best.see(trainer.step, columns, weights, together, tolerance);
        if (sizes.anyOrder > 0 && C > 1) bestAny.see(trainer.step, (await validation.loss(weights, anyOrders)).columns, weights, together, tolerance);
        // What is trained on is what must stop falling: the fixed order, and random orders by their share.
        const gained = bestAny.snapshots.size > 0 ? (1 - sizes.anyOrder) * best.total + sizes.anyOrder * bestAny.total : best.total;
        if (gained < memory.total * (1 - leastGain)) { memory.total = gained; memory.waited = 0; }
        else memory.waited++;
        const falling = trainer.step >= memory.fallFrom;
        if (!falling && memory.waited >= patience.plateau) {
          // The loss has stopped falling at the full rate: what remains to be gained comes from lowering it, now.
          memory.fallFrom = trainer.step;
          memory.fallSteps = Math.min(decisions.steps - trainer.step, Math.max(decisions.evaluateEvery, Math.ceil(fall.ofSteps * trainer.step)));
          memory.waited = 0;
        } else if (falling && memory.waited >= patience.falling) memory.ended = true;
      }
      if (trainer.step >= memory.fallFrom + memory.fallSteps) memory.ended = true;
      const pace = (performance.now() - started) / Math.max(1, trainer.step - from);
      await context.progress({
        phase: 'training', fraction: memory.ended ? 1 : trainer.step / (memory.fallFrom + memory.fallSteps), step: trainer.step, steps: memory.fallFrom + memory.fallSteps, loss: curve.loss.at(-1)!, device: device.info,
        secondsLeft: ((memory.fallFrom + memory.fallSteps - trainer.step) * pace) / 1000, ...(curve.validation.length > 0 && { validationLoss: curve.validation.at(-1)! }),
      });
      if (performance.now() - saved > 5000) {
        await context.checkpoint(writeCheckpoint(trainer.save(), memory, best, bestAny), { decisions });
        saved = performance.now();
      }
    }
    if (best.snapshots.size === 0) return { weights: single(trainer.params('ema')), versionOf: new Int32Array(C), decisions, curve };
    const [first, last] = [Math.min(...best.step), Math.max(...best.step)];
    curve.stoppedAt = last;
    if (first < trainer.step) curve.note = `Every column keeps the weights of the step at which its own validation loss was least (steps ${first} to ${last} of ${trainer.step}); later ones gained nothing that the validation rows can tell.`;
    return { ...best.weights(layout, sizes), decisions, curve, ...(bestAny.snapshots.size > 0 && { conditional: bestAny.weights(layout, sizes) }) };
  } finally {
    await trainer.release();
    await validation?.release();
  }
}

const fallAtEnd = (steps: number): Pick<Memory, 'fallFrom' | 'fallSteps'> => {
  const fallSteps = Math.max(1, Math.ceil(fall.ofBudget * steps));
  return { fallFrom: steps - fallSteps, fallSteps };
};
/**
 * Warm-up, a constant rate, then a linear fall to zero ("warmup-stable-decay", Hu et al., MiniCPM, 2024; Haegele et al. 2024):
 * unlike a cosine it need not know at step 0 when the validation loss will stop falling.
 */
export function learningRate(step: number, peak: number, warmup: number, m: Pick<Memory, 'fallFrom' | 'fallSteps'>): number {
  if (step < warmup) return (peak * (step + 1)) / warmup;
  return step < m.fallFrom ? peak : peak * Math.max(0, 1 - (step - m.fallFrom + 1) / (m.fallSteps + 1));
}

/** Times a few steps, decides the numbers of steps and chunks, and puts the weights back as they were. */
async function warmUp(trainer: Trainer, source: StepInputs, sizes: Sizes, rows: number, context: FitContext, began: number, fixed?: number): Promise<Decisions> {
  await context.progress({ phase: 'warming-up', fraction: 0 });
  const fresh = trainer.save(), lr = (k: number) => new Float32Array(k).fill(1e-4);
  await trainer.run(source.make(0, 2), lr(2));
  let seconds = Infinity;
  for (let i = 0; i < 2; i++) {
    const t = performance.now();
    await trainer.run(source.make(2, 4), lr(4));
    seconds = Math.min(seconds, (performance.now() - t) / 4000);
  }
  trainer.restore(fresh);
  const left = context.budgetSeconds - (performance.now() - began) / 1000;
  const steps = fixed ?? chooseSteps(rows, sizes.batch, 0.9 * left, seconds);
  const perEpoch = Math.max(1, Math.round(rows / sizes.batch));
  return { steps, sizes, chunk: Math.max(1, Math.min(200, Math.round(0.2 / seconds))), evaluateEvery: Math.max(perEpoch, Math.ceil(steps / 25)) };
}

const toArrays = (prefix: string, weights: Weights): NamedArray[] => Object.entries(weights).map(([name, w]) => ({ name: prefix + name, shape: w.shape, values: w.values }));
const sizeOf = (weights: Weights): number => Object.values(weights).reduce((a, w) => a + w.values.length, 0);
function writeCheckpoint(trainer: Uint8Array, memory: Memory, best: Best, bestAny: Best): Uint8Array {
  // The trainer's bytes travel as float32 words: padded to a multiple of four, their length in the record.
  const words = new Float32Array(Math.ceil(trainer.length / 4));
  new Uint8Array(words.buffer).set(trainer);
  const fared = (b: Best): { loss: string[]; step: number[] } => ({ loss: Array.from(b.loss, String), step: [...b.step] });
  const record = { ...memory, total: String(memory.total), fixed: fared(best), any: fared(bestAny) };
  return packState({ memory: JSON.stringify(record), length: trainer.length }, [
    { name: 'trainer', shape: [words.length], values: words },
    ...[...new Map([...best.snapshots, ...bestAny.snapshots])].flatMap(([step, weights]) => toArrays(`${step}/`, weights)),
  ]);
}
function readCheckpoint(bytes: Uint8Array): { trainer: Uint8Array; memory: Memory; best: Best; bestAny: Best } {
  type Fared = { loss: string[]; step: number[] };
  const { meta, arrays } = unpackState(bytes), { fixed, any, ...kept } = JSON.parse(meta.memory as string) as Memory & { fixed: Fared; any: Fared };
  const trainer = arrays.find((a) => a.name === 'trainer')!.values, snapshots = new Map<number, Weights>();
  for (const a of arrays) {
    const at = a.name.indexOf('/');
    if (at < 0) continue;
    const own = Number(a.name.slice(0, at));
    if (!snapshots.has(own)) snapshots.set(own, {});
    snapshots.get(own)![a.name.slice(at + 1)] = { shape: a.shape, values: a.values };
  }
  const bestOf = ({ loss, step }: Fared): Best => new Best(Float64Array.from(loss, Number), Int32Array.from(step), new Map([...snapshots].filter(([s]) => step.includes(s))));
  return { trainer: new Uint8Array(trainer.buffer, trainer.byteOffset, meta.length as number), memory: { ...kept, total: Number(kept.total) }, best: bestOf(fixed), bestAny: bestOf(any) };
}
