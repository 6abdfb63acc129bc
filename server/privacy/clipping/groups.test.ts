import { expect, test } from 'vitest';
import { KeyStream } from '../../random';
import { epsilonFor } from '../accountant/accountant';
import { allot, clipFactors, even, flatMultiplier, multiplier, totalNoise, type Group } from './groups';

const cases: Group[][] = [
  [{ clip: 1, size: 10 }, { clip: 1, size: 10_000 }],
  [{ clip: 0.1, size: 512 }, { clip: 2, size: 262_144 }, { clip: 0.7, size: 3 }],
  [{ clip: 3, size: 7 }, { clip: 0.01, size: 900 }, { clip: 1, size: 1 }, { clip: 0.5, size: 40_000 }, { clip: 0.5, size: 64 }],
];

/** Least total noise at multiplier m, found without the formula: steps of random direction in the logarithms of the ratios, kept when better, ever smaller. */
function search(groups: Group[], m: number): number[] {
  const stream = new KeyStream(1, 'search');
  let best = even(groups, m), least = totalNoise(groups, best), size = 1, at = 0;
  while (size > 1e-9) {
    let better = false;
    for (let k = 0; k < 60; k++) {
      const step = stream.normals(at, groups.length);
      at += groups.length;
      const tried = best.map((s, i) => s * Math.exp(size * step[i])), scale = m / multiplier(groups, tried), scaled = tried.map((s) => s * scale), noise = totalNoise(groups, scaled);
      if (noise < least) { best = scaled; least = noise; better = true; }
    }
    if (!better) size /= 2;
  }
  return best;
}

test.each(cases)('the least total noise found by search is the formula\'s', (...groups) => {
  const m = 1.3, formula = allot(groups, m), found = search(groups, m);
  expect(totalNoise(groups, found) / totalNoise(groups, formula)).toBeCloseTo(1, 9);
  expect(totalNoise(groups, found)).toBeGreaterThan(totalNoise(groups, formula) * (1 - 1e-12));
  found.forEach((s, i) => expect(s / formula[i]).toBeCloseTo(1, 3));
  expect(totalNoise(groups, formula) / (m * groups.reduce((s, g) => s + g.clip * Math.sqrt(g.size), 0)) ** 2).toBeCloseTo(1, 12);
  // Worth exactly what was asked, as even noise is, which is larger.
  expect(multiplier(groups, formula)).toBeCloseTo(m, 12);
  expect(multiplier(groups, even(groups, m))).toBeCloseTo(m, 12);
  expect(totalNoise(groups, even(groups, m))).toBeGreaterThan(totalNoise(groups, formula) * 1.01);
});

test('the cost is that of the groups released one after another: sum of (C/s)^2', () => {
  const groups = cases[1], sds = [0.4, 5, 2.2], delta = 1e-6;
  const joint = epsilonFor([{ mechanism: { kind: 'gaussian', sigma: multiplier(groups, sds) }, count: 1 }], delta);
  const apart = epsilonFor(groups.map((g, i) => ({ mechanism: { kind: 'gaussian', sigma: sds[i] / g.clip }, count: 1 })), delta);
  expect(joint.epsilon).toBeCloseTo(apart.epsilon, 10);
  // By hand: (.1/.4)^2 + (2/5)^2 + (.7/2.2)^2.
  expect(multiplier(groups, sds) ** -2).toBeCloseTo(0.0625 + 0.16 + 0.49 / 4.84, 12);
});

test('with one clip over all, the least noised group decides', () => {
  expect(flatMultiplier(2, [1, 4, 9])).toBe(0.5);
});

test('factors bring every group of every example within its clip, and no number that is none comes through', () => {
  const groups = cases[0], norms = [0.5, 4, 1, 0, Number.NaN, Infinity];
  expect([...clipFactors(norms, groups)]).toEqual([1, 0.25, 1, 1, 0, 0]);
  expect(() => clipFactors([1, 2, 3], groups)).toThrow('3 norms for 2 groups');
  expect(() => allot([], 1)).toThrow('no groups');
  expect(() => allot([{ clip: 0, size: 1 }], 1)).toThrow('clip 0');
  expect(() => multiplier(groups, [1])).toThrow(RangeError);
  expect(multiplier(groups, [0, 1])).toBe(0);
});
