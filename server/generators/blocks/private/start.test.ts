/** Where private training begins: at the columns by themselves. */
import { expect, test } from 'vitest';
import { category, number, table as tableOf } from '../../../../test/conformance/generator-cases';
import { openDevice } from '../../../engine';
import { privateView } from '../../diffusion/private';
import { tabddpm } from '../../diffusion/tabddpm';
import { privateContext } from './fixture';
import { marginalTable } from './marginal-table';
import { independentTable } from './start';

const n = 1200, table = tableOf(category('a', Int32Array.from({ length: n }, (_, i) => (i % 10 === 0 ? 1 : i % 3 === 0 ? 2 : 0)), ['x', 'y', 'z']), category('b', Int32Array.from({ length: n }, (_, i) => (i % 10 === 0 ? 1 : 0)), ['no', 'yes']), number('v', Float64Array.from({ length: n }, (_, i) => (i % 10 === 0 ? 3 : -1) + (i % 7) / 7)));
const key = (k: number): Uint8Array => new Uint8Array(32).fill(k);
const shareOf = (codes: Int32Array, of: number): number => codes.filter((c) => c === of).length / codes.length;

test('made rows have the released marginals, and nothing else: columns in no relation, and of no real row', () => {
  const { columns } = privateContext(table).context.privacy, made = independentTable(table, columns, key(1)), sorted = marginalTable(table, columns);
  const a = made.column('a').codes(), b = made.column('b').codes();
  expect(Array.from(a).sort()).toEqual(Array.from(sorted.column('a').codes()).sort());
  const both = a.reduce((s, c, i) => s + Number(c === 1 && b[i] === 1), 0) / made.rows;
  // In the table every "y" is a "yes".
  expect(both).toBeCloseTo(shareOf(a, 1) * shareOf(b, 1), 2);
  expect(Array.from(independentTable(table.take([]), columns, key(1)).column('a').codes())).toEqual(Array.from(a));
  expect(Array.from(independentTable(table, columns, key(2)).column('a').codes())).not.toEqual(Array.from(a));
});

test('with hardly a step on real rows, what is drawn has the marginals already', async () => {
  const device = await openDevice('cpu'), keys = [1, 2, 3], off = { a: 0, b: 0 };
  // The mean over draws of the noise: a single one strays by as much as a third of the bound.
  for (const key of keys) {
    const { context } = privateContext(table, { epsilon: 0.5, key });
    expect(device && privateView(context, '', { valuesAsCategories: 20, maxCategories: 50 }).layout.sizes.length).toBeGreaterThan(0);
    const fitted = await tabddpm.fit({ ...context, budgetSeconds: 60 }, { steps: 60, width: 48, layers: 1, timesteps: 50, samplingSteps: 50, learningRate: 5e-3 });
    const made = await fitted.sample(1500, { seed: 1 });
    for (const name of ['a', 'b'] as const) off[name] += Math.abs(shareOf(made.column(name).codes(), 1) - shareOf(table.column(name).codes(), 1)) / keys.length;
    await fitted.dispose();
  }
  expect(off.a).toBeLessThan(0.08);
  expect(off.b).toBeLessThan(0.08);
});
