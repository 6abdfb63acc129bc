import { describe, expect, test } from 'vitest';
import golden from '../../../test/golden/privacy/epsilons.json';
import renyiGolden from '../../../test/golden/privacy/renyi.json';
import { deltaFor, epsilonFor } from './accountant';
import { noiseFor } from './calibrate';
import { gaussianDelta, gaussianEpsilon } from './gaussian';
import type { Event, Mechanism } from './mechanism';
import { logNormalCdf, normalMass } from './normal';
import { compose, pldDelta, pldEpsilon } from './pld';
import { logMoment, orders, renyi, rdpDelta, rdpEpsilon } from './rdp';

const once = (mechanism: Mechanism, count = 1): Event[] => [{ mechanism, count }];
const dpsgd = (q: number, sigma: number, steps: number) => once({ kind: 'subsampled-gaussian', q, sigma }, steps);
const phi = (z: number) => Math.exp(logNormalCdf(z));

describe('against dp-accounting over the grid', () => {
  test.each(renyiGolden.integer)('q %d, sigma %d, %d steps, delta %d: Renyi at integer orders', (q, sigma, steps, delta, epsilon) => {
    expect(rdpEpsilon(dpsgd(q, sigma, steps), delta, renyiGolden.orders) / epsilon).toBeCloseTo(1, 6);
  });
  // With their fractional orders too: to 1%, or ours is smaller, because their sum of absolute values is too large there (renyi.py) or our orders closer.
  const theirs = [...Array.from({ length: 99 }, (_, i) => Math.round(11 + i) / 10), ...Array.from({ length: 53 }, (_, i) => 11 + i), 128, 256, 512, 1024];
  test('Renyi at all orders', () => {
    const loose: string[] = [];
    for (const [q, sigma, steps, delta, rdp, pld] of golden.rows) {
      const ours = rdpEpsilon(dpsgd(q, sigma, steps), delta, theirs);
      expect(ours).toBeLessThan(rdp * 1.0001);
      expect(ours).toBeGreaterThan(pld);
      if (ours < rdp * 0.99) loose.push(`${q} ${sigma} ${steps}`);
    }
    expect([...new Set(loose)]).toEqual(['0.01 0.5 10000', '0.05 0.5 1000', '0.05 0.5 10000', '0.05 0.8 10000', '0.05 1 10000']);
  });
  test.each(renyiGolden.moments)('q %d, sigma %d: the moment of order %d by quadrature to 30 digits', (q, sigma, alpha, moment) => {
    expect(logMoment(q, sigma, alpha) / moment).toBeCloseTo(1, 8);
  });
  // Every third of the grid: all eighty agree to 0.04%, and each costs up to a tenth of a second.
  test.each(golden.rows.filter((r, i) => r[3] === 1e-5 && (i >> 1) % 3 === 0))('q %d, sigma %d, %d steps, delta %d: privacy loss', (q, sigma, steps) => {
    const totals = compose(dpsgd(q, sigma, steps));
    for (const row of golden.rows.filter((r) => r[0] === q && r[1] === sigma && r[2] === steps)) {
      const ours = pldEpsilon(totals, row[3]);
      expect(Math.abs(ours / row[5] - 1)).toBeLessThan(0.002);
      expect(ours).toBeGreaterThan(row[5] * (1 - 1e-5)); // an upper bound, never below
    }
  });
});

describe('by hand', () => {
  test('published: q 0.01, sigma 4, 10,000 steps, delta 1e-5 is epsilon 1.26 by the moments accountant (Abadi et al. 2016, section 3.2)', () => {
    const events = dpsgd(0.01, 4, 10_000), moments = Array.from({ length: 32 }, (_, i) => i + 1);
    // Theirs: moments of order up to 32 and the plain tail bound (their Theorem 2).
    const epsilon = Math.min(...moments.map((l) => (10_000 * logMoment(0.01, 4, l + 1) - Math.log(1e-5)) / l));
    expect(epsilon).toBeCloseTo(1.26, 2);
    expect(rdpEpsilon(events, 1e-5)).toBeLessThan(epsilon);
    expect(pldEpsilon(compose(events), 1e-5)).toBeLessThan(rdpEpsilon(events, 1e-5));
  });
  test.each([[1.3, 15, 1.19], [1.1, 60, 3.01], [0.7, 45, 7.1]])('published: MNIST, batches of 256, noise %d, %d epochs is epsilon %d at 1e-5 (TensorFlow Privacy\'s tutorial)', (sigma, epochs, epsilon) => {
    const q = 256 / 60_000, steps = Math.floor(epochs / q);
    // With the conversion of its time (Mironov 2017, Proposition 3); ours is better.
    expect(Math.min(...orders.filter((a) => a <= 64).map((a) => (steps * logMoment(q, sigma, a) - Math.log(1e-5)) / (a - 1)))).toBeCloseTo(epsilon, 2);
    expect(rdpEpsilon(dpsgd(q, sigma, steps), 1e-5)).toBeLessThan(epsilon);
  });
  test('one subsampled step: delta of both directions in closed form', () => {
    for (const [q, s] of [[0.1, 1], [0.01, 0.6], [0.5, 2]]) for (const e of [0.01, 0.1, 0.5, 1]) {
      const x = s * s * Math.log((Math.exp(e) - 1 + q) / q) + 0.5;
      const remove = (1 - q) * phi(-x / s) + q * phi((1 - x) / s) - Math.exp(e) * phi(-x / s);
      const inner = Math.exp(-e) - 1 + q;
      const y = inner > 0 ? s * s * Math.log(inner / q) + 0.5 : -Infinity;
      const add = y === -Infinity ? 0 : phi(y / s) - Math.exp(e) * ((1 - q) * phi(y / s) + q * phi((y - 1) / s));
      const exact = Math.max(remove, add), ours = pldDelta(compose(dpsgd(q, s, 1)), e);
      expect(ours).toBeGreaterThan(exact * (1 - 1e-9));
      expect(ours - exact).toBeLessThan(exact * 2e-3 + 1e-9);
    }
  });
  test('Gaussians compose to one (Balle & Wang 2018 and Dong et al. 2022), by all three ways', () => {
    expect(gaussianDelta(1, 1)).toBeCloseTo(phi(-0.5) - Math.E * phi(-1.5), 14);
    const events = once({ kind: 'gaussian', sigma: 10 }, 100), exact = gaussianEpsilon(1, 1e-6);
    expect(gaussianDelta(1, exact)).toBeLessThanOrEqual(1e-6);
    expect(epsilonFor(events, 1e-6)).toEqual({ epsilon: exact, delta: 1e-6, proof: 'gaussian' });
    expect(pldEpsilon(compose(events), 1e-6) / exact).toBeGreaterThanOrEqual(1);
    expect(pldEpsilon(compose(events), 1e-6) / exact).toBeLessThan(1.001);
    expect(rdpEpsilon(events, 1e-6)).toBeGreaterThan(exact);
    // The transform itself: a hundred discrete Gaussians so wide that they are as good as continuous.
    const discrete = pldEpsilon(compose(once({ kind: 'discrete-gaussian', sigma: 50, sensitivity: 5 }, 100)), 1e-6);
    expect(discrete / exact).toBeGreaterThan(1 - 1e-6);
    expect(discrete / exact).toBeLessThan(1.002);
  });
  test('pure mechanisms: the sum at delta 0; randomised response composed exactly (Kairouz et al. 2015)', () => {
    const events = once({ kind: 'pure', epsilon: 0.1 }, 20);
    expect(epsilonFor(events, 0)).toEqual({ epsilon: expect.closeTo(2, 12), delta: 0, proof: 'sum' });
    // P(k of 20 answers true) ~ Binomial(20, p); loss (2k - 20) 0.1.
    const p = 1 / (1 + Math.exp(-0.1)), e = 0.7;
    let exact = 0, choose = 1;
    for (let k = 0; k <= 20; k++) {
      const loss = (2 * k - 20) * 0.1;
      if (loss > e) exact += choose * p ** k * (1 - p) ** (20 - k) * -Math.expm1(e - loss);
      choose = choose * (20 - k) / (k + 1);
    }
    const ours = deltaFor(events, e);
    expect(ours.proof).toBe('pld');
    expect(ours.delta / exact).toBeGreaterThan(1 - 1e-9);
    expect(ours.delta / exact).toBeLessThan(1.02);
    // An exact zero of the loss's own kind: one answer's delta at epsilon e is p - e^e (1 - p).
    expect(pldDelta(compose(once({ kind: 'pure', epsilon: 1 })), 0.5) / (1 / (1 + Math.exp(-1)) * (1 - Math.exp(-0.5)))).toBeCloseTo(1, 2);
  });
  test('Laplace: delta(epsilon) = 1 - e^{(eps - 1/b) / 2}, and its Renyi divergence by quadrature', () => {
    const events = once({ kind: 'laplace', scale: 0.5 });
    for (const e of [0, 0.3, 1, 1.9]) {
      const exact = -Math.expm1((e - 2) / 2), ours = pldDelta(compose(events), e);
      expect(ours / exact).toBeGreaterThan(1 - 1e-9);
      expect(ours / exact).toBeLessThan(1.01);
    }
    expect(epsilonFor(events, 0).epsilon).toBe(2);
    const alpha = 3.5, b = 0.5;
    let sum = 0;
    const step = 1e-4;
    for (let x = -20 + step / 2; x < 20; x += step) sum += step / (2 * b) * Math.exp((-alpha * Math.abs(x) + (alpha - 1) * Math.abs(x - 1)) / b);
    expect(renyi({ kind: 'laplace', scale: b }, alpha)).toBeCloseTo(Math.log(sum) / (alpha - 1), 6);
  });
  test('approximate: its delta is spent whole, by every proof', () => {
    const events = once({ kind: 'approximate', epsilon: 0.5, delta: 1e-7 }, 3);
    expect(epsilonFor(events, 2e-7).epsilon).toBe(Infinity);
    expect(epsilonFor(events, 4e-7).epsilon).toBeLessThanOrEqual(1.5);
    expect(deltaFor(events, 1.5).delta).toBeLessThan(3.01e-7);
    expect(rdpDelta(events, 1.4)).toBeGreaterThan(3e-7);
    expect(rdpDelta(events, 5)).toBeCloseTo(3e-7, 12);
    expect(rdpEpsilon(events, 1e-5)).toBeGreaterThan(epsilonFor(events, 1e-5).epsilon - 1e-12);
  });
  test('mechanisms of very different sizes share a grid that memory can hold', () => {
    const big: Event = { mechanism: { kind: 'pure', epsilon: 50 }, count: 1 }, small: Event = { mechanism: { kind: 'subsampled-gaussian', q: 1e-5, sigma: 5 }, count: 100_000 };
    const { epsilon } = epsilonFor([big, small], 1e-5);
    expect(epsilon).toBeGreaterThan(49.99);
    expect(epsilon).toBeLessThan(50.1);
  });
  test('mixed mechanisms: more than each, no more than the sum', () => {
    const a: Event = { mechanism: { kind: 'subsampled-gaussian', q: 0.01, sigma: 1 }, count: 500 }, b: Event = { mechanism: { kind: 'laplace', scale: 4 }, count: 2 };
    const c: Event = { mechanism: { kind: 'gaussian', sigma: 5 }, count: 1 };
    const all = epsilonFor([a, b, c], 1e-5), each = [a, b, c].map((e) => epsilonFor([e], 1e-5).epsilon);
    expect(all.proof).toBe('pld');
    expect(all.epsilon).toBeGreaterThan(Math.max(...each));
    expect(all.epsilon).toBeLessThan(each.reduce((s, e) => s + e));
    expect(deltaFor([a, b, c], all.epsilon).delta / 1e-5).toBeCloseTo(1, 4);
  });
});

test('the fractional moment agrees with the binomial sum between the orders around it, and at whole ones', () => {
  for (const [q, s] of [[0.01, 1], [0.05, 0.5], [0.3, 2]]) {
    for (const a of [2, 5, 9]) {
      expect(logMoment(q, s, a + 1e-9) / logMoment(q, s, a)).toBeCloseTo(1, 5);
      // log A is convex in alpha, and zero at 0 and 1.
      expect(logMoment(q, s, a + 0.5)).toBeLessThanOrEqual((logMoment(q, s, a) + logMoment(q, s, a + 1)) / 2 + 1e-12);
    }
  }
});

test('normal masses: relative to themselves even in the tail', () => {
  expect(normalMass(6, 6.01) / (phi(-6) - phi(-6.01))).toBeCloseTo(1, 9);
  expect(normalMass(-Infinity, 0)).toBe(0.5);
  expect(logNormalCdf(-8.000001) / logNormalCdf(-7.999999)).toBeCloseTo(1, 5);
  expect(logNormalCdf(-40)).toBeCloseTo(-804.608442, 5);
});

describe('calibration', () => {
  test('what is returned holds, and a little less does not', () => {
    for (const wanted of [{ epsilon: 1, delta: 1e-5, q: 0.02, steps: 1000 }, { epsilon: 8, delta: 1e-6, q: 0.05, steps: 300 }, { epsilon: 0.5, delta: 1e-5, q: 1, steps: 10 }]) {
      const sigma = noiseFor(wanted)!;
      expect(epsilonFor(dpsgd(wanted.q, sigma, wanted.steps), wanted.delta).epsilon).toBeLessThanOrEqual(wanted.epsilon);
      expect(epsilonFor(dpsgd(wanted.q, sigma * 0.998, wanted.steps), wanted.delta).epsilon).toBeGreaterThan(wanted.epsilon);
    }
  });
  test('what else is released takes its share, or all', () => {
    const wanted = { epsilon: 1, delta: 1e-5, q: 0.02, steps: 100 };
    expect(noiseFor({ ...wanted, others: once({ kind: 'pure', epsilon: 0.5 }) })!).toBeGreaterThan(noiseFor(wanted)! * 1.01);
    expect(noiseFor({ ...wanted, others: once({ kind: 'pure', epsilon: 3 }) })).toBeUndefined();
    expect(() => noiseFor({ ...wanted, epsilon: 0 })).toThrow(RangeError);
  });
});

test('parameters that mean nothing are refused by name', () => {
  expect(() => epsilonFor(dpsgd(1.5, 1, 1), 1e-5)).toThrow('sampling probability 1.5');
  expect(() => epsilonFor(dpsgd(0.1, 0, 1), 1e-5)).toThrow('sigma 0');
  expect(() => epsilonFor(dpsgd(0.1, 1, 1.5), 1e-5)).toThrow('count 1.5');
  expect(() => epsilonFor(dpsgd(0.1, 1, 1), 1)).toThrow('delta 1');
  expect(epsilonFor([], 1e-5).epsilon).toBe(0);
});
