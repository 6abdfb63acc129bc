import { randomBytes } from 'node:crypto';
import { promises as fs } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { splitName } from './names';
import { systemError } from './source';

/**
 * Writes a file so that its name never shows half of it: the bytes go beside it, reach the disk, and are renamed over it.
 * @throws UserError (system) in plain words when the disk is full, the folder may not be written, and so on; nothing is left behind.
 */
export async function writeWhole(path: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  const beside = temporaryBeside(path);
  try {
    const file = await fs.open(beside, 'wx', mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await fs.rename(beside, path);
  } catch (error) {
    await fs.rm(beside, { force: true });
    throw systemError(error, path, 'written');
  }
}

/**
 * A hidden name in the same folder (so that a rename stays on one disk) that nobody else uses; it keeps the ending, by which
 * writers choose a format. `tag` tells whose it is: what a killed run leaves behind is found by it.
 */
export function temporaryBeside(path: string, tag = randomBytes(6).toString('hex')): string {
  const { stem, ending } = splitName(basename(path));
  return join(dirname(path), `.${stem.slice(0, 40)}.${tag}.part${ending || extname(path)}`);
}

/** Removes what a killed writer left beside `path` under its tag. */
export async function removeTemporaries(path: string, tag: string): Promise<void> {
  const folder = dirname(path);
  const names = await fs.readdir(folder).catch(() => [] as string[]);
  for (const name of names) if (name.startsWith('.') && name.includes(`.${tag}.part`)) await fs.rm(join(folder, name), { force: true }).catch(() => undefined);
}

/**
 * Gives a finished file its name. Where something else has taken the name in the meantime it is not touched, and the
 * next free `-2`, `-3` ... is used instead.
 * @returns the name it got.
 * @throws UserError (system) when the folder cannot be written.
 */
export async function place(beside: string, wanted: string, mayReplace: (path: string) => Promise<boolean>): Promise<string> {
  const { stem, ending } = splitName(wanted);
  try {
    for (let n = 1; ; n++) {
      const path = n === 1 ? wanted : `${stem}-${n}${ending}`;
      if (await mayReplace(path)) {
        await fs.rename(beside, path);
        return path;
      }
      try {
        // A link fails where the name is taken: between a look and a rename someone else could come in.
        await fs.link(beside, path);
        await fs.rm(beside);
        return path;
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        if (code === 'EEXIST') continue;
        // Disks without hard links (exFAT, some network shares): look, then rename.
        if (await fs.lstat(path).then(() => true, () => false)) continue;
        await fs.rename(beside, path);
        return path;
      }
    }
  } catch (error) {
    await fs.rm(beside, { force: true });
    throw systemError(error, wanted, 'written');
  }
}
