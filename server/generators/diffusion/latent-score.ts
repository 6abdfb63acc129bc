/**
 * Score diffusion of latent codes with noise levels sigma, as TabSyn has it: Karras et al., "Elucidating the Design Space of Diffusion-Based Generative
 * Models" (NeurIPS 2022), table 1 (preconditioning, loss weights), algorithm 2 (stochastic Heun sampler); the network of github.com/amazon-science/tabsyn.
 */
import { add, constant, div, exp, gather, less, log, maximum, mean, mul, sqrt, square, sub, uniform, where, type Expr, type ParamSpec, type TrainSpec } from '../../engine';
import { conditionParams, conditionVector, keepCondition, type ConditionLayout, conditionSpecs } from '../blocks/guidance';
import { linear, linearParams, mlpParams, mlp, type Params } from '../blocks/mlp';
import { sinusoidal, timeMlp, timeMlpParams } from '../blocks/time-embedding';
import { noiseSpecs, normalRows, type NoiseWidths } from './inputs';

export interface LatentSizes { width: number; batch: number; dropCondition: number }
export interface LatentModel { dims: number; condition?: ConditionLayout; sizes: LatentSizes }

/** The data's standard deviation, which codes are scaled to; and the noise levels trained on, exp(N(-1.2, 1.2^2)). */
export const dataSd = 0.5;
const meanLevel = -1.2, sdLevel = 1.2;
/** Levels sampled over, and their spacing (equation 5). */
const least = 0.002, most = 80, rho = 7;

export function parameters({ dims, condition, sizes: { width: W } }: LatentModel): Record<string, ParamSpec> {
  return {
    ...linearParams('proj', dims, W), ...timeMlpParams('time', W), ...(condition && conditionParams('condition', condition, W)),
    ...mlpParams('net', { input: W, hidden: [2 * W, 2 * W, W], output: dims }, { zeroOut: true }),
  };
}

/** The data expected at x [B, D] of noise level sigma ([B, 1] or [1, 1]). @param condition [B, width] or [1, width] */
export function denoise(p: Params, { sizes: s }: LatentModel, x: Expr, sigma: Expr, condition?: Expr): Expr {
  const total = add(square(sigma), dataSd ** 2), root = sqrt(total);
  let h = add(linear(p, 'proj', div(x, root)), timeMlp(p, 'time', sinusoidal(mul(log(sigma), 0.25), s.width, { sineFirst: true })));
  if (condition) h = add(h, condition);
  return add(mul(x, div(dataSd ** 2, total)), mul(mlp(p, 'net', h, 3, { activation: 'silu' }), div(mul(sigma, dataSd), root)));
}

/** The weighted squared error at given codes, noise [B, D] and levels [B, 1]. */
export function latentLoss(p: Params, m: LatentModel, codes: Expr, noise: Expr, sigma: Expr, condition?: Expr): Expr {
  const weight = div(add(square(sigma), dataSd ** 2), square(mul(sigma, dataSd)));
  return mean(mul(weight, square(sub(denoise(p, m, add(codes, mul(noise, sigma)), sigma, condition), codes))));
}

export const latentWidths = (m: LatentModel): NoiseWidths => ({ normals: m.dims, uniforms: m.condition && m.sizes.dropCondition > 0 ? 1 : 0 });
export function latentTrainSpec(m: LatentModel, rows: number, optimiser?: TrainSpec['optimiser']): TrainSpec {
  const { condition, sizes: s } = m;
  return {
    params: parameters(m),
    data: {
      z: { shape: [rows, m.dims], dtype: 'float32' },
      ...conditionSpecs(condition, rows),
    },
    step: noiseSpecs(s.batch, latentWidths(m)),
    loss({ params, data, step }) {
      const own = (name: string): Expr | undefined => data[name] && gather(data[name], step.rows);
      const keep = step.uniforms && keepCondition(uniform(step.uniforms), s.dropCondition);
      const vector = condition && conditionVector(params, 'condition', condition, { numbers: own('conditionNumbers'), codes: own('conditionCodes') }, keep);
      return { loss: latentLoss(params, m, own('z')!, normalRows(step.normals, m.dims), exp(add(mul(normalScore(step.time), sdLevel), meanLevel)), vector) };
    },
    ...(optimiser && { optimiser }),
  };
}

/**
 * The normal quantile of times in (0, 1), in the graph, so that noise levels are spread over a batch as times are: Giles, "Approximating the erfinv
 * function" (2010), single precision, both branches.
 */
export function normalScore(u: Expr): Expr {
  const x = sub(mul(u, 2), 1), w = sub(0, log(maximum(mul(sub(1, x), add(x, 1)), 1e-30)));
  const horner = (c: readonly number[], v: Expr): Expr => c.slice(1).reduce<Expr>((p, k) => add(mul(p, v), k), constant(c[0]));
  const central = horner([2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087, -0.00125372503, -0.00417768164, 0.246640727, 1.50140941], sub(w, 2.5));
  const tail = horner([-0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047, 1.00167406, 2.83297682], sub(sqrt(maximum(w, 5)), 3));
  return mul(mul(where(less(w, 5), central, tail), x), Math.SQRT2);
}

/** Levels from the most noise to none: `steps` of them, then 0. */
export const levels = (steps: number): number[] => [...Array.from({ length: steps }, (_, i) => (most ** (1 / rho) + (steps === 1 ? 0 : i / (steps - 1)) * (least ** (1 / rho) - most ** (1 / rho))) ** rho), 0];
export const startSd = most;
/** Numbers of a step for the host: level, level with noise added, next level, whether the second-order correction applies. @param churn noise added over the whole way (S_churn) */
export const stepScalars = (path: readonly number[], k: number, churn: number): Float32Array => {
  const steps = path.length - 1, gamma = Math.min(churn / steps, Math.SQRT2 - 1);
  return Float32Array.of(path[k], path[k] * (1 + gamma), path[k + 1], k < steps - 1 ? 1 : 0);
};
/** One step of algorithm 2. @param scalars of `stepScalars`; @param z standard normals */
export function heunStep(expected: (x: Expr, sigma: Expr) => Expr, x: Expr, [now, raised, next, correct]: Expr[], z: Expr): Expr {
  const noisy = add(x, mul(z, sqrt(maximum(sub(square(raised), square(now)), 0)))), dt = sub(next, raised);
  const slope = div(sub(noisy, expected(noisy, raised)), raised), euler = add(noisy, mul(slope, dt));
  // At level zero there is no slope to correct with; the level is kept off zero so that nothing is infinite.
  const end = maximum(next, least), second = div(sub(euler, expected(euler, end)), end);
  return add(noisy, mul(add(slope, mul(sub(second, slope), mul(correct, 0.5))), dt));
}
