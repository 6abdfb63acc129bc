import { promises as fs } from 'node:fs';
import type { FileMark } from '../protocol';
import { sha256 } from '../targets/source';
import { Cache } from './cache';
import { mostBytes } from './locate';

/** Size and time of a file, as one word; undefined where there is none. */
export async function stampOf(path: string): Promise<{ stamp: string; bytes: number; modifiedMs: number } | undefined> {
  const stat = await fs.stat(path).catch(() => undefined);
  return stat?.isFile() ? { stamp: `${stat.size} ${stat.mtimeMs} ${stat.ino}`, bytes: stat.size, modifiedMs: stat.mtimeMs } : undefined;
}

/** Tells whether files still hold what runs saw. Size and time decide where they can; else the bytes are hashed, once a change. */
export class Freshness {
  private readonly hashes = new Cache<string>(64);

  async holds(mark: FileMark, path: string): Promise<boolean> {
    const now = await stampOf(path);
    if (!now || now.bytes !== mark.bytes) return false;
    if (now.modifiedMs === mark.modifiedMs) return true;
    // Copied, checked out or touched: the same bytes are the same table. Larger files than an editor shows are not worth the reading.
    if (now.bytes > mostBytes) return false;
    return (await this.hashes.get(path, now.stamp, () => sha256(path)).catch(() => '')) === mark.sha256;
  }
}
