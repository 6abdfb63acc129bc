import type { EvaluationContext } from '../metric';
import { fitBoosting } from '../../learners/boosting';
import { concatRows, type FeatureMatrix } from '../../learners/features';
import { stratifiedFolds } from '../../learners/folds';
import { deLong } from '../../learners/metrics';
import { z95 } from '../statistics';
import { sampleRows, takeRows } from '../features';

export interface TwoSample { auc: number; low: number; high: number; rowsEach: number; method: string }

/** With fewer rows a table than this no classifier can be judged. */
export const fewest = 30;
/** Below this many rows a table, five folds take turns; above, one half trains and the other tests. */
export const crossFitBelow = 2000;

/**
 * Area under the ROC curve of a boosted-tree classifier that tells rows of `a` from rows of `b`, on rows it was not trained on.
 * Equal numbers of rows of both are drawn without repetition. From 2,000 rows a table on, half of each trains and half tests, with DeLong's
 * interval; below, the AUCs of five folds are averaged, and their DeLong variances too. The interval is for this classifier, trained once.
 */
export async function twoSampleAuc(context: EvaluationContext, a: FeatureMatrix, b: FeatureMatrix, most: number, purpose: string, progress: (f: number) => Promise<void>): Promise<TwoSample> {
  const n = Math.min(a.rows, b.rows, most), { seed } = context;
  const x = concatRows([takeRows(a, sampleRows(a.rows, n, seed, `${purpose} a`)), takeRows(b, sampleRows(b.rows, n, seed, `${purpose} b`))]);
  const y = Float64Array.from({ length: 2 * n }, (_, i) => (i < n ? 1 : 0));
  const folds = stratifiedFolds(y, n >= crossFitBelow ? 2 : 5, seed), used = n >= crossFitBelow ? folds.slice(0, 1) : folds;
  let sum = 0, variance = 0;
  for (const [k, fold] of used.entries()) {
    const pick = (rows: Int32Array) => Float64Array.from(rows, r => y[r]);
    const model = await fitBoosting(takeRows(x, fold.train), pick(fold.train), { task: 'binary', seed, progress: f => progress((k + f) / used.length) });
    const result = deLong(pick(fold.test), model.raw(takeRows(x, fold.test)));
    const p = fold.test.reduce((c, r) => c + y[r], 0), q = fold.test.length - p;
    // a classifier that gives every row one score, or a perfect one, has no DeLong variance; the Mann-Whitney one stands in
    sum += result.auc; variance += result.variance > 0 ? result.variance : (p + q + 1) / (12 * p * q);
  }
  const auc = sum / used.length, half = (z95 * Math.sqrt(variance)) / used.length;
  return { auc, low: Math.max(0, auc - half), high: Math.min(1, auc + half), rowsEach: n, method: used.length === 1 ? 'DeLong, half of the rows tested' : 'DeLong, mean of five folds' };
}
