import fc from 'fast-check';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { RecordCutter } from '../table/dialect-sample';
import { cellAt, cellsOf } from './cells';
import { Locator } from './locate';
import { RecordScanner, type Found } from './scan';

const folder = mkdtempSync(join(tmpdir(), 'understudy-locate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let made = 0;
const file = (content: string | Buffer, ending = 'csv') => {
  const path = join(folder, `t${made++}.${ending}`);
  writeFileSync(path, content);
  return path;
};
const at = (c: { line: number; start: number; endLine: number; end: number }) => (c.endLine === c.line ? `${c.line}:${c.start}-${c.end}` : `${c.line}:${c.start}-${c.endLine}:${c.end}`);
const spans = (cells: Array<{ line: number; start: number; endLine: number; end: number }>) => cells.map(at).join(' ');

describe('the cells of a record', () => {
  test('plain, quoted with delimiters and doubled quotes, empty', () => {
    const cells = cellsOf('a,"b,""c""",,d', ',', 3);
    expect(cells.map((c) => c.text)).toEqual(['a', 'b,"c"', '', 'd']);
    expect(spans(cells)).toBe('3:0-1 3:2-11 3:12-12 3:13-14');
  });
  test('line ends inside quotes, as an editor counts them', () => {
    for (const newline of ['\n', '\r\n', '\r']) {
      const cells = cellsOf(`x,"one${newline}two${newline}",y`, ',', 0);
      expect(spans(cells)).toBe('0:0-1 0:2-2:1 2:2-3');
      expect(cells[1].text).toBe(`one${newline}two${newline}`);
    }
  });
  test('characters beyond the basic plane are two, as in an editor', () => {
    expect(spans(cellsOf('😀,é', ',', 0))).toBe('0:0-2 0:3-4');
  });
  test('a quote that never closes, text after one, a quote within', () => {
    expect(cellsOf('"a,b', ',', 0).map((c) => c.text)).toEqual(['a,b']);
    expect(cellsOf('"a"b,c', ',', 0).map((c) => c.text)).toEqual(['ab', 'c']);
    expect(cellsOf('5" pipe,c', ',', 0).map((c) => c.text)).toEqual(['5" pipe', 'c']);
  });
  test('the cell under a position', () => {
    const cells = cellsOf('ab,"c\nd",e', ',', 5);
    expect([[5, 0], [5, 2], [5, 3], [6, 0], [6, 2], [6, 3], [6, 4], [7, 0]].map(([l, c]) => cellAt(cells, l, c))).toEqual([0, 0, 1, 1, 1, 2, 2, -1]);
  });
});

describe('the records of a file', () => {
  test('header and lines, with a byte order mark, CR LF and semicolons', async () => {
    const locator = new Locator(file('\ufeffname;age;town\r\nAnn;31;Lyon\r\nBo;4;"Bad; Ems"\r\n'));
    expect(await locator.layout()).toMatchObject({ delimiter: ';', bom: 3, encoding: 'utf-8', header: true, width: 3 });
    const header = (await locator.header())!;
    expect([header.record, spans(header.cells)]).toEqual([0, '0:0-4 0:5-8 0:9-13']);
    const rows = await locator.records(1, 2);
    expect(rows.map((r) => [r.record, spans(r.cells)])).toEqual([[1, '1:0-3 1:4-6 1:7-11'], [2, '2:0-2 2:3-4 2:5-15']]);
  });
  test('tabs, duplicate names, a name with a line end, blank lines that are no rows', async () => {
    const locator = new Locator(file('a\ta\t"b\nc"\n\n1\t2\t3\n\n4\t5\t6', 'tsv'));
    const header = (await locator.header())!;
    expect(header.cells.map((c) => c.text)).toEqual(['a', 'a', 'b\nc']);
    expect(header.endLine).toBe(1);
    expect((await locator.records(0, 9)).map((r) => [r.record, r.line])).toEqual([[0, 0], [1, 3], [2, 5]]);
  });
  test('an empty line of a one-column table is a row', async () => {
    const rows = await new Locator(file('name\nx\n\ny\n')).records(0, 9);
    expect(rows.map((r) => [r.record, r.line, r.cells[0].text])).toEqual([[0, 0, 'name'], [1, 1, 'x'], [2, 2, ''], [3, 3, 'y']]);
  });
  test('UTF-16 of both orders, and Latin-1', async () => {
    const text = 'name,größe\nZoë,1\n"a\nb",2\n', le = Buffer.from('\ufeff' + text, 'utf16le'), be = Buffer.from(le).swap16();
    for (const content of [le, be, Buffer.from(text, 'latin1')]) {
      const rows = await new Locator(file(content)).records(0, 9);
      expect(rows.map((r) => r.cells.map((c) => c.text))).toEqual([['name', 'größe'], ['Zoë', '1'], ['a\nb', '2']]);
      expect(spans(rows[2].cells)).toBe('2:0-3:2 3:3-4');
    }
  });
  test('an empty file has none', async () => {
    expect(await new Locator(file('')).layout()).toBeUndefined();
    expect(await new Locator(file('')).records(0, 3)).toEqual([]);
  });
  test('far down, and back again, in a file of many pieces with cells of several lines', async () => {
    const lines = ['id,note'];
    for (let i = 0; i < 30_000; i++) lines.push(i % 3 === 0 ? `${i},"first, of ${i}\nsecond ""line"""` : `${i},plain note number ${i}`);
    const locator = new Locator(file(lines.join('\n') + '\n'));
    for (const i of [29_998, 12, 15_001, 29_999, 0, 20_000]) {
      const line = 1 + i + Math.ceil(i / 3), [row] = await locator.records(line, line);
      expect([row.record, row.line, row.cells[0].text]).toEqual([i + 1, line, String(i)]);
    }
    // the second line of a cell belongs to the record above it
    const [row] = await locator.records(2, 2);
    expect([row.record, row.line, row.endLine]).toEqual([1, 1, 2]);
  });
});

const piece = fc.constantFrom('a', '"', '""', ',', '\n', '\r\n', '\r', 'x y', '');
test('agrees with the reader\'s own cutter, however the text is cut into pieces', () => {
  fc.assert(fc.property(fc.array(piece, { maxLength: 30 }), fc.integer({ min: 1, max: 7 }), (parts, step) => {
    const text = parts.join(''), expected: string[][] = [];
    const cutter = new RecordCutter(',', (r) => expected.push(r.cells.map((c) => c.text)));
    cutter.push(text);
    // Where the text ends in an open quote, the cutter hands over what the scanner would, too.
    cutter.end();
    const found: Found[] = [], scanner = new RecordScanner(44, 0, 0), bytes = Buffer.from(text);
    for (let i = 0; i < bytes.length; i += step) scanner.push(bytes.subarray(i, i + step), (r) => { found.push(r); return false; });
    scanner.end((r) => { found.push(r); return false; });
    expect(found.map((r) => cellsOf(text.slice(r.from, r.to), ',', r.line).map((c) => c.text))).toEqual(expected);
    // the lines are those of an editor
    const lineOf = (offset: number) => text.slice(0, offset).split(/\r\n|\r|\n/).length - 1;
    for (const r of found) expect([r.line, r.endLine]).toEqual([lineOf(r.from), lineOf(r.to)]);
  }), { numRuns: 2000, seed: 20 });
});
