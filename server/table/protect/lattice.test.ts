import { describe, expect, test } from 'vitest';
import { numberColumn, plainDialect, spellingOf } from '../columns';
import { makeTable } from '../make';
import { refineKinds } from '../kinds';
import { protectTable } from '../protect';
import { Stream } from '../../random';
import type { ColumnSchema, Lattice } from '../table';
import { latticeOf, ontoLattice, sayLattice } from './lattice';

const dayMs = 86_400_000, many = <T>(n: number, f: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => f(i));
const found = (kind: ColumnSchema['kind'], values: number[], unit: number | null): Lattice | undefined => latticeOf({ kind }, Float64Array.from(new Set(values)).sort(), unit);

describe('what all values of a column keep to', () => {
  test('steps of whole numbers, of decimals, of hours, from any start', () => {
    expect(found('integer', many(40, (i) => 3 + 5 * i * i), 1)).toEqual({ step: 5, offset: 3 });
    expect(found('real', many(40, (i) => 0.05 * i), 0.01)).toEqual({ step: 0.05, offset: 0 });
    expect(found('datetime', many(40, (i) => 1_467_331_200_000 + 3_600_000 * i), 1000)).toEqual({ step: 3_600_000, offset: 1_467_331_200_000 });
    expect(found('date', many(40, (i) => 18_267 + 7 * i), 1)).toEqual({ step: 7, offset: 18_267 });
  });
  test('firsts of months and of quarters, though months are of no common length', () => {
    const first = (i: number) => Date.UTC(1995, i, 1) / dayMs;
    expect(found('date', many(60, first), 1)).toEqual({ months: 1, offset: 12 * 25 });
    expect(found('date', many(60, (i) => first(1 + 3 * i)), 1)).toEqual({ months: 3, offset: 12 * 25 + 1 });
    expect(found('datetime', many(60, (i) => first(i) * dayMs), 1000)).toEqual({ months: 1, offset: 12 * 25 });
  });
  test('nothing where one value leaves it, where few differ, where the format has no step, where only the format is kept to', () => {
    expect(found('integer', [...many(40, (i) => 5 * i), 7], 1)).toBeUndefined();
    expect(found('integer', many(19, (i) => 5 * i), 1)).toBeUndefined();
    expect(found('real', many(40, (i) => 5 * i), null)).toBeUndefined();
    expect(found('integer', many(40, (i) => i), 1)).toBeUndefined();
    expect(found('date', [...many(60, (i) => Date.UTC(1995, i, 1) / dayMs), Date.UTC(1996, 3, 2) / dayMs], 1)).toBeUndefined();
  });
  test('the nearest place, also before the first and between two months', () => {
    expect(ontoLattice({ step: 5, offset: 3 }, 5.4, 'integer')).toBe(3);
    expect(ontoLattice({ step: 5, offset: 3 }, -9, 'integer')).toBe(-7);
    const day = (y: number, m: number, d: number) => Date.UTC(y, m - 1, d) / dayMs, monthly: Lattice = { months: 1, offset: 300 };
    expect(ontoLattice(monthly, day(1995, 2, 14), 'date')).toBe(day(1995, 2, 1));
    expect(ontoLattice(monthly, day(1995, 2, 16), 'date')).toBe(day(1995, 3, 1));
    expect(ontoLattice(monthly, day(1969, 12, 30), 'date')).toBe(day(1970, 1, 1));
    expect(ontoLattice({ months: 3, offset: 301 }, day(1995, 3, 10), 'date')).toBe(day(1995, 2, 1));
  });
  test.each([['5', 'integer', { step: 5, offset: 3 }], ['0.05', 'real', { step: 0.05, offset: 0 }], ['1 hour', 'datetime', { step: 3_600_000, offset: 0 }], ['15 minutes', 'time', { step: 900_000, offset: 0 }], ['7 days', 'date', { step: 7, offset: 4 }], ['3 months', 'date', { months: 3, offset: 1 }]] as const)('%s', (words, kind, lattice) => {
    expect(sayLattice({ name: 'a', kind, storage: 'number', missingToken: '', lattice })).toBe(words);
  });
});

test('generated values are put on the lattice, whether values are protected or not; the tables keep their lexemes', () => {
  const stream = new Stream(3, 'lattice'), values = Float64Array.from({ length: 500 }, () => 15 + 300 * stream.below(900));
  const schema: ColumnSchema = { name: 'when', kind: 'integer', storage: 'number', number: { style: 'fixed', decimals: 0 }, missingToken: '' };
  const raw = makeTable({ columns: [schema], dialect: plainDialect }, [numberColumn(schema, values)]), table = refineKinds(raw);
  expect(table.column('when').schema.lattice).toEqual({ step: 300, offset: 15 });
  expect(Array.from({ length: 500 }, (_, i) => table.column('when').lexeme(i))).toEqual(Array.from(values, String));
  const made = Float64Array.from({ length: 2000 }, () => stream.uniform() * 300_000 - 10_000);
  for (const enabled of [true, false]) {
    const out = protectTable(table, { k: 5, enabled, seed: 1 }).concealTable(makeTable(table.schema, [numberColumn(table.column('when').schema, made, spellingOf(table.column('when')))]), 1).column('when').numbers();
    for (const v of out) expect(Math.abs((v - 15) % 300)).toBe(0);
    expect(new Set(out).size).toBeGreaterThan(500);
  }
});
