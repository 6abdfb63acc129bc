import { describe, expect, test } from 'vitest';
import { KeyStream, openDevice } from '../../engine';
import { layout, small, weights } from './fixture';
import { leavesWithin } from './propose';
import { Sampler } from './sample';
import { Validation } from './train';
import { single } from './versions';

describe('proposals within domains', () => {
  const bias: number[] = [];
  const random = new KeyStream(8, 'queries').integers(0, 400, 2);
  test.each([0, 1, 2, 3])('weighted rows follow the network\'s own law within random sets (query %i)', async (query) => {
    const device = await openDevice('cpu'), rows = 40_000, order = query % 2 ? [0, 1, 2] : [2, 0, 1];
    const within = new Map(order.map((c, k) => [c, Uint8Array.from({ length: layout.columns[c]!.leaves }, (_, l) => (l === k % layout.columns[c]!.leaves || random[query * 40 + k * 10 + l] ? 1 : 0))]));
    const sampler = await Sampler.open(device, layout, small, { weights: single(weights), versionOf: new Int32Array(3) }, 1024, { only: order, within });
    const { leaves, logWeight } = await sampler.proposals(rows, new KeyStream(9, 'propose'));
    await sampler.release();
    let all: number[][] = [[]];
    for (const c of layout.columns) all = all.flatMap((row) => Array.from({ length: c.leaves }, (_, l) => [...row, l]));
    const inside = all.filter((row) => row.every((l, c) => within.get(c)![l] === 1));
    const p: number[] = [];
    for (const row of inside) {
      const v = await Validation.open(device, { ...layout, order: Int32Array.from(order) }, small, Int32Array.from(row));
      p.push(Math.exp(-(await v.loss(weights)).total));
      await v.release();
    }
    const mass = p.reduce((x, y) => x + y, 0), w = logWeight.map(Math.exp), totalWeight = w.reduce((x, y) => x + y, 0);
    // The mean weight is the probability of the set itself.
    expect(totalWeight / rows).toBeCloseTo(mass, 2);
    const share = (weighted: boolean) => inside.map((row) => { let s = 0; for (let i = 0; i < rows; i++) if (row.every((l, c) => leaves.get(c)![i] === l)) s += weighted ? w[i]! / totalWeight : 1 / rows; return s; });
    const distance = (q: number[]) => q.reduce((s, x, i) => s + Math.abs(x - p[i]! / mass) / 2, 0);
    const effective = totalWeight ** 2 / w.reduce((x, y) => x + y * y, 0);
    // Expected total variation of so many effective draws over so many cells is at most half the root of cells / draws.
    expect(distance(share(true))).toBeLessThan(0.75 * Math.sqrt(inside.length / effective));
    bias[query] = distance(share(false)) / Math.sqrt(inside.length / rows);
  });

  test('without the weights the same rows are far from it', () => { expect(Math.max(...bias)).toBeGreaterThan(3); });

  test('an interval keeps the leaves it touches; the outermost stay open, since tails reach beyond their rows', () => {
    const b = layout.columns.find((c) => c.name === 'b')!;
    expect([...leavesWithin(b, { missing: false, intervals: [[1, 2]] })]).toEqual([0, 1, 1, 0]);
    expect([...leavesWithin(b, { missing: false, intervals: [[7, 9]] })]).toEqual([0, 0, 0, 1]);
    const c = layout.columns.find((x) => x.name === 'c')!;
    expect([...leavesWithin(c, { missing: true, words: new Set(['yes']) })]).toEqual([0, 1, 1]);
  });
});
