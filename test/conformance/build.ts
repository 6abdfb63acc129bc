import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const root = resolve(__dirname, '../..');
/** What is tested: this repository's build, or another one (an unpacked extension) named by UNDERSTUDY_DIST. */
const given = process.env.UNDERSTUDY_DIST;
const dist = given ?? join(root, 'dist');
export const cli = join(dist, 'cli.js');
export const server = join(dist, 'server', 'main.js');

const stamp = join(dist, '.built');
const lock = join(root, 'node_modules', '.understudy-build');

/**
 * Builds dist/ when a source is newer than it. Test files run in processes of their own, so one builds and the others wait:
 * a half-written bundle must not be run.
 */
export async function ensureBuilt(): Promise<void> {
  if (given !== undefined) return;
  for (const began = Date.now(); ; ) {
    try {
      mkdirSync(lock);
      break;
    } catch {
      // A process that died while it built leaves its lock behind.
      const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
      if (age > 120_000 || Date.now() - began > 180_000) rmSync(lock, { recursive: true, force: true });
      else await new Promise((r) => setTimeout(r, 100));
    }
  }
  try {
    const built = statSync(stamp, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    const newest = Math.max(...['server', 'webview', 'extension', 'package.json', 'esbuild.mjs'].map((p) => newestIn(join(root, p))));
    if (built > newest && existsSync(cli) && existsSync(server)) return;
    const now = new Date();
    execFileSync(process.execPath, [join(root, 'esbuild.mjs')], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
    writeFileSync(stamp, now.toISOString());
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function newestIn(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).filter((n) => !n.endsWith('.test.ts')).map((n) => newestIn(join(path, n))));
}
