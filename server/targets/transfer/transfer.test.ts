import { describe, expect, test } from 'vitest';
import { fitLogistic } from '../../learners/linear';
import { auc } from '../../learners/metrics';
import type { Plan, TargetRequest } from '../../protocol';
import { Stream } from '../../random';
import type { Table } from '../../table/table';
import { category, empirical, modelOf, normals, real, tableOf } from '../fixture';
import type { Before, Ready } from '../purpose';
import { sameRows, transfer } from './transfer';

/** Two columns and an outcome; `y` gives the outcome's probability, or the columns follow from the outcome (label shift). */
function rows(n: number, seed: number, x: (normal: () => number) => [number, number], y: (a: number, b: number) => number): Table {
  const normal = normals(seed, 'x'), s = new Stream(seed, 'y'), a: number[] = [], b: number[] = [], c: number[] = [];
  for (let i = 0; i < n; i++) { const [u, v] = x(normal); a.push(u); b.push(v); c.push(s.uniform() < y(u, v) ? 1 : 0); }
  return tableOf(real('a', a), real('b', b), category('y', c, ['no', 'yes']));
}
const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));
type Request = Extract<TargetRequest, { purpose: 'transfer' }>;
const before = (source: Table, target: Table): Before => ({ plan: { seed: 7, rows: 800 } as Plan, source, parts: { fits: [{ fit: source, validation: source.take([]) }], training: source, trainingRows: new Int32Array(0), how: '' }, outcome: 'y', rules: [], read: async (_, names) => (names ? target.select(names) : target), log: () => undefined, progress: async () => undefined });
const drawn = async (ready: Ready, fit: Table) => (await ready.draw(modelOf(empirical(fit, false), fit), { fold: 0, folds: 1, release: 0 }, { seed: 3, progress: async () => undefined, breathe: async () => undefined }));
const request = (using: Request['using'], labels: Request['labels'] = 'none'): Request => ({ purpose: 'transfer', to: 'target.csv', labels, using });
const mean = (t: Table, name: string): number => t.column(name).numbers().reduce((s, v) => s + v, 0) / t.rows;

describe('importance weighting', () => {
  // The outcome depends on a and b alike in both tables; b is what shifts.
  const law = (a: number, b: number): number => sigmoid(1.5 * a - b * b + 1), source = rows(1500, 1, (n) => [n(), n()], law), target = rows(600, 2, (n) => [n(), 1 + 0.8 * n()], law);
  test('under covariate shift the drawn rows have the target\'s columns, and its effective size is shown', async () => {
    const ready = await transfer.prepare(request('importance'), before(source, target)), { table, facts } = await drawn(ready, source), { figures, notes } = await ready.conclude!({ whole: table, synthetic: table, tables: [table], facts });
    expect(mean(source, 'b')).toBeLessThan(0.1);
    expect(Math.abs(mean(table, 'b') - mean(target, 'b'))).toBeLessThan(0.4);
    expect(facts[0]!.how.effective!).toBeGreaterThan(100);
    const f = (id: string) => figures.find((x) => x.metric === id)!;
    expect(f('target.weights').value!).toBeGreaterThan(0.05);
    expect(f('target.weights').value!).toBeLessThan(0.9);
    expect(f('target.distance').value!).toBeLessThan(f('target.distance').reference!.value - 0.05);
    expect(notes.join(' ')).toContain('cross-validation');
  });
  test('label shift is refused: with labels by a test of the outcome given the columns, without by what explains the shift', async () => {
    const shifted = (n: number, seed: number, p: number): Table => { const normal = normals(seed, 'x'), s = new Stream(seed, 'y'), y = Int32Array.from({ length: n }, () => (s.uniform() < p ? 1 : 0)); return tableOf(real('a', Float64Array.from(y, (v) => 1.6 * v + normal())), real('b', Float64Array.from(y, (v) => v + normal())), category('y', y, ['no', 'yes'])); };
    const from = shifted(1500, 3, 0.25), to = shifted(700, 4, 0.8);
    await expect(transfer.prepare(request('importance', 'none'), before(from, to))).rejects.toThrow('explains the shift');
    await expect(transfer.prepare(request('importance', 'some'), before(from, to))).rejects.toThrow('other outcomes');
  });
  test('with labels, covariate shift passes', async () => { await expect(transfer.prepare(request('importance', 'some'), before(source, target))).resolves.toBeDefined(); });
  test('tables that hardly overlap are refused', async () => {
    const far = rows(300, 5, (n) => [6 + 0.3 * n(), 8 + 0.3 * n()], law);
    await expect(transfer.prepare(request('importance'), before(source, far))).rejects.toThrow('overlap too little');
  });
  test('where the target holds the source\'s own rows, that is what is said', () => {
    const far = rows(300, 5, (n) => [6 + 0.3 * n(), 8 + 0.3 * n()], law), own = source.rows.toLocaleString('en');
    expect(sameRows(source, source, ['a', 'b'], 'somewhere/target.csv')!.toText()).toContain(`target.csv: holds rows of the source: ${own} of ${own}`);
    expect(sameRows(source, far, ['a', 'b'], 'target.csv')).toBeUndefined();
  });
});

describe('optimal transport', () => {
  // The target measures a and b on other scales (the gradient of a convex function, so transport can undo it); the source's rule, a + b, points elsewhere there.
  const source = rows(300, 1, (n) => [n(), n()], (a, b) => sigmoid(3 * (a + b))), target = rows(600, 2, (n) => [0.3 * n() + 2, 3 * n() - 1], (a, b) => sigmoid(3 * ((a - 2) / 0.3 + (b + 1) / 3)));
  const half = target.take(Int32Array.from({ length: 300 }, (_, i) => i)), other = target.take(Int32Array.from({ length: 300 }, (_, i) => 300 + i));
  const judged = async (train: Table, on: Table): Promise<number> => {
    const dense = (t: Table) => ({ rows: t.rows, width: 2, names: ['a', 'b'], values: Float64Array.from({ length: 2 * t.rows }, (_, k) => t.column(k % 2 ? 'b' : 'a').numbers()[k >> 1]!) }), y = (t: Table) => Float64Array.from(t.column('y').codes());
    return auc(y(on), (await fitLogistic(dense(train), y(train), 2)).probabilities(dense(on)));
  };
  test.each(['none', 'some'] as const)('a model trained on the moved sample of half the target does better on the other half than source-only training (labels: %s)', async (labels) => {
    const ready = await transfer.prepare(request('optimal_transport', labels), before(source, half)), learnt = ready.parts!.training, moved = learnt.take(Int32Array.from({ length: learnt.rows - (labels === 'some' ? half.rows : 0) }, (_, i) => i)), { table } = await drawn(ready, ready.parts!.fits[0]!.fit);
    const plain = await judged(source, other), better = await judged(table, other);
    expect(better).toBeGreaterThan(plain + 0.05);
    expect(better).toBeGreaterThan(0.85);
    // Echoing target rows would be no transfer: no moved row is one (labelled ones are learnt beside them).
    const key = (t: Table, i: number): string => `${t.column('a').numbers()[i]!} ${t.column('b').numbers()[i]!}`, there = new Set(Array.from({ length: half.rows }, (_, i) => key(half, i)));
    expect(Array.from({ length: moved.rows }, (_, i) => key(moved, i)).filter((k) => there.has(k))).toEqual([]);
    expect(mean(moved, 'a')).toBeCloseTo(mean(half, 'a'), 0);
    // Barycentres alone would shrink the cloud.
    const spread = (t: Table, n: string): number => Math.sqrt(t.column(n).numbers().reduce((s, v) => s + (v - mean(t, n)) ** 2, 0) / t.rows);
    expect(spread(moved, 'a') / spread(half, 'a')).toBeGreaterThan(0.8);
  });
});
