import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import * as arrow from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from './duckdb';
import { formatOf } from './format';
import { lz4Frame } from './format-lz4';
import { readTable, readTableWithReport } from './read';
import type { Table } from './table';
import { writeTable } from './write';

let folder: string;
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'understudy-test-')); });
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);
const cells = (t: Table) => t.columns.map(c => Array.from({ length: t.rows }, (_, i) => c.isMissing(i) ? null : c.lexeme(i)));
const kinds = (t: Table) => t.schema.columns.map(c => c.kind);

describe('formats', () => {
  it('are told by the name', () => {
    expect(['a.csv', 'A.CSV', 'a.tsv', 'a.csv.gz', 'a.parquet', 'a.jsonl', 'a.ndjson', 'a.arrow', 'a.feather', 'a.b.txt'].map(formatOf)).toEqual(['csv', 'csv', 'tsv', 'csv.gz', 'parquet', 'jsonl', 'jsonl', 'arrow', 'arrow', 'csv']);
    expect(() => formatOf('a.xlsx')).toThrow('does not tell');
  });

  it('csv.gz and tsv come back the same', async () => {
    const text = 'a\tb\n1\tx\n2\ty, z\n';
    writeFileSync(at('a.tsv'), text);
    const table = await readTable(at('a.tsv'));
    await writeTable(table, at('out.tsv'));
    expect(readFileSync(at('out.tsv'), 'utf8')).toBe(text);
    await writeTable(table, at('out.csv'));
    expect(readFileSync(at('out.csv'), 'utf8')).toBe('a,b\n1,x\n2,"y, z"\n');
    writeFileSync(at('a.csv.gz'), gzipSync('a;b\r\n1,5;x\r\n2,5;y\r\n'));
    await writeTable(await readTable(at('a.csv.gz')), at('out.csv.gz'));
    expect(gunzipSync(readFileSync(at('out.csv.gz'))).toString()).toBe('a;b\r\n1,5;x\r\n2,5;y\r\n');
    writeFileSync(at('cut.csv.gz'), gzipSync('a,b\n' + '1,2\n'.repeat(1000)).subarray(0, 40));
    await expect(readTable(at('cut.csv.gz'))).rejects.toThrow('not a whole gzip file');
    writeFileSync(at('no.csv.gz'), 'a,b\n1,2\n');
    await expect(readTable(at('no.csv.gz'))).rejects.toThrow('not a whole gzip file');
  });

  it('parquet keeps its column types and values', async () => {
    const database = await Database.open(at('spill'));
    const make = (path: string) => `COPY (SELECT * FROM (VALUES
      (1::TINYINT, 1.5::DOUBLE, 0.1::FLOAT, 'x', true, DATE '2020-02-29', TIMESTAMP '2020-01-01 10:00:00.5', TIMESTAMPTZ '2020-01-01 10:00:00+02', 12.50::DECIMAL(9,2), 12345678901234567890::HUGEINT, [1,2], ''),
      (2, 'nan', 0.25, NULL, false, NULL, TIMESTAMP '1969-12-31 23:59:59', NULL, -0.01, NULL, NULL, 'NA'),
      (NULL, 1e-7, NULL, 'y, "z"', NULL, DATE '1969-01-01', NULL, TIMESTAMPTZ '2020-06-01 00:00:00+00', NULL, 5, [3], NULL))
      AS t(i, d, f, s, b, day, ts, tz, dec, huge, list, empty)) TO '${path}' (FORMAT parquet)`;
    await database.run(make(at('p.parquet')));
    const { table, issues } = await readTableWithReport(at('p.parquet'));
    expect(kinds(table).slice(0, 8)).toEqual(['integer', 'real', 'real', 'category', 'boolean', 'date', 'datetime', 'datetime']);
    expect(issues.map(i => i.code)).toContain('nested');
    await writeTable(table, at('p2.parquet'));
    const rows = (p: string) => database.rows(`SELECT * FROM read_parquet('${p}')`);
    expect(await rows(at('p2.parquet'))).toEqual(await rows(at('p.parquet')));
    expect(await database.rows(`DESCRIBE SELECT * FROM '${at('p2.parquet')}'`)).toEqual(await database.rows(`DESCRIBE SELECT * FROM '${at('p.parquet')}'`));
    database.close();
    writeFileSync(at('bad.parquet'), 'PAR1nonsensePAR1');
    await expect(readTable(at('bad.parquet'))).rejects.toThrow('not a whole Parquet file');
  });

  it('JSON lines keep numbers of any length, types, nulls, absent keys and key order', async () => {
    const text = '{"id":12345678901234567890,"n":1.0,"s":"a \\"b\\"","b":true,"x":null,"o":{"k":[1,2]},"m":1}\n{"id":2,"n":1e5,"s":"","b":false,"x":5,"o":[],"m":"one"}\n{"id":3,"n":-2.50,"s":null,"b":true,"x":7,"late":"z"}\n';
    writeFileSync(at('j.jsonl'), text);
    const { table, issues } = await readTableWithReport(at('j.jsonl'));
    expect(table.schema.columns.map(c => c.name)).toEqual(['id', 'n', 's', 'b', 'x', 'o', 'm', 'late']);
    expect(kinds(table)[3]).toBe('boolean');
    expect(issues.filter(i => i.code === 'nested').map(i => i.column)).toEqual(['o', 'm']);
    await writeTable(table, at('j2.jsonl'));
    expect(readFileSync(at('j2.jsonl'), 'utf8')).toBe(text);
  });

  it.each([['{"a":1}\n[1]\n', 2, 'not a JSON object'], ['{"a":1}\n{"a":}\n', 2, 'not valid JSON'], ['{"a":1} {"a":2}\n', 1, 'not a single JSON object'], ['{"a":1,"a":2}\n', 1, 'appears twice'], ['{"a":1}\n\n{"a":01}\n', 3, 'not valid JSON'], ['{"a":"x\n', 1, 'not valid JSON']])('JSON lines: %j is refused with its row', async (text, row, message) => {
    writeFileSync(at('bad.jsonl'), text);
    await expect(readTable(at('bad.jsonl'))).rejects.toMatchObject({ message: expect.stringContaining(message), place: { file: 'bad.jsonl', row } });
  });

  it('Arrow files keep their types and values', async () => {
    const source = new arrow.Table({
      i: arrow.vectorFromArray([1, null, 3], new arrow.Int16()), big: arrow.vectorFromArray([2n ** 62n, 1n, null], new arrow.Int64()),
      f: arrow.vectorFromArray([0.1, null, 2.5], new arrow.Float32()), d: arrow.vectorFromArray([0.1, NaN, null], new arrow.Float64()),
      s: arrow.vectorFromArray(['a', '', null], new arrow.Utf8()), c: arrow.vectorFromArray(['u', 'v', 'u'], new arrow.Dictionary(new arrow.Utf8(), new arrow.Int8())),
      b: arrow.vectorFromArray([true, false, null], new arrow.Bool()), day: arrow.vectorFromArray([new Date('2020-02-29'), null, new Date('1960-01-01')], new arrow.DateDay()),
      ts: arrow.makeVector({ type: new arrow.TimestampMicrosecond('UTC'), length: 3, nullCount: 0, data: BigInt64Array.of(1n, 1600000000123456n, -5n) } as never),
    });
    writeFileSync(at('a.arrow'), arrow.tableToIPC(source, 'file'));
    const table = await readTable(at('a.arrow'));
    expect(kinds(table)).toEqual(['integer', 'category', 'real', 'real', 'category', 'category', 'boolean', 'date', 'datetime']);
    await writeTable(table, at('b.feather'));
    const back = arrow.tableFromIPC(readFileSync(at('b.feather')));
    const plain = (t: arrow.Table) => t.schema.fields.map(f => [f.name, Array.from(t.getChild(f.name)!, v => typeof v === 'number' && v !== v ? 'NaN' : v as unknown)]);
    expect(plain(back)).toEqual(plain(source));
    expect(back.schema.fields.map(f => String(f.type)).filter(t => !t.startsWith('Dictionary'))).toEqual(source.schema.fields.map(f => String(f.type)).filter(t => !t.startsWith('Dictionary')));
    writeFileSync(at('bad.arrow'), readFileSync(at('a.arrow')).subarray(0, 300));
    await expect(readTable(at('bad.arrow'))).rejects.toThrow('not a whole Arrow file');
  });

  it('unpacks LZ4 frames', () => {
    // Made by `lz4 -9` 1.9.4 of this text.
    const frame = Buffer.from('04224d186440a7220000003f6162630300441f780100ff7df00454686520717569636b2062726f776e20666f780000000061b181f7', 'hex');
    expect(Buffer.from(lz4Frame(frame)).toString()).toBe('abc'.repeat(30) + 'x'.repeat(400) + 'The quick brown fox');
    const stored = Buffer.concat([Buffer.from('04224d18604082', 'hex'), Buffer.from('03000080', 'hex'), Buffer.from('xyz'), Buffer.alloc(4)]);
    expect(Buffer.from(lz4Frame(stored)).toString()).toBe('xyz');
    expect(() => lz4Frame(frame.subarray(0, 12))).toThrow();
  });

  it.each(['parquet', 'jsonl', 'arrow', 'tsv', 'csv.gz'])('a CSV goes to %s and back with the same values', async extension => {
    writeFileSync(at('x.csv'), 'n,r,d,t,b,w,s\n1,0.5,2020-01-31,2020-01-31 10:00:00,true,red,a 1\n,1.25,,,,,\n-7,-3,1999-12-31,1969-12-31 23:59:59,false,"bl,ue",a 3\n');
    const table = await readTable(at('x.csv'));
    await writeTable(table, at('y.' + extension));
    const back = await readTable(at('y.' + extension));
    expect(kinds(back)).toEqual(kinds(table));
    for (const c of table.columns) {
      if (c.schema.storage === 'number') expect(Array.from(back.column(c.schema.name).numbers()), c.schema.name).toEqual(Array.from(c.numbers()));
      else expect(cells(back.select([c.schema.name]))).toEqual(cells(table.select([c.schema.name])));
    }
  });
});
