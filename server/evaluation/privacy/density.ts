import { openDevice } from '../../engine';
import { logKernelSums, type Points } from '../../learners/neighbours';
import { sampleRows } from '../features';
import type { EvaluationContext } from '../metric';
import type { Part } from '../view';
import { pickPoints, placedOf, type Placed } from './distances';
import { chooseBandwidth, logConstant, realPoints, type Bandwidth } from './bandwidth';
import type { Encoded } from './encode';

/** Points under a bandwidth: Gaussian kernels of unit width from then on. */
export function scaled(points: Points, e: Encoded, b: Bandwidth): Points {
  const scale = new Float32Array(e.width), values = points.values.slice();
  for (const { at, size, type } of e.spans) scale.fill(type === 'number' ? 1 / b.number : Math.sqrt(-2 * Math.log(b.mismatch)), at, at + size);
  for (let i = 0; i < values.length; i += e.width) for (let k = 0; k < e.width; k++) values[i + k] *= scale[k];
  return { rows: points.rows, width: e.width, values, spans: e.spans };
}

const pointsOf = (e: Encoded, part: Part): Points => ({ rows: e.rows[part], width: e.width, values: e.parts[part] });

/** Log-densities of the asked real rows, under the synthetic table and among the other real rows, all with one bandwidth. */
export interface Densities {
  synthetic: Record<'training' | 'control', Float64Array>;
  /** Of each row among real rows other than itself: training and control together, at most 20,000 of them. */
  others: Record<'training' | 'control', Float64Array>;
  bandwidth: Bandwidth; placed: Placed;
}

const mostOthers = 20_000;

/**
 * A bandwidth for a context's tables; folds of one source may share it. Numbers get half the likeliest one: what is sought is a person, who is narrower than the
 * population. (Of 30 jittered copies among 1,500 rows, 22 and 20 were the highest scores with half, 18 and 16 with the likeliest itself, 16 to 22 with a quarter.)
 */
export const bandwidthOf = (context: EvaluationContext): Promise<Bandwidth> => context.shared('bandwidth', async () => {
  const placed = await placedOf(context);
  const { number, mismatch } = await chooseBandwidth(placed!.encoded, context.seed, () => context.progress(0, 'densities'));
  return { number: number / 2, mismatch };
});

/** Of the asked real rows. @returns undefined without a control. Time as one nearest-neighbour search of every asked row, or two. */
export const densitiesOf = (context: EvaluationContext): Promise<Densities | undefined> => context.shared('densities', async () => {
  const placed = await placedOf(context);
  return placed && densitiesAt(context, placed, placed.asked);
});

/** Of some real rows, as they are numbered in the encoded tables. */
export async function densitiesAt(context: EvaluationContext, placed: Placed, asked: Record<'training' | 'control', Int32Array>): Promise<Densities> {
  const { encoded } = placed, device = await openDevice(context.device), bandwidth = await bandwidthOf(context), constant = logConstant(encoded, bandwidth);
  const ask = (part: 'training' | 'control') => scaled(pickPoints(pointsOf(encoded, part), asked[part]), encoded, bandwidth);
  const points = { training: ask('training'), control: ask('control') }, made = scaled(pointsOf(encoded, 'synthetic'), encoded, bandwidth), real = realPoints(encoded);
  const reference = sampleRows(real.rows, mostOthers, context.seed, 'density reference').slice().sort(), place = new Int32Array(real.rows).fill(-1);
  reference.forEach((r, i) => { place[r] = i; });
  const others = scaled(pickPoints(real, reference), encoded, bandwidth), total = points.training.rows + points.control.rows;
  const density = async (part: 'training' | 'control', against: Points, from: number, to: number, self?: Int32Array): Promise<Float64Array> => {
    const sums = await logKernelSums(points[part], against, { device, ...(self && { self }), progress: f => context.progress(from + f * (to - from), 'densities') });
    return sums.map((s, i) => s + constant - Math.log(against.rows - (self && self[i] >= 0 ? 1 : 0)));
  };
  const self = { training: asked.training.map(r => place[r]), control: asked.control.map(r => place[encoded.rows.training + r]) }, share = points.training.rows / total / 2;
  return {
    synthetic: { training: await density('training', made, 0, share), control: await density('control', made, share, 0.5) },
    others: { training: await density('training', others, 0.5, 0.5 + share, self.training), control: await density('control', others, 0.5 + share, 1, self.control) },
    bandwidth, placed,
  };
}
