import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from './duckdb';
import { numberWriter, onGrid, parseNumber, pythonRepr } from './number-format';
import { numberCheck } from './number-infer';
import type { NumberFormat } from './table';
import { temporalReader, temporalWriter, type TemporalKind } from './temporal-format';

let folder: string, database: Database;
beforeAll(async () => { folder = mkdtempSync(join(tmpdir(), 'understudy-test-')); database = await Database.open(join(folder, 'spill')); });
afterAll(() => { database.close(); rmSync(folder, { recursive: true }); });

/** Doubles of every magnitude, and those at which notations change. */
const doubles = [...fc.sample(fc.double({ noNaN: true, noDefaultInfinity: true }), { numRuns: 1500, seed: 1 }), ...fc.sample(fc.tuple(fc.integer(), fc.integer({ min: -12, max: 12 })).map(([n, e]) => n * 10 ** e), { numRuns: 1500, seed: 2 }),
  0, -0, 1e15, 1e16, 9999999999999998, 1e17, 1e21, 1e22, 1e-4, 9.999e-5, 1e-5, 1e-6, 1e-7, 5e-324, 1.7976931348623157e308, 0.1, 123456789012345680];

describe('numbers', () => {
  it('print as Python prints them (values from Python 3.11 repr)', () => {
    expect([41, 0.1, 1e-5, 1e16, 123456789012345680, 1e-4, 1.5e300, -0, 5e-324, 1e15].map(pythonRepr)).toEqual(['41.0', '0.1', '1e-05', '1e+16', '1.2345678901234568e+17', '0.0001', '1.5e+300', '-0.0', '5e-324', '1000000000000000.0']);
  });

  it('print as DuckDB prints them, on which the SQL check of Python\'s style rests', async () => {
    const texts = doubles.map(pythonRepr);
    const [theirs] = await database.strings(`SELECT v::DOUBLE::VARCHAR FROM (VALUES ${texts.map(t => `('${t}')`).join(', ')}) AS t(v)`, 1);
    expect(theirs).toEqual(texts);
  });

  it('pass the SQL check of a format only if our writer gives the very same text', async () => {
    const texts = [...new Set([...doubles.flatMap(x => [String(x), pythonRepr(x), x.toFixed(2), x.toFixed(5), x.toPrecision(17)]), '007', '+1', '1.', '.5', ' 1', '1 ', '1_0', '0x1', '1e5', '1E5', '1e400', 'inf', 'nan', '-', '', '-0', '-0.00', '0.00', '1.10', '9007199254740991', '9007199254740993', '12345678901234567890', '0.123456789012345678'])].filter(t => t.length < 60);
    const formats: NumberFormat[] = [{ style: 'fixed', decimals: 0 }, { style: 'fixed', decimals: 2 }, { style: 'fixed', decimals: 5 }, { style: 'python', decimals: 16 }, { style: 'python', decimals: 2 }, { style: 'python', decimals: 0 }, { style: 'shortest', decimals: 16 }, { style: 'shortest', decimals: 3 }];
    for (const format of formats) {
      const [accepted] = await database.strings(`SELECT v FROM (VALUES ${texts.map(t => `('${t}')`).join(', ')}) AS t(v) WHERE ${numberCheck('v', format)}`, 1);
      const write = numberWriter(format);
      for (const t of accepted as string[]) expect(write(parseNumber(t, format)), `${t} as ${JSON.stringify(format)}`).toBe(t);
      expect(accepted.length).toBeGreaterThan(2);
    }
  });

  it('lie on the grid of their decimals, and those read from it are left alone', () => {
    fc.assert(fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 0, max: 6 }), (n, d) => { const x = Number(`${n}e-${d}`); return Object.is(onGrid(x, d), x === 0 ? 0 : x); }), { numRuns: 2000, seed: 20 });
    expect([onGrid(28.796700000000003, 4), onGrid(-0.00001, 2), onGrid(0.5, 0)]).toEqual([28.7967, 0, 1]);
    expect(numberWriter({ style: 'fixed', decimals: 2 })(-0.001)).toBe('0.00');
    expect(numberWriter({ style: 'python', decimals: 0 })(40.6)).toBe('41.0');
  });
});

describe('dates and times', () => {
  const patterns: Array<[TemporalKind, string]> = [['date', '%Y-%m-%d'], ['date', '%-d.%-m.%Y'], ['date', '%d %B %Y'], ['date', '%b %-d, %Y'], ['date', '%a, %d %b %Y'], ['date', '%A, %B %-d, %Y'], ['datetime', '%Y-%m-%dT%H:%M:%S.%g'], ['datetime', '%m/%d/%Y %-I:%M:%S %p'], ['datetime', '%Y%m%d%H%M%S'], ['datetime', '%Y-%m-%d %H:%M:%S.%f'], ['datetime', '%-m/%-d/%Y %-H:%M']];
  it.each(patterns)('%s %s is written as DuckDB writes it, and read back', async (kind, pattern) => {
    const moments = fc.sample(fc.date({ min: new Date('1600-01-01T00:00:00Z'), max: new Date('2200-01-01T00:00:00Z'), noInvalidDate: true }), { numRuns: 200, seed: 3 }).map(d => d.getTime());
    const [theirs] = await database.strings(`SELECT strftime(make_timestamp(v), '${pattern}') FROM (VALUES ${moments.map(ms => `(${ms * 1000}::BIGINT)`).join(', ')}) AS t(v)`, 1);
    const write = temporalWriter(kind, { pattern }), { read } = temporalReader(kind, { pattern });
    const ours = moments.map(ms => write(kind === 'date' ? Math.floor(ms / 86_400_000) : ms));
    expect(ours).toEqual(theirs);
    for (const text of ours) expect(write(read(text))).toBe(text);
  });

  it('refuse what is no date', () => {
    const { read } = temporalReader('date', { pattern: '%Y-%m-%d' });
    for (const text of ['2021-02-29', '2020-13-01', '2020-00-10', '2020-1-1', '2020-01-01 ', 'x2020-01-01', '']) expect(read(text), text).toBeNaN();
  });
});
