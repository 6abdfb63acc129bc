import type { Figure } from '../../protocol';
import type { EvaluationContext } from '../metric';
import * as thresholds from '../thresholds';
import { noTask, taskOf, type Task } from '../utility/problem';
import { modelOf } from '../utility/trained';
import { type Favourable, favourableOf } from './favourable';
import { gapFigure, type GroupRates } from './gap-figure';
import { groupingsOf, type Grouping } from './groups';
import { countGroups, type Counts, type Rate } from './measures';

/** Counts by group of what models decide on the control rows: one trained on synthetic rows, one on as many training rows. */
export interface Judged { task: Task; favourable: Favourable; groupings: Array<{ grouping: Grouping; synthetic: Counts[]; real: Counts[] }>; /** whether the model predicts probabilities */ probabilities: boolean }

/**
 * Boosted trees trained on synthetic and on as many training rows, sensitive columns among the features, decide on the control rows: select where the favourable outcome's probability
 * exceeds one half (numbers: where the prediction exceeds the bound). Counted by group; computed once for all metrics.
 */
export const judgedOf = (context: EvaluationContext): Promise<Judged | Exclude<Awaited<ReturnType<typeof taskOf>>, Task>> => context.shared('fairness models', async () => {
  const task = await taskOf(context);
  if ('why' in task) return task;
  const favourable = favourableOf(context, task.training.y, task.labels, task.classes), groupings = (await groupingsOf(context)).filter(g => g.name !== task.column);
  if (groupings.length === 0) return { why: 'None of the sensitive columns is compared.', samples: task.samples, verdict: 'not-assessable' as const };
  const decide = async (on: 'synthetic' | 'training', from: number) => {
    const raw = (await modelOf(context, task, 'boosted', on, f => context.progress(from + f / 2, 'models of the outcome')))(task.test.x), n = task.test.y.length, k = task.classes;
    if (k === 0) return { selected: Float64Array.from(raw, v => Number(v > favourable.bound!)) };
    const p = Float64Array.from({ length: n }, (_, i) => {
      if (k > 2) return raw[i * k + favourable.code!];
      const one = 1 / (1 + Math.exp(-raw[i]));
      return favourable.code === 1 ? one : 1 - one;
    });
    return { selected: p.map(v => Number(v > 0.5)), p };
  };
  const s = await decide('synthetic', 0), r = await decide('training', 0.5), y = Float64Array.from(task.test.y, v => Number(favourable.is(v)));
  const counted = (g: Grouping, d: { selected: Float64Array; p?: Float64Array }) => countGroups(g.names.length, Int32Array.from(task.test.rows!, i => g.of.control![i]), y, d.selected, d.p);
  return { task, favourable, probabilities: task.classes > 0, groupings: groupings.map(grouping => ({ grouping, synthetic: counted(grouping, s), real: counted(grouping, r) })) };
});

/** The figure of rates of the model's decisions; several `rates` (with a name each): the largest gap of any counts. */
export async function modelGap(metric: string, context: EvaluationContext, rates: ReadonlyArray<{ name: string; of(c: Counts): Rate }>, how: 'difference' | 'ratio' = 'difference'): Promise<Figure> {
  const j = await judgedOf(context);
  if ('why' in j) return noTask(metric, j);
  const all = j.groupings.map((g): GroupRates => ({ grouping: g.grouping, synthetic: rates.map(r => g.synthetic.map(r.of)), real: rates.map(r => g.real.map(r.of)) }));
  return gapFigure(metric, all, j.task.samples, { favourable: j.favourable.words }, how === 'difference' ? thresholds.parity : thresholds.impact, how, 'trained on real rows', rates.map(r => r.name));
}
