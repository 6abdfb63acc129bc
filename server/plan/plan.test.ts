import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UserError } from '../errors';
import { makePlan } from './plan';

let folder: string;
const context = () => ({ cwd: folder, isOurs: async () => false });
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'understudy plan \u00fc\''));
  writeFileSync(join(folder, 'orders.csv'), 'a,b\n1,2\n');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('fills in what the user left open', async () => {
  const plan = await makePlan({ path: 'orders.csv' }, context());
  expect(plan).toMatchObject({
    version: 1, purpose: 'release', budgetSeconds: 45, device: 'auto', columns: {}, protection: { enabled: true, k: 5 },
    source: { path: join(folder, 'orders.csv'), bytes: 8, sha256: '492d5ea496056f1a6a6592241032fab764c321596317930b4fa0e1e8bc3b7470' },
    out: join(folder, 'orders.synthetic.csv'), reportOut: join(folder, 'orders.synthetic.report.html'),
  });
  expect(plan.rows).toBeUndefined();
  expect(plan.seed).toBeGreaterThanOrEqual(0);
  const seeds = new Set(await Promise.all(Array.from({ length: 5 }, async () => (await makePlan({ path: 'orders.csv' }, context())).seed)));
  expect(seeds.size).toBe(5);
});

test('takes no name that is in use, unless it is ours or one says so', async () => {
  writeFileSync(join(folder, 'orders.synthetic.csv'), 'precious');
  expect((await makePlan({ path: 'orders.csv' }, context())).out).toBe(join(folder, 'orders.synthetic-2.csv'));
  expect((await makePlan({ path: 'orders.csv' }, { ...context(), isOurs: async () => true })).out).toBe(join(folder, 'orders.synthetic.csv'));
  expect((await makePlan({ path: 'orders.csv', force: true }, context())).out).toBe(join(folder, 'orders.synthetic.csv'));
  await expect(makePlan({ path: 'orders.csv', out: 'orders.synthetic.csv' }, context())).rejects.toThrow('already exists');
});

test('the report of a table of another format keeps its name', async () => {
  writeFileSync(join(folder, 'orders.tsv'), 'a\tb\n1\t2\n');
  writeFileSync(join(folder, 'orders.synthetic.report.html'), 'of the .csv');
  const isOurs = async (_: string, of?: string) => of === undefined || of === join(folder, 'orders.synthetic.csv');
  expect((await makePlan({ path: 'orders.csv' }, { ...context(), isOurs })).reportOut).toBe(join(folder, 'orders.synthetic.report.html'));
  expect((await makePlan({ path: 'orders.tsv' }, { ...context(), isOurs })).reportOut).toBe(join(folder, 'orders.synthetic.report-2.html'));
});

test('never writes over an input, under whatever name', async () => {
  symlinkSync(join(folder, 'orders.csv'), join(folder, 'other.csv'));
  for (const out of ['orders.csv', './orders.csv', 'other.csv']) await expect(makePlan({ path: 'orders.csv', out, force: true }, context())).rejects.toThrow('one of the input files');
  await expect(makePlan({ path: 'orders.csv', reportOut: 'orders.csv', force: true }, context())).rejects.toThrow('one of the input files');
});

test.each([
  [{ rows: 0 }, '--rows: must be at least 1.'], [{ rows: 1.5 }, '--rows: must be a whole number.'], [{ budgetSeconds: 0 }, '--budget: must be more than 0.'],
  [{ device: 'abacus' as 'cpu' }, '--device: must be one of'], [{ generator: 'gan2000' }, 'no generator "gan2000"'], [{ out: 'x.xlsx' }, 'no format Understudy writes'],
  [{ out: 'nowhere/x.csv' }, 'does not exist'], [{ seed: -1 }, '--seed'], [{ columns: { a: { kind: 'number' as 'real' } } }, '--column (a.kind): must be one of'],
  [{ colour: 'red' }, 'unknown setting "colour"'], [{ path: 'none.csv' }, 'does not exist'], [{ path: '.' }, 'is a folder'], [{ holdout: 'none.csv' }, 'does not exist'],
  [{ holdout: 'orders.csv' }, 'is the table itself'],
])('refuses %j in words', async (wrong, words) => {
  const error = await makePlan({ path: 'orders.csv', ...wrong }, context()).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).toText()).toContain(words);
});
