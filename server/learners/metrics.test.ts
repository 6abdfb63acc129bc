import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { KeyStream } from '../engine/random';
import { betaCdf, betaQuantile, chiSquaredTail, logGamma, normalCdf, normalQuantile } from './distributions';
import { accuracy, auc, bootstrap, clopperPearson, deLong, deLongDifference, f1, fisherGreater, logLoss, macroF1, multiclassLogLoss, quantiles, r2, rmse, rocCurve, signTestGreater, tprAtFpr, twoProportions, upperBound, wilson } from './metrics';

const golden = JSON.parse(readFileSync(new URL('../../test/golden/learners/scores.json', import.meta.url), 'utf8'));
const relative = (a: number, b: number, tolerance: number) => expect(Math.abs(a - b) / Math.max(Math.abs(b), 1e-300)).toBeLessThan(tolerance);

describe('AUC and ROC', () => {
  it('counts pairs, ties half: positives 3 and 1, negatives 1 and 0 -> (2 + 1.5) / 4', () => {
    expect(auc([1, 1, 0, 0], [3, 1, 1, 0])).toBe(3.5 / 4);
    expect(auc([1, 0, 1, 0], [5, 5, 5, 5])).toBe(0.5);
    expect(auc([0, 1], [1, 0])).toBe(0);
    expect(auc([1, 1], [1, 0])).toBeNaN();
    expect(() => auc([1, 0], [1, Number.NaN])).toThrow('not a number');
  });
  it('equals the count over all pairs, whatever the ties', () => {
    for (let trial = 0; trial < 30; trial++) {
      const u = new KeyStream(trial, 'auc').uniforms(0, 80), y = Array.from({ length: 40 }, (_, i) => (u[i] < 0.4 ? 1 : 0)), s = Array.from({ length: 40 }, (_, i) => Math.floor(u[40 + i] * (trial + 1)));
      let won = 0, pairs = 0;
      y.forEach((p, i) => y.forEach((q, j) => { if (p === 1 && q === 0) { pairs++; won += s[i] > s[j] ? 1 : s[i] === s[j] ? 0.5 : 0; } }));
      expect(auc(y, s)).toBe(won / pairs);
      expect(deLong(y, s).auc).toBe(won / pairs);
    }
  });
  it('agrees with scikit-learn on tied scores', () => {
    expect(auc(golden.y, golden.s1)).toBeCloseTo(golden.auc, 14);
    const curve = rocCurve(golden.y, golden.s1);
    expect([...curve.fpr]).toEqual(golden.roc.fpr.map((v: number) => expect.closeTo(v, 14)));
    expect([...curve.tpr]).toEqual(golden.roc.tpr.map((v: number) => expect.closeTo(v, 14)));
  });
  it('reads the rate at a false-positive rate off the curve', () => {
    // from the top: + + - + - : corners (0,0) (0,1/3) (0,2/3) (1/2,2/3) (1/2,1) (1,1)
    const y = [1, 1, 0, 1, 0], s = [5, 4, 3, 2, 1];
    expect(tprAtFpr(y, s, 0)).toBeCloseTo(2 / 3, 14);
    expect(tprAtFpr(y, s, 0.25)).toBeCloseTo(2 / 3, 14);
    expect(tprAtFpr(y, s, 0.5)).toBe(1);
    expect(tprAtFpr(y, s, 1)).toBe(1);
    expect(tprAtFpr([1, 0], [1, 1], 0.1)).toBeCloseTo(0.1, 14); // one tie: the slanted segment
  });
  it('DeLong by hand: positives 3, 1; negatives 2, 0', () => {
    // placements of positives 1, 1/2; of negatives 1/2, 1: variances 1/8 each, over two each
    const e = deLong([1, 1, 0, 0], [3, 1, 2, 0]);
    expect(e.auc).toBe(0.75);
    expect(e.variance).toBeCloseTo(1 / 8, 14);
    expect(e.high).toBe(1);
    expect(e.low).toBeCloseTo(0.75 - 1.959963984540054 * Math.sqrt(1 / 8), 12);
  });
  it('DeLong against the definition, with ties', () => {
    relative(deLong(golden.y, golden.s1).variance, golden.delong.variance, 1e-12);
    const d = deLongDifference(golden.y, golden.s1, golden.s2);
    relative(d.variance, golden.delong.differenceVariance, 1e-12);
    relative(d.difference, golden.delong.difference, 1e-12);
  });
});

describe('scores', () => {
  it('log-loss', () => {
    expect(logLoss([1, 0], [0.8, 0.4])).toBeCloseTo(-(Math.log(0.8) + Math.log(0.6)) / 2, 14);
    expect(logLoss(golden.y, golden.prob)).toBeCloseTo(golden.logLoss, 13);
    expect(logLoss([1], [0])).toBeCloseTo(-Math.log(Number.EPSILON), 9);
    expect(multiclassLogLoss([2, 0], [0.2, 0.3, 0.5, 0.6, 0.4, 0], 3)).toBeCloseTo(-(Math.log(0.5) + Math.log(0.6)) / 2, 14);
  });
  it('accuracy and F1', () => {
    // 1s: two hits, one missed, one false: 4 / (4 + 2)
    expect(f1([1, 1, 1, 0, 0], [1, 1, 0, 1, 0])).toBeCloseTo(2 / 3, 14);
    expect(f1([0, 0], [0, 0])).toBe(0);
    expect(accuracy(golden.truth, golden.pred)).toBeCloseTo(golden.accuracy, 14);
    expect(macroF1(golden.truth, golden.pred)).toBeCloseTo(golden.macroF1, 14);
    golden.f1.forEach((v: number, c: number) => expect(f1(golden.truth, golden.pred, c)).toBeCloseTo(v, 14));
  });
  it('R2 and RMSE: errors 0, 1, 1 about a mean of 2', () => {
    expect(r2([1, 2, 3], [1, 3, 4])).toBe(0);
    expect(rmse([1, 2, 3], [1, 3, 4])).toBeCloseTo(Math.sqrt(2 / 3), 14);
    expect(r2([2, 2], [2, 2])).toBe(1);
    expect(r2([2, 2], [2, 3])).toBe(0);
    expect(() => rmse([1], [1, 2])).toThrow('1 outcomes, but 2');
  });
  it('quantiles, linear between order statistics', () => {
    expect(quantiles([4, 1, 3, 2], [0, 0.25, 0.5, 1])).toEqual([1, 1.75, 2.5, 4]);
    expect(quantiles([], [0.5])[0]).toBeNaN();
  });
});

describe('intervals and tests', () => {
  it('Wilson and Clopper-Pearson against SciPy', () => {
    for (const { k, n, wilson: w, exact, upper } of golden.intervals) {
      expect(wilson(k, n)).toEqual({ low: expect.closeTo(w[0], 12), high: expect.closeTo(w[1], 12), level: 0.95 });
      expect(clopperPearson(k, n)).toEqual({ low: expect.closeTo(exact[0], 10), high: expect.closeTo(exact[1], 10), level: 0.95 });
      expect(upperBound(k, n)).toBeCloseTo(upper, 10);
    }
  });
  it('none of n: the exact upper bound is 1 - 0.05^(1/n), the rule of three', () => expect(upperBound(0, 100)).toBeCloseTo(1 - 0.05 ** 0.01, 12));
  it('Fisher and sign tests against SciPy', () => {
    for (const { table: [a, b, c, d], greater } of golden.fisher) expect(fisherGreater(a, b, c, d)).toBeCloseTo(greater, 10);
    for (const { b, c, greater } of golden.sign) expect(signTestGreater(b, c)).toBeCloseTo(greater, 12);
  });
  it('two proportions, by hand and by Newcombe\'s own example (56/70 against 48/80: .0524 to .3339)', () => {
    const t = twoProportions(56, 70, 48, 80);
    expect(t.difference).toBeCloseTo(0.2, 12);
    expect(t.interval.low).toBeCloseTo(0.0524, 4);
    expect(t.interval.high).toBeCloseTo(0.3339, 4);
    // pooled .5: z = .1 / sqrt(.25 * .02) = sqrt 2
    const u = twoProportions(55, 100, 45, 100);
    expect(u.z).toBeCloseTo(Math.SQRT2, 12);
    expect(u.pTwoSided).toBeCloseTo(2 * u.pGreater, 12);
    expect(u.pGreater).toBeCloseTo(0.0786496, 6);
    expect(twoProportions(0, 10, 0, 10).pTwoSided).toBe(1);
  });
  it('bootstrap of a mean: standard error sd / sqrt n, the same again for the same seed and name', async () => {
    const v = Float64Array.from({ length: 400 }, (_, i) => i % 20), mean = (rows: Int32Array) => rows.reduce((s, r) => s + v[r], 0) / rows.length;
    const a = await bootstrap(400, mean, { seed: 1, name: 'mean', replicates: 500 }), b = await bootstrap(400, mean, { seed: 1, name: 'mean', replicates: 500 });
    const se = Math.sqrt((400 - 1) / 12) / 20; // uniform on 0..19: variance (20^2 - 1) / 12
    expect(a.standardError / se).toBeGreaterThan(0.9);
    expect(a.standardError / se).toBeLessThan(1.1);
    expect(a.interval.low).toBeLessThan(9.5);
    expect(a.interval.high).toBeGreaterThan(9.5);
    expect(a.values).toEqual(b.values);
    expect((await bootstrap(400, mean, { seed: 1, name: 'other', replicates: 5 })).values).not.toEqual(a.values.slice(0, 5));
  });
});

describe('distributions against SciPy', () => {
  it('normal', () => {
    for (const { z, cdf } of golden.normal) relative(normalCdf(z), cdf, 1e-12);
    for (const { p, z } of golden.ppf) expect(normalQuantile(p)).toBeCloseTo(z, p > 0.999999 ? 6 : 10);
  });
  it('beta and chi-squared', () => {
    for (const { x, a, b, cdf } of golden.beta) { relative(betaCdf(x, a, b), cdf, 1e-10); expect(betaQuantile(cdf, a, b)).toBeCloseTo(x, 10); }
    for (const { x, df, tail } of golden.chi2) relative(chiSquaredTail(x, df), tail, 1e-10);
  });
  it('log gamma: (n - 1)!', () => { expect(logGamma(5)).toBeCloseTo(Math.log(24), 13); expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 13); });
});
