/**
 * The networks of CA-DASG: encoder, decoder (which is the generator), critic, and the predictor of the outcome. All are perceptrons over the encoded row of
 * blocks/spans, all but the predictor are told the context. None normalises over the batch: what a row becomes depends on that row alone, as sampling and privacy need.
 */
import { abs, add, clip, concat, constant, exp, leakyRelu, matmul, mul, neg, relu, reshape, slice, sub, sum, tanh, type Expr, type ParamSpec } from '../../engine';
import { linear, linearParams, type Params } from '../blocks/mlp';
import { activate, alphaPart, hotPart, type Layout } from '../blocks/spans';

/** What the predictor predicts: a one-hot span of the row, or a number (its alpha and modes) with the centre and the width of every mode, in standard deviations of the column. */
export type Target = { kind: 'span'; span: number } | { kind: 'number'; number: number; centres: number[]; widths: number[] };
export interface Sizes {
  embedding: number; hidden: number; layers: number; batch: number; criticSteps: number;
  /** Contexts with a cache entry, and the widths of the one-hots that tell a row's context to the networks. */
  contexts: number; parts: number[];
  /** Width of the sketch of a row whose covariance the cache keeps. */
  sketch: number;
  variational: boolean; adversarial: boolean; minibatch: boolean;
  target?: Target;
}
/** Width of what the networks are told of the context. */
export const conditionWidth = (s: Pick<Sizes, 'parts'>): number => s.parts.reduce((a, b) => a + b, 0);
/** Bounds of the alphas' widths, as in TVAE. */
const sigmaRange = [0.01, 1] as const;
/** Kernels of minibatch discrimination, numbers a kernel looks at, and the most rows that are compared with each other. */
const kernels = 8, kernelWidth = 4, groupRows = 25;

/** PyTorch's start: weights and biases uniform in +-1/sqrt(inputs). */
const layer = (name: string, from: number, to: number): Record<string, ParamSpec> => linearParams(name, from, to, { bias: { uniform: 1 / Math.sqrt(Math.max(1, from)) } });
function tower(name: string, from: number, s: Pick<Sizes, 'hidden' | 'layers'>): Record<string, ParamSpec> {
  const params: Record<string, ParamSpec> = {};
  for (let i = 0; i < s.layers; i++) Object.assign(params, layer(`${name}.${i}`, i ? s.hidden : from, s.hidden));
  return params;
}
const top = (from: number, s: Pick<Sizes, 'hidden' | 'layers'>): number => (s.layers ? s.hidden : from);

export interface AllParams { encoder: Record<string, ParamSpec>; decoder: Record<string, ParamSpec>; critic: Record<string, ParamSpec>; predictor: Record<string, ParamSpec> }
export function allParams(l: Layout, s: Sizes): AllParams {
  const K = conditionWidth(s), told = l.width + K;
  const encoder = s.variational ? { ...tower('encoder', told, s), ...layer('latent', top(told, s), 2 * s.embedding) } : {};
  const decoder: Record<string, ParamSpec> = { ...tower('decoder', s.embedding + K, s), ...layer('out', top(s.embedding + K, s), l.width) };
  if (s.variational && l.alphas) decoder.sigma = { shape: [l.alphas], init: new Float32Array(l.alphas).fill(0.1), range: sigmaRange };
  const critic: Record<string, ParamSpec> = s.adversarial ? {
    ...tower('critic', told, { ...s, layers: Math.max(1, s.layers) }), ...layer('critic.out', s.hidden + (s.minibatch ? kernels : 0), 1),
    ...(s.minibatch && { 'critic.kernels': { shape: [s.hidden, kernels * kernelWidth], init: { normal: 0.1 }, decay: false } }),
  } : {};
  const t = s.target, predictor = t ? { ...layer('predictor.0', l.width, s.hidden), ...layer('predictor.out', s.hidden, t.kind === 'span' ? l.spans[t.span]!.size : 1) } : {};
  return { encoder, decoder, critic, predictor };
}

const told = (x: Expr, condition: Expr | undefined): Expr => (condition ? concat([x, condition], 1) : x);
/** x [B, W] -> mean and log-variance of the latent code, [B, E] each. The log-variance is kept within what exp can bear. */
export function encode(p: Params, x: Expr, condition: Expr | undefined, s: Sizes): { mean: Expr; logVariance: Expr } {
  let h = told(x, condition);
  for (let i = 0; i < s.layers; i++) h = relu(linear(p, `encoder.${i}`, h));
  const both = linear(p, 'latent', h);
  return { mean: slice(both, [0], [s.embedding], [1]), logVariance: clip(slice(both, [s.embedding], [2 * s.embedding], [1]), -12, 12) };
}
/** z [B, E] -> [B, W]: alphas before tanh, logits. */
export function decode(p: Params, z: Expr, condition: Expr | undefined, s: Sizes): Expr {
  let h = told(z, condition);
  for (let i = 0; i < s.layers; i++) h = relu(linear(p, `decoder.${i}`, h));
  return linear(p, 'out', h);
}
/** The row that a decoded one stands for, soft enough to carry a gradient: tanh and the alphas' own scatter, gumbel-softmax of every one-hot. */
export function soften(p: Params, raw: Expr, u: Expr | undefined, scatter: Expr | undefined, l: Layout): Expr {
  const row = activate(raw, u, l);
  if (!scatter || !p.sigma || !l.alphas) return row;
  const alphas = add(alphaPart(row, l), mul(scatter, p.sigma));
  return l.hot ? concat([alphas, hotPart(row, l)], 1) : alphas;
}
/** For the sampler: scores [B, W] whose span maxima are the row (`readRows`). */
export function scoresOf(p: Params, raw: Expr, gumbels: Expr | undefined, scatter: Expr | undefined, l: Layout): Expr {
  const parts: Expr[] = [];
  if (l.alphas) { const a = tanh(alphaPart(raw, l)); parts.push(scatter && p.sigma ? add(a, mul(scatter, p.sigma)) : a); }
  if (l.hot) parts.push(gumbels ? add(hotPart(raw, l), gumbels) : hotPart(raw, l));
  return parts.length === 1 ? parts[0]! : concat(parts, 1);
}

/** The critic's first product, which is affine in the row: rows [B, W] -> [B, hidden]. */
export function firstOf(p: Params, rows: Expr, condition: Expr | undefined): Expr { return linear(p, 'critic.0', told(rows, condition)); }
/** From the first product to the critic's last hidden layer, [B, hidden]. */
export function impression(p: Params, first: Expr, s: Sizes): Expr {
  let h = leakyRelu(first, 0.2);
  for (let i = 1; i < Math.max(1, s.layers); i++) h = leakyRelu(linear(p, `critic.${i}`, h), 0.2);
  return h;
}
/** The critic's score of every row, [B, 1]. */
export const judge = (p: Params, first: Expr, s: Sizes): Expr => { const h = impression(p, first, s); return linear(p, 'critic.out', s.minibatch ? concat([h, closeness(p, h)], 1) : h); };

/** Rows that are compared with each other: the largest divisor of the batch up to 25, since every row is compared with every other of its group. */
export const groupOf = (batch: number): number => { for (let g = Math.min(groupRows, batch); g > 1; g--) if (batch % g === 0) return g; return 1; };
/**
 * Minibatch discrimination (Salimans et al. 2016, section 3.2): how close every row is to the others of its group, by `kernels` measures exp(-|M_i - M_j|_1).
 * @param h [B, hidden] -> [B, kernels]
 */
export function closeness(p: Params, h: Expr): Expr {
  const B = h.shape[0]!, g = groupOf(B), G = B / g, m = reshape(matmul(h, p['critic.kernels']!), [G, g, kernels, kernelWidth]);
  const apart = sum(abs(sub(reshape(m, [G, g, 1, kernels, kernelWidth]), reshape(m, [G, 1, g, kernels, kernelWidth]))), { axes: 4 });
  // Every row is at distance 0 from itself.
  return reshape(sub(sum(exp(neg(apart)), { axes: 2 }), 1), [B, kernels]);
}

/** What the predictor sees: the row without its outcome (of a number also without its place in the mode, which tells of it). */
export function restOf(l: Layout, t: Target): Float32Array {
  const rest = new Float32Array(l.width).fill(1), { start, size } = l.spans[t.kind === 'span' ? t.span : t.number]!;
  rest.fill(0, l.alphas + start, l.alphas + start + size);
  if (t.kind === 'number') rest[t.number] = 0;
  return rest;
}
/** The outcome in a row: [B, classes] shares, or [B, 1] in standard deviations. */
export function outcomeOf(x: Expr, l: Layout, t: Target): Expr {
  const { start, size } = l.spans[t.kind === 'span' ? t.span : t.number]!, hot = slice(x, [l.alphas + start], [l.alphas + start + size], [1]);
  if (t.kind === 'span') return hot;
  const column = (v: number[]): Expr => constant(Float32Array.from(v), [size, 1]);
  return add(matmul(hot, column(t.centres)), mul(matmul(hot, column(t.widths)), slice(x, [t.number], [t.number + 1], [1])));
}
/** Rows to the predictor's hidden layer [B, hidden] and its output [B, classes or 1]. */
export function predict(p: Params, x: Expr, l: Layout, t: Target): { hidden: Expr; output: Expr } {
  const hidden = leakyRelu(linear(p, 'predictor.0', mul(x, constant(restOf(l, t)))), 0.2);
  return { hidden, output: linear(p, 'predictor.out', hidden) };
}
