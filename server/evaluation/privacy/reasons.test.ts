import { expect, it } from 'vitest';
import { tableOf } from '../fixture';
import { makeView } from '../view';
import { Reasons } from './reasons';

const n = 40, cells = (make: (i: number) => string | number | null) => Array.from({ length: n }, (_, i) => make(i));
const table = tableOf({
  city: { kind: 'category', cells: cells(i => (i === 0 ? 'storm' : i === 1 ? null : 'ab'[i % 2])) },
  rain: { kind: 'real', cells: cells(i => (i === 0 ? 99 : i)) },
  wind: { kind: 'integer', cells: cells(i => i % 4) },
  group: { kind: 'category', cells: cells(i => 'xyz'[i % 3]) },
});
const view = makeView({ training: table, synthetic: table }), reasons = new Reasons(view), said = (row: number) => { const { reasons: r, rows } = reasons.of(row); return [rows, ...r.map(x => `${view.columns[x.column].name} ${x.is} ${x.rows}`).sort()]; };

it('one column where one suffices, a value before a side', () => {
  expect(said(0)).toEqual([1, 'city equal 1']);
  expect(said(1)).toEqual([1, 'city missing 1']);
  expect(said(39)[0]).toBe(1);
});

it('two or three where none does, and never more', () => {
  for (let row = 2; row < n; row++) {
    const [rows, ...conditions] = said(row);
    expect(conditions.length).toBeLessThanOrEqual(3);
    expect(rows).toBeGreaterThanOrEqual(1);
  }
  const same = tableOf({ a: { kind: 'category', cells: cells(i => 'pq'[i % 2]) }, b: { kind: 'category', cells: cells(i => 'rs'[(i >> 1) % 2]) } }), r = new Reasons(makeView({ training: same, synthetic: same })).of(5);
  expect(r.rows).toBe(10);
  expect(r.reasons.length).toBe(2);
});
