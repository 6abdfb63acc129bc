import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import Papa from 'papaparse';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UserError } from '../../server/errors';
import { readTable } from '../../server/table/read';
import { writeTable } from '../../server/table/write';

let folder: string;
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'understudy-test-')); });
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;
/** More with UNDERSTUDY_RUNS=1000, as the slow suite may ask. */
const runs = Number(process.env.UNDERSTUDY_RUNS ?? 60);
/** The same cases every time; as many as one asks for are others every time. */
const seeded = process.env.UNDERSTUDY_RUNS === undefined ? { seed: 20 } : {};

async function there_and_back(bytes: Buffer, name = 'in.csv', smallRows?: number): Promise<Buffer> {
  const path = join(folder, `${count++}-${name}`), out = join(folder, `${count++}-out-${name}`);
  writeFileSync(path, bytes);
  await writeTable(await readTable(path, { smallRows }), out);
  const back = readFileSync(out);
  rmSync(path); rmSync(out);
  return back;
}

// ---- columns as files have them: a name and cells, one style a column
const missing = (tokens: string[]) => fc.constantFrom('', ...tokens);
const sometimes = <T,>(cell: fc.Arbitrary<T>, rare: fc.Arbitrary<T>) => fc.oneof({ weight: 6, arbitrary: cell }, { weight: 1, arbitrary: rare });
const fixed = (d: number) => fc.double({ min: -1e6, max: 1e6, noNaN: true }).map(x => x.toFixed(d));
const day = fc.date({ min: new Date('1950-01-01'), max: new Date('2049-12-31'), noInvalidDate: true });
const pad = (n: number) => String(n).padStart(2, '0');
const words = fc.constantFrom('red', 'green', 'blue', 'dark blue', 'NA', '?', 'true', '12', 'O\'Brien', 'Zoë', '東京', '=cmd|\' /C calc\'!A0', '007', '1e400', '12345678901234567890');
const cellKinds: fc.Arbitrary<string>[] = [
  fc.integer().map(String), sometimes(fc.integer({ min: 0, max: 9 }).map(String), missing(['NA', 'null', '-'])),
  fixed(2), fixed(6), sometimes(fixed(1), missing(['?', 'nan', 'inf'])), fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.double({ min: -1e3, max: 1e3, noNaN: true }).map(x => Number.isInteger(x) ? x.toFixed(1) : String(x)),
  fc.tuple(fc.integer({ min: -999, max: 999 }), fc.nat({ max: 4 })).map(([x, d]) => (x / 7).toFixed(d)),
  fc.integer({ min: 0, max: 99999 }).map(n => String(n).padStart(5, '0')), fc.integer({ min: 0, max: 1e9 }).map(n => n.toLocaleString('en-US')),
  fc.double({ min: 0, max: 1e7, noNaN: true }).map(x => '$' + x.toFixed(2).replace(/\B(?=(\d{3})+\.)/g, ',')), fixed(2).map(t => t.replace('.', ',')), fixed(1).map(t => t + '%'), fixed(3).map(t => t.replace(/^(-?)0\./, '$1.')),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e100, max: 1e100 }).map(x => x.toExponential(4).replace(/e([+-])(\d)$/, 'e$10$2').toUpperCase()),
  day.map(d => d.toISOString().slice(0, 10)), day.map(d => `${pad(d.getUTCDate())}/${pad(d.getUTCMonth() + 1)}/${d.getUTCFullYear()}`), day.map(d => `${d.getUTCMonth() + 1}/${d.getUTCDate()}/${d.getUTCFullYear()}`),
  day.map(d => d.toISOString()), day.map(d => d.toISOString().replace('T', ' ').slice(0, 19)), fc.tuple(day, fc.constantFrom('+01:00', '+02:00')).map(([d, z]) => d.toISOString().slice(0, 19) + z), day.map(d => d.toISOString().slice(11, 16)),
  fc.oneof(day.map(d => d.toISOString().slice(0, 10)), day.map(d => `${pad(d.getUTCDate())}.${pad(d.getUTCMonth() + 1)}.${d.getUTCFullYear()}`)),
  fc.boolean().map(String), fc.constantFrom('yes', 'no', ''), words, sometimes(words, fc.constant('')), fc.constant(''), fc.constant('same'), fc.constantFrom('0', '-0', '1'), fc.constantFrom('-0.00', '0.00', '1.50', '-3.25'),
  fc.bigInt({ min: 10n ** 19n, max: 10n ** 20n }).map(String), fc.string({ unit: 'grapheme', maxLength: 12 }).filter(t => !/[\u0000\ufeff\ud800-\udfff]|^\s*$/.test(t)), fc.stringMatching(/^[ab" ,;\n\t|']{0,6}$/),
];
const nameOf = (i: number) => ['plain', 'with space', 'with,comma', 'with "quotes"', 'Größe', 'x'][i % 6] + i;

const table = fc.record({
  columns: fc.array(fc.nat({ max: cellKinds.length - 1 }), { minLength: 1, maxLength: 6 }),
  rows: fc.integer({ min: 1, max: 30 }), delimiter: fc.constantFrom(',', ';', '\t', '|'), newline: fc.constantFrom('\n', '\r\n'),
  quoteAll: fc.boolean(), quoteNames: fc.nat({ max: 3 }), bom: fc.boolean(), finalNewline: fc.boolean(), encoding: fc.constantFrom('utf-8', 'utf-16le', 'utf-16be'), small: fc.boolean(),
}).chain(shape => fc.record({ shape: fc.constant(shape), cells: fc.tuple(...shape.columns.map(k => fc.array(cellKinds[k], { minLength: shape.rows, maxLength: shape.rows }))) }));

type Shape = { columns: number[]; rows: number; delimiter: string; newline: string; quoteAll: boolean; quoteNames: number; bom: boolean; finalNewline: boolean; encoding: string; small: boolean };
function textOf(shape: Shape, cells: string[][]): string {
  const q = (t: string) => shape.quoteAll || t === '' && cells.length === 1 || new RegExp(`[\\${shape.delimiter}"\r\n]`).test(t) ? `"${t.replace(/"/g, '""')}"` : t;
  // some names in quotes that need none
  const name = (i: number) => shape.quoteNames > 0 && i % shape.quoteNames === 0 && !q(nameOf(i)).startsWith('"') ? `"${nameOf(i)}"` : q(nameOf(i));
  const lines = [shape.columns.map((_, i) => name(i)), ...Array.from({ length: shape.rows }, (_, r) => cells.map(c => q(c[r])))].map(l => l.join(shape.delimiter));
  return lines.join(shape.newline) + (shape.finalNewline ? shape.newline : '');
}

describe('writing back an unmodified table', () => {
  it('reproduces every byte, whatever the columns, delimiter, quoting, encoding and line ends', async () => {
    await fc.assert(fc.asyncProperty(table, async ({ shape, cells }) => {
      // A lone column has no delimiter to find: commas in its cells would be taken for one.
      fc.pre(cells.length > 1 || !cells[0].some(t => /[,;\t|]/.test(t)));
      const text = textOf(shape, cells);
      // UTF-16 without a mark cannot always be told; files that have it carry one.
      const bytes = iconv.encode(text, shape.encoding, { addBOM: shape.bom || shape.encoding !== 'utf-8' });
      const back = await there_and_back(bytes, shape.delimiter === '\t' ? 'in.tsv' : 'in.csv', shape.small ? undefined : 0);
      expect(iconv.decode(back, shape.encoding, { stripBOM: false })).toBe(iconv.decode(bytes, shape.encoding, { stripBOM: false }));
    }), { numRuns: runs, ...seeded });
  }, 300_000);

  it('reproduces every cell of arbitrary delimited text, or refuses it with a reason', async () => {
    const soup = fc.array(fc.array(fc.stringMatching(/^[ab1.," \n-]{0,5}$/), { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 12 });
    const mess = fc.oneof(
      soup.map(rows => [['h1', 'h2', 'h3'], ...rows].map(r => r.map(t => /[,"\n]/.test(t) || t.length === 3 ? `"${t.replace(/"/g, '""')}"` : t).join(',')).join('\n') + '\n'),
      fc.stringMatching(/^(a,b\r?\n)[ab1,"\r\n ]{1,30}$/),
    );
    await fc.assert(fc.asyncProperty(mess, async text => {
      let back: Buffer;
      try { back = await there_and_back(Buffer.from(text)); } catch (e) { expect(e).toBeInstanceOf(UserError); return; }
      const cells = (t: string) => (Papa.parse(t, { delimiter: ',', skipEmptyLines: true, newline: undefined }).data as string[][]);
      const plain = (t: string) => t.replace(/\r\n?/g, '\n');
      expect(cells(plain(back.toString()))).toEqual(cells(plain(text)));
    }), { numRuns: runs, ...seeded });
  }, 300_000);

  it('reproduces csv-spectrum byte for byte', async () => {
    const suite = join(dirname(createRequire(import.meta.url).resolve('csv-spectrum/package.json')), 'csvs');
    const names = readdirSync(suite).filter(n => n.endsWith('.csv'));
    expect(names.length).toBeGreaterThanOrEqual(12);
    for (const name of names) {
      const bytes = readFileSync(join(suite, name));
      expect((await there_and_back(bytes, name)).toString(), name).toBe(bytes.toString());
    }
  });
});
