import { promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cancelled } from '../errors';
import type { Plan, Rule, TargetRequest } from '../protocol';
import { Stream } from '../random';
import { readTable } from '../table/read';
import { ProgressMeter } from './progress';
import { release, releaseStages, type ReleaseJob } from './release/release';
import { checkedRules, checkedTarget } from './request';
import { fileState, sha256 } from './source';
import { isTargeted, runTarget } from './target';

let folder: string, run: string;
const path = () => join(folder, 'visits.csv');
/** 400 visits: start before end, ward decides floor, a few pressures missing. */
function visits(): string {
  const s = new Stream(4, 'visits'), lines = ['age,sex,ward,floor,start,end,pressure'];
  for (let i = 0; i < 400; i++) { const ward = s.below(4), start = s.below(20), age = 20 + s.below(60); lines.push(`${age},${s.below(2) ? 'f' : 'm'},${'ABCD'[ward]!},${1 + (ward >> 1)},${start},${start + s.below(9)},${s.uniform() < 0.15 ? '' : (90 + age / 2 + 5 * ward + s.below(20)).toFixed(1)}`); }
  return `${lines.join('\n')}\n`;
}
beforeEach(async () => {
  folder = await fs.mkdtemp(join(tmpdir(), 'understudy-target-'));
  run = join(folder, 'run');
  await fs.mkdir(run);
  await fs.writeFile(path(), visits());
});
afterEach(() => fs.rm(folder, { recursive: true, force: true }));

async function plan(target: unknown, changes: Partial<Plan> = {}): Promise<Plan> {
  const request = target === undefined ? undefined : checkedTarget(target);
  return {
    version: 1, purpose: request?.purpose ?? 'release', ...(request && { target: request }), source: { path: path(), ...(await fileState(path())), sha256: await sha256(path()) },
    generator: { id: 'autoregressive', parameters: { steps: 60, hidden: 16, embedding: 8 } }, seed: 11, budgetSeconds: 5, device: 'cpu', out: join(folder, 'made.csv'), columns: {}, protection: { enabled: true, k: 5 }, ...changes,
  };
}
function job(p: Plan, changes: Partial<ReleaseJob> = {}): ReleaseJob {
  const file = (name: string) => join(run, name);
  return {
    id: 'test-run', meter: new ProgressMeter(releaseStages(p), () => undefined), breathe: async () => undefined, profiled: () => undefined, log: () => undefined, decided: async () => undefined,
    mayReplace: async () => false, resume: false, files: { checkpoint: file('c'), model: file('m'), curve: file('t'), synthetic: file('s.arrow') }, ...changes,
  };
}
const older: TargetRequest = checkedTarget({ purpose: 'augmentation', strata: [{ where: { type: 'and', of: [{ type: 'in', column: 'sex', values: ['f'] }, { type: 'range', column: 'age', min: 40, max: 60 }] }, rows: 120 }], balance: [{ column: 'ward', shares: { A: 0.5 } }] });
const rules: Rule[] = checkedRules([
  { name: 'order', type: 'row', condition: { type: 'compare', op: '<=', left: { type: 'column', column: 'start' }, right: { type: 'column', column: 'end' } } },
  { name: 'floors', type: 'determines', from: ['ward'], to: ['floor'] }, { name: 'places', type: 'combinations', columns: ['ward', 'floor'] },
]);

describe('a run with a target', () => {
  test.each([['a target', { purpose: 'release', releases: 2 }], ['a plain release', undefined]])('rows that were asked to be left out are in no part of %s; rows keep the numbers they have in the file', async (_, target) => {
    const suppress = [0, 3, 399], p = await plan(target, { rows: 30, suppress, generator: { id: 'independent', parameters: {} } });
    const made = await (target ? runTarget(p, job(p)) : release(p, job(p))), file = await readTable(path());
    expect(made.source.rows).toBe(397);
    expect(made.notes).toContain('3 of the 400 rows were left out, as asked.');
    expect([...made.trainingRows].some((r) => suppress.includes(r))).toBe(false);
    expect(Math.max(...made.trainingRows)).toBe(398);
    const row = (t: Awaited<ReturnType<typeof readTable>>, r: number) => ['age', 'start', 'end', 'pressure'].map((c) => t.column(c).lexeme(r));
    made.trainingRows.forEach((r, i) => expect(row(made.training, i)).toEqual(row(file, r)));
  });
  test('every row of the file meets the condition and keeps the rules, shares are exact, and the run says so; the same again after a stop anywhere', async () => {
    const p = await plan(older, { rules, generator: { id: 'cart', parameters: {} } });
    let breaths = 0;
    const made = await runTarget(p, job(p, { breathe: async () => { breaths++; } })), bytes = await fs.readFile(p.out, 'utf8'), table = await readTable(p.out);
    expect(table.rows).toBe(120);
    const cell = (c: string): string[] => Array.from({ length: table.rows }, (_, i) => table.column(c).lexeme(i));
    expect(new Set(cell('sex'))).toEqual(new Set(['f']));
    expect(cell('age').every((a) => Number(a) >= 40 && Number(a) <= 60)).toBe(true);
    expect(cell('ward').filter((w) => w === 'A').length).toBe(60);
    cell('end').forEach((e, i) => expect(Number(e)).toBeGreaterThanOrEqual(Number(cell('start')[i])));
    cell('ward').forEach((w, i) => expect(cell('floor')[i]).toBe(w < 'C' ? '1' : '2'));
    const figure = (id: string) => made.targetFigures.find((f) => f.metric === id)!;
    expect([figure('target.condition').value, figure('target.rules').value, figure('target.shares').value]).toEqual([1, 1, 0]);
    expect(Object.keys(made.targetMetrics)).toContain('target.acceptance');
    expect(made.notes.join(' ')).toMatch(/Rule order: kept by every row/);
    // It is compared with real rows of its own kind.
    expect(made.training.column('sex').codes().every((c) => made.training.column('sex').categories()[c] === 'f')).toBe(true);
    for (const stop of [2, Math.floor(breaths / 2)]) {
      await fs.rm(p.out, { force: true });
      await fs.rm(run, { recursive: true });
      await fs.mkdir(run);
      let n = 0;
      await expect(runTarget(p, job(p, { breathe: async () => { if (++n === stop) throw cancelled(); } }))).rejects.toThrow('Cancelled');
      expect((await fs.readdir(folder)).sort()).toEqual(['run', 'visits.csv']);
      await runTarget(p, job(p, { resume: true }));
      expect(await fs.readFile(p.out, 'utf8')).toBe(bytes);
    }
  }, 120_000);

  test('rules between columns of few values are kept by construction: a generator that has hardly learnt them has no row left out; one that cannot heed them has', async () => {
    const refused = async (id: string, parameters: Record<string, unknown>): Promise<string[]> => {
      const p = await plan(undefined, { rules, rows: 300, out: join(folder, `${id}.csv`), generator: { id, parameters } }), made = await runTarget(p, job(p)), table = await readTable(p.out);
      const cell = (c: string): string[] => Array.from({ length: table.rows }, (_, i) => table.column(c).lexeme(i));
      cell('ward').forEach((w, i) => expect(cell('floor')[i]).toBe(w < 'C' ? '1' : '2'));
      cell('end').forEach((e, i) => expect(Number(e)).toBeGreaterThanOrEqual(Number(cell('start')[i])));
      return made.notes.filter((n) => n.includes('broke it'));
    };
    expect(await refused('autoregressive', { steps: 5, hidden: 16, embedding: 8 })).toEqual([]);
    expect((await refused('independent', {})).length).toBeGreaterThan(0);
  }, 120_000);

  test('what contradicts the table is found before anything is fitted', async () => {
    const never = (target: unknown, r: Rule[] = []) => plan(target, { rules: r }).then((p) => runTarget(p, job(p, { decided: async () => { throw new Error('fitted'); } })));
    await expect(never({ purpose: 'augmentation', strata: [{ where: { type: 'in', column: 'ward', values: ['Z'] }, rows: 5 }] })).rejects.toThrow('No row of the table meets');
    await expect(never({ purpose: 'augmentation', strata: [{ where: { type: 'in', column: 'colour', values: ['Z'] }, rows: 5 }] })).rejects.toThrow('no column of this name');
    await expect(never(undefined, checkedRules([{ name: 'wrong', type: 'row', condition: { type: 'compare', op: '>', left: { type: 'column', column: 'start' }, right: { type: 'column', column: 'end' } } }]))).rejects.toThrow('Rule wrong');
    await expect(never({ purpose: 'completion', task: 'impute', columns: ['age'], releases: 2, proper: true })).rejects.toThrow('Nothing is missing');
  });

  test('several imputations are numbered files, refits of their own, with every cell of the source as it was written', async () => {
    const p = await plan({ purpose: 'completion', task: 'impute', columns: ['pressure'], releases: 2, proper: true }), made = await runTarget(p, job(p)), source = (await fs.readFile(path(), 'utf8')).split('\n');
    expect(made.outs.map((o) => basename(o.path))).toEqual(['made.1.csv', 'made.2.csv']);
    const [one, two] = await Promise.all(made.outs.map(async (o) => (await fs.readFile(o.path, 'utf8')).split('\n')));
    let filled = 0;
    source.forEach((line, i) => { if (line.endsWith(',')) { filled++; expect(one![i]!.startsWith(line)).toBe(true); expect(one![i]!.length).toBeGreaterThan(line.length); } else expect(one![i]).toBe(line); });
    expect(filled).toBeGreaterThan(30);
    expect(one).not.toEqual(two);
    expect(made.targetFigures.map((f) => f.metric)).toContain('target.missing-information');
    expect(made.control).toBeUndefined();
  });

  test('real rows go out beside the synthetic ones; several releases of a plain table; a plain plan takes the plain way', async () => {
    const beside = await plan({ purpose: 'augmentation', beside: true, strata: [{ where: { type: 'in', column: 'sex', values: ['m'] }, rows: 30 }] }, { generator: { id: 'independent', parameters: {} } }), made = await runTarget(beside, job(beside));
    expect((await readTable(made.out)).rows).toBe(430);
    expect(made.synthetic.rows).toBe(30);
    const several = await plan({ purpose: 'release', releases: 3 }, { generator: { id: 'independent', parameters: {} }, out: join(folder, 'many.csv'), rows: 50 });
    expect((await runTarget(several, job(several))).outs.map((o) => basename(o.path))).toEqual(['many.1.csv', 'many.2.csv', 'many.3.csv']);
    // Plugin: one fit (of five folds), and tables that differ; proper, the default: a fit for each.
    const fitsOf = async (proper: boolean | undefined) => {
      const name = `fits-${proper}`, p = await plan({ purpose: 'release', releases: 3, ...(proper !== undefined && { proper }) }, { generator: { id: 'independent', parameters: {} }, out: join(folder, `${name}.csv`), rows: 50 });
      let fits = 0;
      const made = await runTarget(p, job(p, { decided: async (d) => { fits = (d.fits as unknown[]).length; } }));
      expect(new Set(made.outs.map((o) => o.sha256)).size).toBe(3);
      return [fits, /\((\w+)\)/.exec(made.notes.find((n) => n.startsWith('3 tables'))!)![1]];
    };
    expect([await fitsOf(undefined), await fitsOf(true), await fitsOf(false)]).toEqual([[15, 'proper'], [15, 'proper'], [5, 'plugin']]);
    expect([isTargeted(await plan(undefined)), isTargeted(await plan({ purpose: 'release' })), isTargeted(several), isTargeted(await plan(undefined, { rules }))]).toEqual([false, false, true, true]);
  });

  test('requests that cannot be read are refused in words', () => {
    expect(() => checkedTarget({ purpose: 'magic' })).toThrow('"magic"');
    expect(() => checkedTarget({ purpose: 'transfer', to: 'x.csv' })).toThrow('labels');
    expect(() => checkedRules([{ name: 'x', type: 'row' }])).toThrow('The rules cannot be read');
  });
});
