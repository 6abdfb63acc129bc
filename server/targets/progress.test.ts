import { expect, test } from 'vitest';
import type { Progress } from '../protocol';
import { ProgressMeter } from './progress';

function meter() {
  let clock = 0;
  const seen: Progress[] = [];
  const m = new ProgressMeter([{ phase: 'reading', seconds: 10 }, { phase: 'training', seconds: 80 }, { phase: 'writing', seconds: 10 }], (p) => seen.push(p), () => clock);
  return { m, seen, at: (s: number) => { clock = s * 1000; } };
}

test('the fraction follows the weights and never goes back', () => {
  const { m, seen } = meter();
  m.begin('reading'); m.report({ fraction: 0.5 });
  expect(seen.at(-1)!.fraction).toBeCloseTo(0.05);
  m.begin('training'); m.report({ fraction: 0.5 }); m.report({ fraction: 0.25 });
  expect(seen.at(-1)!.fraction).toBeCloseTo(0.5);
  m.begin('writing'); m.report({ fraction: 1 });
  expect(seen.at(-1)!.fraction).toBe(1);
});

test('time left comes down with the clock and ends near nothing', () => {
  const { m, seen, at } = meter();
  m.begin('reading');
  expect(seen.at(-1)!.secondsLeft).toBeCloseTo(100);
  at(10); m.begin('training');
  for (let s = 1; s <= 80; s++) { at(10 + s); m.report({ fraction: s / 80 }); }
  expect(seen.at(-1)!.secondsLeft!).toBeGreaterThan(5);
  expect(seen.at(-1)!.secondsLeft!).toBeLessThan(15);
  m.begin('writing'); at(100); m.report({ fraction: 1 });
  expect(seen.at(-1)!.secondsLeft!).toBeLessThan(3);
});

test('a stage that is half as fast as thought is believed, and a left-out stage counts as done', () => {
  const { m, seen, at } = meter();
  m.begin('training');
  expect(seen.at(-1)!.fraction).toBeCloseTo(0.1);
  for (let s = 1; s <= 80; s++) { at(s); m.report({ fraction: s / 160 }); }
  expect(seen.at(-1)!.secondsLeft!).toBeGreaterThan(75);
  expect(() => m.begin('reading')).toThrow('not ahead');
});

test('the device is remembered and a fit may show its own phase', () => {
  const { m, seen } = meter();
  m.begin('training'); m.report({ phase: 'warming-up', device: { name: 'cpu', description: 'CPU' } });
  expect(seen.at(-1)).toMatchObject({ phase: 'warming-up', device: { name: 'cpu' } });
  m.begin('writing');
  expect(seen.at(-1)).toMatchObject({ phase: 'writing', device: { name: 'cpu' } });
});
