import { describe, expect, it } from 'vitest';
import type { ColumnOverride, Kind } from '../protocol';
import { codeColumn, columnSchema, makeTable, numberColumn, plainDialect, stringColumn } from './columns';
import { guessEntity, refineKinds } from './kinds';
import { distinctNumbers } from './kinds/distinct';
import { factsOf } from './kinds/facts';
import { scaleOrder } from './kinds/scales';
import { nameWords } from './kinds/words';
import { Stream } from '../random';
import type { Column, ColumnSchema } from './table';

const n = 600, stream = new Stream(1, 'kinds test');
const of = <T>(make: (i: number) => T, rows = n) => Array.from({ length: rows }, (_, i) => make(i));
const numbers = (name: string, values: number[], decimals = 0, extra: Partial<ColumnSchema> = {}) =>
  numberColumn(columnSchema({ name, kind: decimals ? 'real' : 'integer', storage: 'number', number: { style: 'fixed', decimals }, ...extra }), Float64Array.from(values));
function words(name: string, values: Array<string | null>): Column {
  const dictionary = [...new Set(values.filter((v): v is string => v !== null))];
  return codeColumn(columnSchema({ name, kind: 'category', storage: 'code' }), Int32Array.from(values, (v) => (v === null ? -1 : dictionary.indexOf(v))), dictionary);
}
const strings = (name: string, values: Array<string | null>) => stringColumn(columnSchema({ name, kind: 'text', storage: 'string' }), values);
const table = (...columns: Column[]) => makeTable(plainDialect, columns);
const refined = (column: Column, override?: ColumnOverride) => refineKinds(table(column), override ? { [column.schema.name]: override } : {}).columns[0];
const gauss = () => Math.sqrt(-2 * Math.log(1 - stream.uniform())) * Math.cos(2 * Math.PI * stream.uniform());

/** The traps on both sides: what must be recognised, and what only looks like it. */
const cases: Array<[Kind, string, Column]> = [
  ['identifier', 'row numbers', numbers('rowNumber', of((i) => i + 1))],
  ['identifier', 'a sequence under a name that says nothing', numbers('V1', of((i) => i))],
  ['identifier', 'the unnamed index pandas writes', numbers('Unnamed: 0', of((i) => i))],
  ['identifier', 'a shuffled index', numbers('index', [...stream.shuffle(Int32Array.from(of((i) => i)))])],
  ['identifier', 'random customer numbers', numbers('customerId', of(() => 15_000_000 + stream.below(900_000)))],
  ['identifier', 'order ids that repeat', numbers('order_id', of((i) => 5000 + (i >> 1)))],
  ['identifier', 'codes with a prefix', words('ref', of((i) => `INV-${10_000 + i * 7}`))],
  ['identifier', 'unique codes under any name', words('x', of((i) => `A${i}B${(i * 7919) % 997}`))],
  ['identifier', 'unique nine-digit numbers', numbers('x', of(() => 100_000_000 + stream.below(800_000_000)))],
  ['identifier', 'unique codes of capitals', words('iata', of((i) => String.fromCharCode(65 + (i % 26), 65 + ((i * 3 + 1) % 26), 65 + ((i / 26) | 0))))],
  ['identifier', 'postcodes, one a row', numbers('zip_code', of((i) => 501 + i * 13))],
  ['identifier', 'UUIDs', strings('x', of((i) => `123e4567-e89b-42d3-a456-${(426614174000 + i).toString(16).padStart(12, '0')}`))],
  ['identifier', 'cabins: codes too rare to learn', words('Cabin', of((i) => (i % 4 ? null : `${'ABCDE'[(i / 4) % 5 | 0]}${i % 131}`)))],
  ['category', 'few store ids', numbers('store_id', of((i) => i % 12))],
  ['category', 'few product codes', words('product_id', of((i) => `P${i % 9}`))],
  ['integer', 'a census weight (unique, large)', numbers('fnlwgt', of(() => 12_000 + stream.below(1_400_000)))],
  ['integer', 'salaries in whole units', numbers('salary', of(() => 10_000 + stream.below(190_000)))],
  ['integer', 'unix times', numbers('event', of((i) => 1_500_000_000 + i * 86_400 + stream.below(9000)))],
  ['integer', 'years in order', numbers('year', of((i) => 1400 + i))],
  ['integer', 'a count that names its thing', numbers('ticket_count', of(() => stream.below(9)))],
  ['integer', 'numbers of something', numbers('numOfProducts', of(() => 1 + stream.below(4)))],
  ['integer', 'education-num', numbers('education-num', of(() => 1 + stream.below(16)))],
  ['integer', 'bill amounts, negative too', numbers('X12', of(() => stream.below(900_000) - 3000))],
  ['real', 'unique salaries', numbers('estimatedSalary', of(() => Math.round(stream.uniform() * 2e7) / 100), 2)],
  ['real', 'latitudes of eight decimals', numbers('latitude', of(() => 45 + gauss()), 8)],
  ['real', 'fares', numbers('Fare', of(() => Math.round(stream.below(99999)) / 10_000), 4)],
  ['boolean', '0 and 1', numbers('exited', of((i) => i % 2))],
  ['boolean', '1.0 and 0.0, with gaps', numbers('fbs', of((i) => (i % 7 === 0 ? NaN : i % 2)), 1)],
  ['boolean', 'yes and no', words('smoker', of((i) => (i % 3 ? 'yes' : 'no')))],
  ['category', 'two values that are no pair', words('sex', of((i) => (i % 3 ? 'male' : 'female')))],
  ['category', 'a class in numbers', numbers('Pclass', of((i) => 1 + (i % 3)))],
  ['category', 'postcodes in numbers', numbers('zip', of(() => 10_000 + stream.below(60)))],
  ['ordinal', 'low, medium, high', words('score_text', of((i) => ['Low', 'High', 'Medium'][i % 3]))],
  ['ordinal', 'ranges', words('age_cat', of((i) => ['Greater than 45', '25 - 45', 'Less than 25'][i % 3]))],
  ['constant', 'one value', words('country', of(() => 'CH'))],
  ['constant', 'one number', numbers('version', of(() => 3))],
  ['constant', 'nothing at all', words('empty', of(() => null))],
  ['category', 'one value or missing', words('flag', of((i) => (i % 2 ? 'x' : null)))],
  ['text', 'remarks', strings('note', of((i) => `the patient was seen ${i} times and complained of ${'abcdef'[i % 6]} pain in the ${i % 50} night`))],
  ['text', 'nearly unique words', strings('company', of((i) => `${'bcdfghjk'[i % 8]}${'aeiou'[i % 5]}${'lmnprst'[i % 7]}${'aeiou'[(i * 3) % 5]}${'xyzvwq'[i % 6]}${String.fromCharCode(97 + (i % 26), 97 + ((i / 26) | 0))} Ltd`))],
  ['category', 'many values that repeat', words('city', of((i) => `City ${'abcdefghijklmnopqrst'[i % 20]}`))],
  ['personal', 'e-mail addresses', strings('contact', of((i) => `u${i}@example.org`))],
  ['personal', 'phone numbers as integers', numbers('phone', of(() => 2_000_000_000 + stream.below(900_000_000)))],
];

describe('refineKinds', () => {
  it.each(cases)('%s: %s', (kind, _, column) => {
    const result = refined(column);
    expect(result.schema.kind).toBe(kind);
    // Whatever the kind, every cell is still written as it was.
    for (let i = 0; i < column.length; i++) if (result.lexeme(i) !== column.lexeme(i)) throw new Error(`row ${i}: ${column.lexeme(i)} became ${result.lexeme(i)}`);
    expect(result.missingCount).toBe(column.missingCount);
  });
  it('keeps a regular, unique series of times a datetime', () => {
    const hours = numberColumn(columnSchema({ name: 'date', kind: 'datetime', storage: 'number', temporal: { pattern: '%Y-%m-%d %H:%M:%S' } }), Float64Array.from(of((i) => 1.4673e12 + i * 3_600_000)));
    expect(refined(hours).schema.kind).toBe('datetime');
  });
  it('puts an ordinal dictionary in the scale\'s order', () => {
    const c = refined(words('size', ['L', 'S', 'M', 'S', null, 'L']));
    expect(c.schema.order).toEqual(['S', 'M', 'L']);
    expect([...c.codes()]).toEqual([2, 0, 1, 0, -1, 2]);
  });
  it('does not call a handful of rows identifiers for being unique', () => {
    expect(refined(words('city', ['Bern', 'Rome', 'Oslo'])).schema.kind).toBe('category');
    expect(refined(numbers('weight', [71, 64, 90])).schema.kind).toBe('integer');
  });
});

describe('declarations', () => {
  it('win over what was found, and convert both ways', () => {
    expect(refined(numbers('id', of((i) => i)), { kind: 'integer' }).schema.kind).toBe('integer');
    const c = refined(numbers('x', [3, 1, NaN, 3]), { kind: 'category' });
    expect([c.categories(), [...c.codes()]]).toEqual([['1', '3'], [1, 0, -1, 1]]);
    const back = refined(words('x', ['1.5', '2', null]), { kind: 'real' });
    expect([...back.numbers()]).toEqual([1.5, 2, NaN]);
    expect(refined(words('x', ['b', 'a', 'c']), { kind: 'ordinal', domain: { values: ['c', 'b', 'a'] } }).categories()).toEqual(['c', 'b', 'a']);
  });
  it('drop columns, set domains and decimals', () => {
    const t = refineKinds(table(numbers('a', [1, 2]), numbers('b', [1.234, 2.345], 3)), { a: { drop: true }, b: { decimals: 1, domain: { min: 0, max: 9 } } });
    expect(t.schema.columns.map((c) => c.name)).toEqual(['b']);
    expect(t.columns[0].schema).toMatchObject({ decimalsDeclared: true, declaredDomain: { min: 0, max: 9 } });
    expect([t.columns[0].lexeme(0), t.columns[0].lexeme(1)]).toEqual(['1.2', '2.3']);
  });
  it('say what is wrong with them, and where', () => {
    expect(() => refineKinds(table(numbers('a', [1])), { b: { drop: true } })).toThrow('no column of this name');
    expect(() => refined(words('x', ['1', 'two']), { kind: 'integer' })).toThrow('"two" is not a number');
    expect(() => refined(words('x', ['soon']), { kind: 'date' })).toThrow('not read as a date');
  });
});

describe('helpers', () => {
  it('guessEntity finds a repeated identifier of people, not a unique one nor a ticket', () => {
    const visits = numbers('patient_id', of((i) => 1000 + (i >> 2))), other = numbers('age', of((i) => i % 90));
    expect(guessEntity(refineKinds(table(visits, other)))).toBe('patient_id');
    expect(guessEntity(refineKinds(table(numbers('patient_id', of((i) => i * 3)), other)))).toBe(undefined);
    expect(guessEntity(refineKinds(table(words('ticket', of((i) => `T ${i >> 1}`)), other)))).toBe(undefined);
  });
  it('nameWords splits what people write', () => {
    expect(nameWords('customerId').slice(0, 2)).toEqual(['customer', 'id']);
    expect(nameWords('HTTPStatus_code2').slice(0, 4)).toEqual(['http', 'status', 'code', '2']);
    expect(nameWords('e-mail')).toContain('email');
  });
  it('scaleOrder refuses mixtures, overlaps and pairs', () => {
    expect(scaleOrder(['low', 'high', 'blue'])).toBe(undefined);
    expect(scaleOrder(['0-10', '5-20', '20+'])).toBe(undefined);
    expect(scaleOrder(['low', 'high'])).toBe(undefined);
    expect(scaleOrder(['20+', '0-9', '10-19'])).toEqual(['0-9', '10-19', '20+']);
  });
  it.each([[50], [9000], [40_000]])('distinctNumbers agrees with a Map (%i values)', (range) => {
    const values = Float64Array.from({ length: 60_000 }, (_, i) => (i % 11 === 0 ? NaN : (stream.below(range) - range / 2) / 7));
    const map = new Map<number, number>();
    for (const v of values) if (v === v) map.set(v + 0, (map.get(v + 0) ?? 0) + 1);
    const { values: found, counts } = distinctNumbers(values);
    expect([...found]).toEqual([...map.keys()].sort((a, b) => a - b));
    expect([...counts]).toEqual([...found].map((v) => map.get(v)));
    expect(Array.from(distinctNumbers([0, -0, 0]).counts)).toEqual([3]);
  });
  it('facts sample distinct values from the whole column', () => {
    const facts = factsOf(strings('x', of((i) => `v${Math.floor(i / 10)}`)));
    expect(facts).toMatchObject({ distinct: 60, mostFrequent: 10, present: n });
    expect(facts.sample.length).toBe(60);
  });
});

describe('coarser columns', () => {
  it('numbers in steps, missing cells as they are', () => {
    const column = refined(numbers('income', [1234.5, 1250, Number.NaN, 99, -70], 1), { step: 100 });
    expect([...column.numbers()]).toEqual([1200, 1300, Number.NaN, 100, -100]);
    expect(() => refined(words('city', of((i) => 'ab'[i % 2])), { kind: 'category', step: 5 })).toThrow(/no numbers/);
  });
  it('categories merged, into "other" that is there already or is made', () => {
    const cells = of((i) => ['a', 'b', 'c', null][i % 4]), column = refined(words('city', cells), { kind: 'category', merge: ['a', 'c'] });
    expect([...column.categories()]).toEqual(['b', 'other']);
    expect(Array.from({ length: 4 }, (_, i) => column.lexeme(i))).toEqual(['other', 'b', 'other', '']);
    expect([...refined(words('city', of((i) => ['a', 'other', 'b'][i % 3])), { kind: 'category', merge: ['a', 'other'] }).categories()]).toEqual(['other', 'b']);
    expect(() => refined(numbers('age', of((i) => i % 7)), { kind: 'integer', merge: ['3'] })).toThrow(/no categories/);
  });
});
