import { expect, test } from 'vitest';
import { codeColumn, columnSchema, makeTable, numberColumn, plainDialect } from '../../table/columns';
import type { FitContext } from '../generator';
import { independent } from './independent';

const n = 4000;
const table = makeTable(plainDialect, [
  codeColumn(columnSchema({ name: 'colour', kind: 'category', storage: 'code' }), Int32Array.from({ length: n }, (_, i) => (i % 10 === 0 ? -1 : i % 10 < 4 ? 0 : 1)), ['red', 'blue']),
  numberColumn(columnSchema({ name: 'age', kind: 'integer', storage: 'number' }), Float64Array.from({ length: n }, (_, i) => 20 + (i % 40))),
  numberColumn(columnSchema({ name: 'price', kind: 'real', storage: 'number', number: { style: 'fixed', decimals: 2 } }), Float64Array.from({ length: n }, (_, i) => (i % 5 === 0 ? NaN : Math.round(((i * 7919) % n) ** 1.5) / 100))),
]);

function context(extra: Partial<FitContext> = {}): FitContext {
  return { fit: table, validation: table.take([]), seed: 1, device: 'cpu', budgetSeconds: 10, protection: { enabled: true, k: 5 }, progress: async () => undefined, checkpoint: async () => undefined, ...extra };
}

test('keeps every column\'s own distribution, missing cells included', async () => {
  const made = await (await independent.fit(context(), {})).sample(20_000, { seed: 3 });
  const colours = made.column('colour').codes();
  const share = (code: number) => colours.filter((c) => c === code).length / 20_000;
  expect(share(-1)).toBeCloseTo(0.1, 1);
  expect(share(0)).toBeCloseTo(0.3, 1);
  const ages = made.column('age').numbers();
  expect(Math.min(...ages)).toBe(20);
  expect(Math.max(...ages)).toBe(59);
  expect(ages.every(Number.isInteger)).toBe(true);
  const prices = made.column('price').numbers();
  expect(prices.filter(Number.isNaN).length / 20_000).toBeCloseTo(0.2, 1);
  const real = table.column('price').numbers().filter((v) => v === v).sort();
  const drawn = prices.filter((v) => v === v).sort();
  for (const q of [0.1, 0.5, 0.9]) expect(drawn[Math.floor(q * drawn.length)]! / real[Math.floor(q * real.length)]!).toBeCloseTo(1, 1);
  for (const v of drawn) expect(Math.abs(v * 100 - Math.round(v * 100))).toBeLessThan(1e-6);
});

test('a value that most rows share keeps its share', async () => {
  const costs = makeTable(plainDialect, [numberColumn(columnSchema({ name: 'cost', kind: 'integer', storage: 'number' }), Float64Array.from({ length: n }, (_, i) => (i % 20 ? 0 : i * 37)))]);
  const made = (await (await independent.fit(context({ fit: costs }), { bins: 40 })).sample(10_000, { seed: 3 })).column('cost').numbers();
  expect(made.filter((v) => v === 0).length / 10_000).toBeCloseTo(0.95, 2);
  expect(Math.max(...made)).toBeGreaterThan(100_000);
});

test('drops relations: columns that were equal no longer are', async () => {
  const twin = makeTable(plainDialect, ['a', 'b'].map((name) => numberColumn(columnSchema({ name, kind: 'integer', storage: 'number' }), Float64Array.from({ length: n }, (_, i) => i % 2))));
  const made = await (await independent.fit(context({ fit: twin }), {})).sample(10_000, { seed: 3 });
  const same = made.column('a').numbers().filter((v, i) => v === made.column('b').numbers()[i]).length;
  expect(same / 10_000).toBeCloseTo(0.5, 1);
});

test('a value of fewer than k rows that lies on no grid is not repeated', async () => {
  const rare = makeTable(plainDialect, [numberColumn(columnSchema({ name: 'x', kind: 'real', storage: 'number', number: { style: 'shortest', decimals: 12 } }), Float64Array.from({ length: 40 }, (_, i) => Math.sqrt(i + 2)))]);
  const made = await (await independent.fit(context({ fit: rare }), {})).sample(2000, { seed: 1 });
  const real = new Set(rare.column('x').numbers());
  expect(made.column('x').numbers().filter((v) => real.has(v)).length).toBe(0);
});

test('saved and loaded, or resumed after any column, it makes the same rows', async () => {
  const states: Uint8Array[] = [];
  const whole = await independent.fit(context({ checkpoint: async (s) => void states.push(s) }), { bins: 50 });
  const cells = async (g: typeof whole) => {
    const t = await g.sample(500, { seed: 9 });
    return t.columns.map((c) => Array.from({ length: 500 }, (_, i) => c.lexeme(i)));
  };
  const expected = await cells(whole);
  expect(await cells(await independent.load(whole.save(), 'cpu'))).toEqual(expected);
  for (const state of states) expect(await cells(await independent.fit(context({ resume: state }), { bins: 50 }))).toEqual(expected);
  expect(await cells(await independent.load(whole.save(), 'cpu'))).not.toEqual(await whole.sample(500, { seed: 10 }).then((t) => t.columns.map((c) => Array.from({ length: 500 }, (_, i) => c.lexeme(i)))));
});

test('an all-missing column stays all missing', async () => {
  const empty = makeTable(plainDialect, [numberColumn(columnSchema({ name: 'x', kind: 'real', storage: 'number' }), new Float64Array(10).fill(NaN))]);
  const made = await (await independent.fit(context({ fit: empty }), {})).sample(20, { seed: 1 });
  expect(made.column('x').missingCount).toBe(20);
});

test('given a column, repeats it and leaves the others as they are; refuses what was never fitted', async () => {
  const g = await independent.fit(context(), {}), cells = Int32Array.from({ length: 3000 }, (_, i) => (i % 3) - 1);
  const given = makeTable(plainDialect, [codeColumn(columnSchema({ name: 'colour', kind: 'category', storage: 'code' }), cells.map((c) => (c < 0 ? -1 : 1 - c)), ['blue', 'red'])]);
  const made = await g.sample(3000, { seed: 4, given }), free = await g.sample(3000, { seed: 4 });
  expect(Array.from({ length: 3000 }, (_, i) => made.column('colour').lexeme(i))).toEqual(Array.from({ length: 3000 }, (_, i) => given.column('colour').lexeme(i)));
  expect(made.column('age').numbers()).toEqual(free.column('age').numbers());
  const other = makeTable(plainDialect, [numberColumn(columnSchema({ name: 'height', kind: 'real', storage: 'number' }), new Float64Array(5))]);
  await expect(g.sample(5, { seed: 4, given: other })).rejects.toThrow('not learnt a column');
});
