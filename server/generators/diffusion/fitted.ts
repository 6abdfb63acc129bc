/** What fitted diffusion models share: drawing through the view, saving, loading. */
import { packState, unpackState, type Device, type Values } from '../../engine';
import type { Encoded } from '../blocks/features';
import type { Weights } from '../blocks/loop';
import type { FittedGenerator, TrainingCurve } from '../generator';
import { SampleBits } from './inputs';
import { View } from './view';

/** What is saved of a fit: the view, the weights, and everything else as plain data. */
export interface Kept<Model> { view: View; weights: Weights; model: Model; decisions: unknown; curve?: TrainingCurve }
/** Condition rows [from, from + count). */
export type ConditionRows = (from: number, count: number) => Encoded | undefined;
export interface Drawer {
  /** Rows 0 .. count - 1 as features; row i depends on its number, the seed and its condition alone. */
  rows(count: number, bits: SampleBits, condition: ConditionRows, progress?: (done: number) => Promise<void>): Promise<Encoded>;
  release(): Promise<void>;
}

/** @param id keys the random numbers, so that no two generators share them; @param open compiles the sampler, at the first draw */
export function fittedDiffusion<Model, D extends Drawer>(id: string, kept: Kept<Model>, device: Device, open: () => Promise<D>, likelihood?: FittedGenerator['likelihood']): FittedGenerator {
  const { view } = kept;
  let drawer: Promise<D> | undefined;
  return {
    device: device.info,
    resolved: { decisions: kept.decisions },
    ...(kept.curve && { curve: kept.curve }),
    canCondition: view.canCondition, ...(likelihood && { likelihood }),
    async sample(rows, { seed, given, progress }) {
      const wanted = view.given(given, rows), condition: ConditionRows = (from, count) => view.conditionRows(wanted, from, count, seed, `${id}/sample`);
      drawer ??= open();
      const drawn = await (await drawer).rows(rows, new SampleBits(seed, `${id}/sample`), condition, progress);
      return view.decode(rows, drawn, condition(0, rows), wanted, seed);
    },
    save: () => packState({ record: JSON.stringify({ view: view.save(), model: kept.model, decisions: kept.decisions, curve: kept.curve }) }, Object.entries(kept.weights).map(([name, w]) => ({ name, shape: w.shape, values: w.values }))),
    async dispose() { await (await drawer)?.release(); drawer = undefined; },
  };
}
export function unpackKept<Model>(bytes: Uint8Array): Kept<Model> {
  const { meta, arrays } = unpackState(bytes), record = JSON.parse(meta.record as string) as Omit<Kept<Model>, 'view' | 'weights'> & { view: string };
  return { ...record, view: View.load(record.view), weights: Object.fromEntries(arrays.map((a) => [a.name, { shape: a.shape, values: a.values }])) };
}

/** The columns of an encoded table as a training program's data. */
export function dataOf(rows: Encoded, condition?: Encoded): Record<string, Values> {
  const named: Record<string, Values> = { numbers: rows.numbers, codes: rows.codes, ...(condition && { conditionNumbers: condition.numbers, conditionCodes: condition.codes }) };
  return Object.fromEntries(Object.entries(named).filter(([, v]) => v.length > 0));
}
