/** log p(row) under the fitted order: the conditionals that rows are drawn from, read instead of drawn. */
import type { Device, Expr, Values } from '../../engine';
import type { Layout, Sizes } from './layout';
import { columnLosses, parameters } from './model';
import { visibility } from './train';
import { isShared, versionName, type Weights } from './versions';

const batch = 1024;

/**
 * Log-likelihood of every row's leaves in nats. Every column is read from its own version of the embeddings, as when rows are drawn.
 * @param leaves int32 [rows, C]
 */
export async function logLikelihoods(device: Device, layout: Layout, sizes: Sizes, { weights, versionOf }: { weights: Weights; versionOf: Int32Array }, leaves: Int32Array, progress?: (done: number) => Promise<void>): Promise<Float64Array> {
  const C = layout.columns.length, rows = leaves.length / C, out = new Float64Array(rows), B = Math.max(1, Math.min(batch, rows)), visible = visibility(layout, layout.order);
  const specs = parameters(layout, sizes), program = await device.compile({
    inputs: { ...Object.fromEntries(Object.entries(specs).map(([n, p]) => [n, { shape: p.shape, dtype: 'float32' as const }])), leaves: { shape: [B, C], dtype: 'int32' }, visible: { shape: [C, visible.length / C], dtype: 'float32' } },
    outputs: (i: Record<string, Expr>) => ({ each: columnLosses(layout, sizes, i, i.leaves!, i.visible!) }),
  });
  try {
    const versions = Math.max(...versionOf) + 1;
    for (let v = 0; v < versions; v++) {
      const feeds: Record<string, Values> = Object.fromEntries(Object.keys(specs).map((n) => [n, weights[isShared(n) ? versionName(n, v) : n]!.values]));
      for (let at = 0; at < rows; at += B) {
        const n = Math.min(B, rows - at), block = new Int32Array(B * C);
        block.set(leaves.subarray(at * C, (at + n) * C));
        const each = (await program.run({ ...feeds, leaves: block, visible })).each as Float32Array;
        for (let c = 0; c < C; c++) if (versionOf[c] === v) for (let r = 0; r < n; r++) out[at + r]! -= each[c * B + r]!;
        await progress?.(Math.floor((rows * v + at + n) / versions));
      }
    }
  } finally { await program.release(); }
  return out;
}
