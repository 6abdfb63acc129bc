import type { Figure } from '../../protocol';
import { permutation } from '../../learners/random';
import type { EvaluationContext, Metric } from '../metric';
import { notAssessable } from '../privacy/leak';
import { difference, standardError, type Scored } from '../scores';
import { z95 } from '../statistics';
import * as thresholds from '../thresholds';
import { fitLearner, learnerNames, type LearnerId, rowsOf, scoreOf, thinned } from './learners';
import { noTask, taskOf } from './problem';
import { controlScore } from './trained';

const id = 'utility.model-ranking', learners: LearnerId[] = ['boosted', 'stumps', 'linear', 'mlp', 'tree'], mostRows = 10_000;

/**
 * Synthetic ranking agreement (Jordon, Yoon & van der Schaar 2018): would somebody who has the synthetic table only choose the right learner? Five kinds of learner are fitted on
 * four fifths of the synthetic rows and judged on the last fifth, and fitted on training rows and judged on control rows; the figure is the share of pairs of learners that are in the
 * same order both times. Pairs that the control cannot tell apart (95%, paired) do not count: no order of theirs could be wrong.
 */
export const metric: Metric = { compute };

async function compute(context: EvaluationContext): Promise<Figure> {
  const task = await taskOf(context);
  if ('why' in task) return noTask(id, task);
  const all = thinned(task.synthetic, mostRows, context.seed), order = permutation(context.seed, 'ranking split', all.y.length), cut = Math.floor(all.y.length * 0.8);
  const own = { train: rowsOf(all, order.slice(0, cut).sort()), test: rowsOf(all, order.slice(cut).sort()) }, real: Scored[] = [], synthetic: Scored[] = [];
  for (const [k, learner] of learners.entries()) {
    const step = (part: number) => (f: number) => context.progress((k + part + f / 2) / learners.length, learnerNames[learner]);
    real.push(await controlScore(context, task, learner, 'training', step(0)));
    synthetic.push(scoreOf(own.test, (await fitLearner(learner, own.train, task.classes, context.seed, step(0.5)))(own.test.x), task.classes));
  }
  if ([...real, ...synthetic].some(s => Number.isNaN(s.score))) return notAssessable(id, `"${task.column}" takes one value only among the rows to be judged on.`, task.samples, 'undecided');
  let agree = 0, pairs = 0, contrary = 0;
  for (let a = 0; a < learners.length; a++) for (let b = 0; b < a; b++) {
    const d = difference(real[a], real[b]);
    if (Math.abs(d.difference) <= z95 * d.standardError) continue;
    pairs++;
    if (Math.sign(synthetic[a].score - synthetic[b].score) === Math.sign(d.difference)) { agree++; continue; }
    const s = difference(synthetic[a], synthetic[b]);
    if (Math.abs(s.difference) > z95 * s.standardError) contrary++;
  }
  const samples = { ...task.samples, synthetic: all.y.length, pairs };
  const best = (s: Scored[]) => s.indexOf(s.reduce((x, y) => (y.score > x.score ? y : x))), chosen = best(synthetic), lost = Math.max(...real.map(s => s.score)) - real[chosen].score;
  const detail = {
    outcome: task.column, chosen: learnerNames[learners[chosen]], best: learnerNames[learners[best(real)]], lost, lostError: standardError(real[chosen]),
    ...Object.fromEntries(learners.flatMap((l, k) => [[`${l} on real`, real[k].score], [`${l} on synthetic`, synthetic[k].score]])),
  };
  if (pairs === 0) return { ...notAssessable(id, 'The control cannot tell any two learners apart: no order of theirs could be wrong.', samples, 'undecided'), detail };
  const value = agree / pairs, { good, fair } = thresholds.ranking, verdict = value >= good ? 'good' as const : value >= fair ? 'fair' as const : 'poor' as const;
  // an order that the few synthetic test rows cannot tell is no wrong one
  if (verdict !== 'good' && (pairs - contrary) / pairs >= good) return { metric: id, value, verdict: 'undecided', samples, detail: { ...detail, contrary }, note: 'Where the orders differ, the synthetic rows are too few to tell the learners apart.' };
  return { metric: id, value, verdict, samples, detail: { ...detail, contrary } };
}
