import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { categoryCodes, decimalsOf, decodeCategories, decodeNumbers, encodeColumn, massBins, numberCodes } from './codes';
import { noGrid } from '../number-format';

const options = { fewValues: 8, coarse: 8, leaves: 64, rowsPerLeaf: 6, flatCategories: 10 };
const middle = (n: number): Float64Array => new Float64Array(n).fill(0.5);

describe('numbers', () => {
  test('few values are leaves of their own, with missing last, and come back as they were', () => {
    const cells = Float64Array.of(3, 1, NaN, 3, 2, 1);
    const c = numberCodes('x', cells, options);
    expect([...c.first]).toEqual([0, 1, 2, 3, 4]);
    expect(c.missing).toBe(3);
    expect([...encodeColumn(c, cells)]).toEqual([2, 0, 3, 2, 1, 0]);
    expect([...decodeNumbers(c, encodeColumn(c, cells), middle(6))]).toEqual([...cells]);
    expect([...c.share]).toEqual([2, 1, 2, 1].map((k) => k / 6));
    // Mid-ranks among the five present: 1,1,2,3,3.
    expect([...c.rank.subarray(0, 3)].map((r) => +r.toFixed(6))).toEqual([0.2, 0.5, 0.8]);
  });

  test('every coarse code spans consecutive leaves, and every drawn value lies in its leaf\'s neighbourhood on the decimal grid', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: -5000, max: 5000 }), { minLength: 60, maxLength: 400 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (ints, u) => {
      const cells = Float64Array.from(ints, (v) => v / 100), c = numberCodes('x', cells, options);
      expect(c.first[c.coarse]).toBe(c.leaves);
      const leaf = encodeColumn(c, cells), drawn = decodeNumbers(c, leaf, new Float64Array(cells.length).fill(u));
      const low = Math.min(...cells), high = Math.max(...cells);
      drawn.forEach((v, i) => {
        expect(Math.abs(v * 100 - Math.round(v * 100))).toBeLessThan(1e-6);
        expect(v).toBeGreaterThanOrEqual(low); expect(v).toBeLessThanOrEqual(high);
        // Monotone: a draw from a lower leaf is never above one from a higher leaf, but for half a grid step of rounding.
        if (i > 0 && leaf[i]! > leaf[i - 1]!) expect(v).toBeGreaterThanOrEqual(drawn[i - 1]! - 0.0101);
      });
    }), { numRuns: 60, seed: 20 });
  });

  test('the distribution of draws follows the cells: Kolmogorov distance of a skewed column', () => {
    const cells = Float64Array.from({ length: 3000 }, (_, i) => Math.round(1000 * -Math.log((i + 0.5) / 3000)) / 1000);
    const c = numberCodes('x', cells), u = Float64Array.from({ length: 3000 }, (_, i) => ((i * 7919) % 3000 + 0.5) / 3000);
    const a = [...cells].sort((x, y) => x - y), b = [...decodeNumbers(c, encodeColumn(c, cells), u)].sort((x, y) => x - y);
    let worst = 0;
    for (const v of b) worst = Math.max(worst, Math.abs(a.filter((x) => x <= v).length - b.filter((x) => x <= v).length) / 3000);
    expect(worst).toBeLessThan(0.004);
  });

  test('a heavy value stands alone', () => {
    const cells = Float64Array.from({ length: 1000 }, (_, i) => (i < 400 ? 0 : i / 7));
    const c = numberCodes('x', cells, options), leaf = encodeColumn(c, cells)[0]!;
    expect(c.share[leaf]).toBeCloseTo(0.4);
    expect(c.numbers![leaf]).toEqual({ value: 0 });
    expect(c.first[c.coarseOf[leaf]! + 1]! - c.first[c.coarseOf[leaf]!]!).toBe(1);
  });

  test('an all-missing column is one leaf', () => {
    const c = numberCodes('x', new Float64Array(5).fill(NaN), options);
    expect([c.leaves, c.coarse, c.missing]).toEqual([1, 1, 0]);
    expect([...decodeNumbers(c, encodeColumn(c, new Float64Array(2)), middle(2))]).toEqual([NaN, NaN]);
  });
});

describe('categories', () => {
  test('come back as they were; unseen ones take the commonest leaf', () => {
    const codes = Int32Array.of(2, 0, -1, 2, 2), c = categoryCodes('x', codes, ['a', 'b', 'c'], false, options);
    expect([...decodeCategories(c, encodeColumn(c, codes))]).toEqual([...codes]);
    expect([...decodeCategories(c, encodeColumn(c, Int32Array.of(1)))]).toEqual([2]);
  });
  test('many are grouped by frequency under about as many coarse codes as each holds', () => {
    const codes = Int32Array.from({ length: 3000 }, (_, i) => Math.floor(Math.sqrt(i)) % 50), c = categoryCodes('x', codes, Array.from({ length: 50 }, (_, i) => `c${i}`), false, options);
    expect(c.coarse).toBe(7); expect(c.maxFine).toBe(8);
    expect([...decodeCategories(c, encodeColumn(c, codes))]).toEqual([...codes]);
  });
});

test('massBins: equal masses, heavy items alone', () => {
  expect(massBins([1, 1, 1, 1, 1, 1], 3, 6)).toEqual([2, 4, 6]);
  expect(massBins([1, 9, 1, 1], 4, 12)).toEqual([1, 2, 4]);
});
test('decimals', () => {
  expect(decimalsOf([1, 2.5, 3.25])).toBe(2);
  expect(decimalsOf([NaN, 3])).toBe(0);
  expect(decimalsOf([Math.PI])).toBe(noGrid);
});

test('measurements that hardly repeat are no leaves of their own, however few the rows; whole numbers and recurring ones are', () => {
  const prices = Float64Array.from({ length: 90 }, (_, i) => Math.round(100 * (1000 + 3.37 * i + (i % 7) / 3)) / 100), codes = numberCodes('price', prices), u = Float64Array.from(prices, (_, i) => ((i * 37) % 90 + 0.5) / 90);
  const real = new Set(prices), drawn = decodeNumbers(codes, encodeColumn(codes, prices), u);
  expect(drawn.filter((v) => real.has(v)).length).toBeLessThan(12);
  expect(numberCodes('n', Float64Array.from({ length: 90 }, (_, i) => i * i)).leaves).toBe(90);
  expect(numberCodes('t', Float64Array.from({ length: 90 }, (_, i) => (i % 30) / 2)).leaves).toBe(30);
});
