/**
 * Conditioning by a token, and classifier-free guidance: Ho & Salimans, "Classifier-Free Diffusion Guidance" (2022).
 *
 * The condition is fed as a vector: the embedding of its code plus, where it is a number, its value times a learnt direction. While training, it is
 * replaced by a null token (the table's last row) in a share of the rows, so that one network learns both the conditional and the unconditional.
 */
import { add, at, constant, gather, less, matmul, mul, sub, where, type Expr, type InputSpec, type ParamSpec } from '../../engine';
import type { Params } from './mlp';

/** What a condition is made of: numbers [B, N] and codes [B, C] of sizes `sizes`, as of a table's features. */
export interface ConditionLayout { numbers: number; sizes: readonly number[] }

/** Parameters `name.null`, `name.numbers`, `name.codes`: of a condition as a vector of `width`. */
export function conditionParams(name: string, { numbers, sizes }: ConditionLayout, width: number): Record<string, ParamSpec> {
  const rows = sizes.reduce((a, b) => a + b, 0);
  return {
    [`${name}.null`]: { shape: [1, width], init: { normal: 0.5 }, decay: false },
    ...(rows > 0 && { [`${name}.codes`]: { shape: [rows, width], init: { normal: 0.5 }, decay: false } }),
    ...(numbers > 0 && { [`${name}.numbers`]: { shape: [numbers, width], init: { normal: 0.5 }, decay: false } }),
  };
}

/** The condition's vector [B, width]; where `keep` (bool [B, 1]) is false, the null token's. Without `rows`: the null token, [1, width]. */
export function conditionVector(params: Params, name: string, { numbers, sizes }: ConditionLayout, rows?: { numbers?: Expr; codes?: Expr }, keep?: Expr): Expr {
  const none = params[`${name}.null`];
  if (!rows) return none;
  let v: Expr | undefined, start = 0;
  sizes.forEach((size, c) => {
    const own = gather(params[`${name}.codes`], add(at(rows.codes!, c, 1), constant(start, [], 'int32')));
    v = v ? add(v, own) : own;
    start += size;
  });
  if (numbers > 0) { const n = matmul(rows.numbers!, params[`${name}.numbers`]); v = v ? add(v, n) : n; }
  if (!v) return none;
  return keep ? where(keep, v, none) : v;
}
/** Rows that keep their condition while training: uniforms [B, 1] -> bool. */
export const keepCondition = (u: Expr, dropped: number): Expr => less(constant(dropped), u);

/** (1 + w) conditional - w unconditional, of noise predictions, scores or logits alike (equation 6); w = 0 is the plain conditional. */
export const guide = (conditional: Expr, unconditional: Expr, w: Expr | number): Expr => add(conditional, mul(sub(conditional, unconditional), w));

/** Inputs for n encoded rows, `numbers` and `codes` as far as the layout has any; the names that `Features.encode` gives them. */
export const rowSpecs = (layout: ConditionLayout, n: number): Record<string, InputSpec> => specs(layout, n, 'numbers', 'codes');
/** Inputs for n encoded conditions, under the names that `conditionVector` is given them by; none without a condition. */
export const conditionSpecs = (condition: ConditionLayout | undefined, n: number): Record<string, InputSpec> => (condition ? specs(condition, n, 'conditionNumbers', 'conditionCodes') : {});
const specs = ({ numbers, sizes }: ConditionLayout, n: number, numberName: string, codeName: string): Record<string, InputSpec> => ({
  ...(numbers > 0 && { [numberName]: { shape: [n, numbers], dtype: 'float32' as const } }), ...(sizes.length > 0 && { [codeName]: { shape: [n, sizes.length], dtype: 'int32' as const } }),
});
