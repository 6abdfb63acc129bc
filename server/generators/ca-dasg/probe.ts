/**
 * What balancing looks at, at a few steps of a training: the length of every term's gradient on the parameters it shares with the reference, and made rows to be compared with
 * validation rows.
 */
import { grad, mean, mul, oneHot, sqrt, sum, square, add, uniform, type Device, type Expr, type InputSpec, type KeyStream, type Program, type Values } from '../../engine';
import type { Weights } from '../blocks/loop';
import { normalBits, normals, uniformBits, wordsOf } from '../blocks/noise';
import { readRows, rowData, rowVector, type EncodedRows } from '../blocks/spans';
import type { Assigned } from './contexts';
import { predictorLoss } from './losses';
import { allParams } from './networks';
import { conditionOf, generatorTerms, make, termNames, toldOf, variational, type Batch, type Model, type Term } from './step';

/** Lengths of gradients: of the bare terms, and of the references. */
export interface Pulls { terms: Partial<Record<Term, number>>; decoderReference: number; encoderReference: number }

const paramInputs = (m: Model): Record<string, InputSpec> => {
  const { encoder, decoder, critic, predictor } = allParams(m.layout, m.sizes);
  return Object.fromEntries(Object.entries({ ...encoder, ...decoder, ...critic, ...predictor }).map(([n, p]) => [n, { shape: p.shape, dtype: 'float32' as const }]));
};
const cacheInputs = (m: Model): Record<string, InputSpec> => {
  const { contexts: C, embedding: E, sketch: D } = m.sizes, f = (...shape: number[]): InputSpec => ({ shape, dtype: 'float32' });
  return C && m.parts.cache ? { 'cache.priorMean': f(C, E), 'cache.priorSd': f(C, E), 'cache.mean': f(C, m.layout.width), 'cache.covariance': f(C, D * D) } : {};
};
const batchInputs = (m: Model): Record<string, InputSpec> => ({
  ...rowData({ rows: m.sizes.batch, alphas: new Float32Array(0), codes: new Int32Array(0) }, m.layout).specs,
  ...(m.sizes.contexts && { parts: { shape: [m.sizes.batch, m.sizes.parts.length], dtype: 'int32' as const }, context: { shape: [m.sizes.batch], dtype: 'int32' as const } }),
});
const noiseInputs = (m: Model): Record<string, InputSpec> => {
  const { sizes: s, layout: l } = m, B = s.batch;
  return { z: normalBits([B, s.embedding]), ...(l.hot && { u: uniformBits([B, l.hot]) }), ...(s.variational && l.alphas && { scatter: normalBits([B, l.alphas]) }) };
};
const batchOf = (m: Model, i: Record<string, Expr>): Batch => ({ x: rowVector(i, m.layout), ...(m.sizes.contexts && { condition: conditionOf(i.parts!, m.sizes), member: oneHot(i.context!, m.sizes.contexts) }) });
function noiseOf(m: Model, i: Record<string, Expr>): { z: Expr; u?: Expr; scatter?: Expr } {
  const { sizes: s, layout: l } = m;
  return { z: normals(i.z!, [s.batch, s.embedding]), ...(i.u && { u: uniform(i.u) }), ...(i.scatter && { scatter: normals(i.scatter, [s.batch, l.alphas]) }) };
}

/** Rows in the form of a program's inputs; `at` picks them. */
export function picked(rows: EncodedRows, assigned: Assigned | undefined, at: ArrayLike<number>): Record<string, Values> {
  const n = at.length, A = rows.alphas.length / Math.max(1, rows.rows), S = rows.codes.length / Math.max(1, rows.rows), alphas = new Float32Array(n * A), codes = new Int32Array(n * S);
  for (let k = 0; k < n; k++) { const i = at[k]!; alphas.set(rows.alphas.subarray(i * A, (i + 1) * A), k * A); codes.set(rows.codes.subarray(i * S, (i + 1) * S), k * S); }
  if (!assigned) return { alphas, codes };
  const P = assigned.parts.length / Math.max(1, rows.rows), parts = new Int32Array(n * P);
  for (let k = 0; k < n; k++) parts.set(assigned.parts.subarray(at[k]! * P, (at[k]! + 1) * P), k * P);
  return { alphas, codes, parts, context: Int32Array.from({ length: n }, (_, k) => assigned.contexts[at[k]!]!) };
}
const fed = (weights: Weights): Record<string, Values> => Object.fromEntries(Object.entries(weights).map(([n, w]) => [n, w.values]));

export class Probe {
  private constructor(private readonly m: Model, private readonly norms: Program, private readonly rows: Program, private readonly stream: KeyStream) {}
  static async open(device: Device, m: Model, stream: KeyStream): Promise<Probe> {
    const { encoder, decoder } = allParams(m.layout, m.sizes), inputs = { ...paramInputs(m), ...cacheInputs(m), ...batchInputs(m) };
    const norms = await device.compile({
      inputs: { ...inputs, ...noiseInputs(m), zv: normalBits([m.sizes.batch, m.sizes.embedding]) },
      outputs: (i: Record<string, Expr>) => pullsOf(i, batchOf(m, i), noiseOf(m, i), normals(i.zv!, [m.sizes.batch, m.sizes.embedding]), m, Object.keys(decoder), Object.keys(encoder)),
    });
    const rows = await device.compile({
      inputs: { ...inputs, ...noiseInputs(m) },
      outputs(i: Record<string, Expr>) {
        const b = batchOf(m, i), made = make(i, b, noiseOf(m, i), toldOf(i), m), t = m.parts.utility ? m.sizes.target : undefined;
        return { made, ...(t && { madeLoss: predictorLoss(i, made, m.layout, t), realLoss: predictorLoss(i, b.x, m.layout, t) }) } as Record<string, Expr>;
      },
    });
    return new Probe(m, norms, rows, stream);
  }
  private words(index: number, extra: Record<string, InputSpec> = {}): Record<string, Values> { return Object.fromEntries(Object.entries({ ...noiseInputs(this.m), ...extra }).map(([n, spec]) => [n, wordsOf(this.stream.child(n), spec, index, 1)])); }

  /** @param weights all parameters and the cache's tables @param batch from `picked` @param index numbers the noise */
  async pulls(weights: Weights, batch: Record<string, Values>, index: number): Promise<Pulls> {
    const out = await this.norms.run({ ...fed(weights), ...batch, ...this.words(index, { zv: normalBits([this.m.sizes.batch, this.m.sizes.embedding]) }) }), one = (n: string): number => out[n]?.[0] ?? 0;
    return { terms: Object.fromEntries(termNames.flatMap((t) => (out[t] ? [[t, one(t)]] : []))), decoderReference: one('decoderReference'), encoderReference: one('encoderReference') };
  }
  /** Rows made under the conditions of a batch, and the predictor's loss on them and on the batch. */
  async made(weights: Weights, batch: Record<string, Values>, index: number): Promise<{ rows: EncodedRows; madeLoss?: number; realLoss?: number }> {
    const out = await this.rows.run({ ...fed(weights), ...batch, ...this.words(index) });
    return { rows: readRows(out.made as Float32Array, this.m.layout, this.m.sizes.batch), ...(out.madeLoss && { madeLoss: out.madeLoss[0]!, realLoss: out.realLoss![0]! }) };
  }
  async release(): Promise<void> { await this.norms.release(); await this.rows.release(); }
}

/** Lengths of the bare terms' gradients on the decoder (the divergence: on the encoder), and of the reference's on both. The reference is the reconstruction, as weighted; without an encoder the critic's term. */
export function pullsOf(p: Record<string, Expr>, b: Batch, noise: { z: Expr; u?: Expr; scatter?: Expr }, zv: Expr, m: Model, decoder: readonly string[], encoder: readonly string[]): Record<string, Expr> {
  const told = toldOf(p), out: Record<string, Expr> = {};
  const pull = (loss: Expr, names: readonly string[]): Expr => { const g = grad(loss, names.map((n) => p[n]!)); return sqrt(g.map((x) => sum(square(x!))).reduce((a, c) => add(a, c))); };
  const terms = generatorTerms(p, b, noise, told, m);
  for (const t of termNames) if (terms[t]) out[t] = pull(terms[t], decoder);
  if (m.sizes.variational) {
    const v = variational(p, b, zv, told, m), fit = mul(mean(v.reconstruction), m.parts.reconstruction);
    out.divergence = pull(mean(v.divergence), encoder);
    out.decoderReference = pull(fit, decoder);
    out.encoderReference = pull(fit, encoder);
  } else if (out.adversarial) out.decoderReference = out.adversarial;
  return out;
}
