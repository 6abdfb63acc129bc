import { fitRidge } from '../../learners/linear';
import type { Dense } from '../../learners/dense';
import type { Metric } from '../metric';
import { notAssessable } from '../privacy/leak';
import * as thresholds from '../thresholds';
import { seriesOf, type Series } from './series';

const id = 'time-series.predictive', back = 5, mostRows = 20_000;

/**
 * Predictive score after TimeGAN (Yoon, Jarrett & van der Schaar 2019): the error with which a model trained on synthetic series predicts the next row of real ones, mean absolute error in
 * standard deviations, averaged over columns. Ours differs: a ridge regression on the last five rows of all columns, not a recurrent network. The same model trained on training series stands beside it;
 * the excess over it, as a share of it, is judged.
 */
export const metric: Metric = {
  async compute(context) {
    const all = await seriesOf(context), { training, synthetic } = all.parts, test = all.parts.control ?? training;
    if (all.columns.length === 0 || !training || !synthetic || !test) return notAssessable(id, 'There is no numeric column beside the order.');
    const [learn, real, judge] = [lagged(synthetic), lagged(training), lagged(test)], n = Math.min(learn.x.rows, real.x.rows, mostRows), samples = { synthetic: n, training: n, control: judge.x.rows };
    if (n < 10 * back * all.columns.length || judge.x.rows < 30) return notAssessable(id, 'The series are too short to learn the next row from the last five.', samples, 'undecided');
    const each: Record<string, number> = {};
    let s = 0, r = 0;
    for (const [c, name] of all.columns.entries()) {
      await context.progress(c / all.columns.length, 'prediction of the next row');
      const error = (from: Lagged) => { const p = fitRidge(head(from.x, n), from.y[c].subarray(0, n)).predict(judge.x); return p.reduce((t, v, i) => t + Math.abs(v - judge.y[c][i]), 0) / p.length; };
      const [a, b] = [error(learn), error(real)];
      each[name] = a; s += a / all.columns.length; r += b / all.columns.length;
    }
    const excess = s / r - 1, { good, fair } = thresholds.predictive;
    return {
      metric: id, value: s, reference: { label: 'trained on real series', value: r }, samples, verdict: excess <= good ? 'good' : excess <= fair ? 'fair' : 'poor', detail: { excess }, columns: Object.fromEntries(Object.entries(each).sort((a, b) => b[1] - a[1])),
      ...(all.parts.control ? {} : { note: 'Judged on the training rows, for want of a control.' }),
    };
  },
};

interface Lagged { x: Dense; y: Float64Array[] }
/** Rows of the last five values of every column, and the next ones. */
function lagged(all: readonly Series[]): Lagged {
  const C = all[0]?.values.length ?? 0, width = back * C, starts = all.flatMap((s, k) => Array.from({ length: Math.max(0, s.values[0].length - back) }, (_, t) => [k, t] as const)), values = new Float64Array(starts.length * width);
  starts.forEach(([k, t], i) => { for (let c = 0; c < C; c++) for (let l = 0; l < back; l++) values[i * width + c * back + l] = all[k].values[c][t + l]; });
  return { x: { rows: starts.length, width, values, names: Array.from({ length: width }, (_, j) => String(j)) }, y: Array.from({ length: C }, (_, c) => Float64Array.from(starts, ([k, t]) => all[k].values[c][t + back])) };
}
const head = (x: Dense, n: number): Dense => ({ ...x, rows: n, values: x.values.subarray(0, n * x.width) });
