import { promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { UserError } from '../errors';
import { place, removeTemporaries, temporaryBeside, writeWhole } from './files';
import { splitName } from './names';
import { assertUnchanged, fileState, sha256, systemError } from './source';

let folder: string;
beforeEach(async () => { folder = await fs.mkdtemp(join(tmpdir(), 'understudy-files-')); });
afterEach(async () => {
  vi.restoreAllMocks();
  await fs.rm(folder, { recursive: true, force: true });
});
const refused = async (promise: Promise<unknown>): Promise<UserError> => {
  const error = await promise.then(() => undefined, (e: unknown) => e);
  expect(error).toBeInstanceOf(UserError);
  return error as UserError;
};

test.each([['ENOSPC', 'disk is full'], ['EDQUOT', 'quota'], ['EACCES', 'no permission'], ['EROFS', 'read-only'], ['EIO', 'disk reports an error']])('%s while writing: the old file stays, nothing is left beside it, and the user is told', async (code, words) => {
  const path = join(folder, 'run.json');
  await fs.writeFile(path, 'before');
  const open = fs.open;
  vi.spyOn(fs, 'open').mockImplementation(async (...args) => {
    const handle = await open(...args);
    // Half of it goes in before the disk gives up.
    vi.spyOn(handle, 'writeFile').mockImplementation(async () => {
      await handle.write('aft');
      throw Object.assign(new Error(code), { code });
    });
    return handle;
  });
  const error = await refused(writeWhole(path, 'after'));
  expect(error.toText()).toContain(words);
  expect(error.code).toBe('system');
  expect(await fs.readFile(path, 'utf8')).toBe('before');
  expect(await fs.readdir(folder)).toEqual(['run.json']);
});

test('what is no circumstance but a defect is not dressed up as one', () => {
  const defect = new TypeError('x is undefined');
  expect(systemError(defect, 'a', 'read')).toBe(defect);
});

test('a name taken in the meantime is not overwritten, unless it may be', async () => {
  const wanted = join(folder, 'a.synthetic.csv.gz');
  const beside = temporaryBeside(wanted);
  expect(beside).toMatch(/\.part\.csv\.gz$/);
  await fs.writeFile(wanted, 'theirs');
  await fs.writeFile(beside, 'ours');
  expect(await place(beside, wanted, async () => false)).toBe(join(folder, 'a.synthetic-2.csv.gz'));
  await fs.writeFile(beside, 'ours too');
  expect(await place(beside, wanted, async () => true)).toBe(wanted);
  expect((await fs.readdir(folder)).sort()).toEqual(['a.synthetic-2.csv.gz', 'a.synthetic.csv.gz']);
  expect(await fs.readFile(wanted, 'utf8')).toBe('ours too');
});

test('what a killed run left is found by its mark, and only that', async () => {
  const out = join(folder, 'a.csv');
  await fs.writeFile(temporaryBeside(out, 'run-1'), '');
  await fs.writeFile(temporaryBeside(out, 'run-2'), '');
  await fs.writeFile(join(folder, 'run-1.part.csv'), 'not hidden: the user\'s');
  await removeTemporaries(out, 'run-1');
  expect((await fs.readdir(folder)).sort()).toEqual(['.a.run-2.part.csv', 'run-1.part.csv']);
});

test('endings', () => {
  expect(splitName('/a.b/C.CSV.GZ')).toEqual({ stem: '/a.b/C', ending: '.CSV.GZ' });
  expect(splitName('x.synthetic.report.html')).toEqual({ stem: 'x.synthetic', ending: '.report.html' });
  expect(splitName('/a.csv/none')).toEqual({ stem: '/a.csv/none', ending: '' });
});

test('a source is known by its bytes: touched is the same, changed and vanished are not', async () => {
  const path = join(folder, 'a.csv');
  await fs.writeFile(path, 'a\n1\n');
  const source = { path, ...(await fileState(path)), sha256: await sha256(path) };
  await assertUnchanged(source, 'now');
  await fs.utimes(path, 1, 1);
  await assertUnchanged(source, 'now');
  await fs.writeFile(path, 'a\n2\n');
  expect((await refused(assertUnchanged(source, 'while it was being read'))).toText()).toBe('a.csv: changed while it was being read. Start a new run for the file as it is now.');
  await fs.rm(path);
  expect((await refused(assertUnchanged(source, 'during the run'))).message).toBe('vanished during the run.');
  await fs.mkdir(path);
  expect((await refused(fileState(path))).message).toContain('folder');
});
