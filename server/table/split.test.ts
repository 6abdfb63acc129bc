import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeColumn, columnSchema, makeTable, numberColumn, plainDialect, stringColumn } from './columns';
import { Stream } from '../random';
import { crossFitFolds, rowKeys, seriesColumn, splitTable, type Split } from './split';
import type { Column } from './table';

const num = (name: string, values: number[], kind: 'integer' | 'real' | 'datetime' = 'real') => numberColumn(columnSchema({ name, kind, storage: 'number' }), Float64Array.from(values));
const code = (name: string, values: Array<string | null>, dictionary = [...new Set(values.filter((v): v is string => v !== null))]) =>
  codeColumn(columnSchema({ name, kind: 'category', storage: 'code' }), Int32Array.from(values, (v) => (v === null ? -1 : dictionary.indexOf(v))), dictionary);
const str = (name: string, values: Array<string | null>) => stringColumn(columnSchema({ name, kind: 'identifier', storage: 'string' }), values);
const table = (...columns: Column[]) => makeTable(plainDialect, columns);
const of = <T>(n: number, make: (i: number) => T) => Array.from({ length: n }, (_, i) => make(i));
const partOf = (s: Split, n: number) => {
  const part = new Array<string>(n).fill('');
  for (const name of ['fit', 'validation', 'control'] as const) for (const r of s[name]) { expect(part[r]).toBe(''); part[r] = name; }
  expect(part).not.toContain('');
  return part;
};

describe('splitTable', () => {
  const stream = new Stream(5, 'split test'), n = 5000;
  const people = table(num('x', of(n, () => stream.uniform())), code('y', of(n, () => (stream.uniform() < 0.03 ? 'ill' : 'well'))));
  it('gives disjoint parts of the asked sizes that cover the table, with the outcome\'s shares', () => {
    const s = splitTable(people, { seed: 1, outcome: 'y' });
    partOf(s, n);
    expect([s.control.length, s.validation.length, s.fit.length]).toEqual([1000, 400, 3600]);
    const y = people.column('y'), ill = (rows: Int32Array) => [...rows].filter((r) => y.lexeme(r) === 'ill').length;
    const all = ill(Int32Array.from(of(n, (i) => i)));
    expect(Math.abs(ill(s.control) - all * 0.2)).toBeLessThanOrEqual(1);
    expect(Math.abs(ill(s.validation) - all * 0.08)).toBeLessThanOrEqual(1);
  });
  it('is the same for the same seed, another for another, and in increasing order', () => {
    const a = splitTable(people, { seed: 1 }), b = splitTable(people, { seed: 1 }), c = splitTable(people, { seed: 2 });
    expect(a).toEqual(b);
    expect(a.control).not.toEqual(c.control);
    expect([...a.control]).toEqual([...a.control].sort((x, y) => x - y));
  });
  it('stratifies a numeric outcome by tenths', () => {
    const s = splitTable(people, { seed: 3, outcome: 'x' }), x = people.column('x').numbers();
    const mean = [...s.control].reduce((m, r) => m + x[r], 0) / s.control.length;
    expect(Math.abs(mean - [...x].reduce((a, b) => a + b) / n)).toBeLessThan(0.01);
  });
  it('keeps equal rows together, whatever identifiers say, or apart when asked', () => {
    const t = table(str('id', of(900, (i) => `r${i}`)), num('a', of(900, (i) => Math.floor(i / 3))), code('b', of(900, (i) => 'uv'[Math.floor(i / 3) % 2])));
    const part = partOf(splitTable(t, { seed: 1, outcome: 'b', duplicates: 'together' }), 900);
    for (let g = 0; g < 300; g++) expect(new Set(part.slice(3 * g, 3 * g + 3)).size).toBe(1);
    const apart = partOf(splitTable(t, { seed: 1, duplicates: 'apart' }), 900);
    expect(of(300, (g) => new Set(apart.slice(3 * g, 3 * g + 3)).size).some((k) => k > 1)).toBe(true);
  });
  it('by default takes few equal rows for records entered twice, many for rows that repeat by nature', () => {
    const few = table(num('a', of(1000, (i) => (i < 990 ? i : i - 990))));
    const part = partOf(splitTable(few, { seed: 1 }), 1000);
    for (let i = 990; i < 1000; i++) expect(part[i]).toBe(part[i - 990]);
    const many = table(code('a', of(1000, (i) => 'uvw'[i % 3])));
    const s = splitTable(many, { seed: 1 });
    expect([s.control.length, s.validation.length]).toEqual([200, 80]);
    expect(s.how).toContain('each row alone');
    expect(new Set([...s.control].map((r) => r % 3)).size).toBe(3);
  });
  it('keeps an entity together, and unknown entities apart', () => {
    const t = table(str('patient', of(800, (i) => (i % 8 === 7 ? null : `p${i % 100}`))), num('a', of(800, (i) => i)));
    const part = partOf(splitTable(t, { seed: 4, entity: 'patient' }), 800);
    const byPatient = new Map<string, Set<string>>();
    for (let i = 0; i < 800; i++) if (i % 8 !== 7) byPatient.set(`p${i % 100}`, (byPatient.get(`p${i % 100}`) ?? new Set()).add(part[i]));
    for (const parts of byPatient.values()) expect(parts.size).toBe(1);
    expect(new Set(of(100, (k) => part[8 * k + 7])).size).toBeGreaterThan(1);
  });
  it('cuts a regular series into blocks of time, found by itself', () => {
    const t = table(num('when', of(2000, (i) => 1.4e12 + i * 3.6e6), 'datetime'), num('v', of(2000, (i) => Math.sin(i / 50))));
    expect(seriesColumn(t)).toBe('when');
    const s = splitTable(t, { seed: 1, outcome: 'v' }), part = partOf(s, 2000);
    let changes = 0;
    for (let i = 1; i < 2000; i++) if (part[i] !== part[i - 1]) changes++;
    expect(changes).toBeLessThan(70);
    expect(s.how).toContain('blocks of time by when');
    expect(s.control.length).toBeGreaterThan(340);
    expect(s.control.length).toBeLessThan(460);
    expect(s.blocks!.columns).toEqual(['when']);
    expect(s.blocks!.control * 20).toBe(s.control.length);
    const along = table(num('when', of(2000, (i) => 1.4e12 + i * 3.6e6), 'datetime'), num('day', of(2000, (i) => -i)), num('v', of(2000, (i) => Math.sin(i / 50))));
    expect(splitTable(along, { seed: 1 }).blocks!.columns).toEqual(['when', 'day']);
    for (const other of [{ time: false as const }, { holdoutGiven: true }]) expect(splitTable(t, { seed: 1, ...other }).blocks).toBe(undefined);
    const free = partOf(splitTable(t, { seed: 1, time: false }), 2000);
    expect(of(1999, (i) => free[i + 1] !== free[i]).filter(Boolean).length).toBeGreaterThan(400);
  });
  it('takes months and trading days for a series, an event log not', () => {
    expect(seriesColumn(table(num('when', of(60, (i) => Date.UTC(2000, i, 1) / 864e5), 'datetime')))).toBe('when');
    expect(seriesColumn(table(num('when', of(200, (i) => i + 2 * Math.floor(i / 5)), 'datetime')))).toBe('when');
    const random = new Stream(1, 'events');
    let now = 0;
    expect(seriesColumn(table(num('when', of(500, () => (now += 1 - Math.log(1 - random.uniform()) * 1e6)), 'datetime')))).toBe(undefined);
  });
  it('sees no series in irregular, repeated or missing times', () => {
    expect(seriesColumn(table(num('when', of(200, (i) => (i * 7919) % 1000), 'datetime')))).toBe(undefined);
    expect(seriesColumn(table(num('when', of(200, (i) => Math.floor(i / 2)), 'datetime')))).toBe(undefined);
    expect(seriesColumn(table(num('when', of(200, (i) => (i === 9 ? NaN : i)), 'datetime')))).toBe(undefined);
    expect(seriesColumn(table(num('n', of(200, (i) => i))))).toBe(undefined);
  });
  it('fits every row but the validation when a holdout was given, and caps the control', () => {
    const s = splitTable(people, { seed: 1, holdoutGiven: true });
    expect([s.control.length, s.validation.length, s.fit.length]).toEqual([0, 500, 4500]);
    expect(splitTable(people, { seed: 1, controlMost: 50 }).control.length).toBe(50);
  });
  it('divides any table of three rows or more, and says so of fewer', () => {
    fc.assert(fc.property(fc.integer({ min: 3, max: 60 }), fc.integer({ min: 1, max: 5 }), fc.nat(), (rows, distinct, seed) => {
      const t = table(num('a', of(rows, (i) => i % distinct)), str('p', of(rows, (i) => `p${i % distinct}`)));
      for (const options of [{}, { duplicates: 'together' as const }, { entity: 'p' }, { outcome: 'a' }, { time: 'a' }]) {
        const s = splitTable(t, { seed, ...options });
        partOf(s, rows);
        expect(Math.min(s.fit.length, s.validation.length, s.control.length)).toBeGreaterThan(0);
      }
    }), { seed: 20 });
    expect(() => splitTable(table(num('a', [1, 2])), { seed: 1 })).toThrow('at least three');
  });
});

describe('crossFitFolds', () => {
  it('uses each row once, in folds of nearly one size, with the outcome\'s shares and duplicates together', () => {
    const t = table(num('a', of(600, (i) => Math.floor(i / 2))), code('y', of(600, (i) => (i % 60 < 6 ? 'p' : 'q'))));
    const folds = crossFitFolds(t, 5, { seed: 1, outcome: 'y', duplicates: 'together' });
    for (let f = 0; f < 5; f++) {
      const rows = of(600, (i) => i).filter((i) => folds[i] === f);
      expect(Math.abs(rows.length - 120)).toBeLessThanOrEqual(3);
      expect(Math.abs(rows.filter((i) => i % 60 < 6).length - 12)).toBeLessThanOrEqual(2);
    }
    for (let g = 0; g < 300; g++) expect(folds[2 * g]).toBe(folds[2 * g + 1]);
    expect(() => crossFitFolds(t, 1, { seed: 1 })).toThrow();
  });
});

describe('rowKeys', () => {
  it('is equal exactly for equal rows, across tables with other dictionaries and storage', () => {
    const a = table(num('x', [1, NaN, -0, 2]), code('c', ['u', 'v', null, 'u']), str('s', ['p', null, '', 'p']));
    const b = table(num('x', [0, 1, 2, NaN]), code('c', [null, 'u', 'v', 'v'], ['w', 'v', 'u']), str('s', ['', 'p', 'p', null]));
    const [ka, kb] = rowKeys([a, b]);
    expect([ka[0] === kb[1], ka[1] === kb[3], ka[2] === kb[0], ka[3] === kb[2]]).toEqual([true, true, true, false]);
    // A missing word is not an empty one.
    expect(rowKeys([table(str('s', ['', null, '']))])[0]).toEqual(Int32Array.of(0, 1, 0));
    // The same words held as categories and as strings.
    const [k1, k2] = rowKeys([table(code('c', ['a', 'b', null])), table(str('c', ['b', null, 'a']))]);
    expect([k1[0] === k2[2], k1[1] === k2[0], k1[2] === k2[1]]).toEqual([true, true, true]);
    expect(rowKeys([a, b], ['c'])[1][1]).toBe(rowKeys([a, b], ['c'])[0][0]);
  });
  it('agrees with comparing texts of rows (property)', () => {
    const cell = fc.constantFrom(0, 1, 2, 0.1, 1e300, NaN), letter = fc.constantFrom('a', 'b', 'ab', '', null);
    const rows = fc.array(fc.tuple(cell, letter, letter), { minLength: 0, maxLength: 40 });
    fc.assert(fc.property(rows, rows, (p, q) => {
      const make = (r: typeof p) => table(num('x', r.map((v) => v[0])), code('c', r.map((v) => v[1])), str('s', r.map((v) => v[2])));
      const [a, b] = rowKeys([make(p), make(q)]), text = (v: (typeof p)[number]) => JSON.stringify([Number.isNaN(v[0]) ? null : v[0], v[1], v[2]]);
      const all = [...p, ...q].map(text), keys = [...a, ...b];
      for (let i = 0; i < all.length; i++) for (let j = i + 1; j < all.length; j++) expect(keys[i] === keys[j]).toBe(all[i] === all[j]);
    }), { numRuns: 60, seed: 20 });
  });
  it('stays exact where hashes collide: 300,000 rows of whole numbers', () => {
    // 3e5 distinct rows share 32-bit hashes about ten times (birthday), so a probabilistic method would merge some.
    const n = 300_000, keys = rowKeys([table(num('a', of(n, (i) => i)), num('b', of(n, (i) => (i * 7) % 1000)))])[0];
    for (let i = 0; i < n; i++) if (keys[i] !== i) throw new Error(`row ${i} has key ${keys[i]}`);
  });
  it('refuses tables of different widths', () => expect(() => rowKeys([table(num('a', [1])), table(num('a', [1]), num('b', [1]))])).toThrow('1 and 2 columns'));
});
