import type { Figure } from '../../protocol';
import { concatRows } from '../../learners/features';
import type { EvaluationContext, Fold } from '../metric';
import { mean, pooledError } from '../folds';
import { notAssessable } from '../privacy/leak';
import { difference, standardError, type Scored } from '../scores';
import { fitLearner, learnerNames, type LearnerId, type Predictor, scoreOf } from './learners';
import { noTask, taskOf, type Problem, type Task } from './problem';

export type Source = 'training' | 'synthetic' | 'both';
export interface Estimate { value: number; error: number }

/** The learner fitted on training rows, on synthetic rows, or on both together; each fitted once for all metrics. */
export const modelOf = (context: EvaluationContext, task: Task, id: LearnerId, on: Source, progress: (f: number) => Promise<void>): Promise<Predictor> =>
  context.shared(`utility model ${id} ${on}`, () => fitLearner(id, on === 'both' ? joined(task.training, task.synthetic) : task[on], task.classes, context.seed, progress));

/** Its score on the control rows. */
export const controlScore = (context: EvaluationContext, task: Task, id: LearnerId, on: Source, progress: (f: number) => Promise<void>): Promise<Scored> =>
  context.shared(`utility score ${id} ${on}`, async () => scoreOf(task.test, (await modelOf(context, task, id, on, progress))(task.test.x), task.classes));

const joined = (a: Problem, b: Problem): Problem => {
  const y = new Float64Array(a.y.length + b.y.length);
  y.set(a.y); y.set(b.y, a.y.length);
  return { x: concatRows([a.x, b.x]), y };
};

/** Two scores, each with its standard error, and the second less the first with that of the difference. */
export interface Compared { column: string; score: string; first: Estimate; second: Estimate; difference: Estimate; samples: Record<string, number> }

export const scoreName = (classes: number): string => (classes ? (classes === 2 ? 'AUC' : 'AUC, mean over classes') : 'R2');

/** The learner's scores on control rows after training on `a` and on `b`; the same rows judge both, so the error of the difference counts how alike the models are. */
export async function compareSources(metric: string, context: EvaluationContext, id: LearnerId, a: Source, b: Source): Promise<Compared | Figure> {
  const task = await taskOf(context);
  if ('why' in task) return noTask(metric, task);
  const said = `${learnerNames[id]}, ${task.column}`;
  const first = await controlScore(context, task, id, a, f => context.progress(f / 2, said)), second = await controlScore(context, task, id, b, f => context.progress(0.5 + f / 2, said));
  if (Number.isNaN(first.score) || Number.isNaN(second.score)) return notAssessable(metric, `"${task.column}" takes one value only among the control rows.`, task.samples, 'undecided');
  const d = difference(second, first);
  return {
    column: task.column, score: scoreName(task.classes), samples: task.samples,
    first: { value: first.score, error: standardError(first) }, second: { value: second.score, error: standardError(second) }, difference: { value: d.difference, error: d.standardError },
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
    ...all[0], first: average(c => c.first), second: average(c => c.second), difference: average(c => c.difference),
    samples: Object.fromEntries(Object.keys(all[0].samples).map(k => [k, all.reduce((n, c) => n + c.samples[k], 0)])),
  };
}
