import { expect, it } from 'vitest';
import type { Figure, MetricInfo } from '../protocol';
import { targetSentence } from './target-verdict';

const info = (id: string, name: string, unit: 'share' | 'score' = 'share'): MetricInfo => ({ id, name, family: 'target', range: [0, 1], unit, better: 'higher', definition: `${name}, defined.`, paper: 'none', needs: [] });
const metrics = Object.fromEntries([info('target.condition', 'Rows that meet the condition'), info('target.shares', 'Largest error of a share'), info('target.acceptance', 'Acceptance rate'), info('target.gap', 'Fairness gap')].map(i => [i.id, i]));
const figure = (metric: string, value: number | null, verdict: Figure['verdict'], more: Partial<Figure> = {}): Figure => ({ metric, value, verdict, samples: {}, ...more });

it('a run without a target has no sentence; one whose target is met says by what', () => {
  expect(targetSentence([figure('fidelity.shapes', 0.9, 'poor')], metrics)).toBeUndefined();
  expect(targetSentence([figure('target.condition', null, 'not-assessable')], metrics)).toBeUndefined();
  expect(targetSentence([figure('target.condition', 1, 'good'), figure('fidelity.shapes', 0.5, 'poor')], metrics)).toEqual({ family: 'target', verdict: 'good', sentence: 'Target: good. What was declared is met: Rows that meet the condition 100%.', reasons: [] });
});
it('the worst figure that says whether it was met speaks, with what was wanted', () => {
  const s = targetSentence([figure('target.condition', 1, 'good'), figure('target.shares', 0.08, 'poor', { detail: { allowed: 0.02, worst: 'region = north', wanted: 0.2, got: 0.28 } })], metrics)!;
  expect(s.verdict).toBe('poor');
  expect(s.sentence).toBe('Target: poor. What was declared is not met: Largest error of a share 8.0% (so many rows allow 2.0%); worst: region = north, 28% for 20%.');
  expect(s.reasons[0]).toBe('Rows that meet the condition 100%.');
});
it('what it cost is told, and misses no target', () => {
  const s = targetSentence([figure('target.acceptance', 0.001, 'poor'), figure('target.condition', 1, 'good')], metrics)!;
  expect(s.verdict).toBe('good');
  expect(s.reasons.join(' ')).toContain('Acceptance rate 0.10%');
  expect(s.reasons.at(-1)).toContain('Had at a price');
  expect(targetSentence([figure('target.acceptance', 0.5, 'good')], metrics)!.verdict).toBe('not-assessable');
});
it('a declared gap stands beside the one reached', () => {
  expect(targetSentence([figure('target.gap', 0.12, 'poor', { detail: { declared: 0.05 } })], metrics)!.sentence).toContain('Fairness gap 12% (declared: within 5.0%).');
});
