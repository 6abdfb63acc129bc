import { expect, test } from 'vitest';
import { KeyStream, openDevice } from '../../engine';
import { columnSchema, makeTable, numberColumn, plainDialect } from '../../table/columns';
import { layout, small, table, uniforms, weights } from './fixture';
import { makeLayout, type Layout } from './layout';
import { Sampler } from './sample';
import { feasible, masksOf } from './together';
import { Validation } from './train';
import { single } from './versions';

const C = layout.columns.length;
/** x goes with 0 and 1, y with 2, z with 3 and with 0; a row of z is never "yes". Missing cells are free. */
const rules = [
  { columns: ['b', 'a'], allows: (t: typeof table) => Uint8Array.from({ length: t.rows }, (_, i) => ([[0, 1], [2], [3, 0]][t.column('a').codes()[i]!]!.includes(t.column('b').numbers()[i]!) ? 1 : 0)) },
  { columns: ['a', 'c'], allows: (t: typeof table) => Uint8Array.from({ length: t.rows }, (_, i) => (t.column('a').codes()[i] === 2 && t.column('c').codes()[i] === 1 ? 0 : 1)) },
];
const keeps = (row: readonly number[]): boolean => { const [a, b, c] = ['a', 'b', 'c'].map((n) => row[layout.columns.findIndex((x) => x.name === n)]!); return [[0, 1], [2], [3, 0]][a!]!.includes(b!) && !(a === 2 && c === 1); };

test('what may not stand together is never drawn; what is drawn first keeps its law, and each later column its own within what is left', async () => {
  const device = await openDevice('cpu'), rows = 40_000, sampler = await Sampler.open(device, layout, small, { weights: single(weights), versionOf: new Int32Array(C) }, 1024, { masks: (ordered: Layout) => masksOf(ordered, table.schema, rules) });
  const cells = await sampler.rows(0, rows, new KeyStream(9, 'masked'));
  await sampler.release();
  let all: number[][] = [[]];
  for (const c of layout.columns) all = all.flatMap((row) => Array.from({ length: c.leaves }, (_, l) => [...row, l]));
  const p: number[] = [];
  for (const row of all) {
    const v = await Validation.open(device, layout, small, Int32Array.from(row));
    p.push(Math.exp(-(await v.loss(weights)).total));
    await v.release();
  }
  const order = [...layout.order], agree = (row: readonly number[], other: readonly number[], columns: readonly number[]): boolean => columns.every((c) => row[c] === other[c]);
  // Column by column: the learnt chance, over what of it can still be completed.
  const wanted = all.map((row) => order.reduce((q, c, k) => {
    const before = order.slice(0, k), mass = (test: (other: readonly number[]) => boolean): number => all.reduce((s, other, j) => s + (agree(other, row, before) && test(other) ? p[j]! : 0), 0);
    const may = (leaf: number): boolean => all.some((other) => agree(other, row, before) && other[c] === leaf && keeps(other)), left = mass((other) => may(other[c]!));
    return may(row[c]!) && left > 0 ? (q * mass((other) => other[c] === row[c])) / left : 0;
  }, 1));
  expect(wanted.reduce((x, y) => x + y, 0)).toBeCloseTo(1, 6);
  const leafOf = (c: number, i: number): number => { const codes = layout.columns[c]!, v = cells[c]![i]!; return codes.storage === 'code' ? (v < 0 ? codes.missing : codes.leafOf![v]!) : codes.numbers!.findIndex((n) => 'value' in n && n.value === v); };
  const got = new Float64Array(all.length), place = new Map(all.map((row, k) => [row.join(), k]));
  for (let i = 0; i < rows; i++) got[place.get(layout.columns.map((_, c) => leafOf(c, i)).join())!]! += 1 / rows;
  all.forEach((row, k) => { if (!keeps(row)) expect(got[k]).toBe(0); });
  expect(wanted.reduce((s, q, k) => s + Math.abs(q - got[k]!) / 2, 0)).toBeLessThan(0.75 * Math.sqrt(all.filter(keeps).length / rows));
});

test('prefixes that can be completed are feasible, others are not; columns of intervals, and too many combinations, are left to the check of whole rows', () => {
  expect([...feasible({ columns: [0, 1], leaves: [2, 3], allowed: Uint8Array.of(0, 0, 0, 0, 1, 0) }, 0)]).toEqual([0, 1]);
  const wide = makeTable(plainDialect, [table.column('a'), numberColumn(columnSchema({ name: 'v', kind: 'real', storage: 'number' }), Float64Array.from({ length: 900 }, (_, i) => uniforms[3000 + i]!))]);
  expect(masksOf(makeLayout(wide), wide.schema, [{ columns: ['a', 'v'], allows: (t) => new Uint8Array(t.rows).fill(1) }, { columns: ['a', 'gone'], allows: (t) => new Uint8Array(t.rows) }])).toEqual([]);
});
