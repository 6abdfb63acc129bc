import { promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { epsilonFor } from '../../../privacy/accountant/accountant';
import { fits, leftOf, slackFor } from '../../../privacy/accountant/filter';
import { gaussianDelta } from '../../../privacy/accountant/gaussian';
import { projectSimplex } from '../../../privacy/mechanisms/simplex';
import { gaussianThreshold } from '../../../privacy/mechanisms/partitions';
import { NoiseSource } from '../../../privacy/mechanisms/source';
import type { PublicColumn, PublicSchema } from '../../../protocol';
import { Stream } from '../../../random';
import { codeColumn, columnSchema, makeTable, numberColumn, plainDialect, stringColumn } from '../../../table/columns';
import type { Column, Table } from '../../../table/table';
import { understand } from '../read';
import { Ask } from './ask';
import { boundsFrom, geometric, geometricCounts } from './bounds';
import { calibrate, costOf, eventsOf } from './cost';
import { intoDomain, learnDomain, type Domain } from './domain';
import { checkLayout, readDeclared } from './read';
import { columnSchemaOf, declared, schemaOf } from './schema';
import { oneRowPerUnit } from './unit';

const key = (n: number) => new NoiseSource(new Uint8Array(32).fill(n));
/** Noise too small to matter: what is asked, and what is made of it, without what is added. */
const quiet = { sigma: 1e-3, delta: 1e-9 };
const plenty = { histograms: 1000, selections: 1000 };

const numbers = (name: string, values: ArrayLike<number>, kind: 'integer' | 'real' = 'integer') => numberColumn(columnSchema({ name, kind, storage: 'number', number: { style: 'fixed', decimals: kind === 'integer' ? 0 : 2 } }), Float64Array.from(values));
function words(name: string, cells: Array<string | null>): Column {
  const names = [...new Set(cells.filter((c) => c !== null))];
  return codeColumn(columnSchema({ name, kind: 'category', storage: 'code' }), Int32Array.from(cells, (c) => (c === null ? -1 : names.indexOf(c))), names);
}
const learn = (columns: Column[], schema: PublicColumn[], noise = quiet, rows?: number, seed = 1): { domain: Domain; table: Table; schema: PublicSchema } => {
  const whole = declared({ columns: schema }, {}), table = readDeclared(makeTable(plainDialect, columns), whole.columns, 't.csv');
  return { domain: learnDomain(table, whole, rows, new Ask(noise, plenty, key(seed))), table, schema: whole };
};

describe('ends of a number', () => {
  test.each([['small', 17, 90], ['about zero', -3, 3], ['large', 1_600_000, 1_700_000], ['negative', -5000, -400]])('%s: found to an eighth of their size, and never the values themselves', (_, low, high) => {
    const stream = new Stream(3, 'v'), values = Float64Array.from({ length: 5000 }, () => Math.round(low + stream.uniform() * (high - low))), g = geometric(1), sigma = 5;
    const noisy = geometricCounts(values, g).map((n) => n), { min, max } = boundsFrom(noisy, g, sigma);
    expect(min).toBeLessThanOrEqual(low + Math.abs(low) / 8);
    expect(max).toBeGreaterThanOrEqual(high - Math.abs(high) / 4);
    expect(min).toBeGreaterThanOrEqual(low - Math.abs(low) / 4 - 1);
    expect(max).toBeLessThanOrEqual(high + Math.abs(high) / 4 + 1);
  });
  test('one absurd value does not move them', () => {
    const values = Float64Array.from({ length: 2000 }, (_, i) => i % 100), g = geometric(1);
    const plain = boundsFrom(geometricCounts(values, g), g, 3);
    for (const absurd of [1e15, -1e15, 1e300, 12345.678]) expect(boundsFrom(geometricCounts(Float64Array.from([...values, absurd]), g), g, 3)).toEqual(plain);
  });
});

test('ends that only noise found are days and times that there are', () => {
  const temporal = { date: '%Y-%m-%d', datetime: '%Y-%m-%d %H:%M:%S', time: '%H:%M:%S' } as const, day = 86_400_000;
  for (const kind of ['date', 'datetime', 'time'] as const) for (let seed = 1; seed <= 10; seed++) {
    const schema = columnSchema({ name: 'at', kind, storage: 'number', temporal: { pattern: temporal[kind] } }), at = numberColumn(schema, Float64Array.from({ length: 30 }, (_, i) => (kind === 'date' ? 19_000 + i : kind === 'time' ? i * 60_000 : (19_000 + i) * day)));
    const c = learn([at], [{ name: 'at', kind, temporal: { pattern: temporal[kind] } }], { sigma: 60, delta: 1e-9 }, 30, seed).domain.columns[0]!.column;
    if (c.type !== 'number') throw new Error();
    const ms = [c.min, c.max].map((v) => (kind === 'date' ? v * day : v));
    expect(c.min, kind).toBeLessThanOrEqual(c.max);
    if (kind === 'time') expect([ms[0]! >= 0, ms[1]! < day], `${seed}`).toEqual([true, true]);
    else for (const v of ms) expect(new Date(v).toISOString(), `${kind} ${seed}`).toMatch(/^\d{4}-/);
  }
});

describe('a number', () => {
  test('every bin holds the share that the values have, spikes alone, half-way between grid points', () => {
    const stream = new Stream(1, 'n'), values = Array.from({ length: 20_000 }, () => (stream.uniform() < 0.6 ? 0 : Math.round(stream.uniform() * 9000)));
    const { domain } = learn([numbers('gain', values)], [{ name: 'gain', kind: 'integer' }], { sigma: 4, delta: 1e-9 }), c = domain.columns[0]!.column;
    if (c.type !== 'number') throw new Error();
    expect(c.shares.reduce((s, p) => s + p, 0) + c.missing).toBeCloseTo(1, 9);
    expect(c.edges.length).toBe(c.shares.length + 1);
    c.edges.slice(1).forEach((e, i) => expect(e).toBeGreaterThan(c.edges[i]!));
    for (const e of c.edges) expect(Math.abs(e % 1)).toBe(0.5);
    const zero = c.edges.findIndex((e) => e === -0.5);
    expect(c.edges[zero + 1]).toBe(0.5);
    expect(c.shares[zero]).toBeCloseTo(0.6, 1);
    for (let i = 0; i < c.shares.length; i++) expect(Math.abs(c.shares[i]! - values.filter((v) => v >= c.edges[i]! && v < c.edges[i + 1]!).length / values.length)).toBeLessThan(0.01);
    expect(c.min).toBe(0);
    expect(Math.abs(c.max - 9000)).toBeLessThan(500);
  });
  test('declared ends hold, whatever the values; missing cells are a share of their own', () => {
    const { domain, table, schema } = learn([numbers('age', [5, 20, 30, 30, 200, NaN])], [{ name: 'age', kind: 'integer', min: 17, max: '90', missing: '' }], quiet, 6), c = domain.columns[0]!.column;
    if (c.type !== 'number') throw new Error();
    expect(c).toMatchObject({ min: 17, max: 90 });
    expect(c.missing).toBeCloseTo(1 / 6, 6);
    expect([...intoDomain(table, domain, schema).column('age').numbers()]).toEqual([17, 20, 30, 30, 90, NaN]);
  });
  test('a declared end where no rows stand out keeps a thin bin of about five rows; one found privately is drawn in', () => {
    const values = Array.from({ length: 4000 }, (_, i) => 100 + (i % 50)), { column: c } = learn([numbers('x', values)], [{ name: 'x', kind: 'integer', min: 0, max: 999 }]).domain.columns[0]!;
    if (c.type !== 'number') throw new Error();
    expect([c.min, c.max, c.edges[0], c.edges.at(-1)]).toEqual([0, 999, -0.5, 999.5]);
    expect([c.shares[0]! * 4000, c.shares.at(-1)! * 4000].map((v) => Math.round(v))).toEqual([5, 5]);
    expect(c.shares.reduce((a, b) => a + b, 0) + c.missing).toBeCloseTo(1, 9);
    expect(c.edges[1]).toBeGreaterThan(90);
    const found = learn([numbers('x', values)], [{ name: 'x', kind: 'integer' }]).domain.columns[0]!.column;
    if (found.type !== 'number') throw new Error();
    expect(found.min).toBeGreaterThan(80);
    expect(found.max).toBeLessThan(180);
  });
  test('without missing cells declared, a missing one goes where most rows are', () => {
    const { domain, table, schema } = learn([numbers('x', [...Array.from({ length: 50 }, () => 7), NaN])], [{ name: 'x', kind: 'integer', min: 0, max: 9 }]);
    expect(intoDomain(table, domain, schema).column('x').numbers()[50]).toBe(7);
    expect(domain.columns[0]!.column).toMatchObject({ missing: 0 });
  });
  test('real numbers without decimals, tables of a few rows and of one value make a domain that can be drawn from', () => {
    for (const [values, column] of [
      [Array.from({ length: 300 }, (_, i) => Math.sin(i) * 1e-3), { name: 'x', kind: 'real' }], [[1, 2, 3], { name: 'x', kind: 'integer' }], [new Array(100).fill(4), { name: 'x', kind: 'integer' }], [new Array(10).fill(NaN), { name: 'x', kind: 'integer', missing: '' }],
    ] as Array<[number[], PublicColumn]>) {
      for (const sigma of [1e-3, 3, 500]) {
        const { domain } = learn([numbers('x', values, 'real')], [column], { sigma, delta: 1e-7 }, values.length), c = domain.columns[0]!.column;
        if (c.type !== 'number') throw new Error();
        expect(c.shares.reduce((s, p) => s + p, 0) + c.missing).toBeCloseTo(1, 9);
        expect(c.shares.length).toBeGreaterThan(0);
        expect(c.max).toBeGreaterThanOrEqual(c.min);
        expect(c.edges[0]!).toBeLessThanOrEqual(c.min);
        expect(c.edges.at(-1)!).toBeGreaterThanOrEqual(c.max);
      }
    }
  });
});

describe('categories', () => {
  const cells = [...new Array<string>(500).fill('a'), ...new Array<string>(300).fill('b'), 'secret', ...new Array<null>(20).fill(null)];
  test('one that few rows have is not released; its rows are "other" or go with the most', () => {
    const { domain, table, schema } = learn([words('c', cells)], [{ name: 'c', kind: 'category', missing: '' }], { sigma: 5, delta: 1e-6 }, cells.length), d = domain.columns[0]!;
    expect(d.categories).toEqual(['a', 'b']);
    expect(d.other).toBeUndefined();
    expect(JSON.stringify(domain)).not.toContain('secret');
    const into = intoDomain(table, domain, schema).column('c');
    expect(into.lexeme(800)).toBe('a');
    expect(into.isMissing(801)).toBe(true);
    const many = [...cells, ...Array.from({ length: 400 }, (_, i) => `rare ${i}`)], more = learn([words('c', many)], [{ name: 'c', kind: 'category', missing: '' }], { sigma: 5, delta: 1e-6 }, many.length).domain.columns[0]!;
    expect(more.other).toBe('other');
    if (more.column.type !== 'category') throw new Error();
    expect(more.column.shares[more.categories!.indexOf('other')]).toBeCloseTo(401 / many.length, 1);
  });
  test('declared values are all there is; others are missing', () => {
    const { domain, table, schema } = learn([words('c', cells)], [{ name: 'c', kind: 'category', missing: '', values: ['b', 'a', 'never'] }], quiet, cells.length), d = domain.columns[0]!;
    expect(d.categories).toEqual(['b', 'a', 'never']);
    if (d.column.type !== 'category') throw new Error();
    expect(d.column.shares.map((s) => Math.round(s * cells.length))).toEqual([300, 500, 0, 21]);
    expect(intoDomain(table, domain, schema).column('c').isMissing(800)).toBe(true);
  });
  test('a category of one row is released with a probability of at most delta: the threshold by hand', () => {
    const sigma = 3, delta = 0.01, least = gaussianThreshold(sigma, delta), tail = (from: number) => { let s = 0, all = 0; for (let z = -200; z <= 200; z++) { const p = Math.exp(-z * z / (2 * sigma * sigma)); all += p; if (z >= from) s += p; } return s / all; };
    expect(tail(least - 1)).toBeLessThanOrEqual(delta);
    expect(tail(least - 4)).toBeGreaterThan(delta);
  });
});

test('projection to the simplex: by hand', () => {
  expect(projectSimplex([3, 1, -2], 4)).toEqual([3, 1, 0]);
  expect(projectSimplex([4, 2, 0], 3)).toEqual([2.5, 0.5, 0]);
  expect(projectSimplex([-1, -1], 2)).toEqual([1, 1]);
  expect(projectSimplex([1, -Infinity], 2)).toEqual([2, 0]);
});

describe('what it costs', () => {
  const schema: PublicSchema = { columns: [{ name: 'age', kind: 'integer', min: 0, max: 99 }, { name: 'pay', kind: 'real' }, { name: 'sex', kind: 'category', values: ['f', 'm'] }, { name: 'city', kind: 'category' }, { name: 'id', kind: 'identifier' }] };
  test('a small table by hand: one histogram of age, three of pay, one of sex, one of city and its selection, and the number of rows', () => {
    const cost = costOf(schema, false);
    expect(cost).toMatchObject({ histograms: 1 + 1 + 3 + 1 + 1, selections: 1 });
    expect(costOf(schema, true).histograms).toBe(6);
    const noise = { sigma: 20, delta: 1e-8 }, events = eventsOf(cost, noise), total = epsilonFor(events, 1e-6);
    // Seven Gaussians of sensitivity 1 are one of sigma 20 / sqrt 7 (Dong, Roth & Su 2022); the selection's delta comes on top. The discrete ones cost the same to a tenth of a percent.
    const alone = 20 / Math.sqrt(7);
    expect(gaussianDelta(alone, total.epsilon)).toBeLessThanOrEqual(1e-6);
    expect(gaussianDelta(alone, total.epsilon * 0.995)).toBeGreaterThan(1e-6 - 2e-8);
  });
  test.each([[0.5, 1e-6, 1], [3, 1e-6, 1], [8, 1e-5, 1], [3, 1e-6, 0.1]])('noise for epsilon %d at delta %d: within it, and hardly below', (epsilon, delta, share) => {
    const budget = { epsilon, delta }, left = leftOf([], budget), cost = costOf(schema, false);
    const noise = calibrate(cost, { precision: left.precision, slack: slackFor.nearly(0, 0, delta), categories: slackFor.categories(0, delta) }, share), events = eventsOf(cost, noise).map((e) => ({ ...e, run: 'r' }));
    expect(fits(events, budget)).toBe(true);
    expect(epsilonFor(events, delta).epsilon).toBeLessThanOrEqual(epsilon);
    expect(leftOf(events, budget).precision / left.precision).toBeGreaterThan(1 - share - 1e-9);
    expect(leftOf(events, budget).precision / left.precision).toBeLessThan(1 - share * 0.99);
  });
  test('refused in words where so little is left that counts would tell nothing, or categories could not be found', () => {
    const cost = costOf(schema, false), allowed = { precision: 0.1, slack: 1e-9, categories: 1e-9 };
    expect(() => calibrate(cost, { ...allowed, precision: 1e-12 }, 1)).toThrow('does not suffice to count rows');
    expect(() => calibrate(cost, { ...allowed, precision: 0 }, 1)).toThrow('does not suffice to count rows');
    expect(() => calibrate(cost, { ...allowed, categories: 1e-13 }, 1)).toThrow('too little to find the categories of 1 columns');
  });
  test('exactly what was charged is asked: one query more is a defect', () => {
    const rows = 200, table = makeTable(plainDialect, [numbers('age', Array.from({ length: rows }, (_, i) => i % 99)), numbers('pay', Array.from({ length: rows }, (_, i) => i / 7), 'real'), words('sex', Array.from({ length: rows }, (_, i) => 'fm'[i % 2]!)), words('city', new Array(rows).fill('x')), stringColumn(columnSchema({ name: 'id', kind: 'identifier', storage: 'string' }), new Array(rows).fill('1'))]);
    const cost = costOf(schema, false), read = readDeclared(table, schema.columns.slice(0, 4), 't.csv');
    learnDomain(read, schema, undefined, new Ask({ sigma: 2, delta: 1e-6 }, cost, key(1)));
    expect(() => learnDomain(read, schema, undefined, new Ask({ sigma: 2, delta: 1e-6 }, { ...cost, histograms: 3 }, key(1)))).toThrow('was not charged');
    expect(() => learnDomain(read, schema, undefined, new Ask({ sigma: 2, delta: 1e-6 }, { ...cost, selections: 0 }, key(1)))).toThrow('was not charged');
  });
});

test('declared cells are read by the declaration alone: what else is in the column does not matter', () => {
  const cells = ['12', '7', 'abc', '', '1e400', '3.6'], whole = readDeclared(makeTable(plainDialect, [words('n', cells)]), [{ name: 'n', kind: 'integer' }], 't.csv');
  expect([...whole.column('n').numbers()]).toEqual([12, 7, NaN, NaN, NaN, 4]);
  const dates = readDeclared(makeTable(plainDialect, [words('d', ['2024-02-29', '2024-13-01', 'x'])]), [{ name: 'd', kind: 'date', temporal: { pattern: '%Y-%m-%d' } }], 't.csv');
  expect([...dates.column('d').numbers()]).toEqual([19782, NaN, NaN]);
  expect(declared({ columns: [{ name: 'k', kind: 'constant' }] }, {}).columns[0]!.kind).toBe('category');
  expect(() => columnSchemaOf({ name: 'd', kind: 'date' })).toThrow('without its format');
  expect(() => declared({ columns: [{ name: 'd', kind: 'date', temporal: { pattern: '%Y-%m-%d' }, min: 'x' }] }, {})).toThrow('cannot have the end "x"');
  expect(() => declared({ columns: [{ name: 'n', kind: 'integer' }] }, { m: { min: 1 } })).toThrow('there is no such column');
  expect(() => declared({ columns: [{ name: 'n', kind: 'integer' }] }, { n: { min: 3, max: 1 } })).toThrow('has the ends 3 and 1');
});

test('what one odd row makes of the types of a file\'s columns changes no other row', async () => {
  const folder = await fs.mkdtemp(join(tmpdir(), 'understudy-declared-'));
  try {
    const header = 'n,r,c,d,b', rows = Array.from({ length: 120 }, (_, i) => [i % 9 ? i : 'NA', i % 7 ? (i / 4).toFixed(2) : '', ['x', 'y', 'NA', '?', ''][i % 5], i % 11 ? `2024-01-${String(1 + (i % 28)).padStart(2, '0')}` : '', i % 2 ? 'yes' : 'no'].join(','));
    const columns: PublicColumn[] = [
      { name: 'n', kind: 'integer', missing: 'NA' }, { name: 'r', kind: 'real', number: { decimals: 2 }, missing: '' }, { name: 'c', kind: 'category', missing: '?' }, { name: 'd', kind: 'date', temporal: { pattern: '%Y-%m-%d' }, missing: '' },
      { name: 'b', kind: 'boolean', values: ['no', 'yes'] },
    ];
    const cells = async (name: string, more: string[]) => {
      const path = join(folder, name);
      await fs.writeFile(path, `${[header, ...rows, ...more].join('\n')}\n`);
      const table = readDeclared((await understand({ path, columns: {} })).source, columns, path);
      return table.columns.map((c) => Array.from({ length: 120 }, (_, i) => (c.schema.storage === 'number' ? c.numbers()[i] : c.codes()[i]! < 0 ? null : c.categories()[c.codes()[i]!])));
    };
    const plain = await cells('plain.csv', []);
    expect(plain[2]!.slice(0, 5)).toEqual(['x', 'y', 'NA', null, null]);
    for (const [k, odd] of ['abc,abc,1,abc,maybe', '1.5,1.23456,12,2024-01-01 10:00,1', '"1,234",$5,NA,01/02/2024,NA', ' 7 , 8.5 ,x y, ,', '1e400,-inf,null,none,true'].entries()) expect(await cells(`odd-${k}.csv`, [odd]), odd).toEqual(plain);
  } finally {
    await fs.rm(folder, { recursive: true, force: true });
  }
});

test('one row a unit: one of each entity, and another table for one entity less differs in one row', () => {
  const table = makeTable(plainDialect, [words('who', ['a', 'b', 'a', 'c', 'a', null, null]), numbers('x', [1, 2, 3, 4, 5, 6, 7])]);
  const one = oneRowPerUnit(table, { entity: 'who' }, key(4), 't.csv');
  expect(one.rows).toBe(5);
  const without = oneRowPerUnit(table.take([0, 2, 3, 4, 5, 6]), { entity: 'who' }, key(4), 't.csv');
  expect([...one.column('x').numbers()].filter((v) => v !== 2)).toEqual([...without.column('x').numbers()]);
  expect(() => oneRowPerUnit(table, { entity: 'nobody' }, key(4), 't.csv')).toThrow('no column of this name');
});

test('whose a row is, the file\'s own text says: not what is left of it as a number', async () => {
  const folder = await fs.mkdtemp(join(tmpdir(), 'understudy-unit-')), path = join(folder, 't.csv');
  try {
    await fs.writeFile(path, `who,x\n${Array.from({ length: 60 }, (_, i) => `${i % 20},${i}\n`).join('')}${'A7,1\n'.repeat(40)}${'3.2,1\n'.repeat(5)}${'3.4,1\n'.repeat(5)},9\n,9\n`);
    const { source } = await understand({ path, columns: {} }), columns = [{ name: 'who', kind: 'integer' }, { name: 'x', kind: 'integer', missing: '' }] as const;
    // Declared a number, A7 is missing, and 3.2 and 3.4 are 3: each is a person of one row all the same, and each row without a name is one.
    expect(oneRowPerUnit(readDeclared(source, columns, path), { entity: 'who' }, key(4), path, { table: source }).rows).toBe(20 + 1 + 2 + 2);
  } finally { await fs.rm(folder, { recursive: true, force: true }); }
});

test('a file that is not written as declared is refused: one row in another encoding would change every other', async () => {
  const folder = await fs.mkdtemp(join(tmpdir(), 'understudy-layout-')), path = join(folder, 't.csv'), rows = Buffer.from(`town,n\n${'Köln,1\nŁódź,2\n'.repeat(40)}`);
  const schema = { columns: [{ name: 'town', kind: 'category' as const }] };
  const open = async (bytes: Buffer) => { await fs.writeFile(path, bytes); return (await understand({ path, columns: {} })).source; };
  try {
    checkLayout(await open(rows), schema, path);
    const odd = await open(Buffer.concat([rows, Buffer.from([0xe9, 0xff, 0x2c, 0x33, 0x0a])]));
    expect(readDeclared(odd, schema.columns, path).column('town').categories()).not.toContain('Köln');
    expect(() => checkLayout(odd, schema, path)).toThrow('encoding "latin1", not "utf-8"');
    const found = schemaOf(odd);
    checkLayout(odd, found, path);
    expect(() => checkLayout(odd, { ...found, file: { ...found.file!, delimiter: ';' } }, path)).toThrow('delimiter');
  } finally { await fs.rm(folder, { recursive: true, force: true }); }
});
