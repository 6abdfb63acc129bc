import { describe, expect, it } from 'vitest';
import { codeColumn, columnSchema, makeTable, numberColumn, plainDialect, stringColumn } from './columns';
import { costs, estimate } from './estimate';
import { Stream } from '../random';
import { refineKinds } from './kinds';
import { guessOutcome } from './outcome';
import { profileTable } from './profile';
import { findRules } from './rules';
import type { Column, ColumnSchema } from './table';

const n = 400, stream = new Stream(2, 'profile test');
const of = <T>(make: (i: number) => T, rows = n) => Array.from({ length: rows }, (_, i) => make(i));
const num = (name: string, values: number[], decimals = 0, extra: Partial<ColumnSchema> = {}) =>
  numberColumn(columnSchema({ name, kind: decimals ? 'real' : 'integer', storage: 'number', number: { style: 'fixed', decimals }, ...extra }), Float64Array.from(values));
const code = (name: string, values: Array<string | null>) => {
  const dictionary = [...new Set(values.filter((v): v is string => v !== null))];
  return codeColumn(columnSchema({ name, kind: 'category', storage: 'code' }), Int32Array.from(values, (v) => (v === null ? -1 : dictionary.indexOf(v))), dictionary);
};
const str = (name: string, values: Array<string | null>) => stringColumn(columnSchema({ name, kind: 'text', storage: 'string' }), values);
const table = (...columns: Column[]) => makeTable(plainDialect, columns);
const profile = (...columns: Column[]) => profileTable(refineKinds(table(...columns)), { path: '/x/t.csv', bytes: 99 });
const codes = (p: { warnings: Array<{ code: string }> }) => p.warnings.map((w) => w.code);

describe('profileTable', () => {
  it('describes numbers: range as written, moments, histogram, frequent values', () => {
    const [c] = profile(num('x', [3, 1, 2, 2, NaN, 10], 1)).columns;
    expect(c).toMatchObject({ name: 'x', index: 0, kind: 'real', rows: 6, missing: 1, distinct: 4, min: '1.0', max: '10.0', mean: 3.6, format: '1 decimal', modelledAs: '4 values, and missing' });
    expect(c.sd).toBeCloseTo(3.646916505762094, 12);           // numpy.std([3, 1, 2, 2, 10], ddof=1)
    expect(c.top![0]).toEqual({ value: '2.0', count: 2 });
    expect(c.histogram!.counts.reduce((a, b) => a + b)).toBe(5);
    expect(c.histogram!.edges.length).toBe(c.histogram!.counts.length + 1);
    expect([c.histogram!.edges[0], c.histogram!.edges.at(-1)]).toEqual([0.5, 10.5]);
  });
  it('keeps moments exact far from zero', () => {
    const [c] = profile(num('t', of((i) => 1e15 + (i % 2)))).columns;
    expect(c.mean).toBe(1e15 + 0.5);
    expect(c.sd).toBeCloseTo(0.5006261743217589, 10);
  });
  it('covers fractional and whole histograms to the last value', () => {
    const values = of(() => Math.round(stream.uniform() * 1e6) / 1e4);
    const h = profile(num('x', values, 4)).columns[0].histogram!;
    expect(h.counts.reduce((a, b) => a + b)).toBe(n);
    expect([h.edges[0], h.edges.at(-1)]).toEqual([Math.min(...values), Math.max(...values)]);
    const whole = profile(num('x', of((i) => i * i))).columns[0].histogram!;
    for (let i = 0; i < whole.counts.length; i++) expect(whole.counts[i]).toBe(of((k) => k * k).filter((v) => v >= whole.edges[i] && v < whole.edges[i + 1]).length);
  });
  it('shows frequent categories, never personal data, identifiers or text', () => {
    const p = profile(code('c', of((i) => 'aab'[i % 3])), str('mail', of((i) => `u${i}@example.org`)), num('id', of((i) => i)), str('note', of((i) => `a remark that goes on for a while about case ${i} and the next`)));
    expect(p.columns[0].top).toEqual([{ value: 'a', count: 267 }, { value: 'b', count: 133 }]);
    for (const c of p.columns.slice(1)) expect(c).not.toHaveProperty('top');
    expect(p.columns.map((c) => c.modelledAs)).toEqual(['2 categories', 'fresh e-mail addresses, never learnt', 'fresh identifiers of the same format, never learnt', 'placeholder text of similar length, never learnt']);
    expect(JSON.stringify(p)).not.toContain('@example.org');
    expect(p.columns.map(codes)).toEqual([[], ['personal'], ['identifier'], ['text']]);
    expect(p.notes[0]).toContain('1,000 distinct values');
  });
  it('warns of what will not model well', () => {
    const p = profile(
      code('gone', of(() => null)), code('same', of(() => 'x')), code('gaps', of((i) => (i % 10 ? null : 'ab'[(i / 10) % 2]))),
      code('many', of((i) => (i < 200 ? 'common' : `rare ${'abcdefghijklmnopqrstuvwxyz'[i % 26]}${i % 8}`))), code('mixed', of((i) => (i % 4 ? String(i % 30) : 'unknown'))), code('fine', of((i) => 'xyz'[i % 3])),
    );
    expect(p.columns.map(codes)).toEqual([['all-missing'], ['constant'], ['mostly-missing'], ['many-categories'], ['mixed-types'], []]);
    for (const w of p.columns.flatMap((c) => c.warnings)) expect(w.message).toMatch(/\.$/);
  });
  it('passes on the path, dialect and the outcome the user named', () => {
    const p = profileTable(table(num('a', [1, 2]), num('b', [1, 2])), { path: '/x/t.csv', bytes: 99, outcome: 'a' });
    expect(p).toMatchObject({ path: '/x/t.csv', bytes: 99, rows: 2, format: 'csv', dialect: { delimiter: ',' }, outcome: { column: 'a', guessed: false } });
  });
});

describe('guessOutcome', () => {
  const x = () => num('x', of(() => stream.below(1000))), two = (name: string) => num(name, of((i) => i % 2));
  const guess = (...columns: Column[]) => guessOutcome(refineKinds(table(...columns)))?.column;
  it.each(['income', 'Survived', 'Exited', 'class-_', 'default_next_month', 'two_year_recid', 'target', 'y', 'is_fraud', 'HasChurned'])('knows %s by its name, wherever it stands', (name) => {
    expect(guess(x(), two(name), num('z', of(() => stream.below(1000))))).toBe(name);
  });
  it('prefers a telling name to the last column, the last column to others', () => {
    expect(guess(num('median_house_value', of(() => stream.below(1e6))), x(), code('ocean_proximity', of((i) => 'abcde'[i % 5])))).toBe('median_house_value');
    expect(guess(x(), num('OT', of(() => stream.uniform()), 3))).toBe('OT');
    expect(guess(two('is_recid'), x(), two('two_year_recid'))).toBe('two_year_recid');
  });
  it('never takes an identifier, a date or the only column, and says why', () => {
    expect(guess(x(), num('id', of((i) => i)))).toBe(undefined);
    expect(guess(two('y'))).toBe(undefined);
    expect(guess(x(), numberColumn(columnSchema({ name: 'target', kind: 'date', storage: 'number', temporal: { pattern: '%Y-%m-%d' } }), Float64Array.from(of((i) => i * 3))))).toBe(undefined);
    expect(guessOutcome(refineKinds(table(x(), two('y'))))!.why).toContain('name is "y"');
  });
});

describe('estimate', () => {
  const small = table(num('a', of((i) => i)), code('b', of((i) => 'ab'[i % 2])));
  it('follows its formula, and the budget caps the fit', () => {
    const e = estimate(small, { budgetSeconds: 3, rows: 1000 });
    // small enough to be cross-fitted: five models, each judged
    const expected = costs.startSeconds + n * 2 * costs.readCell + 3 + 1000 * (5 * 2 * costs.sampleCell + 2 * costs.writeCell) + 5 * (costs.evaluateFold + (n + 1000) * 2 * costs.evaluateCell + n * (1000 + 80) * 2 * costs.distance);
    expect(e.seconds).toBe(Math.round(expected));
    expect(e.memoryBytes).toBe(Math.round(costs.baseMemory + 1000 * 2 * (costs.memoryCell + costs.memoryJudged)));
    expect(estimate(small, { budgetSeconds: 3, rows: 100_000 }).seconds).toBeGreaterThan(e.seconds);
  });
  // what runs were seen to take (bench/README.md, Speed)
  it.each([[32_561, 15, 0, 551e6], [200_000, 15, 0, 936e6], [1_000_000, 20, 1, 2.2e9]])('promises the memory that a run of %i x %i took', (rows, columns, identifiers, measured) => {
    const like = (made: Column, k: number) => Array.from({ length: k }, () => made), columnsOf = [...like(num('a', [1, 2]), columns - identifiers), ...like(str('b', ['x', 'y']), identifiers)];
    const { memoryBytes } = estimate({ ...table(...columnsOf.slice(0, 1)), rows, columns: columnsOf }, { budgetSeconds: 45 });
    expect(memoryBytes / measured).toBeGreaterThan(1 / 1.15);
    expect(memoryBytes / measured).toBeLessThan(1.15);
  });
});

describe('findRules', () => {
  const a = of(() => stream.below(500)), b = of(() => stream.below(500));
  const sentences = (...columns: Column[]) => findRules(table(...columns)).map((r) => r.sentence);
  it('finds sums, equal columns, orders and codes with their labels', () => {
    expect(sentences(num('a', a), num('b', b), num('t', a.map((v, i) => v + b[i])))).toContain('t is a plus b in every row.');
    expect(sentences(num('a', a), num('b', a))).toEqual(['a and b are equal in every row.']);
    expect(sentences(num('a', a.map((v) => v / 2 + 100), 1), num('b', a.map((v, i) => v / 2 + 100 + b[i] / 50), 2))).toEqual(['a is never above b.']);
    const k = a.map((v) => v % 6);
    expect(sentences(code('label', k.map((v) => 'uvwxyz'[v])), num('k', k))).toEqual(['label and k say the same thing: each determines the other.']);
    expect(sentences(code('label', k.map((v) => 'uuwxyy'[v])), num('k', k))).toEqual(['k determines label.']);
  });
  it('finds none that one row breaks, nor any in unrelated columns', () => {
    const k = a.map((v) => v % 6), broken = k.map((v, i) => (i === 399 ? 5 - v : v));
    expect(sentences(code('label', broken.map((v) => 'uvwxyz'[v])), num('k', k))).toEqual([]);
    expect(sentences(num('a', a), num('b', b), num('t', a.map((v, i) => v + b[i] + (i === 7 ? 1 : 0)))).filter((s) => s.includes('plus'))).toEqual([]);
    expect(sentences(num('age', of(() => stream.below(90))), num('salary', of(() => 20_000 + stream.below(90_000))))).toEqual([]);
  });
});
