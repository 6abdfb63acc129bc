/**
 * The autoencoder of latent diffusion: Zhang et al., "Mixed-Type Tabular Data Synthesis with Score-based Diffusion in Latent Space" (TabSyn, ICLR 2024),
 * section 3.2. Columns are tokens; transformers encode them to a mean and a variance each and decode them again;
 * loss = squared error of numbers + cross-entropy of categories (means over columns) + beta KL, beta falling while training.
 *
 * Differences from the published code: one encoder with two linear heads instead of two encoders, no [CLS] token (its code is never decoded), GELU, and
 * beta falls on a fixed schedule over the steps instead of when the validation loss stalls.
 */
import { add, exp, gather, mean, mul, reshape, spanCrossEntropy, square, sub, sum, type Expr, type ParamSpec, type TrainSpec } from '../../engine';
import type { ConditionLayout } from '../blocks/guidance';
import { linearParams, linear, type Params } from '../blocks/mlp';
import { spansOf } from '../blocks/multinomial-diffusion';
import { block, blockParams, detokenise, detokeniserParams, tokenCount, tokenise, tokeniserParams, type BlockSizes, type TokenLayout } from '../blocks/transformer';
import { noiseSpecs, normalRows } from './inputs';

export interface VaeSizes { token: number; heads: number; factor: number; layers: number; batch: number }
export interface VaeModel { layout: ConditionLayout; sizes: VaeSizes }

const tokensOf = ({ layout, sizes }: VaeModel): TokenLayout => ({ numbers: layout.numbers, categories: spansOf(layout.sizes), width: sizes.token });
const blocksOf = ({ sizes: s }: VaeModel): BlockSizes => ({ width: s.token, heads: s.heads, hidden: s.token * s.factor });
/** Length of a row's code. */
export const codeLength = (m: VaeModel): number => tokenCount(tokensOf(m)) * m.sizes.token;

export function parameters(m: VaeModel): Record<string, ParamSpec> {
  const { sizes: s } = m, tokens = tokensOf(m), blocks = blocksOf(m), params: Record<string, ParamSpec> = { ...tokeniserParams('tok.', tokens), ...detokeniserParams('det.', tokens) };
  for (let l = 0; l < s.layers; l++) Object.assign(params, blockParams(`enc${l}.`, blocks, s.layers), blockParams(`dec${l}.`, blocks, s.layers));
  // Codes start with little noise: a row is told from others at once.
  return { ...params, ...linearParams('mu', s.token, s.token), ...linearParams('logvar', s.token, s.token, { init: 'zeros', bias: new Float32Array(s.token).fill(-3) }) };
}

/** Rows to the mean and log-variance of their codes, [B, T, token] each. */
export function encode(p: Params, m: VaeModel, rows: { numbers?: Expr; codes?: Expr }): { mu: Expr; logvar: Expr } {
  let h = tokenise(p, 'tok.', tokensOf(m), rows);
  for (let l = 0; l < m.sizes.layers; l++) h = block(p, `enc${l}.`, h, blocksOf(m));
  return { mu: linear(p, 'mu', h), logvar: linear(p, 'logvar', h) };
}
/** Codes [B, T, token] to numbers [B, N] and logits [B, W]. */
export function decode(p: Params, m: VaeModel, z: Expr): { numbers?: Expr; logits?: Expr } {
  let h = z;
  for (let l = 0; l < m.sizes.layers; l++) h = block(p, `dec${l}.`, h, blocksOf(m));
  return detokenise(p, 'det.', tokensOf(m), h);
}

/** The loss and its parts. @param noise standard normals [B, T, token]; @param beta scalar */
export function vaeLoss(p: Params, m: VaeModel, rows: { numbers?: Expr; codes?: Expr }, noise: Expr, beta: Expr | number): { loss: Expr; metrics: Record<string, Expr> } {
  const { mu, logvar } = encode(p, m, rows), out = decode(p, m, add(mu, mul(exp(mul(logvar, 0.5)), noise)));
  const metrics: Record<string, Expr> = { kl: mean(mul(sub(add(square(mu), exp(logvar)), add(logvar, 1)), 0.5)) };
  let loss = mul(metrics.kl, beta);
  if (out.numbers) { metrics.squares = mean(square(sub(rows.numbers!, out.numbers))); loss = add(loss, metrics.squares); }
  if (out.logits) { metrics.entropy = mean(spanCrossEntropy(out.logits, rows.codes!, spansOf(m.layout.sizes))); loss = add(loss, metrics.entropy); }
  return { loss, metrics };
}

/** beta from 0.01 to 0.00001, geometrically over the steps. */
export const betaAt = (step: number, of: number): number => 1e-2 * 1e-3 ** Math.min(1, step / Math.max(1, of - 1));

/** Training as the engine wants it. @param fixedBeta for validation; absent: a step input */
export function vaeTrainSpec(m: VaeModel, rows: number, optimiser?: TrainSpec['optimiser'], fixedBeta?: number): TrainSpec {
  const { layout, sizes: s } = m, N = layout.numbers, C = layout.sizes.length, D = codeLength(m);
  return {
    params: parameters(m),
    data: { ...(N > 0 && { numbers: { shape: [rows, N], dtype: 'float32' as const } }), ...(C > 0 && { codes: { shape: [rows, C], dtype: 'int32' as const } }) },
    step: { ...noiseSpecs(s.batch, { normals: D, uniforms: 0 }), ...(fixedBeta === undefined && { beta: { shape: [1], dtype: 'float32' as const } }) },
    loss({ params, data, step }) {
      const own = (name: string): Expr | undefined => data[name] && gather(data[name], step.rows);
      const noise = reshape(normalRows(step.normals, D), [s.batch, D / s.token, s.token]);
      return { loss: vaeLoss(params, m, { numbers: own('numbers'), codes: own('codes') }, noise, fixedBeta ?? sum(step.beta)).loss };
    },
    ...(optimiser && { optimiser }),
  };
}
