import { expect, test } from 'vitest';
import { fuzz, mutate, dice, corpus } from './fuzz';

test('mutated files harm nobody: every service answers', async () => {
  // The time is asserted in the slow lane only: a busy machine proves nothing.
  expect((await fuzz(Number(process.env.FUZZ ?? 1500), 1)).slowest).toBeGreaterThan(0);
}, 600_000);

test('the mutations do wound', () => {
  const roll = dice(3), [text] = corpus();
  expect(new Set(Array.from({ length: 50 }, () => mutate(text, roll, text))).size).toBe(50);
});
