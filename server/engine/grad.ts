/**
 * Reverse-mode differentiation. One rule per primitive maps the gradient of a node's value to gradients of its operands,
 * written in the same operations, so that a gradient is an ordinary expression and may be differentiated again.
 */
import { sameShape, topological, type Expr, type Primitive, type Shape } from './expr';
import * as o from './ops';

/** Gradients of the operands, in order; null where none flows (integers, comparisons, dead branches). */
type Rule = (x: Expr, g: Expr) => Array<Expr | null>;

/** Sums a broadcast operand's gradient back to the operand's shape. */
export function unbroadcast(g: Expr, shape: Shape): Expr {
  if (sameShape(g.shape, shape)) return g;
  const lead = g.shape.length - shape.length;
  const axes = g.shape.map((_, i) => i).filter((i) => i < lead || (shape[i - lead] === 1 && g.shape[i] !== 1));
  return o.reshape(o.sum(g, { axes }), shape);
}
const floats = (x: Expr): boolean => x.dtype === 'float32';
/** Rule for an elementwise binary operation from its two local factors, each computed only when its operand can use it. */
const elementwise2 = (da: (x: Expr, g: Expr) => Expr, db: (x: Expr, g: Expr) => Expr): Rule => (x, g) =>
  [wants(x.inputs[0]) ? unbroadcast(da(x, g), x.inputs[0].shape) : null, wants(x.inputs[1]) ? unbroadcast(db(x, g), x.inputs[1].shape) : null];
const wants = (x: Expr): boolean => floats(x) && x.op !== 'constant';
const none: Rule = (x) => x.inputs.map(() => null);
const mask = (c: Expr): Expr => o.cast(c, 'float32');
/** The shape a reduction would have had with its axes kept. */
const kept = (x: Expr): number[] => x.inputs[0].shape.map((d, i) => ((x.attrs.axes as number[]).includes(i) ? 1 : d));
const rules: Partial<Record<Primitive, Rule>> = {
  add: elementwise2((_, g) => g, (_, g) => g),
  sub: elementwise2((_, g) => g, (_, g) => o.neg(g)),
  mul: elementwise2((x, g) => o.mul(g, x.inputs[1]), (x, g) => o.mul(g, x.inputs[0])),
  div: elementwise2((x, g) => o.div(g, x.inputs[1]), (x, g) => o.neg(o.div(o.mul(g, x), x.inputs[1]))),
  pow: elementwise2(
    (x, g) => o.mul(g, o.mul(x.inputs[1], o.pow(x.inputs[0], o.sub(x.inputs[1], 1)))),
    (x, g) => { const positive = o.less(0, x.inputs[0]); return o.mul(g, o.mul(x, o.log(o.where(positive, x.inputs[0], 1)))); }),
  maximum: elementwise2((x, g) => o.mul(g, mask(o.lessEqual(x.inputs[1], x.inputs[0]))), (x, g) => o.mul(g, mask(o.less(x.inputs[0], x.inputs[1])))),
  minimum: elementwise2((x, g) => o.mul(g, mask(o.lessEqual(x.inputs[0], x.inputs[1]))), (x, g) => o.mul(g, mask(o.less(x.inputs[1], x.inputs[0])))),
  neg: (_, g) => [o.neg(g)],
  exp: (x, g) => [o.mul(g, x)],
  log: (x, g) => [o.div(g, x.inputs[0])],
  sqrt: (x, g) => [o.div(o.mul(g, 0.5), x)],
  abs: (x, g) => [o.mul(g, o.sign(x.inputs[0]))],
  sign: none,
  floor: none,
  sin: (x, g) => [o.mul(g, o.cos(x.inputs[0]))],
  cos: (x, g) => [o.neg(o.mul(g, o.sin(x.inputs[0])))],
  tanh: (x, g) => [o.mul(g, o.sub(1, o.mul(x, x)))],
  sigmoid: (x, g) => [o.mul(g, o.mul(x, o.sub(1, x)))],
  erf: (x, g) => [o.mul(g, o.mul(2 / Math.sqrt(Math.PI), o.exp(o.neg(o.mul(x.inputs[0], x.inputs[0])))))],
  // relu's output is zero or positive, so its sign is the 0/1 mask: two float nodes and no comparison.
  relu: (x, g) => [o.mul(g, o.sign(x))],
  // y' = y + s (1 - y), with y = x s: the derivative with respect to x through both operands, so the second gets none.
  silu: (x, g) => [o.mul(g, o.add(x, o.mul(x.inputs[1], o.sub(1, x)))), null],
  equal: none, less: none, lessEqual: none, and: none, or: none, not: none, cast: none, stopGradient: none, argmax: none, oneHot: none,
  where: (x, g) => [null, wants(x.inputs[1]) ? unbroadcast(o.where(x.inputs[0], g, 0), x.inputs[1].shape) : null, wants(x.inputs[2]) ? unbroadcast(o.where(x.inputs[0], 0, g), x.inputs[2].shape) : null],
  reshape: (x, g) => [o.reshape(g, x.inputs[0].shape)],
  transpose: (x, g) => { const p = x.attrs.permutation as number[], inverse = new Array<number>(p.length); p.forEach((a, i) => { inverse[a] = i; }); return [o.transpose(g, inverse)]; },
  broadcastTo: (x, g) => [unbroadcast(g, x.inputs[0].shape)],
  concat: (x, g) => {
    const axis = x.attrs.axis as number;
    let at = 0;
    return x.inputs.map((y) => { const from = at; at += y.shape[axis]; return o.slice(g, [from], [at], [axis]); });
  },
  slice: (x, g) => { const { from, to } = x.attrs as { from: number[]; to: number[] }; return [o.pad(g, from, to.map((e, i) => x.inputs[0].shape[i] - e))]; },
  pad: (x, g) => { const { before } = x.attrs as { before: number[] }; return [o.slice(g, before, before.map((b, i) => b + x.inputs[0].shape[i]))]; },
  sum: (x, g) => [o.broadcastTo(o.reshape(g, kept(x)), x.inputs[0].shape)],
  max: (x, g) => {
    const at = mask(o.equal(x.inputs[0], o.reshape(x, kept(x))));
    const share = o.div(o.reshape(g, kept(x)), o.sum(at, { axes: x.attrs.axes as number[], keepDims: true }));
    return [o.mul(at, share)];
  },
  cumsum: (x, g) => [o.cumsum(g, x.attrs.axis as number, { exclusive: x.attrs.exclusive as boolean, reverse: !x.attrs.reverse })],
  matmul: (x, g) => {
    const [a, b] = x.inputs, { transA: p, transB: q } = x.attrs as { transA: boolean; transB: boolean };
    return [
      !wants(a) ? null : p ? o.matmul(b, g, { transA: q, transB: true }) : o.matmul(g, b, { transB: !q }),
      !wants(b) ? null : q ? o.matmul(g, a, { transA: true, transB: p }) : o.matmul(a, g, { transA: !p }),
    ];
  },
  gather: (x, g) => [floats(x) ? o.scatterAdd(x.inputs[1], g, x.inputs[0].shape[0]) : null, null],
  scatterAdd: (x, g) => [null, o.gather(g, x.inputs[0])],
  takeAlongAxis: (x, g) => {
    if (!floats(x)) return [null, null];
    const axis = x.attrs.axis as number, extent = x.inputs[0].shape[axis];
    // One entry picked per line: a masked broadcast is parallel everywhere; scattering is not.
    if (x.shape[axis] === 1) {
      const positions = o.reshape(o.iota(extent), x.shape.map((_, i) => (i === axis ? extent : 1)));
      return [o.mul(mask(o.equal(x.inputs[1], positions)), g), null];
    }
    return [o.scatterAlongAxis(x.inputs[1], g, extent, axis), null];
  },
  scatterAlongAxis: (x, g) => [null, o.takeAlongAxis(g, x.inputs[0], x.attrs.axis as number)],
  softmax: (x, g) => { const gx = o.mul(g, x); return [o.sub(gx, o.mul(x, o.sum(gx, { axes: -1, keepDims: true })))]; },
  logSoftmax: (x, g) => [o.sub(g, o.mul(o.softmax(x.inputs[0]), o.sum(g, { axes: -1, keepDims: true })))],
};

/**
 * d(scalar)/d(each of `wrt`), as expressions of the same operations: may be differentiated again.
 * Zero where the scalar does not depend on it. Throws naming an operation without a rule.
 */
export function grad(scalar: Expr, wrt: readonly Expr[]): Expr[] {
  if (scalar.shape.length || scalar.dtype !== 'float32') throw new Error(`grad: of a float32 scalar, not ${scalar.dtype}[${scalar.shape}]`);
  const order = topological([scalar]);
  const targets = new Set(wrt.map((w) => w.id));
  // Only nodes between the scalar and something asked for carry a gradient.
  const relevant = new Set<number>();
  for (const x of order) if (floats(x) && (targets.has(x.id) || x.inputs.some((y) => relevant.has(y.id)))) relevant.add(x.id);
  const gradients = new Map<number, Expr[]>([[scalar.id, [o.constant(1)]]]);
  const total = (id: number): Expr | undefined => {
    const parts = gradients.get(id);
    if (!parts) return undefined;
    const s = parts.reduce((a, b) => o.add(a, b));
    gradients.set(id, [s]);
    return s;
  };
  for (let i = order.length - 1; i >= 0; i--) {
    const x = order[i];
    if (!relevant.has(x.id) || !x.inputs.length) continue;
    const g = total(x.id);
    if (!g) continue;
    const rule = rules[x.op];
    if (!rule) throw new Error(`grad: no gradient rule for "${x.op}"`);
    rule(x, g).forEach((h, j) => {
      const y = x.inputs[j];
      if (!h || !relevant.has(y.id)) return;
      const parts = gradients.get(y.id);
      if (parts) parts.push(h); else gradients.set(y.id, [h]);
    });
  }
  return wrt.map((w) => { const g = total(w.id); return g ? o.broadcastTo(g, w.shape) : o.zeros(w.shape); });
}
/** The primitives that can be differentiated (for tests). */
export const differentiable = (): Primitive[] => Object.keys(rules) as Primitive[];
