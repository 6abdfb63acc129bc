import { describe, expect, it } from 'vitest';
import { normalCdf } from '../../learners/distributions';
import { codeColumn, columnSchema, makeTable, numberColumn, plainDialect } from '../../table/columns';
import { fitFeatures, Features } from './features';
import { fitMarginal, fromRank, toRank } from './marginal';
import { phi } from './normal';

const number = (name: string, values: number[], decimals = 0) => numberColumn(columnSchema({ name, kind: decimals ? 'real' : 'integer', storage: 'number', number: { style: 'fixed', decimals } }), Float64Array.from(values));
const category = (name: string, codes: number[], dictionary: string[]) => codeColumn(columnSchema({ name, kind: 'category', storage: 'code' }), Int32Array.from(codes), dictionary);
const rows = 400, wave = Array.from({ length: rows }, (_, i) => (i % 9 === 0 ? NaN : Math.round(1000 * Math.sin(i)) / 100));
const table = makeTable(plainDialect, [
  number('x', wave, 2), number('few', wave.map((_, i) => [1, 5, NaN][i % 3]!)), number('constant', wave.map(() => 7)), number('nothing', wave.map(() => NaN)),
  category('c', wave.map((_, i) => (i % 10 === 0 ? -1 : i % 4)), ['a', 'b', 'c', 'd', 'never']), category('many', wave.map((_, i) => i), wave.map((_, i) => `v${i}`)),
], rows);

describe('features', () => {
  for (const numbers of ['quantile', 'standard', 'minmax'] as const)
    it(`what is encoded decodes to itself (${numbers})`, () => {
      const features = fitFeatures(table, { numbers, seed: 1, valuesAsCategories: 3, maxCategories: 20 });
      const encoded = features.encode(table), back = Features.load(features.save()).decode(encoded, rows, { seed: 3 });
      for (const name of ['few', 'constant', 'nothing', 'c']) expect(Array.from({ length: rows }, (_, i) => back.column(name).lexeme(i))).toEqual(Array.from({ length: rows }, (_, i) => table.column(name).lexeme(i)));
      // 322 distinct values: in stretches of five and more rows, so near, not equal; missing where it was missing.
      const x = back.column('x').numbers();
      wave.forEach((v, i) => (Number.isNaN(v) ? expect(x[i]).toBeNaN() : expect(Math.abs(x[i]! - v)).toBeLessThan(numbers === 'quantile' ? 0.4 : 0.006)));
      expect(features.sizes).toEqual([2, 3, 1, 1, 5, 20]);
    });

  it('a tail of categories is drawn by its shares, the same in any chunking', () => {
    const features = fitFeatures(table, { numbers: 'standard', seed: 1, maxCategories: 20 }), encoded = features.encode(table);
    const whole = features.decode(encoded, rows, { seed: 5 }).column('many').codes();
    const C = features.categories.length, N = features.numbers.length;
    const half = features.decode({ numbers: encoded.numbers.subarray(200 * N), codes: encoded.codes.subarray(200 * C) }, 200, { seed: 5, from: 200 }).column('many').codes();
    expect([...half]).toEqual([...whole.subarray(200)]);
    expect(new Set(whole).size).toBeGreaterThan(150);   // 381 categories of equal share behind one code, 381 rows: 1 - 1/e of them
  });
});

describe('marginal', () => {
  it('atoms keep their share, ranks come back', () => {
    const values = Float64Array.from({ length: 5000 }, (_, i) => (i < 2000 ? 0 : Math.exp((i - 2000) / 500)));
    const m = fitMarginal(values), grid = { step: null };
    expect(fromRank(m, 0.1, grid)).toBe(0);
    expect(fromRank(m, 0.399, grid)).toBe(0);
    expect(fromRank(m, 0.41, grid)).toBeGreaterThan(0.9);
    expect(toRank(m, 0, 0.5)).toBeCloseTo(0.2, 12);
    for (const rank of [0.45, 0.6, 0.85, 0.999]) expect(toRank(m, fromRank(m, rank, grid), 0.5)).toBeCloseTo(rank, 10);
    // No stretch other than an atom stands for fewer than five rows.
    m.low.forEach((low, i) => { if (low !== m.high[i]) expect((m.from[i + 1]! - m.from[i]!) * 5000).toBeGreaterThanOrEqual(5 - 1e-6); });
  });
});

it('phi is the normal distribution function', () => {
  for (let z = -9; z <= 9; z += 0.0137) expect(Math.abs(phi(z) - normalCdf(z))).toBeLessThan(1e-11);
});
