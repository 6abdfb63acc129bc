import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../evaluate';
import { people, randomOf, tableOfPeople } from '../population';
import { gapFigure } from './gap-figure';
import type { Grouping } from './groups';
import { countGroups, falsePositives, largestGap, precision, selection, smallestRatio, truePositives } from './measures';
import { fairness } from './registry';

const golden = JSON.parse(readFileSync('test/golden/fairness/fairness.json', 'utf8')) as { cases: Array<{ groups: number; g: number[]; y: number[]; p: number[] } & Record<'demographicParity' | 'ratio' | 'equalisedOdds' | 'equalOpportunity' | 'precision' | 'data', number>> };

describe.each(golden.cases.map((c, i) => [i, c] as const))('fairlearn 0.15, case %i', (_, c) => {
  const counts = countGroups(c.groups, c.g, c.y, c.p), gap = (of: typeof selection) => largestGap(counts.map(of), 1)!.value;
  it('agrees to 1e-9', () => {
    expect(gap(selection)).toBeCloseTo(c.demographicParity, 10);
    expect(smallestRatio(counts.map(selection), 1)!.value).toBeCloseTo(c.ratio, 10);
    expect(gap(truePositives)).toBeCloseTo(c.equalOpportunity, 10);
    expect(Math.max(gap(truePositives), gap(falsePositives))).toBeCloseTo(c.equalisedOdds, 10);
    expect(gap(precision)).toBeCloseTo(c.precision, 10);
    expect(largestGap(countGroups(c.groups, c.g, c.y).map(selection), 1)!.value).toBeCloseTo(c.data, 10);
  });
});

describe('intervals', () => {
  it('cover the difference and the ratio of two shares at their level', () => {
    const random = randomOf(5), draw = (p: number, n: number) => { let k = 0; for (let i = 0; i < n; i++) if (random() < p) k++; return { k, n }; };
    let difference = 0, ratio = 0;
    const trials = 1000;
    for (let t = 0; t < trials; t++) {
      const rates = [draw(0.5, 120), draw(0.3, 90)], d = largestGap(rates, 1)!, r = smallestRatio(rates, 1)!;
      if (d.low <= 0.2 && 0.2 <= d.high) difference++;
      if (r.low <= 0.6 && 0.6 <= r.high) ratio++;
    }
    for (const covered of [difference, ratio]) { expect(covered / trials).toBeGreaterThan(0.93); expect(covered / trials).toBeLessThan(0.98); }
  });
  it('need two groups with enough cases', () => { expect(largestGap([{ k: 3, n: 40 }, { k: 1, n: 5 }], 30)).toBeUndefined(); });
});

describe('a verdict on a gap', () => {
  const judge = (n: number, own: number, other: number) => {
    const grouping = { name: 'sex', names: ['f', 'm'] } as unknown as Grouping, rates = (a: number, b: number) => [[{ k: Math.round(a * n), n }, { k: Math.round(b * n), n }]];
    return gapFigure('fairness.data-parity', [{ grouping, synthetic: rates(0.5, 0.5 - own), real: rates(0.5, 0.5 - other) }], {}, {}, { good: 0.05, fair: 0.1 }, 'difference', 'real rows');
  };
  it('is good where no more could have gone unseen, undecided where the groups are too small for that, and poor beyond doubt only', () => {
    expect(judge(5000, 0.02, 0.02).verdict).toBe('good');
    expect(judge(60, 0.02, 0.02)).toMatchObject({ verdict: 'undecided', note: expect.stringContaining('would not have stood out') });
    expect(judge(5000, 0.3, 0.02).verdict).toBe('poor');
    expect(judge(60, 0.15, 0.02)).toMatchObject({ verdict: 'undecided', note: expect.stringContaining('too small to tell') });
  });
});

describe('the metrics', () => {
  const real = people(2400, 1), control = people(2400, 2), fresh = people(2400, 3), random = randomOf(4);
  /** As `fresh`, but seven in ten women who buy do not. */
  const biased = people(2400, 3).map(r => (r.sex === 'f' && r.buys === 'yes' && random() < 0.7 ? { ...r, buys: 'no' } : r));
  /** As `fresh`, but the rows of men are shuffled column by column. */
  const scrambled = (() => { const men = fresh.filter(r => r.sex === 'm'), ages = men.map(() => 20 + Math.floor(8 * random())); let i = 0; return fresh.map(r => (r.sex === 'm' ? { ...r, age: ages[i++] } : r)); })();
  const figures = async (rows: typeof real, ids?: string[], sensitive = ['sex', 'region']) => {
    const { figures: all } = await evaluate({
      training: tableOfPeople(real), synthetic: tableOfPeople(rows), control: tableOfPeople(control), outcome: { column: 'buys', task: 'classification' }, sensitive, positive: 'yes', seed: 1, device: 'cpu',
      metrics: fairness.filter(m => !ids || ids.includes(m.info.id)),
    });
    return Object.fromEntries(all.map(f => [f.metric, f]));
  };

  it('find nothing poor in a fresh sample, and are all there', async () => {
    const found = await figures(fresh, undefined, ['sex']);
    expect(Object.keys(found)).toHaveLength(fairness.length);
    for (const f of Object.values(found)) { expect(f.value, f.note).not.toBeNull(); expect(f.verdict, `${f.metric} ${JSON.stringify(f)}`).not.toBe('poor'); }
    expect(found['fairness.conditional-fidelity'].verdict).not.toBe('fair');
    expect(found['fairness.data-parity'].interval!.method).toContain('Newcombe');
  });
  it('find the group that the synthetic rows shortchange, in the data and in the models', async () => {
    const found = await figures(biased, ['fairness.data-parity', 'fairness.data-impact', 'fairness.demographic-parity'], ['sex']);
    expect(found['fairness.data-parity'].detail!.excess).toBeGreaterThan(0.05);
    expect(['poor', 'fair']).toContain(found['fairness.data-parity'].verdict);
    expect(String(found['fairness.data-parity'].detail!.least)).toContain('f');
    expect(found['fairness.data-impact'].value!).toBeLessThan(found['fairness.data-impact'].reference!.value);
    expect(found['fairness.demographic-parity'].value!).toBeGreaterThan(found['fairness.demographic-parity'].reference!.value);
  });
  it('find the group whose rows are modelled worse', async () => {
    const f = (await figures(scrambled, ['fairness.conditional-fidelity']))['fairness.conditional-fidelity'];
    expect(f.detail!.group).toContain('m');
    expect(f.value!).toBeGreaterThan(f.reference!.value);
    expect(['fair', 'poor']).toContain(f.verdict);
  });
});
