/** Logistic regression as in SDMetrics' LogisticDetection, real against real: npx tsx bench/learners/linear.mts TRAIN.csv HOLDOUT.csv */
import { readTable } from '../../server/table/read';
import { fitDense } from '../../server/learners/dense';
import { concatRows, encodeFeatures, learnableColumns, takeRows } from '../../server/learners/features';
import { stratifiedFolds } from '../../server/learners/folds';
import { fitLogistic } from '../../server/learners/linear';
import { auc } from '../../server/learners/metrics';
const [a, b] = await Promise.all(process.argv.slice(2, 4).map(async p => readTable(p)));
const both = encodeFeatures([a, b], learnableColumns([a, b])), x = concatRows(both), y = Float64Array.from({ length: x.rows }, (_, i) => (i < a.rows ? 1 : 0));
for (const fold of stratifiedFolds(y, 3, 1)) {
  const t = performance.now(), cpu = process.cpuUsage(), train = takeRows(x, fold.train), test = takeRows(x, fold.test), dense = fitDense(train, { scale: 'robust' });
  const model = await fitLogistic(dense.encode(train), Float64Array.from(fold.train, i => y[i]), 2, { tolerance: 1e-5 }), p = model.probabilities(dense.encode(test)), spent = process.cpuUsage(cpu);
  console.log(JSON.stringify({ rows: train.rows, width: dense.width, iterations: model.iterations, converged: model.converged, ms: Math.round(performance.now() - t), cpuMs: Math.round((spent.user + spent.system) / 1000), auc: +auc(Float64Array.from(fold.test, i => y[i]), p).toFixed(4) }));
}
