/** Training programs of flow matching: on rows with fresh noise, and (rectified) on the ends of the first flow's own paths. */
import { at, gather, uniform, slice, type Expr, type TrainSpec } from '../../engine';
import { dropped, poolShape } from '../blocks/dropout';
import { conditionSpecs, conditionVector, keepCondition } from '../blocks/guidance';
import { exampleRows, rowWords } from '../diffusion/private';
import { normalRows, noiseSpecs, type NoiseWidths } from '../diffusion/inputs';
import type { PrivateSpec } from '../../privacy/clipping/private-trainer';
import { matchingLoss, matchingLosses, matchingParams, rowState, stateWidth, type MatchingModel } from './matching-model';

export interface Training { batch: number; dropout: number; dropCondition: number; weightDecay: number; ema: number }

/** Normals and uniforms a row takes in one step of `rowSpec`. */
export const rowNoise = (m: MatchingModel, t: Training): NoiseWidths => ({ normals: stateWidth(m.layout), uniforms: m.condition && t.dropCondition > 0 ? 1 : 0 });

const dropoutInputs = (m: MatchingModel, t: Training): { data: TrainSpec['data']; step: TrainSpec['step'] } => (t.dropout > 0
  ? { data: { pool: { shape: poolShape(m.width), dtype: 'float32' } }, step: { drop: { shape: [m.blocks, t.batch], dtype: 'int32' } } } : { data: {}, step: {} });
const optimiser = (t: Training): TrainSpec['optimiser'] => ({ weightDecay: t.weightDecay, clipNorm: 5, ema: t.ema, emaWarmup: true });

type Parts = Parameters<TrainSpec['loss']>[0];
const dropOf = (t: Training, { data, step }: Parts) => (t.dropout > 0 ? (h: Expr, layer: number): Expr => dropped(h, data.pool!, at(step.drop!, layer)) : undefined);
function conditionOf(m: MatchingModel, t: Training, { params, data, step }: Parts): Expr | undefined {
  if (!m.condition) return undefined;
  const own = (name: string): Expr | undefined => data[name] && gather(data[name], step.rows!);
  return conditionVector(params, 'condition', m.condition, { numbers: own('conditionNumbers'), codes: own('conditionCodes') }, t.dropCondition > 0 ? keepCondition(uniform(slice(step.uniforms!, [0], [1], [1])), t.dropCondition) : undefined);
}

/** The losses of rows already picked, under a privacy budget; `noise.time` [B, 1] words. */
export function privateSpec(m: MatchingModel, t: Training, clip: number): PrivateSpec {
  const N = m.layout.numbers, widths = rowNoise(m, t);
  return {
    params: matchingParams(m), rows: exampleRows(m), noise: rowWords(widths),
    losses({ params, rows, noise }) {
      const own = { ...(N > 0 && { numbers: rows.numbers! }), ...(m.layout.sizes.length > 0 && { codes: rows.codes! }) };
      const path = { x0: normalRows(noise.normals!, stateWidth(m.layout)), x1: rowState(m, own), t: uniform(noise.time!), ...own };
      const hidden = t.dropCondition > 0 ? keepCondition(uniform(noise.uniforms!), t.dropCondition) : undefined;
      return matchingLosses(params, m, path, m.condition && conditionVector(params, 'condition', m.condition, { numbers: rows.conditionNumbers, codes: rows.conditionCodes }, hidden));
    },
    clip, optimiser: { ema: t.ema },
  };
}

/** One step on rows of the table; `rows` encoded ones. */
export function rowSpec(m: MatchingModel, rows: number, t: Training): TrainSpec {
  const N = m.layout.numbers, C = m.layout.sizes.length, drop = dropoutInputs(m, t);
  return {
    params: matchingParams(m),
    data: { ...(N > 0 && { numbers: { shape: [rows, N], dtype: 'float32' as const } }), ...(C > 0 && { codes: { shape: [rows, C], dtype: 'int32' as const } }), ...conditionSpecs(m.condition, rows), ...drop.data },
    step: { ...noiseSpecs(t.batch, rowNoise(m, t)), ...drop.step },
    loss(parts) {
      const { params, data, step } = parts, own = (name: string): Expr => gather(data[name]!, step.rows!);
      const rows_ = { ...(N > 0 && { numbers: own('numbers') }), ...(C > 0 && { codes: own('codes') }) };
      const path = { x0: normalRows(step.normals!, stateWidth(m.layout)), x1: rowState(m, rows_), t: step.time!, ...rows_ };
      return { loss: matchingLoss(params, m, path, conditionOf(m, t, parts), dropOf(t, parts)) };
    },
    optimiser: optimiser(t),
  };
}
/** One step on pairs (x0, x1) [pairs, D] of an earlier flow: rectification. */
export function pairSpec(m: MatchingModel, pairs: number, t: Training): TrainSpec {
  const D = stateWidth(m.layout), drop = dropoutInputs(m, t);
  return {
    params: matchingParams(m),
    data: { x0: { shape: [pairs, D], dtype: 'float32' }, x1: { shape: [pairs, D], dtype: 'float32' }, ...conditionSpecs(m.condition, pairs), ...drop.data },
    step: { ...noiseSpecs(t.batch, { ...rowNoise(m, t), normals: 0 }), ...drop.step },
    loss(parts) {
      const { params, data, step } = parts, own = (name: string): Expr => gather(data[name]!, step.rows!);
      return { loss: matchingLoss(params, m, { x0: own('x0'), x1: own('x1'), t: step.time! }, conditionOf(m, t, parts), dropOf(t, parts)) };
    },
    optimiser: optimiser(t),
  };
}
