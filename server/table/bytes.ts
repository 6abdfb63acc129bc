import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, open, readdir, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { cancelled, UserError } from '../errors';

/** What identifies a file's content without reading it: a change during a read shows here. */
export interface Fingerprint { device: number; inode: number; size: number; modifiedMs: number }

const label = (path: string) => basename(path);

/** Turns a file-system failure into words; anything else passes through. */
export function fileError(error: unknown, path: string, doing: 'read' | 'written'): unknown {
  const code = (error as NodeJS.ErrnoException)?.code;
  const place = { file: label(path) };
  switch (code) {
    case 'ENOENT': return new UserError(doing === 'read' ? 'There is no such file.' : 'Its folder does not exist.', place, `Looked for ${resolve(path)}.`, doing === 'read' ? 'input' : 'system');
    case 'EISDIR': return new UserError('This is a folder, not a file.', place);
    case 'EACCES': case 'EPERM': return new UserError(`It may not be ${doing}: permission is denied.`, place, 'Check the permissions of the file and its folder.', 'system');
    case 'EROFS': return new UserError('It lies on a read-only disk.', place, 'Choose another folder for the output.', 'system');
    case 'ENOSPC': case 'EDQUOT': return new UserError('The disk is full; nothing was left half-written.', place, 'Free some space or choose another folder.', 'system');
    case 'EMFILE': case 'ENFILE': return new UserError('Too many files are open on this machine.', place, 'Close some programs and try again.', 'system');
    default: return error;
  }
}

/** Stats a regular, readable file. Throws a UserError for anything else. */
export async function fingerprint(path: string): Promise<Fingerprint> {
  try {
    const s = await stat(path);
    if (s.isDirectory()) throw Object.assign(new Error(), { code: 'EISDIR' });
    if (!s.isFile()) throw new UserError('This is not a regular file.', { file: label(path) }, 'Copy the data into a file first.');
    return { device: s.dev, inode: s.ino, size: s.size, modifiedMs: s.mtimeMs };
  } catch (e) { throw fileError(e, path, 'read'); }
}

/** Throws a UserError when the file is no longer the one that was fingerprinted. */
export async function assertUnchanged(path: string, before: Fingerprint): Promise<void> {
  let now: Fingerprint;
  try { now = await fingerprint(path); } catch { throw new UserError('The file vanished while it was being read.', { file: label(path) }, 'Put it back and run again.'); }
  if (now.device !== before.device || now.inode !== before.inode) throw new UserError('The file was replaced by another while it was being read.', { file: label(path) }, 'Run again once it is complete.');
  if (now.size !== before.size || now.modifiedMs !== before.modifiedMs) throw new UserError('The file changed while it was being read.', { file: label(path) }, 'Run again once whatever writes it has finished.');
}

/** Temporary files of one read: in a folder only the user may enter, all gone at the end. */
export class Scratch {
  private folder?: string;
  private count = 0;
  async file(extension: string): Promise<string> {
    if (!this.folder) {
      await sweep();
      this.folder = await mkdtemp(join(tmpdir(), `understudy-${process.pid}-`));   // mkdtemp makes it 0700
    }
    return join(this.folder, `${this.count++}${extension}`);
  }
  async dispose(): Promise<void> { if (this.folder) await rm(this.folder, { recursive: true, force: true }); }
}

/** Removes what processes that were killed in mid-read left behind. */
async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir()).catch(() => [])) {
    const pid = Number(/^understudy-(\d+)-\w{6}$/.exec(name)?.[1] ?? process.pid);
    if (pid === process.pid) continue;
    try { process.kill(pid, 0); } catch (e) {
      if ((e as NodeJS.ErrnoException).code === 'ESRCH') await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => undefined);
    }
  }
}

/** The file's bytes in chunks of up to `chunkBytes`, each valid until the next is asked for. */
export async function* chunks(path: string, chunkBytes = 4 << 20, signal?: AbortSignal): AsyncGenerator<Buffer> {
  let handle;
  try { handle = await open(path, 'r'); } catch (e) { throw fileError(e, path, 'read'); }
  try {
    const buffer = Buffer.allocUnsafe(chunkBytes);
    for (;;) {
      if (signal?.aborted) throw cancelled();
      const { bytesRead } = await handle.read(buffer, 0, chunkBytes, null);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } catch (e) { throw fileError(e, path, 'read'); } finally { await handle.close(); }
}

/** The first `bytes` of a file. */
export async function head(path: string, bytes: number): Promise<Buffer> {
  for await (const chunk of chunks(path, bytes)) return chunk;
  return Buffer.alloc(0);
}

/** Unpacks a gzip file into `out`. A damaged or cut-off file is a UserError. */
export async function gunzip(path: string, out: string, signal?: AbortSignal): Promise<void> {
  try {
    await pipeline(createReadStream(path), createGunzip(), createWriteStream(out, { mode: 0o600, flags: 'wx' }), { signal });
  } catch (e) { throw streamError(e, path, 'It is not a whole gzip file.'); }
}

/** Streams `path` through a text transformation into the UTF-8 file `out`. */
export async function rewrite(path: string, out: string, transform: (chunk: Buffer | null) => string, signal?: AbortSignal): Promise<void> {
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) { try { done(null, transform(chunk)); } catch (e) { done(e as Error); } },
    flush(done) { try { done(null, transform(null)); } catch (e) { done(e as Error); } },
  });
  try {
    await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), stream, createWriteStream(out, { mode: 0o600, flags: 'wx' }), { signal });
  } catch (e) { throw streamError(e, path); }
}

function streamError(error: unknown, path: string, otherwise?: string): unknown {
  if (error instanceof UserError) return error;
  if ((error as Error)?.name === 'AbortError') return cancelled();
  const known = fileError(error, path, 'read');
  if (known === error && otherwise && /^Z_|^ERR_/.test((error as NodeJS.ErrnoException).code ?? '')) return new UserError(otherwise, { file: label(path) }, 'Make or download it again.');
  return known;
}

/** A path DuckDB takes literally: it would expand `*`, `?`, `[` and `{` in a file's own name. */
export async function literalPath(path: string, scratch: Scratch, extension: string): Promise<string> {
  if (!/[*?[\]{}]/.test(path)) return path;
  const link = await scratch.file(extension);
  try { await symlink(resolve(path), link); } catch {   // Windows without the privilege
    await pipeline(createReadStream(path), createWriteStream(link, { mode: 0o600, flags: 'wx' }));
  }
  return link;
}
