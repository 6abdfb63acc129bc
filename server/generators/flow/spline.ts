/**
 * Monotone maps of one number whose parameters a network gives, with log-derivative and closed inverse.
 *
 * Rational-quadratic spline: Durkan et al., "Neural Spline Flows" (2019), section 3.1, equations 4 to 8 and 25 to 29 of the appendix;
 * the identity outside [-bound, bound] ("linear tails", figure 1). Affine: z = (x - shift) exp(-scale), the coupling of RealNVP (Dinh et al.
 * 2017; Rezende & Mohamed 2015 for flows in general).
 */
import { add, clip, concat, constant, div, exp, greaterEqual, less, log, logicalAnd, matmul, mul, neg, reshape, slice, softmax, softplus, sqrt, square, sub, sum, tanh, where, cast, maximum, type Expr } from '../../engine';

export interface Monotone {
  /** Numbers a network must give for one map. */
  readonly width: number;
  /** x [...] and parameters [..., width] -> y [...] and log dy/dx [...]. */
  forward(x: Expr, parameters: Expr): { y: Expr; logDerivative: Expr };
  /** y [...] -> x [...]. */
  inverse(y: Expr, parameters: Expr): Expr;
}

/** Least share of a bin's width and height, and least derivative at a knot: those of the paper's own code. */
const least = { width: 1e-3, height: 1e-3, derivative: 1e-3 };

/** A spline of `bins` bins on [-bound, bound]. Parameters: unnormalised widths (bins), heights (bins), derivatives at the inner knots (bins - 1). All zero: the identity, nearly. */
export function splineMap(bins: number, bound: number): Monotone {
  const cut = (x: Expr, from: number, to: number): Expr => slice(x, [from], [to], [-1]);
  // Running sums as one product with a triangle of ones.
  const triangle = new Float32Array(bins * bins);
  for (let i = 0; i < bins; i++) for (let j = i + 1; j < bins; j++) triangle[i * bins + j] = 1;
  const before = (x: Expr): Expr => reshape(matmul(reshape(x, [-1, bins]), constant(triangle, [bins, bins])), x.shape);
  const knots = (p: Expr) => {
    const share = (u: Expr, min: number): Expr => add(mul(softmax(u), (1 - min * bins) * 2 * bound), min * 2 * bound);
    const width = share(cut(p, 0, bins), least.width), height = share(cut(p, bins, 2 * bins), least.height);
    const left = sub(before(width), bound), bottom = sub(before(height), bound);
    // softplus(0 + log(e^(1 - min) - 1)) + min = 1: zero parameters are slope 1, as at the ends.
    const inner = add(softplus(add(cut(p, 2 * bins, 3 * bins - 1), Math.log(Math.expm1(1 - least.derivative)))), least.derivative);
    const end = constant(new Float32Array(inner.shape.slice(0, -1).reduce((a, b) => a * b, 1)).fill(1), [...inner.shape.slice(0, -1), 1]);
    const slope = bins > 1 ? concat([end, inner, end], -1) : concat([end, end], -1);
    return { width, height, left, bottom, slope0: cut(slope, 0, bins), slope1: cut(slope, 1, bins + 1) };
  };
  /** 1 in the bin that holds v, by the bins' lower ends; the first and last take what lies beyond. */
  const binOf = (v: Expr, lower: Expr): Expr => {
    if (bins === 1) return constant(new Float32Array(v.shape.reduce((a, b) => a * b, 1)).fill(1), [...v.shape, 1]);
    const above = cast(greaterEqual(reshape(v, [...v.shape, 1]), cut(lower, 1, bins)), 'float32');
    const first = sub(1, cut(above, 0, 1)), last = cut(above, bins - 2, bins - 1);
    return bins === 2 ? concat([first, last], -1) : concat([first, sub(cut(above, 0, bins - 2), cut(above, 1, bins - 1)), last], -1);
  };
  const pick = (bin: Expr, values: Expr): Expr => sum(mul(bin, values), { axes: -1 });
  const inside = (v: Expr): Expr => logicalAnd(greaterEqual(v, -bound), less(v, bound));
  return {
    width: 3 * bins - 1,
    forward(x, p) {
      const k = knots(p), bin = binOf(x, k.left);
      const w = pick(bin, k.width), h = pick(bin, k.height), d0 = pick(bin, k.slope0), d1 = pick(bin, k.slope1), s = div(h, w);
      // Clamped, so that nothing overflows where the result is not used.
      const t = clip(div(sub(x, pick(bin, k.left)), w), 0, 1), rest = sub(1, t), both = mul(t, rest);
      const below = add(s, mul(sub(add(d0, d1), mul(s, 2)), both));
      const y = add(pick(bin, k.bottom), div(mul(h, add(mul(s, square(t)), mul(d0, both))), below));
      const top = add(add(mul(d1, square(t)), mul(mul(s, both), 2)), mul(d0, square(rest)));
      const logDerivative = sub(add(mul(log(s), 2), log(top)), mul(log(below), 2));
      return { y: where(inside(x), y, x), logDerivative: where(inside(x), logDerivative, 0) };
    },
    inverse(y, p) {
      const k = knots(p), bin = binOf(y, k.bottom);
      const w = pick(bin, k.width), h = pick(bin, k.height), d0 = pick(bin, k.slope0), d1 = pick(bin, k.slope1), s = div(h, w);
      const up = clip(div(sub(y, pick(bin, k.bottom)), h), 0, 1), bend = sub(add(d0, d1), mul(s, 2));
      const a = add(mul(up, bend), sub(s, d0)), b = sub(d0, mul(up, bend)), c = neg(mul(s, up));
      // The root written so that nothing cancels (equation 29).
      const t = div(mul(c, 2), neg(add(b, sqrt(maximum(sub(square(b), mul(mul(a, c), 4)), 0)))));
      return where(inside(y), add(mul(clip(t, 0, 1), w), pick(bin, k.left)), y);
    },
  };
}

/** Scales are kept within e^-3 .. e^3: beyond it a coupling's inverse is no inverse in float32. */
const widestScale = 3;
/** Parameters: shift, and a scale that a tanh bounds. All zero: the identity. */
export const affineMap: Monotone = {
  width: 2,
  forward(x, p) { const { shift, scale } = parts(p); return { y: mul(sub(x, shift), exp(neg(scale))), logDerivative: neg(scale) }; },
  inverse(y, p) { const { shift, scale } = parts(p); return add(mul(y, exp(scale)), shift); },
};
function parts(p: Expr): { shift: Expr; scale: Expr } {
  const one = (i: number): Expr => reshape(slice(p, [i], [i + 1], [-1]), p.shape.slice(0, -1));
  return { shift: one(0), scale: mul(tanh(mul(one(1), 1 / widestScale)), widestScale) };
}
