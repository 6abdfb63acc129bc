import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createMessageConnection, StreamMessageReader, StreamMessageWriter, type MessageConnection } from 'vscode-jsonrpc/node';
import type { Requests, RunRecord } from '../../server/protocol';
import { ensureBuilt, server } from './build';
import { orders } from './simulated';

let folder: string;
let child: ChildProcess;
let connection: MessageConnection;
let heard: RunRecord[];
let exited: Promise<number | null>;

beforeAll(async () => {
  await ensureBuilt();
  folder = mkdtempSync(join(tmpdir(), 'understudy server '));
  writeFileSync(join(folder, 'orders.csv'), orders(400));
}, 180_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(async () => {
  heard = [];
  child = spawn(process.execPath, [server, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  exited = new Promise((resolve) => child.on('exit', resolve));
  connection = createMessageConnection(new StreamMessageReader(child.stdout!), new StreamMessageWriter(child.stdin!));
  connection.onNotification('understudy/run', (record: RunRecord) => void heard.push(record));
  connection.listen();
  const answer = await connection.sendRequest<{ serverInfo: { name: string } }>('initialize', { processId: process.pid, rootUri: null, capabilities: {} });
  expect(answer.serverInfo.name).toBe('understudy');
  await connection.sendNotification('initialized', {});
});
afterEach(() => {
  connection.dispose();
  child.kill('SIGKILL');
});

const ask = <M extends keyof Requests>(method: M, params: Requests[M][0]): Promise<Requests[M][1]> => connection.sendRequest(method, params);
async function until(id: string, wanted: (r: RunRecord) => boolean): Promise<RunRecord> {
  // What is never heard ends with the test's time, and what was heard last is told.
  for (const end = Date.now() + 150_000; Date.now() < end;) {
    const found = heard.find((r) => r.id === id && wanted(r));
    if (found) return found;
    await new Promise((r) => setTimeout(r, 10));
  }
  throw new Error(`never heard it; last: ${JSON.stringify(heard.at(-1))}`);
}
const over = (r: RunRecord): boolean => r.state !== 'queued' && r.state !== 'running';

test('inspects, synthesizes with progress, reports, and shuts down', async () => {
  const path = join(folder, 'orders.csv');
  const profile = await ask('understudy/inspect', { path });
  expect(profile.columns.map((c) => c.name)).toContain('amount');
  const run = await ask('understudy/synthesize', { path, generator: 'independent', seed: 3 });
  const end = await until(run.id, over);
  expect(end).toMatchObject({ state: 'finished', rows: 400, seed: 3 });
  const fractions = heard.filter((r) => r.id === run.id && r.progress).map((r) => r.progress!.fraction);
  expect(fractions.length).toBeGreaterThan(2);
  expect([...fractions].sort((a, b) => a - b)).toEqual(fractions);
  expect(readFileSync(end.out!, 'utf8').split('\n').length).toBe(402);
  const report = await ask('understudy/report', { folder: end.folder });
  expect(report.verdicts.map((v) => v.family)).toEqual(['fidelity', 'utility', 'privacy']);
  expect((await ask('understudy/runs', { folder })).map((r) => r.id)).toEqual([run.id]);
  await connection.sendRequest('shutdown');
  await connection.sendNotification('exit');
  expect(await exited).toBe(0);
});

test('cancels, resumes and repeats', async () => {
  const path = join(folder, 'orders.csv');
  const run = await ask('understudy/synthesize', { path, generator: 'independent', seed: 4, out: join(folder, 'c.csv') });
  await until(run.id, (r) => r.state === 'running');
  await ask('understudy/cancel', { id: run.id });
  expect((await until(run.id, over)).state).toBe('cancelled');
  expect(existsSync(join(folder, 'c.csv'))).toBe(false);
  heard.length = 0;
  await ask('understudy/resume', { id: run.id, folder });
  expect((await until(run.id, over)).state).toBe('finished');
  const bytes = readFileSync(join(folder, 'c.csv'), 'utf8');
  const again = await ask('understudy/repeat', { id: run.id, folder });
  expect((await until(again.id, over)).state).toBe('finished');
  expect(readFileSync(join(folder, 'c.csv'), 'utf8')).toBe(bytes);
  expect(await ask('understudy/rename', { id: again.id, folder, name: 'twice' })).toMatchObject({ name: 'twice' });
  expect(await ask('understudy/delete', { id: again.id, folder })).toBeNull();
});

test('the user\'s mistakes arrive in words, and do no harm', async () => {
  await expect(ask('understudy/inspect', { path: join(folder, 'none.csv') })).rejects.toThrow('none.csv');
  await expect(ask('understudy/synthesize', { path: join(folder, 'orders.csv'), rows: -1 })).rejects.toThrow('--rows: must be at least 1');
  await expect(ask('understudy/report', { folder: join(folder, 'none') })).rejects.toThrow('no report');
  expect((await ask('understudy/inspect', { path: join(folder, 'orders.csv') })).rows).toBe(400);
});

test('names its generators, one of them the default, and says how it is', async () => {
  const known = await ask('understudy/generators', {});
  expect(known.filter((g) => g.isDefault).map((g) => g.id)).toEqual(['autoregressive']);
  expect(known.every((g) => g.name && g.family && g.summary)).toBe(true);
  const health = await ask('understudy/health', {});
  expect(health).toMatchObject({ pid: child.pid, active: [] });
  expect(health.memoryBytes).toBeGreaterThan(1e7);
  expect(health.machine.cores).toBeGreaterThan(0);
});

test('a run that its closing cuts short is found interrupted by the next server', async () => {
  const run = await ask('understudy/synthesize', { path: join(folder, 'orders.csv'), generator: 'independent', out: join(folder, 'e.csv') });
  await until(run.id, (r) => r.state === 'running');
  await connection.sendRequest('shutdown');
  const record = JSON.parse(readFileSync(join(run.folder, 'run.json'), 'utf8')) as RunRecord;
  expect(record).toMatchObject({ state: 'interrupted', error: { code: 'interrupted' } });
});

test('answers while a worker computes, and takes its workers with it', async () => {
  const path = join(folder, 'orders.csv');
  const run = await ask('understudy/synthesize', { path, generator: 'independent', out: join(folder, 'd.csv') });
  const { pid } = await until(run.id, (r) => r.state === 'running' && r.pid !== undefined);
  expect((await ask('understudy/runs', { folder })).some((r) => r.id === run.id)).toBe(true);
  await connection.sendRequest('shutdown');
  await connection.sendNotification('exit');
  await exited;
  expect(() => process.kill(pid!, 0)).toThrow();
});
