import { describe, expect, test } from 'vitest';
import { chiSquaredTail, normalCdf } from '../../learners/distributions';
import { epsilonFor } from '../accountant/accountant';
import { bernoulliExp, discreteGaussian, discreteLaplace, fractionAbove, toNumber } from './discrete';
import { noisyHistogram } from './histogram';
import { keepProbabilities, selectCounts, selectPartitions, threshold } from './partitions';
import { poissonSample } from './sample';
import { NoiseSource } from './source';
import { addGaussian } from './vector';

const keyed = (n: number) => new NoiseSource(new Uint8Array(32).fill(n));

/** The p-value that draws have probabilities pmf(z) for z in [-reach, reach] and the rest in one cell. */
function fits(draws: number[], reach: number, pmf: (z: number) => number): number {
  const seen = new Array(2 * reach + 2).fill(0);
  for (const z of draws) seen[Math.abs(z) <= reach ? z + reach : 2 * reach + 1]++;
  const expected = Array.from({ length: 2 * reach + 1 }, (_, i) => pmf(i - reach));
  expected.push(1 - expected.reduce((s, p) => s + p));
  expect(Math.min(...expected) * draws.length).toBeGreaterThan(5);
  const x = seen.reduce((s, n, i) => s + (n - expected[i] * draws.length) ** 2 / (expected[i] * draws.length), 0);
  return chiSquaredTail(x, expected.length - 1);
}
const gaussianPmf = (sigma: number) => {
  let total = 0;
  for (let z = -200; z <= 200; z++) total += Math.exp(-z * z / (2 * sigma * sigma));
  return (z: number) => Math.exp(-z * z / (2 * sigma * sigma)) / total;
};
const laplacePmf = (scale: number) => (z: number) => Math.tanh(1 / (2 * scale)) * Math.exp(-Math.abs(z) / scale);

describe('samplers against their exact probabilities (chi-squared)', () => {
  test.each([[0.8, 2], [1.3, 3], [7.25, 15]])('discrete Gaussian, sigma %d', (sigma, reach) => {
    const source = keyed(1), f = fractionAbove(sigma), draws = Array.from({ length: 20_000 }, () => Number(discreteGaussian(f, source)));
    expect(fits(draws, reach, gaussianPmf(sigma))).toBeGreaterThan(0.001);
    // The test can fail: a fourteenth less noise is seen.
    expect(fits(draws, reach, gaussianPmf(sigma * 0.93))).toBeLessThan(0.001);
  });
  test.each([[0.5, 2], [2.75, 8]])('discrete Laplace, scale %d', (scale, reach) => {
    const source = keyed(2), f = fractionAbove(scale), draws = Array.from({ length: 20_000 }, () => Number(discreteLaplace(f, source)));
    expect(fits(draws, reach, laplacePmf(scale))).toBeGreaterThan(0.001);
    expect(fits(draws, reach, laplacePmf(scale * 0.9))).toBeLessThan(0.001);
  });
  test.each([[0n, 1n, 1], [1n, 3n, Math.exp(-1 / 3)], [1n, 1n, Math.exp(-1)], [5n, 2n, Math.exp(-2.5)]])('true with probability e^-(%d/%d)', (top, bottom, p) => {
    const source = keyed(3), n = 8000;
    let hits = 0;
    for (let i = 0; i < n; i++) if (bernoulliExp(top, bottom, source)) hits++;
    expect(Math.abs(hits / n - p)).toBeLessThanOrEqual(3.5 * Math.sqrt(p * (1 - p) / n));
  });
});

describe('source', () => {
  test('uniform below numbers of any size; different without a key', () => {
    const source = keyed(4), cells = new Array(7).fill(0);
    for (let i = 0; i < 7000; i++) cells[Number(source.below(7n))]++;
    expect(chiSquaredTail(cells.reduce((s, c) => s + (c - 1000) ** 2 / 1000, 0), 6)).toBeGreaterThan(0.001);
    const big = 3n << 70n;
    const thirds = [0, 0, 0];
    for (let i = 0; i < 3000; i++) thirds[Number(source.below(big) >> 70n)]++;
    expect(chiSquaredTail(thirds.reduce((s, c) => s + (c - 1000) ** 2 / 1000, 0), 2)).toBeGreaterThan(0.001);
    expect(new NoiseSource().below(1n << 200n)).not.toBe(new NoiseSource().below(1n << 200n));
    expect(keyed(5).below(1n << 200n)).toBe(keyed(5).below(1n << 200n));
    expect(() => source.below(0n)).toThrow(RangeError);
    expect(() => new NoiseSource(new Uint8Array(3))).toThrow();
  });
});

test('fractions are never below what was asked for', () => {
  for (const x of [0.1, 1, Math.PI, 12345.678, 1e-9, 3e12]) {
    expect(toNumber(fractionAbove(x))).toBeGreaterThanOrEqual(x);
    expect(toNumber(fractionAbove(x)) / x).toBeLessThan(1 + 2e-7);
  }
  expect(fractionAbove(2.5)).toEqual({ top: 5n, bottom: 2n });
});

describe('histogram', () => {
  test('noise of the size charged, on empty bins too', () => {
    const bins = new Array(4000).fill(0).map((_, i) => (i % 2 ? 100 : 0));
    for (const noise of [{ epsilon: 0.5 }, { sigma: 3 }]) {
      const { counts, mechanism } = noisyHistogram(bins, noise, keyed(6));
      const errors = counts.map((c, i) => c - bins[i]), variance = errors.reduce((s, e) => s + e * e, 0) / errors.length;
      const exact = 'sigma' in noise ? 9 : 1 / (2 * Math.sinh(0.25) ** 2);
      expect(variance / exact).toBeGreaterThan(0.88);
      expect(variance / exact).toBeLessThan(1.12);
      const cost = epsilonFor([{ mechanism, count: 1 }], 1e-6).epsilon;
      if ('epsilon' in noise) expect(cost).toBeLessThanOrEqual(0.5);
      else expect(cost).toBeGreaterThan(1);
    }
    expect(() => noisyHistogram([1.5], { epsilon: 1 }, keyed(6))).toThrow('count of 1.5');
    expect(() => noisyHistogram([1], { epsilon: -1 }, keyed(6))).toThrow(RangeError);
  });
});

describe('categories', () => {
  const privacy = { epsilon: 0.8, delta: 1e-5 };
  test('the optimal rule is private for every count, in both directions', () => {
    const p = keepProbabilities(privacy), up = Math.exp(privacy.epsilon);
    expect(p[1]).toBeLessThanOrEqual(privacy.delta);
    expect(p[p.length - 1]).toBe(1);
    for (let n = 0; n + 1 < p.length; n++) {
      const [a, b] = [p[n], p[n + 1]];
      for (const [x, y] of [[a, b], [b, a], [1 - a, 1 - b], [1 - b, 1 - a]]) expect(x).toBeLessThanOrEqual(up * y + privacy.delta);
      expect(b).toBeGreaterThan(a);
    }
    // Half-way at 1 + about log(1/delta)/eps rows.
    expect(p.findIndex((x) => x >= 0.5)).toBeGreaterThan(10);
    expect(p.findIndex((x) => x >= 0.5)).toBeLessThan(18);
  });
  test('the threshold gives a single row away with probability delta at most, and one lower would not', () => {
    const a = Math.exp(-privacy.epsilon), chance = (tau: number) => a ** (tau - 1) / (1 + a);
    expect(chance(threshold(privacy))).toBeLessThanOrEqual(privacy.delta);
    expect(chance(threshold(privacy) - 1)).toBeGreaterThan(privacy.delta);
  });
  test('common categories stay, single ones go, the order of rows leaves no trace', () => {
    const pairs: [string, number][] = [['b', 5000], ['a', 4000], ...Array.from({ length: 300 }, (_, i): [string, number] => [`rare ${i}`, 1]), ['none', 0]];
    const chosen = selectPartitions(new Map(pairs), privacy, keyed(7));
    expect(chosen.names).toEqual(['a', 'b']);
    expect(selectPartitions(new Map([...pairs].reverse()), privacy, keyed(7)).names).toEqual(chosen.names);
    const { counts, mechanism } = selectCounts(new Map(pairs), privacy, keyed(8));
    expect([...counts.keys()]).toEqual(['a', 'b']);
    expect(Math.abs(counts.get('b')! - 5000)).toBeLessThan(30);
    expect(mechanism).toMatchObject({ kind: 'approximate', delta: 1e-5 });
    expect(() => selectPartitions(new Map(), { epsilon: 1, delta: 0 }, keyed(1))).toThrow('delta 0');
  });
  test('a category of some rows is kept as often as the rule says', () => {
    const loose = { epsilon: 0.5, delta: 0.05 }, p = keepProbabilities(loose), n = 4, source = keyed(9);
    const many = new Map(Array.from({ length: 4000 }, (_, i) => [`c${i}`, n] as const));
    const share = selectPartitions(many, loose, source).names.length / 4000;
    expect(Math.abs(share - p[n])).toBeLessThan(3.5 * Math.sqrt(p[n] * (1 - p[n]) / 4000));
  });
});

test('a Poisson sample: everyone with the same chance, and a size that varies as it must', () => {
  const source = keyed(12), n = 500, q = 0.03, draws = 400, seen = new Array(n).fill(0), sizes: number[] = [];
  for (let k = 0; k < draws; k++) { const s = poissonSample(n, q, source); sizes.push(s.length); for (const i of s) seen[i]++; }
  // Binomial counts against their own variance; sizes likewise (a fixed batch size would give 0).
  const spread = (xs: number[], mean: number, variance: number) => chiSquaredTail(xs.reduce((s, x) => s + (x - mean) ** 2 / variance, 0), xs.length);
  for (const p of [spread(seen, draws * q, draws * q * (1 - q)), spread(sizes, n * q, n * q * (1 - q))]) { expect(p).toBeGreaterThan(0.001); expect(p).toBeLessThan(0.999); }
  expect(poissonSample(5, 1, source)).toEqual(Uint32Array.of(0, 1, 2, 3, 4));
  expect(poissonSample(5, 0, source).length).toBe(0);
  expect(() => poissonSample(5, 1.1, source)).toThrow('probability 1.1');
});

describe('vector noise', () => {
  test('normal, on the grid, and the multiplier a little less than asked', () => {
    const d = 20_000, x = Float64Array.from({ length: d }, (_, i) => Math.sin(i) * 0.01), { sum, sigma, granularity: g } = addGaussian(x, { clip: 2, sigma: 1.5 }, keyed(10));
    expect(Number.isInteger(Math.log2(g))).toBe(true);
    for (const s of sum) if (s / g !== Math.round(s / g)) throw new Error('off the grid');
    expect(sigma).toBeLessThan(1.5);
    expect(sigma).toBeGreaterThan(1.498);
    const cells = new Array(20).fill(0);
    sum.forEach((s, i) => { cells[Math.min(19, Math.floor(20 * normalCdf((s - x[i]) / 3)))]++; });
    expect(chiSquaredTail(cells.reduce((t, c) => t + (c - d / 20) ** 2 / (d / 20), 0), 19)).toBeGreaterThan(0.001);
  });
  test('a sum that the grid cannot hold is refused, its arithmetic is paid for', () => {
    expect(() => addGaussian([1e300], { clip: 1, sigma: 1 }, keyed(11))).toThrow('beyond the grid');
    expect(() => addGaussian([Number.NaN], { clip: 1, sigma: 1 }, keyed(11))).toThrow('beyond the grid');
    expect(() => addGaussian([1], { clip: 1, sigma: 0 }, keyed(11))).toThrow('sigma 0');
    expect(addGaussian([0], { clip: 1, sigma: 1, error: 0.05 }, keyed(11)).sigma).toBeCloseTo(1 / 1.1, 2);
  });
});

test('uniforms are the words in their order, wherever a block ends and whatever was read before', () => {
  const key = new Uint8Array(32).fill(9), one = new NoiseSource(key), words = new NoiseSource(key), after = (): number => { const high = words.uint32(), low = words.uint32(); return high * 2 ** -32 + (low + 0.5) * 2 ** -64; };
  // 24 bytes a turn and blocks of 2^16: a turn straddles every end; from turn 4,000 on words no longer lie on fours.
  for (let i = 0; i < 8000; i++) {
    if (i === 4000) expect(one.bit()).toBe(words.bit());
    const [a, b, c, d] = [words.uint32(), words.uint32(), words.uint32(), words.uint32()];
    expect(one.uniform(true)).toBe(Math.min(a * 2 ** -32 + b * 2 ** -64 + c * 2 ** -96 + (d + 0.5) * 2 ** -128, 1 - 2 ** -53));
    expect(one.uniform()).toBe(Math.min(after(), 1 - 2 ** -53));
  }
});
