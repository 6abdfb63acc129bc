/**
 * A normalising flow over a mixed-type row: p(categories) p(numbers | categories), each an invertible triangular map, so that the
 * likelihood is exact (Rezende & Mohamed 2015).
 *
 * Categories. Uniform dequantisation (code + u, Theis et al. 2016) and an autoregressive map that is piecewise linear with one bin a code
 * (Mueller et al., "Neural Importance Sampling", 2019). The dequantised density is then constant within a code, so the variational bound of
 * dequantisation is met with equality: -log density = cross-entropy of the code, which is how it is computed, and its inverse is the inverse
 * distribution function. Argmax and embedding dequantisation (Hoogeboom et al. 2021) only bound the likelihood, and a smooth spline through unordered codes has to bend
 * at every one.
 *
 * Numbers are normal scores of their ranks, ties and grids spread over their ranks (uniform dequantisation again; blocks/features.ts). Each layer is a
 * coupling or an autoregressive map of rational-quadratic splines (Durkan et al. 2019) or affine maps (RealNVP), given all categories; the base is
 * standard normal.
 */
import {
  add, categorical, concat, constant, cos, erf, gather, matmul, mul, reshape, sin, slice, spanCrossEntropy, square, sum, transpose, uniform, where, greaterEqual,
  type Expr, type ParamSpec, type Span,
} from '../../engine';
import { conditionAll, conditionerParams, conditionOne, type ConditionerShape, type Drop } from './conditioner';
import { affineMap, splineMap, type Monotone } from './spline';

export interface FlowShape {
  /** Codes of every category, in drawing order. */
  sizes: number[];
  /** Fitted share of every code, where training starts. */
  shares: number[][];
  numbers: number;
  structure: 'autoregressive' | 'coupling'; transform: 'spline' | 'affine';
  layers: number; bins: number; bound: number;
  /** Width and depth of each target's network; width of a category's embedding. */
  hidden: number; depth: number; embedding: number;
}
type Params = Record<string, Expr>;

export const spansOf = (sizes: readonly number[]): Span[] => { let start = 0; return sizes.map((size) => { const s = { start, size }; start += size; return s; }); };
const mapOf = (s: FlowShape): Monotone => (s.transform === 'spline' ? splineMap(s.bins, s.bound) : affineMap);

/** One number's features for a network: itself, and sines and cosines of 1/2, 1, 2 and 4 turns of its normal rank. */
const turns = [0.5, 1, 2, 4], numberWidth = 1 + 2 * turns.length;
/** z [B, n] -> [B, n * numberWidth], a number's features side by side. */
function numberFeatures(z: Expr): Expr {
  const [b, n] = z.shape as [number, number];
  const rank = add(mul(erf(mul(z, Math.SQRT1_2)), 0.5), 0.5);
  const parts = [z, ...turns.flatMap((k) => { const a = mul(rank, 2 * Math.PI * k); return [sin(a), cos(a)]; })];
  return reshape(concat(parts.map((x) => reshape(x, [b, n, 1])), 2), [b, n * numberWidth]);
}

/** Order of the numbers in a layer: those before `moved` stay as they are, the others are mapped, each seeing `seen` groups. */
interface Layer { order: number[]; kept: number; conditioner: ConditionerShape }
function layersOf(s: FlowShape): Layer[] {
  const N = s.numbers, context = s.sizes.length, bits = Math.max(1, Math.ceil(Math.log2(Math.max(1, N))));
  const all = Array.from({ length: N }, (_, i) => i);
  return Array.from({ length: N > 0 ? s.layers : 0 }, (_, l) => {
    // Autoregressive: forwards and backwards in turn. Coupling: halves by the binary digits of the column's number, so that any two are parted in some layer (Mueller et al. 2019).
    const half = (i: number): boolean => ((i >> (Math.floor(l / 2) % bits)) & 1) === l % 2;
    const order = s.structure === 'autoregressive' ? (l % 2 === 0 ? all : [...all].reverse()) : N === 1 ? all : [...all.filter(half), ...all.filter((i) => !half(i))];
    const kept = s.structure === 'autoregressive' || N === 1 ? 0 : all.filter(half).length;
    const seen = order.slice(kept).map((_, t) => context + (s.structure === 'autoregressive' ? t : kept));
    const inputs = [...s.sizes.map(() => s.embedding), ...order.slice(0, s.structure === 'autoregressive' ? N - 1 : kept).map(() => numberWidth)];
    return { order, kept, conditioner: { inputs, seen, hidden: s.hidden, layers: s.depth } };
  }).filter((l) => l.order.length > l.kept);
}
const categoryConditioner = (s: FlowShape): ConditionerShape => ({ inputs: s.sizes.slice(0, -1).map(() => s.embedding), seen: s.sizes.map((_, c) => c), hidden: s.hidden, layers: s.depth });

export function flowParams(s: FlowShape): Record<string, ParamSpec> {
  const params: Record<string, ParamSpec> = {}, C = s.sizes.length;
  if (C > 0) {
    params.embedding = { shape: [s.sizes.reduce((a, b) => a + b, 0), s.embedding], init: { normal: 0.3 }, decay: false };
    Object.assign(params, conditionerParams('c.', categoryConditioner(s)));
    s.sizes.forEach((k, c) => {
      params[`c.out${c}`] = { shape: [s.hidden, k], init: 'zeros' };
      params[`c.bias${c}`] = { shape: [k], init: Float32Array.from(s.shares[c]!, (v) => Math.log(Math.max(v, 1e-6))), decay: false };
    });
  }
  layersOf(s).forEach((l, i) => {
    const T = l.conditioner.seen.length, W = mapOf(s).width;
    Object.assign(params, conditionerParams(`n${i}.`, l.conditioner));
    // Every layer starts as the identity.
    params[`n${i}.out`] = { shape: [T, s.hidden, W], init: 'zeros' };
    params[`n${i}.bias`] = { shape: [T, 1, W], init: 'zeros', decay: false };
  });
  return params;
}

/** Embeddings of all categories side by side: int32 [B, C] -> [B, C * embedding]. */
function embedAll(p: Params, s: FlowShape, codes: Expr): Expr {
  const starts = constant(Int32Array.from(spansOf(s.sizes), (x) => x.start));
  return reshape(gather(p.embedding!, add(codes, starts)), [codes.shape[0]!, s.sizes.length * s.embedding]);
}
const columnsOf = (x: Expr, order: readonly number[]): Expr => (order.every((v, i) => v === i) ? x : concat(order.map((i) => slice(x, [i], [i + 1], [1])), 1));
const inverseOrder = (order: readonly number[]): number[] => { const out = new Array<number>(order.length); order.forEach((v, i) => { out[v] = i; }); return out; };
const first = (x: Expr, width: number): Expr | undefined => (width === 0 ? undefined : slice(x, [0], [width], [1]));
const join = (...xs: (Expr | undefined)[]): Expr | undefined => { const on = xs.filter((x): x is Expr => x !== undefined); return on.length > 1 ? concat(on, 1) : on[0]; };

/** -log p(categories) per column: int32 [B, C] -> [B, C], in nats. */
export function categoryLoss(p: Params, s: FlowShape, codes: Expr, drop?: Drop): Expr {
  const B = codes.shape[0]!, C = s.sizes.length, width = (C - 1) * s.embedding;
  const h = conditionAll(p, 'c.', categoryConditioner(s), first(embedAll(p, s, codes), width), B, drop);
  const logits = s.sizes.map((_, c) => add(matmul(reshape(slice(h, [c], [c + 1]), [B, s.hidden]), p[`c.out${c}`]!), p[`c.bias${c}`]!));
  return spanCrossEntropy(logits.length > 1 ? concat(logits, 1) : logits[0]!, codes, spansOf(s.sizes));
}

/** Numbers to the base: z [B, N] -> base [B, N] and log |det| [B]. */
export function toBase(p: Params, s: FlowShape, z: Expr, codes: Expr | undefined, drop?: (layer: number) => Drop): { base: Expr; logDet: Expr } {
  const B = z.shape[0]!, context = codes && s.sizes.length > 0 ? embedAll(p, s, codes) : undefined, map = mapOf(s);
  let x = z, logDet: Expr | undefined;
  layersOf(s).forEach((l, i) => {
    const ordered = columnsOf(x, l.order), T = l.conditioner.seen.length, shown = l.conditioner.inputs.length - s.sizes.length;
    const input = join(context, shown > 0 ? numberFeatures(first(ordered, shown)!) : undefined);
    const h = conditionAll(p, `n${i}.`, l.conditioner, input, B, drop?.(i));
    const theta = transpose(add(matmul(h, p[`n${i}.out`]!), p[`n${i}.bias`]!), [1, 0, 2]);
    const { y, logDerivative } = map.forward(l.kept > 0 ? slice(ordered, [l.kept], [l.kept + T], [1]) : ordered, theta);
    x = columnsOf(join(first(ordered, l.kept), y)!, inverseOrder(l.order));
    const det = sum(logDerivative, { axes: 1 });
    logDet = logDet ? add(logDet, det) : det;
  });
  return { base: x, logDet: logDet! };
}
/** -log p(numbers | categories), in normal-score space: [B, N] -> [B], in nats. */
export function numberLoss(p: Params, s: FlowShape, z: Expr, codes: Expr | undefined, drop?: (layer: number) => Drop): Expr {
  const { base, logDet } = toBase(p, s, z, codes, drop);
  return add(mul(sum(square(base), { axes: 1 }), 0.5), add(mul(logDet, -1), 0.5 * s.numbers * Math.log(2 * Math.PI)));
}

/** Base to numbers: the inverse of `toBase`. */
export function fromBase(p: Params, s: FlowShape, base: Expr, codes: Expr | undefined): Expr {
  const B = base.shape[0]!, context = codes && s.sizes.length > 0 ? embedAll(p, s, codes) : undefined, map = mapOf(s), W = map.width;
  let y = base;
  const layers = layersOf(s);
  for (let i = layers.length - 1; i >= 0; i--) {
    const l = layers[i]!, ordered = columnsOf(y, l.order), T = l.conditioner.seen.length;
    const one = (name: string, t: number, shape: number[]): Expr => reshape(slice(p[`n${i}.${name}`]!, [t], [t + 1]), shape);
    const known = l.kept > 0 ? [first(ordered, l.kept)!] : [], features = known.map(numberFeatures);
    let parallel: Expr | undefined;
    if (s.structure === 'coupling') {
      const h = conditionAll(p, `n${i}.`, l.conditioner, join(context, ...features), B);
      parallel = map.inverse(slice(ordered, [l.kept], [l.kept + T], [1]), transpose(add(matmul(h, p[`n${i}.out`]!), p[`n${i}.bias`]!), [1, 0, 2]));
    }
    for (let t = 0; t < T && !parallel; t++) {
      const h = conditionOne(p, `n${i}.`, l.conditioner, t, join(context, ...features), B);
      const theta = reshape(add(matmul(h, one('out', t, [s.hidden, W])), one('bias', t, [1, W])), [B, 1, W]);
      const x = map.inverse(slice(ordered, [t], [t + 1], [1]), theta);
      known.push(x);
      features.push(numberFeatures(x));
    }
    y = columnsOf(join(...known, parallel)!, inverseOrder(l.order));
  }
  return y;
}

/** Categories drawn one after another: bits int32 [C, B]; `given` int32 [C, B] takes a code's place where it is not negative. -> int32 [B, C]. */
export function drawCategories(p: Params, s: FlowShape, bits: Expr, given: Expr): Expr {
  const B = bits.shape[1]!, conditioner = categoryConditioner(s), spans = spansOf(s.sizes), seen: Expr[] = [], codes: Expr[] = [];
  s.sizes.forEach((k, c) => {
    const row = (x: Expr): Expr => reshape(slice(x, [c], [c + 1]), [B]);
    const h = conditionOne(p, 'c.', conditioner, c, join(...seen), B);
    const logits = add(matmul(h, p[`c.out${c}`]!), p[`c.bias${c}`]!);
    const own = row(given), code = where(greaterEqual(own, 0), own, k > 1 ? categorical(logits, uniform(row(bits))) : constant(0, [], 'int32'));
    codes.push(reshape(code, [B, 1]));
    seen.push(gather(p.embedding!, add(code, constant(spans[c]!.start, [], 'int32'))));
  });
  return codes.length > 1 ? concat(codes, 1) : codes[0]!;
}
