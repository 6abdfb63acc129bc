/**
 * Flow matching: a network learns the velocity of straight paths from noise x_0 ~ N(0, I) to rows x_1, and an ordinary differential equation
 * carries noise along it.
 *
 * A row is its numbers (normal scores of their ranks) and its categories' one-hots side by side, x [D].
 * - `ot`, `rectified`: conditional flow matching with the optimal-transport path of Lipman et al. (2022), equations 20 to 23:
 *     x_t = (1 - (1 - s) t) x_0 + t x_1,  loss = || v(x_t, t) - (x_1 - (1 - s) x_0) ||^2;
 *   rectified flow (Liu et al. 2022, algorithm 1) is s = 0, and its second training takes as (x_0, x_1) the ends of the first flow's own paths.
 * - `variational`: variational flow matching (Eijkelboom et al. 2024) for exponential families (Guzman-Cordero et al., TabbyFlow, 2025): the network gives
 *   q(x_1 | x_t), categorical for a category (loss: its cross-entropy) and Gaussian for a number, and the velocity is (E_q[x_1] - x_t) / (1 - t).
 *   With a Gaussian of standard deviation 1 - t, its log-likelihood is the loss above, and so a number is learnt as there.
 *
 * A number's velocity is written skip(t) x + out(t) F(x, t), with the skip that is right where all numbers are independent (their marginals are standard
 * normal by construction), so that training starts there and F is of unit size at every t (the argument of Karras et al. 2022, section 5).
 */
import {
  add, concat, cos, div, exp, mean, mul, sin, slice, spanCrossEntropy, spanOneHot, sqrt, square, sub, sum,
  type Expr, type ParamSpec,
} from '../../engine';
import { conditionParams, type ConditionLayout } from '../blocks/guidance';
import { residualMlp, residualParams, type Dropped, type Params } from '../blocks/mlp';
import { spanLogSoftmax, spansOf } from '../blocks/multinomial-diffusion';
import { sinusoidal, timeMlp, timeMlpParams } from '../blocks/time-embedding';

export type Variant = 'variational' | 'ot' | 'rectified';
export interface MatchingModel {
  variant: Variant;
  layout: ConditionLayout; condition?: ConditionLayout;
  width: number; blocks: number; time: number;
  /** Standard deviation left of the noise at t = 1 (`ot` only). */
  sigma: number;
}
export const stateWidth = ({ numbers, sizes }: ConditionLayout): number => numbers + sizes.reduce((a, b) => a + b, 0);

/** Frequencies of the sines and cosines of a number, beside the number itself: edges of a value's own stretch of ranks are sharp. */
const frequencies = [1, 2, 4];
const inputWidth = (l: ConditionLayout): number => stateWidth(l) + 2 * frequencies.length * l.numbers;

export function matchingParams(m: MatchingModel): Record<string, ParamSpec> {
  return {
    ...timeMlpParams('time', m.time),
    ...(m.condition && conditionParams('condition', m.condition, m.time)),
    ...residualParams('net', { input: inputWidth(m.layout), width: m.width, blocks: m.blocks, output: stateWidth(m.layout), context: m.time }),
  };
}

const numbersOf = (m: MatchingModel, x: Expr): Expr => slice(x, [0], [m.layout.numbers], [1]);
const codesOf = (m: MatchingModel, x: Expr): Expr => slice(x, [m.layout.numbers], [stateWidth(m.layout)], [1]);
const join = (...xs: (Expr | undefined)[]): Expr => { const on = xs.filter((x): x is Expr => x !== undefined); return on.length > 1 ? concat(on, 1) : on[0]!; };

/** x_1 of encoded rows: numbers [B, N] and one-hots of codes int32 [B, C] -> [B, D]. */
export const rowState = (m: MatchingModel, rows: { numbers?: Expr; codes?: Expr }): Expr =>
  join(m.layout.numbers > 0 ? rows.numbers : undefined, m.layout.sizes.length > 0 ? spanOneHot(rows.codes!, spansOf(m.layout.sizes)) : undefined);

/** The network's output at x [B, D], t [B, 1] or [1, 1]: of numbers their velocity, of categories a velocity or (variational) logits of x_1. */
export function output(params: Params, m: MatchingModel, x: Expr, t: Expr, condition?: Expr, drop?: Dropped): { numbers?: Expr; codes?: Expr } {
  const N = m.layout.numbers, rest = sub(1, t), variance = add(square(t), square(rest));
  let input = x;
  if (N > 0) {
    const own = numbersOf(m, x);
    input = concat([x, ...frequencies.flatMap((f) => { const a = mul(own, f); return [sin(a), cos(a)]; })], 1);
  }
  const time = timeMlp(params, 'time', sinusoidal(mul(t, 1000), m.time)), context = condition ? add(time, condition) : time;
  const out = residualMlp(params, 'net', input, m.blocks, { context, ...(drop && { drop }) });
  const skip = div(sub(mul(t, 2), 1), variance);
  return {
    ...(N > 0 && { numbers: add(mul(numbersOf(m, x), skip), div(numbersOf(m, out), sqrt(variance))) }),
    ...(m.layout.sizes.length > 0 && { codes: codesOf(m, out) }),
  };
}

/** Ends of a path and the time on it: x0, x1 [B, D], t [B, 1]; the codes that x1 holds, where there are any. */
export interface Path { x0: Expr; x1: Expr; t: Expr; codes?: Expr }
/** Mean over rows of `matchingLosses`. */
export const matchingLoss = (params: Params, m: MatchingModel, path: Path, condition?: Expr, drop?: Dropped): Expr => mean(matchingLosses(params, m, path, condition, drop));
/** Each row's loss summed over columns, [B]: half a squared error for a number (and for every entry of a one-hot), a cross-entropy for a category. */
export function matchingLosses(params: Params, m: MatchingModel, { x0, x1, t, codes }: Path, condition?: Expr, drop?: Dropped): Expr {
  const shrink = m.variant === 'ot' ? 1 - m.sigma : 1;
  const x = add(mul(x0, sub(1, mul(t, shrink))), mul(x1, t)), velocity = sub(x1, mul(x0, shrink));
  const out = output(params, m, x, t, condition, drop), squared = (got: Expr, want: Expr): Expr => mul(sum(square(sub(got, want)), { axes: 1 }), 0.5);
  const parts: Expr[] = [];
  if (out.numbers) parts.push(squared(out.numbers, numbersOf(m, velocity)));
  if (out.codes) parts.push(m.variant === 'variational' ? sum(spanCrossEntropy(out.codes, codes!, spansOf(m.layout.sizes)), { axes: 1 }) : squared(out.codes, codesOf(m, velocity)));
  return parts.reduce((a, b) => add(a, b));
}

/** dx/dt [B, D] from the network's output. For categories of the variational model (E[x_1] - x) / (1 - t). */
export function velocityOf(m: MatchingModel, out: { numbers?: Expr; codes?: Expr }, x: Expr, t: Expr): Expr {
  const codes = out.codes && (m.variant === 'variational' ? div(sub(exp(spanLogSoftmax(out.codes, m.layout.sizes)), codesOf(m, x)), sub(1, t)) : out.codes);
  return join(out.numbers, codes);
}
