import { fitBoosting } from '../../learners/boosting';
import { studentQuantile } from '../../learners/distributions';
import type { FeatureMatrix } from '../../learners/features';
import { worstFirst } from '../detail';
import { featuresOf, sampleRows, takeRows, without } from '../features';
import { calibratedVerdict, fidelityVerdict } from '../fidelity/verdict';
import type { EvaluationContext, Metric } from '../metric';
import { notAssessable } from '../privacy/leak';
import { shuffledRows } from '../../random';
import { moments } from '../statistics';
import * as thresholds from './thresholds';

const mostRows = 4000, mostColumns = 20, mostClasses = 20, mostDealings = 10;

/**
 * Global utility (TabStruct: Jiang, Simidjievski & Jamnik 2025): every column is predicted from all others by a model trained on synthetic rows, and by one trained on as many training
 * rows; both are judged on control rows, by balanced accuracy for categories and root mean squared error for numbers. The value is the mean over columns of the ratio (of errors the inverse one), each at most
 * 1: where a model from synthetic rows happens to do better, that is luck and not structure.
 *
 * For that very reason a fresh real table falls short of 1 too. How far is estimated where it decides: the training rows are dealt to two halves, several times in small tables, and models from each half stand in
 * the other's place. Halves fall short by no less than whole tables would. Of these values a further one lies below the bound once in twenty (Student's prediction); columns may hang together.
 */
export const metric: Metric = {
  async compute(context) {
    const id = 'structure.global-utility', f = await featuresOf(context);
    if (!f.control) return notAssessable(id, 'Predictions are judged on real rows that the generator never saw, and there are none.');
    const n = Math.min(f.synthetic.rows, f.training.rows, mostRows), m = Math.min(f.control.rows, mostRows);
    if (n < 100 || m < 50 || f.training.features.length < 2) return notAssessable(id, `${Math.min(n, m)} rows are too few for models.`, {}, 'undecided');
    const [real, made, test] = [[f.training, n], [f.synthetic, n], [f.control, m]].map(([x, k], i) => takeRows(x as FeatureMatrix, sampleRows((x as FeatureMatrix).rows, k as number, context.seed, `${id} ${i}`)));
    const columns = Array.from(sampleRows(real.features.length, mostColumns, context.seed, id)).sort((a, b) => a - b), each: Array<[string, number]> = [];
    for (const [done, j] of columns.entries()) {
      const feature = real.features[j], scores: number[] = [];
      for (const train of [real, made]) scores.push(await score(context, train, test, j, f => context.progress((done + f) / columns.length, 'every column from the others')));
      const ratio = ratioOf(feature, scores[0], scores[1]);
      if (Number.isFinite(ratio)) each.push([feature.name, Math.min(1, ratio)]);
    }
    if (each.length === 0) return notAssessable(id, 'No column can be predicted from the others.');
    const value = each.reduce((s, [, v]) => s + v, 0) / each.length, limits = thresholds.globalUtility;
    let worst: number | undefined;
    if (fidelityVerdict(value, limits) !== 'good') {
      const short: number[] = [], half = Math.floor(n / 2), dealings = Math.max(2, Math.min(mostDealings, Math.round(3000 / n)));
      for (let k = 0; k < dealings; k++) {
        const order = shuffledRows(context.seed, `${id} dealing ${k}`, n), halves = [0, 1].map(h => takeRows(real, order.subarray(h * half, (h + 1) * half))), ratios: Array<[number, number]> = [];
        for (const [done, j] of columns.entries()) {
          const own = async (h: 0 | 1): Promise<number> => score(context, halves[h], test, j, f => context.progress((k + (done + (h + f) / 2) / columns.length) / dealings, 'what real rows lack')), a = await own(0), b = await own(1);
          const both: [number, number] = [ratioOf(real.features[j], a, b), ratioOf(real.features[j], b, a)];
          if (both.every(Number.isFinite)) ratios.push(both);
        }
        if (ratios.length > 0) short.push(...[0, 1].map(h => ratios.reduce((s, r) => s + 1 - Math.min(1, r[h]), 0) / ratios.length));
      }
      const { mean, variance } = moments(short);
      if (short.length > 2) worst = 1 - mean - studentQuantile(0.95, short.length - 1) * Math.sqrt(variance * (1 + 1 / short.length));
    }
    return {
      metric: id, value, samples: { synthetic: n, training: n, control: m, columns: each.length }, verdict: worst === undefined ? fidelityVerdict(value, limits) : calibratedVerdict(value, worst, limits), ...(worst !== undefined && { detail: { freshTableWorst5: worst } }), columns: worstFirst(each, 'higher'),
      note: `Models of 50 boosted trees (20 a class beyond two classes) on ${n} rows${columns.length < real.features.length ? `, for ${columns.length} of ${real.features.length} columns` : ''}, drawn at random (seeded).`,
    };
  },
};

/** Of what the second does to what the first does; below 1 it does worse: an error is better when small, an accuracy when large. */
const ratioOf = ({ kind }: FeatureMatrix['features'][number], first: number, second: number): number => (kind === 'number' ? first / second : second / first);

/** Balanced accuracy or root mean squared error on the test rows that have a value; NaN where there is nothing to learn. */
async function score(context: EvaluationContext, train: FeatureMatrix, test: FeatureMatrix, j: number, progress: (f: number) => Promise<void>): Promise<number> {
  const feature = train.features[j], has = (m: FeatureMatrix) => Int32Array.from(m.features[j].values.keys()).filter(i => m.features[j].values[i] === m.features[j].values[i]);
  const classes = feature.kind === 'category' ? Math.min(feature.categories, mostClasses) : 0, code = (v: number) => (feature.kind === 'category' ? Math.min(v, classes - 1) : v);
  const fitRows = has(train), testRows = has(test), y = Float64Array.from(fitRows, i => code(feature.values[i])), truth = Float64Array.from(testRows, i => code(test.features[j].values[i]));
  if (fitRows.length < 50 || testRows.length < 20 || new Set(truth).size < 2) return Number.NaN;
  const rest = without(takeRows(train, fitRows), feature.name), asked = without(takeRows(test, testRows), feature.name);
  // a column whose value never changes in the rows learnt from is predicted by that value
  const constant = new Set(y).size < 2;
  const predicted = constant ? truth.map(() => y[0]) : await (async () => {
    const model = await fitBoosting(rest, y, { task: classes ? (classes === 2 ? 'binary' : 'multiclass') : 'regression', ...(classes > 2 ? { classes } : {}), seed: context.seed, iterations: classes > 2 ? 20 : 50, earlyStopping: false, progress });
    return model.predict(asked);
  })();
  if (!classes) return Math.sqrt(truth.reduce((s, v, i) => s + (v - predicted[i]) ** 2, 0) / truth.length);
  const met = new Float64Array(classes), all = new Float64Array(classes);
  truth.forEach((v, i) => { all[v]++; if (predicted[i] === v) met[v]++; });
  let sum = 0, present = 0;
  for (let k = 0; k < classes; k++) if (all[k]) { sum += met[k] / all[k]; present++; }
  return sum / present;
}
