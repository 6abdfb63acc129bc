/**
 * Every registered generator by its name from the terminal, with nothing else said but a budget: from a file with names, missing cells and dates to a table of the same form and a report.
 * GENERATORS=id,id: only these.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { generators } from '../../server/generators/registry';
import { cli, ensureBuilt } from './build';
import { orders } from './simulated';

const run = promisify(execFile), only = process.env.GENERATORS?.split(',');
let folder: string;
beforeAll(async () => {
  await ensureBuilt();
  folder = mkdtempSync(join(tmpdir(), 'understudy-by-name-'));
  writeFileSync(join(folder, 'orders.csv'), orders(900));
}, 180_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(generators.filter((g) => !only || only.includes(g.id)).map((g) => g.id))('%s', async (id) => {
  const { stdout } = await run(process.execPath, [cli, 'synthesize', 'orders.csv', '--generator', id, '--budget', '2', '--seed', '1', '--rows', '300', '--out', `${id}.csv`, '--report', `${id}.html`, '--json'], { cwd: folder, env: { ...process.env, HOME: folder, NO_COLOR: '1' }, maxBuffer: 1e8 });
  const lines = (name: string): string[] => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n'), real = lines('orders.csv'), made = lines(`${id}.csv`);
  expect(stdout).toContain(`"${id}"`);
  expect(made[0]).toBe(real[0]);
  expect(made.length).toBe(301);
  for (const line of made.slice(1)) expect(line).toMatch(/^\d+,[^,]+@[^,]+,("Saint, Malo"|\w+),\d*,\d+\.\d\d,(yes|no),\d{4}-\d\d-\d\d,FR,/);
  // Two seconds teach a network little, and on a slow machine less: what it made need not be good, but is of the table's values and varies.
  const cells = (rows: string[], k: number): string[] => rows.slice(1).map((line) => line.replace('"Saint, Malo"', 'Malo').split(',')[k]!);
  for (const k of [2, 5]) expect(cells(real, k)).toEqual(expect.arrayContaining([...new Set(cells(made, k))]));
  expect(new Set(made.slice(1).map((line) => line.split(',').slice(2, 7).join())).size).toBeGreaterThan(1);
  expect(readFileSync(join(folder, `${id}.html`), 'utf8')).toMatch(/^<!doctype html>/i);
}, 600_000);
