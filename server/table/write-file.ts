import { randomBytes } from 'node:crypto';
import { open, realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { cancelled, UserError } from '../errors';
import { fileError } from './bytes';

/**
 * Writes a file whole or not at all: `fill` makes it under a hidden name beside the target, and it is renamed when it lies on the disk.
 * Whatever goes wrong, the part is removed and a file that was there before stays as it was.
 */
export async function writeWhole(path: string, fill: (part: string) => Promise<void>, signal?: AbortSignal): Promise<void> {
  // A link is followed: the file it names is replaced, not the link.
  const target = await realpath(path).catch(() => path);
  const part = join(dirname(target), `.${basename(path).slice(0, 100)}.${process.pid}-${randomBytes(4).toString('hex')}.part`);
  try {
    if (signal?.aborted) throw cancelled();
    await fill(part);
    const handle = await open(part, 'r+');
    try { await handle.sync(); } finally { await handle.close(); }
    if (signal?.aborted) throw cancelled();
    await rename(part, target);
  } catch (e) {
    await rm(part, { force: true });
    if (e instanceof UserError) throw e;
    if ((e as Error)?.name === 'AbortError') throw cancelled();
    throw fileError(e, path, 'written');
  }
}

/** Writes pieces into a new file, gzipped if asked. The file is closed when this returns or throws, so that it can be removed. */
export async function writePieces(part: string, pieces: Iterable<Buffer>, gzip: boolean, signal?: AbortSignal): Promise<void> {
  function* checked() { for (const piece of pieces) { if (signal?.aborted) throw cancelled(); yield piece; } }
  const handle = await open(part, 'wx');
  const write = async (bytes: Buffer) => { for (let at = 0; at < bytes.length;) at += (await handle.write(bytes, at)).bytesWritten; };
  try {
    if (gzip) await pipeline(Readable.from(checked(), { objectMode: false }), createGzip(), async (out: AsyncIterable<Buffer>) => { for await (const bytes of out) await write(bytes); });
    else for (const piece of checked()) await write(piece);
  } finally { await handle.close(); }
}
