import { describe, expect, it } from 'vitest';
import type { PersonalKind } from '../protocol';
import { codeColumn, columnSchema, makeTable, numberColumn, plainDialect, stringColumn } from './columns';
import { makeFresh, withFreshColumns } from './fresh';
import { patternSampler } from './fresh/pattern';
import { Seen } from './fresh/seen';
import { Stream } from '../random';
import { isAddress, isCreditCard, isEmail, isIban, isIp, isNamePart, isUrl, isUuid } from './personal/values';

const of = <T>(n: number, make: (i: number) => T) => Array.from({ length: n }, (_, i) => make(i));
const identifier = (cells: Array<string | null>, personal?: PersonalKind) => stringColumn(columnSchema({ name: 'id', kind: 'identifier', storage: 'string', ...(personal ? { personal } : {}) }), cells);
const personal = (kind: PersonalKind, cells: Array<string | null>, name: string = kind) => stringColumn(columnSchema({ name, kind: 'personal', storage: 'string', personal: kind }), cells);
const text = (cells: string[]) => stringColumn(columnSchema({ name: 't', kind: 'text', storage: 'string' }), cells);
const cells = (c: { length: number; text(i: number): string | null }) => of(c.length, (i) => c.text(i));
const stream = new Stream(9, 'fresh test');

/** Fresh cells of a column; checks on the way that none is real, that the same seed repeats them, and that another does not. */
async function fresh(column: ReturnType<typeof identifier>, rows = column.length): Promise<string[]> {
  const made = cells(await makeFresh(column, rows, 7)), real = new Set(cells(column));
  expect(made.length).toBe(rows);
  expect(made.filter((v) => v !== null && real.has(v))).toEqual([]);
  expect(cells(await makeFresh(column, rows, 7))).toEqual(made);
  return made as string[];
}

describe('sampled columns', () => {
  it('are written as the source writes: missing cells and dates in the shares of their forms', async () => {
    const day = columnSchema({ name: 'day', kind: 'date', storage: 'number', temporal: { pattern: '%Y-%m-%d' } });
    const source = numberColumn(day, Float64Array.from(of(400, (i) => (i % 4 === 0 ? NaN : 18000 + i))), {
      codes: Uint8Array.from(of(400, (i) => (i % 4 === 0 ? (i < 100 ? 1 : i < 112 ? 2 : 0) : Number(i % 4 === 1)))), missing: [{ token: '', quoted: false }, { token: 'NA', quoted: false }, { token: '1e999', quoted: false }],
      formats: [{ pattern: '%Y-%m-%d' }, { pattern: '%d.%m.%Y' }],
    });
    const made = numberColumn(day, Float64Array.from(of(4000, (i) => (i % 2 === 0 ? NaN : 18000 + i))));
    const table = await withFreshColumns(makeTable(plainDialect, [source]), makeTable(plainDialect, [made]), 3), written = of(4000, (i) => table.columns[0]!.lexeme(i));
    const share = (test: (t: string) => boolean) => written.filter(test).length / 2000;
    expect(share((t) => t === 'NA')).toBeCloseTo(0.25, 1);
    expect(share((t) => t === '1e999')).toBe(0);
    expect(share((t) => /^\d\d\.\d\d\.\d{4}$/.test(t))).toBeCloseTo(1 / 3, 1);
    expect(written[1]).toMatch(/2019-04-15|15\.04\.2019/);
    expect([...table.columns[0]!.numbers()]).toEqual([...made.numbers()]);
  });
});

describe('identifiers', () => {
  it('continue a sequence, with its padding, prefix and step', async () => {
    expect((await fresh(identifier(of(50, (i) => String(i + 1))), 3))).toEqual(['51', '52', '53']);
    expect(await fresh(identifier(of(20, (i) => `INV-${String(90 + i * 5).padStart(6, '0')}/A`)), 2)).toEqual(['INV-000190/A', 'INV-000195/A']);
    expect(await fresh(identifier(['30', '20', '10']), 2)).toEqual(['40', '50']);
  });
  it('have the same length, alphabet, prefix and uniqueness', async () => {
    const made = await fresh(identifier(of(2000, () => `CUST-${stream.below(9) + 1}${String(stream.below(1e7)).padStart(7, '0')}-${'ABC'[stream.below(3)]}`)), 3000);
    for (const v of made) expect(v).toMatch(/^CUST-[1-9]\d{7}-[A-Z]$/);
    expect(new Set(made).size).toBe(3000);
    expect(made).not.toEqual(cells(await makeFresh(identifier(['CUST-12345678-A', 'CUST-22345678-A', 'CUST-12345678-B']), 3000, 8)));
  });
  it('repeat about as often as the real ones', async () => {
    const made = await fresh(identifier(of(4000, (i) => `K${10_000 + ((i * 7919) % 1000)}`)));
    expect(new Set(made).size).toBe(1000);
  });
  it('keep the mixture of shapes, but none of a handful of rows', async () => {
    const made = await fresh(identifier([...of(300, () => `A/${stream.below(9)} ${10_000 + stream.below(89_999)}`), ...of(300, () => String(100_000 + stream.below(899_999))), 'SECRET-SHAPE 1']));
    const a = made.filter((v) => /^[A-Z]\/\d \d{5}$/.test(v)).length, b = made.filter((v) => /^\d{6}$/.test(v)).length;
    expect(a + b).toBe(601);
    expect(a).toBeGreaterThan(240);
    expect(b).toBeGreaterThan(240);
  });
  it('are UUIDs, and hashes, of the same look', async () => {
    for (const v of await fresh(identifier(of(100, (i) => `123E4567-E89B-42D3-A456-${String(i).padStart(12, '0')}`), 'uuid'))) { expect(isUuid(v)).toBe(true); expect(v).toBe(v.toUpperCase()); }
    const hash = () => of(16, () => stream.uint32().toString(16).padStart(8, '0')).join('').slice(0, 40);
    for (const v of await fresh(identifier(of(100, hash)))) expect(v).toMatch(/^[\da-f]{40}$/);
  });
  it('grow longer only when the format has no room left', async () => {
    const made = await fresh(identifier(of(10, (i) => `X${(i * 7) % 10}`)), 40);
    expect(new Set(made).size).toBe(40);
  });
  it('are missing as often, independently, or where the caller says', async () => {
    const column = identifier(of(2000, (i) => (i < 1000 ? null : `Q${i * 31}Z`)));
    const missing = cells(await makeFresh(column, 4000, 1)).map((v) => v === null);
    expect(Math.abs(missing.filter(Boolean).length - 2000)).toBeLessThan(160);
    expect(missing.slice(0, 2000).filter(Boolean).length).toBeGreaterThan(850);
    expect(cells(await makeFresh(column, 4, 1, (row) => row === 2)).map((v) => v === null)).toEqual([false, false, true, false]);
    expect(cells(await makeFresh(identifier([null, null]), 2, 1))).toEqual([null, null]);
  });
});

describe('personal data', () => {
  const shapes: Array<[PersonalKind, string[], (v: string) => boolean]> = [
    ['email', of(300, (i) => `user${i}@gmail.com`), (v) => isEmail(v) && /@example\.(com|org|net)$/.test(v)],
    ['phone', of(300, (i) => `+44 20 7946 ${1000 + i}`), (v) => /^\+44 [1-9]\d \d{4} \d{4}$/.test(v)],
    ['phone', of(300, (i) => `(202) 555-${1000 + i}`), (v) => /^\(\d{3}\) \d{3}-\d{4}$/.test(v)],
    ['phone', of(300, (i) => `07911 ${100_000 + i}`), (v) => /^0\d{4} \d{6}$/.test(v)],
    ['ip', of(300, (i) => `10.0.${i % 7}.${i % 251}`), (v) => isIp(v) && /^(192\.0\.2|198\.51\.100|203\.0\.113)\./.test(v)],
    ['ip', of(300, (i) => `fe80::${i.toString(16)}`), (v) => isIp(v) && v.startsWith('2001:db8:')],
    ['url', of(300, (i) => `https://real.shop/item/${i}`), (v) => isUrl(v) && /^https:\/\/[a-z]+\.example\.(com|org|net)\/./.test(v)],
    ['credit-card', of(300, (i) => `4111-1111-1111-${1000 + i}`), (v) => isCreditCard(v) && /^\d{4}-\d{4}-\d{4}-\d{4}$/.test(v)],
    ['ssn', of(300, (i) => `123-45-${1000 + i}`), (v) => /^9\d\d-\d\d-\d{4}$/.test(v)],
    ['address', of(300, (i) => `${i + 1} Real Road`), (v) => /^\d+ \S/.test(v) && !v.includes(',')],
  ];
  it.each(shapes)('%s in the column\'s shape and reserved ranges (%#)', async (kind, real, test) => {
    for (const v of await fresh(personal(kind, real))) if (!test(v)) throw new Error(`${kind}: ${v}`);
  });
  it('IBANs have right check digits, one country if the column has one, else a fixed mix', async () => {
    const german = await fresh(personal('iban', of(50, (i) => `DE89 3704 0044 0532 01${String(i).padStart(2, '0')} 00`)));
    for (const v of german) { expect(isIban(v)).toBe(true); expect(v).toMatch(/^DE\d\d \d{4} /); }
    const mixed = await fresh(personal('iban', [...of(40, (i) => `SE${10 + i}50000000058398257466`), ...of(10, (i) => `NO${10 + i}86011117947`)]), 300);
    expect(mixed.every(isIban)).toBe(true);
    expect(mixed.some((v) => v.startsWith('SE') || v.startsWith('NO'))).toBe(false);
  });
  it('addresses have the parts the column has', async () => {
    for (const v of await fresh(personal('address', of(60, (i) => `${i + 1} Real Road, Springfield, IL 6270${i % 10}`)))) expect(v).toMatch(/^\d+ .+, .+, [A-Z]{2} \d{5}$/);
    expect((await fresh(personal('address', of(60, (i) => `${i + 1} Real Road`)), 400)).filter(isAddress).length).toBeGreaterThan(100);
  });
  it('names take the form of the column', async () => {
    const last = ['Braund', 'Allen', 'Moran', 'Sandstrom', 'Bonnell'];
    for (const v of await fresh(personal('name', of(100, (i) => `${last[i % 5]}${'abcdefghij'[i % 10]}, Mr. ${'Owen William'.split(' ')[i % 2]} ${i % 2 ? 'Henry' : 'James'}`)))) expect(v).toMatch(/^\p{L}[\p{L}'’ -]*, (Mr|Mrs|Ms|Miss)\. \p{Lu}[\p{L}'’-]* \p{Lu}/u);
    for (const v of await fresh(personal('name', of(100, (i) => `Anna ${last[i % 5]}${'abcdefghij'[i % 10]}`)))) expect(v).toMatch(/^\p{Lu}\S* \p{Lu}/u);
    for (const v of await fresh(personal('name', of(100, (i) => `${last[i % 5]}${'abcdefghij'[i % 10]}`.toUpperCase()), 'surname'))) { expect(v).toBe(v.toUpperCase()); expect(isNamePart(v)).toBe(true); }
  });
  it('are unique where the real ones are, even beyond what a word list holds', async () => {
    const made = await fresh(personal('name', of(3000, (i) => `Zz${'abcdefghij'[i % 10]}${i.toString(26).replace(/\d/g, (d) => 'qrstuvwxyz'[Number(d)])}`), 'surname'));
    expect(new Set(made).size).toBe(3000);
  });
});

describe('text and whole tables', () => {
  it('text is neutral, about as long, and keeps no single length', async () => {
    const real = [...of(200, (i) => 'word '.repeat(8 + (i % 5)).trim() + '.'), 'word '.repeat(400).trim() + '.'];
    const made = await fresh(text(real), 500), lengths = made.map((v) => v.split(' ').length);
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(8);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(12);
    expect(made.every((v) => /^\p{Lu}.*\.$/u.test(v))).toBe(true);
  });
  it('withFreshColumns puts everything in the source\'s order', async () => {
    const source = makeTable(plainDialect, [
      identifier(of(10, (i) => String(i))), codeColumn(columnSchema({ name: 'k', kind: 'constant', storage: 'code' }), Int32Array.from(of(10, () => 0)), ['CH']),
      numberColumn(columnSchema({ name: 'x', kind: 'integer', storage: 'number', number: { style: 'fixed', decimals: 0 } }), Float64Array.from(of(10, (i) => i))), codeColumn(columnSchema({ name: 'e', kind: 'constant', storage: 'code', missingToken: 'NA' }), new Int32Array(10).fill(-1), []),
    ]);
    const whole = await withFreshColumns(source, source.select(['x']).take([5, 5, 1]), 1);
    expect(whole.schema.columns.map((c) => c.name)).toEqual(['id', 'k', 'x', 'e']);
    expect(of(3, (i) => whole.columns.map((c) => c.lexeme(i)).join(' '))).toEqual(['10 CH 5 NA', '11 CH 5 NA', '12 CH 1 NA']);
  });
});

describe('the parts', () => {
  it('Stream is a reproducible uniform stream of its own per label', () => {
    const a = new Stream(1, 'a'), b = new Stream(1, 'a'), c = new Stream(1, 'b');
    const x = of(40_000, () => a.uint32());
    expect(of(40_000, () => b.uint32())).toEqual(x);
    expect(c.uint32()).not.toBe(x[0]);
    const counts = new Array<number>(10).fill(0), s = new Stream(2, 'u');
    for (let i = 0; i < 50_000; i++) counts[s.below(10)]++;
    // Chi-squared with 9 degrees of freedom: 27.9 is passed once in a thousand; the seed is fixed.
    expect(counts.reduce((q, o) => q + (o - 5000) ** 2 / 5000, 0)).toBeLessThan(27.9);
    expect(() => s.below(0)).toThrow();
  });
  it('Seen tells what was added from what was not, through growth', () => {
    const seen = new Seen(4, 1);
    for (let i = 0; i < 20_000; i++) expect(seen.add(`v${i}`)).toBe(true);
    for (let i = 0; i < 20_000; i += 37) { expect(seen.add(`v${i}`)).toBe(false); expect(seen.has(`v${i}`)).toBe(true); expect(seen.has(`w${i}`)).toBe(false); }
    expect(seen.add('')).toBe(true);
    expect(seen.has('')).toBe(true);
  });
  it('patternSampler keeps padding and separators, and never a constant run of digits', () => {
    const draw = patternSampler(of(100, (i) => `007-${4200 + i}`), new Stream(1, 'p'));
    const made = of(200, draw);
    expect(made.every((v) => /^00\d-\d{4}$/.test(v))).toBe(true);
    expect(new Set(made.map((v) => v[2])).size).toBe(10);
    expect(new Set(made.map((v) => v.slice(4, 6))).size).toBeGreaterThan(50);
  });
});
