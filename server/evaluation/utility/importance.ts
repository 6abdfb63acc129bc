import type { Figure } from '../../protocol';
import { permutation } from '../../learners/random';
import type { FeatureMatrix } from '../../learners/features';
import type { EvaluationContext, Metric } from '../metric';
import { notAssessable } from '../privacy/leak';
import * as thresholds from '../thresholds';
import { fitLearner, rowsOf, scoreOf, thinned, type Predictor } from './learners';
import { noTask, taskOf, type Problem, type Task } from './problem';
import { modelOf } from './trained';

const id = 'utility.importance', mostJudged = 5000, halvings = 3;

/**
 * Agreement of feature importances: permutation importances (Breiman 2001; Fisher, Rudin & Dominici 2019: the score lost on control rows when one column is shuffled; the same
 * shuffles for all models, losses below zero are zero) of boosted trees trained on synthetic and on real rows, each brought to sum 1; the figure is what the two have in common,
 * the sum of the columns' smaller shares. The reference are models of two halves of the training rows, halved three times: what real rows disagree among themselves, in tables half as long. Where the
 * figure lies no farther below the least of the three than they lie apart, the data cannot tell.
 */
export const metric: Metric = { compute };

async function compute(context: EvaluationContext): Promise<Figure> {
  const task = await taskOf(context);
  if ('why' in task) return noTask(id, task);
  if (task.test.x.features.length < 2) return notAssessable(id, 'With a single other column there is nothing to compare.', task.samples);
  const test = thinned(task.test, mostJudged, context.seed), step = (k: number) => (f: number) => context.progress((k + f) / (2 + 2 * halvings), 'importance of columns');
  const of = (model: Predictor) => importances(model, test, task, context.seed);
  const synthetic = await of(await modelOf(context, task, 'boosted', 'synthetic', step(0))), real = await of(await modelOf(context, task, 'boosted', 'training', step(1)));
  const agreed: number[] = [];
  for (let h = 0; h < halvings; h++) {
    const order = permutation(context.seed, `importance halves${h ? ` ${h}` : ''}`, task.training.y.length), half = order.length >> 1, halves: Float64Array[] = [];
    for (const [k, rows] of [order.slice(0, half), order.slice(half)].entries()) halves.push(of(await fitLearner('boosted', rowsOf(task.training, rows.sort()), task.classes, context.seed, step(2 + 2 * h + k))));
    const o = overlap(halves[0], halves[1]);
    if (o === o) agreed.push(o);
  }
  const value = overlap(synthetic, real), reference = agreed.reduce((s, v) => s + v, 0) / agreed.length, least = Math.min(...agreed), apartBy = Math.max(...agreed) - least;
  if (Number.isNaN(value)) return notAssessable(id, 'No column matters to the prediction.', task.samples, 'undecided');
  const names = test.x.features.map(f => f.name), apart = names.map((n, j) => [n, 1 - Math.abs(synthetic[j] - real[j])] as const).sort((a, b) => a[1] - b[1]).slice(0, 100);
  const { good, fair } = thresholds.importance, asReal = agreed.length > 0 && value >= reference - 0.02, unclear = agreed.length > 1 && value >= least - apartBy;
  const most = (v: Float64Array) => names[v.indexOf(Math.max(...v))];
  return {
    metric: id, value, verdict: asReal || value >= good ? 'good' : unclear ? 'undecided' : value >= fair ? 'fair' : 'poor', samples: { ...task.samples, control: test.y.length },
    ...(Number.isNaN(reference) ? {} : { reference: { label: 'halves of the training rows', value: reference, interval: [least, Math.max(...agreed)] as [number, number] } }),
    detail: { outcome: task.column, firstOnSynthetic: most(synthetic), firstOnReal: most(real) }, columns: Object.fromEntries(apart),
  };
}

/** Shares of importance over columns, summing to 1; NaN where no column matters. */
export function importances(model: Predictor, test: Problem, task: Pick<Task, 'classes'>, seed: number): Float64Array {
  const base = scoreOf(test, model(test.x), task.classes).score, places = permutation(seed, 'importance shuffle', test.y.length);
  const lost = Float64Array.from(test.x.features, (f, j) => {
    const values = Float64Array.from(places, p => f.values[p]), x: FeatureMatrix = { rows: test.x.rows, features: test.x.features.map((g, k) => (k === j ? { ...g, values } : g)) };
    return Math.max(0, base - scoreOf(test, model(x), task.classes).score);
  });
  const sum = lost.reduce((a, b) => a + b, 0);
  return lost.map(v => v / sum);
}

const overlap = (a: Float64Array, b: Float64Array): number => a.reduce((s, v, j) => s + Math.min(v, b[j]), 0);
