/**
 * Boosting against scikit-learn's figures: fit time and holdout score.
 *   npx tsx bench/learners/boosting.mts adult TRAIN.csv HOLDOUT.csv OUTCOME
 *   npx tsx bench/learners/boosting.mts split TABLE.csv OUTCOME        (shuffled 80/20)
 * Files are read by papaparse here, so that the figure is the learner's alone. A column is numeric when every non-empty cell is.
 */
import { readFileSync } from 'node:fs';
import Papa from 'papaparse';
import type { Feature, FeatureMatrix } from '../../server/learners/features';
import { takeRows } from '../../server/learners/features';
import { fitBoosting } from '../../server/learners/boosting';
import { auc, logLoss, r2 } from '../../server/learners/metrics';

const read = (path: string) => Papa.parse<Record<string, string>>(readFileSync(path, 'utf8').trim(), { header: true }).data;
const [mode, ...rest] = process.argv.slice(2);
const train = read(rest[0]), holdout = mode === 'adult' ? read(rest[1]) : [], outcome = rest[mode === 'adult' ? 2 : 1];
const all = [...train, ...holdout], names = Object.keys(all[0]).filter(n => n !== outcome);
const column = (name: string): Feature => {
  const cells = all.map(r => r[name]);
  if (cells.every(c => c === '' || c === undefined || Number.isFinite(Number(c)))) return { name, kind: 'number', categories: 0, values: Float64Array.from(cells, c => (c === '' || c === undefined ? NaN : Number(c))) };
  const labels = [...new Set(cells.filter(c => c !== ''))].sort(), code = new Map(labels.map((l, i) => [l, Math.min(i, 254)]));
  return { name, kind: 'category', categories: Math.min(255, labels.length), values: Float64Array.from(cells, c => (c === '' ? NaN : code.get(c)!)) };
};
const x: FeatureMatrix = { rows: all.length, features: names.map(column) };
const target = column(outcome), classes = new Set(target.values).size;
const task = target.kind === 'number' && classes > 20 ? 'regression' : 'binary';
const y = task === 'binary' && target.kind === 'number' ? target.values.map(v => (v === Math.max(...new Set(target.values)) ? 1 : 0)) : target.values;
// a fixed shuffle, the same one as bench/learners/boosting_sklearn.py makes
const order = Array.from({ length: all.length }, (_, i) => i);
if (mode === 'split') { let s = 12345; for (let i = order.length - 1; i > 0; i--) { s = (Math.imul(s, 1103515245) + 12345) & 0x7fffffff; const j = s % (i + 1); [order[i], order[j]] = [order[j], order[i]]; } }
const cut = mode === 'adult' ? train.length : Math.floor(order.length * 0.8), a = order.slice(0, cut), b = order.slice(cut);
const pick = (rows: number[]) => Float64Array.from(rows, r => y[r]);
const xa = takeRows(x, a), xb = takeRows(x, b), ya = pick(a), yb = pick(b);
for (const earlyStopping of (process.env.ES === '0' ? [false] : [false, 'auto']) as Array<boolean | 'auto'>) for (let repeat = 0; repeat < 3; repeat++) {
  const t = performance.now(), cpu = process.cpuUsage(), model = await fitBoosting(xa, ya, { task, seed: repeat, earlyStopping });
  const fit = performance.now() - t, spent = process.cpuUsage(cpu), t2 = performance.now();
  const p = task === 'binary' ? model.probabilities(xb) : model.predict(xb), predict = performance.now() - t2;
  console.log(JSON.stringify({ rows: cut, features: names.length, task, earlyStopping, iterations: model.iterations, fitMs: Math.round(fit), fitCpuMs: Math.round((spent.user + spent.system) / 1000), predictMs: Math.round(predict),
    ...(task === 'binary' ? { auc: +auc(yb, p).toFixed(6), logLoss: +logLoss(yb, p).toFixed(6) } : { r2: +r2(yb, p).toFixed(6) }) }));
}
