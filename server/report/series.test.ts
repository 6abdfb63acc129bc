import { describe, expect, it } from 'vitest';
import { tableOf } from '../evaluation/fixture';
import { randomOf } from '../evaluation/population';
import type { ReportData } from '../protocol';
import { splitTable } from '../table/split';
import type { Table } from '../table/table';
import { evaluateTables, type EvaluateTables } from './build';

const days = 1461, first = 15340;

/** Four years of daily weather from one law: seasons, and noise of which the next day keeps half. */
function weather(seed: number): Table {
  const random = randomOf(seed), normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  let a = normal(), b = normal();
  const rows = Array.from({ length: days }, (_, day) => {
    a = 0.5 * a + Math.sqrt(0.75) * normal(); b = 0.5 * b + Math.sqrt(0.75) * normal();
    const season = -Math.cos((2 * Math.PI * day) / 365.25), high = 15 + 9 * season + 3 * a, low = high - 8 - 2 * season + 1.5 * b;
    const wet = random() < 1 / (1 + Math.exp(season + 0.7 * a));
    return { date: first + day, high: Math.round(10 * high) / 10, low: Math.round(10 * low) / 10, wind: Math.round(10 * Math.exp(1 + 0.3 * b - 0.2 * season)) / 10, sky: wet ? (high < 3 ? 'snow' : 'rain') : random() < 0.3 ? 'fog' : 'sun' };
  });
  const column = <K extends keyof (typeof rows)[number]>(k: K) => rows.map(r => r[k]);
  return tableOf({
    date: { kind: 'date', cells: column('date') }, high: { kind: 'real', cells: column('high') }, low: { kind: 'real', cells: column('low') },
    wind: { kind: 'real', cells: column('wind') }, sky: { kind: 'category', cells: column('sky') },
  });
}

/**
 * A series divided in blocks of time, and a stand-in that leaks nothing: another series of the same law, at the dates of the training rows, which are
 * all the dates a generator can learn. `copied` replaces that share of its rows by training rows, dated a day later.
 */
function divided(seed: number, copied = 0): EvaluateTables {
  const real = weather(2 * seed), split = splitTable(real, { seed, outcome: 'sky', duplicates: 'apart' });
  const learnt = Int32Array.from([...split.fit, ...split.validation]).sort(), training = real.take(learnt), fresh = weather(2 * seed + 1).take(learnt);
  const rows = (t: Table, name: string): ArrayLike<unknown> => (t.column(name).schema.storage === 'number' ? t.column(name).numbers() : Array.from(t.column(name).codes(), c => t.column(name).categories()[c]));
  const synthetic = copied === 0 ? fresh : tableOf(Object.fromEntries(real.schema.columns.map(({ name, kind }) => {
    const own = rows(fresh, name), theirs = rows(training, name);
    return [name, { kind, cells: Array.from(own, (v, i) => (i % Math.round(1 / copied) !== 0 ? v : name === 'date' ? (theirs[i] as number) + 1 : theirs[i])) as number[] }];
  })));
  return {
    training, synthetic, control: real.take(split.control), outcome: { column: 'sky' }, seed, device: 'cpu',
    controlWithout: { columns: split.blocks!.columns, why: `The control consists of ${split.blocks!.control} blocks of time` },
  };
}
const figure = (r: ReportData, id: string) => r.figures.find(f => f.metric === id)!;
const value = (r: ReportData, id: string) => figure(r, id).value!;

describe('a control made of blocks of time', () => {
  it.each([1, 2])('does not accuse a fresh series of the same law (seed %i)', async seed => {
    const r = await evaluateTables(divided(seed));
    // over 24 seeds: .54 on average, .61 at most (.94 with the dates); membership .506 with a spread of .023 (.54 with the dates)
    expect(Math.abs(value(r, 'fidelity.two-sample') - 0.5)).toBeLessThan(0.1);
    for (const id of ['fidelity.two-sample', 'fidelity.logistic-detection']) expect(figure(r, id).verdict, id).toBe('good');
    expect(Math.abs(value(r, 'privacy.membership-auc') - 0.5)).toBeLessThan(0.05);
    expect(Math.abs(value(r, 'privacy.closer-share') - 0.5)).toBeLessThan(0.06);
    expect(Math.abs(figure(r, 'utility.tstr').detail!.shortfall as number)).toBeLessThan(0.05);
    for (const f of r.figures.filter(f => f.metric.startsWith('privacy.'))) expect(f.verdict, f.metric).toMatch(/good|undecided/);
    expect(r.notes.join('\n')).toMatch(/The control consists of \d+ blocks of time; the column "date" is left out of comparisons with it, because its values differ by construction\./);
    expect(r.notes.join('\n')).toContain('Neighbouring rows in time resemble each other');
    // against the training rows the dates are judged like any column; the control's own dates are no yardstick for them
    const date = r.columns.find(c => c.name === 'date')!;
    expect(date.score).toBe(1);
    expect(date.referenceScore).toBeUndefined();
    expect(r.columns.filter(c => c.referenceScore === undefined).length).toBe(1);
    const at = r.pairs!.columns.indexOf('date'), C = r.pairs!.columns.length;
    for (let i = 0; i < C * C; i++) expect(r.pairs!.referenceScore![i] === null, `cell ${i}`).toBe(Math.floor(i / C) === at || i % C === at || Math.floor(i / C) === i % C);
    expect(r.pairs!.score.filter(s => s === null).length).toBe(C);
  });

  it('would accuse it by its dates alone if they were compared', async () => {
    const { controlWithout, ...input } = divided(1), r = await evaluateTables(input);
    expect(controlWithout!.columns).toEqual(['date']);
    expect(value(r, 'fidelity.two-sample')).toBeGreaterThan(0.75);
    expect(value(r, 'privacy.closer-share')).toBeGreaterThan(0.57);
  });

  it('catches training rows copied under another date', async () => {
    const r = await evaluateTables(divided(2, 0.05));
    expect(figure(r, 'privacy.exact-copies').verdict).toBe('poor');
    expect(figure(r, 'privacy.exact-copies').detail!.excess as number).toBeGreaterThan(0.03);
    expect(r.verdicts.find(v => v.family === 'privacy')!.verdict).toBe('poor');
  });

  it('has nothing to compare where there is only the time, and says so', async () => {
    const input = divided(1), only = (t: Table) => t.select(['date']);
    const r = await evaluateTables({ ...input, training: only(input.training), synthetic: only(input.synthetic), control: only(input.control!) });
    expect(figure(r, 'privacy.membership-auc').verdict).toBe('not-assessable');
    expect(r.notes.join('\n')).toContain('no column but the time');
    expect(r.control).toBeUndefined();
  });
});
