import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromArrow, makeTable, plainDialect, toArrow } from './columns';
import { readTableWithReport, type ReadOptions } from './read';
import type { Column } from './table';

let folder: string;
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'understudy-test-')); });
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;
async function read(text: string | Buffer, options: ReadOptions = {}, name = 'in.csv') {
  const path = join(folder, `${count++}-${name}`);
  writeFileSync(path, text);
  return readTableWithReport(path, options);
}
/** One column under a name, in a table of two (a lone column has no delimiter to find). */
async function column(cells: string[], options: ReadOptions = {}): Promise<{ column: Column; issues: string[] }> {
  const { table, issues } = await read('key,v\n' + cells.map((c, i) => `${i % 3 ? 'a' : 'b'},${c}`).join('\n') + '\n', options);
  return { column: table.column('v'), issues: issues.filter(i => i.column === 'v').map(i => i.code) };
}
const repeat = (cells: string[], n = 40) => Array.from({ length: n }, (_, i) => cells[i % cells.length]);
const both = [['small', {}], ['large', { smallRows: 0 }]] as const;

describe.each(both)('types of a %s table', (_, options) => {
  it.each<[string, string[], string, object]>([
    ['integers', ['1', '20', '-3'], 'integer', { style: 'fixed', decimals: 0 }],
    ['0 and 1 stay integers', ['0', '1'], 'integer', { style: 'fixed', decimals: 0 }],
    ['fixed decimals', ['1.50', '-2.25', '0.00'], 'real', { style: 'fixed', decimals: 2 }],
    ['whole numbers out of Python', ['41.0', '5.0'], 'integer', { style: 'python', decimals: 0 }],
    ['Python floats', ['41.0', '0.25', '1e-05'], 'real', { style: 'python', decimals: 16 }],
    ['shortest floats', ['41', '0.25', '-7.5'], 'real', { style: 'shortest', decimals: 2 }],
    ['decimals by cell', ['1.50', '2.2', '3', '0.1250'], 'real', { style: 'per-cell', decimals: 4 }],
    ['thousands', ['"1,234"', '"12,345,678"', '7'], 'integer', { style: 'fixed', decimals: 0, thousands: ',' }],
    ['decimal commas', ['"1,5"', '"22,7"', '"-0,1"'], 'real', { style: 'fixed', decimals: 1, point: ',' }],
    ['German amounts', ['"1.234,50"', '"22,70"'], 'real', { style: 'fixed', decimals: 2, point: ',', thousands: '.' }],
    ['dollars', ['"$1,234.50"', '$2.00', '-$3.25'], 'real', { style: 'fixed', decimals: 2, prefix: '$', thousands: ',' }],
    ['percents', ['12.5%', '3.0%'], 'real', { style: 'fixed', decimals: 1, suffix: '%' }],
    ['no zero before the point', ['.5', '-.25', '1.75'], 'real', { style: 'shortest', decimals: 2, bareFraction: true }],
    ['scientific', ['1.25e+03', '-7.50e-12'], 'real', { style: 'exponent', decimals: 2 }],
  ])('%s', async (_name, cells, kind, format) => {
    const { column: c } = await column(repeat(cells), options);
    expect(c.schema).toMatchObject({ kind, storage: 'number', number: format });
    expect(c.lexeme(1)).toBe(cells[1].replace(/"/g, ''));
  });

  it.each<[string, string[], string, object, number]>([
    ['ISO dates', ['1970-01-02', '2020-02-29'], 'date', { pattern: '%Y-%m-%d' }, 1],
    ['day first, told by one cell', ['01/02/1970', '25/12/2020'], 'date', { pattern: '%d/%m/%Y' }, 31],
    ['month first without zeros', ['1/2/1970', '12/25/2020'], 'date', { pattern: '%-m/%-d/%Y' }, 1],
    ['German dates', ['02.01.1970', '25.12.2020'], 'date', { pattern: '%d.%m.%Y' }, 1],
    ['month names', ['02-Jan-1970', '25-Dec-2020'], 'date', { pattern: '%d-%b-%Y' }, 1],
    ['times', ['00:00:01', '23:59:59'], 'time', { pattern: '%H:%M:%S' }, 1000],
    ['noon and midnight', ['12:00 AM', '12:30 PM', '1:05 PM'], 'time', { pattern: '%-I:%M %p' }, 0],
    ['date-times', ['1970-01-01 00:01:00', '2020-02-29 23:59:59'], 'datetime', { pattern: '%Y-%m-%d %H:%M:%S' }, 60000],
    ['ISO with Z and milliseconds', ['1970-01-01T00:00:00.250Z', '2020-02-29T23:59:59.999Z'], 'datetime', { pattern: '%Y-%m-%dT%H:%M:%S.%g', zone: 'Z' }, 250],
    ['an offset', ['1970-01-01T02:00:00+02:00', '2020-07-01T00:00:00+02:00'], 'datetime', { pattern: '%Y-%m-%dT%H:%M:%S', zone: '+02:00' }, 0],
    ['fractions where there are any', ['1970-01-01T00:00:00', '2020-02-29T23:59:59.250000'], 'datetime', { pattern: '%Y-%m-%dT%H:%M:%S%q' }, 0],
    ['fractions without trailing zeros', ['1970-01-01 00:00:01', '2020-02-29 23:59:59.25', '2020-02-29 23:59:59.123456'], 'datetime', { pattern: '%Y-%m-%d %H:%M:%S%Q' }, 1000],
    ['microseconds', ['1970-01-01 00:00:00.000001', '2020-02-29 23:59:59.999999'], 'datetime', { pattern: '%Y-%m-%d %H:%M:%S.%f' }, 0.001],
  ])('%s', async (_name, cells, kind, temporal, first) => {
    const { column: c, issues } = await column(repeat(cells), options);
    expect(c.schema).toMatchObject({ kind, storage: 'number', temporal });
    expect(c.numbers()[0]).toBeCloseTo(first, 6);
    expect(Array.from({ length: cells.length }, (_x, i) => c.lexeme(i))).toEqual(cells);
    expect(issues).toEqual([]);
  });

  it('holds offsets that differ from cell to cell in UTC and writes each as it was', async () => {
    const cells = ['2020-03-01T12:00:00+01:00', '2020-07-01T12:00:00+02:00'];
    const { column: c } = await column(repeat(cells), options);
    expect(c.schema.kind).toBe('datetime');
    expect(new Date(c.numbers()[1]).toISOString()).toBe('2020-07-01T10:00:00.000Z');
    expect([c.lexeme(0), c.lexeme(1)]).toEqual(cells);
  });

  it.each<[string, string[], string, string]>([
    ['words', ['red', 'green', 'blue'], 'category', 'code'], ['booleans', ['true', 'false'], 'boolean', 'code'], ['yes and no', ['Yes', 'No'], 'boolean', 'code'],
    ['codes padded with zeros', ['01', '02', '12'], 'category', 'code'], ['letters and digits', ['A12', 'B7', 'A1'], 'category', 'code'], ['31 April', ['2020-04-31', '2020-01-02'], 'category', 'code'],
    ['a hexadecimal or underscored number', ['0x10', '1_000', '12'], 'category', 'code'], ['one value', ['x'], 'constant', 'code'], ['one number', ['5.0'], 'constant', 'code'],
  ])('%s are %s', async (_name, cells, kind, storage) => {
    const { column: c } = await column(repeat(cells), options);
    expect(c.schema).toMatchObject({ kind, storage });
  });

  it('keeps integers of 20 digits and 1e400 as text, and says so', async () => {
    const big = await column(repeat(['12345678901234567890', '12345678901234567891', '5']), options);
    expect([big.column.schema.kind, big.column.lexeme(0), big.issues]).toEqual(['category', '12345678901234567890', ['big-integers']]);
    const huge = await column(repeat(['1.5', '2.5', '3.5', '1e400']), options);
    expect([huge.column.schema.kind, huge.column.missingCount, huge.column.lexeme(3), huge.issues]).toEqual(['real', 10, '1e400', ['infinite']]);
  });

  it('reads dates in several formats each by its own, and writes each cell back in its own', async () => {
    const cells = repeat(['2020-01-31', '3 Feb 2020', '28.02.2020', '', '2021-12-01']);
    const dates = await column(cells, options);
    expect([dates.column.schema.kind, dates.column.schema.temporal?.pattern, dates.issues]).toEqual(['date', '%Y-%m-%d', ['mixed-dates']]);
    expect(cells.map((_, i) => dates.column.lexeme(i))).toEqual(cells);
    expect([...dates.column.numbers().subarray(0, 3)]).toEqual([18292, 18295, 18320]);
    const again = fromArrow(toArrow(makeTable(plainDialect, [dates.column]))).columns[0];
    expect(cells.map((_, i) => again.lexeme(i))).toEqual(cells);
  });

  it('does not call a column dates whose day and month change places, nor mixed cells numbers', async () => {
    const dates = await column(repeat(['31/01/2020', '02/28/2020', '28/02/2020']), options);
    expect([dates.column.schema.kind, dates.issues]).toEqual(['category', ['mixed-dates']]);
    const mixed = await column(repeat(['1', '2', '3', 'many']), options);
    expect([mixed.column.schema.kind, mixed.issues]).toEqual(['category', ['mixed-types']]);
  });

  it('counts tokens as missing among numbers and writes each back as it was', async () => {
    const cells = ['1', '', 'NA', '?', '', 'nan', '""', '7'];
    const { column: c } = await column(cells, options);
    expect([c.schema.kind, c.missingCount, c.schema.missingToken]).toEqual(['integer', 6, '']);
    expect(cells.map((_x, i) => c.lexeme(i))).toEqual(['1', '', 'NA', '?', '', 'nan', '', '7']);
    const { column: inf, issues } = await column(['1.5', 'inf', '-Infinity', '2.5'], options);
    expect([inf.schema.kind, inf.missingCount, issues]).toEqual(['real', 2, ['infinite']]);
  });

  it('counts only plain empty cells, or one sole token, as missing among words', async () => {
    const adult = await column(repeat(['?', 'Private', 'State-gov']), options);
    expect([adult.column.missingCount, adult.column.categories()]).toEqual([0, ['?', 'Private', 'State-gov']]);
    const na = await column(repeat(['NA', 'red', 'blue']), options);
    expect([na.column.missingCount, na.column.schema.missingToken, na.column.categories()]).toEqual([14, 'NA', ['blue', 'red']]);
    const both = await column(repeat(['NA', 'red', '']), options);
    expect([both.column.missingCount, both.column.schema.missingToken, both.column.categories()]).toEqual([13, '', ['NA', 'red']]);
    const quoted = await column(repeat(['""', 'red', '']), options);
    expect([quoted.column.missingCount, quoted.column.categories()]).toEqual([13, ['', 'red']]);
  });

  it('gives an all-missing column no categories', async () => {
    const { column: c, issues } = await column(repeat(['']), options);
    expect([c.schema.kind, c.categories(), c.missingCount, issues]).toEqual(['constant', [], 40, ['all-missing']]);
  });

  it('stores words that hardly repeat as strings', async () => {
    const { column: c } = await column(Array.from({ length: 60 }, (_x, i) => `person ${i * 7919 % 1000}`), options);
    expect([c.schema.kind, c.schema.storage, c.text(1)]).toEqual(['text', 'string', 'person 919']);
  });
});

describe('a large table', () => {
  // Far from the sampled rows, one cell refutes what the sample suggests.
  const large = async (cell: (i: number) => string, odd: string) => {
    const rows = 9000;
    return column(Array.from({ length: rows }, (_x, i) => i === 8123 ? odd : cell(i)));
  };
  it.each<[string, (i: number) => string, string, string, string | undefined]>([
    ['a leading zero', i => String(i), '007', 'text', undefined],
    ['a finer decimal', i => String(1 + i % 90 + 0.5), '3.125', 'real', 'python'],
    ['an integer among floats', i => `${i % 90}.5`, '3', 'real', 'shortest'],
    ['an exponent', i => `${i % 90}.5`, '1e-07', 'real', 'python'],
    ['a trailing zero', i => `${i % 90}.5`, '3.10', 'real', 'per-cell'],
    ['a token', i => String(i % 90), 'NA', 'integer', 'fixed'],
    ['a negative zero', i => (i % 90 + 0.25).toFixed(2), '-0.00', 'real', 'fixed'],
    ['a word', i => String(i % 90), 'word', 'category', undefined],
    ['an overflow', i => String(i % 90), '1e400', 'integer', 'fixed'],
    ['another date order', i => `${String(i % 12 + 1).padStart(2, '0')}/${String(i % 11 + 1).padStart(2, '0')}/2020`, '31/01/2020', 'date', undefined],
  ])('is not misread for %s', async (_n, cell, odd, kind, style) => {
    const { column: c } = await large(cell, odd);
    expect([c.schema.kind, c.schema.number?.style]).toEqual([kind, style]);
    expect(c.lexeme(8123)).toBe(odd);
    for (const i of [0, 1, 4500, 8999]) expect(c.lexeme(i)).toBe(cell(i));
  });

  it('reads 50,000 distinct words into one dictionary', async () => {
    const { table } = await read('city,n\n' + Array.from({ length: 120_000 }, (_x, i) => `city ${i % 50_000},${i}`).join('\n') + '\n');
    const city = table.column('city');
    expect([city.schema.storage, city.categories().length, city.lexeme(119_999)]).toEqual(['code', 50_000, 'city 19999']);
    expect(table.column('n').numbers()[119_999]).toBe(119_999);
  });
});
