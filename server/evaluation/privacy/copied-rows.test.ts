import { describe, expect, it } from 'vitest';
import { tableOf } from '../fixture';
import { makeView } from '../view';
import { findCopiedRows } from './copied-rows';
import { findCopies } from './copies';

type Row = [number | null, string | null, number | null];
const rows = (cells: Row[]) => tableOf({
  age: { kind: 'integer', cells: cells.map(r => r[0]) }, job: { kind: 'category', cells: cells.map(r => r[1]) }, day: { kind: 'date', cells: cells.map(r => r[2]) },
});
const none = async () => {};
const find = async (training: Row[], synthetic: Row[], control: Row[] = [[1, 'z', 1]]) => {
  const view = makeView({ training: rows(training), synthetic: rows(synthetic), control: rows(control) });
  const copies = await findCopies(view, none);
  return { found: findCopiedRows(view, copies), copies };
};

describe('copied rows', () => {
  it('name the row they copy and the column that differs', async () => {
    const { found } = await find([[30, 'a', 0], [40, 'b', 1000], [50, 'c', 2000]], [[99, 'q', 5], [40, 'b', 1000], [51, 'c', 2000], [30, 'x', 0]]);
    expect([...found.row]).toEqual([1, 2, 3]);
    expect([...found.of]).toEqual([1, 2, 0]);
    expect([...found.differs].map(j => (j < 0 ? 'exact' : found.columns[j]))).toEqual(['exact', 'age', 'job']);
    expect(found.common).toBe(0);
  });

  it('leave out what several real rows have in common, in training or control', async () => {
    const { found } = await find([[30, 'a', 0], [30, 'a', 0], [40, 'b', 1000], [70, 'd', 3000]], [[30, 'a', 0], [40, 'b', 1000], [70, 'd', 3000]], [[70, 'd', 3000]]);
    expect([...found.row]).toEqual([1]);
    expect(found.common).toBe(2);
  });

  it('are those that the flags count, each with a real witness, on random tables', async () => {
    let s = 11;
    const random = (n: number) => { s = (Math.imul(s, 1103515245) + 12345) >>> 0; return (s >>> 8) % n; };
    const make = (n: number) => Array.from({ length: n }, (): Row => [random(9) === 0 ? null : random(40) - 5, random(8) === 0 ? null : 'xyz'[random(3)], random(200)]);
    const training = make(300), synthetic = make(200), control = make(80);
    const { found, copies } = await find(training, synthetic, control);
    expect(found.row.length).toBeGreaterThan(5);
    expect(found.row.length + found.common).toBe(copies.near.syntheticInTraining.reduce((a, b) => a + b, 0));
    found.row.forEach((i, k) => {
      const fake = synthetic[i], real = training[found.of[k]], differing = [0, 1, 2].filter(j => fake[j] !== real[j]);
      expect(differing).toEqual(found.differs[k] < 0 ? [] : [found.differs[k]]);
      if (found.differs[k] === 0) expect(Math.abs(fake[0]! - real[0]!)).toBeLessThanOrEqual(0.05 * Math.abs(real[0]!) + 1e-9);
      expect(copies.common[found.differs[k] < 0 ? 'exact' : 'near'].training[found.of[k]]).toBe(0);
    });
  });
});
