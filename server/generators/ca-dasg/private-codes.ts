/** Latent means and variances of rows under given weights, in blocks: for the noised reading of the latents, which clips and sums them. */
import { exp, spanOneHot, type Device, type Expr } from '../../engine';
import type { Weights } from '../blocks/loop';
import { seen, type Described } from '../blocks/private/described';
import type { EncodedRows, Layout } from '../blocks/spans';
import { encode, type Sizes } from './networks';
import { conditionOf } from './step';

const block = 1024;

export async function privateCodes(device: Device, layout: Layout, described: Described, s: Sizes, weights: Weights, rows: EncodedRows, parts: Int32Array): Promise<{ mean: Float32Array; variance: Float32Array }> {
  const S = layout.spans.length, P = s.parts.length, E = s.embedding, program = await device.compile({
    inputs: { codes: { shape: [block, S], dtype: 'int32' }, ...(P && { parts: { shape: [block, P], dtype: 'int32' as const } }) }, frozen: Object.fromEntries(Object.entries(weights).filter(([n]) => /^(encoder|latent)/.test(n))),
    outputs(i: Record<string, Expr>) { const q = encode(i, seen(spanOneHot(i.codes!, layout.spans), described), P ? conditionOf(i.parts!, s) : undefined, s); return { mean: q.mean, variance: exp(q.logVariance) }; },
  });
  try {
    const mean = new Float32Array(rows.rows * E), variance = new Float32Array(rows.rows * E);
    for (let at = 0; at < rows.rows; at += block) {
      const n = Math.min(block, rows.rows - at), codes = new Int32Array(block * S), own = new Int32Array(block * P);
      codes.set(rows.codes.subarray(at * S, (at + n) * S));
      own.set(parts.subarray(at * P, (at + n) * P));
      const out = await program.run({ codes, ...(P && { parts: own }) });
      mean.set((out.mean as Float32Array).subarray(0, n * E), at * E);
      variance.set((out.variance as Float32Array).subarray(0, n * E), at * E);
    }
    return { mean, variance };
  } finally { await program.release(); }
}
