import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { KeyStream, openDevice } from '../../engine';
import { nearest } from '../../learners/neighbours';
import { codeColumn, columnSchema, makeTable, numberColumn, plainDialect } from '../../table/columns';
import type { Table } from '../../table/table';
import type { FitContext } from '../generator';
import { betaDraws, mixup } from './mixup';
import { smote } from './smote';
import { interpolate, medianDeviation, neighbourPoints, vote } from './smote-core';

const golden = JSON.parse(readFileSync(new URL('../../../test/golden/generators/smote.json', import.meta.url), 'utf8')) as {
  smote: { x: number[][]; neighbours: number[][]; indices: number[]; steps: number[]; made: number[][] };
  nc: { numbers: number[][]; codes: number[][]; sizes: number[]; medianStd: number; neighbours: number[][]; indices: number[]; steps: number[]; orders: number[][][]; made: number[][]; madeCodes: number[][] };
};
const rowsOf = (n: number): Int32Array => Int32Array.from({ length: n }, (_, i) => i);

describe('equals imbalanced-learn on the same neighbours and random numbers', () => {
  test('SMOTE', async () => {
    const { x, neighbours, indices, steps, made } = golden.smote, d = x[0]!.length, k = neighbours[0]!.length, values = Float64Array.from(x.flat()), out = new Float64Array(d);
    indices.forEach((index, i) => {
      interpolate(values, Math.floor(index / k), neighbours[Math.floor(index / k)]![index % k]!, steps[i]!, d, out, 0);
      made[i]!.forEach((v, j) => expect(out[j]).toBeCloseTo(v, 12));
    });
    const points = neighbourPoints(values, new Int32Array(0), rowsOf(x.length), d, [], 0), own = { ...points, rows: x.length };
    expect([...(await nearest(own, own, { k, excludeSelf: true, device: await openDevice('cpu') })).indices]).toEqual(neighbours.flat());
  });
  test('SMOTE-NC: distances, numbers and votes', async () => {
    const { numbers, codes, sizes, medianStd, neighbours, indices, steps, orders, made, madeCodes } = golden.nc, d = 2, k = neighbours[0]!.length, x = Float64Array.from(numbers.flat()), c = Int32Array.from(codes.flat()), out = new Float64Array(d);
    expect(medianDeviation(x, rowsOf(numbers.length), d)).toBeCloseTo(medianStd, 12);
    const points = neighbourPoints(x, c, rowsOf(numbers.length), d, sizes, medianStd), own = { ...points, rows: numbers.length };
    expect([...(await nearest(own, own, { k, excludeSelf: true, device: await openDevice('cpu') })).indices]).toEqual(neighbours.flat());
    indices.forEach((index, i) => {
      const row = Math.floor(index / k), near = Int32Array.from(neighbours[row]!);
      interpolate(x, row, near[index % k]!, steps[i]!, d, out, 0);
      made[i]!.forEach((v, j) => expect(out[j]).toBeCloseTo(v, 12));
      // Ties fall to the first of them in imbalanced-learn's own random order.
      sizes.forEach((_, f) => expect(vote(c, 2, f, near, (ties) => orders[f]!.find(([r, code]) => r === i && ties.includes(code!))![1]!)).toBe(madeCodes[i]![f]));
    });
  });
});

const context = (fit: Table, extra: Partial<FitContext> = {}): FitContext => ({ fit, validation: fit.take([]), seed: 1, device: 'cpu', budgetSeconds: 10, protection: { enabled: true, k: 5 }, progress: async () => undefined, checkpoint: async () => undefined, ...extra });
/** Two classes, far apart in x, with a ring-shaped pair and a category that goes with the class; y is missing in a fifth of the second class. */
function simulate(n: number): Table {
  const u = new KeyStream(2, 'smote/u').uniforms(0, n), v = new KeyStream(2, 'smote/v').uniforms(0, n), z = new KeyStream(2, 'smote/z').normals(0, n), label = Int32Array.from(u, (w) => Number(w < 0.3));
  const angle = v.map((w) => 2 * Math.PI * w), number = (name: string, values: Float64Array) => numberColumn(columnSchema({ name, kind: 'real', storage: 'number' }), values);
  return makeTable(plainDialect, [
    number('x', angle.map((a, i) => 20 * label[i]! + 3 * Math.cos(a) + 0.1 * z[i]!)), number('y', angle.map((a, i) => (label[i] && i % 5 === 0 ? NaN : 3 * Math.sin(a) + 0.1 * z[i]!))),
    codeColumn(columnSchema({ name: 'tone', kind: 'category', storage: 'code' }), Int32Array.from(label, (l, i) => (l ? 2 : i % 2)), ['a', 'b', 'c']), codeColumn(columnSchema({ name: 'label', kind: 'category', storage: 'code' }), label, ['no', 'yes']),
  ]);
}
const shareOf = (t: Table, code: number): number => t.column('label').codes().filter((c) => c === code).length / t.rows;

test('SMOTE keeps classes and their shares, and the ring; given the class, all rows are of it', async () => {
  const fit = simulate(1500), g = await smote.fit(context(fit, { outcome: 'label' }), {}), made = await g.sample(3000, { seed: 4 });
  expect(Math.abs(shareOf(made, 1) - shareOf(fit, 1))).toBeLessThan(0.03);
  const x = made.column('x').numbers(), y = made.column('y').numbers(), radius = Array.from(x, (v, i) => Math.hypot(v - 20 * made.column('label').codes()[i]!, y[i]!)).filter((r) => r === r);
  expect(radius.filter((r) => r > 2.5).length / radius.length).toBeGreaterThan(0.95);
  expect(made.column('tone').codes().every((c, i) => (c === 2) === (made.column('label').codes()[i] === 1))).toBe(true);
  const real = new Set(fit.column('x').numbers());
  expect(x.filter((v) => real.has(v)).length).toBe(0);
  const yes = await g.sample(200, { seed: 4, given: makeTable(plainDialect, [codeColumn(fit.column('label').schema, new Int32Array(200).fill(1), ['no', 'yes'])]) });
  expect(shareOf(yes, 1)).toBe(1);
  expect(yes.column('x').numbers().every((v) => v > 10)).toBe(true);
  expect([g.canCondition!(['label']), g.canCondition!(['tone']), g.canCondition!(['label', 'tone'])]).toEqual([true, false, false]);
});

test('a class of one row is not repeated', async () => {
  const fit = simulate(300), lone = makeTable(fit.schema, fit.columns.map((c) => (c.schema.name === 'label' ? codeColumn(c.schema, Int32Array.from({ length: 300 }, (_, i) => Number(i === 7)), ['no', 'yes']) : c)));
  for (const generator of [smote, mixup]) {
    const made = await (await generator.fit(context(lone, { outcome: 'label' }), {})).sample(50, { seed: 3, given: makeTable(plainDialect, [codeColumn(fit.column('label').schema, new Int32Array(50).fill(1), ['no', 'yes'])]) });
    expect(made.column('x').numbers().filter((v) => v === fit.column('x').numbers()[7]).length).toBeLessThan(3);
  }
});

test('mixup stays within the hull of its class, keeps its means, and follows its Beta law', async () => {
  const fit = simulate(1500), made = await (await mixup.fit(context(fit, { outcome: 'label' }), { least: 0 })).sample(4000, { seed: 4 }), label = made.column('label').codes(), x = made.column('x').numbers();
  expect(x.every((v, i) => (label[i] ? v > 16 : v < 4))).toBe(true);
  const mean = (t: Table, of: number): number => { const own = t.column('x').numbers().filter((_, i) => t.column('label').codes()[i] === of); return own.reduce((a, b) => a + b, 0) / own.length; };
  for (const c of [0, 1]) expect(Math.abs(mean(made, c) - mean(fit, c))).toBeLessThan(0.3);
  const draw = betaDraws(0.2), u = new KeyStream(1, 'beta').uniforms(0, 20_000), b = u.map(draw), m = b.reduce((s, v) => s + v, 0) / b.length;
  expect(m).toBeCloseTo(0.5, 1);
  // The variance of Beta(a, a) is 1 / (4 (2a + 1)).
  expect(b.reduce((s, v) => s + (v - m) ** 2, 0) / b.length).toBeCloseTo(1 / (4 * 1.4), 2);
});
