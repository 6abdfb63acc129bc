/** Training: K steps of forward, backward and update in one run, the state carried on the device's side of the loop. */
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { adamStep, groupParams, hostScalars, stepScalars, unpack, type Group, type OptimiserSpec } from './adam';
import { size, type DType, type Expr, type InputSpec, type Shape, type Values } from './expr';
import { grad } from './grad';
import { initialValues, type Init } from './init';
import { lowerLoop } from './lower';
import { input, slice, stopGradient } from './ops';
import { KeyStream } from './random';
import { asTensor, createSession, engineError, scalar64, type SessionSettings } from './session';
import { packState, unpackState } from './state';

export interface ParamSpec {
  shape: Shape; init?: Init;
  /** Whether weight decay applies; default: rank 2 and more. */
  decay?: boolean;
  /** Learning-rate multiplier. */
  lrScale?: number;
  /** Kept within these bounds after every update. */
  range?: readonly [number, number];
}
type LossInputs = { params: Record<string, Expr>; data: Record<string, Expr>; step: Record<string, Expr> };
type Loss = (p: LossInputs) => { loss: Expr; metrics?: Record<string, Expr> };
/** An update of some of the parameters, the others held fixed. */
export interface Turn {
  name: string; params: readonly string[]; loss: Loss;
  /** Default: the trainer's. */
  optimiser?: OptimiserSpec;
}
export interface TrainSpec {
  params: Record<string, ParamSpec>;
  /** Resident: given once, fed by reference every run. */
  data?: Record<string, InputSpec>;
  /** One step's inputs; `run` takes K of each, stacked. */
  step?: Record<string, InputSpec>;
  /**
   * Turns taken, in order, before the update by `loss` in every step, each seeing the updates of those before it (adversarial training: the critic, then
   * the generator). `loss` then updates the parameters that no turn names. The same parameters may have several turns. Its loss is the metric `<name>Loss`.
   */
  turns?: readonly Turn[];
  /** Scalars. */
  loss: Loss;
  optimiser?: OptimiserSpec;
}
export interface TrainOptions {
  data?: Record<string, Values>;
  /** For initial parameters. */
  seed: number | bigint | Uint8Array;
  /** Bytes from `Trainer.save()`. */
  resume?: Uint8Array;
}
export interface Trainer {
  /** Steps done since the beginning of training. */
  readonly step: number;
  /**
   * Runs lr.length steps in one go. Any split of the steps over calls gives the same bits.
   * Returns per-step loss (before the update) and metrics; with clipping, also the metric `gradientNorm`.
   */
  run(inputs: Record<string, Values>, lr: ArrayLike<number>): Promise<{ loss: Float32Array; metrics: Record<string, Float32Array> }>;
  /** Copies of the weights: the current ones, or their moving average (where a turn keeps none, its current ones). In the form `frozen` takes. */
  params(which?: 'current' | 'ema'): Record<string, { shape: Shape; values: Float32Array }>;
  setData(data: Record<string, Values>): void;
  /** Everything needed to continue: step, weights, moments, average. Versioned, with a checksum. */
  save(): Uint8Array;
  restore(bytes: Uint8Array): void;
  release(): Promise<void>;
}

/** One update within a step: whose parameters, by which optimiser, and which of how many updates of these parameters in a step it is. */
interface Update { name: string; names: readonly string[]; groups: Group[]; optimiser: OptimiserSpec; loss: Loss; at: number; of: number }
function updatesOf(spec: TrainSpec): Update[] {
  const turns = spec.turns ?? [], taken = new Set(turns.flatMap((t) => t.params)), main = Object.keys(spec.params).filter((n) => !taken.has(n));
  const all = [...turns, ...(main.length ? [{ name: '', params: main, loss: spec.loss, optimiser: spec.optimiser }] : [])];
  const groups = new Map<string, Group[]>(), seen = new Map<string, number>(), owner = new Map<string, string>();
  return all.map((t) => {
    const key = t.params.join('\0'), at = seen.get(key) ?? 0;
    for (const n of t.params) if ((owner.get(n) ?? key) !== key) throw new Error(`train: "${n}" is among the parameters of two different turns`); else owner.set(n, key);
    seen.set(key, at + 1);
    if (!groups.has(key)) groups.set(key, groupParams(Object.fromEntries(t.params.map((n) => [n, spec.params[n]])), t.name && `${t.name}/`));
    return { name: t.name, names: t.params, groups: groups.get(key)!, optimiser: t.optimiser ?? spec.optimiser ?? {}, loss: t.loss, at, of: all.filter((u) => u.params.join('\0') === key).length };
  });
}

/** The training program: expressions of the whole step, and its ONNX model. For tests and `createTrainer`. */
export function buildStep(spec: TrainSpec): { groups: Group[]; carried: Record<string, Expr>; recorded: Record<string, Expr>; stacked: string[]; state: Record<string, Shape> } {
  const updates = updatesOf(spec), groups = [...new Set(updates.flatMap((u) => u.groups))];
  const named = (prefix: string, specs: Record<string, InputSpec> = {}): Record<string, Expr> =>
    Object.fromEntries(Object.entries(specs).map(([n, s]) => [n, input(`${prefix}:${n}`, s.shape, s.dtype)]));
  const state: Record<string, Expr> = {};
  for (const g of groups) for (const k of updates.find((u) => u.groups.includes(g))!.optimiser.ema === undefined ? 'pmv' : 'pmve') state[`${k}:${g.name}`] = input(`${k}:${g.name}`, g.shape);
  const scalars = input('host', [hostScalars * updates.length]), data = named('d', spec.data), step = named('s', spec.step);
  const recorded: Record<string, Expr> = {};
  let carried = state;
  updates.forEach((u, i) => {
    // Weights that an earlier turn updated are where they are: this turn's gradient does not ask how they came there.
    const params = unpack(groups, Object.fromEntries(groups.map((g) => [g.name, i ? stopGradient(carried[`p:${g.name}`]) : carried[`p:${g.name}`]])));
    const { loss, metrics = {} } = u.loss({ params, data, step });
    if (loss.shape.length || loss.dtype !== 'float32') throw new Error(`train: the loss must be a float32 scalar, not ${loss.dtype}[${loss.shape}]`);
    const gradients = grad(loss, u.names.map((n) => params[n]));
    const { next, norm } = adamStep(u.optimiser, u.groups, carried, Object.fromEntries(u.names.map((n, j) => [n, gradients[j]])), slice(scalars, [hostScalars * i], [hostScalars * (i + 1)]));
    carried = { ...carried, ...next };
    recorded[u.name ? `metric:${u.name}Loss` : 'loss'] = loss;
    for (const [n, x] of Object.entries(metrics)) {
      if (x.dtype !== 'float32') throw new Error(`train: metric "${n}" must be float32`);
      recorded[`metric:${n}`] = x;
    }
    if (norm) recorded[`metric:${u.name && `${u.name}/`}gradientNorm`] = norm;
  });
  recorded.loss ??= recorded[`metric:${updates.at(-1)!.name}Loss`];
  return { groups, carried, recorded, stacked: ['host', ...Object.keys(spec.step ?? {}).map((n) => `s:${n}`)], state: Object.fromEntries(Object.entries(state).map(([n, x]) => [n, x.shape])) };
}

export async function createTrainer(spec: TrainSpec, options: TrainOptions, settings: SessionSettings): Promise<Trainer> {
  const built = buildStep(spec);
  const session = await createSession(lowerLoop(built, settings.target), settings);
  const used = new Set(session.inputNames);
  const t = new LoopTrainer(session, spec, updatesOf(spec), built.groups, built.state, Object.keys(built.recorded), used, settings);
  try {
    if (spec.data) t.setData(options.data ?? {});
    if (options.resume) t.restore(options.resume); else t.initialise(options.seed);
  } catch (e) { await session.release(); throw e; }
  return t;
}

class LoopTrainer implements Trainer {
  private done = 0;
  private arrays: Record<string, Tensor> = {};
  private resident: Record<string, Tensor> = {};
  private live: InferenceSession | undefined;
  constructor(session: InferenceSession, private readonly spec: TrainSpec, private readonly updates: Update[], private readonly groups: Group[],
    private readonly state: Record<string, Shape>, private readonly recorded: string[], private readonly used: Set<string>, private readonly settings: SessionSettings) { this.live = session; }

  get step(): number { return this.done; }

  initialise(seed: number | bigint | Uint8Array): void {
    const stream = new KeyStream(seed, 'initial parameters');
    for (const [name, shape] of Object.entries(this.state)) this.arrays[name] = asTensor(new Float32Array(size(shape)), 'float32', shape, name);
    for (const g of this.groups) {
      const p = this.arrays[`p:${g.name}`].data as Float32Array;
      for (const m of g.members) p.set(initialValues(this.spec.params[m.name].init ?? 'zeros', m.shape, stream.child(m.name)), m.offset);
      (this.arrays[`e:${g.name}`]?.data as Float32Array | undefined)?.set(p);
    }
  }
  setData(data: Record<string, Values>): void {
    for (const [n, s] of Object.entries(this.spec.data ?? {})) this.resident[`in:d:${n}`] = asTensor(data[n], s.dtype, s.shape, n);
  }
  async run(inputs: Record<string, Values>, lr: ArrayLike<number>): Promise<{ loss: Float32Array; metrics: Record<string, Float32Array> }> {
    if (!this.live) throw new Error('trainer: already released');
    const k = lr.length;
    if (!k) return { loss: new Float32Array(0), metrics: {} };
    const width = hostScalars * this.updates.length, host = new Float32Array(k * width);
    for (let i = 0; i < k; i++) this.updates.forEach((u, j) => host.set(stepScalars(u.optimiser, (this.done + i) * u.of + u.at, lr[i]), i * width + j * hostScalars));
    const feeds: Record<string, Tensor> = { 'in:steps': scalar64(k) };
    const feed = (key: string, make: () => Tensor): void => { if (this.used.has(key)) feeds[key] = make(); };
    feed('in:host', () => asTensor(host, 'float32', [k, width], 'host'));
    for (const [n, s] of Object.entries(this.spec.step ?? {})) feed(`in:s:${n}`, () => asTensor(inputs[n], s.dtype, [k, ...s.shape], n));
    for (const [key, x] of Object.entries(this.resident)) feed(key, () => x);
    for (const [n, x] of Object.entries(this.arrays)) feed(`in:${n}`, () => x);
    let out: Record<string, Tensor>;
    try { out = await this.live.run(feeds) as Record<string, Tensor>; } catch (e) { throw engineError(e, `training (steps ${this.done + 1} to ${this.done + k})`, this.settings.target); }
    for (const n of Object.keys(this.arrays)) this.arrays[n] = out[`out:${n}`];
    this.done += k;
    const metrics: Record<string, Float32Array> = {};
    for (const n of this.recorded) if (n.startsWith('metric:')) metrics[n.slice(7)] = out[`out:${n}`].data as Float32Array;
    return { loss: out['out:loss'].data as Float32Array, metrics };
  }
  params(which: 'current' | 'ema' = 'current'): Record<string, { shape: Shape; values: Float32Array }> {
    if (which === 'ema' && this.groups.every((g) => !this.arrays[`e:${g.name}`])) throw new Error('trainer: no moving average was asked for');
    const out: Record<string, { shape: Shape; values: Float32Array }> = {};
    for (const g of this.groups) {
      const a = ((which === 'ema' && this.arrays[`e:${g.name}`]) || this.arrays[`p:${g.name}`]).data as Float32Array;
      for (const m of g.members) out[m.name] = { shape: m.shape, values: a.slice(m.offset, m.offset + size(m.shape)) };
    }
    return Object.fromEntries(Object.keys(this.spec.params).map((n) => [n, out[n]]));
  }
  save(): Uint8Array {
    return packState({ step: this.done }, Object.entries(this.state).map(([name, shape]) => ({ name, shape, values: this.arrays[name].data as Float32Array })));
  }
  restore(bytes: Uint8Array): void {
    const { meta, arrays } = unpackState(bytes);
    const by = new Map(arrays.map((a) => [a.name, a]));
    const next: Record<string, Tensor> = {};
    for (const [name, shape] of Object.entries(this.state)) {
      const a = by.get(name);
      if (!a || a.shape.join() !== shape.join()) throw new Error(`trainer: the saved state is of another network ("${name}" is [${a?.shape ?? 'absent'}], not [${shape}])`);
      next[name] = asTensor(a.values, 'float32', shape, name);
    }
    this.arrays = next;
    this.done = meta.step as number;
  }
  async release(): Promise<void> { const s = this.live; this.live = undefined; this.resident = {}; await s?.release(); }
}
export type { DType };
