/** The package for this platform, unpacked somewhere else, does the main job with nothing but what is in it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from './build';
import { orders } from './simulated';

const target = `${process.platform}-${process.arch}`;
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
const file = join(root, `understudy-${target}-${version}.vsix`);
let folder: string;
beforeAll(() => {
  // Fails where the package holds what it should not, lacks what it needs, or is too large.
  execFileSync(process.execPath, [join(root, 'scripts', 'package.mjs'), '--target', target], { cwd: root, stdio: 'inherit' });
  folder = mkdtempSync(join(tmpdir(), 'understudy package '));
  // A VSIX is a zip file, which bsdtar (macOS, Windows) reads; elsewhere there is unzip, or Python.
  const ways: Array<[string, string[]]> = [['unzip', ['-q', file, '-d', folder]], ['python3', ['-m', 'zipfile', '-e', file, folder]], ['tar', ['-xf', file, '-C', folder]]];
  if (!ways.some(([command, args]) => spawnSync(command, args).status === 0)) throw new Error('nothing here unpacks a zip file');
}, 600_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a table in, a synthetic table and its report out', () => {
  expect(statSync(file).size).toBeLessThan(70e6);
  writeFileSync(join(folder, 'orders.csv'), orders(300));
  // Far from the repository, so that no module of it can be found.
  const done = spawnSync(process.execPath, [join(folder, 'extension', 'dist', 'cli.js'), 'synthesize', join(folder, 'orders.csv'), '--param', 'steps=40', '--seed', '3', '--device', 'cpu', '--json', '--quiet'], { cwd: folder, encoding: 'utf8', env: { ...process.env, NODE_PATH: '' } });
  expect(done.stderr).toBe('');
  expect(JSON.parse(done.stdout)).toMatchObject({ state: 'finished', rows: 300 });
  expect(readFileSync(join(folder, 'orders.synthetic.csv'), 'utf8').split('\n').length).toBe(302);
  // the report page came along, too
  expect(existsSync(join(folder, 'orders.synthetic.report.html')) && statSync(join(folder, 'orders.synthetic.report.html')).size).toBeGreaterThan(200_000);
}, 600_000);
