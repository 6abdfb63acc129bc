/**
 * The networks of CTGAN (Xu et al. 2019, section 4.4): a generator of residual layers with batch normalisation, and a critic over packs of rows
 * (PacGAN, Lin et al. 2018) with the gradient penalty of Gulrajani et al. 2017.
 */
import { add, at, concat, div, gather, grad, leakyRelu, matmul, mean, mul, relu, reshape, slice, sqrt, square, stopGradient, sub, sum, type Expr, type ParamSpec } from '../../engine';
import { linear, linearParams, type Params } from '../blocks/mlp';

/** PyTorch's start: weights and biases uniform in +-1/sqrt(inputs). */
const layer = (name: string, from: number, to: number): Record<string, ParamSpec> => linearParams(name, from, to, { bias: { uniform: 1 / Math.sqrt(from) } });

export interface Tower { hidden: number; layers: number }

/** Parameters of a generator from `input` numbers to `width`: every layer's input goes on beside its output. */
export function generatorParams(input: number, width: number, { hidden, layers }: Tower): Record<string, ParamSpec> {
  const params: Record<string, ParamSpec> = {};
  for (let i = 0; i < layers; i++) Object.assign(params, layer(`generator.${i}`, input + i * hidden, hidden), normParams(`generator.${i}`, hidden));
  return { ...params, ...layer('generator.out', input + layers * hidden, width) };
}
export function generate(p: Params, z: Expr, { layers }: Tower): Expr {
  let h = z;
  for (let i = 0; i < layers; i++) h = concat([relu(batchNorm(p, `generator.${i}`, linear(p, `generator.${i}`, h))), h], 1);
  return linear(p, 'generator.out', h);
}

export const normParams = (name: string, width: number): Record<string, ParamSpec> => ({ [`${name}.scale`]: { shape: [width], init: 'ones' }, [`${name}.shift`]: { shape: [width] } });
/** Batch normalisation over axis 0 (Ioffe & Szegedy 2015), by the batch's own mean and variance: in sampling too, as the reference does. */
export function batchNorm(p: Params, name: string, x: Expr): Expr {
  const centred = sub(x, mean(x, { axes: 0, keepDims: true })), spread = sqrt(add(mean(square(centred), { axes: 0, keepDims: true }), 1e-5));
  return add(mul(centred, div(p[`${name}.scale`]!, spread)), p[`${name}.shift`]!);
}

export function criticParams(packed: number, { hidden, layers }: Tower, name = 'critic'): Record<string, ParamSpec> {
  const params: Record<string, ParamSpec> = {};
  for (let i = 0; i < layers; i++) Object.assign(params, layer(`${name}.${i}`, i ? hidden : packed, hidden));
  return { ...params, ...layer(`${name}.out`, layers ? hidden : packed, 1) };
}
/** What follows the first product: h [packs, hidden] -> the last hidden layer [packs, hidden]. `masks` are dropout masks per layer, [packs, hidden], scaled by 1/keep. */
function hiddenFrom(p: Params, first: Expr, { layers }: Tower, masks: readonly Expr[]): Expr {
  let h = first;
  for (let i = 0; i < layers; i++) {
    if (i) h = linear(p, `critic.${i}`, h);
    h = leakyRelu(h, 0.2);
    if (masks[i]) h = mul(h, masks[i]!);
  }
  return h;
}
/** Scores of what the first product made. */
export const judgeFrom = (p: Params, first: Expr, tower: Tower, masks: readonly Expr[]): Expr => linear(p, 'critic.out', hiddenFrom(p, first, tower, masks));
/** rows [B, W] -> scores [B / pac, 1] */
export const judge = (p: Params, rows: Expr, pac: number, tower: Tower, masks: readonly Expr[]): Expr => judgeFrom(p, linear(p, 'critic.0', pack(rows, pac)), tower, masks);
/** rows [B, W] -> what the critic makes of them before it decides, [B / pac, hidden] */
export const impressions = (p: Params, rows: Expr, pac: number, tower: Tower): Expr => hiddenFrom(p, linear(p, 'critic.0', pack(rows, pac)), tower, []);
const pack = (rows: Expr, pac: number): Expr => reshape(rows, [rows.shape[0]! / pac, pac * rows.shape[1]!]);

/**
 * E critic(fake) - E critic(real) + weight E (|gradient at a random point between the two| - 1)^2.
 * The first layer is affine, so at the point between it is the same mixture of what it is at the ends: one product serves all three.
 * @param mix uniforms [B / pac, 1]
 * @param masks per layer [3 B / pac, hidden]: for fake, real and between, in this order
 */
export function criticLoss(p: Params, real: Expr, fake: Expr, mix: Expr, pac: number, tower: Tower, masks: readonly Expr[], weight = 10): Expr {
  const n = real.shape[0]! / pac, part = (x: Expr, k: number, count = 1): Expr => slice(x, [k * n], [(k + count) * n]);
  const first = linear(p, 'critic.0', concat([pack(stopGradient(fake), pac), pack(real, pac)], 0));
  const scores = judgeFrom(p, first, tower, masks.map((m) => part(m, 0, 2)));
  // A node of its own, to be differentiated by.
  const between = add(mul(part(first, 1), mix), mul(part(first, 0), sub(1, mix)));
  const [slope] = grad(sum(judgeFrom(p, between, tower, masks.map((m) => part(m, 2)))), [between]);
  const norm = sqrt(add(sum(square(matmul(slope!, p['critic.0.w']!, { transB: true })), { axes: 1 }), 1e-12));
  const penalty = mul(mean(square(sub(norm, 1))), weight);
  return add(sub(mean(part(scores, 0)), mean(part(scores, 1))), penalty);
}

/** Dropout masks are rows of this pool, chosen afresh for every row and layer: a keystream word per unit would cost more than the layer. */
export const poolRows = 2048;
/** Masks of one turn: `drop` int32 [layers, n] -> per layer [n, hidden]. */
export const masksOf = (pool: Expr, drop: Expr): Expr[] => Array.from({ length: drop.shape[0]! }, (_, i) => gather(pool, at(drop, i)));
