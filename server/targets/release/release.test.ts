import { promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { orders } from '../../../test/conformance/simulated';
import { cancelled, UserError } from '../../errors';
import type { Plan } from '../../protocol';
import { ProgressMeter } from '../progress';
import { fileState, sha256 } from '../source';
import { release, releaseStages, type ReleaseJob } from './release';

let folder: string;
let run: string;
beforeEach(async () => {
  folder = await fs.mkdtemp(join(tmpdir(), 'understudy-release-'));
  run = join(folder, 'run');
  await fs.mkdir(run);
  await fs.writeFile(join(folder, 'orders.csv'), orders(300));
});
afterEach(() => fs.rm(folder, { recursive: true, force: true }));

async function plan(changes: Partial<Plan> = {}): Promise<Plan> {
  const path = join(folder, 'orders.csv');
  return {
    version: 1, purpose: 'release', source: { path, ...(await fileState(path)), sha256: await sha256(path) }, generator: { id: 'independent', parameters: {} },
    seed: 11, budgetSeconds: 5, device: 'cpu', out: join(folder, 'made.csv'), columns: {}, protection: { enabled: true, k: 5 }, ...changes,
  };
}
function job(p: Plan, changes: Partial<ReleaseJob> = {}): ReleaseJob {
  const file = (name: string) => join(run, name);
  return {
    id: 'test-run', meter: new ProgressMeter(releaseStages(p), () => undefined), breathe: async () => undefined, profiled: () => undefined, log: () => undefined, decided: async () => undefined,
    mayReplace: async () => false, resume: false, files: { checkpoint: file('c'), model: file('m'), curve: file('t'), synthetic: file('s.arrow') }, ...changes,
  };
}

test('stopped anywhere and resumed, it gives the bytes of an uninterrupted run; a stop leaves nothing under the output\'s name', async () => {
  const p = await plan();
  let breaths = 0;
  await release(p, job(p, { breathe: async () => { breaths++; } }));
  const expected = await fs.readFile(p.out, 'utf8');
  const arrow = await sha256(join(run, 's.arrow'));
  expect(breaths).toBeGreaterThan(10);
  // Two dozen places spread over the whole run, each fit of the five among them.
  for (let stop = 1; stop <= breaths; stop += Math.max(1, Math.floor(breaths / 24))) {
    await fs.rm(p.out, { force: true });
    await fs.rm(run, { recursive: true });
    await fs.mkdir(run);
    let n = 0;
    await expect(release(p, job(p, { breathe: async () => { if (++n === stop) throw cancelled(); } }))).rejects.toThrow('Cancelled');
    expect((await fs.readdir(folder)).sort()).toEqual(['orders.csv', 'run']);
    await release(p, job(p, { resume: true }));
    expect(await fs.readFile(p.out, 'utf8')).toBe(expected);
    expect(await sha256(join(run, 's.arrow'))).toBe(arrow);
  }
});

test('what was decided in the warm-up is reported, for a repeat to use', async () => {
  const p = await plan();
  const decided: unknown[] = [];
  await release(p, job(p, { decided: async (resolved, device) => void decided.push([resolved, device?.name]) }));
  expect(decided.at(-1)).toEqual([{ folds: Array.from({ length: 5 }, () => ({ bins: 256 })) }, 'cpu']);
});

test('parts are disjoint, the control comes from the source or from the user\'s file, and every column is in its place', async () => {
  const p = await plan({ rows: 120 });
  const made = await release(p, job(p));
  expect(made.rows).toBe(120);
  expect(made.control).toBeUndefined();
  expect(made.controlHow).toContain('cross-fitted');
  expect(made.training.rows).toBe(300);
  expect(made.folds!.flatMap((f) => [...f.rows.control]).sort((a, b) => a - b)).toEqual(Array.from({ length: 300 }, (_, i) => i));
  for (const f of made.folds!) {
    expect([...f.rows.training, ...f.rows.control].sort((a, b) => a - b)).toEqual(Array.from({ length: 300 }, (_, i) => i));
    expect([f.training.rows, f.control.rows, f.synthetic.rows]).toEqual([240, 60, 120]);
  }
  const modelled = ['city', 'age', 'amount', 'member', 'ordered'];
  for (const t of [made.training, made.synthetic, ...made.folds!.flatMap((f) => [f.training, f.control, f.synthetic])]) expect(t.schema.columns.map((c) => c.name)).toEqual(modelled);

  await fs.writeFile(join(folder, 'later.csv'), orders(80, 9));
  await fs.rm(p.out);
  const withHoldout = await plan({ holdout: { path: join(folder, 'later.csv'), sha256: '' } });
  const other = await release(withHoldout, job(withHoldout));
  expect(other.training.rows).toBe(300);
  expect(other.control!.rows).toBe(80);
  expect(other.controlHow).toContain('later.csv');
});

test('the release takes equally many rows of each model\'s own table; with as many rows, or more, than are judged', async () => {
  const p = await plan({ rows: 502 });
  const made = await release(p, job(p));
  const lines = (t: typeof made.synthetic) => Array.from({ length: t.rows }, (_, r) => t.columns.map((c) => c.lexeme(r)).join());
  const released = lines(made.synthetic), from = made.folds!.map((f) => new Set(lines(f.synthetic)));
  expect(made.folds!.map((f) => f.synthetic.rows)).toEqual([502, 502, 502, 502, 502]);
  const only = (k: number) => released.filter((line) => from[k]!.has(line) && from.every((s, j) => j === k || !s.has(line))).length;
  for (let k = 0; k < 5; k++) expect(Math.abs(only(k) - 100)).toBeLessThan(12);
  expect(released.every((line) => from.some((s) => s.has(line)))).toBe(true);
});

test('a table of 2,000 rows and more, and one under 40, has one control', async () => {
  for (const rows of [2000, 39]) {
    await fs.writeFile(join(folder, 'orders.csv'), orders(rows));
    const p = await plan({ out: join(folder, `made-${rows}.csv`) });
    const made = await release(p, job(p));
    expect(made.folds).toBeUndefined();
    expect(made.control!.rows).toBe(Math.round(rows / 5));
  }
});

test('a source that vanishes after it was read does not matter, and is said', async () => {
  const p = await plan();
  const made = await release(p, job(p, { profiled: () => void fs.rm(p.source.path) }));
  expect(made.notes.join()).toContain('vanished during the run');
  expect(made.rows).toBe(300);
});

test('an output that somebody else put there during the run is kept; ours gets the next name', async () => {
  const p = await plan();
  const made = await release(p, job(p, { profiled: () => void fs.writeFile(p.out, 'theirs') }));
  expect(made.out).toBe(join(folder, 'made-2.csv'));
  expect(await fs.readFile(p.out, 'utf8')).toBe('theirs');
  expect(made.outSha256).toBe(await sha256(made.out));
});

test.each<[string, string, Partial<Plan>, string]>([
  ['no rows at all to learn', 'a,b\n1,2\n', {}, 'only 1 row'],
  ['nothing that may be learnt', `id\n${Array.from({ length: 50 }, (_, i) => `1f0e${i}c7-${i}`).join('\n')}\n`, { columns: { id: { kind: 'identifier' } } }, 'no column that can be learnt'],
  ['an outcome that is not there', orders(50), { outcome: 'profit' }, 'no column of this name'],
  ['an outcome that is not learnt', orders(50), { outcome: 'email' }, 'cannot be the outcome'],
  ['a setting the generator does not know', orders(50), { generator: { id: 'independent', parameters: { wings: 2 } } }, 'has no setting "wings"'],
  ['a kind that does not fit', orders(50), { columns: { city: { kind: 'real' } } }, 'is not a number'],
])('%s: refused in words', async (_, content, changes, words) => {
  await fs.writeFile(join(folder, 'orders.csv'), content);
  const p = await plan(changes);
  const error = await release(p, job(p)).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(UserError);
  expect((error as UserError).toText()).toContain(words);
  expect((await fs.readdir(folder)).sort()).toEqual(['orders.csv', 'run']);
});

test('a holdout without the source\'s columns, or with other things in them, is refused', async () => {
  const path = join(folder, 'later.csv');
  const p = await plan({ holdout: { path, sha256: '' } });
  await fs.writeFile(path, 'id,city\n1,Lyon\n');
  await expect(release(p, job(p))).rejects.toThrow('lacks the columns "age", "amount"');
  await fs.writeFile(path, orders(40).replaceAll(/,(\d+\.\d\d),/g, ',dear,'));
  await expect(release(p, job(p))).rejects.toThrow(UserError);
});
