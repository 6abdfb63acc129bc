import { expect, test } from 'vitest';
import { KeyStream } from '../../engine';
import { codeColumn, columnSchema, makeTable, numberColumn, plainDialect } from '../../table/columns';
import { autoregressive } from './autoregressive';

// x is 0 or 1; y depends on x; y is missing for most rows of x = 1 (at random given x). The seen share of y = 1 is far from the whole's.
const n = 6000, u = new KeyStream(5, 'cells').uniforms(0, 3 * n);
const x = Int32Array.from({ length: n }, (_, i) => (u[i]! < 0.5 ? 1 : 0)), truth = x.map((v, i) => (u[n + i]! < (v ? 0.9 : 0.2) ? 1 : 0));
const y = truth.map((v, i) => (u[2 * n + i]! < (x[i] ? 0.7 : 0.1) ? -1 : v)), z = Float64Array.from(truth, (v, i) => (i % 5 === 0 ? NaN : 10 * v + (i % 3)));
const table = makeTable(plainDialect, [
  codeColumn(columnSchema({ name: 'x', kind: 'category', storage: 'code' }), x, ['a', 'b']), codeColumn(columnSchema({ name: 'y', kind: 'category', storage: 'code' }), y, ['no', 'yes']),
  numberColumn(columnSchema({ name: 'z', kind: 'integer', storage: 'number' }), z),
]);

test('cells that were not seen are filled from the conditional given the rest of their row, the others stay, and nothing drawn is missing', async () => {
  const g = await autoregressive.fit({ fit: table.select(['x', 'y']), validation: table.select(['x', 'y']).take([]), missing: 'unobserved', seed: 3, device: 'cpu', budgetSeconds: 1e6, protection: { enabled: false, k: 5 }, progress: async () => undefined, checkpoint: async () => undefined },
    { steps: 500, dropout: 0, weightDecay: 0, anyOrder: 0.5, hidden: 16, embedding: 8, batch: 128 });
  const again = await autoregressive.load(g.save(), 'cpu'), filled = await again.impute!(table.select(['x', 'y']), { seed: 4 }), made = filled.column('y').codes();
  expect(filled.column('y').missingCount).toBe(0);
  y.forEach((v, i) => { if (v >= 0 && made[i] !== v) throw new Error(`row ${i} changed`); });
  for (const [value, share] of [[1, 0.9], [0, 0.2]] as const) {
    const rows = [...y.keys()].filter((i) => y[i]! < 0 && x[i] === value), yes = rows.filter((i) => made[i] === 1).length / rows.length;
    expect(Math.abs(yes - share)).toBeLessThan(value ? 0.05 : 0.09);
  }
  // Fed as a "missing" code, or with the seen marginal, the whole's share would be near the seen one's .37 instead of .55.
  expect(made.reduce((a, b) => a + b, 0) / n).toBeCloseTo(0.55, 1);
  expect((await again.sample(500, { seed: 1 })).column('y').missingCount).toBe(0);
});

test('one program serves every pattern of missing cells, and rows with nothing but missing cells', async () => {
  const fit = { fit: table, validation: table.take([]), missing: 'unobserved' as const, seed: 3, device: 'cpu' as const, budgetSeconds: 1e6, protection: { enabled: false, k: 5 }, progress: async () => undefined, checkpoint: async () => undefined };
  const g = await autoregressive.fit(fit, { steps: 400, dropout: 0, weightDecay: 0, anyOrder: 0.6, hidden: 16, embedding: 8, batch: 128 }), filled = await g.impute!(table, { seed: 4 });
  expect(filled.columns.map((c) => c.missingCount)).toEqual([0, 0, 0]);
  // z tells y exactly: a cell of y whose row has z follows z, not x.
  const known = [...y.keys()].filter((i) => y[i]! < 0 && !Number.isNaN(z[i]!)), agree = known.filter((i) => (filled.column('y').codes()[i] === 1) === (z[i]! >= 10)).length / known.length;
  expect(agree).toBeGreaterThan(0.95);
});
