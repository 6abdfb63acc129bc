import { fitBoosting } from '../../learners/boosting';
import { fitDense } from '../../learners/dense';
import type { FeatureMatrix } from '../../learners/features';
import { fitLogistic, fitRidge } from '../../learners/linear';
import { fitMlp } from '../../learners/mlp';
import { fitCart } from '../../learners/trees';
import { sampleRows, takeRows } from '../features';
import { explained, macroAuc, type Scored } from '../scores';
import type { Problem } from './problem';

/** Scores of rows: [rows] for two classes (any monotone score of the second) and for numbers, else row-major [rows * classes]. */
export type Predictor = (x: FeatureMatrix) => Float64Array;
export type LearnerId = 'boosted' | 'linear' | 'mlp' | 'tree' | 'stumps';
type Fit = (train: Problem, classes: number, seed: number, progress: (f: number) => Promise<void>) => Promise<Predictor>;

const boosting = (settings: { maxLeafNodes?: number }): Fit => async (train, classes, seed, progress) => {
  const model = await fitBoosting(train.x, train.y, { task: classes === 0 ? 'regression' : classes === 2 ? 'binary' : 'multiclass', ...(classes > 2 ? { classes } : {}), seed, progress, ...settings });
  return x => (classes > 2 ? model.probabilities(x) : model.raw(x));
};

/** Linear models take at most this many rows: past it their coefficients move less than the intervals are wide. */
const mostLinear = 20_000;
/** Of so few rows a network's score hangs more on its start than on the rows: several vote (Hansen & Salamon 1990). */
const fewForOne = 1000, starts = 3;
const second = (p: Float64Array, classes: number): Float64Array => (classes === 2 ? p.filter((_, i) => i % 2 === 1) : p);

const fits: Record<LearnerId, Fit> = {
  boosted: boosting({}),
  /** Additive boosted stumps: one column at a time. */
  stumps: boosting({ maxLeafNodes: 2 }),
  linear: async (given, classes, seed, progress) => {
    const train = thinned(given, mostLinear, seed), encoder = fitDense(train.x, { scaleCategories: false }), dense = encoder.encode(train.x);
    if (classes === 0) { const model = fitRidge(dense, train.y); return x => model.predict(encoder.encode(x)); }
    const model = await fitLogistic(dense, train.y, classes, { tolerance: 1e-5, iterations: 200, progress });
    return x => model.probabilities(encoder.encode(x));
  },
  mlp: async (train, classes, seed, progress) => {
    const encoder = fitDense(train.x, { scaleCategories: false }), dense = encoder.encode(train.x), models: Awaited<ReturnType<typeof fitMlp>>[] = [];
    for (let k = 0; k < (train.y.length < fewForOne ? starts : 1); k++) models.push(await fitMlp(dense, train.y, { task: classes ? 'classification' : 'regression', classes, seed: seed + 1000 * k, progress }));
    return x => {
      const asked = encoder.encode(x), each = models.map(m => (classes ? second(m.probabilities(asked), classes) : m.values(asked)));
      return each[0].map((_, i) => each.reduce((s, p) => s + p[i], 0) / each.length);
    };
  },
  tree: async (train, classes, _, progress) => {
    const tree = await fitCart(train.x, train.y, { task: classes ? 'classification' : 'regression', classes, minSamplesLeaf: 20, maxDepth: 8, progress });
    return x => (classes ? second(tree.probabilities(x), classes) : tree.predict(x));
  },
};

export const learnerNames: Record<LearnerId, string> = { boosted: 'boosted trees', linear: 'a linear model', mlp: 'a neural network', tree: 'a single tree', stumps: 'boosted stumps' };

/** A fitted learner. A training table with one class only scores all rows alike. */
export async function fitLearner(id: LearnerId, train: Problem, classes: number, seed: number, progress: (f: number) => Promise<void>): Promise<Predictor> {
  if (classes && train.y.every(v => v === train.y[0])) return x => new Float64Array(x.rows * (classes === 2 ? 1 : classes));
  return fits[id](train, classes, seed, progress);
}

/** The rows of each table that the learner is fitted on or judged by. */
export const learntFrom = (id: LearnerId, samples: Record<string, number>): Record<string, number> =>
  id === 'linear' ? { ...samples, synthetic: Math.min(mostLinear, samples.synthetic), training: Math.min(mostLinear, samples.training) } : samples;

/** AUC (several classes: mean of each against the rest) or R2 of predictions, with every row's influence. */
export const scoreOf = (test: Problem, predicted: Float64Array, classes: number): Scored => (classes ? macroAuc(test.y, predicted, classes) : explained(test.y, predicted));

/** At most so many rows, drawn without repetition, in their own order. */
export function thinned(p: Problem, most: number, seed: number): Problem {
  if (p.y.length <= most) return p;
  return rowsOf(p, sampleRows(p.y.length, most, seed, 'thinned').slice().sort());
}

export const rowsOf = (p: Problem, rows: Int32Array): Problem => ({ x: takeRows(p.x, rows), y: Float64Array.from(rows, r => p.y[r]) });
