import type { Figure } from '../../protocol';
import { encodeTarget, type FeatureMatrix } from '../../learners/features';
import type { EvaluationContext } from '../metric';
import { featuresOf, sampleRows, takeRows, without } from '../features';
import { notAssessable } from '../privacy/leak';

export const mostRows = 50_000;
const mostClasses = 20;

/** Rows to learn from or to be judged on: features without the outcome, and the outcome. */
export interface Problem { x: FeatureMatrix; y: Float64Array; /** Where its rows stand in their table, where they come from one. */ rows?: Int32Array }
/** What predicting the outcome is: as many synthetic as training rows, and the control rows that judge. `classes` 0: a number is predicted. */
export interface Task { column: string; training: Problem; synthetic: Problem; test: Problem; classes: number; samples: Record<string, number>; /** Class labels by code; "others" last where there were too many. */ labels: readonly string[] }

/**
 * The task of the declared outcome, made once: equal numbers of synthetic and training rows with a known outcome, at most 50,000, and at most 50,000 control
 * rows. Classes beyond the 20 most frequent are one class.
 * @returns the task, or in words why there is none, with the verdict that fits
 */
export const taskOf = (context: EvaluationContext): Promise<Task | { why: string; samples: Record<string, number>; verdict: 'not-assessable' | 'undecided' }> => context.shared('utility task', async () => {
  const none = (why: string, samples: Record<string, number> = {}, verdict: 'not-assessable' | 'undecided' = 'not-assessable') => ({ why, samples, verdict });
  const { outcome, control } = context;
  if (!outcome) return none('No outcome was chosen, and none could be guessed.');
  if (!control) return none('Without real rows that neither model was trained on, usefulness cannot be judged.');
  const task = await prepare(context, outcome), { training, synthetic, test } = task, { samples } = task;
  if (test.y.length < 20 || training.y.length < 20 || synthetic.y.length < 20) return none(`Too few rows with a known "${outcome.column}".`, samples, 'undecided');
  return task;
});

/** The figure of a metric that has no task. */
export const noTask = (metric: string, t: { why: string; samples: Record<string, number>; verdict: 'not-assessable' | 'undecided' }): Figure => notAssessable(metric, t.why, t.samples, t.verdict);

async function prepare(context: EvaluationContext, { column, task }: NonNullable<EvaluationContext['outcome']>): Promise<Task> {
  const f = await featuresOf(context);
  const { targets: [training, synthetic, control], labels: all } = encodeTarget([context.training, context.synthetic, context.control!], column, task);
  let classes = all.length, labels: readonly string[] = all;
  if (classes > mostClasses) {
    const counts = new Float64Array(classes);
    for (const y of training) if (y === y) counts[y]++;
    const order = Array.from(counts.keys()).sort((a, b) => counts[b] - counts[a]), code = new Float64Array(classes).fill(mostClasses - 1);
    order.slice(0, mostClasses - 1).forEach((k, i) => { code[k] = i; });
    for (const y of [training, synthetic, control]) for (let i = 0; i < y.length; i++) if (y[i] === y[i]) y[i] = code[y[i]];
    labels = [...order.slice(0, mostClasses - 1).map(k => all[k]), 'others'];
    classes = mostClasses;
  }
  const known = (y: Float64Array) => Array.from(y.keys()).filter(i => Number.isFinite(y[i]));
  const kept = { training: known(training), synthetic: known(synthetic), control: known(control) }, equal = Math.min(kept.training.length, kept.synthetic.length, mostRows);
  const part = (m: FeatureMatrix, y: Float64Array, rows: number[], most: number, name: string): Problem => {
    const drawn = sampleRows(rows.length, most, context.seed, `tstr ${name}`).map(i => rows[i]).sort();
    return { x: takeRows(without(m, column), drawn), y: Float64Array.from(drawn, r => y[r]), rows: Int32Array.from(drawn) };
  };
  const parts = {
    training: part(f.training, training, kept.training, equal, 'training'), synthetic: part(f.synthetic, synthetic, kept.synthetic, equal, 'synthetic'), test: part(f.control!, control, kept.control, mostRows, 'control'),
  };
  return { column, ...parts, classes: task === 'regression' ? 0 : Math.max(2, classes), labels, samples: { synthetic: parts.synthetic.y.length, training: parts.training.y.length, control: parts.test.y.length } };
}
