/**
 * The variational autoencoder of TVAE (Xu et al. 2019, section 4.5; Kingma & Welling 2014): MLP encoder and decoder over the encoded row,
 * a Gaussian of learnt width for every alpha, a softmax for every one-hot.
 */
import { add, concat, div, exp, log, mul, relu, slice, square, sub, sum, tanh, type Expr, type ParamSpec } from '../../engine';
import { linear, linearParams, type Params } from '../blocks/mlp';
import { alphaPart, hotPart, spanLse, type Layout } from '../blocks/spans';

export interface VaeSizes { embedding: number; hidden: number; layers: number }
/** Bounds of the alphas' widths. */
const sigmaRange = [0.01, 1] as const;

export function vaeParams(l: Layout, s: VaeSizes): Record<string, ParamSpec> {
  const params: Record<string, ParamSpec> = {};
  // PyTorch starts biases uniform in the weights' range too.
  const layer = (name: string, from: number, to: number): void => void Object.assign(params, linearParams(name, from, to, { bias: { uniform: 1 / Math.sqrt(from) } }));
  for (let i = 0; i < s.layers; i++) layer(`encoder.${i}`, i ? s.hidden : l.width, s.hidden);
  layer('latent', s.layers ? s.hidden : l.width, 2 * s.embedding);
  for (let i = 0; i < s.layers; i++) layer(`decoder.${i}`, i ? s.hidden : s.embedding, s.hidden);
  layer('out', s.layers ? s.hidden : s.embedding, l.width);
  if (l.alphas) params.sigma = { shape: [l.alphas], init: new Float32Array(l.alphas).fill(0.1), range: sigmaRange };
  return params;
}

/** x [B, W] -> mean and log-variance, [B, embedding] each. */
export function encode(p: Params, x: Expr, s: VaeSizes): { mean: Expr; logVariance: Expr } {
  let h = x;
  for (let i = 0; i < s.layers; i++) h = relu(linear(p, `encoder.${i}`, h));
  const both = linear(p, 'latent', h);
  return { mean: slice(both, [0], [s.embedding], [1]), logVariance: slice(both, [s.embedding], [2 * s.embedding], [1]) };
}
/** z [B, embedding] -> [B, W]: alphas before tanh, logits. */
export function decode(p: Params, z: Expr, s: VaeSizes): Expr {
  let h = z;
  for (let i = 0; i < s.layers; i++) h = relu(linear(p, `decoder.${i}`, h));
  return linear(p, 'out', h);
}

/** A row's code from its distribution. @param noise standard normals [B, embedding] */
export const codeOf = ({ mean, logVariance }: { mean: Expr; logVariance: Expr }, noise: Expr): Expr => add(mul(noise, exp(mul(logVariance, 0.5))), mean);
/** Cross-entropy of the one-hots [B, H], [B]: of a one-hot target it is the span's log-sum-exp less the target's logit. */
export const crossEntropies = (logits: Expr, hot: Expr, l: Layout): Expr => sub(sum(spanLse(logits, l.spans), { axes: 1 }), sum(mul(hot, logits), { axes: 1 }));
/** Kullback-Leibler divergence of each row's code from the standard normal, [B]. */
export const divergenceOf = ({ mean, logVariance }: { mean: Expr; logVariance: Expr }): Expr => mul(sum(sub(add(logVariance, 1), add(square(mean), exp(logVariance))), { axes: 1 }), -0.5);
/**
 * The two parts of the loss of each row, [B]: reconstruction (times `factor`, as the reference weights it) and Kullback-Leibler divergence.
 * @param noise standard normals [B, embedding]
 */
export function rowLosses(p: Params, x: Expr, noise: Expr, l: Layout, s: VaeSizes, factor: number): { reconstruction: Expr; divergence: Expr } {
  const q = encode(p, x, s), raw = decode(p, codeOf(q, noise), s), parts: Expr[] = [];
  if (l.alphas) {
    const error = div(sub(alphaPart(x, l), tanh(alphaPart(raw, l))), p.sigma!);
    parts.push(add(sum(mul(square(error), 0.5), { axes: 1 }), sum(log(p.sigma!))));
  }
  if (l.hot) parts.push(crossEntropies(hotPart(raw, l), hotPart(x, l), l));
  return { reconstruction: mul(parts.reduce((a, b) => add(a, b)), factor), divergence: divergenceOf(q) };
}
/** For the sampler: z and noise to scores [B, W] whose span maxima are the row (see `readRows`). `scatter` is [B, A] normals, `u` [B, H] Gumbel noise or absent. */
export function drawn(p: Params, z: Expr, scatter: Expr | undefined, noise: Expr | undefined, l: Layout, s: VaeSizes): Expr {
  const raw = decode(p, z, s), parts: Expr[] = [];
  if (l.alphas) { const a = tanh(alphaPart(raw, l)); parts.push(scatter ? add(a, mul(scatter, p.sigma!)) : a); }
  if (l.hot) parts.push(noise ? add(hotPart(raw, l), noise) : hotPart(raw, l));
  return parts.length === 1 ? parts[0]! : concat(parts, 1);
}
