import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { FeatureMatrix } from '../features';
import { KeyStream } from '../../engine/random';
import { fitCart } from './cart';

const golden = JSON.parse(readFileSync(new URL('../../../test/golden/learners/cart.json', import.meta.url), 'utf8'));
const matrix = (columns: ArrayLike<number>[], categories: number[] = columns.map(() => 0)): FeatureMatrix => ({
  rows: columns[0].length, features: columns.map((c, j) => ({ name: `x${j}`, kind: categories[j] ? 'category' : 'number', categories: categories[j], values: Float64Array.from(c) })),
});
const nan = Number.NaN;

describe('against scikit-learn, where no two splits are equally good', () => {
  const x = matrix(golden.x), test = matrix(golden.test), options = { minSamplesLeaf: 15, maxDepth: 6 };
  it('regression', async () => {
    const tree = await fitCart(x, golden.yr, { task: 'regression', ...options });
    expect(tree.leaves).toBe(golden.leavesR);
    tree.predict(test).forEach((v, i) => expect(v).toBeCloseTo(golden.pR[i], 10));
  });
  it('classification', async () => {
    const tree = await fitCart(x, golden.yc, { task: 'classification', classes: 3, ...options });
    expect(tree.leaves).toBe(golden.leavesC);
    tree.probabilities(test).forEach((v, i) => expect(v).toBeCloseTo(golden.pC[i], 10));
  });
});

describe('by hand', () => {
  it('cuts where squared error falls most: 0 0 4 8 at 2.5, then 4 | 8', async () => {
    const x = matrix([[1, 2, 3, 4]]), stump = await fitCart(x, [0, 0, 4, 8], { task: 'regression', minSamplesLeaf: 1, maxDepth: 1 });
    expect(stump.threshold[0]).toBe(2.5);
    expect(stump.mean).toEqual([0, 6]);
    const tree = await fitCart(x, [0, 0, 4, 8], { task: 'regression', minSamplesLeaf: 1 });
    expect(tree.rows.map(r => [...r])).toEqual([[0, 1], [2], [3]]);
  });
  it('missing numbers join the side they resemble, or stand alone', async () => {
    const together = await fitCart(matrix([[1, 2, 3, 4, nan, nan]]), [0, 1, 1, 1, 0, 0], { task: 'classification', classes: 2, minSamplesLeaf: 1 });
    expect(together.rows.map(r => [...r])).toEqual([[0, 4, 5], [1, 2, 3]]);
    const alone = await fitCart(matrix([[1, 2, nan, nan]]), [5, 5, 9, 9], { task: 'regression', minSamplesLeaf: 1 });
    expect([...alone.predict(matrix([[1e300, nan]]))]).toEqual([5, 9]);
  });
  it('divides categories in one split, however they are numbered', async () => {
    const codes = [0, 1, 2, 3, 4, 0, 1, 2, 3, 4], y = codes.map(c => (c % 2 ? 10 : 0)), tree = await fitCart(matrix([codes], [6]), y, { task: 'regression', minSamplesLeaf: 2 });
    expect(tree.leaves).toBe(2);
    expect([...tree.predict(matrix([[0, 1, 2, 3, 4]], [6]))]).toEqual([0, 10, 0, 10, 0]);
    expect(tree.predict(matrix([[5]], [6]))[0]).toBe(0); // never seen: the larger side
  });
  it('finds the division among three classes', async () => {
    // categories 0 and 3 are mostly class 2, the others mix 0 and 1
    const codes = Array.from({ length: 80 }, (_, i) => i % 4), y = codes.map((c, i) => (c === 0 || c === 3 ? 2 : (i >> 2) % 2));
    const tree = await fitCart(matrix([codes], [4]), y, { task: 'classification', classes: 3, maxDepth: 1 });
    expect([tree.codesLeft[0]![0], tree.codesLeft[0]![1]]).toEqual([tree.codesLeft[0]![3], tree.codesLeft[0]![2]]);
    expect(tree.codesLeft[0]![0]).not.toBe(tree.codesLeft[0]![1]);
  });
});

describe('behaviour', () => {
  const s = new KeyStream(2, 'cart'), n = 1500, a = s.normals(0, n), c = s.integers(9000, n, 9), y = Array.from(a, (v, i) => v * (c[i] % 3) + 0.1 * Math.sin(i));
  const x = matrix([a.map((v, i) => (i % 11 === 0 ? nan : v)), c], [0, 9]);
  it('leaves hold every training row once, at least five each, and rows fall back into their own', async () => {
    const tree = await fitCart(x, y, { task: 'regression' }), where = tree.leavesOf(x);
    expect(tree.rows.flatMap(r => [...r]).sort((p, q) => p - q)).toEqual(Array.from({ length: n }, (_, i) => i));
    tree.rows.forEach((rows, leaf) => { expect(rows.length).toBeGreaterThanOrEqual(5); for (const r of rows) expect(where[r]).toBe(leaf); });
    expect(tree.leaves).toBeGreaterThan(50);
    expect((await fitCart(x, y, { task: 'regression' })).threshold).toEqual(tree.threshold);
  });
  it('a constant outcome is one leaf; a lone column of one value too', async () => {
    expect((await fitCart(x, Array(n).fill(3.1), { task: 'regression' })).leaves).toBe(1);
    expect((await fitCart(matrix([Array(n).fill(1)]), y, { task: 'regression' })).leaves).toBe(1);
    expect((await fitCart(x, Array(n).fill(1), { task: 'classification', classes: 2 })).leaves).toBe(1);
  });
  it('neighbouring floats are told apart', async () => {
    const tree = await fitCart(matrix([[1, 1 + Number.EPSILON]]), [0, 1], { task: 'regression', minSamplesLeaf: 1 });
    expect([...tree.predict(matrix([[1, 1 + Number.EPSILON]]))]).toEqual([0, 1]);
  });
  it('refuses targets that are no classes', () => expect(fitCart(x, y, { task: 'classification', classes: 2 })).rejects.toThrow('not a class'));
});
