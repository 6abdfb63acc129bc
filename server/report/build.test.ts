import { describe, expect, it } from 'vitest';
import { jitterAll, jitterOne, people, randomOf, tableOfPeople } from '../evaluation/population';
import type { ReportData } from '../protocol';
import { evaluateTables } from './build';

const n = 4000;
/** Training, synthetic and control drawn from one population; `leak` puts changed training rows in place of that share of the synthetic ones. */
function judge(seed: number, leak = 0, change = jitterOne): Promise<ReportData> {
  const training = people(n, 3 * seed), synthetic = people(n, 3 * seed + 1), control = people(n / 2, 3 * seed + 2), random = randomOf(1000 + seed);
  for (let i = 0; i < leak * n; i++) synthetic[i * 7 % n] = change(training[Math.floor(n * random())], random);
  return evaluateTables({ training: tableOfPeople(training), synthetic: tableOfPeople(synthetic), control: tableOfPeople(control), outcome: { column: 'buys' }, seed, device: 'cpu' });
}
const verdict = (r: ReportData, family: string) => r.verdicts.find(v => v.family === family)!;
const figure = (r: ReportData, id: string) => r.figures.find(f => f.metric === id)!;

describe('the privacy verdict', () => {
  it.each([1, 2])('does not accuse two tables fresh from one population (seed %i)', async seed => {
    const r = await judge(seed);
    expect(verdict(r, 'privacy').verdict, verdict(r, 'privacy').sentence).toMatch(/good|undecided/);
    for (const id of ['privacy.near-copies', 'privacy.membership-auc']) expect(figure(r, id).verdict, id).toMatch(/good|undecided/);
    expect(verdict(r, 'fidelity').verdict).toBe('good');
    expect(verdict(r, 'utility').verdict).toMatch(/good|fair|undecided/);
  });

  it.each([4])('catches 2% of training rows planted with one column changed (seed %i)', async seed => {
    const r = await judge(seed, 0.02);
    expect(verdict(r, 'privacy').verdict).toBe('poor');
    expect(figure(r, 'privacy.near-copies').verdict).toBe('poor');
    expect(figure(r, 'privacy.near-copies').detail!.excess as number).toBeGreaterThan(0.012);
    // which no distance shows
    expect(figure(r, 'privacy.closer-share').value!).toBeLessThan(0.53);
    expect(verdict(r, 'fidelity').verdict).toBe('good');
  });

  it('catches 2% planted with every number changed a little, which are no near copies', async () => {
    const r = await judge(6, 0.02, jitterAll);
    expect(figure(r, 'privacy.near-copies').verdict).toMatch(/good|undecided/);
    expect(figure(r, 'privacy.membership-tpr-1').verdict).toMatch(/fair|poor/);
    expect(verdict(r, 'privacy').verdict).toMatch(/fair|poor/);
  });

  it('is not assessable, never good, without a control', async () => {
    const r = await evaluateTables({ training: tableOfPeople(people(300, 1)), synthetic: tableOfPeople(people(300, 2)), outcome: { column: 'buys' }, seed: 1, device: 'cpu' });
    expect(verdict(r, 'privacy').verdict).toBe('not-assessable');
    // copies are counted all the same: that they are there needs no control, what chance makes of them does
    for (const f of r.figures.filter(x => x.metric.startsWith('privacy.'))) expect([f.metric, f.value, f.verdict]).toEqual([f.metric, f.metric === 'privacy.exact-copies' ? 0 : null, 'not-assessable']);
    expect(figure(r, 'fidelity.two-sample').note).toMatch(/training/);
  });

  it('calls a synthetic table of one row neither good nor poor', async () => {
    const r = await evaluateTables({ training: tableOfPeople(people(300, 1)), synthetic: tableOfPeople(people(1, 2)), control: tableOfPeople(people(100, 3)), seed: 1, device: 'cpu' });
    expect(verdict(r, 'fidelity')).toMatchObject({ verdict: 'not-assessable', sentence: 'Fidelity: not assessable. 1 synthetic row is too few to judge a distribution by.' });
    expect(verdict(r, 'privacy').verdict).toMatch(/undecided|not-assessable/);
    expect(r.columns.some(c => c.verdict === 'poor' || c.verdict === 'fair')).toBe(false);
  });

  it('is undecided on tables too small to tell', async () => {
    const r = await evaluateTables({ training: tableOfPeople(people(200, 1)), synthetic: tableOfPeople(people(200, 2)), control: tableOfPeople(people(50, 3)), seed: 1, device: 'cpu' });
    expect(verdict(r, 'privacy').verdict).toBe('undecided');
    expect(verdict(r, 'privacy').sentence).toMatch(/too small/);
    expect(verdict(r, 'utility').verdict).toBe('not-assessable');
  });
});

describe('the report', () => {
  it('puts the worst column first and says in words what is wrong', async () => {
    const synthetic = people(2000, 2).map(p => ({ ...p, hours: p.hours === 40 ? 41 : p.hours, region: p.region === 'centre' ? 'north' : p.region }));
    const r = await evaluateTables({ training: tableOfPeople(people(2000, 1)), synthetic: tableOfPeople(synthetic), control: tableOfPeople(people(1000, 3)), outcome: { column: 'buys', guessed: true }, seed: 1, device: 'cpu', created: 'then' });
    expect(r.columns.slice(0, 2).map(c => c.name).sort()).toEqual(['hours', 'region']);
    const hours = r.columns.find(c => c.name === 'hours')!, region = r.columns.find(c => c.name === 'region')!;
    expect(hours.findings.join(' ')).toMatch(/value 40 is too rare: 0% of the synthetic values, 4\d%/);
    expect(region.findings[0]).toMatch(/"north" is too frequent|never appear: "centre"/);
    expect(region.score!).toBeLessThan(region.referenceScore!);
    expect(figure(r, 'fidelity.two-sample').value!).toBeGreaterThan(0.7);
    expect(verdict(r, 'fidelity').verdict).toBe('poor');
    expect(verdict(r, 'fidelity').sentence).toMatch(/^Fidelity: poor\. A boosted-tree classifier tells synthetic from real rows with AUC 0\.\d{3} \(0\.\d{3} to (0\.\d{3}|1\.000)\)/);
    expect(verdict(r, 'utility').reasons.join(' ')).toMatch(/guessed/);
    const picture = region.picture;
    if (picture.type !== 'bars') throw new Error(picture.type);
    for (const shares of [picture.real, picture.synthetic, picture.holdout!]) expect(shares.reduce((s, x) => s + x, 0)).toBeCloseTo(1, 9);
    const income = r.columns.find(c => c.name === 'income')!.picture;
    if (income.type !== 'histogram') throw new Error(income.type);
    expect(income.real.length).toBe(income.edges.length - 1);
    expect(income.real.reduce((s, x) => s + x, 0) + income.missing.real).toBeCloseTo(1, 9);
    expect(income.missing.real).toBeGreaterThan(0.02);
    expect(r.pairs!.statistic.length).toBe(81);
    expect(r.distances!.syntheticToTraining.reduce((s, x) => s + x, 0)).toBeCloseTo(1, 9);
    for (const f of r.figures) expect(r.metrics[f.metric]?.definition, f.metric).toBeTruthy();
    // plain JSON, and the same again for the same seed
    const again = await evaluateTables({ training: tableOfPeople(people(2000, 1)), synthetic: tableOfPeople(synthetic), control: tableOfPeople(people(1000, 3)), outcome: { column: 'buys', guessed: true }, seed: 1, device: 'cpu', created: 'then' });
    expect(JSON.parse(JSON.stringify(r))).toEqual(r);
    expect(again).toEqual(r);
  });

  it('stops when cancelled', async () => {
    const { cancelled } = await import('../errors');
    await expect(evaluateTables({ training: tableOfPeople(people(200, 1)), synthetic: tableOfPeople(people(200, 2)), seed: 1, device: 'cpu', progress: async f => { if (f > 0.2) throw cancelled(); } })).rejects.toThrow('Cancelled');
  });
});
