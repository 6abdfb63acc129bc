import { createHash } from 'node:crypto';
import { createReadStream, promises as fs } from 'node:fs';
import { basename } from 'node:path';
import { UserError } from '../errors';
import type { Plan } from '../protocol';

/** Size and time of a file as they were at one moment: enough to notice that it was written to. */
export interface FileState { bytes: number; modifiedMs: number }

/**
 * The file's size and modification time.
 * @throws UserError (system) when it is absent, a folder, or may not be read.
 */
export async function fileState(path: string): Promise<FileState> {
  try {
    const stat = await fs.stat(path);
    if (stat.isDirectory()) throw new UserError('is a folder, not a table.', { file: basename(path) }, 'Name a file in it.', 'system');
    return { bytes: stat.size, modifiedMs: stat.mtimeMs };
  } catch (error) {
    throw systemError(error, path, 'read');
  }
}

/**
 * SHA-256 of a file's bytes in hexadecimal, read in 1 MiB pieces so that memory and the event loop stay free.
 * @throws UserError (system) when the file cannot be read.
 */
export async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  } catch (error) {
    throw systemError(error, path, 'read');
  }
  return hash.digest('hex');
}

/**
 * Checks that the source is still the file the plan was made for. The cheap test (size, time) comes first;
 * the bytes are hashed only where it fails, because a copied or touched file is still the same table.
 * @throws UserError (input) when it vanished or its bytes differ.
 */
export async function assertUnchanged(source: Plan['source'], when: string): Promise<void> {
  let state: FileState;
  try {
    state = await fileState(source.path);
  } catch (error) {
    if (error instanceof UserError && error.message.startsWith('does not exist'))
      throw new UserError(`vanished ${when}.`, { file: basename(source.path) }, 'Put it back and resume the run.', 'system');
    throw error;
  }
  if (state.bytes === source.bytes && state.modifiedMs === source.modifiedMs) return;
  if (state.bytes === source.bytes && (await sha256(source.path)) === source.sha256) return;
  throw new UserError(`changed ${when}.`, { file: basename(source.path) }, 'Start a new run for the file as it is now.', 'input');
}

const plainWords: Record<string, string> = {
  ENOENT: 'does not exist.',
  EACCES: 'may not be {verb}: no permission.',
  EPERM: 'may not be {verb}: no permission.',
  EROFS: 'cannot be {verb}: the disk is read-only.',
  ENOSPC: 'cannot be {verb}: the disk is full.',
  EDQUOT: 'cannot be {verb}: your disk quota is used up.',
  EFBIG: 'cannot be {verb}: it is larger than the disk or your limits allow.',
  EISDIR: 'is a folder.',
  ENOTDIR: 'lies under something that is not a folder.',
  EMFILE: 'cannot be opened: too many files are open.',
  ENFILE: 'cannot be opened: too many files are open on this machine.',
  EBUSY: 'is in use by another program.',
  ETXTBSY: 'is in use by another program.',
  ENAMETOOLONG: 'has a name longer than the disk allows.',
  EIO: 'cannot be {verb}: the disk reports an error.',
  ELOOP: 'is a link that leads back to itself.',
};
const hints: Record<string, string> = {
  ENOENT: 'Check the name and the folder.',
  EACCES: 'Change its permissions, or choose another folder with --out.',
  EPERM: 'Change its permissions, or choose another folder with --out.',
  EROFS: 'Choose another folder with --out.',
  ENOSPC: 'Free some space and resume the run, or choose another disk with --out.',
  EFBIG: 'Free some space and resume the run, or choose another disk with --out.',
  EDQUOT: 'Free some space and resume the run, or choose another disk with --out.',
};

/**
 * A file system error in plain words; anything else (a defect, a UserError) is handed back unchanged.
 * `verb` says what was attempted on `path`.
 */
export function systemError(error: unknown, path: string, verb: 'read' | 'written'): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (error instanceof UserError || typeof code !== 'string' || !(code in plainWords)) return error;
  const message = plainWords[code]!.replace('{verb}', verb);
  // A name that is wrong is the user's input; the rest is the machine's doing.
  return new UserError(message, { file: path }, hints[code], code === 'ENOENT' && verb === 'read' ? 'input' : 'system');
}
