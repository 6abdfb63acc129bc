/**
 * medGAN (Choi et al. 2017): an autoencoder of the rows; a generator of its codes, with shortcuts and batch normalisation, whose decoder is tuned
 * along; a discriminator that sees a row beside the average of its minibatch.
 *
 * Where we differ: the records there are bits or counts; here a row is the family's encoded row (a softmax for every one-hot, so that two-way
 * columns are bits, and a squared error for every alpha), and made one-hots are gumbel-softmax draws, so that categories are drawn, not rounded.
 * Rows are drawn from an average of the weights over the steps, as by the other adversaries here (Yazici et al., The Unusual Effectiveness of Averaging in GAN Training, ICLR 2019).
 */
import { add, at, broadcastTo, concat, mean, mul, neg, relu, softplus, square, sub, sum, tanh, type Expr, type InputSpec, type ParamSpec, type TrainSpec } from '../../engine';
import { linear, linearParams, type Params } from '../blocks/mlp';
import { normalBits, normals, uniformBits, uniforms } from '../blocks/noise';
import { activate, alphaPart, hotPart, rowData, rowVector, spanLse, type EncodedRows, type Layout } from '../blocks/spans';
import { batchNorm, normParams } from './networks';

export interface MedSizes { embedding: number; layers: number; hidden: number; batch: number; criticSteps: number }

export const coderParams = (l: Layout, s: MedSizes): Record<string, ParamSpec> => ({ ...linearParams('encoder', l.width, s.embedding), ...decoderParams(l, s) });
const decoderParams = (l: Layout, s: MedSizes): Record<string, ParamSpec> => linearParams('decoder', s.embedding, l.width);
/** Mean loss of putting rows x [B, W] through the autoencoder: cross-entropies, and half the alphas' squared errors in units of a tenth. */
export function coderLoss(p: Params, x: Expr, l: Layout): Expr {
  const raw = linear(p, 'decoder', tanh(linear(p, 'encoder', x))), parts: Expr[] = [];
  if (l.alphas) parts.push(mul(sum(square(sub(alphaPart(x, l), tanh(alphaPart(raw, l)))), { axes: 1 }), 50));
  if (l.hot) { const logits = hotPart(raw, l); parts.push(sub(sum(spanLse(logits, l.spans), { axes: 1 }), sum(mul(hotPart(x, l), logits), { axes: 1 }))); }
  return mean(parts.reduce((a, b) => add(a, b)));
}

export function medGeneratorParams(s: MedSizes): Record<string, ParamSpec> {
  return Object.assign({}, ...Array.from({ length: s.layers }, (_, i) => ({ ...linearParams(`generator.${i}`, s.embedding, s.embedding), ...normParams(`generator.${i}`, s.embedding) }))) as Record<string, ParamSpec>;
}
/** Noise [B, embedding] -> decoder's output [B, W]; h <- act(norm(h W)) + h, act relu and at last tanh (Choi et al. 2017, section 4.2 and its code). */
export function medGenerate(p: Params, z: Expr, s: MedSizes): Expr {
  let h = z;
  for (let i = 0; i < s.layers; i++) h = add((i === s.layers - 1 ? tanh : relu)(batchNorm(p, `generator.${i}`, linear(p, `generator.${i}`, h))), h);
  return linear(p, 'decoder', h);
}
export const medCriticParams = (l: Layout, s: MedSizes): Record<string, ParamSpec> => {
  const half = Math.max(1, s.hidden >> 1);
  return { ...linearParams('critic.0', 2 * l.width, s.hidden), ...linearParams('critic.1', s.hidden, half), ...linearParams('critic.out', half, 1) };
};
/** Logits [B, 1] of being real. */
export function medJudge(p: Params, x: Expr): Expr {
  // Minibatch averaging (section 4.3): every row is seen beside the average of its batch.
  const both = concat([x, broadcastTo(mean(x, { axes: 0, keepDims: true }), x.shape)], 1);
  return linear(p, 'critic.out', relu(linear(p, 'critic.1', relu(linear(p, 'critic.0', both)))));
}
export const medCriticLoss = (p: Params, real: Expr, fake: Expr): Expr => add(mean(softplus(neg(medJudge(p, real)))), mean(softplus(medJudge(p, fake))));
export const medGeneratorLoss = (p: Params, fake: Expr): Expr => mean(softplus(neg(medJudge(p, fake))));

export function coderSpec(l: Layout, s: MedSizes, fit: EncodedRows, l2: number): TrainSpec {
  return { params: coderParams(l, s), data: rowData(fit, l).specs, step: { rows: { shape: [s.batch], dtype: 'int32' } }, loss: ({ params, data, step }) => ({ loss: coderLoss(params, rowVector(data, l, step.rows!), l) }), optimiser: { l2 } };
}
export function medStepInputs(l: Layout, s: MedSizes): Record<string, InputSpec> {
  const turns = s.criticSteps + 1;
  return { z: normalBits([turns, s.batch, s.embedding]), ...(l.hot && { u: uniformBits([turns, s.batch, l.hot]) }), rows: { shape: [s.criticSteps, s.batch], dtype: 'int32' } };
}
/** @param decoder where the decoder begins: what the autoencoder learnt */
export function medSpec(l: Layout, s: MedSizes, fit: EncodedRows, decoder: Record<string, { values: Float32Array }>, { l2, ema }: { l2: number; /** decay of the moving average of what makes rows; 0: none is kept */ ema: number }): TrainSpec {
  const critic = medCriticParams(l, s), turns = s.criticSteps + 1;
  const tuned = Object.fromEntries(Object.entries(decoderParams(l, s)).map(([n, p]) => [n, { ...p, init: decoder[n]!.values }]));
  const fake = (p: Params, step: Record<string, Expr>, turn: number): Expr => activate(medGenerate(p, at(normals(step.z!, [turns, s.batch, s.embedding]), turn), s), step.u && uniforms(at(step.u, turn)), l);
  return {
    params: { ...medGeneratorParams(s), ...tuned, ...critic }, data: rowData(fit, l).specs, step: medStepInputs(l, s),
    turns: Array.from({ length: s.criticSteps }, (_, t) => ({ name: 'critic', params: Object.keys(critic), optimiser: { l2 }, loss: ({ params, data, step }) => ({ loss: medCriticLoss(params, rowVector(data, l, at(step.rows!, t)), fake(params, step, t)) }) })),
    loss: ({ params, step }) => ({ loss: medGeneratorLoss(params, fake(params, step, s.criticSteps)) }), optimiser: { l2, ...(ema && { ema, emaWarmup: true }) },
  };
}
