import { expect, test } from 'vitest';
import { z } from 'zod';
import { generators } from '../generators/registry';
import { settingsOf, wrap } from './generators';

test('settings are told with their ranges and defaults', () => {
  const made = settingsOf(z.strictObject({
    epochs: z.int().min(1).max(50).default(30).describe('Passes.'), rate: z.number().positive().max(0.1).optional(), mode: z.enum(['a', 'b']).default('b'),
    dims: z.array(z.int().min(1)).default([2, 3]), name: z.string().default(''), on: z.boolean().default(true), any: z.number().default(1.5),
  }));
  expect(made.map((s) => [s.name, s.values, s.default])).toEqual([
    ['epochs', 'whole, 1 to 50', '30'], ['rate', 'above 0 to 0.1', 'chosen from the table'], ['mode', 'a, b', 'b'], ['dims', 'list of whole, from 1', '[2,3]'], ['name', 'text', 'none'], ['on', 'true, false', 'true'], ['any', 'number', '1.5'],
  ]);
});

test.each(generators.map((g) => [g.id, g] as const))('%s: every setting has words and values', async (_, entry) => {
  for (const s of settingsOf((await entry.load()).parameters)) {
    expect(s.what, s.name).not.toBe('');
    expect(s.values, s.name).not.toMatch(/undefined|NaN/);
  }
});

test('lines break at spaces', () => {
  expect(wrap('one two three four', 9)).toEqual(['one two', 'three', 'four']);
  expect(wrap('unbreakable', 4)).toEqual(['unbreakable']);
});
