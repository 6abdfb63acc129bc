/** A fitted network as bytes: a record of plain values, and the weights. */
import { packState, unpackState } from '../../engine';
import { UserError } from '../../errors';
import type { Weights } from './loop';

/** @param record JSON; NaN and infinities in it are lost */
export const packModel = (id: string, record: unknown, weights: Weights): Uint8Array =>
  packState({ id, record: JSON.stringify(record) }, Object.entries(weights).map(([name, w]) => ({ name, shape: w.shape, values: w.values })));

/** @throws UserError (engine) where the bytes are damaged, or of another generator */
export function unpackModel<R>(id: string, bytes: Uint8Array): { record: R; weights: Weights } {
  const { meta, arrays } = unpackState(bytes);
  if (meta.id !== id) throw new UserError(`The saved model is of the generator "${String(meta.id)}", not "${id}".`, {}, 'Load it with the generator that made it.', 'engine');
  return { record: JSON.parse(meta.record as string) as R, weights: Object.fromEntries(arrays.map((a) => [a.name, { shape: a.shape, values: a.values }])) };
}
