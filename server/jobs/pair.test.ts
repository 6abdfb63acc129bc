import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { people } from '../evaluation/population';
import { makeEvaluatePlan, makePlan } from '../plan/plan';
import { readTable } from '../table/read';
import { writeIpc } from '../table/columns';
import { pairJob } from './pair';
import { files } from './store';

let folder: string;
const path = (name: string) => join(folder, name);
const csv = (rows: Array<Record<string, unknown>>) => [Object.keys(rows[0]).join(','), ...rows.map((r) => Object.values(r).map((v) => v ?? '').join(','))].join('\n') + '\n';
const total = (xs: number[]) => xs.reduce((s, x) => s + x, 0);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'understudy-pair-'));
  await writeFile(path('real.csv'), csv(people(1500, 1)));
  await writeFile(path('made.csv'), csv(people(1500, 2)));
  await writeFile(path('later.csv'), csv(people(400, 3)));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
const plans = { cwd: '/', isOurs: async () => true };

describe('the picture of a pair on request', () => {
  it('comes from the tables of an evaluation, holdout included', async () => {
    await writeFile(path(files.plan), JSON.stringify(await makeEvaluatePlan({ real: path('real.csv'), synthetic: path('made.csv'), holdout: path('later.csv') }, plans)));
    const p = await pairJob(folder, 'job', 'age');
    expect([p.x.name, p.y.name]).toEqual(['age', 'job']);
    expect([p.real, p.synthetic, p.holdout!].map((c) => total(c.cells) + c.missing + c.hidden)).toEqual([1500, 1500, 400]);
    await expect(pairJob(folder, 'job', 'nothing')).rejects.toThrow(/not among the columns/);
  });

  it('comes from the very parts that a run fitted and kept back, and not from a file that changed since', async () => {
    const plan = await makePlan({ path: path('real.csv'), seed: 5 }, plans);
    await writeFile(path(files.plan), JSON.stringify(plan));
    await writeIpc(await readTable(path('made.csv')), path(files.synthetic));
    const p = await pairJob(folder, 'age', 'hours');
    // Under 2,000 rows a release is cross-fitted: every row was learnt, and none is kept back for all of it.
    expect([p.real.rows, p.holdout]).toEqual([1500, undefined]);
    expect(p.synthetic.rows).toBe(1500);
    await writeFile(path('real.csv'), csv(people(1200, 9)));
    await expect(pairJob(folder, 'age', 'hours')).rejects.toThrow(/changed since the run/);

    await writeFile(path('real.csv'), csv(people(2500, 9)));
    await writeFile(path(files.plan), JSON.stringify(await makePlan({ path: path('real.csv'), seed: 5 }, plans)));
    const apart = await pairJob(folder, 'age', 'hours');
    expect([apart.real.rows, apart.holdout!.rows]).toEqual([2000, 500]);
  });
});
