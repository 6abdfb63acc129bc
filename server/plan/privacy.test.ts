import { promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UserError } from '../errors';
import { BudgetExhausted } from '../privacy/ledger/budget';
import { Ledger } from '../privacy/ledger/ledger';
import { makePlan } from './plan';
import { checkPrivacy, defaultDelta, privacyWish } from './privacy';

let folder: string;
beforeEach(async () => { folder = await fs.mkdtemp(join(tmpdir(), 'understudy-budget-')); });
afterEach(() => fs.rm(folder, { recursive: true, force: true }));
const source = 'ab'.repeat(32), run = (changes = {}) => ({ generator: 'independent', source, ledgers: folder, ...changes });
const check = (wish: unknown, changes = {}) => checkPrivacy(privacyWish.parse(wish), run(changes));

test.each<[string, object, string]>([
  ['epsilon 0', { epsilon: 0, delta: 1e-6, declareSchema: true }, 'epsilon is 0; it must be above 0'],
  ['epsilon -1, without a delta', { epsilon: -1, declareSchema: true }, 'epsilon is -1'],
  ['a delta of one row in a hundred', { epsilon: 1, delta: 0.01, publicRows: 100, declareSchema: true }, 'not below 1/n for 100 rows'],
  ['a delta of 1', { epsilon: 1, delta: 1, declareSchema: true }, 'delta is 1'],
  ['no delta and no rows', { epsilon: 1, declareSchema: true }, 'needs a delta (--delta)'],
  ['nothing said of the columns', { epsilon: 1, delta: 1e-6 }, 'Add --declare-schema'],
  ['two declarations', { epsilon: 1, delta: 1e-6, declareSchema: true, schema: { columns: [{ name: 'a', kind: 'integer' }] } }, 'say two things'],
  ['a schema without a format', { epsilon: 1, delta: 1e-6, schema: { columns: [{ name: 'd', kind: 'date' }] } }, 'without its format'],
  ['a column twice', { epsilon: 1, delta: 1e-6, schema: { columns: [{ name: 'a', kind: 'integer' }, { name: 'a', kind: 'real' }] } }, 'is declared twice'],
  ['a domain the wrong way round', { epsilon: 1, delta: 1e-6, schema: { columns: [{ name: 'a', kind: 'integer' }] }, domains: { a: { min: 9, max: 1 } } }, 'The first must be below the second'],
  ['values of a number', { epsilon: 1, delta: 1e-6, schema: { columns: [{ name: 'a', kind: 'integer' }] }, domains: { a: { values: ['1'] } } }, 'it has ends, not values'],
])('%s: refused with the reason', (_, wish, words) => {
  let error: unknown;
  try { check(wish); } catch (e) { error = e; }
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).toText()).toContain(words);
});

test('an epsilon alone: delta and schema are asked for at once, each with what to type', () => {
  let error: unknown;
  try { check({ epsilon: 3 }); } catch (e) { error = e; }
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).message).toMatch(/needs a delta .*declared what the columns are/);
  for (const flag of ['--delta 1e-6', '--public-rows', '--declare-schema', '--public-schema FILE.json']) expect((error as UserError).hint).toContain(flag);
  // With a delta, or a schema, only the other is asked for.
  expect(() => check({ epsilon: 3, declareSchema: true })).toThrow(/^(?!.*declared what)/);
  expect(() => check({ epsilon: 3, delta: 1e-6 })).toThrow(/^(?!.*--delta)/);
});

test('a generator that cannot is refused by name, with those that can', () => {
  expect(() => check({ epsilon: 1, delta: 1e-6, declareSchema: true }, { generator: 'smote' })).toThrow('The generator smote cannot keep a privacy budget');
  try { check({ epsilon: 1, delta: 1e-6, declareSchema: true }, { generator: 'cart' }); } catch (e) { expect((e as UserError).hint).toMatch(/independent/); }
  expect(check({ epsilon: 1, delta: 1e-6, declareSchema: true }, { generator: 'auto' })).toMatchObject({ epsilon: 1, unit: 'row' });
});

test('where the number of rows is public, delta is a power of ten at most a tenth of 1 / rows', () => {
  expect([10, 32_561, 1_000_000].map(defaultDelta)).toEqual([1e-2, 1e-6, 1e-7]);
  for (const n of [2, 9, 10, 11, 99, 1000, 48_842]) expect(defaultDelta(n)).toBeLessThanOrEqual(0.1 / n * (1 + 1e-9));
  expect(check({ epsilon: 1, publicRows: 32_561, declareSchema: true }).delta).toBe(1e-6);
});

test('what earlier releases spent counts before anything is read', () => {
  new Ledger(folder, source).charge({ run: 'r', purpose: 'x', mechanism: { kind: 'gaussian', sigma: 2.2 }, count: 1, sensitivity: 1, noise: 2.2, unit: 'row' }, { epsilon: 3, delta: 1e-6 });
  expect(() => check({ epsilon: 2, delta: 1e-6, declareSchema: true })).toThrow(BudgetExhausted);
  expect(check({ epsilon: 3, delta: 1e-6, declareSchema: true }).epsilon).toBe(3);
  // Why the same releases suddenly count for more than they did.
  try { check({ epsilon: 2, delta: 1e-6, declareSchema: true }); } catch (e) { expect((e as UserError).hint).toContain('The budget was epsilon 3 before'); }
});

test('the plan holds the request; without one there is none', async () => {
  await fs.writeFile(join(folder, 't.csv'), 'a,b\n1,2\n');
  const context = { cwd: folder, isOurs: async () => false, ledgers: join(folder, 'privacy') };
  const plan = await makePlan({ path: 't.csv', privacy: { epsilon: 1, delta: 1e-3, declareSchema: true, domains: { a: { min: 0, max: 9 } } } }, context);
  expect(plan.privacy).toEqual({ epsilon: 1, delta: 1e-3, unit: 'row', declareSchema: true, domains: { a: { min: 0, max: 9 } } });
  expect((await makePlan({ path: 't.csv' }, context)).privacy).toBeUndefined();
  // In the command line's words.
  await expect(makePlan({ path: 't.csv', privacy: { epsilon: 1, publicRows: 0, declareSchema: true } }, context)).rejects.toThrow('--public-rows: must be at least 2');
  await expect(makePlan({ path: 't.csv', privacy: { epsilon: 1, delta: 1e-3 } }, context)).rejects.toThrow('must be declared');
});
