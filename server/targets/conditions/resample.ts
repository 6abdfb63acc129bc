/** Weighted rows: how many they are worth, how to choose among them, and how to make their marginals hit given shares. */
import { Stream } from '../../random';

/** Kish's effective sample size: (sum w)^2 / sum w^2; 0 for no weight at all. */
export function effectiveSize(weights: ArrayLike<number>): number {
  let sum = 0, squares = 0;
  for (let i = 0; i < weights.length; i++) { sum += weights[i]!; squares += weights[i]! ** 2; }
  return squares > 0 ? (sum * sum) / squares : 0;
}

/**
 * `count` row numbers in proportion to the weights by systematic resampling (Kitagawa 1996): row i comes floor or ceil of count * w_i / sum w times, so shares carry
 * no more noise than rounding. `order` sorts rows before: shares of its consecutive groups are then hit within one row. Shuffled.
 */
export function systematic(weights: ArrayLike<number>, count: number, stream: Stream, order?: Int32Array): Int32Array {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += weights[i]!;
  const out = new Int32Array(count);
  if (!(sum > 0)) throw new RangeError('systematic: no weight');
  const rows = order ?? stream.shuffle(Int32Array.from({ length: weights.length }, (_, i) => i)), start = stream.uniform(), last = lastPositive(weights, rows);
  for (let k = 0, j = 0, passed = weights[rows[0]!]! / sum * count; k < count; k++) {
    while (j < last && passed <= k + start) passed += (weights[rows[++j]!]! / sum) * count;
    out[k] = rows[j]!;
  }
  return stream.shuffle(out);
}
function lastPositive(weights: ArrayLike<number>, rows: Int32Array): number {
  let j = rows.length - 1;
  while (j > 0 && !(weights[rows[j]!]! > 0)) j--;
  return j;
}

/** A marginal to hit: the cell of every row (-1: in none, left as it is) and every cell's share of the whole. */
export interface Margin { column: string; cells: Int32Array; shares: Float64Array; labels: string[] }

/**
 * Raking, or iterative proportional fitting (Deming & Stephan 1940): weights closest to the given ones (in Kullback-Leibler divergence) whose marginals have the wanted shares.
 * A cell that no row of positive weight is in cannot be hit: it is returned in `empty` and its share goes to the others.
 * @returns new weights, largest remaining error of a share, and the cells that could not be served
 */
export function rake(weights: Float64Array, margins: readonly Margin[], options: { tolerance?: number; rounds?: number } = {}): { weights: Float64Array; error: number; empty: Array<{ column: string; cell: number; share: number }> } {
  const w = Float64Array.from(weights), empty: Array<{ column: string; cell: number; share: number }> = [];
  const wanted = margins.map((m) => {
    const mass = massOf(w, m), shares = m.shares.slice();
    shares.forEach((s, c) => { if (s > 0 && !(mass[c]! > 0)) { empty.push({ column: m.column, cell: c, share: s }); shares[c] = 0; } });
    const total = shares.reduce((a, b) => a + b, 0);
    return total > 0 ? shares.map((s) => s / total) : shares;
  });
  let error = Infinity;
  for (let round = 0; round < (options.rounds ?? 200) && error > (options.tolerance ?? 1e-6); round++) {
    error = 0;
    margins.forEach((m, k) => {
      const mass = massOf(w, m), total = mass.reduce((a, b) => a + b, 0);
      if (!(total > 0)) return;
      const factor = mass.map((v, c) => { error = Math.max(error, Math.abs(v / total - wanted[k]![c]!)); return v > 0 ? (wanted[k]![c]! * total) / v : 0; });
      for (let i = 0; i < w.length; i++) if (m.cells[i]! >= 0) w[i]! *= factor[m.cells[i]!]!;
    });
  }
  return { weights: w, error, empty };
}
function massOf(w: Float64Array, m: Margin): Float64Array {
  const out = new Float64Array(m.shares.length);
  for (let i = 0; i < w.length; i++) if (m.cells[i]! >= 0) out[m.cells[i]!]! += w[i]!;
  return out;
}
