/**
 * One training step of CA-DASG as the engine takes it, in turns (section 4: "variational training between variational updates and adversarial updates"): the predictor on real rows, the
 * critic, then encoder and decoder by the variational bound, then both again by the adversarial objective L = w_w L_WGAN + w_kl L_KL + w_cov L_Cov + w_u L_Utility (section 3.2), of which
 * L_KL is the variational update's. Encoder and decoder have one optimiser for both updates, so that the weights mean what they say.
 */
import { add, at, constant, exp, matmul, mean, mul, epochBatches, gather, KeyStream, oneHot, reshape, slice, spanOneHot, stopGradient, type Expr, type InputSpec, type OptimiserSpec, type ParamSpec, type Span, type TrainSpec, type Turn, type Values } from '../../engine';
import { normalBits, normals, uniformBits, uniforms, wordsOf } from '../blocks/noise';
import { rowData, rowVector, type EncodedRows, type Layout } from '../blocks/spans';
import type { Assigned } from './contexts';
import { contextLoss, covarianceLoss, criticLoss, divergence, featureLoss, fooling, historyLoss, predictorLoss, reconstruction, sketchOf, utilityLoss } from './losses';
import { allParams, decode, encode, soften, type Sizes } from './networks';

/** The terms of the objective whose weights are balanced, in the order of the input `weights`. */
export const termNames = ['adversarial', 'divergence', 'covariance', 'utility'] as const;
export type Term = typeof termNames[number];
/** Which parts are on, and their fixed settings. */
export interface Parts {
  covariance: boolean; utility: boolean; cache: boolean;
  /** Weight of the gradient penalty, of feature matching and of historical averaging (0: off), and of the reconstruction. */
  penalty: number; features: number; history: number; reconstruction: number;
}
/** [W, D], where rows are wider than the cache's sketch. */
export type Projection = Float32Array | undefined;
export interface Model { layout: Layout; sizes: Sizes; parts: Parts; projection?: Projection }

/** Rows of a turn and what is known of them. */
export interface Batch { x: Expr; condition?: Expr; member?: Expr }
/** Noise of one batch of made rows. */
export interface Noise { z: Expr; u?: Expr; scatter?: Expr }
/** What the cache tells the graph. */
export interface Told { priorMean: Expr; priorSd: Expr; mean: Expr; covariance: Expr }
type Named = Record<string, Expr>;

const tiled = (sizes: readonly number[]): Span[] => { let start = 0; return sizes.map((size) => { const s = { start, size }; start += size; return s; }); };
/** One-hots of the parts' codes, [B, K]. */
export const conditionOf = (parts: Expr, s: Pick<Sizes, 'parts'>): Expr => spanOneHot(parts, tiled(s.parts));
const projectionOf = (m: Model): Expr | undefined => m.projection && constant(m.projection, [m.layout.width, m.sizes.sketch]);

/** The latent prior of every row of a batch; absent without a cache: the standard normal. */
export const priorOf = (b: Batch, told: Told | undefined): { mean: Expr; sd: Expr } | undefined => (told && b.member ? { mean: matmul(b.member, told.priorMean), sd: matmul(b.member, told.priorSd) } : undefined);

/** The variational update's parts: reconstruction and divergence of every row [B], and the posterior. */
export function variational(p: Named, b: Batch, noise: Expr, told: Told | undefined, m: Model): { reconstruction: Expr; divergence: Expr; q: { mean: Expr; logVariance: Expr } } {
  const q = encode(p, b.x, b.condition, m.sizes), z = add(mul(noise, exp(mul(q.logVariance, 0.5))), q.mean);
  return { reconstruction: reconstruction(p, decode(p, z, b.condition, m.sizes), b.x, m.layout), divergence: divergence(q, priorOf(b, told)), q };
}
/** Made rows for the conditions of a batch, [B, W]: latents from the context's prior. */
export function make(p: Named, b: Batch, n: Noise, told: Told | undefined, m: Model): Expr {
  const prior = m.sizes.variational ? priorOf(b, told) : undefined, z = prior ? add(mul(n.z, prior.sd), prior.mean) : n.z;
  return soften(p, decode(p, z, b.condition, m.sizes), n.u, n.scatter, m.layout);
}
/** The terms of the adversarial update that are on. */
export function generatorTerms(p: Named, b: Batch, n: Noise, told: Told | undefined, m: Model): Partial<Record<Term | 'features', Expr>> {
  const { sizes: s, parts, layout: l } = m, made = make(p, b, n, told, m), out: Partial<Record<Term | 'features', Expr>> = {};
  if (s.adversarial) out.adversarial = fooling(p, made, b.condition, s);
  if (parts.covariance) {
    out.covariance = covarianceLoss(b.x, made);
    const projection = projectionOf(m);
    if (told && b.member) out.covariance = add(out.covariance, contextLoss(made, b.member, { mean: told.mean, covariance: told.covariance, ...(projection && { projection }) }));
  }
  if (parts.utility && s.target) out.utility = utilityLoss(p, b.x, made, l, s.target);
  if (s.adversarial && parts.features > 0) out.features = featureLoss(p, b.x, made, b.condition, s);
  return out;
}

/** What the cache learns from a batch: sums over each context's rows. */
export function sumsOf(b: Batch, q: { mean: Expr; logVariance: Expr } | undefined, m: Model): Record<string, Expr> {
  const member = b.member!, [B, C] = member.shape as [number, number], s = sketchOf(b.x, projectionOf(m)), by = (x: Expr): Expr => matmul(member, x, { transA: true });
  const outer = (x: Expr): Expr => { const d = x.shape[1]!; return reshape(mul(reshape(x, [B, d, 1]), reshape(x, [B, 1, d])), [B, d * d]); };
  const own: Record<string, Expr> = { 'cache.n': reshape(by(constant(new Float32Array(B).fill(1), [B, 1])), [C]), 'cache.x': by(b.x), 'cache.s': by(s), 'cache.ss': by(outer(s)) };
  if (q) {
    const E = q.mean.shape[1]!, diagonal = constant(Float32Array.from({ length: E * E }, (_, i) => Number(i % (E + 1) === 0)), [1, E * E]);
    const variance = reshape(mul(reshape(exp(q.logVariance), [B, E, 1]), constant(new Float32Array(E).fill(1), [1, 1, E])), [B, E * E]);
    own['cache.z'] = by(q.mean);
    // E[z z'] = mean mean' + diag(variance).
    own['cache.zz'] = by(add(outer(q.mean), mul(variance, diagonal)));
  }
  return Object.fromEntries(Object.entries(own).map(([n, x]) => [n, stopGradient(x)]));
}

/** Batches a step takes: one for the variational update, one for every critic's turn, one for the adversarial update. */
export const batchesOf = (m: Model): number => 1 + (m.sizes.adversarial ? m.sizes.criticSteps : 0) + Number(makes(m));
/** Whether there is an update by made rows at all. */
export const makes = (m: Model): boolean => m.sizes.adversarial || m.parts.covariance || (m.parts.utility && m.sizes.target !== undefined);

export function stepInputs(m: Model): Record<string, InputSpec> {
  const { sizes: s, layout: l } = m, B = s.batch, n = batchesOf(m);
  return {
    rows: { shape: [n, B], dtype: 'int32' }, z: normalBits([n, B, s.embedding]),
    ...(l.hot && { u: uniformBits([n, B, l.hot]) }), ...(s.variational && l.alphas && { scatter: normalBits([n, B, l.alphas]) }),
    ...(s.adversarial && { mix: uniformBits([s.criticSteps, B]) }),
  };
}
export function dataInputs(m: Model, rows: EncodedRows): Record<string, InputSpec> {
  const { sizes: s, layout: l } = m, C = s.contexts, f = (...shape: number[]): InputSpec => ({ shape, dtype: 'float32' });
  return {
    ...rowData(rows, l).specs, weights: f(termNames.length),
    ...(C && { parts: { shape: [rows.rows, s.parts.length], dtype: 'int32' as const }, context: { shape: [rows.rows], dtype: 'int32' as const } }),
    ...(C && m.parts.cache && { 'cache.priorMean': f(C, s.embedding), 'cache.priorSd': f(C, s.embedding), 'cache.mean': f(C, l.width), 'cache.covariance': f(C, s.sketch ** 2) }),
    ...(m.parts.history > 0 && Object.fromEntries(Object.entries(allParams(l, s).decoder).map(([n, p]) => [`history.${n}`, { shape: p.shape, dtype: 'float32' as const }]))),
  };
}
const weightOf = (data: Named, term: Term): Expr => reshape(slice(data.weights!, [termNames.indexOf(term)], [termNames.indexOf(term) + 1]), []);
export const toldOf = (data: Named): Told | undefined => (data['cache.mean'] ? { priorMean: data['cache.priorMean']!, priorSd: data['cache.priorSd']!, mean: data['cache.mean'], covariance: data['cache.covariance']! } : undefined);

function batchOf(m: Model, data: Named, rows: Expr): Batch {
  const x = rowVector(data, m.layout, rows);
  return m.sizes.contexts ? { x, condition: conditionOf(gather(data.parts!, rows), m.sizes), member: oneHot(gather(data.context!, rows), m.sizes.contexts) } : { x };
}
function noiseOf(m: Model, step: Named, i: number): Noise {
  const { sizes: s, layout: l } = m, n = batchesOf(m);
  return { z: at(normals(step.z!, [n, s.batch, s.embedding]), i), ...(step.u && { u: uniforms(at(step.u, i)) }), ...(step.scatter && { scatter: at(normals(step.scatter, [n, s.batch, l.alphas]), i) }) };
}

/** @param rates of learning, relative to each other: the critic's and the predictor's beside the autoencoder's */
export function trainSpec(m: Model, rows: EncodedRows, o: { optimiser: OptimiserSpec; critic: OptimiserSpec; criticRate: number }): TrainSpec {
  const { sizes: s, parts, layout: l } = m, { encoder, decoder, critic, predictor } = allParams(l, s), both = Object.keys({ ...encoder, ...decoder }), turns: Turn[] = [];
  const scaled = Object.fromEntries(Object.entries(critic).map(([n, p]) => [n, { ...p, lrScale: o.criticRate }])) as Record<string, ParamSpec>;
  if (s.target && parts.utility) turns.push({ name: 'predictor', params: Object.keys(predictor), loss: ({ params, data, step }) => ({ loss: predictorLoss(params, rowVector(data, l, at(step.rows!, 0)), l, s.target!) }) });
  if (s.adversarial) for (let t = 0; t < s.criticSteps; t++) turns.push({
    name: 'critic', params: Object.keys(critic), optimiser: o.critic,
    loss({ params, data, step }) {
      const b = batchOf(m, data, at(step.rows!, 1 + t)), made = make(params, b, noiseOf(m, step, 1 + t), toldOf(data), m);
      const { loss, distance } = criticLoss(params, b.x, made, b.condition, reshape(uniforms(at(step.mix!, t)), [s.batch, 1]), l, s, parts.penalty);
      return { loss, metrics: { distance } };
    },
  });
  if (s.variational) turns.push({
    name: 'variational', params: both,
    loss({ params, data, step }) {
      const b = batchOf(m, data, at(step.rows!, 0)), v = variational(params, b, noiseOf(m, step, 0).z, toldOf(data), m), fit = mean(v.reconstruction), kl = mean(v.divergence);
      return { loss: add(mul(fit, parts.reconstruction), mul(kl, weightOf(data, 'divergence'))), metrics: { reconstruction: fit, divergence: kl, ...(s.contexts && parts.cache ? sumsOf(b, v.q, m) : {}) } };
    },
  });
  if (makes(m)) turns.push({
    name: 'adversarial', params: both,
    loss({ params, data, step }) {
      const i = batchesOf(m) - 1, b = batchOf(m, data, at(step.rows!, i)), terms = generatorTerms(params, b, noiseOf(m, step, i), toldOf(data), m);
      let loss: Expr = constant(0);
      for (const t of termNames) if (terms[t]) loss = add(loss, mul(terms[t], weightOf(data, t)));
      if (terms.features) loss = add(loss, mul(terms.features, parts.features));
      if (parts.history > 0) loss = add(loss, mul(historyLoss(params, Object.fromEntries(Object.keys(decoder).map((n) => [n, data[`history.${n}`]!]))), parts.history));
      const { adversarial: _, ...told } = terms;
      return { loss, metrics: { ...told, ...(!s.variational && s.contexts && parts.cache ? sumsOf(b, undefined, m) : {}) } };
    },
  });
  return { params: { ...encoder, ...decoder, ...scaled, ...predictor }, data: dataInputs(m, rows), step: stepInputs(m), turns, loss: turns.at(-1)!.loss, optimiser: o.optimiser };
}

/** Resident values that never change; the rest (weights, cache, history) come from the host's state. */
export const rowValues = (m: Model, rows: EncodedRows, assigned?: Assigned): Record<string, Values> => ({ ...rowData(rows, m.layout).values, ...(assigned && m.sizes.contexts && { parts: assigned.parts, context: assigned.contexts }) });

/** Everything random about steps [from, from + count): a function of the seed and the step alone. */
export class Draws {
  private readonly specs; private readonly streams = new Map<string, KeyStream>();
  constructor(private readonly m: Model, private readonly rows: number, private readonly seed: number) { this.specs = stepInputs(m); }
  private stream(name: string): KeyStream {
    let own = this.streams.get(name);
    if (!own) this.streams.set(name, (own = new KeyStream(this.seed, `ca-dasg/${name}`)));
    return own;
  }
  make(from: number, count: number): Record<string, Values> {
    const B = this.m.sizes.batch, n = batchesOf(this.m), rows = new Int32Array(count * n * B), out: Record<string, Values> = { rows };
    for (const name of ['z', 'u', 'scatter', 'mix']) if (this.specs[name]) out[name] = wordsOf(this.stream(name), this.specs[name], from, count);
    // Each turn walks through the epochs in an order of its own.
    for (let i = 0; i < n; i++) { const own = epochBatches(this.stream(`rows/${i}`), this.rows, B, from, count); for (let k = 0; k < count; k++) rows.set(own.subarray(k * B, (k + 1) * B), (k * n + i) * B); }
    return out;
  }
}
