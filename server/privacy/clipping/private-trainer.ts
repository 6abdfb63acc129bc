/**
 * DP-SGD (Abadi et al. 2016, algorithm 1) on the engine: a Poisson sample, per-example gradients clipped and summed (per-example.ts), Gaussian noise on the host, an update by Adam.
 *
 *   const trainer = await PrivateTrainer.open(device, {
 *     params: { w: { shape: [4, 3], init: glorot() }, b: { shape: [3] } },
 *     rows:   { x: { shape: [4], dtype: 'float32' }, y: { shape: [], dtype: 'int32' } },     // of one example
 *     losses: ({ params, rows }) => crossEntropy(add(matmul(rows.x, params.w), params.b), rows.y),   // [B], one for each example
 *     clip: 1,
 *   }, { data: { x, y }, noise, expectedBatch: 1024, publicRows: 32561 });
 *   const plan = trainer.plan(1.3);                        // multiplier wanted -> noise; charge `plan.multiplier` and `trainer.q`, then
 *   await trainer.step(plan, lr);
 *
 * What a step releases is the noisy sum alone. The losses function sees no table, only the batch; what it does with it is checked to keep examples apart. Batches beyond the padded
 * size go through further physical batches whose sums are added before the noise; the sum is divided by the *expected* batch size.
 */
import { KeyStream, packState, size, sub, unpackState, type Device, type DType, type Expr, type InputSpec, type ParamSpec, type Program, type Shape, type Values } from '../../engine';
import { initialValues } from '../../engine/init';
import { addOnGrid, gridFor } from '../mechanisms/vector';
import { poissonSample } from '../mechanisms/sample';
import type { NoiseSource } from '../mechanisms/source';
import { HostAdam, type HostAdamOptions } from './host-adam';
import { planNoise, type NoisePlan } from './noise-plan';
import { clippedSums, type ClipGroup } from './per-example';

/** Public randomness of a step, as the losses see it: `axis` counts the examples of a physical batch. Words are drawn afresh for every batch, from the noise source. */
export interface BatchNoise { shape(batch: number): Shape; axis: number }
export interface PrivateSpec {
  params: Record<string, ParamSpec>;
  /** One example's share of every data array: [N, ...shape] on the host, [B, ...shape] in the losses. */
  rows: Record<string, { shape: Shape; dtype: DType }>;
  /** int32 words. */
  noise?: Record<string, BatchNoise>;
  /** What the host makes for every physical batch without looking at a row (a GAN's made rows): one example's share, as in `rows`. */
  made?: Record<string, { shape: Shape; dtype: DType }>;
  /**
   * The loss of each example, [B]. `ones` is [B, 1] of ones that belong to the examples: a parameter that is changed before it meets an example (a logarithm of a width) is multiplied by
   * it first, and a sum over rows that is only differentiated is made of rows times it.
   */
  losses(p: { params: Record<string, Expr>; rows: Record<string, Expr>; noise: Record<string, Expr>; made: Record<string, Expr>; ones: Expr }): Expr;
  /** L2 bound of one example's gradient; or groups of parameters, each with its own. */
  clip: number | readonly ClipGroup[];
  optimiser?: HostAdamOptions;
}
export interface PrivateData {
  data: Record<string, Float32Array | Int32Array>;
  /** Membership, noise and initial weights come from it alone. */
  noise: NoiseSource;
  /** Examples a step draws on average, and the number of examples as it may be known: every rate is computed of it, none of the arrays' lengths. */
  expectedBatch: number; publicRows: number;
  /** Most rows of one physical batch. */
  mostRows?: number;
  /**
   * The arrays of `made`, [B, ...shape], from a fresh stream of public randomness. Given what was released before, rows must be *independent* draws of one distribution, over all physical batches: a row more in a sample moves every later one to the next
   * place, and only where places are alike is that no change. (Rows of one batch normalisation are not: those of a batch know of each other.)
   */
  make?(batch: number, stream: KeyStream): Promise<Record<string, Values>>;
}
export type Weights = Record<string, { shape: Shape; values: Float32Array }>;

/** A key for streams of public randomness that is never stored. */
export const freshKey = (source: NoiseSource): Uint8Array => { const key = new Uint32Array(8); for (let i = 0; i < 8; i++) key[i] = source.uint32(); return new Uint8Array(key.buffer); };

/** One pass without a call a number: a sum of finite ones times zero is zero. Four sums, since each addition would wait for the last. */
function allFinite(x: Float32Array): boolean {
  const n = x.length & ~3;
  let a = 0, b = 0, c = 0, d = 0;
  for (let i = 0; i < n; i += 4) { a += x[i]! * 0; b += x[i + 1]! * 0; c += x[i + 2]! * 0; d += x[i + 3]! * 0; }
  for (let i = n; i < x.length; i++) a += x[i]! * 0;
  return a + b + c + d === 0;
}
/** The members' rows, and zeros up to the array's end. */
function gatherRows<T extends Float32Array | Int32Array>(all: T, members: Uint32Array, width: number, into: T): void {
  let to = 0;
  // Wide rows at once: half the time.
  if (width >= 16) for (let i = 0; i < members.length; i++, to += width) { const from = members[i]! * width; into.set(all.subarray(from, from + width), to); }
  else for (let i = 0; i < members.length; i++) { const from = members[i]! * width; for (let j = 0; j < width; j++) into[to++] = all[from + j]!; }
  into.fill(0, to);
}

/** A program for a physical batch, with arrays of the network's or the batch's size that are kept from step to step: made anew they cost the collector as much as the noise costs. What a run leaves in them lasts until the next. */
interface Physical { rows: number; program: Program; feeds: Record<string, Values>; outputs: Record<string, Values> }

/**
 * Rows of a physical batch, so that a step seldom needs more of them than it must: a function of public numbers. Where batches are large, most samples (nine in ten, beyond 1.25 standard deviations of their size) fit
 * into evenly filled ones, and what overflows goes through one more of few rows: blank places cost as much as examples.
 */
export function physicalSizes(expected: number, mostRows?: number): { rows: number; rest?: number } {
  const sd = Math.sqrt(expected);
  if (mostRows !== undefined || expected < 256) return { rows: Math.max(2, Math.min(mostRows ?? 2048, Math.ceil(expected + 3 * sd))) };
  // One place stays blank (see `sums`).
  return { rows: Math.ceil((expected + 1.25 * sd) / Math.ceil(expected / 2048)) + 1, rest: Math.ceil(2 * sd) + 1 };
}

export class PrivateTrainer {
  /** A unit's chance to be in a step. */
  readonly q: number;
  readonly groups: readonly ClipGroup[];
  private readonly total: number;
  private done = 0;
  /** Parameters whose sum was no number. */
  private readonly numberless = new Set<string>();
  private readonly totals: Record<string, Float64Array> = {};
  private readonly gradient: Record<string, Float32Array>;
  /** For what overflows, made when it first does. */
  private rest?: Physical;
  private constructor(private readonly device: Device, private readonly main: Physical, private readonly restRows: number | undefined, private readonly spec: PrivateSpec, private readonly given: PrivateData, groups: readonly ClipGroup[], private readonly optimiser: HostAdam) {
    this.q = Math.min(1, given.expectedBatch / given.publicRows);
    this.groups = groups;
    this.gradient = this.gradients();
    const [first] = Object.entries(spec.rows), width = size(first![1].shape);
    this.total = width ? given.data[first![0]]!.length / width : 0;
    for (const [name, s] of Object.entries(spec.rows)) if (given.data[name]?.length !== this.total * size(s.shape)) throw new Error(`PrivateTrainer: "${name}" holds ${given.data[name]?.length} values, not ${this.total} times [${s.shape}]`);
  }

  /** @throws ExamplesMixed, Error as `clippedSums` does, or where a row of zeros has no finite gradient; before anything is read */
  static async open(device: Device, spec: PrivateSpec, given: PrivateData): Promise<PrivateTrainer> {
    const sizes = physicalSizes(Math.min(given.expectedBatch, given.publicRows), given.mostRows);
    const groups: readonly ClipGroup[] = typeof spec.clip === 'number' ? [{ name: 'all', params: Object.keys(spec.params), clip: spec.clip }] : spec.clip;
    const main = await compile(device, spec, groups, sizes.rows);
    const stream = new KeyStream(freshKey(given.noise), 'initial parameters');
    const initial = Object.fromEntries(Object.entries(spec.params).map(([n, p]) => [n, { shape: p.shape, values: Float32Array.from(initialValues(p.init ?? 'zeros', p.shape, stream.child(n))) }]));
    const trainer = new PrivateTrainer(device, main, sizes.rest, spec, given, groups, new HostAdam(initial, spec.params, spec.optimiser ?? {}));
    await trainer.run(new Uint32Array(0), main);
    if (trainer.numberless.size) { await trainer.release(); throw new Error(`PrivateTrainer: a blank row (all zeros, as they fill up a batch) has no finite gradient, so nothing would ever be learnt of ${[...trainer.numberless].map((n) => `"${n}"`).join(', ')}`); }
    return trainer;
  }

  get steps(): number { return this.done; }
  /** Rows of a physical batch. */
  get physical(): number { return this.main.rows; }
  get parameters(): number { return Object.values(this.spec.params).reduce((n, p) => n + size(p.shape), 0); }

  /** Noise worth at least `multiplier`, from public numbers. What to charge for a step is `subsampled-gaussian` of `q` and the plan's multiplier. */
  plan(multiplier: number): NoisePlan {
    const sizes = this.groups.map((g) => ({ clip: g.clip, size: g.params.reduce((n, p) => n + size(this.spec.params[p]!.shape), 0) }));
    return planNoise(sizes, multiplier, { physical: this.physical, batches: Math.max(1, Math.ceil((this.q * this.given.publicRows * 1.5) / this.physical)) });
  }

  /** One noisy update. Charge first. */
  async step(plan: NoisePlan, lr: number): Promise<void> {
    const members = poissonSample(this.total, this.q, this.given.noise);
    this.apply(await this.noisySum(members, plan, this.gradient), lr);
  }
  private gradients(): Record<string, Float32Array> { return Object.fromEntries(Object.entries(this.spec.params).map(([n, p]) => [n, new Float32Array(size(p.shape))])); }
  /** The sum of clipped gradients of these examples, with noise, and divided by the expected batch size, in fresh arrays unless given some. For tests and audits; `step` is what training takes. */
  async noisySum(members: Uint32Array, plan: NoisePlan, into = this.gradients()): Promise<Record<string, Float32Array>> {
    const sums = await this.sums(members), expected = this.q * this.given.publicRows;
    this.groups.forEach((g, k) => {
      const grid = gridFor({ clip: g.clip, sigma: plan.sds[k]! / g.clip, error: plan.errors[k]! }, g.params.reduce((n, p) => n + sums[p]!.length, 0));
      for (const p of g.params) addOnGrid(sums[p]!, grid, this.given.noise, into[p]!, 1 / expected);
    });
    return into;
  }
  /** An update by a gradient: post-processing. */
  apply(gradient: Record<string, Float32Array>, lr: number): void { this.optimiser.update(gradient, lr); this.done++; }

  /** Adds to the weights what was learnt of noised ones alone (a decoder's turn against a noised critic): post-processing, given no row. */
  move(by: Record<string, Float32Array>): void { for (const [n, d] of Object.entries(by)) { const { values } = this.optimiser.current[n]!; for (let i = 0; i < d.length; i++) values[i]! += d[i]!; } }

  /** Before noise: private. Over as many physical batches as the sample needs, at least one, added in float64. */
  async clippedSum(members: Uint32Array): Promise<Record<string, Float64Array>> {
    return Object.fromEntries(Object.entries(await this.sums(members)).map(([n, v]) => [n, Float64Array.from(v)]));
  }
  /** The same in arrays of ours. */
  private async sums(members: Uint32Array): Promise<Record<string, Float32Array | Float64Array>> {
    // One place of every batch stays blank: whether a blank row gives a number decides over all of a batch (see `run`), and must not depend on how many there are.
    const most = this.physical - 1, names = Object.keys(this.spec.params);
    const first = await this.run(members.subarray(0, most), this.main);
    if (members.length <= most) return Object.fromEntries(names.map((n) => [n, first[`s:${n}`] as Float32Array]));
    for (const n of names) (this.totals[n] ??= new Float64Array(first[`s:${n}`]!.length)).set(first[`s:${n}`]!);
    for (let from = most; from < members.length; from += most) {
      const few = this.restRows !== undefined && members.length - from < this.restRows;
      const out = await this.run(members.subarray(from, from + most), few ? (this.rest ??= await compile(this.device, this.spec, this.groups, this.restRows!)) : this.main);
      for (const n of names) { const sum = this.totals[n]!, own = out[`s:${n}`] as Float32Array; for (let i = 0; i < sum.length; i++) sum[i]! += own[i]!; }
    }
    return this.totals;
  }

  private async run(members: Uint32Array, { rows: physical, program, feeds, outputs }: Physical): Promise<Record<string, Values>> {
    const { spec, given } = this;
    ((feeds.mask ??= new Float32Array(physical)) as Float32Array).fill(1, 0, members.length).fill(0, members.length);
    feeds.ones ??= new Float32Array(physical).fill(1);
    for (const [n, w] of Object.entries(this.optimiser.current)) feeds[`p:${n}`] = w.values;
    for (const [n, r] of Object.entries(spec.rows)) {
      const width = size(r.shape), own = feeds[`r:${n}`] ??= r.dtype === 'int32' ? new Int32Array(physical * width) : new Float32Array(physical * width);
      gatherRows(given.data[n]!, members, width, own as Float32Array | Int32Array);
    }
    const stream = new KeyStream(freshKey(given.noise), 'batch');
    for (const [n, v] of Object.entries((await given.make?.(physical, stream.child('made'))) ?? {})) feeds[`m:${n}`] = v;
    for (const [n, s] of Object.entries(spec.noise ?? {})) feeds[`n:${n}`] = stream.child(n).bits(0, size(s.shape(physical)));
    let out = await program.run(feeds, outputs);
    const bad: number[] = [];
    for (let i = 0; i < members.length; i++) if (out.bad![i] !== 0) bad.push(i);
    if (bad.length) {
      // An example without a finite gradient is left out, as if it had not been drawn: its own doing, that touches no other.
      for (const [n, r] of Object.entries(spec.rows)) { const width = size(r.shape); for (const i of bad) feeds[`r:${n}`]!.fill(0, i * width, (i + 1) * width); }
      for (const i of bad) feeds.mask![i] = 0;
      out = await program.run(feeds, outputs);
    }
    // What is left is no number only where a blank row gives none either: a matter of the weights, which are public.
    for (const n of Object.keys(spec.params)) { const s = out[`s:${n}`] as Float32Array; if (!allFinite(s)) { this.numberless.add(n); s.fill(0); } }
    return out;
  }

  weights(which: 'current' | 'ema' = 'current'): Weights {
    return Object.fromEntries(Object.entries(which === 'ema' ? this.optimiser.average : this.optimiser.current).map(([n, w]) => [n, { shape: w.shape, values: w.values.slice() }]));
  }
  /** Weights and moments: noised, so no more private than the model. No key is in it. */
  save(): Uint8Array { return packState({ done: this.done }, this.optimiser.arrays()); }
  restore(bytes: Uint8Array): void {
    const { meta, arrays } = unpackState(bytes);
    this.optimiser.restore(arrays);
    this.done = meta.done as number;
  }

  /** Seconds of a step on blank rows, none of which is read from the data; weights are left as they were. */
  async timeStep(plan: NoisePlan, repeats = 2): Promise<number> {
    const kept = this.save(), batches = Math.max(1, Math.ceil((this.q * this.given.publicRows) / this.physical));
    let least = Infinity;
    for (let i = 0; i <= repeats; i++) {
      const began = performance.now();
      for (let b = 1; b < batches; b++) await this.run(new Uint32Array(0), this.main);
      this.apply(await this.noisySum(new Uint32Array(0), plan, this.gradient), 0);
      if (i > 0) least = Math.min(least, (performance.now() - began) / 1000);
    }
    this.restore(kept);
    return least;
  }
  async release(): Promise<void> { await this.main.program.release(); await this.rest?.program.release(); }
}

/** The clipped sums of a physical batch. @throws ExamplesMixed, Error as `clippedSums` does */
async function compile(device: Device, spec: PrivateSpec, groups: readonly ClipGroup[], physical: number): Promise<Physical> {
  const params = Object.fromEntries(Object.entries(spec.params).map(([n, p]): [string, InputSpec] => [`p:${n}`, { shape: p.shape, dtype: 'float32' }]));
  const rows = Object.fromEntries(Object.entries(spec.rows).map(([n, r]): [string, InputSpec] => [`r:${n}`, { shape: [physical, ...r.shape], dtype: r.dtype }]));
  const noise = Object.fromEntries(Object.entries(spec.noise ?? {}).map(([n, s]): [string, InputSpec] => [`n:${n}`, { shape: s.shape(physical), dtype: 'int32' }]));
  const made = Object.fromEntries(Object.entries(spec.made ?? {}).map(([n, r]): [string, InputSpec] => [`m:${n}`, { shape: [physical, ...r.shape], dtype: r.dtype }]));
  const program: Program = await device.compile({
    inputs: { ...params, ...rows, ...noise, ...made, mask: { shape: [physical], dtype: 'float32' }, ones: { shape: [physical, 1], dtype: 'float32' } },
    outputs: (i: Record<string, Expr>): Record<string, Expr> => {
      const own = (prefix: string): Record<string, Expr> => Object.fromEntries(Object.entries(i).flatMap(([n, x]) => (n.startsWith(prefix) ? [[n.slice(2), x]] : [])));
      const examples = new Map<Expr, number>([[i.ones!, 0]]);
      for (const n of [...Object.keys(rows), ...Object.keys(made)]) examples.set(i[n]!, 0);
      for (const [n, s] of Object.entries(spec.noise ?? {})) examples.set(i[`n:${n}`]!, s.axis);
      const weights = own('p:'), losses = spec.losses({ params: weights, rows: own('r:'), noise: own('n:'), made: own('m:'), ones: i.ones! });
      const { sums, finite } = clippedSums(losses, weights, examples, groups, i.mask!);
      // Data alone decide which rows count as numbers; padding always does.
      return { ...Object.fromEntries(Object.entries(sums).map(([n, x]) => [`s:${n}`, x])), bad: sub(1, finite) };
    },
  });
  return { rows: physical, program, feeds: {}, outputs: Object.fromEntries(Object.entries(program.outputs).map(([n, o]) => [n, new Float32Array(size(o.shape))])) };
}
