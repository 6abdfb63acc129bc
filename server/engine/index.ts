/**
 * The engine: tensor programs that train, sample and multiply matrices on ONNX Runtime.
 *
 * A program is a pure expression graph with static shapes. You write it once:
 *
 *   const device = await openDevice('auto');
 *   const trainer = await device.train({
 *     params: { w: { shape: [4, 3], init: glorot() }, b: { shape: [3] } },
 *     data:   { x: { shape: [1000, 4], dtype: 'float32' }, y: { shape: [1000], dtype: 'int32' } },
 *     step:   { rows: { shape: [64], dtype: 'int32' } },
 *     loss({ params, data, step }) {
 *       const logits = add(matmul(gather(data.x, step.rows), params.w), params.b);
 *       return { loss: mean(crossEntropy(logits, gather(data.y, step.rows))) };
 *     },
 *     optimiser: { clipNorm: 1, ema: 0.998 },
 *   }, { data: { x, y }, seed: 7 });
 *   const { loss } = await trainer.run({ rows }, lr);        // rows: Int32Array [K*64], lr: K numbers -> K losses
 *   const f = await device.compile({ inputs: {...}, outputs: (i) => ({...}), frozen: trainer.params('ema') });
 *
 * Randomness is an input: make bits with `KeyStream`, feed them as int32, turn them into `uniform`/`normal` in the graph.
 */
import type { DeviceChoice, DeviceInfo } from '../protocol';

// ---------------------------------------------------------------- expressions
export type DType = 'float32' | 'int32' | 'bool';
export type Shape = readonly number[];
/** A node of a program: an operation, its operands, and the static shape and dtype of its value. Immutable. */
export interface Expr { readonly id: number; readonly op: string; readonly inputs: readonly Expr[]; readonly attrs: Readonly<Record<string, unknown>>; readonly shape: Shape; readonly dtype: DType }
/** Where an operand may be a plain number, it becomes a scalar of the other operand's dtype. */
export type Operand = Expr | number;
export interface InputSpec { shape: Shape; dtype: DType }
const later = (): never => { throw new Error('not yet'); };

/** A named input. Programs make these for you; standalone use is for tests and `grad`. */
export declare function input(name: string, shape: Shape, dtype?: DType): Expr;
/** A literal; `shape` defaults to [] for a number and [n] for an array. */
export declare function constant(value: number | boolean | ArrayLike<number>, shape?: Shape, dtype?: DType): Expr;
export declare function zeros(shape: Shape): Expr;
export declare function ones(shape: Shape): Expr;
/** int32 [n]: 0, 1, ..., n-1. */
export declare function iota(n: number): Expr;

// elementwise; binary ones broadcast as numpy does
export declare function add(a: Operand, b: Operand): Expr;
export declare function sub(a: Operand, b: Operand): Expr;
export declare function mul(a: Operand, b: Operand): Expr;
/** For int32: truncates toward zero. */
export declare function div(a: Operand, b: Operand): Expr;
export declare function pow(a: Operand, b: Operand): Expr;
export declare function maximum(a: Operand, b: Operand): Expr;
export declare function minimum(a: Operand, b: Operand): Expr;
export declare function neg(x: Expr): Expr;
export declare function exp(x: Expr): Expr;
export declare function log(x: Expr): Expr;
export declare function sqrt(x: Expr): Expr;
export declare function abs(x: Expr): Expr;
export declare function sign(x: Expr): Expr;
export declare function floor(x: Expr): Expr;
export declare function sin(x: Expr): Expr;
export declare function cos(x: Expr): Expr;
export declare function tanh(x: Expr): Expr;
export declare function sigmoid(x: Expr): Expr;
export declare function erf(x: Expr): Expr;
export declare function relu(x: Expr): Expr;
export declare function leakyRelu(x: Expr, slope?: number): Expr;
export declare function silu(x: Expr): Expr;
/** Exact (erf) form. */
export declare function gelu(x: Expr): Expr;
export declare function softplus(x: Expr): Expr;
export declare function square(x: Expr): Expr;
/** Clamped to [low, high]; the gradient is zero outside. */
export declare function clip(x: Expr, low: number, high: number): Expr;
/** Comparisons give bool. */
export declare function equal(a: Operand, b: Operand): Expr;
export declare function less(a: Operand, b: Operand): Expr;
export declare function lessEqual(a: Operand, b: Operand): Expr;
export declare function greater(a: Operand, b: Operand): Expr;
export declare function greaterEqual(a: Operand, b: Operand): Expr;
export declare function logicalAnd(a: Expr, b: Expr): Expr;
export declare function logicalOr(a: Expr, b: Expr): Expr;
export declare function logicalNot(a: Expr): Expr;
/** condition (bool) broadcast with a and b. */
export declare function where(condition: Expr, a: Operand, b: Operand): Expr;
/** float -> int truncates toward zero; bool -> number gives 0 or 1; number -> bool is "not zero". */
export declare function cast(x: Expr, dtype: DType): Expr;
/** The value, but no gradient flows through. */
export declare function stopGradient(x: Expr): Expr;

// shape
export declare function reshape(x: Expr, shape: Shape): Expr;              // one -1 allowed
/** Without `permutation`: the last two axes are swapped. */
export declare function transpose(x: Expr, permutation?: readonly number[]): Expr;
export declare function expandDims(x: Expr, axis: number): Expr;
export declare function squeeze(x: Expr, axis: number): Expr;
export declare function broadcastTo(x: Expr, shape: Shape): Expr;
export declare function concat(xs: readonly Expr[], axis?: number): Expr;
export declare function stack(xs: readonly Expr[], axis?: number): Expr;
/** x[starts[i] : ends[i]] on the given axes (default: the first ones); negative counts from the end. */
export declare function slice(x: Expr, starts: readonly number[], ends: readonly number[], axes?: readonly number[]): Expr;
/** One entry along an axis, which is dropped. */
export declare function at(x: Expr, index: number, axis?: number): Expr;
export declare function pad(x: Expr, before: readonly number[], after: readonly number[], value?: number): Expr;

// reductions; axes default to all
export interface Reduce { axes?: number | readonly number[]; keepDims?: boolean }
export declare function sum(x: Expr, r?: Reduce): Expr;
export declare function mean(x: Expr, r?: Reduce): Expr;
export declare function max(x: Expr, r?: Reduce): Expr;
export declare function min(x: Expr, r?: Reduce): Expr;
export declare function logSumExp(x: Expr, r?: Reduce): Expr;
/** int32; the first of equals. */
export declare function argmax(x: Expr, axis?: number): Expr;
export declare function cumsum(x: Expr, axis?: number, options?: { exclusive?: boolean; reverse?: boolean }): Expr;

// linear algebra and indexing
/** [M,K]x[K,N], [G,M,K]x[G,K,N], or [G,M,K]x[K,N] (one matrix for all). The flags transpose an operand's last two axes, at no cost. */
export declare function matmul(a: Expr, b: Expr, options?: { transA?: boolean; transB?: boolean }): Expr;
/** Rows of `table` [R, ...] at int32 `indices` [...]: shape [...indices, ...row]. Gradient is a scatter-add. */
export declare function gather(table: Expr, indices: Expr): Expr;
/** Adjoint of gather: zeros [rows, ...] with updates [...indices, ...row] added at indices. */
export declare function scatterAdd(indices: Expr, updates: Expr, rows: number): Expr;
/** x and int32 indices agree in all axes but `axis` (numpy take_along_axis without broadcasting). */
export declare function takeAlongAxis(x: Expr, indices: Expr, axis?: number): Expr;
/** int32 [...] -> float32 [..., depth]; out-of-range codes (e.g. -1) give zeros. */
export declare function oneHot(indices: Expr, depth: number): Expr;

// blocks
/** Last axis. */
export declare function softmax(x: Expr): Expr;
export declare function logSoftmax(x: Expr): Expr;
/** Over the last axis, without scale and shift. */
export declare function layerNorm(x: Expr, epsilon?: number): Expr;
export declare function rmsNorm(x: Expr, epsilon?: number): Expr;
/** -log softmax(logits)[target]: logits [..., P], int32 targets [...] -> [...]. `valid` (bool or 0/1 float, broadcastable to logits) excludes padded classes. */
export declare function crossEntropy(logits: Expr, targets: Expr, valid?: Expr): Expr;
/** Column code-segments inside one wide vector, e.g. {start: 0, size: 9}. Together they tile [0, width). */
export interface Span { start: number; size: number }
/** log-sum-exp of every span: [B, W] -> [B, C]. */
export declare function spanLogSumExp(logits: Expr, spans: readonly Span[]): Expr;
/** -log softmax of each span at its target: logits [B, W], int32 local codes [B, C] -> [B, C]. */
export declare function spanCrossEntropy(logits: Expr, targets: Expr, spans: readonly Span[]): Expr;
/** Concatenated one-hots: int32 local codes [B, C] -> [B, W]; -1 gives zeros. */
export declare function spanOneHot(codes: Expr, spans: readonly Span[]): Expr;
/** What each span's value is spread to all of its entries: [B, C] -> [B, W]. (Masks, weights.) */
export declare function spanSpread(values: Expr, spans: readonly Span[]): Expr;

// randomness from bits
/** int32 bits -> float32 in (0, 1): (bits + 2^31) / 2^32 rounded to float32, clamped to [2^-25, 1 - 2^-24]. */
export declare function uniform(bits: Expr): Expr;
/** Box-Muller: bits [2, ...] -> standard normals [2, ...] (both branches used). At most 5.9 sigma; never for privacy noise. */
export declare function normal(bits: Expr): Expr;
/** Inverse CDF: logits [..., P], uniforms u [...] in (0,1) -> int32 [...]. */
export declare function categorical(logits: Expr, u: Expr): Expr;
/** Gumbel-max: logits [..., P], uniforms of the same shape -> int32 [...]. */
export declare function gumbelMax(logits: Expr, u: Expr): Expr;

/** d(scalar)/d(each of wrt), as expressions of the same ops: may be differentiated again. Throws naming an op without a rule. */
export declare function grad(scalar: Expr, wrt: readonly Expr[]): Expr[];

// ---------------------------------------------------------------- devices and programs
export type Values = Float32Array | Int32Array | Uint8Array;            // float32, int32, bool
/** An open device. Everything compiled or trained on it is released by the caller. */
export interface Device {
  readonly info: DeviceInfo;
  /** A function of named inputs. Same session for changing weights (pass them as inputs) or frozen ones (faster: packed once). */
  compile<O extends string>(spec: {
    inputs: Record<string, InputSpec>;
    /** Weights baked in: shape given here, values in `frozen`; they appear among `inputs` of the callback. */
    frozen?: Record<string, { shape: Shape; values: Float32Array }>;
    outputs(inputs: Record<string, Expr>): Record<O, Expr>;
  }): Promise<Program<O>>;
  train(spec: TrainSpec, options: TrainOptions): Promise<Trainer>;
}
export interface Program<O extends string = string> {
  /** Values in row-major order, not copied. The result's arrays are fresh, unless given in `into`. */
  run(feeds: Record<string, Values>, into?: Partial<Record<O, Values>>): Promise<Record<O, Values>>;
  readonly outputs: Record<O, InputSpec>;
  release(): Promise<void>;
}
/** Tries CUDA, WebGPU, CPU for `auto` and keeps the fastest that trains a known program rightly; a named one must work or throws UserError 'engine'. */
export async function openDevice(_choice: DeviceChoice, _options?: { threads?: number }): Promise<Device> { return later(); }

// ---------------------------------------------------------------- training
export type Init = 'zeros' | 'ones' | { normal: number } | { uniform: number } | Float32Array;
/** Glorot-uniform from the last two axes. */
export declare function glorot(shape: Shape): Init;
/** He-normal from the last-but-one axis. */
export declare function he(shape: Shape): Init;
export interface ParamSpec { shape: Shape; init?: Init; /** default true for rank >= 2 */ decay?: boolean; /** learning-rate multiplier */ lrScale?: number }
export interface OptimiserSpec {
  beta1?: number; beta2?: number; epsilon?: number;      // .9, .999, 1e-8
  /** Decoupled (AdamW). */
  weightDecay?: number;
  /** Global norm of the gradient over all parameters. */
  clipNorm?: number;
  /** Keeps an exponential moving average of the weights; with `emaWarmup`, decay is min(ema, (1+t)/(10+t)). */
  ema?: number; emaWarmup?: boolean;
}
export interface TrainSpec {
  params: Record<string, ParamSpec>;
  /** Resident: given once, fed by reference every run. */
  data?: Record<string, InputSpec>;
  /** One step's inputs; `run` takes K of each, stacked. */
  step?: Record<string, InputSpec>;
  /** Scalars. */
  loss(p: { params: Record<string, Expr>; data: Record<string, Expr>; step: Record<string, Expr> }): { loss: Expr; metrics?: Record<string, Expr> };
  optimiser?: OptimiserSpec;
}
export interface TrainOptions { data?: Record<string, Values>; /** for initial parameters */ seed: number; /** bytes from `Trainer.save()` */ resume?: Uint8Array }
export interface Trainer {
  /** Steps done since the beginning of training. */
  readonly step: number;
  /** Runs lr.length steps in one go. Any split of the steps over calls gives the same bits. Per-step loss (before the update) and metrics. */
  run(inputs: Record<string, Values>, lr: ArrayLike<number>): Promise<{ loss: Float32Array; metrics: Record<string, Float32Array> }>;
  /** Copies of the weights: the current ones, or their moving average. In the form `frozen` takes. */
  params(which?: 'current' | 'ema'): Record<string, { shape: Shape; values: Float32Array }>;
  setData(data: Record<string, Values>): void;
  /** Everything needed to continue: step, weights, moments, average. Versioned, with a checksum. */
  save(): Uint8Array;
  restore(bytes: Uint8Array): void;
  release(): Promise<void>;
}
/** Learning rate at step t of total: linear warm-up, then cosine to `floor` times peak. */
export declare function cosine(t: number, total: number, peak: number, options?: { warmup?: number; floor?: number }): number;

// ---------------------------------------------------------------- random streams
/** AES-256-CTR keystream keyed by HKDF-SHA-256(seed, name). Every draw names its position, so any range can be made again. */
export declare class KeyStream {
  constructor(seed: number | bigint | Uint8Array, name: string);
  /** An independent stream. */
  child(name: string): KeyStream;
  /** `count` uint32 words from word `offset`, as int32 for the graph. */
  bits(offset: number, count: number): Int32Array;
  /** Uniforms in (0,1), 53 bits from two words each; `offset` counts draws. */
  uniforms(offset: number, count: number): Float64Array;
  /** Box-Muller in float64; `offset` counts draws. */
  normals(offset: number, count: number): Float64Array;
  /** Integers in [0, below), unbiased (Lemire rejection); sequential from draw block `offset`. */
  integers(offset: number, count: number, below: number): Int32Array;
  /** A random order of 0..n-1; `index` selects which one (e.g. the epoch). */
  permutation(index: number, n: number): Int32Array;
}
/** Row indices for steps [from, from+steps) of minibatch training over reshuffled epochs: int32 [steps*batch]. Any step range gives the same numbers. */
export declare function epochBatches(stream: KeyStream, rows: number, batch: number, from: number, steps: number): Int32Array;
