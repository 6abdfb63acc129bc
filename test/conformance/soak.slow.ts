/**
 * Fifty runs during which the worker or the server is killed without warning at random moments, over the real server on stdio. Every run must be listed
 * as what it is, go on from where it was, and end with the bytes of an undisturbed run; nothing half-written may appear, and no process may be left behind.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createMessageConnection, StreamMessageReader, StreamMessageWriter, type MessageConnection } from 'vscode-jsonrpc/node';
import { randomOf } from '../../server/evaluation/population';
import type { Requests, RunRecord } from '../../server/protocol';
import { ensureBuilt, server } from './build';
import { orders } from './simulated';

const rounds = Number(process.env.UNDERSTUDY_SOAK ?? 50);
const seed = Number(process.env.UNDERSTUDY_SEED ?? Date.now() % 1e6);
const random = randomOf(seed);

let folder: string;
let child: ChildProcess;
let connection: MessageConnection;
let records = new Map<string, RunRecord>();
/** Every process of ours that was ever seen. */
const pids = new Set<number>();

beforeAll(async () => {
  await ensureBuilt();
  folder = mkdtempSync(join(tmpdir(), 'understudy soak '));
  writeFileSync(join(folder, 'orders.csv'), orders(240));
}, 180_000);
afterAll(() => {
  child?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

async function startServer(): Promise<void> {
  child = spawn(process.execPath, [server, '--stdio'], { stdio: ['pipe', 'pipe', 'ignore'] });
  pids.add(child.pid!);
  connection = createMessageConnection(new StreamMessageReader(child.stdout!), new StreamMessageWriter(child.stdin!));
  // What a killed server leaves of a message is no news to us.
  connection.onError(() => undefined);
  connection.onNotification('understudy/run', (record: RunRecord) => {
    records.set(record.id, record);
    if (record.pid !== undefined) pids.add(record.pid);
  });
  connection.listen();
  await connection.sendRequest('initialize', { processId: process.pid, rootUri: null, capabilities: {} });
  await connection.sendNotification('initialized', {});
}
async function killServer(): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
  connection.dispose();
}
const ask = <M extends keyof Requests>(method: M, params: Requests[M][0]): Promise<Requests[M][1]> => connection.sendRequest(method, params);
const sleep = (ms: number) => new Promise((r) => setTimeout(r, ms));
const over = (r: RunRecord | undefined): boolean => r !== undefined && r.state !== 'queued' && r.state !== 'running';
const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch { return false; }
};
async function until(what: string, wanted: () => boolean | Promise<boolean>, seconds = 180): Promise<void> {
  for (const end = Date.now() + 1000 * seconds; Date.now() < end; await sleep(25)) if (await wanted()) return;
  throw new Error(`seed ${seed}: waited in vain for ${what}; runs: ${JSON.stringify([...records.values()].map((r) => [r.id, r.state, r.progress?.phase, r.error?.message]))}`);
}
const listed = async (id: string): Promise<RunRecord> => (await ask('understudy/runs', { folder })).find((r) => r.id === id)!;
const hash = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

/** Undisturbed runs, by generator: what the disturbed ones must end with. */
const plans = [
  { generator: 'independent', parameters: {} },
  { generator: 'autoregressive', parameters: { steps: 60, hidden: 16, layers: 1, embedding: 4, batch: 32 } },
];

test(`${rounds} runs, killed at random (seed ${seed}), lose nothing and leave nothing behind`, async () => {
  await startServer();
  const expected: string[] = [], took: number[] = [];
  for (const [i, plan] of plans.entries()) {
    const began = Date.now(), run = await ask('understudy/synthesize', { path: join(folder, 'orders.csv'), ...plan, seed: 7, device: 'cpu', out: join(folder, `undisturbed-${i}.csv`), folder });
    await until('an undisturbed run', () => over(records.get(run.id)));
    expect(records.get(run.id)!.state).toBe('finished');
    expected.push(hash(join(folder, `undisturbed-${i}.csv`)));
    took.push(Date.now() - began);
  }
  const seen = { worker: 0, server: 0, twice: 0, late: 0 };
  for (let round = 0; round < rounds; round++) {
    const which = random() < 0.5 ? 0 : 1, out = join(folder, `disturbed-${round}.csv`);
    const run = await ask('understudy/synthesize', { path: join(folder, 'orders.csv'), ...plans[which]!, seed: 7, device: 'cpu', out, folder });
    const kills = random() < 0.2 ? 2 : 1;
    for (let kill = 0; kill < kills; kill++) {
      await sleep(random() * took[which]!);
      if (random() < 0.5) {
        seen.server++;
        await killServer();
        // its worker hears that it is alone and ends
        await until('the worker of a killed server to end', () => [...pids].every((pid) => !lives(pid)), 30);
        await startServer();
      } else {
        const pid = (await listed(run.id)).pid;
        if (pid !== undefined && pid !== child.pid && lives(pid)) { seen.worker++; process.kill(pid, 'SIGKILL'); }
        await until('news of a killed worker', async () => over(await listed(run.id)), 60);
      }
      const now = await listed(run.id);
      expect(now, `seed ${seed}, round ${round}: the run is listed`).toBeDefined();
      // what stands under the output's name is whole, or nothing stands there
      const there = readdirSync(folder).includes(`disturbed-${round}.csv`);
      if (there) expect(hash(out), `seed ${seed}, round ${round}: whole`).toBe(expected[which]);
      if (now.state === 'finished') { seen.late++; break; }
      expect(['interrupted', 'failed', 'cancelled'], `seed ${seed}, round ${round}: ${JSON.stringify(now)}`).toContain(now.state);
      if (kill > 0) seen.twice++;
      records.delete(run.id);
      await ask('understudy/resume', { id: run.id, folder });
    }
    await until('a resumed run', async () => (records.has(run.id) ? over(records.get(run.id)) : (await listed(run.id)).state === 'finished'));
    const end = await listed(run.id);
    expect([end.state, end.error?.message], `seed ${seed}, round ${round}`).toEqual(['finished', undefined]);
    // A run that had put its table in place before it was killed may have had to take the next free name.
    expect(hash(end.out!), `seed ${seed}, round ${round}: same bytes`).toBe(expected[which]);
    rmSync(end.folder, { recursive: true });
  }
  await ask('understudy/runs', { folder });
  await connection.sendRequest('shutdown');
  await connection.sendNotification('exit');
  await until('every process to end', () => [...pids].every((pid) => !lives(pid)), 30);
  console.log(`soak of ${rounds}, seed ${seed}: ${JSON.stringify(seen)}, ${pids.size} processes`);
  expect(readdirSync(folder).filter((name) => name.startsWith('.') && name !== '.understudy')).toEqual([]);
});
