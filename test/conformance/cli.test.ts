import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RunRecord, TableProfile } from '../../server/protocol';
import { cli, ensureBuilt } from './build';
import { orders } from './simulated';

interface Outcome { code: number | null; out: string; err: string }
let base: string;
let folder: string;
let n = 0;

beforeAll(async () => {
  await ensureBuilt();
  base = mkdtempSync(join(tmpdir(), 'understudy-cli-'));
}, 180_000);
afterAll(() => rmSync(base, { recursive: true, force: true }));
beforeEach(() => {
  folder = join(base, `t${n++}`);
  mkdirSync(folder);
  writeFileSync(join(folder, 'orders.csv'), orders(240));
});

function startAs(who: { uid?: number; gid?: number }, ...args: string[]): { child: ChildProcess; done: Promise<Outcome> } {
  const child = spawn(process.execPath, [cli, ...args], { cwd: folder, env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, HOME: base }, stdio: ['ignore', 'pipe', 'pipe'], ...who });
  return { child, done: outcome(child) };
}
function outcome(child: ChildProcess): Promise<Outcome> {
  let [out, err] = ['', ''];
  child.stdout!.on('data', (d) => (out += d));
  child.stderr!.on('data', (d) => (err += d));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })));
}
const start = (...args: string[]) => startAs({}, ...args);
const understudy = (...args: string[]): Promise<Outcome> => start(...args).done;
const quick = ['--generator', 'independent', '--seed', '7'];
const digest = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');
const noTrace = ({ out, err }: Outcome): void => expect(`${out}${err}`).not.toMatch(/^\s+at .*[:(]\d+/m);

/** The folder's run, once its worker is at it. */
async function reached(): Promise<RunRecord> {
  const runs = join(folder, '.understudy', 'runs');
  for (const end = Date.now() + 120_000; Date.now() < end;) {
    for (const id of existsSync(runs) ? readdirSync(runs) : []) {
      const text = existsSync(join(runs, id, 'run.json')) ? readFileSync(join(runs, id, 'run.json'), 'utf8') : '{}', record = JSON.parse(text) as RunRecord;
      if (record.state === 'running' && record.pid) return record;
    }
    await new Promise((r) => setTimeout(r, 10));
  }
  throw new Error('no run was ever begun');
}

describe('synthesize', () => {
  test('makes a table of the source\'s form, a report and a run', async () => {
    const result = await understudy('synthesize', 'orders.csv', ...quick);
    expect(result.err).toContain('240 rows');
    expect(result.code).toBe(0);
    const real = readFileSync(join(folder, 'orders.csv'), 'utf8').trimEnd().split('\n');
    const made = readFileSync(join(folder, 'orders.synthetic.csv'), 'utf8').trimEnd().split('\n');
    expect(made.length).toBe(real.length);
    expect(made[0]).toBe(real[0]);
    expect(made.slice(1).every((line) => /^\d+,[^,]+@[^,]+,("Saint, Malo"|\w+),\d*,\d+\.\d\d,(yes|no),\d{4}-\d\d-\d\d,FR,/.test(line))).toBe(true);
    const emails = new Set(real.map((l) => l.split(',')[1]));
    expect(made.slice(1).filter((l) => emails.has(l.split(',')[1]!))).toEqual([]);
    expect(result.out).toMatch(/fidelity/);
    expect(result.out).toContain('orders.synthetic.report.html');
    expect(readFileSync(join(folder, 'orders.synthetic.report.html'), 'utf8')).toMatch(/^<!doctype html>/i);
    const runs = JSON.parse((await understudy('runs', '--json')).out) as RunRecord[];
    expect(runs).toMatchObject([{ state: 'finished', rows: 240, seed: 7, generator: 'independent' }]);
    expect(readdirSync(runs[0]!.folder).sort()).toEqual(expect.arrayContaining(['log.txt', 'model.bin.0', 'model.bin.4', 'plan.json', 'report.html', 'report.json', 'run.json', 'synthetic.arrow']));
    expect(readdirSync(folder).filter((f) => f.includes('.part'))).toEqual([]);
  });

  test('the same seed gives the same bytes, another seed others; repeat gives the same again', async () => {
    writeFileSync(join(folder, 'orders.csv'), orders(60)); // five runs: a small table will do
    for (const [seed, out] of [['7', 'a.csv'], ['7', 'b.csv'], ['8', 'c.csv']]) await understudy('synthesize', 'orders.csv', '--generator', 'independent', '--seed', seed!, '--out', out!, '--quiet');
    expect(digest(join(folder, 'a.csv'))).toBe(digest(join(folder, 'b.csv')));
    expect(digest(join(folder, 'a.csv'))).not.toBe(digest(join(folder, 'c.csv')));
    const runs = JSON.parse((await understudy('runs', '--json')).out) as RunRecord[];
    const before = digest(join(folder, 'c.csv'));
    rmSync(join(folder, 'c.csv'));
    const again = await understudy('runs', 'repeat', runs[0]!.id, '--json');
    expect(JSON.parse(again.out)).toMatchObject({ state: 'finished', seed: 8 });
    expect(digest(join(folder, 'c.csv'))).toBe(before);
  });

  test('rows, format, drop, kind, holdout, outcome; JSON on stdout alone', async () => {
    writeFileSync(join(folder, 'later.csv'), orders(200, 99));
    const result = await understudy('synthesize', 'orders.csv', ...quick, '--rows', '37', '--out', 'fake.jsonl', '--drop', 'note', '--column', 'id=category', '--holdout', 'later.csv', '--outcome', 'member', '--json');
    expect(result.code).toBe(0);
    const record = JSON.parse(result.out) as RunRecord;
    expect(record).toMatchObject({ state: 'finished', rows: 37, out: join(folder, 'fake.jsonl') });
    expect(Object.keys(record.figures!).length).toBeGreaterThan(3);
    const lines = readFileSync(join(folder, 'fake.jsonl'), 'utf8').trimEnd().split('\n').map((l) => JSON.parse(l) as object);
    expect(lines.length).toBe(37);
    expect(Object.keys(lines[0]!)).toEqual(['id', 'email', 'city', 'age', 'amount', 'member', 'ordered', 'country']);
  });

  test('names with spaces, quotes and other scripts', async () => {
    const name = process.platform === 'win32' ? 'Bj\u00f6rk\'s o \u6ce8\u6587.csv' : 'Bj\u00f6rk\'s "o" $x `y` \u6ce8\u6587 \u{1f4c8}.csv';
    writeFileSync(join(folder, name), orders(60));
    const result = await understudy('synthesize', name, ...quick, '--quiet');
    expect(result.err).toBe('');
    expect(existsSync(join(folder, name.replace('.csv', '.synthetic.csv')))).toBe(true);
  });

  test('overwrites nothing that is not its own', async () => {
    writeFileSync(join(folder, 'orders.csv'), orders(60)); // four runs: a small table will do
    writeFileSync(join(folder, 'orders.synthetic.csv'), 'precious');
    await understudy('synthesize', 'orders.csv', ...quick, '--quiet');
    await understudy('synthesize', 'orders.csv', ...quick, '--quiet');
    expect(readFileSync(join(folder, 'orders.synthetic.csv'), 'utf8')).toBe('precious');
    expect(existsSync(join(folder, 'orders.synthetic-2.csv'))).toBe(true);
    expect(existsSync(join(folder, 'orders.synthetic-3.csv'))).toBe(false);
    const refused = await understudy('synthesize', 'orders.csv', ...quick, '--out', 'orders.synthetic.csv');
    expect(refused).toMatchObject({ code: 2, out: '' });
    expect(refused.err).toContain('--force');
    expect((await understudy('synthesize', 'orders.csv', ...quick, '--out', 'orders.synthetic.csv', '--force', '--quiet')).code).toBe(0);
    expect(readFileSync(join(folder, 'orders.synthetic.csv'), 'utf8')).toMatch(/^id,email/);
  });
});

describe('stopping and going on', () => {
  test('Ctrl-C: 130 within a second or so, how to go on, and the resumed run gives the uninterrupted one\'s bytes', async () => {
    await understudy('synthesize', 'orders.csv', ...quick, '--out', 'whole.csv', '--quiet');
    const expected = digest(join(folder, 'whole.csv'));
    rmSync(join(folder, '.understudy'), { recursive: true });
    const { child, done } = start('synthesize', 'orders.csv', ...quick, '--out', 'broken.csv');
    await reached();
    child.kill('SIGINT');
    const stopped = await done;
    expect(stopped.code).toBe(130);
    expect(stopped.out).toBe('');
    const id = /understudy runs resume (\S+)/.exec(stopped.err)![1]!;
    expect(existsSync(join(folder, 'broken.csv'))).toBe(false);
    expect((JSON.parse((await understudy('runs', '--json')).out) as RunRecord[])[0]).toMatchObject({ id, state: 'cancelled' });
    const resumed = await understudy('runs', 'resume', id, '--quiet');
    expect(resumed.code).toBe(0);
    expect(digest(join(folder, 'broken.csv'))).toBe(expected);
  });

  test('killed (both processes, no warning): found interrupted, resumed to the same bytes', async () => {
    await understudy('synthesize', 'orders.csv', ...quick, '--out', 'whole.csv', '--quiet');
    const expected = digest(join(folder, 'whole.csv'));
    rmSync(join(folder, '.understudy'), { recursive: true });
    const { child, done } = start('synthesize', 'orders.csv', ...quick, '--out', 'broken.csv', '--quiet');
    const { pid } = await reached();
    child.kill('SIGKILL');
    try { process.kill(pid!, 'SIGKILL'); } catch { /* it went with its parent */ }
    await done;
    const [run] = JSON.parse((await understudy('runs', '--json')).out) as RunRecord[];
    expect(run!.state).toBe('interrupted');
    expect((await understudy('runs', 'resume', run!.id.slice(-4), '--quiet')).code).toBe(0);
    expect(digest(join(folder, 'broken.csv'))).toBe(expected);
  });

  test('a worker that is killed fails its run in words; the command says how to go on', async () => {
    const { done } = start('synthesize', 'orders.csv', ...quick);
    process.kill((await reached()).pid!, 'SIGKILL');
    const result = await done;
    expect(result.code).toBe(4);
    expect(result.err).toMatch(/killed from outside/);
    expect(result.err).toMatch(/runs resume/);
    noTrace(result);
  });
});

describe('bad circumstances', () => {
  test.each<[string, string | Buffer, RegExp]>([
    ['empty.csv', '', /empty/i],
    ['header.csv', 'a,b,c\n', /no rows|header/i],
    ['one.csv', 'a,b\n1,2\n', /row/],
    ['ragged.csv', 'a,b\n1,2\n3\n4,5\n', /ragged\.csv, row 3/],
    ['quote.csv', 'a,b\n1,"2\n3,4\n', /quote\.csv.*row 2/],
  ])('%s: what, where, exit code 3, nothing left behind', async (name, content, words) => {
    writeFileSync(join(folder, name), content);
    const before = readdirSync(folder).sort();
    const result = await understudy('synthesize', name, ...quick);
    expect(result.err).toMatch(words);
    expect(result.code).toBe(3);
    expect(result.out).toBe('');
    noTrace(result);
    expect(readdirSync(folder).filter((f) => f !== '.understudy').sort()).toEqual(before);
  });

  test('usage: exit code 2 and words, never a stack trace', async () => {
    for (const args of [['synthesize'], ['synthesize', 'orders.csv', '--rows', 'many'], ['synthesize', 'orders.csv', '--generator', 'none'], ['synthesize', 'orders.csv', '--column', 'x'], ['runs', 'show', 'nothing'], ['frobnicate'], ['synthesize', 'orders.xlsx'], ['synthesize', 'orders.csv', ...quick, '--param', 'wings=2']]) {
      if (args[1] === 'orders.xlsx') writeFileSync(join(folder, 'orders.xlsx'), 'x');
      const result = await understudy(...args);
      expect([args, result.code]).toEqual([args, 2]);
      expect(result.err.length).toBeGreaterThan(10);
      noTrace(result);
    }
    expect((await understudy('synthesize', 'orders.csv', ...quick, '--outcome', 'nothing')).err).toContain('nothing');
    expect((await understudy('synthesize', 'orders.csv', ...quick, '--column', 'nothing=real')).err).toContain('nothing');
  });

  test('a file that is not there', async () => {
    const result = await understudy('synthesize', 'gone.csv');
    expect(result.code).toBe(3);
    expect(result.err).toContain('does not exist');
  });

  // Windows has no such modes. Root may do anything, so it becomes nobody.
  test.skipIf(process.platform === 'win32')('no permission to read or to write', async () => {
    const nobody: { uid?: number; gid: number } = process.getuid!() === 0 ? { uid: 65534, gid: 65534 } : { gid: process.getgid!() };
    chmodSync(base, 0o755);
    if (nobody.uid !== undefined) for (const path of [folder, join(folder, 'orders.csv')]) chownSync(path, nobody.uid, nobody.gid);
    chmodSync(join(folder, 'orders.csv'), 0o000);
    const unread = await startAs(nobody, 'synthesize', 'orders.csv').done;
    expect(unread).toMatchObject({ code: 4, out: '' });
    expect(unread.err).toMatch(/orders\.csv: may not be read: no permission/);
    chmodSync(join(folder, 'orders.csv'), 0o600);
    chmodSync(folder, 0o500);
    const unwritten = await startAs(nobody, 'synthesize', 'orders.csv', ...quick).done;
    chmodSync(folder, 0o700);
    expect(unwritten.code).toBe(4);
    expect(unwritten.err).toContain('no permission');
    noTrace(unwritten);
    expect(readdirSync(folder)).toEqual(['orders.csv']);
  });

  test('a file that changes between asking and resuming', async () => {
    const { child, done } = start('synthesize', 'orders.csv', ...quick);
    await reached();
    child.kill('SIGINT');
    await done;
    const [run] = JSON.parse((await understudy('runs', '--json')).out) as RunRecord[];
    writeFileSync(join(folder, 'orders.csv'), orders(241));
    const changed = await understudy('runs', 'resume', run!.id);
    expect(changed.code).toBe(3);
    expect(changed.err).toMatch(/changed before it could be read/);
    rmSync(join(folder, 'orders.csv'));
    const vanished = await understudy('runs', 'resume', run!.id);
    expect(vanished.err).toMatch(/vanished before it could be read/);
    expect(existsSync(join(folder, 'orders.synthetic.csv'))).toBe(false);
  });

  // The shell's limit on file sizes stands for a disk that fills up: the write fails in the middle, in the system's own way.
  test.skipIf(process.platform === 'win32')('a disk that fills up during the run', async () => {
    writeFileSync(join(folder, 'long.csv'), orders(3000));
    const child = spawn('/bin/sh', ['-c', 'ulimit -f 100 && exec "$@"', 'sh', process.execPath, cli, 'synthesize', 'long.csv', ...quick], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NO_COLOR: '1' } });
    const result = await outcome(child);
    expect(result.code).toBe(4);
    expect(result.err).toMatch(/cannot be written: it is larger than the disk|disk is full/);
    noTrace(result);
    expect(readdirSync(folder).sort()).toEqual(['.understudy', 'long.csv', 'orders.csv']);
    // With room again the same run goes on.
    const [run] = JSON.parse((await understudy('runs', '--json')).out) as RunRecord[];
    expect((await understudy('runs', 'resume', run!.id, '--quiet')).code).toBe(0);
    expect(readFileSync(join(folder, 'long.synthetic.csv'), 'utf8').split('\n').length).toBe(3002);
  });
});

describe('the other commands', () => {
  test('inspect says what each column is', async () => {
    const profile = JSON.parse((await understudy('inspect', 'orders.csv', '--json')).out) as TableProfile;
    expect(profile.rows).toBe(240);
    const kinds = Object.fromEntries(profile.columns.map((c) => [c.name, c.kind]));
    expect(kinds).toMatchObject({ id: 'identifier', email: 'personal', city: 'category', age: 'integer', amount: 'real', member: 'boolean', ordered: 'date', country: 'constant', note: 'text' });
    const text = await understudy('inspect', 'orders.csv');
    expect(text.code).toBe(0);
    for (const name of Object.keys(kinds)) expect(text.out).toContain(name);
  });

  test('evaluate judges any table; a copy of the source is not called private', async () => {
    writeFileSync(join(folder, 'copy.csv'), orders(240));
    writeFileSync(join(folder, 'later.csv'), orders(240, 5));
    const result = await understudy('evaluate', 'orders.csv', 'copy.csv', '--holdout', 'later.csv', '--json');
    expect(result.code).toBe(0);
    const record = JSON.parse(result.out) as RunRecord;
    expect(record.verdicts!.find((v) => v.family === 'privacy')!.verdict).toBe('poor');
    expect(existsSync(record.reportOut!)).toBe(true);
  });

  test('runs: show, rename, star, delete', async () => {
    await understudy('synthesize', 'orders.csv', ...quick, '--quiet');
    const [run] = JSON.parse((await understudy('runs', '--json')).out) as RunRecord[];
    expect((await understudy('runs', 'show', run!.id)).out).toContain('orders.synthetic.csv');
    await understudy('runs', 'rename', run!.id, 'the first');
    await understudy('runs', 'star', 'the first');
    expect(JSON.parse((await understudy('runs', 'show', 'the first', '--json')).out)).toMatchObject({ name: 'the first', starred: true });
    expect((await understudy('runs', 'delete', run!.id)).code).toBe(0);
    expect(existsSync(run!.folder)).toBe(false);
    expect(existsSync(join(folder, 'orders.synthetic.csv'))).toBe(true);
    expect(statSync(join(folder, '.understudy')).isDirectory()).toBe(true);
  });

  test('help has examples; generators are listed', async () => {
    for (const args of [['--help'], ['synthesize', '--help'], ['evaluate', '--help'], ['inspect', '--help'], ['runs', '--help']]) {
      const result = await understudy(...args);
      expect([args, result.code, result.out.includes('Examples:')]).toEqual([args, 0, true]);
    }
    expect(JSON.parse((await understudy('generators', '--json')).out)).toEqual(expect.arrayContaining([expect.objectContaining({ id: 'independent' })]));
  });
});
