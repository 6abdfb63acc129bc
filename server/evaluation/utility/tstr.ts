import type { Figure } from '../../protocol';
import { fitBoosting } from '../../learners/boosting';
import { encodeTarget, type FeatureMatrix } from '../../learners/features';
import type { EvaluationContext, Metric } from '../metric';
import { featuresOf, sampleRows, takeRows, without } from '../features';
import { notAssessable } from '../privacy/leak';
import { z95 } from '../statistics';
import { mean, pooledError } from '../folds';
import { difference, explained, macroAuc, standardError, type Scored } from '../scores';
import * as thresholds from '../thresholds';

const id = 'utility.tstr', mostRows = 50_000, mostClasses = 20;

/**
 * Train on synthetic, test on real (Esteban, Hyland & Raetsch 2017): boosted trees learn the outcome from synthetic rows and are judged on control rows;
 * AUC (more than two classes: mean of each against the rest) or R2. The reference is the same learner on as many training rows; the shortfall comes with
 * a 95% interval from the paired rows (DeLong's components; delta method for R2). Sample: equal numbers of synthetic and training rows, at most
 * 50,000, and at most 50,000 control rows, those with a known outcome. Classes beyond the 20 most frequent are one class.
 */
export const metric: Metric = {
  compute: async context => figure(await trained(context)),
  async cross(_, folds) {
    const all: Trained[] = [];
    for (const f of folds) {
      const t = await trained(f.context);
      if ('verdict' in t) { if (t.verdict === 'not-assessable') return t; } else all.push(t);
    }
    return all.length ? figure(pooled(all)) : notAssessable(id, 'Too few rows with a known outcome.', {}, 'undecided');
  },
};

/** Scores on the control rows, of the learner trained on synthetic rows and on real ones, with their standard errors and that of their difference. */
interface Trained { column: string; score: 'AUC' | 'AUC, mean over classes' | 'R2'; synthetic: Estimate; real: Estimate; shortfall: Estimate; samples: Record<string, number> }
interface Estimate { value: number; error: number }

async function trained(context: EvaluationContext): Promise<Trained | Figure> {
  const { outcome, control } = context;
  if (!outcome) return notAssessable(id, 'No outcome was chosen, and none could be guessed.');
  if (!control) return notAssessable(id, 'Without real rows that neither model was trained on, usefulness cannot be judged.');
  const problem = await prepareProblem(context, outcome), { training, synthetic, test, classes } = problem;
  const samples = { synthetic: synthetic.y.length, training: training.y.length, control: test.y.length };
  if (test.y.length < 20 || training.y.length < 20 || synthetic.y.length < 20) return notAssessable(id, `Too few rows with a known "${outcome.column}".`, samples, 'undecided');
  const score = async (part: Problem, from: number): Promise<Scored> => {
    const p = await predict(part, test.x, classes, context.seed, f => context.progress(from + f / 2, 'train on synthetic, test on real'));
    return classes ? macroAuc(test.y, p, classes) : explained(test.y, p);
  };
  const s = await score(synthetic, 0), r = await score(training, 0.5);
  if (Number.isNaN(s.score) || Number.isNaN(r.score)) return notAssessable(id, `"${outcome.column}" takes one value only among the control rows.`, samples, 'undecided');
  const { difference: d, standardError: se } = difference(r, s);
  return {
    column: outcome.column, score: classes ? (classes === 2 ? 'AUC' : 'AUC, mean over classes') : 'R2', samples,
    synthetic: { value: s.score, error: standardError(s) }, real: { value: r.score, error: standardError(r) }, shortfall: { value: d, error: se },
  };
}

/** Means over folds, whose control rows are disjoint. */
function pooled(all: readonly Trained[]): Trained {
  const average = (pick: (t: Trained) => Estimate): Estimate => ({ value: mean(all.map(t => pick(t).value)), error: pooledError(all.map(t => pick(t).value), all.map(t => pick(t).error)) });
  return {
  ...all[0], synthetic: average(t => t.synthetic), real: average(t => t.real), shortfall: average(t => t.shortfall),
  samples: Object.fromEntries(Object.keys(all[0].samples).map(k => [k, all.reduce((n, t) => n + t.samples[k], 0)])),
  };
}

function figure(t: Trained | Figure): Figure {
  if ('verdict' in t) return t;
  const { column, score, samples, synthetic: s, real: r } = t, d = t.shortfall.value, low = d - z95 * t.shortfall.error, high = d + z95 * t.shortfall.error;
  const skill = r.value - (score === 'R2' ? 0 : 0.5), half = (x: Estimate) => z95 * x.error;
  let verdict: Figure['verdict'] = d <= thresholds.tstr.good ? 'good' : d <= thresholds.tstr.fair ? 'fair' : 'poor', note: string | undefined;
  if (skill < 0.02) { verdict = 'undecided'; note = `Even trained on real rows, the learner cannot predict "${column}"; nothing can be said about usefulness for it.`; }
  else if (low <= 0 && (high > thresholds.tstr.fair || verdict !== 'good')) {
    verdict = 'undecided';
    note = 'The control has too few rows to tell: the shortfall could be chance, or more than tolerable.';
  }
  return {
    metric: id, value: s.value, interval: { low: s.value - half(s), high: s.value + half(s), level: 0.95, method: score === 'R2' ? 'delta method over rows' : 'DeLong' },
    reference: { label: 'trained on real rows', value: r.value, interval: [r.value - half(r), r.value + half(r)] }, samples, verdict, ...(note ? { note } : {}),
    detail: { outcome: column, score, shortfall: d, shortfallLow: low, shortfallHigh: high },
  };
}

interface Problem { x: FeatureMatrix; y: Float64Array }

async function prepareProblem(context: EvaluationContext, outcome: NonNullable<EvaluationContext['outcome']>): Promise<{ training: Problem; synthetic: Problem; test: Problem; classes: number }> {
  const f = await featuresOf(context), { column, task } = outcome;
  const { targets: [training, synthetic, control], labels } = encodeTarget([context.training, context.synthetic, context.control!], column, task);
  let classes = labels.length;
  if (classes > mostClasses) {
    const counts = new Float64Array(classes);
    for (const y of training) if (y === y) counts[y]++;
    const order = Array.from(counts.keys()).sort((a, b) => counts[b] - counts[a]), code = new Float64Array(classes).fill(mostClasses - 1);
    order.slice(0, mostClasses - 1).forEach((k, i) => { code[k] = i; });
    for (const y of [training, synthetic, control]) for (let i = 0; i < y.length; i++) if (y[i] === y[i]) y[i] = code[y[i]];
    classes = mostClasses;
  }
  const known = (y: Float64Array) => Array.from(y.keys()).filter(i => Number.isFinite(y[i]));
  const kept = { training: known(training), synthetic: known(synthetic), control: known(control) }, equal = Math.min(kept.training.length, kept.synthetic.length, mostRows);
  const part = (m: FeatureMatrix, y: Float64Array, rows: number[], most: number, name: string): Problem => {
    const drawn = sampleRows(rows.length, most, context.seed, `tstr ${name}`).map(i => rows[i]).sort();
    return { x: takeRows(without(m, column), drawn), y: Float64Array.from(drawn, r => y[r]) };
  };
  return {
    training: part(f.training, training, kept.training, equal, 'training'), synthetic: part(f.synthetic, synthetic, kept.synthetic, equal, 'synthetic'),
    test: part(f.control!, control, kept.control, mostRows, 'control'), classes: task === 'regression' ? 0 : Math.max(2, classes),
  };
}

/** Scores of the test rows: log-odds or class probabilities or values. A training table with one class only scores all rows alike. */
async function predict(train: Problem, test: FeatureMatrix, classes: number, seed: number, progress: (f: number) => Promise<void>): Promise<Float64Array> {
  if (classes && train.y.every(v => v === train.y[0])) return new Float64Array(test.rows * (classes === 2 ? 1 : classes));
  const model = await fitBoosting(train.x, train.y, { task: classes === 0 ? 'regression' : classes === 2 ? 'binary' : 'multiclass', ...(classes > 2 ? { classes } : {}), seed, progress });
  return classes > 2 ? model.probabilities(test) : model.raw(test);
}
