/**
 * The native libraries of another platform, from the registry that npm is set up for, as the lockfile names and hashes them.
 * ONNX Runtime's package holds every platform's; DuckDB has one package for each.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

/** Platforms for which both libraries ship; ONNX Runtime has none for Macs with Intel processors. */
export const targets = ['linux-x64', 'linux-arm64', 'darwin-arm64', 'win32-x64', 'win32-arm64'];

export const onnxFolder = (target) => `node_modules/onnxruntime-node/bin/napi-v6/${target.replace('-', '/')}`;
export const duckdbFolder = (target) => `node_modules/@duckdb/node-bindings-${target}`;

/**
 * Puts DuckDB's package for `target` where the packer looks for it.
 * @returns {() => void} takes it away again, where it was not there before
 */
export function lendDuckdb(root, target) {
  const folder = path.join(root, duckdbFolder(target));
  if (existsSync(folder)) return () => undefined;
  const kept = path.join(root, '.cache', 'natives', target);
  if (!existsSync(path.join(kept, 'package.json'))) fetchDuckdb(root, target, kept);
  cpSync(kept, folder, { recursive: true });
  return () => rmSync(folder, { recursive: true, force: true });
}

function fetchDuckdb(root, target, into) {
  const { version, integrity } = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages[duckdbFolder(target)];
  const name = `@duckdb/node-bindings-${target}`;
  rmSync(into, { recursive: true, force: true });
  mkdirSync(into, { recursive: true });
  const packed = spawnSync('npm', ['pack', '--silent', `${name}@${version}`, '--pack-destination', into], { cwd: into, encoding: 'utf8', shell: process.platform === 'win32' });
  if (packed.status !== 0) throw new Error(`${name} ${version} could not be had: ${packed.stderr.trim() || packed.error}`);
  const file = path.join(into, packed.stdout.trim().split(/\r?\n/).pop());
  const found = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;
  if (found !== integrity) throw new Error(`${name} ${version} is not what the lockfile says: ${found}`);
  // tar is part of Windows 10 too
  const unpacked = spawnSync('tar', ['-xzf', path.basename(file), '--strip-components=1'], { cwd: into, encoding: 'utf8' });
  if (unpacked.status !== 0) throw new Error(`${file} could not be unpacked: ${unpacked.stderr || unpacked.error}`);
  rmSync(file);
}
