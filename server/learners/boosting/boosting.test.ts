import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { FeatureMatrix } from '../features';
import { auc, logLoss, multiclassLogLoss, r2 } from '../metrics';
import { KeyStream } from '../../engine/random';
import { type BoostingOptions, fitBoosting, leavesOf } from './index';
import { applyBins, fitBins } from './binning';

const golden = JSON.parse(readFileSync(new URL('../../../test/golden/learners/boosting.json', import.meta.url), 'utf8'));
const numbers = (v: Array<number | null>) => Float64Array.from(v, x => (x === null ? Number.NaN : x));
const matrix = (columns: ArrayLike<number>[], categories: number[] = columns.map(() => 0)): FeatureMatrix => ({
  rows: columns[0].length,
  features: columns.map((c, j) => ({ name: `x${j}`, kind: categories[j] ? 'category' : 'number', categories: categories[j], values: Float64Array.from(c) })),
});
const train = matrix(golden.train.map(numbers), golden.categories), test = matrix(golden.test.map(numbers), golden.categories);
const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>) => Math.max(...Array.from(a, (v, i) => Math.abs(v - b[i])));
const one = { iterations: 1, learningRate: 1, maxLeafNodes: 2, minSamplesLeaf: 1, seed: 1, earlyStopping: false } as const;

describe('one split, by hand', () => {
  // x 1 2 3 4, y 0 0 4 8: baseline 3, gradients 3 3 -1 -5, hessians 1. Gains G_l^2/H_l + G_r^2/H_r - 0: 9+3 = 12, 18+18 = 36, 25/3+25 = 33.3.
  it('takes the cut of largest gain and its Newton values', async () => {
    const x = matrix([[1, 2, 3, 4]]), model = await fitBoosting(x, [0, 0, 4, 8], { ...one, task: 'regression' }), tree = model.trees[0][0];
    expect(model.baseline[0]).toBe(3);
    expect(tree.gain[0]).toBeCloseTo(36, 9);
    expect(model.bins.bounds[0][tree.bin[0]]).toBe(2.5);
    expect([...model.predict(x)].map(v => +v.toFixed(9))).toEqual([0, 0, 6, 6]);
  });
  it('shrinks by l2: 36/4 + 36/4 = 18 and -G/(H + 2) = -1.5', async () => {
    const x = matrix([[1, 2, 3, 4]]), model = await fitBoosting(x, [0, 0, 4, 8], { ...one, task: 'regression', l2: 2 });
    expect(model.trees[0][0].gain[0]).toBeCloseTo(18, 9);
    expect([...model.predict(x)].map(v => +v.toFixed(9))).toEqual([1.5, 1.5, 4.5, 4.5]);
  });
  it('sends missing rows where they gain more', async () => {
    // p = 1/2: gradients +-1/2, hessians 1/4. {1, NaN, NaN} against {2, 3, 4}: 1.5^2/.75 twice = 6, values -+2.
    const x = matrix([[1, 2, 3, 4, Number.NaN, Number.NaN]]), model = await fitBoosting(x, [0, 1, 1, 1, 0, 0], { ...one, task: 'binary' });
    expect(model.trees[0][0].gain[0]).toBeCloseTo(6, 6);
    const p = model.probabilities(x);
    expect(p[4]).toBeCloseTo(1 / (1 + Math.exp(2)), 6);
    expect(p[3]).toBeCloseTo(1 / (1 + Math.exp(-2)), 6);
  });
  it('splits off a middle category in one go', async () => {
    // ten rows each of A, B, C with y 0, 10, 0: gradients 100/3, -200/3, 100/3; {B} against {A, C}: 4444.4/10 + 4444.4/20.
    const codes = Array.from({ length: 30 }, (_, i) => i % 3), x = matrix([codes], [3]);
    const model = await fitBoosting(x, codes.map(c => (c === 1 ? 10 : 0)), { ...one, task: 'regression' });
    expect(model.trees[0][0].gain[0]).toBeCloseTo(2000 / 3, 3);
    expect([...model.predict(matrix([[0, 1, 2]], [3]))].map(v => +v.toFixed(4))).toEqual([0, 10, 0]);
  });
  it('sends values missing only at prediction to the larger child', async () => {
    const x = matrix([[1, 2, 3, 4, 5]]), model = await fitBoosting(x, [0, 9, 9, 9, 9], { ...one, task: 'regression' });
    expect(model.predict(matrix([[Number.NaN]]))[0]).toBeCloseTo(9, 6);
  });
});

describe('against scikit-learn', () => {
  const fit = (y: number[], o: Omit<BoostingOptions, 'seed'>, x = train) => fitBoosting(x, y, { seed: 3, earlyStopping: false, ...o });
  // Same rows, no early stopping: the same trees. Equal gains may be broken otherwise by the last bit of a sum, hence not 1e-12.
  it('binary: the same probabilities', async () => {
    const g = golden.binary, p = (await fit(g.y, { task: 'binary' })).probabilities(test);
    expect(largestDifference(p, g.p)).toBeLessThan(1e-5);
    expect(auc(g.yTest, p)).toBeCloseTo(g.auc, 6);
    expect(logLoss(g.yTest, p)).toBeCloseTo(g.logLoss, 5);
  });
  it('binary with l2, fewer leaves, a larger rate', async () => {
    const g = golden.binary, p = (await fit(g.y, { task: 'binary', iterations: 40, l2: 1.5, maxLeafNodes: 15, learningRate: 0.2 })).probabilities(test);
    expect(largestDifference(p, g.pRegularised)).toBeLessThan(1e-5);
  });
  it('binary with sample weights', async () => {
    const g = golden.binary, p = (await fit(g.y, { task: 'binary', iterations: 50, weights: numbers(golden.weights) })).probabilities(test);
    expect(largestDifference(p, g.pWeighted)).toBeLessThan(1e-5);
  });
  it('multiclass: the same probabilities', async () => {
    const g = golden.multiclass, p = (await fit(g.y, { task: 'multiclass', classes: 3, iterations: 30 })).probabilities(test);
    expect(largestDifference(p, g.p)).toBeLessThan(1e-5);
    expect(multiclassLogLoss(g.yTest, p, 3)).toBeCloseTo(g.logLoss, 5);
  });
  it('regression: the same values', async () => {
    const g = golden.regression, p = (await fit(g.y, { task: 'regression' })).predict(test);
    expect(largestDifference(p, g.p)).toBeLessThan(1e-4);
    expect(r2(g.yTest, p)).toBeCloseTo(g.r2, 6);
  });
  it('regression with weights, a depth limit and small leaves', async () => {
    const g = golden.regression, p = (await fit(g.y, { task: 'regression', iterations: 40, maxDepth: 3, minSamplesLeaf: 5, weights: numbers(golden.weights) })).predict(test);
    expect(largestDifference(p, g.pWeighted)).toBeLessThan(1e-4);
  });
  it('early stopping ends where theirs does, and scores alike', async () => {
    const g = golden.binary, runs = await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map(seed => fit(g.y, { task: 'binary', earlyStopping: true, seed } as never)));
    const mean = (v: number[]) => v.reduce((a, b) => a + b, 0) / v.length;
    expect(mean(runs.map(r => auc(g.yTest, r.probabilities(test))))).toBeCloseTo(mean(g.stopped.auc), 1.5);
    expect(Math.abs(mean(runs.map(r => r.iterations)) - mean(g.stopped.iterations))).toBeLessThan(12);
    for (const r of runs) expect(r.validationLoss).toHaveLength(r.iterations + 1);
  });
});

describe('behaviour', () => {
  const stream = new KeyStream(5, 'boosting test'), n = 3000;
  const a = stream.normals(0, n), b = stream.normals(n, n), e = stream.normals(2 * n, n), y = Array.from(a, (v, i) => (v * b[i] + 0.5 * e[i] > 0 ? 1 : 0));
  it('is deterministic, and its split for early stopping depends on the seed alone', async () => {
    const x = matrix([a, b]), run = async (seed: number) => (await fitBoosting(x, y, { task: 'binary', seed, earlyStopping: true, iterations: 20 })).probabilities(x);
    expect(await run(7)).toEqual(await run(7));
    expect(await run(7)).not.toEqual(await run(8));
  });
  it('learns an interaction that no single column shows', async () => {
    const x = matrix([a, b]), half = (from: number, to: number) => matrix([a.slice(from, to), b.slice(from, to)]);
    const model = await fitBoosting(half(0, 2000), y.slice(0, 2000), { task: 'binary', seed: 1 });
    expect(auc(y.slice(2000), model.probabilities(half(2000, n)))).toBeGreaterThan(0.85);
    expect(auc(y, x.features[0].values)).toBeLessThan(0.55);
  });
  it('a weight of two equals the row given twice, a weight of nought the row left out', async () => {
    // minSamplesLeaf counts rows, so it is set to 1; few distinct values keep the bins the same.
    const v = Array.from({ length: 200 }, (_, i) => i % 17), t = v.map((u, i) => (u * 7 + i * 3) % 11), weights = Float64Array.from(v, (_, i) => i % 3), rows = v.flatMap((_, i) => Array(i % 3).fill(i));
    const options = { task: 'regression', seed: 1, iterations: 10, minSamplesLeaf: 1, maxLeafNodes: 4 } as const;
    const weighted = await fitBoosting(matrix([v]), t, { ...options, weights }), repeated = await fitBoosting(matrix([rows.map(i => v[i])]), rows.map(i => t[i]), options);
    const p = weighted.predict(matrix([v])), q = repeated.predict(matrix([v]));
    expect(largestDifference(p, q)).toBeLessThan(1e-4);
  });
  it('a rising transformation of a column changes nothing', async () => {
    const plain = matrix([a, b]), bent = matrix([a.map(v => Math.exp(3 * v)), b.map(v => v ** 3)]), options = { task: 'binary', seed: 1, iterations: 15 } as const;
    const p = (await fitBoosting(plain, y, options)).probabilities(plain), q = (await fitBoosting(bent, y, options)).probabilities(bent);
    expect(largestDifference(p, q)).toBeLessThan(1e-9);
  });
  it('honours the limits on leaves, depth and leaf size', async () => {
    const x = matrix([a, b]), model = await fitBoosting(x, y, { task: 'binary', seed: 1, iterations: 3, maxLeafNodes: 9, maxDepth: 4, minSamplesLeaf: 50 });
    for (const [tree] of model.trees) {
      const leaves = leavesOf(tree, applyBins(model.bins, x)), sizes = new Map<number, number>();
      for (const l of leaves) sizes.set(l, (sizes.get(l) ?? 0) + 1);
      expect(sizes.size).toBeLessThanOrEqual(9);
      expect(Math.min(...sizes.values())).toBeGreaterThanOrEqual(50);
      for (const [leaf, size] of sizes) expect(tree.rows[leaf]).toBe(size);
    }
  });
  it('a constant outcome, no features or too few rows give the baseline', async () => {
    const x = matrix([[1, 2, 3, 4]]);
    expect((await fitBoosting(x, [1, 1, 1, 1], { task: 'binary', seed: 1 })).probabilities(x)[0]).toBeCloseTo(1, 9);
    expect([...(await fitBoosting(x, [1, 2, 3, 6], { task: 'regression', seed: 1 })).predict(x)]).toEqual([3, 3, 3, 3]);
    expect([...(await fitBoosting({ rows: 2, features: [] }, [1, 3], { task: 'regression', seed: 1 })).predict({ rows: 1, features: [] })]).toEqual([2]);
  });
  it('an all-missing column does no harm; infinities are just large', async () => {
    const x = matrix([a.map(() => Number.NaN), a.map((v, i) => (i % 50 === 0 ? Infinity : v)), b]);
    expect(auc(y, (await fitBoosting(x, y, { task: 'binary', seed: 1, iterations: 30 })).probabilities(x))).toBeGreaterThan(0.85);
  });
  it('refuses what does not fit together, naming it', async () => {
    const x = matrix([[1, 2, 3]]);
    await expect(fitBoosting(x, [0, 1], { task: 'binary', seed: 1 })).rejects.toThrow('2 targets for 3 rows');
    await expect(fitBoosting(x, [0, 1, 2], { task: 'binary', seed: 1 })).rejects.toThrow('target 2 of row 2');
    await expect(fitBoosting(x, [0, 1, Number.NaN], { task: 'regression', seed: 1 })).rejects.toThrow('finite');
    await expect(fitBoosting(matrix([Array.from({ length: 300 }, (_, i) => i)], [400]), Array(300).fill(1), { task: 'binary', seed: 1 })).rejects.toThrow('at most 255');
    await expect(fitBoosting(matrix([[0, 1, 2]], [2]), [1, 1, 1], { task: 'binary', seed: 1 })).rejects.toThrow('not a code');
  });
  it('can be cancelled between iterations', async () => {
    let calls = 0;
    const progress = async () => { if (++calls === 3) throw new Error('stop'); };
    await expect(fitBoosting(matrix([a, b]), y, { task: 'binary', seed: 1, progress })).rejects.toThrow('stop');
    expect(calls).toBe(3);
  });
});

describe('bins', () => {
  it('few values: one bin each, cut half-way; missing in a bin of its own', () => {
    const x = matrix([[1, 2, 2, 5, Number.NaN]]), map = fitBins(x, 255);
    expect([...map.bounds[0]]).toEqual([1.5, 3.5]);
    expect([...applyBins(map, x).columns[0]]).toEqual([0, 1, 1, 2, 3]);
    expect([...applyBins(map, matrix([[-Infinity, 1.5, 1.6, Infinity]])).columns[0]]).toEqual([0, 0, 1, 2]);
  });
  it('many values: about equally many rows a bin', () => {
    const values = new KeyStream(1, 'bins').normals(0, 20_000), map = fitBins(matrix([values]), 255), counts = new Int32Array(256);
    for (const b of applyBins(map, matrix([values])).columns[0]) counts[b]++;
    expect(map.bins[0]).toBe(255);
    expect(Math.min(...counts.subarray(0, 255))).toBeGreaterThan(70);
    expect(Math.max(...counts)).toBeLessThan(90);
  });
});
