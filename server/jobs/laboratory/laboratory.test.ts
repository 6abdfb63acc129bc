import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { cancelled, type UserError } from '../../errors';
import { outcomeOf, slopeOf, studentMean } from '../../evaluation/collapse/slopes';
import { studentQuantile } from '../../learners/distributions';
import { collapseMeasures } from '../../evaluation/collapse/measures';
import { tableOf } from '../../evaluation/fixture';
import { randomOf } from '../../evaluation/population';
import { renderLaboratory } from '../../report/laboratory';
import type { CollapseResult, Progress, RunRecord } from '../../protocol';
import { epsilonOf } from '../../privacy/accountant/filter';
import { Ledger } from '../../privacy/ledger/ledger';
import type { JobContext } from '../job';
import { sweepBudget } from './budget';
import { RunStore } from '../store';
import { collapseJob, lesson } from './collapse';
import { standInNote } from './known';
import { onFront, summariseSweep } from './front';
import { makeCollapsePlan, makeExplorePlan, sweepOf } from './plans';
import { readResult } from './publish';

const home = mkdtempSync(join(tmpdir(), 'understudy-lab-')), csv = join(home, 'people.csv'), random = randomOf(1);
writeFileSync(csv, `age,job,city\n${Array.from({ length: 400 }, () => `${20 + Math.floor(50 * random() ** 2)},${'abcdefgh'[Math.floor(8 * random() ** 2)]},${['north', 'south', 'west', 'rare', 'rarer'][Math.floor(5 * random() ** 3)]}`).join('\n')}\n`);
afterAll(() => rmSync(home, { recursive: true, force: true }));
const ledgers = join(home, 'privacy');
const plan = () => makeCollapsePlan({ path: csv, generators: ['independent'], modes: ['replace', 'accumulate', 'anchor'], generations: 3, chains: 2, rows: 120, seed: 5, budgetSeconds: 1 }, home, async () => false);
let runs = 0;
const folder = () => { const f = join(home, '.understudy', 'runs', `r${runs++}`); mkdirSync(f, { recursive: true }); return f; };
const quiet: JobContext = { send: () => undefined, breathe: async () => undefined };

describe('slopes', () => {
  it('have Student\'s quantiles', () => {
    // R: qt(.975, c(1, 4, 30)); qt(.95, 4)
    for (const [p, df, t] of [[0.975, 1, 12.706204736], [0.975, 4, 2.776445105], [0.975, 30, 2.042272456], [0.95, 4, 2.131846786]] as const) expect(studentQuantile(p, df)).toBeCloseTo(t, 6);
    expect(slopeOf([3, 5, 7, 9])).toBeCloseTo(2, 12);
    const m = studentMean([1, 2, 3, 4, 5]);
    expect(m.high - m.value).toBeCloseTo(2.776445105 * Math.sqrt(2.5 / 5), 6);
  });
  it('tell worsening from a plateau and from nothing', () => {
    const noise = (f: (g: number) => number) => Array.from({ length: 6 }, () => Array.from({ length: 11 }, (_, g) => f(g) + 0.004 * (random() - 0.5)));
    expect(outcomeOf(collapseMeasures, { shapes: noise(g => 1 - 0.02 * g) }).outcome).toBe('worsens');
    expect(outcomeOf(collapseMeasures, { shapes: noise(g => 0.9 + 0.1 * Math.exp(-1.5 * g)) }).outcome).toBe('plateaus');
    expect(outcomeOf(collapseMeasures, { shapes: noise(() => 0.97) }).outcome).toBe('holds');
    expect(outcomeOf(collapseMeasures, { shapes: [[1, 0.9, 0.8]] }).outcome).toBe('undecided');
    expect(outcomeOf(collapseMeasures, { shapes: noise(g => 1 - 0.02 * g).map(c => c.slice(0, 4)) })).toMatchObject({ outcome: 'undecided', why: expect.stringContaining('3 generations are too few') });
    expect(outcomeOf(collapseMeasures, { shapes: noise(g => 1 - 0.02 * g).map(c => c.slice(0, 5)) }).outcome).toBe('worsens');
  });
});

describe('what a generation learns', () => {
  const numbered = (from: number) => tableOf({ x: { kind: 'integer', cells: Array.from({ length: 100 }, (_, i) => from + i) } }), [real, first, second] = [numbered(0), numbered(1000), numbered(2000)];
  const from = (t: ReturnType<typeof lesson>) => t.column('x').numbers().reduce((n, v) => { n[Math.floor(v / 1000)]++; return n; }, [0, 0, 0]);
  it('is always as long', () => {
    expect(from(lesson('replace', [real, first, second], 0.1, 100, 1))).toEqual([0, 0, 100]);
    expect(from(lesson('anchor', [real, first, second], 0.25, 100, 1))).toEqual([25, 0, 75]);
    const all = from(lesson('accumulate', [real, first, second], 0.1, 100, 1));
    expect(all.reduce((s, n) => s + n)).toBe(100);
    for (const n of all) expect(n).toBeGreaterThan(15);
    expect(from(lesson('accumulate', [real], 0.1, 100, 1))).toEqual([100, 0, 0]);
  });
});

describe('the job', () => {
  it('measures every generation of every chain, the same for the same seed, also when it was cancelled and went on', async () => {
    const p = await plan(), [once, again] = [folder(), folder()], seen: Progress[] = [];
    await collapseJob(once, p, { ...quiet, send: m => { if (m.type === 'progress') seen.push(m.progress); } });
    const result = (await readResult(once)) as CollapseResult;
    expect(result.series.map(s => s.mode)).toEqual(['replace', 'accumulate', 'anchor']);
    for (const s of result.series) for (const points of Object.values(s.points)) { expect(points).toHaveLength(4); expect(points[3].chains).toHaveLength(2); }
    // chains of one number begin with the same rows
    expect(result.series[0].points.shapes[0]).toEqual(result.series[1].points.shapes[0]);
    expect(result.contrasts.length).toBe(2 * result.measures.length);
    expect(seen.at(-1)!.secondsLeft).toBeDefined();
    expect(seen.every((s, i) => i === 0 || s.fraction >= seen[i - 1].fraction)).toBe(true);
    let now = '';
    await expect(collapseJob(again, p, { send: m => { if (m.type === 'progress') now = m.progress.message ?? ''; }, breathe: async () => { if (now.includes('accumulate, chain 2')) throw cancelled(); } })).rejects.toThrow('Cancelled');
    const half = JSON.parse(readFileSync(join(again, 'collapse.json'), 'utf8')) as unknown[];
    expect(half).toHaveLength(3);
    await collapseJob(again, p, quiet);
    expect(((await readResult(again)) as CollapseResult).series).toEqual(result.series);
    const html = renderLaboratory(result, { js: '' });
    expect(html).toContain('Rare categories left');
    expect(html).not.toContain(home);
  });
});

describe('a table that is synthetic itself', () => {
  it('is known by its bytes, whatever its name, and by its name', async () => {
    const store = new RunStore(home), copy = join(home, 'renamed.csv'), text = 'a,b\n1,2\n';
    writeFileSync(copy, text);
    expect(await standInNote(copy)).toBeUndefined();
    const record = await store.create({} as never, { kind: 'synthesize', source: csv, out: join(home, 'gone.csv'), outSha256: createHash('sha256').update(text).digest('hex'), versions: {}, state: 'finished' });
    expect(await standInNote(copy)).toContain(record.id);
    expect(await standInNote(csv)).toBeUndefined();
    writeFileSync(copy, `${text}3,4\n`);
    expect(await standInNote(copy)).toBeUndefined();
    expect(await standInNote(join(home, 'orders.synthetic-2.csv.gz'))).toContain('named');
    expect(await standInNote(join(home, 'synthetic.csv'))).toBeUndefined();
  });
});

describe('plans', () => {
  it('read sweeps', () => {
    expect(sweepOf('rows=10, 20').points).toEqual([{ label: '10', rows: 10 }, { label: '20', rows: 20 }]);
    expect(sweepOf('param.mode=fast,2').points.map(p => p.parameters)).toEqual([{ mode: 'fast' }, { mode: 2 }]);
    for (const wrong of ['rows', 'rows=1', 'epsilon=0,1', 'rows=1.5,2', 'wings=1,2', 'generator=cart,nobody']) expect(() => sweepOf(wrong), wrong).toThrow();
  });
  it('refuse what cannot be', async () => {
    const of = (more: object) => makeCollapsePlan({ path: csv, ...more }, home, async () => false);
    for (const more of [{ generators: ['nobody'] }, { modes: ['forget'] }, { generations: 1 }, { share: 1 }, { chains: 0 }]) await expect(of(more)).rejects.toMatchObject({ name: 'UserError', code: 'usage' });
    await expect(makeExplorePlan({ path: join(home, 'none.csv'), sweep: 'rows=1,2' }, home, async () => false, ledgers)).rejects.toMatchObject({ name: 'UserError' });
  });
});

describe('a sweep under a privacy budget', () => {
  const three = { knob: 'epsilon', points: sweepOf('epsilon=0.5,1,3').points, seeds: 2 }, table = { source: 'a'.repeat(64), ledgers }, declared = { delta: 1e-6, declareSchema: true };
  const refused = (privacy: Parameters<typeof sweepBudget>[0]['privacy'], more = three): string => { try { sweepBudget({ ...(privacy && { privacy }), generator: 'independent' }, more, table); } catch (e) { expect(e).toMatchObject({ name: 'UserError', code: 'usage' }); return (e as UserError).toText(); } throw new Error('not refused'); };
  it('is refused before its first fit where no budget, or too small a one, was granted, and says what it costs', () => {
    expect(refused(undefined)).toContain('6 releases');
    const text = refused(declared), total = Number(/they cost epsilon ([\d.]+) at/.exec(text)![1]);
    expect(text).toContain('2 x 0.5, 2 x 1, 2 x 3');
    // more than the dearest run, less than the sum of all
    expect(total).toBeGreaterThan(3); expect(total).toBeLessThan(9);
    expect(refused({ ...declared, epsilon: total - 0.02 })).toContain(`epsilon ${total} at`);
    expect(sweepBudget({ privacy: { ...declared, epsilon: total }, generator: 'independent' }, three, table)).toMatchObject({ own: [0.5, 1, 3], runs: 6, before: 0, wish: { epsilon: total, delta: 1e-6 } });
    expect(() => sweepBudget({ privacy: { ...declared, epsilon: total }, generator: 'cart' }, three, table)).toThrow('cannot keep');
    expect(() => sweepBudget({ privacy: { ...declared, epsilon: total, declareSchema: false }, generator: 'independent' }, three, table)).toThrow('declared');
    expect(refused({ ...declared, epsilon: 50 }, { ...three, points: Array.from({ length: 50 }, () => three.points[0]!), seeds: 20 })).toContain('1000 runs');
  });
  it('counts what was released before, and gives every run its own part and no more', () => {
    const own = { ...table, source: 'b'.repeat(64) }, ledger = new Ledger(ledgers, own.source), alone = Number(/they cost epsilon ([\d.]+) at/.exec(refused(declared))![1]), budget = { epsilon: 12, delta: 1e-6 };
    ledger.charge({ run: 'earlier', purpose: 'training', mechanism: { kind: 'gaussian', sigma: 3 }, count: 1, sensitivity: 1, noise: 3, unit: 'row' }, budget);
    const plan = sweepBudget({ privacy: { ...declared, epsilon: 12 }, generator: 'independent' }, three, own)!;
    expect(plan.before).toBeGreaterThan(1);
    expect(plan.total).toBeGreaterThan(alone); expect(plan.total).toBeLessThanOrEqual(12);
    // all runs in order take their part, and the last one still gets its own
    for (const [k, e] of plan.own.entries()) for (const seed of [1, 2]) {
      const allowed = ledger.allowance({ ...budget, own: e }, `${k}.${seed}`);
      expect(epsilonOf(allowed, 1e-6)).toBeCloseTo(e, 6);
      ledger.charge({ run: `${k}.${seed}`, purpose: 'training', mechanism: { kind: 'gaussian', sigma: 1 / Math.sqrt(allowed.precision) }, count: 1, sensitivity: 1, noise: 1, unit: 'row' }, budget);
      expect(ledger.allowance({ ...budget, own: e }, `${k}.${seed}`).precision).toBeLessThan(1e-9);
    }
    expect(ledger.spent(budget)).toBeCloseTo(plan.total, 6);
  });
  it('of another knob shares the total out equally', () => {
    const plan = sweepBudget({ privacy: { ...declared, epsilon: 4 }, generator: 'independent' }, { knob: 'rows', points: sweepOf('rows=10,20').points, seeds: 2 }, table)!;
    expect(plan.own[0]).toBe(plan.own[1]);
    expect(plan.own[0]).toBeGreaterThan(1); expect(plan.own[0]).toBeLessThan(4);
    expect(sweepBudget({}, { knob: 'rows', points: [], seeds: 1 }, table)).toBeUndefined();
  });
});

describe('a sweep', () => {
  it('knows the front', () => {
    expect(onFront([[1, 0], [0, 1], [0.5, 0.5], [0.4, 0.4], [1, 0], [Number.NaN, 9]])).toEqual([true, true, true, false, true, false]);
  });
  it('takes means over seeds, keeps failures, and is not publishable under a budget', async () => {
    const p = await makeExplorePlan({ path: csv, sweep: 'epsilon=1,8', seeds: 2, privacy: { epsilon: 30, delta: 1e-6, declareSchema: true } }, home, async () => false, ledgers);
    const figure = (metric: string, value: number) => ({ metric, value, samples: {}, verdict: 'good' as const });
    const record = (auc: number, state: RunRecord['state'] = 'finished'): RunRecord => ({ id: 'r', folder: '/r', kind: 'synthesize', state, created: '', source: csv, versions: {}, figures: { 'fidelity.two-sample': figure('fidelity.two-sample', auc), 'utility.tstr': figure('utility.tstr', 0.8) }, ...(state === 'failed' && { error: { message: 'The budget is spent.', code: 'input' } }) });
    const r = summariseSweep(p, [{ point: 0, seed: 1, record: record(0.76) }, { point: 0, seed: 2, record: record(0.74) }, { point: 1, seed: 1, record: record(0.6) }, { point: 1, seed: 2, record: record(0.1, 'failed') }], { path: csv, rows: 400 }, 1);
    expect(r.points[0].values['fidelity.two-sample']).toMatchObject({ value: 0.75 });
    expect(r.points[0].values['fidelity.two-sample'].high! - 0.75).toBeCloseTo(12.7062 * 0.01, 3);
    // Two seeds far apart: the interval ends where the metric does.
    const wild = summariseSweep(p, [{ point: 0, seed: 1, record: record(0.9) }, { point: 0, seed: 2, record: record(0.6) }], { path: csv, rows: 400 }, 1);
    expect(wild.points[0].values['fidelity.two-sample']).toMatchObject({ low: 0.5, high: 1 });
    expect(r.points[1].values['fidelity.two-sample'].value).toBe(0.6);
    expect(r.points.map(x => x.front)).toEqual([true, true]);
    expect(r.publishable).toBe(false);
    expect(r.notes[0]).toContain('Not publishable');
    expect(r.notes[0]).toContain('all 4 runs are charged');
    expect(r.notes.at(-2)).toBe('1 of 4 runs did not finish:');
    expect(r.notes.at(-1)).toContain('The budget is spent.');
    const none = summariseSweep(p, [{ point: 0, seed: 1, record: record(0.76) }, { point: 1, seed: 1, record: record(0.1, 'failed') }], { path: csv, rows: 400 }, 1);
    expect(none.notes.at(-2)).toBe('1 of 2 runs did not finish, and 8 could not be drawn at all:');
  });
});
