import { openDevice, type Device } from '../../engine';
import { logKernelSums, type Points } from '../../learners/neighbours';
import { sampleRows } from '../features';
import type { EvaluationContext } from '../metric';
import type { Part } from '../view';
import { pickPoints, placedOf, type Placed } from './distances';
import type { Encoded } from './encode';

/**
 * A density over mixed rows: the mean of product kernels (Parzen 1962), a Gaussian of the rank for numbers and, for categories, weight 1 on the same
 * and `mismatch` on any other one (Aitchison & Aitken 1976), both normalised. In the encoding of encode.ts that is one Gaussian kernel of
 * rescaled points. The two bandwidths are those under which real rows, each left out in turn, are likeliest (Habbema, Hermans & van den Broek 1974).
 */
export interface Bandwidth { /** Standard deviation in ranks, 0 to 1. */ number: number; /** Weight of another category beside the same one. */ mismatch: number }

/** Points under a bandwidth: Gaussian kernels of unit width from then on. */
export function scaled(points: Points, e: Encoded, b: Bandwidth): Points {
  const scale = new Float32Array(e.width), values = points.values.slice();
  for (const { at, size, type } of e.spans) scale.fill(type === 'number' ? 1 / b.number : Math.sqrt(-2 * Math.log(b.mismatch)), at, at + size);
  for (let i = 0; i < values.length; i += e.width) for (let k = 0; k < e.width; k++) values[i + k] *= scale[k];
  return { rows: points.rows, width: e.width, values };
}

/** Logarithm of the kernel's constant. */
export function logConstant(e: Encoded, b: Bandwidth): number {
  return e.spans.reduce((s, { size, type }) => s - (type === 'number' ? Math.log(b.number * Math.sqrt(2 * Math.PI)) : Math.log1p((size - 1) * b.mismatch)), 0);
}

const numbers = [0.4, 0.28, 0.2, 0.14, 0.1, 0.07, 0.05, 0.035, 0.025, 0.0125], mismatches = [0.3, 0.2, 0.1, 0.05, 0.02, 0.005];

const pointsOf = (e: Encoded, part: Part): Points => ({ rows: e.rows[part], width: e.width, values: e.parts[part] });

/** Real rows of both tables as one set of points, training rows first. */
function realPoints(e: Encoded): Points {
  const { training: t, control: c } = e.parts, values = new Float32Array(t.length + c.length);
  values.set(t); values.set(c, t.length);
  return { rows: e.rows.training + e.rows.control, width: e.width, values };
}

const asking = 600, answering = 6000;

/**
 * The likeliest bandwidths for about 600 of at most 6,000 real rows, by descent over a grid, first one, then the other, twice. Training and control rows enter alike,
 * so that the choice knows nothing of who is who.
 */
export async function chooseBandwidth(e: Encoded, seed: number, device: Device): Promise<Bandwidth> {
  const real = realPoints(e), rows = pickPoints(real, sampleRows(real.rows, answering, seed, 'bandwidth').slice()), first = Int32Array.from({ length: Math.min(asking, rows.rows) }, (_, i) => i);
  const likelihood = async (b: Bandwidth): Promise<number> => {
    const reference = scaled(rows, e, b), sums = await logKernelSums(pickPoints(reference, first), reference, { device, self: first });
    return sums.reduce((s, x) => s + Math.max(x, -1e4), 0) / first.length + logConstant(e, b);
  };
  let best: Bandwidth = { number: 0.1, mismatch: 0.1 }, most = await likelihood(best);
  const attempt = async (b: Bandwidth) => {
    const l = await likelihood(b);
    if (l > most) { most = l; best = b; }
  };
  for (let turn = 0; turn < 2; turn++) {
    const before = best;
    if (e.spans.some(s => s.type === 'number')) for (const number of numbers) await attempt({ ...best, number });
    if (e.spans.some(s => s.type === 'code')) for (const mismatch of mismatches) await attempt({ ...best, mismatch });
    if (best === before) break;
  }
  return best;
}

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
  const { number, mismatch } = await chooseBandwidth(placed!.encoded, context.seed, await openDevice(context.device));
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
