import { expect, test } from 'vitest';
import { refineKinds } from '../kinds';
import { codeColumn, columnSchema, makeTable, numberColumn, plainDialect } from '../columns';

const words = (cells: string[]) => { const names = [...new Set(cells)]; return codeColumn(columnSchema({ name: 'c', kind: 'category', storage: 'code' }), Int32Array.from(cells, (c) => names.indexOf(c)), names); };
const table = (column: ReturnType<typeof words>) => makeTable(plainDialect, [column]);

test('a declared token stands for nothing, is written back as it was, and is no category', () => {
  const cells = ['a', '?', 'b', 'none', '?', 'a', 'a', 'b'], c = refineKinds(table(words(cells)), { c: { missing: ['?', 'none'] } }).column('c');
  expect([c.missingCount, c.categories(), c.schema.missingToken]).toEqual([3, ['a', 'b'], '?']);
  expect(Array.from(cells, (_, i) => c.lexeme(i))).toEqual(cells);
});

test('a number that stands for nothing', () => {
  const c = refineKinds(makeTable(plainDialect, [numberColumn(columnSchema({ name: 'c', kind: 'integer', storage: 'number', number: { style: 'fixed', decimals: 0 } }), Float64Array.of(5, -999, NaN, 7, -999))]), { c: { missing: ['-999'] } }).column('c');
  expect([...c.numbers()]).toEqual([5, NaN, NaN, 7, NaN]);
  expect([0, 1, 2, 3, 4].map((i) => c.lexeme(i))).toEqual(['5', '-999', '', '7', '-999']);
  expect(c.schema.missingToken).toBe('-999');
});

test('numbers that a word had made words are numbers again; codes with leading zeros are not', () => {
  expect(refineKinds(table(words(['12', '?', '7', '30', '8'])), { c: { missing: ['?'] } }).column('c').schema).toMatchObject({ kind: 'integer', storage: 'number' });
  expect(refineKinds(table(words(['1.5', '?', '7'])), { c: { missing: ['?'] } }).column('c').schema.kind).toBe('real');
  expect(refineKinds(table(words(['012', '?', '007', '012'])), { c: { missing: ['?'] } }).column('c').schema.storage).toBe('code');
});

test('tokens that no cell holds change nothing', () => {
  const t = table(words(['a', 'b', 'a']));
  expect(refineKinds(t, { c: { missing: ['?'] } }).column('c').missingCount).toBe(0);
});
