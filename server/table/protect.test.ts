import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeColumn, columnSchema, makeTable, numberColumn, plainDialect } from './columns';
import { Stream } from '../random';
import { protectTable } from './protect';
import { tailOf } from './protect/numbers';
import type { ColumnSchema } from './table';

const real = (decimals: number, values: number[], extra: Partial<ColumnSchema> = {}) =>
  numberColumn(columnSchema({ name: 'x', kind: 'real', storage: 'number', number: { style: 'shortest', decimals }, ...extra }), Float64Array.from(values));
const words = (values: Array<string | null>, extra: Partial<ColumnSchema> = {}) => {
  const dictionary = [...new Set(values.filter((v): v is string => v !== null))];
  return codeColumn(columnSchema({ name: 'x', kind: 'category', storage: 'code', ...extra }), Int32Array.from(values, (v) => (v === null ? -1 : dictionary.indexOf(v))), dictionary);
};
const table = (...columns: ReturnType<typeof real>[]) => makeTable(plainDialect, columns);
const times = <T>(n: number, v: T): T[] => Array.from({ length: n }, () => v);
const cells = (t: ReturnType<typeof table>) => Array.from({ length: t.rows }, (_, i) => t.columns[0].lexeme(i));
const on = { k: 5, enabled: true, seed: 1 }, off = { k: 5, enabled: false };

describe('categories', () => {
  const many = words([...times(10, 'A'), ...times(6, 'B'), ...times(3, 'c1'), ...times(4, 'c2')]);
  it('merges rare ones into one "other" that is itself in k rows', () => {
    const t = protectTable(table(many), on);
    expect(t.columns[0]).toMatchObject({ other: 'OTHER', rareValues: 2, rareRows: 7 });
    expect(cells(t.apply(table(many))).slice(14)).toEqual([...times(2, 'B'), ...times(7, 'OTHER')]);
  });
  it('joins a common category that already means other', () => {
    const t = protectTable(table(words([...times(10, 'a'), ...times(6, 'Other'), ...times(6, '?').map((_, i) => `r${i}`)])), on);
    expect(t.columns[0].other).toBe('Other');
    expect(t.apply(table(words(['r1', 'never seen', 'a', null]))).columns[0].categories()).toEqual(['a', 'Other']);
    expect(cells(t.apply(table(words(['r1', 'never seen', 'a', null]))))).toEqual(['Other', 'Other', 'a', '']);
  });
  it('spreads fewer than k rare rows over the common categories, the same way for the same seed', () => {
    const few = words([...times(50, 'a'), ...times(50, 'b'), 'x', 'y', null]);
    const once = cells(protectTable(table(few), on).apply(table(few)));
    expect(once.slice(100, 102).every((v) => v === 'a' || v === 'b')).toBe(true);
    expect(once[102]).toBe('');
    const again = protectTable(table(few), on);
    again.apply(table(few).take([100, 101]));                 // what was mapped before makes no difference
    expect(cells(again.apply(table(few)))).toEqual(once);
  });
  it('joins rare ordinal values with their neighbour', () => {
    const t = protectTable(table(words([...times(9, 'low'), ...times(2, 'medium'), ...times(9, 'high'), 'extreme'], { kind: 'ordinal', order: ['low', 'medium', 'high', 'extreme'] })), on);
    const after = t.apply(table(words(['medium', 'extreme'], { kind: 'ordinal' })));
    expect(cells(after)).toEqual(['low', 'high']);
    expect(after.columns[0].schema.order).toEqual(['low', 'high']);
  });
  it('leaves booleans, declared values and everything when off', () => {
    const flag = words([...times(20, 'no'), 'yes'], { kind: 'boolean' });
    expect(cells(protectTable(table(flag), on).apply(table(flag)))[20]).toBe('yes');
    const declared = words([...times(20, 'a'), 'b', ...times(4, 'c'), 'd'], { declaredDomain: { values: ['a', 'b'] } });
    expect(cells(protectTable(table(declared), on).apply(table(declared))).slice(20)).toEqual(['b', ...times(5, 'other')]);
    expect(protectTable(table(many), off).apply(table(many)).columns[0]).toBe(many);
  });
  it('keeps nothing of a column present in fewer than k rows', () => {
    const t = protectTable(table(words([...times(9, null), 'a', 'a'])), on);
    expect(cells(t.apply(table(words(['a', null]))))).toEqual(['', '']);
  });
});

describe('numbers', () => {
  it('draws extremes in to the k-th row from either end', () => {
    const t = protectTable(table(real(0, Array.from({ length: 100 }, (_, i) => i))), on);
    expect(t.columns[0]).toMatchObject({ low: 4, high: 95, grid: 1, concealed: false });
    expect(cells(t.apply(table(real(0, [-7, 0, 50, 99]))))).toEqual(['4', '4', '50', '95']);
    expect(t.columns[0]).toMatchObject({ lowest: 0, highest: 99 });
    const [low, middle, high, missing] = t.conceal('x', Float64Array.of(-1, 50.4, 1e9, NaN), new Stream(1, 't'));
    expect([middle, missing]).toEqual([50, NaN]);
    expect(low).toBeGreaterThanOrEqual(0); expect(low).toBeLessThanOrEqual(4);
    expect(high).toBeGreaterThanOrEqual(95); expect(high).toBeLessThanOrEqual(99);
  });
  it('draws the tail anew from the moments of k rows: one far value does not set its end', () => {
    // Excesses over the fifth largest, 96: 1, 2, 3 and 9904. Their mean is 2477.5, weighted with 1 - (j - .35) / 4 it is 217.4: a shape of 2 - 2477.5 / (2477.5 - 434.8) = .79, held to a half,
    // so a scale of 1238.75. The largest of four is then expected at 1238.75 / .5 (1/.5 2/1.5 3/2.5 4/3.5 - 1).
    const t = protectTable(table(real(0, [...Array.from({ length: 100 }, (_, i) => i), 10_000])), on);
    expect(t.columns[0].high).toBe(96);
    expect(t.columns[0].highest).toBe(Math.round(96 + 2477.5 * (2 * (4 / 3) * (6 / 5) * (8 / 7) - 1)));
    const drawn = t.conceal('x', new Float64Array(4000).fill(96), new Stream(2, 't')), c = t.columns[0].highest! - 96;
    expect(Math.max(...drawn)).toBeLessThanOrEqual(t.columns[0].highest!);
    // The median of the law cut off at c: (1 + x/2477.5)^-2 = 1 - (1 - (1 + c/2477.5)^-2) / 2.
    const median = 2477.5 * ((1 - (1 - (1 + c / 2477.5) ** -2) / 2) ** -0.5 - 1);
    expect(Math.abs([...drawn].sort((x, y) => x - y)[2000]! - 96 - median)).toBeLessThan(10);
  });
  it('keeps the tail exponential where nothing speaks against it', () => {
    // Excesses 1, 2, 3, 4: mean 2.5; weighted .8375 + 1.175 + 1.0125 + .35 over 4 is .84, so a shape below 0. The largest of four, 2.5 (1 + 1/2 + 1/3 + 1/4), lies beyond the farthest row.
    const t = protectTable(table(real(0, Array.from({ length: 100 }, (_, i) => i))), on);
    expect(t.columns[0]).toMatchObject({ high: 95, highest: 99 });
  });
  it('finds the shape and scale of a tail that is known', () => {
    // 4,000 places of the law with shape .3 and scale 2.
    const x = Float64Array.from({ length: 4000 }, (_, i) => (2 / 0.3) * (((4000 - i - 0.5) / 4000) ** -0.3 - 1)), tail = tailOf(Float64Array.of(-1e-9, ...x), new Int32Array(4001).fill(1), 4001, true, { step: null })!;
    expect(tail.shape).toBeCloseTo(0.3, 1);
    expect(tail.scale).toBeCloseTo(2, 1);
  });
  it('tells of fewer than k rows beyond a shared value no more than all rows there do', () => {
    // Seven rows share 40, three lie beyond. Excesses over the next value, 38, of all ten: seven times 2, then 4, 6 and 18; their mean is 4.2, their shape below 0; three such are expected to reach 4.2 (1 + 1/2 + 1/3) = 7.7 beyond 40.
    const t = protectTable(table(real(0, [...Array.from({ length: 20 }, (_, i) => 2 * i), ...times(7, 40), 42, 44, 56])), on);
    expect(t.columns[0]).toMatchObject({ high: 40, highest: 48 });
    const drawn = t.conceal('x', new Float64Array(1000).fill(40), new Stream(3, 't'));
    expect(drawn.filter((v) => v > 40.5).length).toBeGreaterThan(250);
    expect(drawn.filter((v) => v === 40).length).toBeGreaterThanOrEqual(700);
    expect(Math.max(...drawn)).toBe(48);
    // One row alone is not told of.
    expect(protectTable(table(real(0, [...Array.from({ length: 20 }, (_, i) => 2 * i), ...times(7, 40), 56])), on).columns[0]).toMatchObject({ high: 40, highest: 40 });
  });
  it('lets values that k rows share stand at the edge', () => {
    expect(protectTable(table(real(0, [...times(5, 0), 1, 2, 3, ...times(6, 9)])), on).columns[0]).toMatchObject({ low: 0, high: 9 });
  });
  it('keeps declared bounds, and lets declared decimals through', () => {
    const values = Array.from({ length: 40 }, (_, i) => i + 0.12345);
    expect(protectTable(table(real(5, values, { declaredDomain: { min: 0, max: 120 } })), on).columns[0]).toMatchObject({ low: 0, high: 120, concealed: true });
    const t = protectTable(table(real(5, values, { decimalsDeclared: true })), on);
    expect(t.columns[0].concealed).toBe(false);
    expect(t.conceal('x', Float64Array.of(20.12345), new Stream(1, 't'))[0]).toBe(20.12345);
  });
  it('moves a rare fine value into the gap around it, on the grid', () => {
    const values = Array.from({ length: 100 }, (_, i) => 40 + i / 10 + 0.00000123);
    const t = protectTable(table(real(8, values)), on);
    const emitted = t.conceal('x', Float64Array.from(times(500, values[50])), new Stream(3, 't'));
    expect(new Set(emitted).size).toBeGreaterThan(400);
    for (const v of emitted) {
      expect(v).not.toBe(values[50]);
      expect(Math.abs(v - values[50])).toBeLessThanOrEqual(0.05 + 1e-8);
      expect(Number(v.toFixed(8))).toBe(v);
    }
  });
  it('spreads a tail evenly up to its end, and puts nobody there for certain', () => {
    // Money on a grid of cents, one row far out: 1000, ... 1099, then 1200 and 1210 above the k-th (1098).
    const values = [...Array.from({ length: 100 }, (_, i) => 1000 + i), 1200, 1210];
    const protection = protectTable(table(real(2, values)), on), { high } = protection.columns[0];
    expect(high).toBe(1097);
    const tops = Array.from({ length: 40 }, (_, seed) => {
      const out = [...protection.conceal('x', Float64Array.of(1050, 1097, 1097, 1097, 1097, 1097), new Stream(seed, 't'))].slice(1).sort((a, b) => a - b);
      // Five rows at the bound: their excesses stand at the law's quantiles 1/5 ... 5/5, cut off at the farthest row's. Excesses 1, 2, 103, 113: mean 54.75, weighted .8375 + 1.175 + 34.7625 + 9.8875 over 4.
      const mean = 54.75, weighted = 46.6625 / 4, shape = 2 - mean / (mean - 2 * weighted), scale = mean * (1 - shape), end = 113, left = (1 + (shape * end) / scale) ** (-1 / shape);
      for (let j = 1; j < 5; j++) expect(out[j - 1]).toBeCloseTo(1097 + (scale / shape) * ((1 - (j / 5) * (1 - left)) ** -shape - 1), 1);
      return out[4];
    });
    for (const v of tops) { expect(v).toBeGreaterThanOrEqual(1205); expect(v).toBeLessThanOrEqual(1210); }
    expect(tops.filter((v) => v === 1210).length).toBeLessThanOrEqual(1);
    expect(new Set(tops).size).toBeGreaterThan(30);
  });
  it('leaves values that k rows share where they are, and everything when off', () => {
    const values = [...times(30, 0.12345678), ...Array.from({ length: 70 }, (_, i) => i / 7)];
    expect(protectTable(table(real(8, values)), on).conceal('x', Float64Array.of(0.12345678), new Stream(1, 't'))[0]).toBe(0.12345678);
    const open = protectTable(table(real(8, values)), off);
    expect([...open.conceal('x', Float64Array.of(1 / 7, 1e6), new Stream(1, 't'))]).toEqual([0.14285714, 1e6]);
    expect(open.concealTable(table(real(8, [0.14285714])), 1).columns[0].numbers()[0]).toBe(0.14285714);
  });
  it('takes a rare whole number among mostly whole ones for what it is: a value of their grid', () => {
    const values = [...Array.from({ length: 60 }, (_, i) => i), 0.4167, 12.7531];
    const t = protectTable(table(real(4, [...values, 0.4167, ...times(8, 0), ...times(8, 90)])), on);
    const out = t.conceal('x', Float64Array.of(33, 0.4167, 12.7531), new Stream(1, 't'));
    expect(out[0]).toBe(33);
    expect(out[1]).not.toBe(0.4167);
    expect(out[2]).not.toBe(12.7531);
  });
  it('takes a crowded stretch of a fine grid for a grid like any other, and no other stretch', () => {
    const values = [...Array.from({ length: 500 }, (_, i) => 0.3 + i / 10_000), ...Array.from({ length: 50 }, (_, i) => 5.0007 + i / 9)];
    const t = protectTable(table(real(4, values.map((v) => Number(v.toFixed(4))))), on);
    expect(t.columns[0].rareValues).toBeGreaterThan(40);
    expect(t.columns[0].rareValues).toBeLessThanOrEqual(50 + 4);          // four lie beyond the lower bound
    const out = t.conceal('x', Float64Array.of(0.3123, 0.32, 5.1118, 5.4451), new Stream(1, 't'));
    expect([...out].slice(0, 2)).toEqual([0.3123, 0.32]);
    expect([out[2] === 5.1118, out[3] === 5.4451]).toEqual([false, false]);
  });
  it('gives missing, never a real value, where the bounds leave only that', () => {
    const t = protectTable(table(real(5, [1.00001, 1.00002, 1.00003, 1.00004, 1.00005])), on);
    expect(t.columns[0]).toMatchObject({ low: 1.00003, high: 1.00003 });
    expect([...t.conceal('x', Float64Array.of(1.00001, 7), new Stream(1, 't'))]).toEqual([NaN, NaN]);
  });

  const column = fc.record({
    decimals: fc.constantFrom(3, 5, 8, 16),
    values: fc.array(fc.oneof(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.constantFrom(0, 1.5, -3.25), fc.integer({ min: -3, max: 3 }).map((v) => v / 1000), fc.constant(NaN)), { minLength: 5, maxLength: 120 }),
    exponent: fc.boolean(), seed: fc.nat(),
  });
  it('never emits a rare value verbatim, as written, whatever a generator offers (property)', () => {
    fc.assert(fc.property(column, ({ decimals, values, exponent, seed }) => {
      const style = exponent ? 'exponent' as const : 'shortest' as const;
      const raw = real(decimals, values, { number: { style, decimals: Math.min(decimals, exponent ? 8 : 16) } });
      // As read from a file: the values are what their own text says.
      const own = real(decimals, values.map((_, i) => (raw.isMissing(i) ? NaN : Number(raw.lexeme(i)) + 0)), { number: raw.schema.number });
      const protection = protectTable(table(own), on);
      const offered = real(decimals, [...own.numbers(), ...own.numbers(), -1e9, 1e9, 0.0005], { number: raw.schema.number });
      const out = protection.concealTable(table(offered), seed).columns[0];
      const coarse = protection.columns[0].concealed ? [0, 1, 2].find((d) => [...own.numbers()].filter((v) => Number(v.toFixed(d)) === v).length * 2 >= own.length - own.missingCount) : undefined;
      const distinct = [...new Set([...own.numbers()])], step = 10 ** -decimals;
      const count = new Map<string, number>();
      for (let i = 0; i < own.length; i++) if (!own.isMissing(i)) count.set(own.lexeme(i), (count.get(own.lexeme(i)) ?? 0) + 1);
      const { low, high, lowest, highest } = protection.columns[0];
      for (let i = 0; i < out.length; i++) {
        if (out.isMissing(i)) continue;
        const v = out.numbers()[i];
        const near = distinct.filter((x) => x >= low! && x <= high! && Math.abs(x - v) <= 16.5 * step).length;
        const places = 1 + Math.min(16, Math.round((v - low!) / step)) + Math.min(16, Math.round((high! - v) / step));
        const full = v >= low! && v <= high! && !exponent && decimals < 16 && high! > low! && 2 * near >= places;
        if (!full && (coarse === undefined || Number(v.toFixed(coarse)) !== v)) expect(count.get(out.lexeme(i)) ?? 5).toBeGreaterThanOrEqual(5);
        expect(v).toBeGreaterThanOrEqual(lowest!);
        expect(v).toBeLessThanOrEqual(highest!);
      }
    }), { numRuns: 150, seed: 20 });
  });
  it('never emits a rare category verbatim (property)', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'Other', 'f', null), { minLength: 1, maxLength: 80 }), fc.boolean(), (values, ordinal) => {
      const column = words(values, ordinal ? { kind: 'ordinal', order: ['a', 'b', 'c', 'd', 'e', 'Other', 'f'] } : {});
      const out = protectTable(table(column), on).apply(table(column));
      for (const v of cells(out)) if (v !== '' && v.toLowerCase() !== 'other') expect(values.filter((x) => x === v).length).toBeGreaterThanOrEqual(5);
      expect(out.columns[0].missingCount).toBeGreaterThanOrEqual(column.missingCount);
    }), { numRuns: 150, seed: 20 });
  });
});
