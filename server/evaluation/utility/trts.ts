import type { Figure } from '../../protocol';
import type { EvaluationContext, Metric } from '../metric';
import { notAssessable } from '../privacy/leak';
import { standardError } from '../scores';
import { z95 } from '../statistics';
import * as thresholds from '../thresholds';
import { scoreOf } from './learners';
import { noTask, taskOf } from './problem';
import { around, methodOf, pairOf, skill } from './shortfall';
import { type Compared, controlScore, modelOf, overFolds, scoreName } from './trained';

const id = 'utility.trts';

/**
 * Train on real, test on synthetic (Esteban, Hyland & Raetsch 2017): boosted trees that learnt the outcome from training rows predict it for synthetic ones, beside the same
 * model on control rows. A score below says that synthetic outcomes are noisier than real ones; one above that they are too tidy. Judged is the gap, either way; the two tables
 * of test rows are independent samples, so its variance is the sum of theirs.
 */
export const metric: Metric = {
  compute: async context => figure(await compared(context)),
  cross: async (_, folds) => figure(await overFolds(id, folds, compared)),
};

async function compared(context: EvaluationContext): Promise<Compared | Figure> {
  const task = await taskOf(context);
  if ('why' in task) return noTask(id, task);
  const progress = (f: number) => context.progress(f, 'train on real, test on synthetic');
  const real = await controlScore(context, task, 'boosted', 'training', progress), s = scoreOf(task.synthetic, (await modelOf(context, task, 'boosted', 'training', progress))(task.synthetic.x), task.classes);
  if (Number.isNaN(real.score) || Number.isNaN(s.score)) return notAssessable(id, `"${task.column}" takes one value only among the ${Number.isNaN(s.score) ? 'synthetic' : 'control'} rows.`, task.samples, 'undecided');
  const [a, b] = [standardError(s), standardError(real)];
  return {
    column: task.column, score: scoreName(task.classes), samples: task.samples, first: { value: s.score, error: a }, second: { value: real.score, error: b }, difference: { value: s.score - real.score, error: Math.hypot(a, b) },
  };
}

function figure(t: Compared | Figure): Figure {
  if ('verdict' in t) return t;
  const { column, score, samples, first: s, second: r } = t, gap = Math.abs(t.difference.value), half = z95 * t.difference.error, { good, fair } = thresholds.trts;
  let verdict: Figure['verdict'] = gap <= good ? 'good' : gap <= fair ? 'fair' : 'poor', note: string | undefined = t.difference.value > good && gap > half ? 'Synthetic outcomes follow the other columns more tidily than real ones do.' : undefined;
  if (skill(r.value, score) < 0.02) { verdict = 'undecided'; note = `Even trained on real rows, the learner cannot predict "${column}".`; }
  else if (gap <= half && (gap + half > fair || verdict !== 'good')) { verdict = 'undecided'; note = 'Too few rows to tell: the gap could be chance, or more than tolerable.'; }
  return {
    metric: id, value: s.value, interval: { ...around(s), level: 0.95, method: methodOf(score) }, reference: { label: 'on control rows', value: r.value, interval: pairOf(r) }, samples, verdict, ...(note ? { note } : {}),
    detail: { outcome: column, score, gap, difference: t.difference.value, differenceLow: t.difference.value - half, differenceHigh: t.difference.value + half },
  };
}
