/**
 * Install VS Code (code-server), a Node for it and a browser driver into this folder, once per lockfile.
 * Install scripts stay off: they would want a compiler, and the natives they build (a terminal, a faster log) are not needed here.
 */
import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cache, here, modules } from './paths.mjs';
import { run } from './processes.mjs';

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const exists = (file) => stat(file).then(() => true, () => false);

export const codeServer = path.join(modules, 'code-server');

/** The Node that code-server wants (24): the one from npm, or the running one. */
export async function node24() {
  const bundled = path.join(modules, `node-${process.platform}-${process.arch}`, 'bin', 'node');
  if (process.env.NODE24_PATH) return process.env.NODE24_PATH;
  if (await exists(bundled)) { await chmod(bundled, 0o755); return bundled; }
  if (process.versions.node.startsWith('24.')) return process.execPath;
  throw new Error('VS Code\'s server needs Node 24, and npm has none for this platform. Install Node 24 and set NODE24_PATH to it, or set UNDERSTUDY_VSCODE=download to run in a downloaded VS Code.');
}

export async function install() {
  const lock = await readFile(path.join(here, 'package-lock.json'));
  const stamp = path.join(cache, `installed-${createHash('sha256').update(lock).digest('hex').slice(0, 16)}`);
  if (await exists(stamp) && await exists(codeServer)) return;
  console.log('Installing VS Code for the tests (about 900 MB, once)...');
  await rm(stamp, { force: true });
  // Engine warnings are expected: code-server wants Node 24, which comes with it.
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  await run(npm, ['ci', ...quiet], { cwd: here, timeout: 600_000 });
  const vscode = path.join(codeServer, 'lib', 'vscode');
  // Not `npm ci`: the published shrinkwrap is out of step with its package.json.
  for (const folder of [vscode, path.join(vscode, 'extensions')]) await run(npm, ['install', '--omit=dev', ...quiet], { cwd: folder, timeout: 600_000 });
  await mkdir(cache, { recursive: true });
  await writeFile(stamp, new Date().toISOString());
}
