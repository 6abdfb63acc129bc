import { describe, expect, it } from 'vitest';
import type { Figure, Verdict } from '../protocol';
import { verdicts } from './verdicts';

describe('the sentence on fidelity', () => {
  const figure = (metric: string, value: number, verdict: Verdict, pEqual?: number): Figure => ({ metric, value, verdict, samples: { synthetic: 300, control: 300 }, ...(pEqual !== undefined && { detail: { pEqual } }) });
  const said = (auc: [number, Verdict, number?], shapes: [number, Verdict, number?], pairs: [number, Verdict, number?]) =>
    verdicts([figure('fidelity.two-sample', ...auc), figure('fidelity.shapes', ...shapes), figure('fidelity.pair-trends', ...pairs)])[0];
  it('rests on three tests: one of them may find as much in a fresh table as it would find alone in one of twenty', () => {
    const one = said([0.57, 'fair', 0.03], [0.98, 'good', 0.4], [0.97, 'good', 0.6]);
    expect([one.verdict, one.reasons.join(' ')]).toEqual(['undecided', expect.stringContaining('p = 0.03')]);
  });
  it('accuses beyond that, and where a figure has no test of its own', () => {
    expect(said([0.57, 'fair', 0.01], [0.98, 'good', 0.4], [0.97, 'good', 0.6]).verdict).toBe('fair');
    expect(said([0.57, 'fair', 0.03], [0.85, 'poor', 0.001], [0.97, 'good', 0.6]).verdict).toBe('poor');
    expect(said([0.57, 'fair'], [0.98, 'good', 0.4], [0.97, 'good', 0.6]).verdict).toBe('fair');
  });
  it('says why a table of people without a control is undecided, beside an AUC that would accuse it', () => {
    const note = 'Judged against the training rows, for want of a control. Rows of one "who" resemble each other.';
    const of = (people: boolean) => verdicts([{ metric: 'fidelity.two-sample', value: 0.9, verdict: 'undecided', samples: { synthetic: 300, training: 300 }, note, ...(people && { detail: { rowsAlike: 25 } }) }])[0].sentence;
    expect(of(true)).toContain('AUC 0.900; 0.500 would be indistinguishable. Judged against the training rows, for want of a control. Rows of one "who"');
    expect(of(false)).not.toContain('resemble');
  });
});

describe('the sentence on privacy', () => {
  const figure = (metric: string, value: number, verdict: Verdict, detail: Record<string, number> = {}): Figure => ({ metric, value, verdict, samples: { training: 8000, control: 2000 }, interval: { low: value - 0.01, high: value + 0.01, level: 0.95, method: 'DeLong' }, detail });
  const rows = [figure('privacy.near-copies', 0, 'good', { excess: 0, excessUpper95: 0.001 }), figure('privacy.membership-auc', 0.51, 'undecided', { upper95: 0.525 })];
  it('is on the rows: what the model itself would betray does not count, and is said apart from it', () => {
    const without = verdicts(rows).find(v => v.family === 'privacy')!, beside = verdicts([...rows, figure('privacy.likelihood', 0.56, 'poor')]).find(v => v.family === 'privacy')!;
    expect([beside.verdict, beside.sentence]).toEqual([without.verdict, without.sentence]);
    expect(beside.reasons.filter(r => !without.reasons.includes(r))).toEqual(['Not counted, since the rows do not show it: if the model itself were given away, it would betray who was learnt (membership by its likelihood, AUC 0.560, poor). Keep it as you keep the real table.']);
    expect(without.sentence).toBe('Privacy: undecided. No leak was seen, and copies beyond chance are ruled out; but a membership attack may reach AUC 0.525 (one-sided 95% bound), more than can be called good.');
    expect(verdicts([figure('privacy.near-copies', 0, 'undecided', { smallestDetectable: 0.03 }), rows[1]]).find(v => v.family === 'privacy')!.sentence).toContain('the tables are too small to rule one out: copies of fewer than about 3.0%');
    // a bound that would be good, from rows too few to have seen what would be poor
    expect(verdicts([rows[0], figure('privacy.membership-auc', 0.45, 'undecided', { upper95: 0.51 })]).find(v => v.family === 'privacy')!.sentence).toContain('too small to rule one out');
    const good = verdicts([...rows, figure('privacy.likelihood', 0.5, 'good')]).find(v => v.family === 'privacy')!;
    expect(good.reasons.join(' ')).not.toContain('betray');
  });
});
