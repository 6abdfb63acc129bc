/**
 * Per-example gradients of one parameter, as factors: their squared norms and their weighted sum without the gradients themselves
 * (Goodfellow 2015, "Efficient per-example gradient computations"; Li, Tramer, Liang & Hashimoto 2022, ghost clipping; Bu, Wang, Zha & Karypis 2023, book-keeping).
 *
 * A product y = x W has the gradient x_i^T g_i for example i, g_i = dL_i/dy_i: its squared norm is |x_i|^2 |g_i|^2, and the sum of gradients weighted by f is
 * x^T (f g). Used at several rows r of an example (tokens, several passes), the gradient is sum_r x_r^T g_r and the squared norm sum_{r,s} (x_r.x_s)(g_r.g_s).
 */
import { add, cast, concat, div, equal, iota, matmul, mul, neg, reshape, scatterAdd, size, sqrt, square, sum, transpose, where, type Expr } from '../../engine';
import type { ExampleAxis } from './axes';
import type { Site } from './sites';

/** What a parameter's uses contribute. `squared` [B]; `weighted(f)` takes [B] and gives a value of the view's shape. */
export interface Uses { squared: Expr; weighted(f: Expr): Expr }
/** A site with dL/d(its value), the value's example axis and that of the other operand's rows. */
export interface Tapped extends Site { gradient: Expr; axis: ExampleAxis }

/**
 * Rounding in float32 can make a sum with cross terms too small where they cancel, by about 2^-24 of the sum of their absolute values; this share of it is added,
 * so that a norm is never understated.
 */
const slack = 2 ** -18;
/** sum_r |x_r||g_r| squared bounds the absolute values of all terms. */
const guarded = (squared: Expr, lengths: readonly Expr[]): Expr => add(squared, mul(square(lengths.reduce((a, b) => add(a, b))), slack));

/** @param batch B; all sites use the same view of one parameter. @throws Error for an operation whose per-example gradient is not known here */
export function usesOf(sites: readonly Tapped[], batch: number): Uses {
  const ops = new Set(sites.map((s) => kindOf(s)));
  if (ops.size > 1) throw new Error(`per-example gradients: "${sites[0]!.param}" is used in two ways at once (${[...ops].join(', ')}); make them two parameters`);
  const [kind] = ops;
  return kind === 'product' ? (sites[0]!.view.shape.length === 3 ? grouped(sites, batch) : products(sites, batch)) : kind === 'lookup' ? lookups(sites, batch) : entries(sites, batch);
}
function kindOf({ node, at, param }: Tapped): 'product' | 'lookup' | 'entries' {
  if (node.op === 'matmul') return 'product';
  if (node.op === 'gather' && at === 0) return 'lookup';
  if (['add', 'sub', 'mul', 'div', 'where'].includes(node.op)) return 'entries';
  throw new Error(`per-example gradients: "${param}" is used by "${node.op}", for which they are not known`);
}

/** Rows [outer * B * inner, n] and factors for them: examples first, then their tokens. */
const spread = (f: Expr, { outer, inner }: ExampleAxis, batch: number): Expr =>
  (outer === 1 && inner === 1 ? reshape(f, [batch, 1]) : reshape(mul(reshape(f, [1, batch, 1]), reshape(ones(outer * inner), [outer, 1, inner])), [outer * batch * inner, 1]));
const ones = (n: number): Expr => add(mul(cast(iota(n), 'float32'), 0), 1);
/** Squared lengths of rows, [B, K] -> [B]: squares times a column of ones, in 40% of the time that the runtime's own sum of squares over the last axis takes. Terms are not negative, so whatever the order it is good to K 2^-24. */
const squaredRows = (x: Expr): Expr => reshape(matmul(square(x), reshape(ones(x.shape[1]!), [x.shape[1]!, 1])), [x.shape[0]!]);
const byExample = (x: Expr, { outer, inner }: ExampleAxis, batch: number): Expr => {
  const n = x.shape[1]!;
  return outer === 1 ? reshape(x, [batch, inner, n]) : reshape(transpose(reshape(x, [outer, batch, inner, n]), [1, 0, 2, 3]), [batch, outer * inner, n]);
};

/** Products with a matrix. The view is [K, N], or [N, K] where `swapped`. */
function products(sites: readonly Tapped[], batch: number): Uses {
  const rows = sites.map(({ node, at, gradient, axis }) => {
    const { transA, transB } = node.attrs as { transA: boolean; transB: boolean };
    // The view as the right operand: rows are y's first axis. As the left one: y's second.
    if (at === 1) { const x = node.inputs[0]!; return { x: transA ? transpose(x) : x, g: gradient, swapped: transB, axis }; }
    const x = node.inputs[1]!;
    return { x: transB ? x : transpose(x), g: transpose(gradient), swapped: !transA, axis };
  });
  const weighted = (f: Expr): Expr => rows.map(({ x, g, swapped, axis }) => {
    const scaled = mul(g, spread(f, axis, batch));
    return swapped ? matmul(scaled, x, { transA: true }) : matmul(x, scaled, { transA: true });
  }).reduce((a, b) => add(a, b));
  const single = rows.every((r) => r.axis.outer * r.axis.inner === 1);
  /** In the view's own orientation, so that uses of W and of its transpose meet. */
  const sides = rows.map(({ x, g, swapped }) => (swapped ? [g, x] as const : [x, g] as const));
  if (single) return { squared: pairs(sides, 1), weighted };
  const X = concat(rows.map((r, i) => byExample(sides[i]![0], r.axis, batch)), 1), G = concat(rows.map((r, i) => byExample(sides[i]![1], r.axis, batch)), 1);
  const [, R, K] = X.shape, N = G.shape[2]!;
  const lengths = sum(sqrt(mul(sum(square(X), { axes: 2 }), sum(square(G), { axes: 2 }))), { axes: 1 });
  // Whichever is less work: the two Gram matrices of the tokens, or the gradients themselves (Bu et al. 2022, "Scalable and efficient training ...", section 4).
  const squared = R! * (K! + N) <= K! * N
    ? sum(mul(matmul(X, X, { transB: true }), matmul(G, G, { transB: true })), { axes: [1, 2] })
    : sum(square(matmul(X, G, { transA: true })), { axes: [1, 2] });
  return { squared: guarded(squared, [lengths]), weighted };
}

/** sum_{r,s} (x_r.x_s)(g_r.g_s) where every use has one row an example: [.., B, K] -> [.., B], over the last axis. */
function pairs(sides: ReadonlyArray<readonly [Expr, Expr]>, axis: number): Expr {
  const dot = (a: Expr, b: Expr): Expr => (a === b && a.shape.length === 2 && axis === 1 ? squaredRows(a) : sum(mul(a, b), { axes: axis }));
  const parts: Expr[] = [], lengths: Expr[] = [];
  sides.forEach(([x, g], r) => {
    const own = mul(dot(x, x), dot(g, g));
    parts.push(own);
    if (sides.length > 1) lengths.push(sqrt(own));
    for (const [y, h] of sides.slice(r + 1)) parts.push(mul(mul(dot(x, y), dot(g, h)), 2));
  });
  const squared = parts.reduce((a, b) => add(a, b));
  return sides.length > 1 ? guarded(squared, lengths) : squared;
}

/** One matrix for each of G groups, [G, B, K] x [G, K, N]: every group is a product of its own. */
function grouped(sites: readonly Tapped[], batch: number): Uses {
  const rows = sites.map(({ node, at, gradient, axis, param }) => {
    const { transA, transB } = node.attrs as { transA: boolean; transB: boolean };
    if (at !== 1 || transA || axis.axis !== 1 || axis.outer * axis.inner !== 1) throw new Error(`per-example gradients: "${param}" is used in a stacked product that is not [groups, examples, in] x [groups, in, out]`);
    return { x: node.inputs[0]!, g: gradient, swapped: transB };
  });
  return {
    squared: sum(pairs(rows.map(({ x, g, swapped }) => (swapped ? [g, x] as const : [x, g] as const)), 2), { axes: 0 }),
    weighted: (f) => rows.map(({ x, g, swapped }) => {
      const scaled = mul(g, reshape(f, [1, batch, 1]));
      return swapped ? matmul(scaled, x, { transA: true }) : matmul(x, scaled, { transA: true });
    }).reduce((a, b) => add(a, b)),
  };
}

/** Rows of a table looked up: an example's gradient is its g_r at its rows, and rows looked up twice add up. */
function lookups(sites: readonly Tapped[], batch: number): Uses {
  const width = size(sites[0]!.view.shape.slice(1)), rows = sites[0]!.view.shape[0]!;
  const tokens = sites.map(({ node, gradient, axis: { axis, outer, inner } }) => {
    const indices = node.inputs[1]!, before = size(indices.shape.slice(0, axis)) * outer, after = size(indices.shape.slice(axis + 1)) * inner;
    const own = (x: Expr, n: number): Expr => reshape(before === 1 ? x : transpose(reshape(x, [before, batch, after, n]), [1, 0, 2, 3]), [batch, before * after, n]);
    return { index: own(indices, 1), g: own(gradient, width) };
  });
  const index = concat(tokens.map((t) => t.index), 1), g = concat(tokens.map((t) => t.g), 1), R = g.shape[1]!;
  const weighted = (f: Expr): Expr => reshape(scatterAdd(reshape(index, [-1]), reshape(mul(g, reshape(f, [batch, 1, 1])), [-1, width]), rows), sites[0]!.view.shape);
  if (R === 1) return { squared: sum(square(g), { axes: [1, 2] }), weighted };
  const same = cast(equal(index, transpose(index)), 'float32');
  return { squared: guarded(sum(mul(matmul(g, g, { transB: true }), same), { axes: [1, 2] }), [sum(sqrt(sum(square(g), { axes: 2 })), { axes: 1 })]), weighted };
}

/** Added, multiplied, divided by, chosen: entry by entry, with broadcasting. The gradients themselves are no larger than the values. */
function entries(sites: readonly Tapped[], batch: number): Uses {
  const { view } = sites[0]!;
  const whole = sites.every(({ axis: { outer, inner } }) => outer * inner === 1);
  const parts = sites.map(({ node, at, gradient: g, axis: { axis, outer, inner }, param }) => {
    const other = node.inputs[1 - at]!;
    const local = node.op === 'add' ? g : node.op === 'sub' ? (at === 0 ? g : neg(g)) : node.op === 'mul' ? mul(g, other)
      : node.op === 'div' ? (at === 0 ? div(g, other) : neg(div(mul(g, node), view))) : at === 1 ? where(node.inputs[0]!, g, 0) : where(node.inputs[0]!, 0, g);
    const lead = node.shape.length - view.shape.length, own = (j: number): number => (j < lead ? 1 : view.shape[j - lead]!);
    if (own(axis) !== 1) throw new Error(`per-example gradients: "${param}" has an entry for every place in the batch`);
    if (whole) {
      // As it is: what a product with the same gradient computes for its weights then serves here too.
      const axes = node.shape.flatMap((d, j) => (j !== axis && d > 1 && own(j) === 1 ? [j] : []));
      return { value: axes.length ? sum(local, { axes, keepDims: true }) : local, axis };
    }
    // The example axis as three (outer, examples, inner); everything the view does not have is summed, its places kept as ones.
    const shape = [...node.shape.slice(0, axis), outer, batch, inner, ...node.shape.slice(axis + 1)];
    const axes = shape.flatMap((d, j) => (j !== axis + 1 && d > 1 && (j === axis || j === axis + 2 || own(j < axis ? j : j - 2) === 1) ? [j] : []));
    const reshaped = reshape(local, shape);
    return { value: axes.length ? sum(reshaped, { axes, keepDims: true }) : reshaped, axis: axis + 1 };
  });
  if (parts.some((p) => p.axis !== parts[0]!.axis || p.value.shape.join() !== parts[0]!.value.shape.join())) throw new Error(`per-example gradients: "${sites[0]!.param}" is used at different places of its batch`);
  const total = parts.map((p) => p.value).reduce((a, b) => add(a, b)), { axis } = parts[0]!, rest = total.shape.map((_, j) => j).filter((j) => j !== axis);
  return {
    squared: total.shape.length === 2 && axis === 0 ? squaredRows(total) : sum(square(total), { axes: rest }),
    weighted: (f) => reshape(sum(mul(total, reshape(f, total.shape.map((_, j) => (j === axis ? batch : 1)))), { axes: axis }), view.shape),
  };
}
