/** A fitted network as bytes: a record of plain values and short typed arrays, and the weights. */
import { packState, unpackState } from '../../engine';
import { UserError } from '../../errors';
import type { Weights } from './loop';

/** Typed arrays become plain lists in the record: they are few, and small beside the weights. */
const plain = (_: string, v: unknown): unknown => (ArrayBuffer.isView(v) ? { typed: v.constructor.name, list: Array.from(v as unknown as ArrayLike<number>, (x) => (Number.isNaN(x) ? null : x)) } : v);
const typed = { Int32Array, Float32Array, Float64Array };
function revive(_: string, v: unknown): unknown {
  const t = v as { typed?: keyof typeof typed; list?: Array<number | null> } | null;
  return t && typeof t === 'object' && t.typed && t.list ? new typed[t.typed](t.list.map((x) => x ?? NaN)) : v;
}

/** @param record JSON and typed arrays; elsewhere NaN and infinities are lost */
export const packModel = (id: string, record: unknown, weights: Weights): Uint8Array =>
  packState({ id, record: JSON.stringify(record, plain) }, Object.entries(weights).map(([name, w]) => ({ name, shape: w.shape, values: w.values })));

/** @throws UserError (engine) where the bytes are damaged, or of another generator */
export function unpackModel<R>(id: string, bytes: Uint8Array): { record: R; weights: Weights } {
  const { meta, arrays } = unpackState(bytes);
  if (meta.id !== id) throw new UserError(`The saved model is of the generator "${String(meta.id)}", not "${id}".`, {}, 'Load it with the generator that made it.', 'engine');
  return { record: JSON.parse(meta.record as string, revive) as R, weights: Object.fromEntries(arrays.map((a) => [a.name, { shape: a.shape, values: a.values }])) };
}
