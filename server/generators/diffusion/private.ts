/** Networks over the mixed-type view (diffusion, flow matching) under a privacy budget: the view from noised marginals, DP-SGD on their losses. */
import { cosine, KeyStream, type Device, type Shape, type TrainSpec } from '../../engine';
import { PrivateTrainer, freshKey, type BatchNoise, type PrivateSpec } from '../../privacy/clipping/private-trainer';
import type { FitContext, PrivateFit } from '../generator';
import type { Encoded } from '../blocks/features';
import type { ConditionLayout } from '../blocks/guidance';
import { privateData, privateLoop, type PrivatelyTrained } from '../blocks/private/loop';
import { marginalTable } from '../blocks/private/marginal-table';
import { several } from '../blocks/private/several';
import { beginningAt, started, type Start } from '../blocks/private/start';
import type { Table } from '../../table/table';
import { StepInputs, type NoiseWidths } from './inputs';
import { View } from './view';

export { privateBatch, privateEma, privateMultinomial, privateNetwork, startBatch } from '../blocks/private/sizes';

type Viewed = { layout: ConditionLayout; condition?: ConditionLayout };
/** One encoded row's arrays, and its condition's. */
export function exampleRows({ layout, condition }: Viewed): PrivateSpec['rows'] {
  const own = ({ numbers, sizes }: ConditionLayout, n: string, c: string): PrivateSpec['rows'] => ({ ...(numbers > 0 && { [n]: { shape: [numbers] as Shape, dtype: 'float32' as const } }), ...(sizes.length > 0 && { [c]: { shape: [sizes.length] as Shape, dtype: 'int32' as const } }) });
  return { ...own(layout, 'numbers', 'codes'), ...(condition && own(condition, 'conditionNumbers', 'conditionCodes')) };
}
/** The words that `noiseSpecs` takes, with a word for the time. */
export const rowWords = ({ normals, uniforms }: NoiseWidths): Record<string, BatchNoise> => ({
  time: { shape: (B) => [B, 1], axis: 0 },
  ...(normals > 0 && { normals: { shape: (B: number) => [2, B, Math.ceil(normals / 2)], axis: 1 } }),
  ...(uniforms > 0 && { uniforms: { shape: (B: number) => [B, uniforms], axis: 0 } }),
});

/** The view of the noised marginals. */
export const privateView = ({ fit, privacy }: FitContext & { privacy: PrivateFit }, condition: string, options: { valuesAsCategories: number; maxCategories: number }): View =>
  View.fit(marginalTable(fit, privacy.columns), condition, { ...options, numbers: 'quantile', seed: 0 });

/** `start`: the same loss as a plain training over `rows` rows, and the noise of its steps, for the columns by themselves. */
export interface PrivateTraining { batch: number; steps: number; learningRate: number; /** noise levels of each example in a step */ draws: number; start: { spec(rows: number): TrainSpec; noise: NoiseWidths; batch: number; learningRate: number } }
/** DP-SGD over the encoded rows. */
export async function trainPrivately(device: Device, context: FitContext & { privacy: PrivateFit }, view: View, fresh: PrivateSpec, { batch, steps, learningRate, draws, start }: PrivateTraining): Promise<PrivatelyTrained> {
  const began = performance.now(), weights = await started(context, steps, (table, key) => startOn(device, view, table, key, start)), spec = several({ ...fresh, params: beginningAt(fresh.params, weights) }, draws);
  const { privacy } = context, { rows, condition } = view.keyed(freshKey(privacy.noise)).encode(context.fit);
  const trainer = await PrivateTrainer.open(device, spec, privateData(privacy, arrays(rows, condition), Math.min(batch, privacy.rows)));
  try {
    return await privateLoop({ context, device, trainer, steps, rate: (step, of) => cosine(step, of, learningRate, { warmup: Math.min(20, of / 10), floor: 0.02 }), weights: () => trainer.weights('ema'), seconds: Math.max(1, 0.9 * context.budgetSeconds - (performance.now() - began) / 1000) });
  } finally { await trainer.release(); }
}
/** A plain training on made rows. */
async function startOn(device: Device, view: View, table: Table, key: Uint8Array, { spec, noise, batch, learningRate }: PrivateTraining['start']): Promise<Start> {
  const { rows, condition } = view.keyed(key).encode(table), inputs = new StepInputs(key, 'start', table.rows, batch, noise);
  const trainer = await device.train(spec(table.rows), { data: arrays(rows, condition), seed: new KeyStream(key, 'start/weights').bytes(0, 32) });
  return { trainer, run: (from, count, of) => trainer.run(inputs.make(from, count), Float32Array.from({ length: count }, (_, k) => cosine(from + k, of, learningRate, { warmup: 20, floor: 0.05 }))), weights: () => trainer.params('ema') };
}
const arrays = (rows: Encoded, condition?: Encoded): Record<string, Float32Array | Int32Array> =>
  Object.fromEntries(Object.entries({ numbers: rows.numbers, codes: rows.codes, ...(condition && { conditionNumbers: condition.numbers, conditionCodes: condition.codes }) }).filter(([, v]) => v.length > 0));
