import { Stream } from '../../random';
import type { EvaluationContext, Metric } from '../metric';
import { notAssessable } from '../privacy/leak';
import { bandsFigure, bandsOf, resample, type Bands } from '../resample';
import { quantile } from '../statistics';
import { controlViewOf } from '../view';
import { pooledPoints, type PooledPoints } from './kernel';

const directions = 100, mostPoints = 5000, permutations = 100;

/**
 * Sliced Wasserstein distance (Rabin, Peyre, Delon & Bernot 2012; with p = 1): the mean over random directions of the first Wasserstein distance of the rows projected
 * on them; rows as for the privacy distances. Calibrated by dealing anew which row is whose.
 */
export const metric: Metric = {
  async compute(context) {
    const id = 'fidelity.sliced-wasserstein', view = await controlViewOf(context), against = view.hasControl ? 'control' : 'training', points = await pooledPoints(context, against, 'synthetic', mostPoints);
    if (points.n < 20) return notAssessable(id, `${points.n} rows are too few for a test.`, {}, 'undecided');
    const t = await sliced(context, points, id), reference = view.hasControl ? await sliced(context, await pooledPoints(context, 'control', 'training', points.n), `${id} reference`, 0) : undefined;
    const dealt = t.permuted.sort(), limit = quantile(dealt, 0.95), p = (1 + dealt.reduce((s, v) => s + (v >= t.value ? 1 : 0), 0)) / (permutations + 1);
    return {
      metric: id, value: t.value, interval: bandsFigure(t.bands!).interval, samples: { synthetic: points.n, [against]: points.n, directions }, verdict: p > 0.05 ? 'good' : t.value <= 2 * limit ? 'fair' : 'poor',
      ...(reference ? { reference: { label: 'training rows against control', value: reference.value } } : {}),
      detail: { pEqual: p, freshTable: dealt.reduce((s, v) => s + v, 0) / permutations, freshTableWorst5: limit },
      note: `${points.n} rows of each table and ${directions} directions, drawn at random (seeded)${view.hasControl ? '' : '; judged against the training rows, for want of a control'}.`,
    };
  },
};

/** Uniform directions, row-major [directions x width]. */
export function directionsOf(width: number, count: number, seed: number): Float64Array {
  const stream = new Stream(seed, 'directions'), out = new Float64Array(count * width);
  for (let d = 0; d < count; d++) {
    let norm = 0;
    for (let k = 0; k < width; k++) { const v = Math.sqrt(-2 * Math.log(1 - stream.uniform())) * Math.cos(2 * Math.PI * stream.uniform()); out[d * width + k] = v; norm += v * v; }
    for (let k = 0; k < width; k++) out[d * width + k] /= Math.sqrt(norm);
  }
  return out;
}

async function sliced(context: EvaluationContext, points: PooledPoints, name: string, dealings = permutations): Promise<{ value: number; permuted: Float64Array; bands?: Bands }> {
  const { n, m } = points, along = directionsOf(points.width, directions, context.seed), label = Int8Array.from({ length: n + m }, (_, i) => (i < n ? 1 : -1)), stream = new Stream(context.seed, `permute ${name}`);
  const orders = await projections(context, points, along);
  const mean = () => orders.reduce((s, o) => s + travelled(o, label), 0) / orders.length, value = mean(), permuted = new Float64Array(dealings);
  for (let r = 0; r < dealings; r++) { stream.shuffle(label); permuted[r] = mean(); if (r % 5 === 4) await context.progress((r + 1) / dealings); }
  if (dealings === 0) return { value, permuted };
  // an area between distribution functions is a norm of their difference, and so is its mean over directions
  const moved = new Int16Array(n + m), [deviations] = await resample(context, name, [n, m], (real, other) => {
    for (let i = 0; i < n; i++) moved[i] = real[i] - 1;
    for (let j = 0; j < m; j++) moved[n + j] = 1 - other[j];
    return [orders.reduce((s, o) => s + travelled(o, moved), 0) / orders.length];
  });
  return { value, permuted, bands: bandsOf(value, deviations) };
}

interface Projection { order: Int32Array; at: Float64Array }
async function projections(context: EvaluationContext, { values, width, n, m }: PooledPoints, along: Float64Array): Promise<Projection[]> {
  const out: Projection[] = [];
  for (let d = 0; d * width < along.length; d++) {
    const x = new Float64Array(n + m);
    for (let i = 0; i < n + m; i++) { let s = 0; for (let k = 0; k < width; k++) s += values[i * width + k] * along[d * width + k]; x[i] = s; }
    const order = Int32Array.from(x.keys()).sort((a, b) => x[a] - x[b]);
    out.push({ order, at: Float64Array.from(order, i => x[i]) });
    if (d % 10 === 9) await context.progress(0);
  }
  return out;
}

/** First Wasserstein distance of equally many points of both labels along a line: the area between their distribution functions. */
export function travelled({ order, at }: Projection, label: ArrayLike<number>): number {
  let difference = 0, total = 0;
  for (let i = 0; i + 1 < order.length; i++) { difference += label[order[i]]; total += Math.abs(difference) * (at[i + 1] - at[i]); }
  return (2 * total) / order.length;
}
