import { describe, expect, test } from 'vitest';
import golden from '../../../test/golden/privacy/audit.json';
import { openDevice } from '../../engine';
import { KeyStream } from '../../random';
import { boundsFrom, geometric, geometricCounts } from '../../targets/release/private/bounds';
import { epsilonFor } from '../accountant/accountant';
import { noisyHistogram } from '../mechanisms/histogram';
import { poissonSample } from '../mechanisms/sample';
import { NoiseSource } from '../mechanisms/source';
import { audit } from './audit';
import { lowerBound, pValue } from './bound';
import { openCanaries, whiteBox } from './canaries';
import { evidence } from './evidence';
import { poissonMembership } from './membership';
import { lessNoise, type Plant } from './planted';
import { claimFor, extremeRows, rawEnds, scoreByEnds, simulate, tableColumns } from './simulated';

const source = (k: number, purpose = 'audit'): NoiseSource => new NoiseSource(new KeyStream(k, purpose));
const delta = 1e-5;

describe('the bound', () => {
  test.each(golden.rows as number[][])('%d canaries, %d guesses, %d right, delta %d, epsilon %d: as SciPy says', (canaries, guessed, correct, d, epsilon, p, bound) => {
    const guesses = { canaries: canaries!, guessed: guessed!, correct: correct! };
    expect(Math.abs(pValue(guesses, epsilon!, d!) - p!)).toBeLessThan(1e-9 + 1e-8 * p!);
    expect(lowerBound(guesses, d!)).toBeCloseTo(bound!, 6);
  });
  test.each(golden.published as number[][])('published: %d canaries, %d guesses, %d right, delta %d: epsilon %d', (canaries, guessed, correct, d, epsilon) => {
    // One unit of the last printed digit: one of the two is rounded down.
    expect(Math.abs(lowerBound({ canaries: canaries!, guessed: guessed!, correct: correct! }, d!) - epsilon!)).toBeLessThan(1e-3);
  });
  test('by hand', () => {
    // All of 5 right: q^5 with q = 3/4 at epsilon log 3; refuted to q = .05^(1/5).
    expect(pValue({ canaries: 9, guessed: 5, correct: 5 }, Math.log(3), 0)).toBeCloseTo(0.75 ** 5, 12);
    expect(lowerBound({ canaries: 9, guessed: 5, correct: 5 }, 0)).toBeCloseTo(Math.log(0.05 ** 0.2 / (1 - 0.05 ** 0.2)), 8);
    // Two right of two at epsilon 0: W is 0, 1, 2 with 1/4, 1/2, 1/4; alpha = max(1/2, 3/4 / 2), so 1/4 + 2 * 10 * .01 / 2.
    expect(pValue({ canaries: 10, guessed: 2, correct: 2 }, 0, 0.01)).toBeCloseTo(0.35, 12);
    expect(pValue({ canaries: 10, guessed: 2, correct: 0 }, 1, 0.01)).toBe(1);
    expect(lowerBound({ canaries: 10, guessed: 0, correct: 0 }, delta)).toBe(0);
    expect(pValue({ canaries: 10, guessed: 2, correct: 2 }, 800, 0.01)).toBe(1);
  });
  test('what means nothing is refused', () => {
    for (const bad of [{ canaries: 5, guessed: 6, correct: 1 }, { canaries: 5, guessed: 2, correct: 3 }, { canaries: 5, guessed: 2, correct: 0.5 }]) expect(() => pValue(bad, 1, 0)).toThrow(RangeError);
    expect(() => lowerBound({ canaries: 5, guessed: 2, correct: 1 }, -1)).toThrow(RangeError);
    expect(() => pValue({ canaries: 5, guessed: 2, correct: 1 }, Number.NaN, 0)).toThrow(RangeError);
  });
  test('is tight where it can be: randomised response is refuted in about 5% of the audits, not more', async () => {
    // Every coin told rightly with probability e / (1 + e), the others left at that: epsilon 1, and no audit of it can do better.
    const right = Math.E / (1 + Math.E), audits = 1000;
    let refuted = 0;
    for (let a = 0; a < audits; a++) {
      const told = source(a, 'answers');
      refuted += Number((await audit((members) => members.map((m) => Number((told.uniform() < right) === m)), { canaries: 200, guesses: 100, delta: 0, coins: source(a) })).lowerBound > 1);
    }
    // Binomial(1000, .05) is beyond 73 in one of 1,000; discrete guesses make the level a little less than 5%.
    expect(refuted).toBeLessThanOrEqual(73);
    expect(refuted).toBeGreaterThanOrEqual(15);
  });
});

test('the audit guesses highest in, lowest out, and abstains between', async () => {
  let seen: boolean[] = [];
  const all = await audit((members) => (seen = members).map(Number), { canaries: 100, guesses: 40, delta: 0, coins: source(1) });
  expect(all).toEqual({ correct: 40, guessed: 40, lowerBound: lowerBound({ canaries: 100, guessed: 40, correct: 40 }, 0) });
  expect(seen.filter(Boolean).length).toBeGreaterThan(30);
  expect(seen.filter(Boolean).length).toBeLessThan(70);
  expect((await audit((members) => members.map((m) => -Number(m)), { canaries: 100, guesses: 40, delta: 0, coins: source(1) })).correct).toBe(0);
  await expect(audit(() => [1, Number.NaN], { canaries: 2, guesses: 1, delta: 0 })).rejects.toThrow('canary 1 is no number');
  await expect(audit(() => [1], { canaries: 2, guesses: 1, delta: 0 })).rejects.toThrow('1 scores for 2');
  await expect(audit(() => [1], { canaries: 2, guesses: 3, delta: 0 })).rejects.toThrow(RangeError);
});

test('evidence is the logarithm of a likelihood ratio, far out too', () => {
  const density = (x: number, mean: number): number => Math.exp(-((x - mean) ** 2) / (2 * 0.7 ** 2));
  for (const x of [-2, 0, 0.4, 1, 3]) for (const q of [0.1, 0.5, 1]) expect(evidence(x, 0.7, q)).toBeCloseTo(Math.log((1 - q) + (q * density(x, 1)) / density(x, 0)), 10);
  expect(evidence(1e4, 0.1, 0.01)).toBeCloseTo((1e4 - 0.5) / 0.01 + Math.log(0.01), 3);
  expect(evidence(-1e4, 0.1, 0.01)).toBeCloseTo(Math.log(0.99), 12);
});

test('simulated: the claim holds in every one of ten audits, half the noise does not', async () => {
  const claim = claimFor(2, delta, 1, 1), run = (a: number, noise: number) => audit((members) => simulate(claim, members, new KeyStream(a, 'release'), { noise }), { canaries: 20_000, guesses: 500, delta, coins: source(a) });
  let right = 0, wrong = 0;
  for (let a = 0; a < 10; a++) { right += Number((await run(a, 1)).lowerBound > claim.epsilon); wrong += Number((await run(a, 0.5)).lowerBound > claim.epsilon); }
  expect(right).toBe(0);
  // With power .9, fewer than 6 of 10 are found once in 600.
  expect(wrong).toBeGreaterThanOrEqual(6);
});

describe('the real trainer, step by step', () => {
  const canaries = 2000;
  const run = async (k: number, q: number, steps: number, sigma: number, plant: Plant = (t) => t): Promise<{ epsilon: number; bound: number }> => {
    const device = await openDevice('cpu');
    let multiplier = 0;
    const { lowerBound: bound } = await audit(async (members) => {
      const trainer = plant(await openCanaries(device, members, { q, norm: 3, noise: source(k, 'training'), mostRows: 512 })), plan = trainer.plan(sigma);
      multiplier = plan.multiplier;
      const scores = await whiteBox(trainer, plan, steps, canaries);
      await trainer.release();
      return scores;
    }, { canaries, guesses: 200, delta, coins: source(k) });
    return { epsilon: epsilonFor([{ mechanism: { kind: 'subsampled-gaussian', q, sigma: multiplier }, count: steps }], delta).epsilon, bound };
  };
  test.each([[1, 4, 4], [0.5, 4, 2.386]])('q %d, %d steps, sigma %d: below the claim; an eighth of the noise is above', async (q, steps, sigma) => {
    for (const k of [1, 2]) {
      const right = await run(k, q, steps, sigma), wrong = await run(k, q, steps, sigma, lessNoise(1 / 8));
      expect(right.epsilon).toBeGreaterThan(1.9);
      expect(right.bound).toBeLessThan(right.epsilon);
      expect(wrong.bound).toBeGreaterThan(wrong.epsilon);
    }
  });
});

describe('batches', () => {
  const n = 1000, q = 0.125, steps = 24;
  const drawn = (k: number) => { const s = source(k, 'batches'); return Array.from({ length: steps }, () => poissonSample(n, q, s)); };
  const walked = (k: number) => Array.from({ length: steps }, (_, t) => new KeyStream(k, 'walk').permutation(Math.floor(t / 8), n).subarray((t % 8) * 125, (t % 8 + 1) * 125));
  test('Poisson samples pass, a shuffled walk and batches of a fixed size do not', () => {
    const ps = Array.from({ length: 100 }, (_, k) => poissonMembership(drawn(k), n, q).p);
    // Level 1%: five or more of 100 once in 300.
    expect(ps.filter((p) => p < 0.01).length).toBeLessThanOrEqual(4);
    for (let k = 0; k < 5; k++) expect(poissonMembership(walked(k), n, q).p).toBeLessThan(1e-6);
    const fixed = Array.from({ length: steps }, (_, t) => new KeyStream(1, 'fixed').permutation(t, n).subarray(0, 125)), seen = poissonMembership(fixed, n, q);
    expect(seen.sizes).toBeLessThan(-5);
    expect(Math.abs(seen.appearances)).toBeLessThan(4);
    expect(() => poissonMembership([], n, q)).toThrow(RangeError);
  });
  test('the trainer\'s own are Poisson samples', async () => {
    const trainer = await openCanaries(await openDevice('cpu'), Array.from({ length: 2 * n }, (_, i) => i % 2 === 0), { q, norm: 1, noise: source(3) }), seen: Uint32Array[] = [];
    const noisy = trainer.noisySum.bind(trainer);
    trainer.noisySum = (members, plan) => { seen.push(members); return noisy(members, plan); };
    for (let t = 0; t < steps; t++) await trainer.step(trainer.plan(1), 0.01);
    expect(seen.length).toBe(steps);
    expect(poissonMembership(seen, n, q).p).toBeGreaterThan(0.001);
  });
});

describe('ends of columns', () => {
  const rows = extremeRows(50, 10), sigma = 20, g = geometric(null);
  const privateEnds = (columns: Float64Array[], k: number) => { const s = source(k, 'ends'); return columns.map((v) => boundsFrom(noisyHistogram(geometricCounts(v, g), { sigma }, s).counts, g, sigma)); };
  test('raw ones, released beside, refute any claim below 3; those from noisy counts do not', async () => {
    const run = (k: number, ends: typeof privateEnds) => audit((members) => scoreByEnds(rows, ends(tableColumns(rows, members, new KeyStream(k, 'table')), k)), { canaries: rows.length, guesses: 120, delta, coins: source(k) });
    for (let k = 0; k < 3; k++) expect((await run(k, rawEnds)).lowerBound).toBeGreaterThan(3);
    // A row may be in a histogram of every column.
    const claim = epsilonFor([{ mechanism: { kind: 'discrete-gaussian', sigma, sensitivity: 1 }, count: 50 }], delta).epsilon;
    expect(claim).toBeGreaterThan(1);
    expect((await run(1, privateEnds)).lowerBound).toBeLessThan(claim);
  });
  test('one absurd row moves raw ends, and private ones not', () => {
    const ordinary = Float64Array.from(new KeyStream(1, 'ordinary').uniforms(0, 2000), (u) => 100 + u), with1 = Float64Array.of(...ordinary, 1e12);
    expect(rawEnds([with1])).not.toEqual(rawEnds([ordinary]));
    for (let k = 0; k < 5; k++) expect(privateEnds([with1], k)).toEqual(privateEnds([ordinary], k));
  });
});
