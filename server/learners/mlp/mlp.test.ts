import { describe, expect, it } from 'vitest';
import { KeyStream } from '../../engine/random';
import type { Dense } from '../dense';
import { auc } from '../metrics';
import { backward, forward, layersOf } from './layers';
import { fitMlp } from './mlp';
import { rowsOfDense } from './rows';

const dense = (rows: number, width: number, seed: number): Dense => ({ rows, width, values: new KeyStream(seed, 'x').normals(0, rows * width), names: Array.from({ length: width }, (_, i) => `x${i}`) });

describe('the perceptron', () => {
  it('has the gradients that finite differences show', () => {
    const x = dense(1, 4, 1), input = rowsOfDense(x), layers = layersOf([4, 5, 3, 2], new KeyStream(2, 'w'));
    const value = () => { const o = forward(layers, input, 0); return o[0] * 1.5 - o[1] * 0.7; };
    value();
    backward(layers, input, 0, Float64Array.from([1.5, -0.7]));
    for (const l of layers) for (const [w, g] of [[l.weights, l.dWeights], [l.bias, l.dBias]] as const) for (let i = 0; i < w.length; i++) {
      const was = w[i], h = 1e-6;
      w[i] = was + h; const up = value();
      w[i] = was - h; const down = value();
      w[i] = was;
      expect(g[i]).toBeCloseTo((up - down) / (2 * h), 6);
    }
  });

  it('learns what no line can: the exclusive or of two signs', async () => {
    const x = dense(2000, 3, 3), y = Float64Array.from({ length: 2000 }, (_, i) => (x.values[3 * i] > 0 !== x.values[3 * i + 1] > 0 ? 1 : 0));
    const test = dense(1000, 3, 4), p = (await fitMlp(x, y, { task: 'classification', classes: 2, seed: 5 })).probabilities(test);
    expect(auc(Array.from({ length: 1000 }, (_, i) => (test.values[3 * i] > 0 !== test.values[3 * i + 1] > 0 ? 1 : 0)), p.filter((_, i) => i % 2 === 1))).toBeGreaterThan(0.97);
  });

  it('predicts numbers in their own scale, and the same for the same seed', async () => {
    const x = dense(1500, 2, 6), y = Float64Array.from({ length: 1500 }, (_, i) => 1000 + 50 * x.values[2 * i] ** 2), again = () => fitMlp(x, y, { task: 'regression', seed: 7, epochs: 15 });
    const a = (await again()).values(x), b = (await again()).values(x);
    expect(a).toEqual(b);
    let error = 0, total = 0;
    const mean = y.reduce((s, v) => s + v, 0) / 1500;
    for (let i = 0; i < 1500; i++) { error += (y[i] - a[i]) ** 2; total += (y[i] - mean) ** 2; }
    expect(1 - error / total).toBeGreaterThan(0.9);
  });

  it('refuses targets that are no classes', async () => { await expect(fitMlp(dense(60, 2, 1), new Float64Array(60).fill(2), { task: 'classification', classes: 2, seed: 1 })).rejects.toThrow('not a class'); });
});
