/**
 * The networks that give a flow its parameters: a small one per target column, all in one pass, each seeing only the first few
 * groups of inputs. Prefixes in some order make an autoregressive flow (MADE's masks, Germain et al. 2015, but with hidden units of each
 * target's own, which is what the default generator gains by too); the same prefix for all makes a coupling.
 *
 *   h = silu(x_seen W1 + b1),  h <- h + silu(h W + b)   per target
 */
import { add, constant, matmul, mul, reshape, silu, slice, transpose, type Expr, type ParamSpec } from '../../engine';

export interface ConditionerShape {
  /** Widths of the groups of inputs, in order. */
  inputs: readonly number[];
  /** seen[t]: how many of the groups, from the first, target t may see. */
  seen: readonly number[];
  hidden: number; layers: number;
}
type Params = Record<string, Expr>;
/** Hidden units dropped while training: h [T, B, H] -> the same, scaled. */
export type Drop = (h: Expr, layer: number) => Expr;

const widthOf = (widths: readonly number[], count = widths.length): number => widths.slice(0, count).reduce((a, b) => a + b, 0);

export function conditionerParams(prefix: string, c: ConditionerShape): Record<string, ParamSpec> {
  const T = c.seen.length, H = c.hidden, total = widthOf(c.inputs), params: Record<string, ParamSpec> = {};
  if (total > 0) params[`${prefix}w1`] = { shape: [total, T * H], init: { normal: 1.5 / Math.sqrt(Math.max(1, total / 2)) } };
  params[`${prefix}b1`] = { shape: [T, 1, H], init: { uniform: 0.5 }, decay: false };
  for (let l = 2; l <= c.layers; l++) {
    params[`${prefix}w${l}`] = { shape: [T, H, H], init: { normal: 1.4 / Math.sqrt(H) } };
    params[`${prefix}b${l}`] = { shape: [T, 1, H], init: 'zeros', decay: false };
  }
  return params;
}

/** Hidden states of all targets: x [B, total] (absent where there are no inputs) -> [T, B, H]. */
export function conditionAll(p: Params, prefix: string, c: ConditionerShape, x: Expr | undefined, rows: number, drop?: Drop): Expr {
  const T = c.seen.length, H = c.hidden, total = widthOf(c.inputs);
  let first = add(p[`${prefix}b1`]!, constant(new Float32Array(rows), [1, rows, 1]));
  if (x) {
    const mask = new Float32Array(total * T);
    c.seen.forEach((n, t) => { for (let i = 0; i < widthOf(c.inputs, n); i++) mask[i * T + t] = 1; });
    const w = reshape(mul(reshape(p[`${prefix}w1`]!, [total, T, H]), constant(mask, [total, T, 1])), [total, T * H]);
    first = add(transpose(reshape(matmul(x, w), [rows, T, H]), [1, 0, 2]), p[`${prefix}b1`]!);
  }
  let h = silu(first);
  for (let l = 2; l <= c.layers; l++) {
    const input = drop ? drop(h, l - 2) : h;
    h = add(input, silu(add(matmul(input, p[`${prefix}w${l}`]!), p[`${prefix}b${l}`]!)));
  }
  return drop ? drop(h, c.layers - 1) : h;
}

/** Hidden state of one target, from the groups it sees only: x [B, width seen] -> [B, H]. */
export function conditionOne(p: Params, prefix: string, c: ConditionerShape, target: number, x: Expr | undefined, rows: number): Expr {
  const H = c.hidden, seen = widthOf(c.inputs, c.seen[target]!);
  const own = (name: string, shape: number[]): Expr => reshape(slice(p[`${prefix}${name}`]!, [target], [target + 1]), shape);
  let first = add(own('b1', [1, H]), constant(new Float32Array(rows), [rows, 1]));
  if (seen > 0) first = add(matmul(x!, slice(p[`${prefix}w1`]!, [0, target * H], [seen, (target + 1) * H])), own('b1', [1, H]));
  let h = silu(first);
  for (let l = 2; l <= c.layers; l++) h = add(h, silu(add(matmul(h, own(`w${l}`, [H, H])), own(`b${l}`, [1, H]))));
  return h;
}
