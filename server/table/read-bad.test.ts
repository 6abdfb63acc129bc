import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UserError } from '../errors';
import { assertUnchanged, fileError, fingerprint } from './bytes';
import { readTable, readTableWithReport, type ReadOptions } from './read';
import { writeTable } from './write';
import { writeWhole } from './write-file';

let folder: string;
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'understudy-test-')); });
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;
const put = (content: string | Buffer, name = 'in.csv') => { const path = join(folder, `${count++}-${name}`); writeFileSync(path, content); return path; };
const read = (content: string | Buffer, options?: ReadOptions, name?: string) => readTableWithReport(put(content, name), options);
const cells = async (content: string | Buffer, options?: ReadOptions) => { const { table } = await read(content, options); return table.columns.map(c => Array.from({ length: table.rows }, (_, i) => c.lexeme(i))); };
/** The error with its place, or what the read gave instead. */
const failure = async (content: string | Buffer, options?: ReadOptions) => {
  try { const { table } = await read(content, options); return `read ${table.rows} rows`; }
  catch (e) { if (!(e instanceof UserError)) throw e; expect(e.place.file).toMatch(/in\.csv$/); return { message: e.message, row: e.place.row, hint: e.hint }; }
};

describe('what cannot be read without loss is refused, with its row', () => {
  it.each<[string, string | Buffer, number | undefined, RegExp]>([
    ['an empty file', '', undefined, /is empty/], ['a byte-order mark alone', '\ufeff', undefined, /no rows/], ['blank lines alone', '\n\r\n\n', undefined, /only blank lines/], ['a header alone', 'a,b\n', undefined, /column names but no rows/],
    ['a short row', 'a,b,c\n1,2,3\n4,5\n6,7,8\n9\n', 3, /has 2 cells where the first has 3\. The same is wrong in row 5/], ['a long row', 'a,b\n1,2\n3,4,5\n', 3, /has 3 cells where the first has 2/],
    ['a short row after a cell of several lines', 'a,b\n"x\ny",2\n3\n', 4, /has 1 cell where/],
    ['many ragged rows', 'a,b\n' + '1,2\n'.repeat(20) + '1\n'.repeat(9), 22, /rows 23, 24, 25, 26 and 4 more/],
    ['a quote that never closes', 'a,b\n1,2\n3,"x\n4,5\n', 3, /quote opens in cell 2 and is never closed/],
    ['text after a closing quote', 'a,b\n1,"x"y\n', 2, /follows the closing quote of cell 2/], ['a quote closed by another', 'a,b\n1,"x\n2,3\n4,"y"\n', 4, /opened in row 2/],
    ['a NUL byte', Buffer.from('a,b\n1,2\n3,\0\n'), 3, /NUL byte in cell 2/], ['a NUL byte in quotes', Buffer.from('a,b\n1,2\n3,"x\0"\n'), 3, /NUL byte/],
    ['UTF-32', Buffer.concat([Buffer.from([0xff, 0xfe, 0, 0]), Buffer.from('a\0\0\0')]), undefined, /UTF-32/], ['UTF-8 with a mark that is none', Buffer.concat([Buffer.from('\ufeffa,b\n1,'), Buffer.from([0xe9, 10])]), 1, /not valid UTF-8 throughout/],
    ['a lone surrogate in UTF-16', Buffer.from([0xff, 0xfe, 0x61, 0, 0x0a, 0, 0, 0xd8, 0x62, 0, 0x0a, 0]), undefined, /not valid UTF-16LE/],
  ])('%s', async (_name, content, row, message) => {
    expect(await failure(content)).toMatchObject({ row, message: expect.stringMatching(message) });
  });

  it('what is wrong with one cell is told with the name of its column, where the file gives one', async () => {
    const column = async (content: string) => { try { await read(content); } catch (e) { return [(e as UserError).place.row, (e as UserError).place.column]; } };
    const below = 'Ulm,30\nBonn,31\n';
    expect(await column(`city,age\n${below}Ki\0el,5\n`)).toEqual([4, 'city']);
    expect(await column(`city,age\n${below}Kiel,"5\nJena,6\n`)).toEqual([4, 'age']);
    expect(await column(`city,age\n${below}"Kiel"x,5\n`)).toEqual([4, 'city']);
    expect(await column(`"a, b",age\n${below}Ki\0el,5\n`)).toEqual([4, 'a, b']);
    expect(await column(`ci\0ty,age\n${below}`)).toEqual([1, undefined]);
    expect(await column(`,age\n${below}Ki\0el,5\n`)).toEqual([4, undefined]);
    expect(await column(`${'1,30\n2,31\n'.repeat(6)}3,"5\n`)).toEqual([13, undefined]);
  });

  it('an unknown name, a folder, a missing file, a forbidden one', async () => {
    await expect(readTable(put('x', 'a.docx'))).rejects.toMatchObject({ code: 'usage' });
    mkdirSync(join(folder, 'folder.csv'));
    await expect(readTable(join(folder, 'folder.csv'))).rejects.toThrow('a folder, not a file');
    await expect(readTable(join(folder, 'none.csv'))).rejects.toMatchObject({ message: 'There is no such file.', place: { file: 'none.csv' } });
    const forbidden = put('a\n1\n');
    chmodSync(forbidden, 0);
    // The superuser may read anything.
    if (process.getuid?.() !== 0) await expect(readTable(forbidden)).rejects.toMatchObject({ code: 'system' });
    expect(fileError(Object.assign(new Error(), { code: 'EACCES' }), 'x.csv', 'read')).toMatchObject({ code: 'system', message: expect.stringContaining('permission is denied') });
  });

  it('a file that changes, vanishes or is replaced meanwhile', async () => {
    const path = put('a,b\n1,2\n');
    const before = await fingerprint(path);
    await assertUnchanged(path, before);
    writeFileSync(path, 'a,b\n1,2\n3,4\n');
    await expect(assertUnchanged(path, before)).rejects.toThrow('changed while');
    const now = await fingerprint(path);
    utimesSync(path, new Date(1e12), new Date(1e12));
    await expect(assertUnchanged(path, now)).rejects.toThrow('changed while');
    const other = put('a,b\n1,2\n3,4\n');
    await expect(assertUnchanged(other, { ...(await fingerprint(other)), inode: now.inode })).rejects.toThrow('replaced');
    unlinkSync(path);
    await expect(assertUnchanged(path, now)).rejects.toThrow('vanished');
    // And the read itself notices.
    const big = put('a,b\n' + '1,2\n'.repeat(200_000));
    const reading = readTable(big, { progress: () => { try { writeFileSync(big, 'a,b\n1,2\n'); } catch { /* already */ } } });
    await expect(reading).rejects.toBeInstanceOf(UserError);
  });

  it('a cancelled read', async () => {
    await expect(readTable(put('a,b\n1,2\n'), { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' });
    const controller = new AbortController();
    const reading = readTable(put('a,b\n' + '1,2\n'.repeat(300_000)), { signal: controller.signal, progress: () => controller.abort() });
    await expect(reading).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('odd but sound files are read whole', () => {
  it.each<[string, string | Buffer, string[][]]>([
    ['one row', 'a,b\n1,x\n', [['1'], ['x']]], ['no line end at the end', 'a,b\n1,x', [['1'], ['x']]], ['one column', 'a\nx\ny\n', [['x', 'y']]], ['one column with empty lines', 'a\nx\n\ny\n\n', [['x', '', 'y', '']]],
    ['a mark', '\ufeffa,b\n1,x\n', [['1'], ['x']]], ['UTF-16 LE', iconv.encode('a,b\n1,ü\n', 'utf-16le', { addBOM: true }), [['1'], ['ü']]], ['UTF-16 BE', iconv.encode('a,b\n1,日本\n', 'utf-16be', { addBOM: true }), [['1'], ['日本']]],
    ['UTF-16 without a mark', iconv.encode('name,city\nJosé,Bern\n', 'utf-16le'), [['José'], ['Bern']]], ['UTF-16 BE without a mark', iconv.encode('name,city\nAnn,Bern\n', 'utf-16be'), [['Ann'], ['Bern']]],
    ['Windows-1252', iconv.encode('a,b\n1,€ é\n', 'windows-1252'), [['1'], ['€ é']]],
    ['CR line ends', 'a,b\r1,x\r2,y\r', [['1', '2'], ['x', 'y']]], ['mixed line ends', 'a,b\r\n1,x\n2,y\r\n', [['1', '2'], ['x', 'y']]], ['blank lines', '\na,b\n\n1,x\n\n\n2,y\n\n', [['1', '2'], ['x', 'y']]],
    ['quotes inside plain cells', 'a,b\n1,5" pipe\n2,x\n', [['1', '2'], ['5" pipe', 'x']]], ['\\N as a text', 'a,b\n\n1,\\N\n2,"\\N"\n3,\n', [['1', '2', '3'], ['\\N', '\\N', '']]],
    ['semicolons with decimal commas', 'a;b\n1,5;2,5\n3,5;4,5\n', [['1,5', '3,5'], ['2,5', '4,5']]], ['the same without names', '1,5;2,5\n3,5;4,5\n', [['1,5', '3,5'], ['2,5', '4,5']]],
    ['bars', 'a|b\n1|x, y\n2|z\n', [['1', '2'], ['x, y', 'z']]], ['tabs', 'a\tb\n1\tx\n', [['1'], ['x']]], ['spaces around', 'a, b\n1, x\n2, y\n', [['1', '2'], [' x', ' y']]],
    ['formulas', 'a,b\n1,=cmd|\' /C calc\'!A0\n2,@SUM(1)\n', [['1', '2'], ["=cmd|' /C calc'!A0", '@SUM(1)']]],
  ])('%s', async (_name, content, expected) => {
    expect(await cells(content)).toEqual(expected);
    const path = put(content), out = join(folder, `${count++}-out.csv`);
    await writeTable(await readTable(path), out);
    if (!/mixed|blank|\\N/.test(_name)) expect(readFileSync(out)).toEqual(readFileSync(path));
  });

  it('a cell of 10 MB, and one across many chunks in quotes', async () => {
    const big = 'x'.repeat(10 << 20), quoted = 'y,\n'.repeat(2_000_000);
    const { table } = await read(`a,b\n1,${big}\n2,"${quoted}"\n3,z\n`);
    expect([table.rows, table.column('b').lexeme(0).length, table.column('b').lexeme(1) === quoted, table.column('b').lexeme(2)]).toEqual([3, big.length, true, 'z']);
  });

  it('what R writes: words in quotes, NA bare where missing and in quotes where a word', async () => {
    for (const text of ['"a","b"\n"x",1\nNA,NA\n"y",3\n', '"iso","n"\n"CH",1\n"NA",2\nNA,NA\n"CH",4\n']) {
      const path = put(text), out = join(folder, `${count++}-r.csv`);
      const table = await readTable(path);
      expect(table.columns.map(c => c.missingCount)).toEqual([1, 1]);
      await writeTable(table, out);
      expect(readFileSync(out, 'utf8')).toBe(text);
    }
  });

  it('5,000 columns', async () => {
    const line = (f: (i: number) => string) => Array.from({ length: 5000 }, (_, i) => f(i)).join(',');
    const { table } = await read([line(i => `c${i}`), ...Array.from({ length: 6 }, (_, r) => line(i => String(i * r)))].join('\n') + '\n');
    expect([table.rows, table.columns.length, table.column('c4999').numbers()[5]]).toEqual([6, 5000, 24995]);
  });

  it('characters cut by the ends of chunks', async () => {
    // Four-byte characters behind offsets of one to four bytes straddle the 4 MB chunks in every way.
    for (const offset of ['', 'a', 'aa', 'aaa']) {
      const text = `n,${offset}\n` + `1,${'😀'.repeat(300_000)}\n`.repeat(8);
      const { table, issues } = await read(text.replace('n,\n', 'n,m\n'));
      expect([table.rows, issues.some(i => i.code === 'encoding'), table.columns[1].lexeme(7).length]).toEqual([8, false, 600_000]);
    }
  });

  it('repeated and empty names keep the file\'s own on writing', async () => {
    const path = put('x,x,,x_2\n1,2,3,4\n');
    const { table, issues } = await readTableWithReport(path);
    expect(table.schema.columns.map(c => c.name)).toEqual(['x', 'x_3', 'column3', 'x_2']);
    expect(issues.filter(i => i.code === 'names')).toHaveLength(2);
    await writeTable(table, join(folder, 'names.csv'));
    expect(readFileSync(join(folder, 'names.csv'), 'utf8')).toBe('x,x,,x_2\n1,2,3,4\n');
  });

  it('names with spaces, quotes, wildcards and unicode', async () => {
    put('a,b\n9,9\n', 'x1.csv');
    for (const name of ["o'brien \"x\".csv", 'x[1]*?{a,b}.csv', 'größe 日本.csv', '-- drop.csv', '%20#.csv']) {
      const path = join(folder, name);
      writeFileSync(path, 'a,b\n1,x\n2,y\n');
      const table = await readTable(path);
      expect([name, table.rows, table.columns[1].lexeme(1)]).toEqual([name, 2, 'y']);
      await writeTable(table, path);
      expect(readFileSync(path, 'utf8')).toBe('a,b\n1,x\n2,y\n');
    }
  });

  it('no header where the first row is data', async () => {
    const { table, issues } = await read('5.1,3.5,setosa\n4.9,3.0,setosa\n6.3,3.3,virginica\n');
    expect([table.rows, table.schema.columns.map(c => c.name), issues.map(i => i.code)]).toEqual([3, ['column1', 'column2', 'column3'], ['no-header']]);
    expect((await read('country,2001,2002\nCH,1,2\nDE,3,4\n')).table.rows).toBe(2);
    expect((await read('0,1,2\n0.5,0.1,0.2\n0.7,0.2,0.1\n')).table.rows).toBe(2);
    expect((await read('1,2\n3,4\n', { header: true })).table.rows).toBe(1);
    // Any two whole numbers are equally spaced: of people 23 and 1,500 are no names, two years are.
    expect((await read('23,1500\n40,2100\n31,900\n')).table.rows).toBe(3);
    expect((await read('country,1990,2010\nCH,1,2\nDE,3,4\n')).table.rows).toBe(2);
    expect((await read('0,1\n0.5,0.1\n0.7,0.2\n')).table.rows).toBe(2);
    expect((await read('a,b\n', { allowEmpty: true })).table.rows).toBe(0);
  });
});

describe('writing', () => {
  it('leaves no part behind and no old file harmed when it fails', async () => {
    const target = put('old', 'target.csv');
    await expect(writeWhole(target, async part => { writeFileSync(part, 'half'); throw Object.assign(new Error(), { code: 'ENOSPC' }); })).rejects.toMatchObject({ code: 'system', message: expect.stringContaining('disk is full') });
    expect(readFileSync(target, 'utf8')).toBe('old');
    await expect(writeWhole(target, async part => { writeFileSync(part, 'half'); }, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
    const table = await readTable(put('a,b\n' + '1,2\n'.repeat(50_000)));
    const controller = new AbortController();
    await expect(writeTable(table, target, { signal: controller.signal, progress: () => controller.abort() })).rejects.toMatchObject({ code: 'cancelled' });
    expect(readFileSync(target, 'utf8')).toBe('old');
    await expect(writeTable(table, join(folder, 'none', 'x.csv'))).rejects.toMatchObject({ message: 'Its folder does not exist.' });
    expect(readdirSync(folder).filter(n => n.endsWith('.part'))).toEqual([]);
  });
  // A device that is always full, where there is one.
  it.skipIf(process.platform !== 'linux')('says that the disk is full', async () => {
    const device = await open('/dev/full', 'w');
    const error: unknown = await device.write('x').then(() => undefined, (e: unknown) => fileError(e, 'out.csv', 'written'));
    await device.close();
    expect(error).toMatchObject({ code: 'system', message: expect.stringContaining('disk is full') });
  });
});
