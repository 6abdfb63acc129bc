import { describe, expect, it } from 'vitest';
import { codeColumn, columnSchema, makeTable, numberColumn, plainDialect, stringColumn } from '../table/columns';
import { concatRows, encodeFeatures, encodeTarget, learnableColumns, takeRows } from './features';
import { stratifiedFolds } from './folds';

const table = (codes: number[], names: string[], numbers: number[]) => makeTable(plainDialect, [
  codeColumn(columnSchema({ name: 'c', kind: 'category', storage: 'code' }), Int32Array.from(codes), names), numberColumn(columnSchema({ name: 'v', kind: 'real', storage: 'number' }), Float64Array.from(numbers)),
  stringColumn(columnSchema({ name: 'id', kind: 'identifier', storage: 'string' }), codes.map(String)),
]);
const one = table([0, 1, -1, 1], ['red', 'blue'], [1, 2, Number.NaN, 4]), two = table([1, 0, 2], ['red', 'green', 'unused', 'blue'].slice(0, 3), [5, 6, 7]);

describe('one encoding for several tables', () => {
  it('the same category has the same code, in string order; missing is NaN', () => {
    const [a, b] = encodeFeatures([one, two], ['c', 'v']);
    // blue 0, green 1, red 2, unused 3
    expect([...a.features[0].values]).toEqual([2, 0, Number.NaN, 0]);
    expect([...b.features[0].values]).toEqual([1, 2, 3]);
    expect(a.features[0].categories).toBe(4);
    expect([...a.features[1].values]).toEqual([1, 2, Number.NaN, 4]);
    expect(encodeFeatures([two, one], ['c', 'v'])[1]).toEqual(a);
  });
  it('categories no row has take no code', () => {
    const [a] = encodeFeatures([table([0, 2], ['a', 'ghost', 'b'], [1, 2])], ['c']);
    expect(a.features[0].categories).toBe(2);
    expect([...a.features[0].values]).toEqual([0, 1]);
  });
  it('caps: the most frequent keep their codes, the rest share the last', () => {
    const t = table([0, 0, 0, 1, 2, 2, 3], ['a', 'b', 'c', 'd'], Array(7).fill(0)), [m] = encodeFeatures([t], ['c'], { maxCategories: 3 });
    expect([...m.features[0].values]).toEqual([0, 0, 0, 2, 1, 1, 2]);
    expect(m.features[0].categories).toBe(3);
  });
  it('refuses strings, and says which column', () => {
    expect(() => encodeFeatures([one], ['id'])).toThrow('"id" holds strings');
    expect(learnableColumns([one])).toEqual(['c', 'v']);
  });
  it('targets: labels, or numbers as classes, or numbers', () => {
    expect(encodeTarget([one, two], 'c', 'classification')).toEqual({ labels: ['blue', 'green', 'red', 'unused'], targets: [Float64Array.of(2, 0, Number.NaN, 0), Float64Array.of(1, 2, 3)] });
    expect(encodeTarget([two], 'v', 'classification')).toEqual({ labels: ['5', '6', '7'], targets: [Float64Array.of(0, 1, 2)] });
    expect([...encodeTarget([two], 'v', 'regression').targets[0]]).toEqual([5, 6, 7]);
    expect(() => encodeTarget([one], 'c', 'regression')).toThrow('not numeric');
  });
  it('rows taken and put together', () => {
    const [a, b] = encodeFeatures([one, two], ['v']);
    expect([...takeRows(a, [3, 3, 0]).features[0].values]).toEqual([4, 4, 1]);
    expect([...concatRows([a, b]).features[0].values]).toEqual([1, 2, Number.NaN, 4, 5, 6, 7]);
  });
});

describe('folds', () => {
  it('every row is judged once, each class evenly, the same again for the same seed', () => {
    const y = Array.from({ length: 103 }, (_, i) => (i % 10 === 0 ? 1 : 0)), folds = stratifiedFolds(y, 5, 1);
    expect(folds.flatMap(f => [...f.test]).sort((a, b) => a - b)).toEqual(Array.from({ length: 103 }, (_, i) => i));
    for (const f of folds) {
      expect(f.train.length + f.test.length).toBe(103);
      const ones = [...f.test].filter(i => y[i] === 1).length;
      expect(ones).toBeGreaterThanOrEqual(2); expect(ones).toBeLessThanOrEqual(3);
    }
    expect(stratifiedFolds(y, 5, 1)).toEqual(folds);
    expect(stratifiedFolds(y, 5, 2)).not.toEqual(folds);
    expect(() => stratifiedFolds([0], 2, 1)).toThrow('2 folds of 1');
  });
});
