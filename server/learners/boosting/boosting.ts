import { type FeatureMatrix, takeRows } from '../features';
import { permutation } from '../random';
import { type BinMap, applyBins, fitBins } from './binning';
import { TreeGrower } from './grower';
import { type Loss, type Task, binaryLoss, multiclassLoss, squaredLoss } from './loss';
import { type Tree, addPredictions } from './tree';

/** Settings, with scikit-learn's HistGradientBoosting defaults. */
export interface BoostingOptions {
  /** binary: y in {0, 1}. multiclass: y a code in [0, classes). regression: any finite number. */
  task: Task;
  classes?: number;
  /** Decides the early-stopping split and, above 200,000 rows, the rows that quantiles are taken from. */
  seed: number;
  iterations?: number;          // 100
  learningRate?: number;        // 0.1
  maxLeafNodes?: number;        // 31
  maxDepth?: number;            // unlimited
  minSamplesLeaf?: number;      // 20
  l2?: number;                  // 0
  maxBins?: number;             // 255
  /** 'auto': when there are more than 10,000 rows. */
  earlyStopping?: 'auto' | boolean;
  validationFraction?: number;  // 0.1
  patience?: number;            // 10 iterations
  tolerance?: number;           // 1e-7 of loss
  /** One non-negative weight per row. */
  weights?: Float64Array;
  /** Awaited after every tree with the share done; may throw to cancel. */
  progress?(fraction: number): Promise<void>;
}

const quantileRows = 200_000, histogramBudget = 512 * 2 ** 20;

/**
 * Fits histogram gradient-boosted trees (Friedman 2001 with Newton leaf values; the algorithm of Ke et al. 2017, LightGBM, in the form
 * scikit-learn's HistGradientBoosting gives it: given the same rows and no early stopping, the trees are the same).
 *
 * Cost: about rows x features x (1 + half the tree's depth) histogram updates an iteration, a few ns each; memory: one byte a cell, and
 * at most 512 MiB of histograms (with very many columns fewer bins are used to stay within it).
 *
 * @param x rows x features, NaN where missing
 * @param y one target per row; see `task`
 * @throws RangeError when shapes or targets do not fit together
 */
export async function fitBoosting(x: FeatureMatrix, y: ArrayLike<number>, options: BoostingOptions): Promise<BoostedTrees> {
  const target = Float64Array.from(y);
  check(x, target, options);
  const n = x.rows, weights = options.weights;
  const stopping = options.earlyStopping === undefined || options.earlyStopping === 'auto' ? n > 10_000 : options.earlyStopping;
  const loss = options.task === 'binary' ? binaryLoss : options.task === 'multiclass' ? multiclassLoss(options.classes!) : squaredLoss(weights !== undefined);

  let train = x, yTrain = target, wTrain = weights;
  let held: { x: FeatureMatrix; y: Float64Array; w?: Float64Array } | null = null;
  if (stopping) {
    const parts = holdOut(target, options.task !== 'regression', options.validationFraction ?? 0.1, options.seed);
    if (parts) {
      const pick = (v: Float64Array, rows: Int32Array) => Float64Array.from(rows, r => v[r]);
      train = takeRows(x, parts.train); yTrain = pick(target, parts.train); wTrain = weights && pick(weights, parts.train);
      held = { x: takeRows(x, parts.held), y: pick(target, parts.held), w: weights && pick(weights, parts.held) };
    }
  }

  const maxLeafNodes = options.maxLeafNodes ?? 31;
  const sample = train.rows > quantileRows ? permutation(options.seed, 'boosting bins', train.rows).subarray(0, quantileRows) : undefined;
  let maxBins = options.maxBins ?? 255, map = fitBins(train, maxBins, wTrain, sample, x);
  while (TreeGrower.histogramBytes(map, maxLeafNodes) > histogramBudget && maxBins > 16) map = fitBins(train, maxBins = maxBins >> 1, wTrain, sample, x);
  const binned = applyBins(map, train), heldBinned = held && applyBins(map, held.x);

  const baseline = loss.baseline(yTrain, wTrain), m = train.rows, outputs = loss.outputs;
  const raw = spread(baseline, m), heldRaw = held ? spread(baseline, held.y.length) : null;
  const g = new Float32Array(outputs * m), h = new Float32Array(outputs * m);
  const grower = new TreeGrower(binned, map, {
    maxLeafNodes, maxDepth: options.maxDepth ?? Infinity, minSamplesLeaf: options.minSamplesLeaf ?? 20, l2: options.l2 ?? 0, minHessian: 1e-3, learningRate: options.learningRate ?? 0.1,
  });
  const iterations = options.iterations ?? 100, trees: Tree[][] = [], scores: number[] = [];
  const score = () => held ? loss.value(held.y, heldRaw!, held.w) : loss.value(yTrain, raw, wTrain);
  if (stopping) scores.push(score());
  for (let t = 0; t < iterations; t++) {
    loss.derivatives(yTrain, raw, g, h, wTrain);
    const round: Tree[] = [];
    for (let k = 0; k < outputs; k++) {
      const tree = grower.grow(g, h, k * m, loss.constantHessian);
      grower.addToTraining(raw, k * m);
      if (held) addPredictions(tree, heldBinned!, heldRaw!, k * held.y.length);
      round.push(tree);
      await options.progress?.((t + (k + 1) / outputs) / iterations);
    }
    trees.push(round);
    if (stopping) {
      scores.push(score());
      if (stalled(scores, options.patience ?? 10, options.tolerance ?? 1e-7)) break;
    }
  }
  await options.progress?.(1);
  return new BoostedTrees(options.task, map, loss, baseline, trees, scores);
}

/** A fitted model. Predictions are for matrices with the same features in the same order and encoding. */
export class BoostedTrees {
  constructor(
    readonly task: Task, readonly bins: BinMap, private readonly loss: Loss, readonly baseline: Float64Array,
    /** [iteration][output] */
    readonly trees: readonly (readonly Tree[])[],
    /** Loss on the held-out share before the first and after every iteration; empty without early stopping. */
    readonly validationLoss: readonly number[],
  ) {}

  get iterations(): number { return this.trees.length; }

  /** Additive scores, output-major [outputs * rows]: log-odds, unnormalised log-probabilities, or the value. */
  raw(x: FeatureMatrix): Float64Array {
    const data = applyBins(this.bins, x), out = spread(this.baseline, x.rows);
    for (const round of this.trees) round.forEach((tree, k) => addPredictions(tree, data, out, k * x.rows));
    return out;
  }

  /** Probabilities: for binary that of class 1 [rows]; for multiclass row-major [rows * classes]. */
  probabilities(x: FeatureMatrix): Float64Array {
    const raw = this.raw(x), n = x.rows, k = this.loss.outputs;
    if (this.task === 'regression') throw new TypeError('a regression has no probabilities');
    if (this.task === 'binary') return raw.map(r => 1 / (1 + Math.exp(-r)));
    const out = new Float64Array(n * k);
    for (let i = 0; i < n; i++) {
      let top = -Infinity, sum = 0;
      for (let c = 0; c < k; c++) top = Math.max(top, raw[c * n + i]);
      for (let c = 0; c < k; c++) sum += out[i * k + c] = Math.exp(raw[c * n + i] - top);
      for (let c = 0; c < k; c++) out[i * k + c] /= sum;
    }
    return out;
  }

  /** The value (regression) or the most likely class's code. */
  predict(x: FeatureMatrix): Float64Array {
    const raw = this.raw(x), n = x.rows;
    if (this.task === 'regression') return raw;
    if (this.task === 'binary') return raw.map(r => (r > 0 ? 1 : 0));
    return Float64Array.from({ length: n }, (_, i) => {
      let best = 0;
      for (let c = 1; c < this.loss.outputs; c++) if (raw[c * n + i] > raw[best * n + i]) best = c;
      return best;
    });
  }
}

function spread(baseline: Float64Array, rows: number): Float64Array {
  const raw = new Float64Array(baseline.length * rows);
  baseline.forEach((b, k) => raw.fill(b, k * rows, (k + 1) * rows));
  return raw;
}

/** True when none of the last `patience` losses is better than the one before them by more than `tolerance`. */
function stalled(losses: readonly number[], patience: number, tolerance: number): boolean {
  if (losses.length < patience + 1) return false;
  const reference = losses[losses.length - 1 - patience] - tolerance;
  return losses.slice(-patience).every(l => !(l < reference));
}

/** A share of the rows set aside, every class in proportion; null when there is too little to set aside. */
function holdOut(y: Float64Array, stratify: boolean, fraction: number, seed: number): { train: Int32Array; held: Int32Array } | null {
  const order = permutation(seed, 'boosting early stopping', y.length), wanted = Math.ceil(fraction * y.length);
  if (wanted < 1 || wanted >= y.length) return null;
  const counts = new Map<number, number>(), taken = new Map<number, number>();
  if (stratify) for (const v of y) counts.set(v, (counts.get(v) ?? 0) + 1);
  const isHeld = new Uint8Array(y.length);
  let n = 0;
  for (const i of order) {
    const k = stratify ? y[i] : 0, had = taken.get(k) ?? 0;
    if (stratify ? had < Math.round(fraction * counts.get(k)!) : n < wanted) { isHeld[i] = 1; taken.set(k, had + 1); n++; }
  }
  const train: number[] = [], held: number[] = [];
  isHeld.forEach((h, i) => (h ? held : train).push(i));
  return held.length && train.length ? { train: Int32Array.from(train), held: Int32Array.from(held) } : null;
}

function check(x: FeatureMatrix, y: Float64Array, o: BoostingOptions): void {
  if (y.length !== x.rows) throw new RangeError(`${y.length} targets for ${x.rows} rows`);
  if (x.rows === 0) throw new RangeError('no rows to learn from');
  for (const f of x.features) if (f.values.length !== x.rows) throw new RangeError(`feature "${f.name}" has ${f.values.length} values for ${x.rows} rows`);
  if (o.weights && (o.weights.length !== x.rows || o.weights.some(w => !(w >= 0 && w < Infinity)))) throw new RangeError('weights must be finite, not negative, one per row');
  const classes = o.task === 'binary' ? 2 : o.classes ?? 0;
  if (o.task === 'multiclass' && classes < 2) throw new RangeError('multiclass needs `classes` of at least 2');
  for (let i = 0; i < y.length; i++) {
    const fine = o.task === 'regression' ? Number.isFinite(y[i]) : Number.isInteger(y[i]) && y[i] >= 0 && y[i] < classes;
    if (!fine) throw new RangeError(`target ${y[i]} of row ${i} is not ${o.task === 'regression' ? 'a finite number' : `a class in [0, ${classes})`}`);
  }
}
