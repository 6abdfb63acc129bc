/**
 * The network and loss of score-based diffusion by an SDE: Song et al. (ICLR 2021), equation 7 with lambda(t) = sigma(t)^2.
 *
 * A row is a real vector: numbers as normal scores, then every category column's one-hot, scaled by 2 and centred on the shares (as in STaSy, Kim et
 * al. 2023, who take one-hots as they are). The network F has only relations to learn, for what a column alone says is known:
 *
 *   numbers      eps = (sigma x + alpha s F) / s^2, s^2 = alpha^2 + sigma^2: F = 0 is exact for a standard normal column (Karras et al. 2022, table 1)
 *   categories   eps = (x - alpha E[x_0 | x]) / sigma, the expectation a softmax of F's log-odds plus the evidence of the column's own noisy
 *                coordinates by Bayes's rule: exact for independent columns when F is the logarithm of the shares, where it starts
 */
import {
  add, concat, constant, div, gather, mean, minimum, mul, slice, spanLogSumExp, spanOneHot, spanSpread, square, sub, exp, uniform, sqrt, broadcastTo,
  type Expr, type ParamSpec, type TrainSpec,
} from '../../engine';
import { conditionParams, conditionSpecs, conditionVector, keepCondition, rowSpecs, type ConditionLayout } from '../blocks/guidance';
import { residualMlp, residualParams, type Params } from '../blocks/mlp';
import { spansOf } from '../blocks/multinomial-diffusion';
import { sinusoidal, timeMlp, timeMlpParams } from '../blocks/time-embedding';
import { noiseSpecs, normalRows, type NoiseWidths } from './inputs';
import { sdes, type SdeName } from './sde';

export interface ScoreSizes { width: number; blocks: number; time: number; sde: SdeName; batch: number; dropCondition: number; /** the least time, in training and sampling */ least: number }
export interface ScoreModel { layout: ConditionLayout; /** fitted shares of all categories, end to end */ shares: number[]; condition?: ConditionLayout; sizes: ScoreSizes }

/** Distance of a one-hot's entry from its absence. */
export const categoryScale = 2;
/** The most weight of a coordinate's own evidence: twice this is far more than any odds, and keeps exponentials of all columns in float32's range. */
const mostEvidence = 30;
export const dimsOf = ({ layout }: Pick<ScoreModel, 'layout'>): number => layout.numbers + layout.sizes.reduce((a, b) => a + b, 0);

export function parameters(model: ScoreModel): Record<string, ParamSpec> {
  const { sizes: s, condition } = model, D = dimsOf(model);
  return {
    ...timeMlpParams('time', s.time), ...(condition && conditionParams('condition', condition, s.time)),
    ...residualParams('net', { input: D + s.time, width: s.width, blocks: s.blocks, output: D }),
    'net.out.b': { shape: [D], init: Float32Array.from([...new Array<number>(model.layout.numbers).fill(0), ...model.shares.map((p) => Math.log(Math.max(p, 1e-6)))]), decay: false },
  };
}

const sharesOf = (m: ScoreModel): Expr => constant(Float32Array.from(m.shares), [1, m.shares.length]);
/** x_0 of numbers [B, N] and codes int32 [B, C]: [B, D]. */
export function vectors(model: ScoreModel, numbers: Expr | undefined, codes: Expr | undefined): Expr {
  const { layout } = model;
  const categories = layout.sizes.length > 0 ? [mul(sub(spanOneHot(codes!, spansOf(layout.sizes)), sharesOf(model)), categoryScale)] : [];
  return concat([...(layout.numbers > 0 ? [numbers!] : []), ...categories], 1);
}

/**
 * The noise predicted at x [B, D], t [B, 1] or [1, 1].
 * @param condition the condition's vector, [B, time] or [1, time]
 */
export function noiseAt(params: Params, model: ScoreModel, x: Expr, t: Expr, condition?: Expr): Expr {
  const { layout, sizes: s } = model, { alpha, sigma } = sdes[s.sde].marginal(t), N = layout.numbers, D = dimsOf(model), B = x.shape[0];
  let embedding = timeMlp(params, 'time', sinusoidal(mul(t, 1000), s.time));
  if (condition) embedding = add(embedding, condition);
  // To the network every time looks about as large: x over its standard deviation, were the data's one.
  const s2 = add(square(alpha), square(sigma)), root = sqrt(s2), seen = div(x, root);
  const out = residualMlp(params, 'net', concat([seen, broadcastTo(embedding, [B, s.time])], 1), s.blocks);
  const parts: Expr[] = N > 0 ? [add(mul(slice(x, [0], [N], [1]), div(sigma, s2)), mul(slice(out, [0], [N], [1]), div(alpha, root)))] : [];
  if (layout.sizes.length > 0) {
    const own = slice(x, [N], [D], [1]), spans = spansOf(layout.sizes), shares = sharesOf(model), reach = mul(alpha, categoryScale);
    // log N(x; alpha x_0(k), sigma^2) as far as it depends on k.
    const evidence = mul(add(own, mul(reach, shares)), minimum(div(reach, square(sigma)), mostEvidence));
    const odds = add(slice(out, [N], [D], [1]), evidence), p = exp(sub(odds, spanSpread(spanLogSumExp(odds, spans), spans)));
    parts.push(div(sub(own, mul(sub(p, shares), reach)), sigma));
  }
  return parts.length > 1 ? concat(parts, 1) : parts[0];
}

/** The loss at given rows, noise [B, D] and times [B, 1]: mean squared error of the noise, which is sigma^2 |score - target|^2 over the dimensions. */
export function scoreLoss(params: Params, model: ScoreModel, start: Expr, noise: Expr, t: Expr, condition?: Expr): Expr {
  const { alpha, sigma } = sdes[model.sizes.sde].marginal(t);
  return mean(square(sub(noise, noiseAt(params, model, add(mul(start, alpha), mul(noise, sigma)), t, condition))));
}

export const noiseWidths = (m: ScoreModel): NoiseWidths => ({ normals: dimsOf(m), uniforms: m.condition && m.sizes.dropCondition > 0 ? 1 : 0 });
export function trainSpec(model: ScoreModel, rows: number, optimiser?: TrainSpec['optimiser']): TrainSpec {
  const { layout, condition, sizes: s } = model;
  return {
    params: parameters(model),
    data: {
      ...rowSpecs(layout, rows),
      ...conditionSpecs(condition, rows),
    },
    step: noiseSpecs(s.batch, noiseWidths(model)),
    loss({ params, data, step }) {
      const own = (name: string): Expr | undefined => data[name] && gather(data[name], step.rows);
      const keep = step.uniforms && keepCondition(uniform(step.uniforms), s.dropCondition);
      const vector = condition && conditionVector(params, 'condition', condition, { numbers: own('conditionNumbers'), codes: own('conditionCodes') }, keep);
      const t = add(mul(step.time, 1 - s.least), s.least);
      return { loss: scoreLoss(params, model, vectors(model, own('numbers'), own('codes')), normalRows(step.normals, dimsOf(model)), t, vector) };
    },
    ...(optimiser && { optimiser }),
  };
}
