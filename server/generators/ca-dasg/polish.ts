/**
 * L_Cov under a privacy budget (section 3.2, rewritten): on real batches it has no per-example form. After the private training the decoder is moved so that made rows have the noised mean and covariance of
 * their context, staying near where training left it. All it sees is noised: post-processing, without charge.
 */
import { add, constant, matmul, mean, mul, oneHot, square, sub, sum, type Device, type Expr, type KeyStream } from '../../engine';
import type { Weights } from '../blocks/loop';
import { normalBits, normals, uniformBits, uniforms, wordsOf } from '../blocks/noise';
import type { Layout } from '../blocks/spans';
import type { Contexts } from './contexts';
import { contextLoss } from './losses';
import { decode, soften, type Sizes } from './networks';
import { conditionOf } from './step';

export interface Polish {
  layout: Layout; sizes: Sizes; contexts: Contexts; weights: Weights; moments: { mean: Float32Array; covariance: Float32Array }; projection?: Float32Array; stream: KeyStream;
  progress(fraction: number): Promise<void>;
}
const steps = 60, batch = 256, rate = 1e-3, anchor = 1;

/** @returns the decoder's weights */
export async function polish(device: Device, o: Polish): Promise<Weights> {
  const { layout: l, sizes: s, weights } = o, E = s.embedding, C = s.contexts, names = Object.keys(weights).filter((n) => /^(decoder|out)/.test(n)), noise = normalBits([batch, E]), uniform = uniformBits([batch, l.hot]);
  const fixed = (n: string): Expr => constant(weights[n]!.values, weights[n]!.shape), sd = Float32Array.from({ length: C * E }, (_, i) => weights['cache.latentFactor']!.values[Math.floor(i / E) * E * E + (i % E) * (E + 1)]!);
  const trainer = await device.train({
    params: Object.fromEntries(names.map((n) => [n, { shape: weights[n]!.shape, init: weights[n]!.values }])),
    step: { z: noise, u: uniform, parts: { shape: [batch, s.parts.length], dtype: 'int32' }, context: { shape: [batch], dtype: 'int32' } },
    loss({ params: p, step }) {
      const member = oneHot(step.context!, C), from = (table: Float32Array, width: number): Expr => constant(table, [C, width]);
      const z = add(mul(normals(step.z!, [batch, E]), matmul(member, from(sd, E))), matmul(member, from(weights['cache.latentMean']!.values, E)));
      const made = soften(p, decode(p, z, conditionOf(step.parts!, s), s), uniforms(step.u!), undefined, l);
      const moments = contextLoss(made, member, { mean: from(o.moments.mean, l.width), covariance: from(o.moments.covariance, s.sketch ** 2), ...(o.projection && { projection: constant(o.projection, [l.width, s.sketch]) }) });
      const moved = names.map((n) => sum(square(sub(p[n]!, fixed(n))))).reduce((a, b) => add(a, b));
      return { loss: add(mean(moments), mul(moved, anchor)) };
    },
  }, { seed: 0 });
  try {
    for (let k = 0; k < steps; k += 10) {
      const count = Math.min(10, steps - k), drawn = o.contexts.draw(o.stream.child('polish/contexts'), k * batch, count * batch);
      await trainer.run({ z: wordsOf(o.stream.child('polish/z'), noise, k, count), u: wordsOf(o.stream.child('polish/u'), uniform, k, count), parts: drawn.parts, context: drawn.contexts }, new Float32Array(count).fill(rate));
      await o.progress(1);
    }
    return trainer.params();
  } finally { await trainer.release(); }
}
