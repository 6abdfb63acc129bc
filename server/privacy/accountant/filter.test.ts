import { describe, expect, test } from 'vitest';
import { KeyStream } from '../../random';
import { epsilonFor } from './accountant';
import { noiseFor, noiseWithin } from './calibrate';
import { filterEpsilon, fits, isChanged, leftOf, placeOf, share, slackFor, slackOfRun, worth, type Released } from './filter';
import { gaussianDelta, gaussianEpsilon } from './gaussian';
import type { Event, Mechanism } from './mechanism';
import { normalMass } from './normal';
import { compose, pldCurve, pldDelta } from './pld';
import { dominated, precisionOf } from './worth';

const once = (mechanism: Mechanism, count = 1): Event => ({ mechanism, count });
const dpsgd = (q: number, sigma: number, steps: number): Event => once({ kind: 'subsampled-gaussian', q, sigma }, steps);
const released = (event: Event, run = 'a', more: Partial<Released> = {}): Released => ({ ...event, run, ...more });
const budget = { epsilon: 1, delta: 1e-6 };

describe('what a mechanism is worth, as a Gaussian one', () => {
  test('Gaussians exactly; discrete ones hardly above; nothing for nothing', () => {
    expect(precisionOf(once({ kind: 'gaussian', sigma: 2 }, 3), 0)).toBeCloseTo(0.75, 12);
    expect(precisionOf(dpsgd(1, 4, 5), 0)).toBeCloseTo(5 / 16, 12);
    expect(precisionOf(once({ kind: 'discrete-gaussian', sigma: 30, sensitivity: 1 }, 20), 1e-9) / (20 / 900)).toBeCloseTo(1, 2);
    expect(precisionOf(dpsgd(0, 1, 100), 1e-9)).toBe(0);
    expect(precisionOf(dpsgd(0.1, 1, 0), 1e-9)).toBe(0);
    expect(precisionOf(dpsgd(0.1, 1, 10), 0)).toBe(Infinity);
  });
  test('the curve made once is the curve', () => {
    const totals = compose([dpsgd(0.1, 2, 50)]), curve = pldCurve(totals);
    for (let e = 0; e < 4; e += 0.0371) expect(curve(e) / pldDelta(totals, e)).toBeCloseTo(1, 9);
  });
  // The curve on points that the search never saw, both directions: below the Gaussian's, and above one of two percent less.
  test.each([[1 / 8, 6, 1000], [1 / 8, 1.7, 40], [0.01, 1, 2000], [0.5, 8, 100]])('q %d, sigma %d, %d steps: below the Gaussian\'s curve everywhere, and hardly', (q, sigma, steps) => {
    const slack = 1e-8, mu = Math.sqrt(precisionOf(dpsgd(q, sigma, steps), slack)), totals = compose([dpsgd(q, sigma, steps)]);
    const over = (m: number): number => Math.max(...Array.from({ length: 1500 }, (_, i) => { const e = (i * Math.SQRT2) / 100; return pldDelta(totals, e) - (slack + (1 - slack) * gaussianDelta(1 / m, e)); }));
    expect(over(mu)).toBeLessThanOrEqual(0);
    expect(over(mu * 0.98)).toBeGreaterThan(0);
  });
  test('pure mechanisms: randomised response lies below, and touches at its kink', () => {
    for (const epsilon of [0.05, 0.3, 1, 4]) {
      const mu = Math.sqrt(precisionOf(once({ kind: 'pure', epsilon }), 0)), p = 1 / (1 + Math.exp(-epsilon)), rr = (e: number) => Math.max(0, p - Math.exp(e) * (1 - p), 1 - Math.exp(e));
      for (let e = 0; e < 6; e += 0.01) expect(rr(e)).toBeLessThanOrEqual(gaussianDelta(1 / mu, e) + 1e-15);
      expect(rr(0) / gaussianDelta(1 / mu, 0)).toBeCloseTo(1, 6);
    }
  });
  test('a curve that crosses between two points is found out', () => {
    // Touching the Gaussian at both points, the chord lies above it between.
    const at = [0, 1], touching = at.map((e) => gaussianDelta(1, e));
    expect(dominated(at, touching, 1, 0)).toBe(false);
    expect(dominated(at, touching, 1.3, 0)).toBe(true);
  });
});

/** delta at `epsilon` of two steps, the second chosen by the first's loss to do the most harm: E over the first's loss of the greatest delta of the second at what is left. By quadrature. */
function worst(first: number, seconds: readonly ((epsilon: number) => number)[], epsilon: number): number {
  const mu = Math.sqrt(first), points = 800, from = -8, to = 8, width = (to - from) / points;
  let total = 0;
  for (let i = 0; i < points; i++) {
    const z = from + (i + 0.5) * width, left = epsilon - (mu * mu) / 2 - mu * z;
    // Of negative eps by the other direction (worth.ts).
    const delta = (at: (e: number) => number): number => (left >= 0 ? at(left) : 1 - Math.exp(left) + Math.exp(left) * at(-left));
    total += normalMass(z - width / 2, z + width / 2) * Math.max(...seconds.map(delta));
  }
  return total;
}

describe('parameters chosen in the light of what was released', () => {
  const choices = [[1 / 8, 1000], [1 / 8, 20], [0.9, 2], [0.003, 10]] as const;
  test('the data layer, then a training whose rate, steps and noise are chosen by it to do the most harm: the budget holds, and hardly anything is given away', () => {
    for (const epsilon of [6]) {
      const b = { epsilon, delta: 1e-6 }, all = leftOf([], b).precision, first = 0.3 * all, slack = slackFor.nearly(0, 1, b.delta);
      const seconds = choices.map(([q, steps]) => [q, noiseWithin({ precision: all - first, slack }, { q, steps })!, steps] as const);
      for (const [q, sigma, steps] of seconds) expect(fits([released(once({ kind: 'gaussian', sigma: 1 / Math.sqrt(first) })), released(dpsgd(q, sigma, steps))], b)).toBe(true);
      const harm = worst(first, seconds.map(([q, sigma, steps]) => pldCurve(compose([dpsgd(q, sigma, steps)]))), epsilon);
      expect(harm).toBeLessThanOrEqual(b.delta);
      expect(harm).toBeGreaterThan(0.5 * b.delta);
      // Against noise that composition allows where everything is fixed beforehand.
      for (const [q, sigma, steps] of seconds.filter((s) => s[2] >= 20)) expect(sigma / noiseFor({ epsilon, delta: b.delta, q, steps, others: [once({ kind: 'gaussian', sigma: 1 / Math.sqrt(first) })] })!).toBeLessThan(q === 1 / 8 && steps === 1000 ? 1.025 : 1.08);
    }
  });
  test('why: where each choice alone spends the budget exactly, choosing breaks it', () => {
    const b = { epsilon: 6, delta: 1e-6 }, first = 0.3 * leftOf([], b).precision, others = [once({ kind: 'gaussian', sigma: 1 / Math.sqrt(first) })];
    const seconds = choices.map(([q, steps]) => pldCurve(compose([dpsgd(q, noiseFor({ ...b, q, steps, others })!, steps)])));
    for (const s of seconds) expect(worst(first, [s], b.epsilon) / b.delta).toBeLessThan(1.001);
    expect(worst(first, seconds, b.epsilon) / b.delta).toBeGreaterThan(1.1);
  });
});

describe('the filter', () => {
  test('Gaussians add up to one, over runs too; what is left is what may be spent', () => {
    const { precision } = leftOf([], budget), sigma = 1 / Math.sqrt(precision / 4), four = ['a', 'a', 'b', 'c'].map((run) => released(once({ kind: 'gaussian', sigma }), run));
    expect(fits(four, budget)).toBe(true);
    expect(filterEpsilon(four, budget)).toBeCloseTo(1, 6);
    expect(gaussianEpsilon(1 / Math.sqrt(precision), share.gaussian * budget.delta)).toBeCloseTo(1, 6);
    expect(fits([...four, released(once({ kind: 'gaussian', sigma: 1000 }), 'd')], budget)).toBe(false);
    expect(filterEpsilon([], budget)).toBe(0);
  });
  test('never below what composition says of mechanisms fixed beforehand, and little above', () => {
    const events = [released(once({ kind: 'discrete-gaussian', sigma: 200, sensitivity: 1 }, 20)), released(dpsgd(0.02, 2, 500)), released(once({ kind: 'gaussian', sigma: 20 }, 2))];
    const exact = epsilonFor(events, budget.delta).epsilon, held = filterEpsilon(events, budget);
    expect(held).toBeGreaterThan(exact);
    expect(held / exact).toBeLessThan(1.04);
  });
  test('a training counts as planned from its first piece on, whatever comes between; beyond the plan is another', () => {
    const piece = (count: number, of: number, run = 'a') => released(dpsgd(0.1, 3, count), run, { of }), whole = worth([piece(100, 100)], 1e-6);
    expect(worth([piece(10, 100)], 1e-6)).toEqual(whole);
    expect(worth([piece(10, 100), released(once({ kind: 'gaussian', sigma: 50 })), piece(90, 100)], 1e-6).precision).toBeCloseTo(whole.precision + 1 / 2500, 12);
    expect(worth([piece(60, 100), piece(60, 100)], 1e-6).precision).toBeCloseTo(whole.precision + precisionOf(dpsgd(0.1, 3, 20), slackFor.nearly(0, 1, 1e-6)), 12);
    expect(worth([piece(10, 100), piece(10, 100, 'b')], 1e-6).precision).toBeGreaterThan(1.99 * whole.precision);
    // Pieces that were not planned together are mechanisms of their own, and so each less like a Gaussian.
    expect(worth(Array.from({ length: 10 }, () => released(dpsgd(0.1, 3, 10))), 1e-6).precision).toBeGreaterThan(whole.precision);
    expect(placeOf([piece(10, 100), piece(10, 100), released(once({ kind: 'gaussian', sigma: 5 }), 'b')], 'a')).toEqual({ place: 0, nearly: 1 });
    expect(placeOf([piece(10, 100)], 'b')).toEqual({ place: 1, nearly: 0 });
  });
  test('delta is shared out beforehand: all runs\' slack is its share, and more than that is refused', () => {
    expect(share.gaussian + share.slack + share.odometer).toBeCloseTo(1, 15);
    expect(Array.from({ length: 5000 }, (_, i) => slackOfRun(i, 1)).reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(share.slack);
    const nearly = Array.from({ length: 50 }, (_, j) => slackFor.nearly(0, j, 1)).reduce((a, b) => a + b, 0);
    expect(nearly + slackFor.categories(0, 1) + slackFor.contexts(0, 1)).toBeLessThanOrEqual(slackOfRun(0, 1) * (1 + 1e-12));
    const failing = (delta: number) => [released(once({ kind: 'approximate', epsilon: 0, delta }))];
    expect(fits(failing(0.11e-6), budget)).toBe(true);
    expect(fits(failing(0.13e-6), budget)).toBe(false);
    expect(filterEpsilon(failing(0.13e-6), budget)).toBe(Infinity);
  });
});

describe('a budget that was changed on the way', () => {
  const spent = (precision: number, epsilon: number, run: string) => released(once({ kind: 'gaussian', sigma: 1 / Math.sqrt(precision) }), run, { budget: { epsilon, delta: 1e-6 } });
  test('is read by an odometer: less is left than under one fixed beforehand, more than under the first, and releases up to it fit', () => {
    const first = leftOf([], budget).precision, one = [spent(first, 1, 'a')], raised = { epsilon: 3, delta: 1e-6 }, left = leftOf(one, raised);
    expect(isChanged(one, raised)).toBe(true);
    expect(isChanged(one, budget)).toBe(false);
    expect(left.precision).toBeGreaterThan(2 * first);
    expect(left.precision).toBeLessThan(leftOf([], raised).precision - first);
    const both = [...one, spent(left.precision, 3, 'b')];
    expect(fits(both, raised)).toBe(true);
    expect(filterEpsilon(both, raised)).toBeCloseTo(3, 6);
    // Back under the first budget nothing is left; and a lower one asked for later is held by the odometer too.
    expect(fits(both, budget)).toBe(false);
    expect(filterEpsilon([spent(first / 10, 3, 'a')], budget)).toBeGreaterThan(filterEpsilon([spent(first / 10, 1, 'a')], budget));
  });
  test('its reading is exceeded at any time with no more than its share of delta, by simulation; that of the filter is', () => {
    // One Gaussian release after another, stopped at the first time that the loss is above the reading, if any: what an adversary who may raise the budget at will waits for.
    const first = { epsilon: 1, delta: 0.5 }, each = 0.004, steps = 300, paths = 3000, stream = new KeyStream(1, 'odometer');
    const history = (n: number, epsilon: number): Released[] => [{ ...released(once({ kind: 'gaussian', sigma: 1 / Math.sqrt(each) }, n)), budget: { epsilon, delta: first.delta } }];
    const odometer = Array.from({ length: steps }, (_, i) => filterEpsilon([...history(i, 1), ...history(1, 2)], { epsilon: 2, delta: 0.5 }));
    const fixed = Array.from({ length: steps }, (_, i) => { const v = each * (i + 1); let e = 0; while (normalMass((e - v / 2) / Math.sqrt(v), 40) > share.odometer * first.delta) e += 0.01; return e; });
    let over = 0, overFixed = 0;
    for (let p = 0; p < paths; p++) {
      const z = stream.child(String(p)).normals(0, steps);
      let loss = 0, above = false, aboveFixed = false;
      for (let i = 0; i < steps; i++) { loss += each / 2 + Math.sqrt(each) * z[i]!; above ||= loss > odometer[i]!; aboveFixed ||= loss > fixed[i]!; }
      over += Number(above); overFixed += Number(aboveFixed);
    }
    expect(over / paths).toBeLessThan(share.odometer * first.delta);
    // What holds at one time fixed beforehand does not hold at the best of many.
    expect(overFixed / paths).toBeGreaterThan(2 * share.odometer * first.delta);
  });
});
