import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fitDense, type Dense } from '../dense';
import type { FeatureMatrix } from '../features';
import { fitLogistic, fitRidge, lbfgs } from './index';

const golden = JSON.parse(readFileSync(new URL('../../../test/golden/learners/linear.json', import.meta.url), 'utf8'));
const table: FeatureMatrix = { rows: golden.yr.length, features: golden.x.map((c: number[], j: number) => ({ name: `x${j}`, kind: 'number', categories: 0, values: Float64Array.from(c) })) };
const standard = fitDense(table).encode(table), robust = fitDense(table, { scale: 'robust' }).encode(table), plain = fitDense(table, { scale: 'none' }).encode(table);
const expectClose = (a: ArrayLike<number>, b: ArrayLike<number>, tolerance: number) => {
  expect(a.length).toBe(b.length);
  for (let i = 0; i < b.length; i++) expect(Math.abs(a[i] - b[i]), `entry ${i}`).toBeLessThan(tolerance * Math.max(1, Math.abs(b[i])));
};

describe('dense encoding', () => {
  it('scales as scikit-learn does', () => {
    expectClose(standard.values.slice(0, 12), golden.standard, 1e-12);
    expectClose(robust.values.slice(0, 12), golden.robust, 1e-12);
  });
  it('one-hot codes, missing as a category where training has it, gaps filled with the mean', () => {
    const m = (codes: number[], v: number[]): FeatureMatrix => ({ rows: 3, features: [{ name: 'c', kind: 'category', categories: 2, values: Float64Array.from(codes) }, { name: 'v', kind: 'number', categories: 0, values: Float64Array.from(v) }] });
    const encoder = fitDense(m([0, 1, Number.NaN], [1, Number.NaN, 5]), { scale: 'none' });
    expect(encoder.names).toEqual(['c=0', 'c=1', 'c=missing', 'v']);
    expect([...encoder.encode(m([1, Number.NaN, 0], [9, Number.NaN, Infinity])).values]).toEqual([0, 1, 0, 9, 0, 0, 1, 3, 1, 0, 0, 3]);
  });
});

describe('logistic regression against scikit-learn', () => {
  const cases: Array<[string, Dense, string, number, object]> = [
    ['binary', standard, 'y2', 2, {}], ['binaryC', standard, 'y2', 2, { c: 0.05 }], ['binaryWeighted', standard, 'y2', 2, { weights: Float64Array.from(golden.w) }],
    ['binaryRobust', robust, 'y2', 2, {}], ['multinomial', standard, 'y3', 3, {}], ['multinomialWeighted', standard, 'y3', 3, { c: 2, weights: Float64Array.from(golden.w) }],
  ];
  it.each(cases)('%s', async (name, x, y, classes, options) => {
    const model = await fitLogistic(x, golden[y], classes, { ...options, tolerance: 1e-11 });
    expect(model.converged).toBe(true);
    expectClose(model.coefficients, golden[name].coefficients, 1e-6);
    const p = model.probabilities(x), first = classes === 2 ? Array.from({ length: 10 }, (_, i) => (i % 2 ? p[i >> 1] : 1 - p[i >> 1])) : p.slice(0, 15);
    expectClose(first, golden[name].p, 1e-7);
  });
  it('walking only non-zeros changes nothing', async () => {
    const wide: Dense = { rows: standard.rows, width: 12, names: [], values: new Float64Array(standard.rows * 12) };
    for (let i = 0; i < wide.rows; i++) for (let j = 0; j < 4; j++) wide.values[i * 12 + j] = standard.values[i * 4 + j];
    const sparse = await fitLogistic(wide, golden.y2, 2, { tolerance: 1e-11 });
    expectClose([...sparse.coefficients.slice(0, 4), sparse.coefficients[12]], golden.binary.coefficients, 1e-6);
  });
  it('more than 512 columns go the other way, to the same place', async () => {
    const wide: Dense = { rows: standard.rows, width: 520, names: [], values: new Float64Array(standard.rows * 520) };
    for (let i = 0; i < wide.rows; i++) for (let j = 0; j < 4; j++) wide.values[i * 520 + 130 * j] = standard.values[i * 4 + j];
    const model = await fitLogistic(wide, golden.y2, 2, { tolerance: 1e-10 });
    expectClose([0, 130, 260, 390, 520].map(j => model.coefficients[j]), golden.binary.coefficients, 1e-6);
  });
  it('columns of wildly unlike scale still reach the optimum: the gradient there is the penalty\'s', async () => {
    const scales = [1e-3, 1, 1e4, 30], x: Dense = { ...standard, values: standard.values.map((v, i) => v * scales[i % 4]) };
    for (const y of [golden.y2, golden.y3]) {
      const classes = y === golden.y2 ? 2 : 3, model = await fitLogistic(x, y, classes), p = model.probabilities(x);
      expect(model.converged).toBe(true);
      for (let j = 0; j < 4; j++) {
        // d/dw_j of the last output: sum of (p - y) x + w / C = 0
        const c = classes - 1, w = model.coefficients[(classes === 2 ? 0 : c * 5) + j];
        let g = w;
        for (let i = 0; i < x.rows; i++) g += ((classes === 2 ? p[i] : p[i * 3 + c]) - (y[i] === c ? 1 : 0)) * x.values[i * 4 + j];
        expect(Math.abs(g) / scales[j]).toBeLessThan(1e-4);
      }
    }
  });
  it('one binary column by hand: without penalty the odds are the counts', async () => {
    // x = 0: 3 of 10 are ones; x = 1: 8 of 10. intercept = log(3/7), slope = log(8/2) - log(3/7)
    const x: Dense = { rows: 20, width: 1, names: [], values: Float64Array.from({ length: 20 }, (_, i) => (i < 10 ? 0 : 1)) };
    const y = Array.from({ length: 20 }, (_, i) => (i < 3 || (i >= 10 && i < 18) ? 1 : 0));
    const model = await fitLogistic(x, y, 2, { c: 1e12 });
    expectClose(model.coefficients, [Math.log(4) - Math.log(3 / 7), Math.log(3 / 7)], 1e-6);
    expect(model.predict(x)[0]).toBe(0);
    expect(model.predict(x)[19]).toBe(1);
  });
  it('refuses what does not fit together', async () => {
    await expect(fitLogistic(standard, [0, 1], 2)).rejects.toThrow('2 targets');
    await expect(fitLogistic(standard, golden.y3, 2)).rejects.toThrow('not a class');
  });
});

describe('ridge and least squares against scikit-learn', () => {
  it.each([['ridge', { alpha: 1 }], ['ridgeStrong', { alpha: 100 }], ['ridgeWeighted', { alpha: 3, weights: Float64Array.from(golden.w) }], ['ols', { alpha: 0 }]])('%s', (name, options) => {
    const model = fitRidge(plain, golden.yr, options);
    expectClose(model.coefficients, golden[name].coefficients, 1e-9);
    expectClose([model.intercept], [golden[name].intercept], 1e-9);
  });
  it('a line through points, a constant column and a repeated one', () => {
    const x: Dense = { rows: 4, width: 3, names: [], values: Float64Array.from([1, 5, 2, 2, 5, 4, 3, 5, 6, 4, 5, 8]) };
    const model = fitRidge(x, [3, 5, 7, 9], { alpha: 0 });
    expect(model.dropped).toEqual([1, 2]);
    expectClose([...model.coefficients, model.intercept], [2, 0, 0, 1], 1e-12);
    expectClose(model.predict(x), [3, 5, 7, 9], 1e-12);
  });
});

it('L-BFGS finds the minimum of Rosenbrock\'s valley', async () => {
  const r = await lbfgs((x, g) => {
    g[0] = -400 * x[0] * (x[1] - x[0] ** 2) - 2 * (1 - x[0]); g[1] = 200 * (x[1] - x[0] ** 2);
    return 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2;
  }, Float64Array.of(-1.2, 1), { tolerance: 1e-10 });
  expectClose(r.x, [1, 1], 1e-8);
  expect(r.converged).toBe(true);
  expect(r.iterations).toBeLessThan(60);
});
