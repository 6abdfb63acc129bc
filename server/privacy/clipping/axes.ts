/**
 * Which axis of every value in a program counts the examples of a batch, and the proof that no example's value depends on another's.
 *
 * Clipping bounds what one example adds to a sum only if the example adds nothing elsewhere: with batch normalisation, packs, minibatch discrimination or a covariance
 * over the batch, every example is in every term. The walk below follows the example axis through each operation and refuses, by name, one that would mix examples. What passes
 * is a function of row i alone, for every row.
 */
import { topological, type Expr } from '../../engine/expr';

/** Of an axis of length outer * batch * inner, the middle counts examples. */
export interface ExampleAxis { axis: number; outer: number; inner: number }
/** Undefined: the same whoever is in the batch (parameters, constants, public randomness). */
export type Axis = ExampleAxis | undefined;

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** @throws Error naming the operation that makes one example's value depend on another's */
export class ExamplesMixed extends Error {
  constructor(x: Expr, why: string) { super(`not private: "${x.op}" [${x.shape}] ${why}, so that one example's gradient would depend on others`); this.name = 'ExamplesMixed'; }
}

/**
 * The example axis of every node that the outputs depend on, by node id.
 * @param inputs the example axis of program inputs, by node; other inputs are taken as public
 * @throws ExamplesMixed
 */
export function exampleAxes(outputs: readonly Expr[], inputs: ReadonlyMap<Expr, number>, batch: number): Map<number, Axis> {
  const axes = new Map<number, Axis>(), given = new Map([...inputs].map(([x, axis]) => [x.id, axis]));
  for (const x of topological(outputs)) {
    const own = given.get(x.id);
    if (own !== undefined) {
      if (x.shape[own] !== batch) throw new Error(`exampleAxes: axis ${own} of [${x.shape}] does not count ${batch} examples`);
      axes.set(x.id, { axis: own, outer: 1, inner: 1 });
    } else axes.set(x.id, through(x, x.inputs.map((y) => axes.get(y.id)), batch));
  }
  return axes;
}

function through(x: Expr, ins: readonly Axis[], batch: number): Axis {
  if (ins.every((a) => a === undefined)) return undefined;
  const mixed = (why: string): never => { throw new ExamplesMixed(x, why); };
  const first = ins[0];
  /** Axes of the operands as axes of the value, all of which must agree. */
  const agree = (found: readonly Axis[]): Axis => {
    const [one, ...rest] = found.filter((a) => a !== undefined);
    if (rest.some((a) => a.axis !== one!.axis || a.outer !== one!.outer || a.inner !== one!.inner)) mixed('combines examples at different places');
    return one;
  };
  const size = (a: ExampleAxis): number => a.outer * batch * a.inner;
  switch (x.op) {
    case 'reshape': return reshaped(x, first!, batch) ?? mixed('divides the example axis');
    case 'transpose': return { ...first!, axis: (x.attrs.permutation as number[]).indexOf(first!.axis) };
    case 'broadcastTo': return aligned(x, x.inputs[0]!, first!) ?? mixed('stretches the example axis');
    case 'concat': {
      const axis = x.attrs.axis as number, tagged = ins.find((a) => a !== undefined)!;
      if (tagged.axis !== axis) return agree(ins);
      const same = x.inputs.every((y, i) => y.shape[axis] === size(tagged) && (ins[i] === undefined || (ins[i]!.axis === axis && ins[i]!.inner === tagged.inner)));
      return same ? { ...tagged, outer: tagged.outer * x.inputs.length } : mixed('joins examples with what is none');
    }
    case 'slice': {
      const { from, to } = x.attrs as { from: number[]; to: number[] }, a = first!, block = batch * a.inner, low = from[a.axis]!, high = to[a.axis]!;
      if (low % block || high % block || low === high) return mixed('picks some of the examples');
      return { ...a, outer: (high - low) / block };
    }
    case 'pad': {
      const { before, after } = x.attrs as { before: number[]; after: number[] };
      return before[first!.axis] || after[first!.axis] ? mixed('pads the example axis') : first;
    }
    case 'sum': case 'max': {
      const { axes, keepDims } = x.attrs as { axes: number[]; keepDims: boolean };
      if (axes.includes(first!.axis)) return mixed('runs over the examples');
      return { ...first!, axis: keepDims ? first!.axis : first!.axis - axes.filter((a) => a < first!.axis).length };
    }
    case 'argmax': {
      const axis = x.attrs.axis as number;
      return axis === first!.axis ? mixed('runs over the examples') : { ...first!, axis: first!.axis - Number(axis < first!.axis) };
    }
    case 'cumsum': return (x.attrs.axis as number) === first!.axis ? mixed('runs over the examples') : first;
    case 'softmax': case 'logSoftmax': return first!.axis === x.shape.length - 1 ? mixed('runs over the examples') : first;
    case 'matmul': return multiplied(x, ins, mixed, agree);
    case 'gather': {
      const [table, indices] = ins, rank = x.inputs[1]!.shape.length;
      if (table?.axis === 0) return mixed('looks examples up in one another');
      return agree([table && { ...table, axis: rank + table.axis - 1 }, indices]);
    }
    case 'scatterAdd': {
      const [indices, updates] = ins, rank = x.inputs[0]!.shape.length;
      if (indices || updates!.axis < rank) return mixed('adds examples together');
      return { ...updates!, axis: updates!.axis - rank + 1 };
    }
    case 'takeAlongAxis': case 'scatterAlongAxis': {
      const one = agree(ins)!;
      return one.axis === (x.attrs.axis as number) ? mixed('looks examples up in one another') : one;
    }
    case 'oneHot': return first;
    default: return agree(x.inputs.map((y, i) => (ins[i] ? aligned(x, y, ins[i]) ?? mixed('stretches the example axis') : undefined)));
  }
}

/** An operand's axis as an axis of the value it is broadcast to; undefined where it would be stretched. */
function aligned(x: Expr, y: Expr, a: ExampleAxis): Axis {
  const axis = a.axis + x.shape.length - y.shape.length;
  return x.shape[axis] === y.shape[a.axis] ? { ...a, axis } : undefined;
}

/** Row-major places stay where they are: lead * batch * rest, however cut into axes. */
function reshaped(x: Expr, a: ExampleAxis, batch: number): Axis {
  const lead = product(x.inputs[0]!.shape.slice(0, a.axis)) * a.outer;
  let before = 1, found: Axis;
  x.shape.forEach((d, axis) => {
    const outer = lead / before, inner = d / (outer * batch);
    if (!found && Number.isInteger(outer) && Number.isInteger(inner) && inner >= 1) found = { axis, outer, inner };
    before *= d;
  });
  return found;
}

function multiplied(x: Expr, [a, b]: readonly Axis[], mixed: (why: string) => never, agree: (found: readonly Axis[]) => Axis): Axis {
  const { transA, transB } = x.attrs as { transA: boolean; transB: boolean }, r = x.shape.length;
  // Places of the two outer axes of the product in each operand; the other one is summed over.
  const row = transA ? r - 1 : r - 2, column = transB ? r - 2 : r - 1, stacked = (t: Axis): boolean => r === 3 && t?.axis === 0;
  const left: Axis = a && (a.axis === row ? { ...a, axis: r - 2 } : stacked(a) ? a : mixed('sums over the examples'));
  const right: Axis = b && (b.axis === column ? { ...b, axis: r - 1 } : stacked(b) ? b : mixed('sums over the examples'));
  if (left && right && left.axis !== right.axis) mixed('compares examples with one another');
  return agree([left, right]);
}
