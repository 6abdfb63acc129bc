import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../evaluate';
import { people, randomOf, tableOfPeople } from '../population';
import { compareCoefficients } from './ci-overlap';
import { utility } from './registry';
import { leastSquares, logisticRegression, overlapOf } from './regression';

const golden = JSON.parse(readFileSync('test/golden/utility/regression.json', 'utf8')) as { x: number[]; y: number[]; b: number[]; width: number; ols: { b: number[]; se: number[] }; logit: { b: number[]; se: number[] } };
const x = { rows: golden.y.length, width: golden.width, values: Float64Array.from(golden.x), names: ['1', 'a', 'b', 'c'] };

describe('regressions, against statsmodels 0.15', () => {
  it.each([['least squares', leastSquares(x, golden.y), golden.ols], ['logistic', logisticRegression(x, golden.b), golden.logit]] as const)('%s', (_, found, wanted) => {
    found.forEach((c, j) => { expect(c.estimate).toBeCloseTo(wanted.b[j], 9); expect(c.error).toBeCloseTo(wanted.se[j], 9); });
  });
  it('the overlap of intervals is Karr\'s', () => {
    expect(overlapOf({ low: 0, high: 4 }, { low: 2, high: 4 })).toBeCloseTo(0.5 * (2 / 4 + 2 / 2), 12);
    expect(overlapOf({ low: 0, high: 1 }, { low: 2, high: 3 })).toBe(0);
  });
  it('two samples of one population overlap by .71 on average, whatever their size', () => {
    const random = randomOf(3), normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()), overlaps: number[] = [];
    const fit = (n: number) => leastSquares({ rows: n, width: 2, values: Float64Array.from({ length: 2 * n }, (_, i) => (i % 2 ? normal() : 1)), names: ['1', 'a'] }, Float64Array.from({ length: n }, normal));
    for (let t = 0; t < 600; t++) { const n = t % 2 ? 60 : 200; overlaps.push(compareCoefficients(fit(n), fit(n)).overlap); }
    expect(overlaps.reduce((a, b) => a + b, 0) / 600).toBeGreaterThan(0.68);
    expect(overlaps.reduce((a, b) => a + b, 0) / 600).toBeLessThan(0.74);
  });
});

describe('the metrics', () => {
  const real = people(1500, 11), control = people(1000, 12), random = randomOf(13), fresh = people(1500, 14);
  const shuffled = (() => { const labels = fresh.map(r => r.buys).sort(() => random() - 0.5); return fresh.map((r, i) => ({ ...r, buys: labels[i] })); })();
  const evaluated = async (rows: typeof real, outcome: { column: string; task: 'classification' | 'regression' }, ids?: string[]) => {
    const { figures } = await evaluate({ training: tableOfPeople(real), synthetic: tableOfPeople(rows), control: tableOfPeople(control), outcome, seed: 1, device: 'cpu', metrics: utility.filter(m => !ids || ids.includes(m.info.id)) });
    return Object.fromEntries(figures.map(f => [f.metric, f]));
  };
  const buys = { column: 'buys', task: 'classification' } as const;

  it('find nothing poor in a fresh sample', async () => {
    const found = await evaluated(fresh, buys);
    expect(Object.keys(found)).toHaveLength(utility.length);
    for (const f of Object.values(found)) { if (f.metric !== 'utility.model-ranking') expect(f.value, `${f.metric} ${f.note}`).not.toBeNull(); expect(f.verdict, JSON.stringify(f)).not.toBe('poor'); }
    expect(found['utility.ci-overlap'].value!).toBeGreaterThan(0.5);
  });
  it('find that the outcome hangs on nothing', async () => {
    const found = await evaluated(shuffled, buys);
    for (const id of ['utility.tstr', 'utility.tstr-linear', 'utility.tstr-mlp', 'utility.trts']) expect(found[id].verdict, id).toBe('poor');
    expect(found['utility.augmentation'].detail!.gain).toBeLessThan(0);
    expect(found['utility.ci-overlap'].value!).toBeLessThan(found['utility.ci-overlap'].reference!.value - 0.05);
    expect(found['utility.importance'].value!).toBeLessThan(found['utility.importance'].reference!.value);
  });
  it('predict numbers as well', async () => {
    const found = await evaluated(fresh, { column: 'income', task: 'regression' }, ['utility.tstr', 'utility.tstr-linear', 'utility.tstr-mlp', 'utility.ci-overlap']);
    for (const f of Object.values(found)) { expect(f.value, f.note).not.toBeNull(); expect(f.verdict, JSON.stringify(f)).not.toBe('poor'); }
    expect(found['utility.tstr-mlp'].detail!.score).toBe('R2');
  });
});
