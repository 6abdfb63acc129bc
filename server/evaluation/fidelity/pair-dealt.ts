import { Stream } from '../../random';
import type { EvaluationContext } from '../metric';
import { CodeView, NumberView, type ColumnView, type View } from '../view';
import { pairScores, prepare } from './pair-scores';

/** Dealings of the permutation test; the smallest p-value is one in their number and one. */
export const dealings = 39;
/** At most so many rows times pairs in all dealings together (about a third of a second). */
const mostWork = 7e7;

/**
 * Mean distances of pairs when rows are dealt anew to two tables of the same sizes, every statistic computed afresh. The two-way tables of numbers cut each table between its own
 * extremes, so two tables of one population differ by more than their rows' frequencies do, and only this shows by how much. Of larger tables a part is dealt, and the distances
 * scaled by the root of the share.
 * @param tied which pairs count for the mean of tied pairs, row-major
 */
export async function pairsDealt(context: EvaluationContext, columns: readonly ColumnView[], rows: { training: number; synthetic: number }, tied: Uint8Array): Promise<{ tied: Float64Array; all: Float64Array }> {
  const pairs = (columns.length * (columns.length - 1)) / 2, share = Math.min(1, mostWork / (dealings * Math.max(1, pairs) * (rows.training + rows.synthetic)));
  const n = Math.min(rows.training, Math.max(200, Math.floor(share * rows.training))), m = Math.min(rows.synthetic, Math.max(200, Math.floor(share * rows.synthetic))), scale = Math.sqrt((n + m) / (rows.training + rows.synthetic));
  const pooled = columns.map(c => both(c)), out = { tied: new Float64Array(dealings), all: new Float64Array(dealings) }, stream = new Stream(context.seed, 'deal pairs');
  const order = Int32Array.from({ length: rows.training + rows.synthetic }, (_, i) => i);
  for (let r = 0; r < dealings; r++) {
    stream.shuffle(order);
    const view: View = { columns: columns.map((c, k) => dealt(c, pooled[k], order.subarray(0, n), order.subarray(n, n + m))), rows: { training: n, synthetic: m, control: 0 }, hasControl: false };
    const s = await pairScores(prepare(view, 'training'), prepare(view, 'synthetic'), n, m, undefined, 0), sums = [0, 0], counts = [0, 0];
    s.score.forEach((v, cell) => { for (const k of tied[cell] ? [0, 1] : [1]) if (v === v) { sums[k] += 1 - v; counts[k]++; } });
    out.tied[r] = (scale * sums[0]) / counts[0]; out.all[r] = (scale * sums[1]) / counts[1];
    await context.progress((r + 1) / dealings);
  }
  return out;
}

function both(c: ColumnView): Float64Array | Int32Array {
  const a = c.values('training'), b = c.values('synthetic'), out = c.type === 'number' ? new Float64Array(a.length + b.length) : new Int32Array(a.length + b.length);
  out.set(a as Int32Array); out.set(b as Int32Array, a.length);
  return out;
}

function dealt(c: ColumnView, values: Float64Array | Int32Array, first: Int32Array, second: Int32Array): ColumnView {
  // plain loops: `from` with a function asks an iterator for every row
  const pick = <A extends Float64Array | Int32Array>(out: A, rows: Int32Array): A => { for (let i = 0; i < rows.length; i++) out[i] = values[rows[i]]; return out; };
  if (c.type === 'number') return new NumberView(c.schema, { training: pick(new Float64Array(first.length), first), synthetic: pick(new Float64Array(second.length), second) });
  return new CodeView(c.schema, { training: pick(new Int32Array(first.length), first), synthetic: pick(new Int32Array(second.length), second) }, c.categories);
}
