import type { Figure } from '../../protocol';
import type { EvaluationContext } from '../metric';
import { notAssessable } from '../privacy/leak';
import { bandsFigure } from '../resample';
import { quantile } from '../statistics';
import { controlViewOf } from '../view';
import { kernelBands, kernelTest, pooledPoints, squaredDistances, type PooledPoints, type TwoSampleStatistic } from './kernel';

/** Points a table: the matrix of both has four million entries, and each of the dealings adds up half a million. */
const mostPoints = 1000, permutations = 499;

/** A figure from a kernel over pooled points; `kernel` turns squared distances into it, in place, and says what a point with itself has. */
export async function kernelFigure(context: EvaluationContext, id: string, kernel: (squared: Float64Array) => number): Promise<Figure> {
  const view = await controlViewOf(context), against = view.hasControl ? 'control' : 'training';
  const points = await pooledPoints(context, against, 'synthetic', mostPoints);
  if (points.n < 20) return notAssessable(id, `${points.n} rows are too few for a test.`, {}, 'undecided');
  const K = squaredDistances(points), t = await kernelTest(K, points.n, points.m, kernel(K), context, id, permutations), bands = await kernelBands(K, points.n, points.m, t.biased, context, id);
  const reference = view.hasControl ? await untested(context, await pooledPoints(context, 'control', 'training', points.n), kernel, `${id} reference`) : undefined;
  const { p, limit } = t.permuted;
  return {
    metric: id, value: root(t.unbiased), interval: { ...bandsFigure(bands).interval, low: Math.min(bands.low, root(t.unbiased)) }, samples: { synthetic: points.n, [against]: points.n },
    verdict: p > 0.05 ? 'good' : t.unbiased <= 4 * limit ? 'fair' : 'poor',
    ...(reference ? { reference: { label: 'training rows against control', value: root(reference.unbiased) } } : {}),
    detail: { pEqual: p, squared: t.unbiased, freshTableWorst5: root(limit), permutations },
    note: `${points.n} rows of each table, drawn at random (seeded)${view.hasControl ? '' : '; judged against the training rows, for want of a control'}.`,
  };
}

const root = (squared: number) => Math.sqrt(Math.max(0, squared));

async function untested(context: EvaluationContext, points: PooledPoints, kernel: (squared: Float64Array) => number, name: string): Promise<TwoSampleStatistic> {
  const K = squaredDistances(points), diagonal = kernel(K);
  return kernelTest(K, points.n, points.m, diagonal, context, name, 0);
}

/** Median of the distances of distinct points, of at most 100,000 of them: the usual width of a Gaussian kernel (Gretton et al. 2012, section 8). */
export function medianDistance(squared: Float64Array): number {
  const step = Math.max(1, Math.floor(squared.length / 100_000)), some = new Float64Array(Math.ceil(squared.length / step));
  let k = 0;
  for (let i = 0; i < squared.length; i += step) if (squared[i] > 0) some[k++] = squared[i];
  return Math.sqrt(quantile(some.subarray(0, k).sort(), 0.5)) || 1;
}
