import type { EvaluationContext, Metric } from '../metric';
import { fitDense } from '../../learners/dense';
import { concatRows, type FeatureMatrix } from '../../learners/features';
import { stratifiedFolds } from '../../learners/folds';
import { fitLogistic } from '../../learners/linear';
import { auc } from '../../learners/metrics';
import { featuresOf, sampleRows, takeRows } from '../features';
import { fidelityVerdict } from './verdict';
import * as thresholds from '../thresholds';

const most = 10_000, mostCells = 2e7;

/**
 * Logistic detection as SDMetrics 0.29 defines it (LogisticDetection): one minus the mean over three stratified folds of 2 max(AUC, .5) - 1, of a
 * logistic regression (C = 1, at most 100 steps of L-BFGS) on robustly scaled columns, numbers filled with the mean, categories one-hot.
 * 1: a linear model cannot tell. Differences: against control rows in equal numbers (at most 10,000 each) where there is a control;
 * boolean columns take part; categories beyond the 255 most frequent are one; a category the real rows lack is no error.
 */
export const metric: Metric = {
  async compute(context) {
    const f = await featuresOf(context), against = f.control ?? f.training, width = f.training.features.reduce((s, x) => s + (x.kind === 'number' ? 1 : x.categories + 1), 1);
    const rows = Math.min(f.synthetic.rows, against.rows, most, Math.max(200, Math.floor(mostCells / width)));
    const value = await detection(context, against, f.synthetic, rows, 'logistic');
    const figure = { metric: 'fidelity.logistic-detection', value, samples: { synthetic: rows, [f.control ? 'control' : 'training']: rows }, verdict: fidelityVerdict(value, thresholds.logistic) };
    if (!f.control) return { ...figure, note: 'Judged against the training rows, for want of a control.' };
    const reference = await detection(context, f.control, f.training, rows, 'logistic reference'), apart = context.controlWithout?.length ? 1 - reference : 0;
    return {
      ...figure, reference: { label: 'training rows against control', value: reference },
      // blocks of time differ by nature: what tells real rows of other times from the control is no fault of the generator
      ...(apart > 0 ? { verdict: fidelityVerdict(Math.min(1, value + apart), thresholds.logistic), note: 'Real rows of other times are told from the control too: the verdict is on what exceeds the reference.' } : {}),
    };
  },
};

async function detection(context: EvaluationContext, real: FeatureMatrix, other: FeatureMatrix, most: number, purpose: string): Promise<number> {
  const n = Math.min(real.rows, other.rows, most), { seed } = context;
  if (n < 3) return Number.NaN;
  const x = concatRows([takeRows(real, sampleRows(real.rows, n, seed, `${purpose} real`)), takeRows(other, sampleRows(other.rows, n, seed, `${purpose} other`))]);
  const y = Float64Array.from({ length: 2 * n }, (_, i) => (i < n ? 1 : 0));
  let sum = 0;
  const folds = stratifiedFolds(y, 3, seed);
  for (const [k, { train, test }] of folds.entries()) {
    const fitted = takeRows(x, train), encoder = fitDense(fitted, { scale: 'robust', fill: 'mean' });
    const model = await fitLogistic(encoder.encode(fitted), train.map(r => y[r]), 2, { tolerance: 1e-4, iterations: 100, progress: f => context.progress((k + f) / 3, 'logistic detection') });
    sum += 2 * Math.max(0.5, auc(test.map(r => y[r]), model.probabilities(encoder.encode(takeRows(x, test))))) - 1;
  }
  return 1 - sum / folds.length;
}
