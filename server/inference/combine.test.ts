import { describe, expect, test } from 'vitest';
import { combineFullySynthetic, combineImputations, combinePartiallySynthetic } from './combine';
import { studentQuantile } from '../learners/distributions';

// By hand: W = 4, mean 11, B = 2.5 (10, 10, 12, 9, 14 -> mean 11, squares 1 + 1 + 1 + 4 + 9 = 16, / 4 = 4).
const data = { estimates: [10, 10, 12, 9, 14], variances: [4, 3, 5, 4, 4] };

describe('combining rules', () => {
  test('Student\'s quantiles (tables)', () => {
    for (const [p, df, t] of [[0.975, 1, 12.7062], [0.975, 4, 2.77645], [0.95, 10, 1.81246], [0.975, 30, 2.04227], [0.025, 4, -2.77645], [0.975, Infinity, 1.95996]] as const) expect(studentQuantile(p, df)).toBeCloseTo(t, 3);
  });
  test('imputations (Rubin 1987): T = W + (1 + 1/m) B and its degrees of freedom', () => {
    const c = combineImputations(data);
    expect([c.estimate, c.within, c.between]).toEqual([11, 4, 4]);
    expect(c.variance).toBeCloseTo(4 + 1.2 * 4, 12);
    expect(c.df).toBeCloseTo(4 / (4.8 / 8.8) ** 2, 10);
    // gamma = (r + 2/(df + 3)) / (r + 1) with r = 4.8 / 4
    expect(c.missing).toBeCloseTo((1.2 + 2 / (c.df + 3)) / 2.2, 12);
    expect(c.high - c.low).toBeCloseTo(2 * studentQuantile(0.975, c.df) * Math.sqrt(8.8), 10);
  });
  test('few complete degrees of freedom bound those of the pool (Barnard & Rubin 1999)', () => {
    const c = combineImputations(data, { complete: 20 }), lambda = 4.8 / 8.8, observed = (21 / 23) * 20 * (1 - lambda), old = 4 / lambda ** 2;
    expect(c.df).toBeCloseTo(1 / (1 / old + 1 / observed), 10);
    expect(combineImputations({ estimates: [1, 1, 1], variances: [2, 2, 2] }, { complete: 9 })).toMatchObject({ variance: 2, df: 9, missing: 0 });
  });
  test('partially synthetic (Reiter 2003): T = W + B/m', () => {
    const c = combinePartiallySynthetic(data);
    expect(c.variance).toBeCloseTo(4.8, 12);
    expect(c.df).toBeCloseTo(4 * (1 + (5 * 4) / 4) ** 2, 10);
  });
  test('fully synthetic (Raghunathan, Reiter & Rubin 2003): T = (1 + 1/m) B - W, mended where negative', () => {
    const c = combineFullySynthetic(data);
    expect(c.variance).toBeCloseTo(0.8, 12);
    expect(c.df).toBeCloseTo(Math.max(1, 4 * (1 - 4 / 4.8) ** 2), 10);
    expect(combineFullySynthetic({ estimates: [1, 1.1, 0.9], variances: [1, 1, 1] }, { ratio: 2 })).toMatchObject({ variance: 2, df: Infinity });
  });
  test('one table is no distribution', () => { expect(() => combineImputations({ estimates: [1], variances: [1] })).toThrow('two estimates'); });
});
