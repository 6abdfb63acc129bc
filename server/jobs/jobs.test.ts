import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RunRecord } from '../protocol';
import { Jobs, type StartedRun } from './jobs';
import { RunStore, storeFor } from './store';

const worker = join(__dirname, 'fixture-worker.cjs');
let folder: string;
let jobs: Jobs;
let seen: RunRecord[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'understudy-jobs-'));
  seen = [];
  jobs = new Jobs({ changed: (r) => void seen.push(r) }, () => worker, folder);
});
afterEach(async () => {
  await jobs.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Starts the run that the fixture worker carries out as `how` says. */
function start(how: string): Promise<StartedRun> {
  writeFileSync(join(folder, `${how}.csv`), 'a\n1\n');
  return jobs.synthesize({ path: `${how}.csv`, seed: 1 });
}

test('a run that goes well: record, private folder, ignored by git, progress heard', async () => {
  const run = await start('fine');
  const record = await run.done;
  expect(record).toMatchObject({ state: 'finished', rows: 7, kind: 'synthesize', seed: 1 });
  expect(record.pid).toBeUndefined();
  expect(seen.some((r) => r.state === 'running' && r.progress?.phase === 'training')).toBe(true);
  const store = new RunStore(folder);
  expect(await store.list()).toEqual([JSON.parse(JSON.stringify(record))]);
  expect(readFileSync(join(folder, '.understudy', '.gitignore'), 'utf8')).toBe('*\n');
  if (process.platform !== 'win32') {
    expect(statSync(record.folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, '.understudy', 'runs')).mode & 0o777).toBe(0o700);
    expect(statSync(join(record.folder, 'run.json')).mode & 0o077).toBe(0);
  }
});

test('a run that listens is cancelled; one that does not is killed; both end cancelled', async () => {
  for (const how of ['polite', 'deaf']) {
    const run = await start(how);
    while (!seen.some((r) => r.id === run.record.id && r.progress)) await new Promise((r) => setTimeout(r, 10));
    await jobs.cancel(run.record.id);
    expect((await run.done).state).toBe('cancelled');
  }
});

test.each([
  ['segv', 'crashed', 'engine'], ['killed', 'killed from outside', 'system'], ['heap', 'more memory', 'system'], ['exits', 'ended unexpectedly (code 3)', 'engine'],
])('a worker that dies (%s) fails its run in plain words and nothing else', async (how, words, code) => {
  if (process.platform === 'win32' && how === 'segv') return;
  const record = await (await start(how)).done;
  // Killed by somebody else is no fault of the run.
  expect(record).toMatchObject({ state: how === 'killed' ? 'interrupted' : 'failed', error: { code } });
  expect(record.error!.message).toContain(words);
  expect((await (await start('fine')).done).state).toBe('finished');
});

test('closing interrupts what goes on and what waits; both can be resumed, and deleted only once over', async () => {
  const first = await start('polite');
  const second = await start('fine');
  while (!seen.some((r) => r.id === first.record.id && r.progress)) await new Promise((r) => setTimeout(r, 10));
  expect(jobs.going()).toEqual([{ id: first.record.id, worker: seen.find((r) => r.id === first.record.id && r.pid)!.pid }, { id: second.record.id }]);
  const store = new RunStore(folder);
  await expect(jobs.remove(store, first.record.id)).rejects.toThrow('is going on');
  await expect(jobs.remove(store, second.record.id)).rejects.toThrow('is going on');
  await jobs.close();
  expect((await first.done).state).toBe('interrupted');
  expect((await second.done).state).toBe('interrupted');
  expect((await store.find(first.record.id)).error!.hint).toContain('checkpoint');
  expect((await (await jobs.resume(store, second.record.id)).done).state).toBe('finished');
  await jobs.remove(store, first.record.id);
  expect((await store.list()).map((r) => r.id)).toEqual([second.record.id]);
});

test('names and stars stay with a run; an empty name is none', async () => {
  const store = new RunStore(folder);
  const record = await (await start('fine')).done;
  await store.label(record, { name: '  first try ', starred: true });
  expect(await store.find('first try')).toMatchObject({ id: record.id, name: 'first try', starred: true });
  const plain = await store.label(await store.find(record.id), { name: ' ', starred: false });
  expect(plain).not.toHaveProperty('name');
  expect(plain).not.toHaveProperty('starred');
});

test('an error in the data keeps its place and hint; its stack goes to the log only', async () => {
  const record = await (await start('input')).done;
  expect(record.error).toEqual({ message: 'a.csv, row 7: is ragged.', hint: 'Mend it.', code: 'input' });
  expect(readFileSync(join(record.folder, 'log.txt'), 'utf8')).toContain('secret stack');
});

test('one heavy job at a time; one that waits can be dropped', async () => {
  const first = await start('polite');
  const second = await start('fine');
  const third = await start('fine');
  expect((await new RunStore(folder).find(second.record.id)).state).toBe('queued');
  await jobs.cancel(third.record.id);
  expect((await third.done).state).toBe('cancelled');
  expect(seen.some((r) => r.id === second.record.id && r.state === 'running')).toBe(false);
  await jobs.cancel(first.record.id);
  expect((await second.done).state).toBe('finished');
});

test('a run whose process is gone is interrupted, and can be resumed; a finished one cannot, but repeated', async () => {
  const store = new RunStore(folder);
  const { record } = await start('fine').then(async (r) => ({ record: await r.done }));
  await store.save({ ...record, state: 'running', pid: 2 ** 22 + 12345 });
  expect((await store.find(record.id)).state).toBe('interrupted');
  const again = await (await jobs.resume(store, record.id)).done;
  expect(again).toMatchObject({ id: record.id, state: 'finished' });
  await expect(jobs.resume(store, record.id)).rejects.toThrow('is finished');
  const twin = await (await jobs.repeat(store, record.id)).done;
  expect(twin).toMatchObject({ state: 'finished', seed: 1 });
  expect(twin.id).not.toBe(record.id);
  await expect(store.find('2')).rejects.toThrow('could be any');
  await store.remove(twin);
  expect((await store.list()).map((r) => r.id)).toEqual([record.id]);
});

test('a run whose folder is taken away ends, and takes nobody with it', async () => {
  const run = await start('polite');
  while (!seen.some((r) => r.id === run.record.id && r.pid)) await new Promise((r) => setTimeout(r, 10));
  renameSync(run.record.folder, join(folder, 'elsewhere'));
  await new Promise((r) => setTimeout(r, 1200)); // past the next save
  await jobs.cancel(run.record.id);
  expect((await run.done).state).toBe('failed');
  expect((await (await start('fine')).done).state).toBe('finished');
});

test('profiles come from one worker, again from a new one after a crash', async () => {
  const a = await jobs.inspect('inspect-fine');
  const b = await jobs.inspect('inspect-fine');
  expect(a.notes).toEqual(b.notes);
  await expect(jobs.inspect('segv')).rejects.toThrow('crashed');
  expect((await jobs.inspect('inspect-fine')).notes).not.toEqual(a.notes);
});

test('runs go to the nearest .understudy above the file, else beside it, else where one says', async () => {
  expect((await storeFor(join(folder, 'x.csv'))).home).toBe(folder);
  await (await start('fine')).done;
  expect((await storeFor(join(folder, 'deep', 'er', 'x.csv'))).home).toBe(folder);
  expect((await storeFor(join(folder, 'x.csv'), '/elsewhere')).home).toBe('/elsewhere');
});

test('an output is ours until somebody edits it', async () => {
  const record = await (await start('fine')).done;
  const store = new RunStore(folder);
  const path = join(folder, 'made.csv');
  writeFileSync(path, 'x\n');
  expect(await store.isOurs(path)).toBe(false);
  await store.save({ ...record, out: path, outSha256: '73cb3858a687a8494ca3323053016282f3dad39d42cf62ca4e79dda2aac7d9ac' });
  expect(await store.isOurs(path)).toBe(true);
  writeFileSync(path, 'y\n');
  expect(await store.isOurs(path)).toBe(false);
  // Of several tables every one is.
  const second = join(folder, 'made.2.csv');
  writeFileSync(second, 'x\n');
  expect(await store.isOurs(second)).toBe(false);
  await store.save({ ...record, out: path, outs: [{ path, sha256: '' }, { path: second, sha256: '73cb3858a687a8494ca3323053016282f3dad39d42cf62ca4e79dda2aac7d9ac' }] });
  expect([await store.isOurs(path), await store.isOurs(second)]).toEqual([false, true]);
  // A report is its own table's: "orders.tsv" does not take the place of that of "orders.csv".
  await store.save({ ...record, out: second, reportOut: path, reportSha256: createHash('sha256').update('y\n').digest('hex') });
  expect([await store.isOurs(path), await store.isOurs(path, second), await store.isOurs(path, join(folder, 'made.tsv'))]).toEqual([true, true, false]);
});
