/**
 * Expressions: the nodes of a tensor program. A node is an operation, operands, attributes and the static shape and
 * dtype of its value. Nodes are immutable and pure, so a program is a directed acyclic graph that can be
 * differentiated, interpreted and lowered by walking it.
 */
export type DType = 'float32' | 'int32' | 'bool';
export type Shape = readonly number[];
export interface InputSpec { shape: Shape; dtype: DType }
/** Values that cross the boundary: Float32Array for float32, Int32Array for int32, Uint8Array (0 or 1) for bool. */
export type Values = Float32Array | Int32Array | Uint8Array;

/** The primitives. Everything else is composed of them; each table (shapes, gradients, interpreter, ONNX) has one rule per name. */
export type Primitive =
  | 'input' | 'constant'
  | 'add' | 'sub' | 'mul' | 'div' | 'pow' | 'maximum' | 'minimum'
  | 'neg' | 'exp' | 'log' | 'sqrt' | 'abs' | 'sign' | 'floor' | 'sin' | 'cos' | 'tanh' | 'sigmoid' | 'erf' | 'relu' | 'silu'
  | 'equal' | 'less' | 'lessEqual' | 'and' | 'or' | 'not' | 'where' | 'cast' | 'stopGradient'
  | 'reshape' | 'transpose' | 'broadcastTo' | 'concat' | 'slice' | 'pad'
  | 'sum' | 'max' | 'argmax' | 'cumsum'
  | 'matmul' | 'gather' | 'scatterAdd' | 'takeAlongAxis' | 'scatterAlongAxis' | 'oneHot'
  | 'softmax' | 'logSoftmax';

/** A node of a program. Immutable. */
export interface Expr {
  readonly id: number; readonly op: Primitive;
  readonly inputs: readonly Expr[]; readonly attrs: Readonly<Record<string, unknown>>;
  readonly shape: Shape; readonly dtype: DType;
}
/** Where an operand may be a plain number, it becomes a scalar of the other operand's dtype. */
export type Operand = Expr | number;

let nextId = 0;
/** Makes a node; no checks beyond the shape being static. The functions of `ops.ts` are what programs use. */
export function node(op: Primitive, inputs: readonly Expr[], shape: Shape, dtype: DType, attrs: Record<string, unknown> = {}): Expr {
  for (const d of shape) if (!Number.isInteger(d) || d < 0) throw new Error(`${op}: shape [${shape}] is not static`);
  return { id: nextId++, op, inputs, attrs, shape, dtype };
}

/** Number of elements. */
export const size = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);
export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((d, i) => d === b[i]);
export const show = (x: Expr): string => `${x.dtype}[${x.shape.join(',')}]`;

/** Axis in 0..rank-1 from one that may count from the end. */
export function normalAxis(axis: number, rank: number, op: string): number {
  const a = axis < 0 ? axis + rank : axis;
  if (!(a >= 0 && a < rank)) throw new Error(`${op}: no axis ${axis} in rank ${rank}`);
  return a;
}

/** The shape two operands broadcast to, as in numpy. */
export function broadcastShape(a: Shape, b: Shape, op: string): number[] {
  const rank = Math.max(a.length, b.length), out = new Array<number>(rank);
  for (let i = 0; i < rank; i++) {
    const x = a[a.length - rank + i] ?? 1, y = b[b.length - rank + i] ?? 1;
    if (x !== y && x !== 1 && y !== 1) throw new Error(`${op}: shapes [${a}] and [${b}] do not broadcast`);
    out[i] = x === 1 ? y : x;
  }
  return out;
}

/** Every node the outputs depend on, operands first. Iterative: programs may be deeper than the call stack. */
export function topological(outputs: readonly Expr[]): Expr[] {
  const order: Expr[] = [], state = new Map<number, 1 | 2>();
  const stack: Expr[] = [...outputs].reverse();
  while (stack.length) {
    const x = stack[stack.length - 1];
    const s = state.get(x.id);
    if (s === 2) { stack.pop(); continue; }
    if (s === 1) { state.set(x.id, 2); order.push(x); stack.pop(); continue; }
    state.set(x.id, 1);
    for (let i = x.inputs.length - 1; i >= 0; i--) if (!state.has(x.inputs[i].id)) stack.push(x.inputs[i]);
  }
  return order;
}

/** Typed array of a dtype, from any numbers. The same array when it already fits. */
export function valuesOf(data: ArrayLike<number>, dtype: DType): Values {
  if (dtype === 'float32') return data instanceof Float32Array ? data : Float32Array.from(data);
  if (dtype === 'int32') return data instanceof Int32Array ? data : Int32Array.from(data);
  return data instanceof Uint8Array ? data : Uint8Array.from(data, (v) => (v ? 1 : 0));
}
