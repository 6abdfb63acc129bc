import { KeyStream } from '../random';

export { KeyStream } from '../random';

/**
 * Row indices for steps [from, from + steps) of minibatch training over reshuffled epochs: int32 [steps * batch].
 * A batch may run over from one epoch into the next, so every row is used equally often. Any step range gives the same numbers.
 */
export function epochBatches(stream: KeyStream, rows: number, batch: number, from: number, steps: number): Int32Array {
  const out = new Int32Array(steps * batch);
  for (let k = 0; k < out.length;) {
    const position = from * batch + k, epoch = Math.floor(position / rows), at = position - epoch * rows;
    const order = epochOrder(stream, epoch, rows), n = Math.min(rows - at, out.length - k);
    out.set(order.subarray(at, at + n), k);
    k += n;
  }
  return out;
}
/** The last epoch's order of each stream: chunks of steps mostly stay within one epoch. */
const recent = new WeakMap<KeyStream, { epoch: number; rows: number; order: Int32Array }>();
function epochOrder(stream: KeyStream, epoch: number, rows: number): Int32Array {
  const r = recent.get(stream);
  if (r && r.epoch === epoch && r.rows === rows) return r.order;
  const order = stream.permutation(epoch, rows);
  recent.set(stream, { epoch, rows, order });
  return order;
}
