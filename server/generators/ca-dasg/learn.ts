/** Contexts that are learnt: clusters of the encoder's codes, found once, early in the training. */
import { size, type Device, type KeyStream, type Values, type Expr } from '../../engine';
import { rowData, rowVector, type EncodedRows } from '../blocks/spans';
import type { Weights } from '../blocks/loop';
import { kMeans, nearest } from './clusters';
import type { SavedContexts } from './contexts';
import { refreshEvery } from './host';
import { encode } from './networks';
import { picked } from './probe';
import { conditionOf, type Model } from './step';

/** The step after which clusters are sought: a seventh of the way, so that the codes mean something and there is time to learn from them. */
export const clusterStep = (of: number): number => refreshEvery * Math.max(1, Math.round(of / 7 / refreshEvery));
/** Rows that settle the centres. */
const mostRows = 20_000, block = 1024;

export async function clusterRows(device: Device, m: Model, weights: Weights, fit: EncodedRows, validation: EncodedRows, stream: KeyStream): Promise<{ fit: Int32Array; validation: Int32Array; centres: Float64Array; sizes: number[] }> {
  const E = m.sizes.embedding, encoder = Object.fromEntries(Object.entries(weights).filter(([n]) => /^(encoder|latent)/.test(n)));
  const program = await device.compile({
    inputs: { ...rowData({ rows: block, alphas: new Float32Array(0), codes: new Int32Array(0) }, m.layout).specs, parts: { shape: [block, m.sizes.parts.length], dtype: 'int32' } }, frozen: encoder,
    outputs: (i: Record<string, Expr>) => ({ codes: encode(i, rowVector(i, m.layout), conditionOf(i.parts!, m.sizes), m.sizes).mean }),
  });
  try {
    const codesOf = async (rows: EncodedRows): Promise<Float32Array> => {
      const out = new Float32Array(rows.rows * E);
      for (let at = 0; at < rows.rows; at += block) {
        const n = Math.min(block, rows.rows - at), own = picked(rows, undefined, Int32Array.from({ length: block }, (_, k) => Math.min(rows.rows - 1, at + k)));
        const made = (await program.run({ ...own, parts: new Int32Array(block * m.sizes.parts.length) } as Record<string, Values>)).codes as Float32Array;
        out.set(made.subarray(0, n * E), at * E);
      }
      return out;
    };
    const all = await codesOf(fit), few = Math.min(fit.rows, mostRows), some = Float32Array.from({ length: few * E }, (_, k) => all[Math.floor((Math.floor(k / E) * fit.rows) / few) * E + (k % E)]!);
    const { centres, sizes } = kMeans(some, few, E, m.sizes.contexts, stream), count = sizes.length, codes = (x: Float32Array): Int32Array => Int32Array.from({ length: size([x.length / E]) }, (_, i) => nearest(x, i, E, centres, count));
    const own = codes(all), totals = new Array<number>(m.sizes.contexts).fill(0);
    for (const c of own) totals[c]!++;
    return { fit: own, validation: codes(await codesOf(validation)), centres, sizes: totals };
  } finally { await program.release(); }
}
/** As contexts of one part, the cluster. */
export function learntContexts({ sizes, fit }: { sizes: readonly number[]; fit: Int32Array }): SavedContexts {
  const labels = sizes.map((_, c) => `${c + 1}`);
  return { parts: [{ column: 'cluster', size: sizes.length, labels }], contexts: sizes.map((n, c) => ({ label: `cluster ${c + 1}`, codes: [c], share: n / Math.max(1, fit.length) })) };
}
