import { describe, expect, it } from 'vitest';
import { tableOf } from '../fixture';
import { makeView } from '../view';
import { findCopies } from './copies';
import { copyFigure } from './copy-figure';

const none = async () => {};
const rows = (cells: Array<[number | null, string | null, number | null]>) => tableOf({
  age: { kind: 'integer', cells: cells.map(r => r[0]) }, job: { kind: 'category', cells: cells.map(r => r[1]) }, day: { kind: 'date', cells: cells.map(r => r[2]) },
});

describe('copies', () => {
  it('are exact when all cells agree, missing ones and -0 included', async () => {
    const view = makeView({ training: rows([[30, 'a', 100], [null, null, 7], [0, 'b', 3]]), synthetic: rows([[null, null, 7], [-0, 'b', 3], [30, 'a', null]]), control: rows([[1, 'a', 1]]) });
    const { exact } = await findCopies(view, none);
    expect([...exact.syntheticInTraining]).toEqual([1, 1, 0]);
    expect([...exact.trainingInSynthetic]).toEqual([0, 1, 1]);
  });

  it('are near when one column differs: within 5% of the real value, another category, or 5% of a date column\'s interquartile range', async () => {
    const training = rows([[100, 'a', 0], [-100, 'a', 0], [50, 'b', 1000], [60, 'c', 2000], [70, 'd', 3000]]);
    // interquartile range of the days (0, 0, 1000, 2000, 3000) is 2000: within 100 days
    const synthetic = rows([
      [105, 'a', 0], [106, 'a', 0], [95, 'a', 0], [94.9, 'a', 0],       // 5% of 100 is 5
      [-105, 'a', 0], [-94, 'a', 0],
      [50, 'zzz', 1000], [50, null, 1000],                              // any other category
      [50, 'b', 1100], [50, 'b', 1101],
      [null, 'b', 1000],                                                // a missing number is near no number
      [51, 'zzz', 1000],                                                // two columns differ
    ]);
    const { near, exact } = await findCopies(makeView({ training, synthetic, control: rows([[1, 'a', 1]]) }), none);
    expect([...near.syntheticInTraining]).toEqual([1, 0, 1, 0, 1, 0, 1, 1, 1, 0, 0, 0]);
    expect(exact.syntheticInTraining.every(f => f === 0)).toBe(true);
    expect([...near.trainingInSynthetic]).toEqual([1, 1, 1, 0, 0]);
  });

  it('agree with a search of all pairs on random tables', async () => {
    let s = 7;
    const random = (n: number) => { s = (Math.imul(s, 1103515245) + 12345) >>> 0; return (s >>> 8) % n; };
    const make = (n: number) => Array.from({ length: n }, (): [number | null, string | null, number | null] => [random(9) === 0 ? null : random(40) - 5, random(8) === 0 ? null : 'xyz'[random(3)], random(10)]);
    const training = make(150), synthetic = make(120), control = make(60), days = training.map(r => r[2]!).sort((a, b) => a - b);
    const q = (p: number) => { const at = p * 149, i = Math.floor(at); return days[i] + (days[Math.min(149, i + 1)] - days[i]) * (at - i); };
    const width = 0.05 * (q(0.75) - q(0.25));
    type Row = typeof training[number];
    const near = (fake: Row, real: Row) => {
      const differing = [0, 1, 2].filter(j => fake[j] !== real[j]);
      if (differing.length === 0) return true;
      if (differing.length > 1) return false;
      const j = differing[0], f = fake[j] as number, r = real[j] as number;
      if (j === 1) return true;
      if (fake[j] === null || real[j] === null) return false;
      return Math.abs(f - r) <= (j === 0 ? 0.05 * Math.abs(r) : width);
    };
    const found = await findCopies(makeView({ training: rows(training), synthetic: rows(synthetic), control: rows(control) }), none);
    expect([...found.near.syntheticInTraining]).toEqual(synthetic.map(f => Number(training.some(r => near(f, r)))));
    expect([...found.near.controlInTraining]).toEqual(control.map(f => Number(training.some(r => near(f, r)))));
    expect([...found.near.trainingInSynthetic]).toEqual(training.map(r => Number(synthetic.some(f => near(f, r)))));
    expect([...found.near.controlInSynthetic]).toEqual(control.map(r => Number(synthetic.some(f => near(f, r)))));
    const real = [...training, ...control], twins = real.map((r, i) => Number(real.some((o, j) => i !== j && near(o, r))));
    expect([...found.common.near.training, ...found.common.near.control]).toEqual(twins);
    expect(twins.some(t => t === 0)).toBe(true);
    expect([...found.exact.syntheticInControl]).toEqual(synthetic.map(f => Number(control.some(r => r.every((c, j) => c === f[j])))));
  });
});

describe('the verdict on copies', () => {
  const flags = (n: number, ones: number) => Uint8Array.from({ length: n }, (_, i) => (i < ones ? 1 : 0));
  const figure = (training: [number, number], control: [number, number], synthetic: [number, number], reference: number) => copyFigure('privacy.near-copies', 'near copies', {
    syntheticInTraining: flags(...synthetic), syntheticInControl: flags(synthetic[0], 0), controlInTraining: flags(control[0], reference),
    trainingInSynthetic: flags(...training), controlInSynthetic: flags(...control),
  }, { training: new Uint8Array(training[0]), control: new Uint8Array(control[0]) });

  it('is poor for 2% copied rows beyond the control\'s', () => expect(figure([20000, 600], [10000, 100], [20000, 600], 100).verdict).toBe('poor'));
  it('is good where a large table shows none', () => expect(figure([20000, 200], [10000, 100], [20000, 200], 100).verdict).toBe('good'));
  it('is undecided where a small one cannot tell, and says what it could have seen', () => {
    const f = figure([300, 6], [80, 1], [300, 6], 1);
    expect(f.verdict).toBe('undecided');
    expect(f.detail!.smallestDetectable).toBeGreaterThan(0.02);
  });
  it('does not accuse a table that is denser than reality around everybody', () => {
    const f = figure([20000, 2000], [20000, 2000], [20000, 2000], 200);
    expect(f.verdict === 'good' || f.verdict === 'undecided').toBe(true);
    expect(f.note).toMatch(/denser/);
  });
  it('counts copied people in a small release of a large table against its own size', () => expect(figure([200000, 140], [50000, 5], [1000, 40], 5).verdict).toBe('poor'));
});
