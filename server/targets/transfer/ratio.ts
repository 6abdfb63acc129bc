/** How much likelier a row is in the target table than in the source: a density ratio by a classifier (Bickel, Brueckner & Scheffer 2009). */
import { fitBoosting } from '../../learners/boosting';
import { fitDense } from '../../learners/dense';
import { concatRows, encodeFeatures, takeRows, type FeatureMatrix } from '../../learners/features';
import { stratifiedFolds } from '../../learners/folds';
import { fitLogistic } from '../../learners/linear';
import { deLong, logLoss, type AucEstimate } from '../../learners/metrics';
import { codeColumn, makeTable } from '../../table/columns';
import type { Table } from '../../table/table';

/** Probability of "target" for any rows; what a kind of classifier learnt. */
export type Score = (x: FeatureMatrix) => Float64Array;
export type Learner = 'logistic' | 'boosted';

/** Fits one kind of classifier. */
export async function learn(kind: Learner, x: FeatureMatrix, y: Float64Array, seed: number, weights?: Float64Array): Promise<Score> {
  if (kind === 'boosted') {
    const model = await fitBoosting(x, y, { task: 'binary', seed, iterations: 60, learningRate: 0.08, maxLeafNodes: 8, minSamplesLeaf: Math.max(5, Math.min(20, Math.floor(x.rows / 50))), earlyStopping: false, ...(weights && { weights }) });
    return (z) => model.probabilities(z);
  }
  const dense = fitDense(x), model = await fitLogistic(dense.encode(x), y, 2, { c: 1, ...(weights && { weights }) });
  return (z) => model.probabilities(dense.encode(z));
}

/** Out-of-fold probabilities of class 1, five folds stratified by class, by the better of two learners (log loss). */
export async function outOfFold(x: FeatureMatrix, y: Float64Array, options: { seed: number; weights?: Float64Array; kinds?: readonly Learner[]; progress?: () => Promise<void> }): Promise<{ p: Float64Array; kind: Learner }> {
  let best: { p: Float64Array; kind: Learner; loss: number } | undefined;
  for (const kind of options.kinds ?? ['logistic', 'boosted']) {
    const p = new Float64Array(x.rows);
    for (const { train, test } of stratifiedFolds(y, 5, options.seed)) {
      const score = await learn(kind, takeRows(x, train), Float64Array.from(train, (i) => y[i]!), options.seed, options.weights && Float64Array.from(train, (i) => options.weights![i]!));
      score(takeRows(x, test)).forEach((v, k) => { p[test[k]!] = Math.min(1 - 1e-6, Math.max(1e-6, v)); });
      await options.progress?.();
    }
    const loss = logLoss(y, p);
    if (!best || loss < best.loss) best = { p, kind, loss };
  }
  return best!;
}

export interface Ratio {
  /** target density over source density of every source row, by models that did not see the row; mean one. */
  source: Float64Array;
  /** The same for any rows of the shared columns. */
  of(table: Table): Float64Array;
  /** How well source and target are told apart. */
  auc: AucEstimate; kind: Learner;
}

/** @param columns shared columns to compare by */
export async function densityRatio(source: Table, target: Table, columns: readonly string[], seed: number, progress?: () => Promise<void>): Promise<Ratio> {
  const [xs, xt] = encodeFeatures([source, target], columns) as [FeatureMatrix, FeatureMatrix], x = concatRows([xs, xt]), n = source.rows, m = target.rows;
  const y = Float64Array.from({ length: n + m }, (_, i) => (i < n ? 0 : 1)), { p, kind } = await outOfFold(x, y, { seed, ...(progress && { progress }) });
  const score = await learn(kind, x, y, seed), ratio = (q: number): number => (Math.min(1 - 1e-4, Math.max(1e-4, q)) / (1 - Math.min(1 - 1e-4, Math.max(1e-4, q)))) * (n / m);
  const raw = Float64Array.from(p.subarray(0, n), ratio), mean = raw.reduce((a, b) => a + b, 0) / n;
  return {
    source: raw.map((w) => w / mean), kind, auc: deLong(y, p),
    // Encoded together with both tables, so that a category has the code it was learnt under.
    of: (table) => { const [, , own] = encodeFeatures([source, target, recoded(table, source, target)], columns) as [FeatureMatrix, FeatureMatrix, FeatureMatrix]; return score(own).map(ratio); },
  };
}

/** Categories that neither table has become missing: encodings are made over all tables, and a new category would shift every code. */
function recoded(table: Table, ...known: readonly Table[]): Table {
  return makeTable(table.schema, table.columns.map((c) => {
    if (c.schema.storage !== 'code') return c;
    const there = new Set(known.flatMap((t) => (t.schema.columns.some((o) => o.name === c.schema.name) ? [...t.column(c.schema.name).categories()] : [])));
    return codeColumn(c.schema, c.codes().map((k) => (k >= 0 && there.has(c.categories()[k]!) ? k : -1)), c.categories());
  }), table.rows);
}

/** The AUC by which two tables are told apart in some columns, out of fold. */
export async function toldApart(a: Table, b: Table, columns: readonly string[], seed: number, weights?: Float64Array): Promise<AucEstimate> {
  const [xa, xb] = encodeFeatures([a, b], columns) as [FeatureMatrix, FeatureMatrix], y = Float64Array.from({ length: a.rows + b.rows }, (_, i) => (i < a.rows ? 0 : 1));
  const { p } = await outOfFold(concatRows([xa, xb]), y, { seed, ...(weights && { weights }) });
  return deLong(y, p);
}
