import type { Figure } from '../../protocol';
import { fitBoosting } from '../../learners/boosting';
import { encodeTarget, type FeatureMatrix } from '../../learners/features';
import type { EvaluationContext, Metric } from '../metric';
import { featuresOf, sampleRows, takeRows, without } from '../features';
import { notAssessable } from '../privacy/leak';
import { z95 } from '../statistics';
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
  async compute(context) {
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
    const { difference: d, standardError: se } = difference(r, s), half = (x: Scored) => z95 * standardError(x);
    const low = d - z95 * se, high = d + z95 * se, skill = r.score - (classes ? 0.5 : 0);
    let verdict: Figure['verdict'] = d <= thresholds.tstr.good ? 'good' : d <= thresholds.tstr.fair ? 'fair' : 'poor', note: string | undefined;
    if (skill < 0.02) { verdict = 'undecided'; note = `Even trained on real rows, the learner cannot predict "${outcome.column}"; nothing can be said about usefulness for it.`; }
    else if (low <= 0 && (high > thresholds.tstr.fair || verdict !== 'good')) {
      verdict = 'undecided';
      note = 'The control has too few rows to tell: the shortfall could be chance, or more than tolerable.';
    }
    return {
      metric: id, value: s.score, interval: { low: s.score - half(s), high: s.score + half(s), level: 0.95, method: classes ? 'DeLong' : 'delta method over rows' },
      reference: { label: 'trained on real rows', value: r.score, interval: [r.score - half(r), r.score + half(r)] }, samples, verdict, ...(note ? { note } : {}),
      detail: { outcome: outcome.column, score: classes ? (classes === 2 ? 'AUC' : 'AUC, mean over classes') : 'R2', shortfall: d, shortfallLow: low, shortfallHigh: high },
    };
  },
};

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
