/** Embeddings of time (or noise level) for denoisers. */
import { concat, constant, cos, mul, reshape, silu, sin, type Expr, type ParamSpec } from '../../engine';
import { linear, linearParams, type Params } from './mlp';

/**
 * cos and sin of t at frequencies maxPeriod^(-i/half), i = 0..half-1 (Vaswani et al. 2017, section 3.5; cosines first, as in guided-diffusion and TabDDPM).
 * @param t [B] or [B, 1], float
 * @param size even
 * @returns [B, size]
 */
export function sinusoidal(t: Expr, size: number, options: { maxPeriod?: number; sineFirst?: boolean } = {}): Expr {
  const { maxPeriod = 10_000, sineFirst = false } = options, half = size / 2;
  if (!Number.isInteger(half) || half < 1) throw new Error(`sinusoidal: size ${size} is not a positive even number`);
  const angle = mul(reshape(t, [t.shape[0], 1]), constant(Float32Array.from({ length: half }, (_, i) => maxPeriod ** (-i / half)), [1, half]));
  return concat(sineFirst ? [sin(angle), cos(angle)] : [cos(angle), sin(angle)], 1);
}

/** Parameters `name.0`, `name.1` of `timeMlp`. */
export const timeMlpParams = (name: string, size: number, output = size): Record<string, ParamSpec> => ({ ...linearParams(`${name}.0`, size, output), ...linearParams(`${name}.1`, output, output) });
/** linear(silu(linear(embedding))): [B, size] -> [B, output]. */
export const timeMlp = (params: Params, name: string, embedding: Expr): Expr => linear(params, `${name}.1`, silu(linear(params, `${name}.0`, embedding)));
