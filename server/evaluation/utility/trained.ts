import type { Figure } from '../../protocol';
import { concatRows } from '../../learners/features';
import type { EvaluationContext, Fold } from '../metric';
import { mean, pooledError } from '../folds';
import { notAssessable } from '../privacy/leak';
import { sampleRows } from '../features';
import { studentQuantile } from '../../learners/distributions';
import { difference, standardError, type Scored } from '../scores';
import { moments, z95 } from '../statistics';
import { fitLearner, learnerNames, learntFrom, type LearnerId, type Predictor, rowsOf, scoreOf } from './learners';
import { noTask, taskOf, type Problem, type Task } from './problem';

export type Source = 'training' | 'synthetic' | 'both';
export interface Estimate { value: number; error: number }

/** The learner fitted on training rows, on synthetic rows, or on both together; each fitted once for all metrics. */
export const modelOf = (context: EvaluationContext, task: Task, id: LearnerId, on: Source, progress: (f: number) => Promise<void>): Promise<Predictor> =>
  context.shared(`utility model ${id} ${on}`, () => fitLearner(id, on === 'both' ? joined(task.training, task.synthetic) : task[on], task.classes, context.seed, progress));

/** Its score on the control rows. */
export const controlScore = (context: EvaluationContext, task: Task, id: LearnerId, on: Source, progress: (f: number) => Promise<void>): Promise<Scored> =>
  context.shared(`utility score ${id} ${on}`, async () => scoreOf(task.test, (await modelOf(context, task, id, on, progress))(task.test.x), task.classes));

/** Learners whose score moves much with the rows they are given and how they start: what that adds to the error is estimated. */
const unstable: readonly LearnerId[] = ['mlp'];
const groups = 4, mostGrouped = 1000, fewestGrouped = 25;

/**
 * Variance of a learner's score over tables and starts: that among fits on four disjoint random groups of its rows, each from another start (random groups; Wolter 2007, Introduction to Variance Estimation,
 * chapter 2), divided by the root of how many times more rows the table has. A mean's would be divided by the number itself; a network's score moves with its start too, and its variance falls more slowly
 * (AUC on people of population.ts: standard deviation .040 at 75 rows, .029 at 300). Groups are capped, so that this costs no more than another fit. Undefined for learners that need none, and for tables
 * too small.
 */
const refitVariance = (context: EvaluationContext, task: Task, id: LearnerId, on: Source, progress: (f: number) => Promise<void>): Promise<number | undefined> => context.shared(`utility refits ${id} ${on}`, async () => {
  const problem = on === 'both' ? undefined : task[on], size = problem ? Math.min(mostGrouped, Math.floor(problem.y.length / groups)) : 0;
  if (!problem || !unstable.includes(id) || size < fewestGrouped) return undefined;
  const order = sampleRows(problem.y.length, groups * size, context.seed, `utility groups ${on}`), found: number[] = [];
  for (let g = 0; g < groups; g++) found.push(scoreOf(task.test, (await fitLearner(id, rowsOf(problem, order.slice(g * size, (g + 1) * size)), task.classes, context.seed + g, progress))(task.test.x), task.classes).score);
  return moments(found).variance * Math.sqrt(size / problem.y.length);
});
/** What a variance of so few degrees of freedom must be enlarged by for a normal quantile to cover (Student). */
const student = (degrees: number): number => (studentQuantile(0.975, degrees) / z95) ** 2;

const joined = (a: Problem, b: Problem): Problem => {
  const y = new Float64Array(a.y.length + b.y.length);
  y.set(a.y); y.set(b.y, a.y.length);
  return { x: concatRows([a.x, b.x]), y };
};

/** Two scores, each with its standard error, and the second less the first with that of the difference. */
export interface Compared { column: string; score: string; first: Estimate; second: Estimate; difference: Estimate; samples: Record<string, number>; /** whether errors count that the learner may be fitted to other rows */ refits?: boolean; /** standard error of the difference of these two models */ asTheyAre?: number }

export const scoreName = (classes: number): string => (classes ? (classes === 2 ? 'AUC' : 'AUC, mean over classes') : 'R2');

/** The learner's scores on control rows after training on `a` and on `b`; the same rows judge both, so the error of the difference counts how alike the models are. */
export async function compareSources(metric: string, context: EvaluationContext, id: LearnerId, a: Source, b: Source): Promise<Compared | Figure> {
  const task = await taskOf(context);
  if ('why' in task) return noTask(metric, task);
  const said = `${learnerNames[id]}, ${task.column}`;
  const first = await controlScore(context, task, id, a, f => context.progress(f / 2, said)), second = await controlScore(context, task, id, b, f => context.progress(0.5 + f / 2, said));
  if (Number.isNaN(first.score) || Number.isNaN(second.score)) return notAssessable(metric, `"${task.column}" takes one value only among the control rows.`, task.samples, 'undecided');
  const d = difference(second, first), [va, vb] = [await refitVariance(context, task, id, a, () => context.progress(1, said)) ?? 0, await refitVariance(context, task, id, b, () => context.progress(1, said)) ?? 0];
  const error = (s: Scored, v: number) => Math.sqrt(standardError(s) ** 2 + student(groups - 1) * v);
  return {
    column: task.column, score: scoreName(task.classes), samples: learntFrom(id, task.samples),
    ...(va + vb > 0 ? { refits: true } : {}), first: { value: first.score, error: error(first, va) }, second: { value: second.score, error: error(second, vb) }, difference: { value: d.difference, error: Math.sqrt(d.standardError ** 2 + student(2 * groups - 2) * (va + vb)) }, asTheyAre: d.standardError,
  };
}

/** The comparison over folds, whose control rows are disjoint: means. Folds in which it could not be had are left out. */
export async function overFolds(metric: string, folds: readonly Fold[], compare: (context: EvaluationContext) => Promise<Compared | Figure>): Promise<Compared | Figure> {
  const all: Compared[] = [];
  for (const f of folds) {
    const c = await compare(f.context);
    if ('verdict' in c) { if (c.verdict === 'not-assessable') return c; } else all.push(c);
  }
  if (!all.length) return notAssessable(metric, 'Too few rows with a known outcome.', {}, 'undecided');
  const average = (pick: (c: Compared) => Estimate): Estimate => ({ value: mean(all.map(c => pick(c).value)), error: pooledError(all.map(c => pick(c).value), all.map(c => pick(c).error)) });
  return {
    ...all[0], first: average(c => c.first), second: average(c => c.second), difference: average(c => c.difference), ...(all.every(c => c.asTheyAre !== undefined) && { asTheyAre: pooledError(all.map(c => c.difference.value), all.map(c => c.asTheyAre!)) }),
    samples: Object.fromEntries(Object.keys(all[0].samples).map(k => [k, all.reduce((n, c) => n + c.samples[k], 0)])),
  };
}
