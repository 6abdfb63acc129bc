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
export type { DType, Expr, InputSpec, Operand, Shape, Values } from './expr';
export { size } from './expr';
export {
  input, constant, zeros, ones, iota,
  add, sub, mul, div, pow, maximum, minimum, neg, exp, log, sqrt, abs, sign, floor, sin, cos, tanh, sigmoid, erf, relu, silu,
  equal, less, lessEqual, greater, greaterEqual, logicalAnd, logicalOr, logicalNot, where, cast, stopGradient,
  reshape, transpose, broadcastTo, concat, slice, pad, sum, max, argmax, cumsum,
  matmul, gather, scatterAdd, takeAlongAxis, scatterAlongAxis, oneHot, softmax, logSoftmax, type Reduce,
} from './ops';
export {
  square, leakyRelu, gelu, softplus, clip, expandDims, squeeze, stack, at, mean, min, logSumExp, layerNorm, rmsNorm, crossEntropy,
  spanSpread, spanOneHot, spanLogSumExp, spanCrossEntropy, uniform, normal, categorical, gumbelMax, type Span,
} from './blocks';
export { grad } from './grad';
export { openDevice, type Device } from './device';
export type { Program, ProgramSpec } from './program';
export type { ParamSpec, Trainer, TrainOptions, TrainSpec, Turn } from './trainer';
export type { OptimiserSpec } from './adam';
export { glorot, he, type Init } from './init';
export { cosine } from './schedule';
export { KeyStream, epochBatches } from './random';
export { packState, unpackState, type NamedArray } from './state';
