import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { codeColumn, columnSchema, concatRows, fromIpc, makeTable, mergeDictionaries, numberColumn, plainDialect, readIpc, spellingOf, stringColumn, toIpc, writeIpc } from './columns';

const age = numberColumn(columnSchema({ name: 'age', kind: 'integer', storage: 'number', number: { style: 'fixed', decimals: 0 }, missingToken: 'NA' }), Float64Array.of(31, NaN, -0, 7),
  { codes: Uint8Array.of(0, 1, 0, 0), missing: [{ token: 'NA', quoted: false }, { token: '', quoted: true }] });
const city = codeColumn(columnSchema({ name: 'city', kind: 'category', storage: 'code' }), Int32Array.of(1, 0, -1, 1), ['Bern', 'Zürich']);
const note = stringColumn(columnSchema({ name: 'note', kind: 'text', storage: 'string' }), ['a', null, '', '日本']);
const table = makeTable(plainDialect, [age, city, note]);
const cells = (t = table) => t.columns.map(c => Array.from({ length: t.rows }, (_, i) => c.lexeme(i)));

describe('columns', () => {
  it('writes cells in the column format and missing cells as they were spelled', () => {
    expect(cells()).toEqual([['31', '', '-0', '7'], ['Zürich', 'Bern', '', 'Zürich'], ['a', '', '', '日本']]);
    expect(table.columns.map(c => c.missingCount)).toEqual([1, 1, 1]);
  });
  it('takes rows with repeats and selects columns', () => {
    const t = table.take([3, 1, 1]).select(['note', 'age']);
    expect(cells(t)).toEqual([['日本', '', ''], ['7', '', '']]);
    expect(t.schema.columns.map(c => c.name)).toEqual(['note', 'age']);
  });
  it('refuses another storage, unequal lengths, repeated names, unknown columns and wild codes', () => {
    expect(() => age.codes()).toThrow('stored as number');
    expect(() => makeTable(plainDialect, [age, city.take([0])])).toThrow('1 rows where the table has 4');
    expect(() => makeTable(plainDialect, [age, age])).toThrow('two columns');
    expect(() => table.column('x')).toThrow('no column "x"');
    expect(() => codeColumn(city.schema, Int32Array.of(2), ['a', 'b'])).toThrow('code 2 of 2');
  });
  it('joins tables, merging dictionaries', () => {
    const other = codeColumn(city.schema, Int32Array.of(0, 1), ['Zürich', 'Genf']);
    const joined = concatRows([table.select(['city']), makeTable(plainDialect, [other])]).column('city');
    expect(Array.from({ length: 6 }, (_, i) => joined.lexeme(i))).toEqual(['Zürich', 'Bern', '', 'Zürich', 'Zürich', 'Genf']);
    expect(joined.categories()).toEqual(['Bern', 'Zürich', 'Genf']);
    expect(cells(concatRows([table, table]))[0]).toEqual([...cells()[0], ...cells()[0]]);
  });
  it('merges dictionaries: the first one keeps its codes, every value has one', () => {
    expect(mergeDictionaries([['b', 'a'], ['a', 'c', 'c'], [], ['d', 'b']])).toEqual({ categories: ['b', 'a', 'c', 'd'], places: [[0, 1], [1, 2, 2], [], [3, 0]] });
    expect(mergeDictionaries([[], ['x']])).toEqual({ categories: ['x'], places: [[], [0]] });
    const many = Array.from({ length: 200_000 }, (_, i) => `v${i}`), { categories, places } = mergeDictionaries([many.slice(0, 100_000), many.toReversed()]);
    expect([categories.length, places[1][0], places[1][199_999]]).toEqual([200_000, 100_000, 0]);
  });
  it('survives Arrow IPC with schema, missing values and spellings', async () => {
    const back = fromIpc(toIpc(table));
    expect(cells(back)).toEqual(cells());
    expect(back.schema).toEqual(table.schema);
    expect(spellingOf(back.column('age'))!.missing[1].quoted).toBe(true);
    expect(back.column('note').isMissing(1)).toBe(true);
    expect(back.column('note').isMissing(2)).toBe(false);
    const empty = fromIpc(toIpc(table.take([])));
    expect([empty.rows, empty.columns.length]).toEqual([0, 3]);
    const folder = await mkdtemp(join(tmpdir(), 'understudy-test-'));
    await writeIpc(table, join(folder, 't.arrow'));
    expect(cells(await readIpc(join(folder, 't.arrow')))).toEqual(cells());
    expect(await readdir(folder)).toEqual(['t.arrow']);
    await rm(folder, { recursive: true });
  });
});
