/** Rows made for a noised critic: what the argument of privacy asks of them. */
import { expect, test } from 'vitest';
import { KeyStream, openDevice } from '../../engine';
import { mixedTable } from '../blocks/mixed-fixture';
import { privateContext } from '../blocks/private/fixture';
import { privateModal } from '../blocks/private/marginal-table';
import { conditionWidth, ganParams, type GanSizes } from './ctgan-step';
import { GeneratorTurns, madeRows, Maker, categoryShares } from './private';

test('the critic\'s made rows are independent draws from one block for all batches between two turns, so that none tells its batch or its place', async () => {
  const table = mixedTable(800), { context } = privateContext(table), { kept } = await privateModal(table, context.privacy, { components: 3, atoms: true, valuesAsCategories: 20, maxCategories: 50 }), { layout: l } = kept;
  const s: GanSizes = { embedding: 4, hidden: 8, layers: 1, pac: 1, criticSteps: 2, dropout: 0, batch: 20 }, shares = categoryShares(kept.features.categories.map((f) => f.shares)), device = await openDevice('cpu'), stream = new KeyStream(1, 'made');
  const learner = await GeneratorTurns.open(device, l, s, shares, { l2: 0 }, stream.child('turns')), maker = await Maker.open(device, l, s, shares, learner, stream), W = l.width + conditionWidth(l, s);
  const drawn = async (batch: number): Promise<string[]> => { const { fake } = await maker.rows(6000, stream.child(`batch ${batch}`)); return Array.from({ length: 6000 }, (_, i) => (fake as Float32Array).subarray(i * W, (i + 1) * W).join()); };
  const batches = [await drawn(0), await drawn(1)] as const, one = new Set(batches[0]), both = new Set([...one, ...batches[1]]);
  // Of n places, with replacement: 1 - exp(-draws / n) of them are met.
  expect(one.size / madeRows).toBeCloseTo(1 - Math.exp(-6000 / madeRows), 1);
  expect(both.size / madeRows).toBeCloseTo(1 - Math.exp(-12000 / madeRows), 1);
  expect(both.size).toBeLessThanOrEqual(madeRows);
  // Another generator's rows after a turn.
  const random = stream.child('critic');
  await learner.turn(Object.fromEntries(Object.entries(ganParams(l, s).critic).map(([n, p]) => [n, { shape: p.shape, values: Float32Array.from(random.child(n).normals(0, p.shape.reduce((a, b) => a * b, 1))) }])), 1e-2);
  expect((await drawn(2)).filter((row) => both.has(row))).toEqual([]);
  await maker.release();
  await learner.release();
});
