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
});
