import { describe, expect, test } from 'vitest';
import { Stream } from '../../random';
import { makeTable, numberColumn } from '../../table/columns';
import type { Table } from '../../table/table';
import { category, normals, real, tableOf } from '../fixture';
import { chainable, chained, chainedWhereBetter } from './chained';

const breathe = async (): Promise<void> => undefined;
/** y = 2 + x + group + noise, missing mostly where x is large; z a category of x. */
function sample(n: number, seed: number): { gaps: Table; full: Table } {
  const normal = normals(seed, 'rows'), s = new Stream(seed, 'gaps'), x = Float64Array.from({ length: n }, normal), g = Int32Array.from({ length: n }, () => s.below(2)), y = x.map((v, i) => 2 + v + g[i]! + 0.7 * normal()), z = Int32Array.from(x, (v) => (s.uniform() < 1 / (1 + Math.exp(-2 * v)) ? 1 : 0));
  const lack = (i: number): boolean => s.uniform() < (x[i]! > 0.3 ? 0.7 : 0.1), full = tableOf(real('x', x), category('g', g, ['a', 'b']), real('y', y), category('z', z, ['no', 'yes']));
  return { full, gaps: tableOf(real('x', x), category('g', g, ['a', 'b']), real('y', y.map((v, i) => (lack(i) ? NaN : v))), category('z', z.map((v, i) => (lack(i) ? -1 : v)), ['no', 'yes'])) };
}
/** Gaps filled from the column's seen cells: what knows of no other column. */
function blind(t: Table, seed: number): Table {
  const s = new Stream(seed, 'blind');
  return makeTable(t.schema, t.columns.map((c) => {
    const seen = Int32Array.from({ length: c.length }, (_, i) => i).filter((i) => !c.isMissing(i));
    if (seen.length === c.length) return c;
    return c.take(Int32Array.from({ length: c.length }, (_, i) => (c.isMissing(i) && seen.length > 0 ? s.pick(seen) : i)));
  }), t.rows);
}
const slope = (t: Table): number => { const x = t.column('x').numbers(), y = t.column('y').numbers(), n = t.rows, mx = x.reduce((a, b) => a + b, 0) / n, my = y.reduce((a, b) => a + b, 0) / n; return x.reduce((s, v, i) => s + (v - mx) * (y[i]! - my), 0) / x.reduce((s, v) => s + (v - mx) ** 2, 0); };

describe('chained equations', () => {
  const { gaps } = sample(1500, 1), start = blind(gaps, 2);
  test('whatever they begin with, relations are those of the seen rows; seen cells stay, and values lie among the seen ones', async () => {
    const { table } = await chained(gaps, start, chainable(gaps), { seed: 3, proper: true, breathe }), y = gaps.column('y'), own = y.numbers().filter((v) => !Number.isNaN(v)), low = Math.min(...own), high = Math.max(...own), filled = table.column('y').numbers();
    expect(chainable(gaps)).toEqual(['y', 'z']);
    expect(slope(start)).toBeLessThan(0.75);
    expect(Math.abs(slope(table) - 1)).toBeLessThan(0.08);
    for (let i = 0; i < gaps.rows; i++) { expect(filled[i]! >= low && filled[i]! <= high).toBe(true); if (!y.isMissing(i)) expect(filled[i]).toBe(y.numbers()[i]); }
    // z given x > 1: .9 yes by its law.
    const rich = [...Array(gaps.rows).keys()].filter((i) => gaps.column('x').numbers()[i]! > 1 && gaps.column('z').isMissing(i)), yes = rich.filter((i) => table.column('z').lexeme(i) === 'yes').length / rich.length;
    expect(yes).toBeGreaterThan(0.84);
    expect(yes).toBeLessThan(0.99);
  });
  test('proper draws differ by more than draws of one regression do', async () => {
    const small = sample(600, 4).gaps, spread = async (proper: boolean): Promise<number> => { const s: number[] = []; for (let k = 0; k < 30; k++) s.push(slope((await chained(small, blind(small, 5), ['y'], { seed: k, proper, breathe })).table)); const m = s.reduce((a, b) => a + b, 0) / s.length; return s.reduce((v, x) => v + (x - m) ** 2, 0) / (s.length - 1); };
    expect(await spread(true)).toBeGreaterThan(1.3 * (await spread(false)));
  });
  test('a column is left to the generator only where its draws are shown to be nearer', async () => {
    // A law that no line follows: y is the sign of x1 times that of x2.
    const normal = normals(7, 'cross'), s = new Stream(7, 'gaps'), n = 1200, a = Float64Array.from({ length: n }, normal), b = Float64Array.from({ length: n }, normal), y = a.map((v, i) => Math.sign(v * b[i]!) * 3 + 0.3 * normal()), cross = tableOf(real('a', a), real('b', b), real('y', y.map((v) => (s.uniform() < 0.3 ? NaN : v))));
    const all = Int32Array.from({ length: n }, (_, i) => i), parts = { learnt: all.filter((i) => i % 10 !== 0), held: all.filter((i) => i % 10 === 0), seed: 1, breathe };
    const knows = async (t: Table, seed: number): Promise<Table> => { const more = normals(seed, 'knows'), u = t.column('a').numbers(), v = t.column('b').numbers(); return makeTable(t.schema, t.columns.map((c) => (c.schema.name === 'y' ? numberColumn(c.schema, c.numbers().map((w, i) => (Number.isNaN(w) ? Math.sign(u[i]! * v[i]!) * 3 + 0.3 * more() : w))) : c)), t.rows); };
    const ignorant = async (t: Table, seed: number): Promise<Table> => { const own = cross.column('y').numbers().filter((v) => !Number.isNaN(v)), st = new Stream(seed, 'ignorant'); return makeTable(t.schema, t.columns.map((c) => (c.schema.name === 'y' ? numberColumn(c.schema, c.numbers().map((w) => (Number.isNaN(w) ? st.pick(own) : w))) : c)), t.rows); };
    expect(await chainedWhereBetter(cross, await knows(cross, 1), ['y'], knows, parts)).toEqual({ chained: [], generator: ['y'] });
    expect(await chainedWhereBetter(cross, await ignorant(cross, 1), ['y'], ignorant, parts)).toEqual({ chained: ['y'], generator: [] });
  });
  test('cells of some rows are drawn again, the others stay', async () => {
    const chain = await chained(gaps, start, ['y', 'z'], { seed: 3, proper: true, breathe }), y = gaps.column('y'), rows = Int32Array.from({ length: 300 }, (_, i) => i), again = chain.again(chain.table, rows, 9);
    let moved = 0;
    for (let i = 0; i < gaps.rows; i++) if (chain.table.column('y').numbers()[i] !== again.column('y').numbers()[i]) { expect(i).toBeLessThan(300); expect(y.isMissing(i)).toBe(true); moved++; }
    expect(moved).toBeGreaterThan(30);
  });
});
