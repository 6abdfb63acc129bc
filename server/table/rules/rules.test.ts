import { describe, expect, test } from 'vitest';
import type { Condition, Rule } from '../../protocol';
import { codeColumn, columnSchema, makeTable, numberColumn, plainDialect } from '../columns';
import { columnsOf, meets, truthOf } from './condition';
import { domainsOf, equalitiesOf, isEmpty } from './domains';
import { breaksOf, learnRules } from './rules';

const number = (name: string, v: number[], kind: 'integer' | 'real' | 'date' = 'integer') => numberColumn(columnSchema({ name, kind, storage: 'number', ...(kind === 'date' && { temporal: { pattern: '%d.%m.%Y' } }) }), Float64Array.from(v));
const words = (name: string, v: Array<string | null>, order?: string[]) => { const all = order ?? [...new Set(v.filter((x): x is string => x !== null))]; return codeColumn(columnSchema({ name, kind: order ? 'ordinal' : 'category', storage: 'code', ...(order && { order }) }), Int32Array.from(v, (x) => (x === null ? -1 : all.indexOf(x))), all); };
const table = makeTable(plainDialect, [
  number('a', [1, 2, 3, NaN, 5]), number('b', [2, 2, 1, 4, 9]), words('c', ['x', 'y', 'x', null, 'z']), words('size', ['S', 'M', 'L', 'S', null], ['S', 'M', 'L']), number('day', [0, 1, 2, 3, 4], 'date'),
]);
const col = (column: string) => ({ type: 'column' as const, column }), val = (value: string) => ({ type: 'value' as const, value });
const truth = (c: Condition) => [...truthOf(c, table)];

describe('conditions', () => {
  test('three values: a comparison with a missing cell is unknown, and Kleene combines', () => {
    const big: Condition = { type: 'compare', op: '>=', left: col('a'), right: val('3') };
    expect(truth(big)).toEqual([0, 0, 1, -1, 1]);
    expect(truth({ type: 'not', of: big })).toEqual([1, 1, 0, -1, 0]);
    expect(truth({ type: 'or', of: [big, { type: 'compare', op: '=', left: col('b'), right: val('4') }] })).toEqual([0, 0, 1, 1, 1]);
    expect(truth({ type: 'and', of: [big, { type: 'in', column: 'c', values: ['x'] }] })).toEqual([0, 0, 1, -1, 0]);
    expect([...meets({ type: 'missing', column: 'c' }, table)]).toEqual([0, 0, 0, 1, 0]);
  });
  test('columns with columns, arithmetic, scales and dates as the file writes them', () => {
    expect(truth({ type: 'compare', op: '<=', left: col('a'), right: col('b') })).toEqual([1, 1, 0, -1, 1]);
    expect(truth({ type: 'compare', op: '=', left: { type: 'arithmetic', op: '*', left: col('a'), right: val('2') }, right: col('b') })).toEqual([1, 0, 0, -1, 0]);
    expect(truth({ type: 'range', column: 'size', min: 'M' })).toEqual([0, 1, 1, 0, -1]);
    expect(truth({ type: 'compare', op: '<', left: col('day'), right: val('03.01.1970') })).toEqual([1, 1, 0, 0, 0]);
    expect(truth({ type: 'range', column: 'day', min: '1970-01-02', max: '1970-01-03', openMax: true })).toEqual([0, 1, 0, 0, 0]);
    expect(truth({ type: 'in', column: 'c', values: ['x', 'z'], negated: true })).toEqual([0, 1, 0, -1, 0]);
  });
  test('what cannot be is said with the column', () => {
    expect(() => truth({ type: 'in', column: 'q', values: ['1'] })).toThrow('no column of this name');
    expect(() => truth({ type: 'range', column: 'c', min: 'x' })).toThrow('no order');
    expect(() => truth({ type: 'compare', op: '<', left: col('a'), right: val('many') })).toThrow('not a number');
    expect(() => truth({ type: 'range', column: 'day', min: 'soon' })).toThrow('not a date');
  });
  test('domains are supersets of what rows that meet the condition have; random conditions on a full grid', () => {
    const grid = makeTable(plainDialect, [number('a', Array.from({ length: 60 }, (_, i) => i % 5)), number('b', Array.from({ length: 60 }, (_, i) => Math.floor(i / 5) % 4)), words('c', Array.from({ length: 60 }, (_, i) => ['x', 'y', 'z'][Math.floor(i / 20)]!))]);
    const schemas = new Map(grid.schema.columns.map((c) => [c.name, c]));
    let seed = 1;
    const random = (n: number): number => { seed = (seed * 1103515245 + 12345) % 2147483648; return Math.floor((seed / 2147483648) * n); };
    const make = (depth: number): Condition => {
      const k = random(depth > 0 ? 7 : 4), ops = ['<', '<=', '=', '!=', '>=', '>'] as const;
      if (k === 0) return { type: 'compare', op: ops[random(6)]!, left: random(2) ? col('a') : val(String(random(5))), right: col('b') };
      if (k === 1) return { type: 'in', column: 'c', values: [['x'], ['y', 'z'], ['x', 'z']][random(3)]!, ...(random(2) && { negated: true }) };
      if (k === 2) return { type: 'range', column: 'a', min: String(random(3)), max: String(2 + random(3)), ...(random(2) && { openMin: true }) };
      if (k === 3) return { type: 'in', column: 'b', values: [String(random(4)), String(random(4))], ...(random(2) && { negated: true }) };
      return k === 4 ? { type: 'not', of: make(depth - 1) } : { type: k === 5 ? 'and' : 'or', of: [make(depth - 1), make(depth - 1)] };
    };
    for (let q = 0; q < 400; q++) {
      const c = make(3), ok = meets(c, grid), domains = domainsOf(c, schemas, (n) => grid.column(n).categories());
      for (const [name, d] of Object.entries(domains)) for (let i = 0; i < 60; i++) if (ok[i]) {
        const v = name === 'c' ? grid.column('c').lexeme(i) : grid.column(name).numbers()[i]!;
        expect(typeof v === 'string' ? d.words === undefined || d.words.has(v) : d.intervals === undefined || d.intervals.some(([p, r]) => v >= p && v <= r)).toBe(true);
        expect(isEmpty(d)).toBe(false);
      }
    }
  });
  test('equalities alone are known as such', () => {
    const a: Condition = { type: 'compare', op: '=', left: col('a'), right: val('1') }, c: Condition = { type: 'in', column: 'c', values: ['x'] };
    expect(equalitiesOf({ type: 'and', of: [a, c] })).toEqual({ a: '1', c: 'x' });
    expect(equalitiesOf({ type: 'or', of: [a, c] })).toBeUndefined();
    expect(equalitiesOf({ type: 'and', of: [a, { type: 'compare', op: '=', left: col('a'), right: val('2') }] })).toBeUndefined();
    expect(columnsOf({ type: 'and', of: [a, c] })).toEqual(['a', 'c']);
  });
});

describe('rules', () => {
  const learn = (...rules: Rule[]) => learnRules(rules, table).learnt;
  test('rows that break each kind', () => {
    const broken = (rule: Rule, t = table) => [...breaksOf(learn(rule)[0]!, t)];
    expect(broken({ name: 'order', type: 'row', condition: { type: 'compare', op: '<=', left: col('a'), right: col('b') } })).toEqual([0, 0, 1, 0, 0]);
    expect(broken({ name: 'only x', type: 'row', condition: { type: 'compare', op: '<=', left: col('a'), right: col('b') }, where: { type: 'in', column: 'c', values: ['z'] } })).toEqual([0, 0, 0, 0, 0]);
    expect(broken({ name: 'one', type: 'unique', columns: ['b'] })).toEqual([0, 1, 0, 0, 0]);
    expect(broken({ name: 'pairs', type: 'combinations', columns: ['b', 'c'] }, table.take([0, 1, 2]).select(['b', 'c']))).toEqual([0, 0, 0]);
    const swapped = makeTable(plainDialect, [number('b', [2, 1]), words('c', ['x', 'z'])]);
    expect(broken({ name: 'pairs', type: 'combinations', columns: ['b', 'c'] }, swapped)).toEqual([0, 1]);
    expect(broken({ name: 'form', type: 'format', column: 'c', pattern: '[xy]' })).toEqual([0, 0, 0, 0, 1]);
    expect(broken({ name: 'fd', type: 'determines', from: ['day'], to: ['c'] }, makeTable(plainDialect, [number('day', [0, 1, 9, 9], 'date'), words('c', ['x', 'x', 'y', 'z'])]))).toEqual([0, 1, 0, 1]);
  });
  test('contradictions come out before any fit: with themselves, each other, declared domains, and the table', () => {
    const row = (name: string, op: '<' | '>', v: string): Rule => ({ name, type: 'row', condition: { type: 'compare', op, left: col('b'), right: val(v) } });
    expect(() => learn({ name: 'none', type: 'row', condition: { type: 'and', of: [{ type: 'in', column: 'c', values: ['x'] }, { type: 'in', column: 'c', values: ['y'] }] } })).toThrow(/none/);
    expect(() => learn(row('low', '<', '10'), row('high', '>', '0'), row('higher', '>', '20'))).toThrow(/every row|no value/);
    expect(() => learn({ name: 'fd', type: 'determines', from: ['b'], to: ['c'] })).toThrow('does not determine');
    expect(() => learn({ name: 'form', type: 'format', column: 'c', pattern: '[' })).toThrow('no regular expression');
    expect(() => learn({ name: 'gone', type: 'unique', columns: ['q'] })).toThrow('Rule gone');
    expect(learnRules([row('mostly', '<', '5')], table).broken).toEqual([{ rule: 'mostly', rows: 1 }]);
  });
});
