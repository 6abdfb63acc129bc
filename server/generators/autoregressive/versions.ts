/**
 * Every column has a network of its own, and each stops on its own: the final weights take every column's part from the
 * step at which that column's validation loss was least. (On Magic the class column's loss turns up at half the steps that
 * the continuous columns still gain from.) The shared embeddings are kept once for every step used.
 */
import type { Layout, Sizes } from './layout';

export type Weights = Record<string, { shape: readonly number[]; values: Float32Array }>;

/** Names of the shared parameters, and of version v of them in assembled weights. */
const shared = ['codes', 'smooth'] as const;
export const versionName = (name: string, v: number): string => `${name}@${v}`;
export const isShared = (name: string): boolean => shared.some((s) => name === s || name.startsWith(`${s}@`));

/** Weights of one step under the names that version 0 has in assembled weights. */
export const single = (weights: Weights): Weights => Object.fromEntries(Object.entries(weights).map(([n, w]) => [isShared(n) ? versionName(n, 0) : n, w]));

/** Column i from snapshot of[i], the embeddings of every snapshot. */
export function assemble(layout: Layout, sizes: Sizes, snapshots: readonly Weights[], of: Int32Array): Weights {
  const out: Weights = {};
  for (const [name, first] of Object.entries(snapshots[0]!)) {
    if (isShared(name)) snapshots.forEach((s, v) => { out[versionName(name, v)] = s[name]!; });
    else {
      const values = new Float32Array(first.values.length);
      for (let i = 0; i < of.length; i++) for (const [at, length] of rangesOf(name, layout, sizes, i, values.length)) values.set(snapshots[of[i]!]![name]!.values.subarray(at, at + length), at);
      out[name] = { shape: first.shape, values };
    }
  }
  return out;
}

/** Where a parameter holds column i's part: [start, length] runs; none where it belongs to another group of heads. */
function rangesOf(name: string, layout: Layout, s: Sizes, i: number, size: number): Array<[number, number]> {
  const C = layout.columns.length;
  if (name === 'w1' && !layout.sources) return Array.from({ length: C * s.embedding }, (_, row) => [(row * C + i) * s.hidden, s.hidden]);
  const head = /^(?:out|bias|fineIn|fineCode|fineOut)(\d+)$/.exec(name);
  if (!head) return [[(i * size) / C, size / C]];
  const g = layout.groups[Number(head[1])]!;
  return i < g.start || i >= g.start + g.count ? [] : [[((i - g.start) * size) / g.count, size / g.count]];
}

/** The snapshots still worth keeping while training goes on, and how each column has fared. */
export class Best {
  /** Least loss of every column, and the step it was seen at; 0: none yet. */
  constructor(readonly loss: Float64Array, readonly step: Int32Array, readonly snapshots: Map<number, Weights>) {}
  static of(columns: number): Best { return new Best(new Float64Array(columns).fill(Infinity), new Int32Array(columns), new Map()); }

  /**
   * @param together whether the columns must take one step's weights (snapshots too large to keep several)
   * @param tolerance what a later step must gain, in nats: what the validation rows cannot tell from nothing is not worth learning longer for
   */
  see(step: number, columns: Float64Array, weights: Weights, together: boolean, tolerance = 0): void {
    const total = (x: Float64Array): number => x.reduce((a, b) => a + b, 0), whole = total(columns) < total(this.loss) - tolerance * Math.sqrt(columns.length);
    let used = false;
    for (let i = 0; i < columns.length; i++) if (together ? whole : columns[i]! < this.loss[i]! - tolerance) { this.loss[i] = columns[i]!; this.step[i] = step; used = true; }
    if (used) this.snapshots.set(step, weights);
    for (const kept of this.snapshots.keys()) if (!this.step.includes(kept)) this.snapshots.delete(kept);
  }
  /** Sum over columns of the least loss, in nats a row. */
  get total(): number { return this.loss.reduce((a, b) => a + b, 0); }

  /** The final weights and each column's version. */
  weights(layout: Layout, sizes: Sizes): { weights: Weights; versionOf: Int32Array } {
    const steps = [...this.snapshots.keys()].sort((a, b) => a - b), of = this.step.map((s) => steps.indexOf(s));
    return { weights: assemble(layout, sizes, steps.map((s) => this.snapshots.get(s)!), of), versionOf: of };
  }
}
