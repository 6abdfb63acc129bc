import { describe, expect, it } from 'vitest';
import { wilson } from '../../learners/metrics';
import { attackFigure } from './attack-figure';
import { rateExcess } from './excess';
import { cannotTell } from './leak';
import { linked as tolerated } from './thresholds';

/** An attack on so many people of each side, of whom so many were found, beside guessing that succeeds once in `rows`. */
function attacked(people: number, found: number, rows: number, others = found) {
  const flags = (k: number) => Uint8Array.from({ length: people }, (_, i) => Number(i < k)), w = wilson(found, people), c = wilson(others, people);
  return attackFigure('privacy.linkability', rateExcess(flags(found), flags(others)), { value: found / people, interval: { low: w.low, high: w.high, level: 0.95, method: 'Wilson' } },
    { value: others / people, interval: [c.low, c.high] }, { successes: people / rows, tried: people }, { training: people, control: people, synthetic: rows }, {}, tolerated);
}

describe('what an attack on a sample of a large table says', () => {
  it('blames the rows that it looked at, not a table of a million', () => {
    const f = attacked(100, 2, 1_000_000, 1);
    expect(f.verdict).toBe('undecided');
    expect(f.note).toMatch(/^100 training and 100 control rows are too few to tell: only an excess above [\d.]+% would have been seen\.$/);
    expect(cannotTell({ control: 891, folds: 5 }, 'x')).toBe('891 rows are too few to tell: only x would have been seen.');
    expect(cannotTell({ control: 12 }, undefined)).toBe('12 rows are too few to tell, whatever the leak.');
    expect(cannotTell({ predicates: 40, training: 2000, control: 2000 }, 'x')).toMatch(/^40 conditions are/);
  });
  it('does not call a hundred failures no better than guessing, where guessing succeeds once in a million', () => {
    const few = attacked(100, 0, 1_000_000);
    expect(few.note).toContain('Guessing succeeds about once in 1,000,000 attempts: so few cannot tell whether the attack does better.');
    expect(few.note).not.toContain('no better');
    // four of two thousand are what guessing among five hundred rows is expected to find
    expect(attacked(2000, 4, 500).note).toContain('The attack does no better than guessing');
    expect(attacked(2000, 40, 500).note ?? '').not.toContain('uessing');
  });
});
