/** The loop of private training: what is charged is what is run. */
import { expect, test } from 'vitest';
import { category, number, table as tableOf } from '../../../../test/conformance/generator-cases';
import { autoregressive } from '../../autoregressive/autoregressive';
import { privateContext } from './fixture';

test('the sampling rate that is charged is the one that is run, not one recorded by an attempt with another number of rows', async () => {
  const n = 200, table = tableOf(category('a', Int32Array.from({ length: n }, (_, i) => i % 3), ['x', 'y', 'z']), number('b', Float64Array.from({ length: n }, (_, i) => (i % 7) - 3)));
  const { context, charged } = privateContext(table, { extra: { resolved: { decisions: { steps: 2, q: 0.001, sigma: 3, piece: 1 } } } });
  const fitted = await autoregressive.fit(context, { batch: 50 });
  expect(charged.map((c) => c.mechanism)).toEqual([1, 2].map(() => expect.objectContaining({ kind: 'subsampled-gaussian', q: 0.25 })));
  await fitted.dispose();
});
