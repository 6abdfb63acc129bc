import { describe, expect, test } from 'vitest';
import type { FittedGenerator } from '../../generators/generator';
import type { Condition } from '../../protocol';
import { Stream } from '../../random';
import { learnRules } from '../../table/rules/rules';
import { meets } from '../../table/rules/condition';
import type { Table } from '../../table/table';
import { category, empirical, integer, modelOf, tableOf } from '../fixture';
import { drawWhere, proposalsNeeded } from './draw';
import { Keeper } from './keeper';
import { declaredMarginal, marginalOf } from './margins';
import { effectiveSize, rake, systematic } from './resample';

// A law over 2 x 4 x 3 cells in which truncating a after b would be wrong: 24,000 rows, so that every share is exact.
const cells = Array.from({ length: 24 }, (_, k) => ({ a: k % 2, b: Math.floor(k / 2) % 4, c: Math.floor(k / 8) })), p = cells.map(({ a, b, c }) => (a === 0 ? [12, 1, 1, 2] : [1, 1, 10, 4])[b]! * (c === (a + b) % 3 ? 6 : 1));
const rows = cells.flatMap((cell, k) => Array.from({ length: 5 * p[k]! }, () => cell));
const table = tableOf(category('a', rows.map((r) => r.a), ['x', 'y']), integer('b', rows.map((r) => r.b)), category('c', rows.map((r) => r.c), ['p', 'q', 'r']));
const col = (column: string) => ({ type: 'column' as const, column });
const queries: Array<[string, Condition]> = [
  ['a set and a range', { type: 'and', of: [{ type: 'in', column: 'c', values: ['p', 'r'] }, { type: 'range', column: 'b', min: 1, max: 2 } as unknown as Condition] }],
  ['one or the other', { type: 'or', of: [{ type: 'and', of: [{ type: 'in', column: 'a', values: ['x'] }, { type: 'range', column: 'b', min: '3' }] }, { type: 'in', column: 'c', values: ['q'] }] }],
  ['not a combination', { type: 'not', of: { type: 'and', of: [{ type: 'in', column: 'a', values: ['x'] }, { type: 'compare', op: '<', left: col('b'), right: { type: 'value', value: '2' } }] } }],
  ['equalities', { type: 'and', of: [{ type: 'in', column: 'a', values: ['y'] }, { type: 'in', column: 'c', values: ['r'] }] }],
  ['a comparison of values', { type: 'in', column: 'b', values: ['1', '2'] }],
];
queries[0]![1] = { type: 'and', of: [{ type: 'in', column: 'c', values: ['p', 'r'] }, { type: 'range', column: 'b', min: '1', max: '2' }] };
const histogram = (t: Table): number[] => cells.map(({ a, b, c }) => { const [x, y, z] = [t.column('a').codes(), t.column('b').numbers(), t.column('c').codes()]; let n = 0; for (let i = 0; i < t.rows; i++) if (x[i] === a && y[i] === b && z[i] === c) n++; return n / t.rows; });
const law = (c: Condition): number[] => { const kept = table.take([...meets(c, table).entries()].filter(([, ok]) => ok).map(([i]) => i)); return histogram(kept); };
const distance = (a: number[], b: number[]): number => a.reduce((s, x, i) => s + Math.abs(x - b[i]!) / 2, 0);

describe('rows under a condition', () => {
  for (const any of [true, false]) test.each(queries)(`%s: the law of the rows that meet it, ${any ? 'from proposals' : 'by rejection'}`, async (name, where) => {
    const { table: made, how } = await drawWhere(modelOf(empirical(table, any), table, any), { where, name }, 4000, { seed: 3 });
    expect(made.rows).toBe(4000);
    expect(meets(where, made).every((ok) => ok === 1)).toBe(true);
    // 4,000 rows over at most 24 cells: about .03 by chance alone.
    expect(distance(histogram(made), law(where))).toBeLessThan(0.045);
    expect(how.method).toBe(!any ? 'rejection' : name === 'equalities' ? 'given' : 'proposals');
    if (how.method === 'proposals') expect(how.mass!).toBeCloseTo(meets(where, table).reduce((x, y) => x + y, 0) / table.rows, 1);
  });
  test('random sets, ranges and combinations of them: the law of the rows that meet each', async () => {
    const s = new Stream(12, 'queries'), some = <T>(of: readonly T[]): T[] => { const out = of.filter(() => s.below(2) === 1); return out.length > 0 ? out : [s.pick(of)]; };
    const make = (depth: number): Condition => {
      const k = s.below(depth > 0 ? 6 : 3), low = s.below(4);
      if (k === 0) return { type: 'in', column: 'a', values: some(['x', 'y']) };
      if (k === 1) return { type: 'in', column: 'c', values: some(['p', 'q', 'r']), ...(s.below(3) === 0 && { negated: true }) };
      if (k === 2) return { type: 'range', column: 'b', min: String(low), max: String(low + s.below(4 - low)) };
      return k === 3 ? { type: 'not', of: make(depth - 1) } : { type: k === 4 ? 'and' : 'or', of: [make(depth - 1), make(depth - 1)] };
    };
    let asked = 0, set = 0;
    for (let q = 0; asked < 30; q++) {
      const where = make(3), mass = meets(where, table).reduce((x, y) => x + y, 0) / table.rows;
      // What all rows meet asks for nothing; what one in fifty meets is another test's.
      if (mass > 0.98 || mass < 0.02) continue;
      asked++;
      const { table: made, how } = await drawWhere(modelOf(empirical(table, true), table), { where, name: `query ${q}` }, 2500, { seed: q }), wanted = law(where), cellsOfIt = wanted.filter((p) => p > 0).length;
      expect(meets(where, made).every((ok) => ok === 1)).toBe(true);
      if (how.method === 'proposals') { set++; expect(how.mass!).toBeCloseTo(mass, 1); }
      // Total variation of so many draws over so many cells is on the average .4 of the root of cells / draws.
      expect(distance(histogram(made), wanted), JSON.stringify(where)).toBeLessThan(1.1 * Math.sqrt(cellsOfIt / Math.min(2500, how.effective ?? 2500)));
    }
    expect(set).toBeGreaterThan(15);
  });
  test('truncating step by step, or overwriting a column, would be caught: both are far from the law', () => {
    const where = queries[0]![1], kept = law(where);
    // Overwritten: rows as they come, with c and b replaced by values drawn inside the sets.
    const s = new Stream(1, 'overwrite'), wrong = tableOf(table.column('a'), integer('b', Float64Array.from({ length: table.rows }, () => 1 + s.below(2))), category('c', Int32Array.from({ length: table.rows }, () => 2 * s.below(2)), ['p', 'q', 'r']));
    expect(distance(histogram(wrong), kept)).toBeGreaterThan(0.2);
  });
  test('a condition that leaves nothing, or next to nothing, is refused in words', async () => {
    const m = modelOf(empirical(table, true), table);
    await expect(drawWhere(m, { where: { type: 'and', of: [{ type: 'in', column: 'a', values: ['x'] }, { type: 'in', column: 'a', values: ['y'] }, { type: 'range', column: 'b', min: '1' }] } }, 10, { seed: 1 })).rejects.toThrow('leaves no value');
    await expect(drawWhere(m, { where: { type: 'range', column: 'b', min: '17' }, name: 'b >= 17' }, 10, { seed: 1 })).rejects.toThrow('too few');
    await expect(drawWhere(m, { where: { type: 'in', column: 'a', values: ['w'] } }, 10, { seed: 1 })).rejects.toThrow('cannot be drawn');
  });
  test('rows are drawn in the order that the generator learnt, as far as the condition reaches', async () => {
    const base = empirical(table, true), asked: string[][] = [], model = modelOf({ ...base, order: ['a', 'c', 'b'], propose: (names, rows, o) => { if (names.join() !== asked.at(-1)?.join()) asked.push([...names]); return base.propose!(names, rows, o); } }, table);
    const where = async (c: Condition): Promise<number> => { const { table: made } = await drawWhere(model, { where: c }, 3000, { seed: 5 }); expect(meets(c, made).every((ok) => ok === 1)).toBe(true); return distance(histogram(made), law(c)); };
    // An equality on the second of them: the first is drawn with it, so that the rest follows in the order that was learnt.
    expect(await where({ type: 'in', column: 'c', values: ['p'] })).toBeLessThan(0.045);
    expect(await where({ type: 'in', column: 'a', values: ['x'] })).toBeLessThan(0.045);
    expect(await where({ type: 'range', column: 'b', min: '2' })).toBeLessThan(0.045);
    expect(asked).toEqual([['a', 'c'], ['a', 'c', 'b']]);
  });
  // A network that has learnt one order well and others badly: these have a law of their own, here with b dealt anew.
  const dealt = new Stream(3, 'dealt').shuffle(Float64Array.from(table.column('b').numbers())), wrong = tableOf(table.column('a'), integer('b', dealt), table.column('c')), good = empirical(table, true), bad = empirical(wrong, true);
  const misfitted = (order: readonly string[]): FittedGenerator => {
    const one = (names: readonly string[]): FittedGenerator => (names.every((n) => order.indexOf(n) < names.length) ? good : bad);
    return { ...good, sample: (n, o) => one(o.given?.schema.columns.map((c) => c.name) ?? []).sample(n, o), propose: (names, n, o) => (names.every((x, k) => order[k] === x) ? good : bad).propose!(names, n, o) };
  };
  test.each(queries)('%s, from a generator whose other orders are wrong: the law of the one that it learnt', async (name, where) => {
    const drawn = async (order: readonly string[], known: boolean): Promise<number> => { const { table: made } = await drawWhere(modelOf({ ...misfitted(order), ...(known && { order }) }, table), { where, name }, 4000, { seed: 3 }); return distance(histogram(made), law(where)); };
    for (const order of [['c', 'b', 'a'], ['b', 'a', 'c'], ['a', 'c', 'b']]) expect(await drawn(order, true), order.join()).toBeLessThan(0.045);
    // Constrained columns first, whatever was learnt: far from it in one of these orders at least.
    expect(Math.max(await drawn(['c', 'b', 'a'], false), await drawn(['a', 'c', 'b'], false))).toBeGreaterThan(0.1);
  });
  test('proposals are as many as it takes that none is chosen twice', async () => {
    // One row in fifty is sure to meet the condition, the others by one chance in twenty: what a few heavy weights are worth hides how often they would be chosen.
    const n = 1000, own = tableOf(category('g', Array.from({ length: n }, (_, i) => Number(i < 20)), ['often', 'rare']), category('h', Array.from({ length: n }, (_, i) => Number(i < 69)), ['no', 'yes']), integer('number', new Float64Array(n)));
    const where: Condition = { type: 'in', column: 'h', values: ['yes'] }, g = empirical(own.select(['g', 'h']), true), chosen: number[] = [];
    const numbered: FittedGenerator = {
      ...g, order: ['number', 'g', 'h'],
      propose: async (_, count, o) => { const { logWeight, cells } = await g.propose!(['g', 'h'], count, o); return { logWeight, cells: (of, seed) => { const t = cells(of, seed); return tableOf(integer('number', Float64Array.from(of)), ...t.columns); } }; },
    };
    const { table: made, how } = await drawWhere(modelOf(numbered, own), { where }, 3000, { seed: 4 });
    chosen.push(...made.column('number').numbers());
    expect(new Set(chosen).size).toBe(3000);
    expect(how.effective!).toBeGreaterThan(2 * 3000);
    // No more than drawing without regard to the condition would take, but for chance.
    expect(how.proposals!).toBeLessThan(1.2 * proposalsNeeded(3000, meets(where, own)));
    expect(made.column('g').codes().reduce((k, c) => k + c, 0) / 3000).toBeCloseTo(20 / 69, 1);
  });
  test('nor where most rows are left out by a rule, or shares are raked: rows that are proposals as a whole would be copies', async () => {
    const n = 2000, own = tableOf(category('g', Array.from({ length: n }, (_, i) => Number(i < 40)), ['often', 'rare']), category('h', Array.from({ length: n }, (_, i) => Number(i % 3 === 0)), ['no', 'yes']), integer('number', new Float64Array(n)));
    const g = empirical(own.select(['g', 'h']), true);
    let next = 0;
    const numbered: FittedGenerator = {
      ...g, order: ['number', 'g', 'h'],
      propose: async (_, count, o) => { const { logWeight, cells } = await g.propose!(['g', 'h'], count, o), from = next; next += count; return { logWeight, cells: (of, seed) => { const t = cells(of, seed); return tableOf(integer('number', Float64Array.from(of, (i) => from + i)), ...t.columns); } }; },
    };
    const where: Condition = { type: 'in', column: 'h', values: ['yes'] }, distinct = (t: Table) => new Set(t.column('number').numbers()).size;
    // One row in five passes.
    const ruled = await drawWhere({ ...modelOf(numbered, own), keep: (t: Table) => Uint8Array.from({ length: t.rows }, (_, i) => Number(t.column('number').numbers()[i]! % 5 === 0)) }, { where }, 2000, { seed: 4 });
    expect([ruled.table.rows, distinct(ruled.table), ruled.how.repeated]).toEqual([2000, 2000, 0]);
    // One in fifty, of which there shall be one in five.
    const raked = await drawWhere(modelOf(numbered, own), { where, marginals: [declaredMarginal(own.column('g').schema, { rare: 0.2 })] }, 2000, { seed: 4 });
    expect([raked.table.rows, distinct(raked.table), raked.how.repeated]).toEqual([2000, 2000, 0]);
    expect(raked.table.column('g').codes().reduce((k, c) => k + c, 0) / 2000).toBeCloseTo(0.2, 2);
  });
  test('the same seed, the same rows', async () => {
    const m = modelOf(empirical(table, true), table), once = await drawWhere(m, { where: queries[1]![1] }, 300, { seed: 9 }), again = await drawWhere(m, { where: queries[1]![1] }, 300, { seed: 9 });
    expect(histogram(once.table)).toEqual(histogram(again.table));
  });
});

describe('marginals', () => {
  test('raking hits both margins and keeps what they leave free (odds ratios)', () => {
    const a = table.column('a').codes(), margins = [{ column: 'a', cells: Int32Array.from(a), shares: Float64Array.of(0.5, 0.5), labels: ['x', 'y'] }, { column: 'b', cells: Int32Array.from(table.column('b').numbers()), shares: Float64Array.of(0.1, 0.2, 0.3, 0.4), labels: ['0', '1', '2', '3'] }];
    const { weights, error } = rake(new Float64Array(table.rows).fill(1), margins);
    expect(error).toBeLessThan(1e-6);
    const mass = (i: number, j: number): number => weights.reduce((s, w, r) => s + (a[r] === i && table.column('b').numbers()[r] === j ? w : 0), 0), raw = (i: number, j: number): number => cells.reduce((s, c, k) => s + (c.a === i && c.b === j ? p[k]! : 0), 0);
    expect((mass(0, 0) * mass(1, 2)) / (mass(0, 2) * mass(1, 0))).toBeCloseTo((raw(0, 0) * raw(1, 2)) / (raw(0, 2) * raw(1, 0)), 3);
  });
  test.each([true, false])('like another table, and balanced, together (any order: %s)', async (any) => {
    const other = integer('b', Array.from({ length: 1000 }, (_, i) => (i < 100 ? 0 : i < 300 ? 1 : i < 600 ? 2 : 3)));
    const { table: made, how } = await drawWhere(modelOf(empirical(table, any), table, any), { marginals: [marginalOf(other), declaredMarginal(table.column('a').schema, { y: 0.3 })] }, 2000, { seed: 2 });
    const b = made.column('b').numbers(), share = (v: number): number => b.reduce((n, x) => n + (x === v ? 1 : 0), 0) / made.rows;
    [0.1, 0.2, 0.3, 0.4].forEach((s, v) => expect(Math.abs(share(v) - s)).toBeLessThan(0.02));
    expect(Math.abs(made.column('a').codes().reduce((n, c) => n + c, 0) / made.rows - 0.3)).toBeLessThan(0.02);
    expect(how.effective!).toBeGreaterThan(500);
  });
  test('systematic choice is within one row of the weights; effective size is Kish\'s', () => {
    const w = Float64Array.of(0, 1, 2, 3, 4), counts = new Int32Array(5);
    for (const r of systematic(w, 100, new Stream(4, 's'))) counts[r]!++;
    w.forEach((v, i) => expect(Math.abs(counts[i]! - 10 * v)).toBeLessThanOrEqual(1));
    expect(effectiveSize([1, 1, 1, 1])).toBe(4);
    expect(effectiveSize([1, 0, 0])).toBe(1);
  });
});

test('rules are kept by every row, what must be unique across calls too, and the refused are counted', async () => {
  const { learnt } = learnRules([{ name: 'order', type: 'row', condition: { type: 'compare', op: '<=', left: col('b'), right: { type: 'value', value: '2' } } }, { name: 'pairs', type: 'unique', columns: ['a', 'b', 'c'] }].slice(0, 1) as Parameters<typeof learnRules>[0], table);
  const keeper = new Keeper([...learnt, { rule: { name: 'once', type: 'unique', columns: ['a', 'b', 'c'] }, columns: ['a', 'b', 'c'] }], ['a', 'b', 'c']), model = { ...modelOf(empirical(table, true), table), keep: (t: Table, ahead: (row: number) => boolean) => keeper.keep(t, ahead) };
  const first = await drawWhere(model, {}, 9, { seed: 1 }), second = await drawWhere(model, { where: { type: 'in', column: 'a', values: ['y'] } }, 4, { seed: 2 });
  const keys = [first.table, second.table].flatMap((t) => Array.from({ length: t.rows }, (_, i) => t.columns.map((c) => c.lexeme(i)).join()));
  expect(new Set(keys).size).toBe(13);
  expect([first.table, second.table].every((t) => t.column('b').numbers().every((v) => v <= 2))).toBe(true);
  expect(keeper.refused.once!).toBeGreaterThan(0);
});
