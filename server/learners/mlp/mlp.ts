import type { Dense } from '../dense';
import { permutation } from '../random';
import { KeyStream } from '../../engine/random';
import { AdamState } from './adam';
import { type Layer, backward, forward, layersOf } from './layers';
import { rowsOfDense } from './rows';

export interface MlpOptions {
  /** classification: y a code in [0, classes). regression: any finite number. */
  task: 'classification' | 'regression';
  classes?: number;
  /** Decides initial weights, the order of rows and which rows tell when to stop. */
  seed: number;
  hidden?: readonly number[];      // [64, 32]
  learningRate?: number;           // 0.002, falling linearly to a tenth of it
  batch?: number;                  // 128
  epochs?: number;                 // at most 40
  l2?: number;                     // 1e-4
  /** Epochs without a better validation loss before it ends. */
  patience?: number;               // 4
  /** Awaited after every few batches; may throw to cancel. */
  progress?(fraction: number): Promise<void>;
}

/**
 * A multilayer perceptron: ReLU layers, Adam (Kingma & Ba 2015), He initialisation, early stopping on a tenth of the rows with the best weights kept. Float64 on the CPU, and
 * zeros of the input cost nothing, so a one-hot table of 30,000 rows takes a few seconds; a metric needs a third kind of learner beside trees and lines, not a record.
 * @param x rows x width, brought to unit scale (`fitDense`)
 * @throws RangeError when shapes or targets do not fit together
 */
export async function fitMlp(x: Dense, y: ArrayLike<number>, options: MlpOptions): Promise<Mlp> {
  const n = x.rows, regression = options.task === 'regression', outputs = regression ? 1 : options.classes ?? 0;
  if (y.length !== n || n === 0) throw new RangeError(`${y.length} targets for ${n} rows`);
  if (!regression && outputs < 2) throw new RangeError('classification needs `classes` of at least 2');
  for (let i = 0; i < n; i++) if (regression ? !Number.isFinite(y[i]) : !(Number.isInteger(y[i]) && y[i] >= 0 && y[i] < outputs)) throw new RangeError(`target ${y[i]} of row ${i} is not ${regression ? 'a finite number' : `a class in [0, ${outputs})`}`);

  const scale = regression ? scaleOf(y) : { mean: 0, spread: 1 }, target = Float64Array.from(y, v => (v - scale.mean) / scale.spread);
  const layers = layersOf([x.width, ...(options.hidden ?? [64, 32]), outputs], new KeyStream(options.seed, 'mlp weights'));
  const order = permutation(options.seed, 'mlp validation', n), held = n >= 50 ? order.slice(0, Math.ceil(n / 10)) : new Int32Array(0), train = order.slice(held.length);
  const batch = Math.min(options.batch ?? 128, train.length), epochs = options.epochs ?? 40, rate = options.learningRate ?? 0.002, l2 = options.l2 ?? 1e-4;
  const input = rowsOfDense(x), adam = layers.map(l => new AdamState(l.weights.length, l.bias.length)), shuffled = new KeyStream(options.seed, 'mlp epochs');
  let best = Infinity, kept = copyOf(layers), since = 0, ran = 0;
  for (let epoch = 0; epoch < epochs; epoch++, ran = epoch) {
    const places = shuffled.permutation(epoch, train.length), now = rate * (1 - (0.9 * epoch) / epochs);
    for (let from = 0, b = 0; from + batch <= train.length; from += batch, b++) {
      for (const l of layers) { l.dWeights.fill(0); l.dBias.fill(0); }
      for (let k = from; k < from + batch; k++) {
        const row = train[places[k]], out = forward(layers, input, row);
        backward(layers, input, row, lossGradient(out, target[row], regression, 1 / batch));
      }
      layers.forEach((l, i) => adam[i].step(l, now, l2));
      if (b % 16 === 15) await options.progress?.((epoch + from / train.length) / epochs);
    }
    const judged = held.length ? held : train;
    let loss = 0;
    for (const row of judged) loss += lossOf(forward(layers, input, row), target[row], regression);
    if (loss < best - 1e-6 * Math.abs(best === Infinity ? 0 : best)) { best = loss; kept = copyOf(layers); since = 0; } else if (++since >= (options.patience ?? 4)) break;
    await options.progress?.((epoch + 1) / epochs);
  }
  layers.forEach((l, i) => { l.weights.set(kept[i].weights); l.bias.set(kept[i].bias); });
  return new Mlp(layers, outputs, scale, regression, ran);
}

/** A fitted network. */
export class Mlp {
  constructor(private readonly layers: readonly Layer[], readonly outputs: number, private readonly scale: { mean: number; spread: number }, private readonly regression: boolean, readonly epochs: number) {}
  /** Class probabilities, row-major [rows * classes]. */
  probabilities(x: Dense): Float64Array {
    if (this.regression) throw new TypeError('a regression has no probabilities');
    return this.run(x, v => { softmax(v); return v; });
  }
  /** The value of every row (regression). */
  values(x: Dense): Float64Array { return this.run(x, v => v).map(v => v * this.scale.spread + this.scale.mean); }
  private run(x: Dense, last: (v: Float64Array) => Float64Array): Float64Array {
    if (x.width !== this.layers[0].inputs) throw new RangeError(`matrix is ${x.width} wide, the network was fitted on ${this.layers[0].inputs}`);
    const out = new Float64Array(x.rows * this.outputs), input = rowsOfDense(x);
    for (let i = 0; i < x.rows; i++) out.set(last(forward(this.layers, input, i).slice()), i * this.outputs);
    return out;
  }
}

function scaleOf(y: ArrayLike<number>): { mean: number; spread: number } {
  let mean = 0, square = 0;
  for (let i = 0; i < y.length; i++) mean += y[i] / y.length;
  for (let i = 0; i < y.length; i++) square += (y[i] - mean) ** 2 / y.length;
  return { mean, spread: square > 0 ? Math.sqrt(square) : 1 };
}

const copyOf = (layers: readonly Layer[]) => layers.map(l => ({ weights: l.weights.slice(), bias: l.bias.slice() }));

function softmax(v: Float64Array): void {
  const top = Math.max(...v);
  let sum = 0;
  for (let c = 0; c < v.length; c++) sum += v[c] = Math.exp(v[c] - top);
  for (let c = 0; c < v.length; c++) v[c] /= sum;
}

/** Cross-entropy in nats, or half the squared error. `out` is left as it is. */
function lossOf(out: Float64Array, target: number, regression: boolean): number {
  if (regression) return (out[0] - target) ** 2 / 2;
  const p = out.slice();
  softmax(p);
  return -Math.log(Math.max(1e-300, p[target]));
}

/** Gradient of the loss by the outputs, times `weight`; written over `out`. */
function lossGradient(out: Float64Array, target: number, regression: boolean, weight: number): Float64Array {
  if (regression) { out[0] = (out[0] - target) * weight; return out; }
  softmax(out);
  for (let c = 0; c < out.length; c++) out[c] = (out[c] - (c === target ? 1 : 0)) * weight;
  return out;
}
