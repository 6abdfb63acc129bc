/**
 * The primitive operations as functions: shape and dtype checks, and the few rewrites that are free at this point
 * (a transpose folded into a product's flag, a broadcast left to the elementwise operation that follows).
 */
import { broadcastShape, node, normalAxis, sameShape, show, size, valuesOf, type DType, type Expr, type Operand, type Primitive, type Shape, type Values } from './expr';

/** A named input. Programs make these for you; standalone use is for tests and `grad`. */
export function input(name: string, shape: Shape, dtype: DType = 'float32'): Expr { return node('input', [], [...shape], dtype, { name }); }

/** A literal; `shape` defaults to [] for a number and [n] for an array. */
export function constant(value: number | boolean | ArrayLike<number>, shape?: Shape, dtype?: DType): Expr {
  const scalar = typeof value === 'number' || typeof value === 'boolean';
  const type = dtype ?? (typeof value === 'boolean' ? 'bool' : value instanceof Int32Array ? 'int32' : value instanceof Uint8Array ? 'bool' : 'float32');
  const to = shape ? [...shape] : scalar ? [] : [(value as ArrayLike<number>).length];
  const n = size(to);
  const data = scalar ? valuesOf(new Array<number>(n).fill(Number(value)), type) : valuesOf(value as ArrayLike<number>, type);
  if (data.length !== n) throw new Error(`constant: ${data.length} values for shape [${to}]`);
  return node('constant', [], to, type, { data });
}
/** Zeros or ones without materialising them: a broadcast scalar. */
export const zeros = (shape: Shape, dtype: DType = 'float32'): Expr => broadcastTo(constant(0, [], dtype), shape);
export const ones = (shape: Shape, dtype: DType = 'float32'): Expr => broadcastTo(constant(1, [], dtype), shape);
/** int32 [n]: 0, 1, ..., n-1. */
export const iota = (n: number): Expr => constant(Int32Array.from({ length: n }, (_, i) => i));

/** The single value of a constant (or of a broadcast one), else undefined. */
export function scalarValue(x: Expr): number | undefined {
  if (x.op === 'broadcastTo') return scalarValue(x.inputs[0]);
  return x.op === 'constant' && size(x.shape) === 1 ? (x.attrs.data as ArrayLike<number>)[0] : undefined;
}
const lift = (x: Operand, dtype: DType): Expr => (typeof x === 'number' ? constant(x, [], dtype) : x);
function pair(a: Operand, b: Operand, op: string): [Expr, Expr] {
  const dtype = typeof a !== 'number' ? a.dtype : typeof b !== 'number' ? b.dtype : 'float32';
  const x = lift(a, dtype), y = lift(b, dtype);
  if (x.dtype !== y.dtype) throw new Error(`${op}: ${show(x)} with ${show(y)}; cast one of them`);
  return [x, y];
}
/** An operand without its broadcast, where the result's shape does not need it. */
function bare(x: Expr, other: Shape, out: Shape, op: string): Expr {
  if (x.op !== 'broadcastTo') return x;
  const inner = x.inputs[0];
  return sameShape(broadcastShape(inner.shape, other, op), out) ? inner : x;
}
function binary(op: Primitive, a: Operand, b: Operand, dtype?: DType): Expr {
  let [x, y] = pair(a, b, op);
  if (!dtype && x.dtype === 'bool') throw new Error(`${op}: bool operands; cast them`);
  const out = broadcastShape(x.shape, y.shape, op);
  x = bare(x, y.shape, out, op);
  y = bare(y, x.shape, out, op);
  // Both broadcast (or one broadcast, the other a scalar): compute small, broadcast once.
  if (x.op === 'broadcastTo' && (y.op === 'broadcastTo' || size(y.shape) === 1)) {
    const s = binary(op, x.inputs[0], y.op === 'broadcastTo' ? y.inputs[0] : y, dtype);
    return broadcastTo(s, out);
  }
  if (y.op === 'broadcastTo' && size(x.shape) === 1) return broadcastTo(binary(op, x, y.inputs[0], dtype), out);
  return node(op, [x, y], out, dtype ?? x.dtype);
}
const isConst = (x: Operand, v: number): boolean => (typeof x === 'number' ? x === v : scalarValue(x) === v);
/** x itself when it already has the shape the result would have, so that x+0 and x*1 cost nothing. */
function identity(x: Operand, other: Operand, op: string): Expr | undefined {
  if (typeof x === 'number') return undefined;
  return typeof other === 'number' || sameShape(broadcastShape(x.shape, other.shape, op), x.shape) ? x : undefined;
}

/** Elementwise with numpy broadcasting. */
export function add(a: Operand, b: Operand): Expr { return (isConst(b, 0) && identity(a, b, 'add')) || (isConst(a, 0) && identity(b, a, 'add')) || binary('add', a, b); }
export function sub(a: Operand, b: Operand): Expr { return (isConst(b, 0) && identity(a, b, 'sub')) || binary('sub', a, b); }
export function mul(a: Operand, b: Operand): Expr { return (isConst(b, 1) && identity(a, b, 'mul')) || (isConst(a, 1) && identity(b, a, 'mul')) || binary('mul', a, b); }
/** For int32: truncates toward zero. */
export function div(a: Operand, b: Operand): Expr { return (isConst(b, 1) && identity(a, b, 'div')) || binary('div', a, b); }
export function pow(a: Operand, b: Operand): Expr {
  if (typeof a !== 'number') {
    if (isConst(b, 2)) return mul(a, a);
    if (isConst(b, 1)) return a;
    if (isConst(b, 0.5)) return sqrt(a);
    if (isConst(b, -1)) return div(1, a);
  }
  return binary('pow', a, b);
}
/** At ties the gradient goes to `a`. */
export const maximum = (a: Operand, b: Operand): Expr => binary('maximum', a, b);
export const minimum = (a: Operand, b: Operand): Expr => binary('minimum', a, b);

function unary(op: Primitive, x: Expr, allowed: readonly DType[] = ['float32']): Expr {
  if (!allowed.includes(x.dtype)) throw new Error(`${op}: takes ${allowed.join(' or ')}, not ${show(x)}`);
  if (x.op === 'broadcastTo') return broadcastTo(unary(op, x.inputs[0], allowed), x.shape);
  return node(op, [x], x.shape, x.dtype);
}
export const neg = (x: Expr): Expr => (x.op === 'neg' ? x.inputs[0] : unary('neg', x, ['float32', 'int32']));
export const exp = (x: Expr): Expr => unary('exp', x);
export const log = (x: Expr): Expr => unary('log', x);
export const sqrt = (x: Expr): Expr => unary('sqrt', x);
export const abs = (x: Expr): Expr => unary('abs', x, ['float32', 'int32']);
/** -1, 0 or 1; its gradient is zero. */
export const sign = (x: Expr): Expr => unary('sign', x);
/** Its gradient is zero. */
export const floor = (x: Expr): Expr => unary('floor', x);
export const sin = (x: Expr): Expr => unary('sin', x);
export const cos = (x: Expr): Expr => unary('cos', x);
export const tanh = (x: Expr): Expr => unary('tanh', x);
export const sigmoid = (x: Expr): Expr => unary('sigmoid', x);
export const erf = (x: Expr): Expr => unary('erf', x);
/** Its gradient at 0 is 0. */
export const relu = (x: Expr): Expr => unary('relu', x);

/** x sigmoid(x) (Elfwing et al. 2018). The sigmoid is an operand, so that value and gradient share it. */
export const silu = (x: Expr): Expr => { const s = sigmoid(x); return node('silu', [x, s], x.shape, x.dtype); };

/** Comparisons give bool, and no gradient. */
export const equal = (a: Operand, b: Operand): Expr => binary('equal', a, b, 'bool');
export const less = (a: Operand, b: Operand): Expr => binary('less', a, b, 'bool');
export const lessEqual = (a: Operand, b: Operand): Expr => binary('lessEqual', a, b, 'bool');
export const greater = (a: Operand, b: Operand): Expr => binary('less', b, a, 'bool');
export const greaterEqual = (a: Operand, b: Operand): Expr => binary('lessEqual', b, a, 'bool');
const needBool = (op: string, ...xs: Expr[]): void => { for (const x of xs) if (x.dtype !== 'bool') throw new Error(`${op}: takes bool, not ${show(x)}`); };
export function logicalAnd(a: Expr, b: Expr): Expr { needBool('and', a, b); return binary('and', a, b, 'bool'); }
export function logicalOr(a: Expr, b: Expr): Expr { needBool('or', a, b); return binary('or', a, b, 'bool'); }
export function logicalNot(a: Expr): Expr { needBool('not', a); return unary('not', a, ['bool']); }
/** condition (bool) broadcast with a and b. */
export function where(condition: Expr, a: Operand, b: Operand): Expr {
  needBool('where', condition);
  const [x, y] = pair(a, b, 'where');
  const out = broadcastShape(condition.shape, broadcastShape(x.shape, y.shape, 'where'), 'where');
  const bx = bare(x, broadcastShape(condition.shape, y.shape, 'where'), out, 'where');
  const by = bare(y, broadcastShape(condition.shape, bx.shape, 'where'), out, 'where');
  return node('where', [condition, bx, by], out, x.dtype);
}
/** float -> int truncates toward zero; bool -> number gives 0 or 1; number -> bool is "not zero". No gradient. */
export function cast(x: Expr, dtype: DType): Expr {
  if (x.dtype === dtype) return x;
  if (x.op === 'broadcastTo') return broadcastTo(cast(x.inputs[0], dtype), x.shape);
  return node('cast', [x], x.shape, dtype);
}
/** The value, but no gradient flows through. */
export const stopGradient = (x: Expr): Expr => (x.dtype === 'float32' && x.op !== 'stopGradient' && x.op !== 'constant' ? node('stopGradient', [x], x.shape, x.dtype) : x);

/**
 * Same elements in row-major order; one -1 is inferred. Of two in a row only the second is kept, unless the first is `held`: what is to be differentiated by
 * must stay on the way.
 */
export function reshape(x: Expr, shape: Shape, held = false): Expr {
  const known = shape.filter((d) => d !== -1).reduce((a, b) => a * b, 1);
  const to = shape.map((d) => (d === -1 ? size(x.shape) / known : d));
  if (size(to) !== size(x.shape) || shape.filter((d) => d === -1).length > 1) throw new Error(`reshape: ${show(x)} does not fit [${shape}]`);
  if (sameShape(to, x.shape)) return x;
  if (x.op === 'reshape' && !x.attrs.held) return reshape(x.inputs[0], to, held);
  if (x.op === 'constant') return constant(x.attrs.data as Values, to, x.dtype);
  if (x.op === 'broadcastTo' && size(x.inputs[0].shape) === 1) return broadcastTo(reshape(x.inputs[0], []), to);
  return node('reshape', [x], to, x.dtype, held ? { held } : {});
}
/** Without `permutation`: the last two axes are swapped. */
export function transpose(x: Expr, permutation?: readonly number[]): Expr {
  const rank = x.shape.length;
  const p = permutation ? permutation.map((a) => normalAxis(a, rank, 'transpose')) : [...Array(rank).keys()].map((i) => (i < rank - 2 ? i : i === rank - 2 ? rank - 1 : rank - 2));
  if (new Set(p).size !== rank || p.length !== rank) throw new Error(`transpose: [${p}] is no permutation of ${rank} axes`);
  if (x.op === 'transpose') { const q = x.attrs.permutation as number[]; return transpose(x.inputs[0], p.map((i) => q[i])); }
  if (p.every((a, i) => a === i)) return x;
  return node('transpose', [x], p.map((a) => x.shape[a]), x.dtype, { permutation: p });
}
export function broadcastTo(x: Expr, shape: Shape): Expr {
  if (sameShape(x.shape, shape)) return x;
  if (!sameShape(broadcastShape(x.shape, shape, 'broadcastTo'), shape)) throw new Error(`broadcastTo: ${show(x)} does not broadcast to [${shape}]`);
  if (x.op === 'broadcastTo') return broadcastTo(x.inputs[0], shape);
  return node('broadcastTo', [x], [...shape], x.dtype);
}
export function concat(xs: readonly Expr[], axis = -1): Expr {
  if (!xs.length) throw new Error('concat: nothing to join');
  if (xs.length === 1) return xs[0];
  const a = normalAxis(axis, xs[0].shape.length, 'concat');
  for (const x of xs) if (x.dtype !== xs[0].dtype || x.shape.length !== xs[0].shape.length || x.shape.some((d, i) => i !== a && d !== xs[0].shape[i])) throw new Error(`concat on axis ${a}: ${xs.map(show).join(', ')} do not fit`);
  return node('concat', xs, xs[0].shape.map((d, i) => (i === a ? xs.reduce((s, x) => s + x.shape[a], 0) : d)), xs[0].dtype, { axis: a });
}
/** x[starts[i] : ends[i]] on the given axes (default: the first ones); negative counts from the end. */
export function slice(x: Expr, starts: readonly number[], ends: readonly number[], axes: readonly number[] = starts.map((_, i) => i)): Expr {
  const rank = x.shape.length, from = new Array<number>(rank).fill(0), to = [...x.shape];
  axes.forEach((axis, i) => {
    const a = normalAxis(axis, rank, 'slice'), d = x.shape[a];
    from[a] = starts[i] < 0 ? starts[i] + d : starts[i];
    to[a] = ends[i] < 0 ? ends[i] + d : Math.min(ends[i], d);
    if (!(from[a] >= 0 && from[a] <= to[a])) throw new Error(`slice: ${starts[i]}:${ends[i]} on axis ${a} of ${show(x)}`);
  });
  const out = to.map((e, i) => e - from[i]);
  if (sameShape(out, x.shape)) return x;
  if (x.op === 'broadcastTo' && size(x.inputs[0].shape) === 1) return broadcastTo(x.inputs[0], out);
  return node('slice', [x], out, x.dtype, { from, to });
}
export function pad(x: Expr, before: readonly number[], after: readonly number[], value = 0): Expr {
  if (before.length !== x.shape.length || after.length !== x.shape.length) throw new Error(`pad: widths for ${before.length} axes of ${show(x)}`);
  if ([...before, ...after].every((v) => v === 0)) return x;
  return node('pad', [x], x.shape.map((d, i) => d + before[i] + after[i]), x.dtype, { before: [...before], after: [...after], value });
}

/** Axes (default: all) to reduce over, and whether they stay as ones. */
export interface Reduce { axes?: number | readonly number[]; keepDims?: boolean }
function reduce(op: 'sum' | 'max', x: Expr, r: Reduce): Expr {
  const rank = x.shape.length;
  const axes = r.axes === undefined ? [...Array(rank).keys()] : [...new Set((typeof r.axes === 'number' ? [r.axes] : r.axes).map((a) => normalAxis(a, rank, op)))].sort((a, b) => a - b);
  const kept = x.shape.map((d, i) => (axes.includes(i) ? 1 : d)), out = x.shape.filter((_, i) => !axes.includes(i));
  const to = r.keepDims ? kept : out;
  if (axes.every((a) => x.shape[a] === 1)) return reshape(x, to);
  return node(op, [x], to, x.dtype, { axes, keepDims: !!r.keepDims });
}
export const sum = (x: Expr, r: Reduce = {}): Expr => reduce('sum', x, r);
/** The gradient is shared equally among equal maxima. */
export const max = (x: Expr, r: Reduce = {}): Expr => reduce('max', x, r);
/** int32; the first of equals. The axis is dropped. */
export function argmax(x: Expr, axis = -1): Expr {
  const a = normalAxis(axis, x.shape.length, 'argmax');
  return node('argmax', [x], x.shape.filter((_, i) => i !== a), 'int32', { axis: a });
}
export function cumsum(x: Expr, axis = -1, options: { exclusive?: boolean; reverse?: boolean } = {}): Expr {
  return node('cumsum', [x], x.shape, x.dtype, { axis: normalAxis(axis, x.shape.length, 'cumsum'), exclusive: !!options.exclusive, reverse: !!options.reverse });
}

const swapsLastTwo = (x: Expr): boolean => {
  if (x.op !== 'transpose') return false;
  const p = x.attrs.permutation as number[], r = p.length;
  return p.every((a, i) => a === (i < r - 2 ? i : i === r - 2 ? r - 1 : r - 2));
};
/** [M,K]x[K,N], [G,M,K]x[G,K,N], or [G,M,K]x[K,N] (one matrix for all). The flags transpose an operand's last two axes, at no cost. */
export function matmul(a: Expr, b: Expr, options: { transA?: boolean; transB?: boolean } = {}): Expr {
  let { transA = false, transB = false } = options;
  if (swapsLastTwo(a)) { a = a.inputs[0]; transA = !transA; }
  if (swapsLastTwo(b)) { b = b.inputs[0]; transB = !transB; }
  const fail = (): never => { throw new Error(`matmul: ${show(a)}${transA ? '^T' : ''} x ${show(b)}${transB ? '^T' : ''}`); };
  if (a.dtype !== 'float32' || b.dtype !== 'float32') fail();
  if (a.shape.length === 3 && b.shape.length === 2) {
    const [g] = a.shape;
    if (transA) return matmul(a, broadcastTo(b, [g, ...b.shape]), { transA, transB });
    const y = matmul(reshape(a, [-1, a.shape[2]]), b, { transB });
    return reshape(y, [g, a.shape[1], y.shape[1]]);
  }
  const rank = a.shape.length;
  if (rank !== b.shape.length || (rank !== 2 && rank !== 3) || (rank === 3 && a.shape[0] !== b.shape[0])) fail();
  const [m, k] = transA ? [a.shape[rank - 1], a.shape[rank - 2]] : [a.shape[rank - 2], a.shape[rank - 1]];
  const [k2, n] = transB ? [b.shape[rank - 1], b.shape[rank - 2]] : [b.shape[rank - 2], b.shape[rank - 1]];
  if (k !== k2) fail();
  return node('matmul', [a, b], rank === 3 ? [a.shape[0], m, n] : [m, n], 'float32', { transA, transB });
}

const needInt = (op: string, x: Expr): void => { if (x.dtype !== 'int32') throw new Error(`${op}: indices must be int32, not ${show(x)}`); };
/** Rows of `table` [R, ...] at int32 `indices` [...]: shape [...indices, ...row]. Gradient: scatterAdd. */
export function gather(table: Expr, indices: Expr): Expr {
  needInt('gather', indices);
  if (!table.shape.length) throw new Error('gather: table is a scalar');
  return node('gather', [table, indices], [...indices.shape, ...table.shape.slice(1)], table.dtype);
}
/** Adjoint of gather: zeros [rows, ...] with updates [...indices, ...row] added at indices (repeats add up). */
export function scatterAdd(indices: Expr, updates: Expr, rows: number): Expr {
  needInt('scatterAdd', indices);
  if (!sameShape(updates.shape.slice(0, indices.shape.length), indices.shape)) throw new Error(`scatterAdd: ${show(updates)} at ${show(indices)}`);
  return node('scatterAdd', [indices, updates], [rows, ...updates.shape.slice(indices.shape.length)], updates.dtype);
}
function alongAxis(op: string, shape: Shape, indices: Expr, axis: number): void {
  needInt(op, indices);
  if (shape.length !== indices.shape.length || shape.some((d, i) => i !== axis && d !== indices.shape[i])) throw new Error(`${op}: indices ${show(indices)} for shape [${shape}] on axis ${axis}`);
}
/** x and int32 indices agree in all axes but `axis` (numpy take_along_axis without broadcasting). */
export function takeAlongAxis(x: Expr, indices: Expr, axis = -1): Expr {
  const a = normalAxis(axis, x.shape.length, 'takeAlongAxis');
  alongAxis('takeAlongAxis', x.shape, indices, a);
  return node('takeAlongAxis', [x, indices], indices.shape, x.dtype, { axis: a });
}
/** Adjoint of takeAlongAxis: zeros with `extent` entries on `axis`, updates added at indices. */
export function scatterAlongAxis(indices: Expr, updates: Expr, extent: number, axis = -1): Expr {
  const a = normalAxis(axis, updates.shape.length, 'scatterAlongAxis');
  if (!sameShape(indices.shape, updates.shape)) throw new Error(`scatterAlongAxis: ${show(updates)} at ${show(indices)}`);
  needInt('scatterAlongAxis', indices);
  return node('scatterAlongAxis', [indices, updates], updates.shape.map((d, i) => (i === a ? extent : d)), updates.dtype, { axis: a });
}
/** int32 [...] -> float32 [..., depth]; out-of-range codes (e.g. -1) give zeros. */
export function oneHot(indices: Expr, depth: number): Expr {
  needInt('oneHot', indices);
  return node('oneHot', [indices], [...indices.shape, depth], 'float32');
}
function lastAxis(op: 'softmax' | 'logSoftmax', x: Expr): Expr {
  if (!x.shape.length || x.dtype !== 'float32') throw new Error(`${op}: ${show(x)}`);
  return node(op, [x], x.shape, 'float32');
}
/** Over the last axis. */
export const softmax = (x: Expr): Expr => lastAxis('softmax', x);
export const logSoftmax = (x: Expr): Expr => lastAxis('logSoftmax', x);
