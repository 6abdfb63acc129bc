import type { EvaluationContext } from '../metric';
import { fitBoosting } from '../../learners/boosting';
import { concatRows, type FeatureMatrix } from '../../learners/features';
import { stratifiedFolds } from '../../learners/folds';
import { fitDense } from '../../learners/dense';
import { normalCdf } from '../../learners/distributions';
import { fitLogistic } from '../../learners/linear';
import { deLong } from '../../learners/metrics';
import { z95 } from '../statistics';
import { sampleRows, takeRows } from '../features';

export interface TwoSample {
  auc: number; low: number; high: number; rowsEach: number; method: string;
  /** Chance of an AUC as high when labels of the tested rows are dealt anew, the classifier given: the Mann-Whitney test, in its normal limit. */
  p: number;
}

/** Learns to tell 1 from 0 and returns a score of rows. */
export type Classifier = (x: FeatureMatrix, y: Float64Array, seed: number, progress: (f: number) => Promise<void>) => Promise<(rows: FeatureMatrix) => Float64Array>;

export const boostedTrees: Classifier = async (x, y, seed, progress) => {
  const model = await fitBoosting(x, y, { task: 'binary', seed, progress });
  return rows => model.raw(rows);
};
/** A linear classifier: numbers standardised with gaps at the mean, categories one-hot. */
export const logistic: Classifier = async (x, y, _seed, progress) => {
  const encoder = fitDense(x), model = await fitLogistic(encoder.encode(x), y, 2, { tolerance: 1e-4, iterations: 100, progress });
  return rows => model.probabilities(encoder.encode(rows));
};

/** With fewer rows a table than this no classifier can be judged. */
export const fewest = 30;
/** Below this many rows a table, five folds take turns; above, one half trains and the other tests. */
export const crossFitBelow = 2000;

/** Rows that more than so many equal are common, not doubles: kept together they would leave folds without a class, and one more or less of them teaches little. */
const mostDoubles = 10;

/**
 * Which rows are doubles, equal in every column: one number for each such group, and one for each other row. A classifier that has learnt "this row is of b" and meets
 * its double of a is wrong for that reason alone (a copy of the table it is compared with had an AUC of .03), so that doubles are all learnt from or all judged on.
 */
export function doublesOf({ rows, features }: FeatureMatrix): Int32Array {
  let group = new Int32Array(rows), groups = 1;
  for (const { values } of features) {
    const codes = new Map<number, number>(), coded = Int32Array.from(values, v => { let c = codes.get(v); if (c === undefined) codes.set(v, (c = codes.size)); return c; });
    const finer = new Map<number, number>(), width = codes.size;
    group = group.map((g, i) => { const key = g * width + coded[i]; let f = finer.get(key); if (f === undefined) finer.set(key, (f = finer.size)); return f; });
    groups = finer.size;
    if (groups === rows) break;
  }
  const size = new Int32Array(groups);
  for (const g of group) size[g]++;
  return group.map(g => (size[g] <= mostDoubles ? g : groups++));
}

/**
 * Area under the ROC curve of a boosted-tree classifier that tells rows of `a` from rows of `b`, on rows it was not trained on.
 * Equal numbers of rows of both are drawn without repetition. From 2,000 rows a table on, half of each trains and half tests, with DeLong's
 * interval; below, the AUCs of five folds are averaged, and their DeLong variances too. The interval is for this classifier, trained once.
 */
export async function twoSampleAuc(context: EvaluationContext, a: FeatureMatrix, b: FeatureMatrix, most: number, purpose: string, progress: (f: number) => Promise<void>, classifier: Classifier = boostedTrees): Promise<TwoSample> {
  const n = Math.min(a.rows, b.rows, most), { seed } = context;
  const x = concatRows([takeRows(a, sampleRows(a.rows, n, seed, `${purpose} a`)), takeRows(b, sampleRows(b.rows, n, seed, `${purpose} b`))]);
  const y = Float64Array.from({ length: 2 * n }, (_, i) => (i < n ? 1 : 0));
  const folds = stratifiedFolds(y, n >= crossFitBelow ? 2 : 5, seed, doublesOf(x)), used = n >= crossFitBelow ? folds.slice(0, 1) : folds;
  let sum = 0, variance = 0, luck = 0;
  for (const [k, fold] of used.entries()) {
    const pick = (rows: Int32Array) => Float64Array.from(rows, r => y[r]);
    const score = await classifier(takeRows(x, fold.train), pick(fold.train), seed, f => progress((k + f) / used.length));
    const result = deLong(pick(fold.test), score(takeRows(x, fold.test)));
    const p = fold.test.reduce((c, r) => c + y[r], 0), q = fold.test.length - p;
    // a classifier that gives every row one score, or a perfect one, has no DeLong variance; the Mann-Whitney one stands in
    const chance = (p + q + 1) / (12 * p * q);
    sum += result.auc; luck += chance; variance += result.variance > 0 ? result.variance : chance;
  }
  const auc = sum / used.length, half = (z95 * Math.sqrt(variance)) / used.length;
  const z = (sum - used.length / 2) / Math.sqrt(luck);
  return { p: normalCdf(-z), auc, low: Math.max(0, auc - half), high: Math.min(1, auc + half), rowsEach: n, method: used.length === 1 ? 'DeLong, half of the rows tested' : 'DeLong, mean of five folds' };
}
