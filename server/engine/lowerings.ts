/** One rule per primitive: the ONNX nodes (opset 18) it becomes. */
import { size, type Expr, type Primitive, type Values } from './expr';
import { elementType } from './onnx';
import type { Scope } from './lower';

type Rule = (s: Scope, x: Expr, inputs: string[]) => string;
const plain = (opType: string): Rule => (s, _, inputs) => s.emit(opType, inputs);
const rank = (x: Expr): number => x.shape.length;
/** Reshape, unless the shape is already so. */
const shaped = (s: Scope, name: string, shape: readonly number[]): string => s.emit('Reshape', [name, s.ints(...shape)]);

export const rules: Partial<Record<Primitive, Rule>> = {
  constant: (s, x) => s.constant(x.dtype, x.shape, x.attrs.data as Values),
  add: plain('Add'), sub: plain('Sub'), mul: plain('Mul'), div: plain('Div'), pow: plain('Pow'),
  maximum: plain('Max'), minimum: plain('Min'),
  neg: plain('Neg'), exp: plain('Exp'), log: plain('Log'), sqrt: plain('Sqrt'), abs: plain('Abs'), floor: plain('Floor'),
  sin: plain('Sin'), cos: plain('Cos'), tanh: plain('Tanh'), sigmoid: plain('Sigmoid'), erf: plain('Erf'), relu: plain('Relu'), silu: plain('Mul'),
  equal: plain('Equal'), less: plain('Less'), lessEqual: plain('LessOrEqual'), and: plain('And'), not: plain('Not'), where: plain('Where'),
  // The WebGPU provider has no Sign, Or, LogSoftmax or int32 ArgMax: the same from what it has.
  sign: (s, x, [a]) => {
    // Of a relu the sign is 0 or 1: one vectorised pass on the CPU, min(1, max(0, huge a)), several times as fast as Sign.
    if (s.target === 'cpu' && x.inputs[0].op === 'relu') return s.emit('HardSigmoid', [a], { alpha: { float: 3e38 }, beta: { float: 0 } });
    if (s.target !== 'webgpu') return s.emit('Sign', [a]);
    const zero = s.constant(x.dtype, [], [0]), positive = s.emit('Cast', [s.emit('Greater', [a, zero])], { to: 1 });
    return x.inputs[0].op === 'relu' ? positive : s.emit('Sub', [positive, s.emit('Cast', [s.emit('Less', [a, zero])], { to: 1 })]);
  },
  or: (s, _, [a, b]) => (s.target !== 'webgpu' ? s.emit('Or', [a, b]) : s.emit('Not', [s.emit('And', [s.emit('Not', [a]), s.emit('Not', [b])])])),
  cast: (s, x, [a]) => s.emit('Cast', [a], { to: elementType[x.dtype] }),
  stopGradient: (_, __, [a]) => a,
  reshape: (s, x, [a]) => shaped(s, a, x.shape),
  transpose: (s, x, [a]) => s.emit('Transpose', [a], { perm: x.attrs.permutation as number[] }),
  broadcastTo: (s, x, [a]) => s.emit('Expand', [a, s.ints(...x.shape)]),
  concat: (s, x, inputs) => s.emit('Concat', inputs, { axis: x.attrs.axis as number }),
  slice: (s, x, [a]) => {
    const from = x.attrs.from as number[], to = x.attrs.to as number[], whole = x.inputs[0].shape;
    const axes = from.map((_, i) => i).filter((i) => from[i] !== 0 || to[i] !== whole[i]);
    return s.emit('Slice', [a, s.ints(...axes.map((i) => from[i])), s.ints(...axes.map((i) => to[i])), s.ints(...axes)]);
  },
  pad: (s, x, [a]) => s.emit('Pad', [a, s.ints(...(x.attrs.before as number[]), ...(x.attrs.after as number[])), s.constant(x.dtype, [], [x.attrs.value as number])]),
  sum: (s, x, [a]) => s.emit('ReduceSum', [a, s.ints(...(x.attrs.axes as number[]))], { keepdims: x.attrs.keepDims as boolean }),
  max: (s, x, [a]) => s.emit('ReduceMax', [a, s.ints(...(x.attrs.axes as number[]))], { keepdims: x.attrs.keepDims as boolean }),
  argmax: (s, x, [a]) => {
    const axis = x.attrs.axis as number, from = x.inputs[0].shape, n = from[axis];
    if (s.target === 'webgpu') {
      const top = s.emit('Equal', [a, s.emit('ReduceMax', [a, s.ints(axis)], { keepdims: 1 })]);
      const at = s.constant('float32', from.map((_, i) => (i === axis ? n : 1)), Float32Array.from({ length: n }, (_, i) => i));
      return s.emit('Cast', [s.emit('ReduceMin', [s.emit('Where', [top, at, s.constant('float32', [], [n])]), s.ints(axis)], { keepdims: 0 })], { to: elementType.int32 });
    }
    return s.emit('Cast', [s.emit('ArgMax', [a], { axis: x.attrs.axis as number, keepdims: 0 })], { to: elementType.int32 });
  },
  cumsum: (s, x, [a]) => s.emit('CumSum', [a, s.constant('int32', [], [x.attrs.axis as number])], { exclusive: x.attrs.exclusive as boolean, reverse: x.attrs.reverse as boolean }),
  matmul: (s, x, [a, b]) => {
    const { transA, transB } = x.attrs as { transA: boolean; transB: boolean };
    if (rank(x) === 2) return s.emit('Gemm', [a, b], { transA, transB });
    if (!transA && !transB) return s.emit('MatMul', [a, b]);
    if (s.target === 'cpu' || s.target === 'cuda') return s.emit('FusedMatMul', [a, b], { transA, transB }, 'com.microsoft');
    const swapped = (n: string, on: boolean): string => (on ? s.emit('Transpose', [n], { perm: [0, 2, 1] }) : n);
    return s.emit('MatMul', [swapped(a, transA), swapped(b, transB)]);
  },
  gather: (s, _, [t, i]) => s.emit('Gather', [t, i], { axis: 0 }),
  scatterAdd: (s, x, [i, u]) => {
    const [index, updates] = x.inputs, n = size(index.shape), rows = x.shape[0], width = size(x.shape) / Math.max(rows, 1);
    // Few rows: the product of the transposed one-hot and the updates, which is parallel and exact in order. Many: ScatterND.
    if (x.dtype === 'float32' && n * rows <= 1 << 20) {
      const hot = s.emit('Cast', [s.emit('Equal', [shaped(s, i, [n, 1]), s.constant('int32', [rows], Int32Array.from({ length: rows }, (_, k) => k))])], { to: 1 });
      return shaped(s, s.emit('Gemm', [hot, shaped(s, u, [n, width])], { transA: true }), x.shape);
    }
    const to64 = s.emit('Cast', [shaped(s, i, [...index.shape, 1])], { to: elementType.int64 });
    const empty = s.emit('Expand', [s.constant(x.dtype, [], [0]), s.ints(...x.shape)]);
    void updates;
    return s.emit('ScatterND', [empty, to64, u], { reduction: 'add' });
  },
  takeAlongAxis: (s, x, [a, i]) => s.emit('GatherElements', [a, i], { axis: x.attrs.axis as number }),
  scatterAlongAxis: (s, x, [i, u]) => s.emit('ScatterElements', [s.emit('Expand', [s.constant(x.dtype, [], [0]), s.ints(...x.shape)]), i, u], { axis: x.attrs.axis as number, reduction: 'add' }),
  oneHot: (s, x, [i]) => {
    const depth = x.shape[rank(x) - 1];
    const positions = s.constant('int32', [depth], Int32Array.from({ length: depth }, (_, k) => k));
    return s.emit('Cast', [s.emit('Equal', [shaped(s, i, [...x.inputs[0].shape, 1]), positions])], { to: 1 });
  },
  softmax: (s, _, [a]) => s.emit('Softmax', [a], { axis: -1 }),
  logSoftmax: (s, x, [a]) => {
    if (s.target === 'webgpu') {
      const axis = s.ints(rank(x) - 1), shifted = s.emit('Sub', [a, s.emit('ReduceMax', [a, axis], { keepdims: 1 })]);
      return s.emit('Sub', [shifted, s.emit('Log', [s.emit('ReduceSum', [s.emit('Exp', [shifted]), axis], { keepdims: 1 })])]);
    }
    return s.emit('LogSoftmax', [a], { axis: -1 });
  },
};
