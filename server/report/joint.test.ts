import { describe, expect, it } from 'vitest';
import { tableOf } from '../evaluation/fixture';
import { people, randomOf, tableOfPeople } from '../evaluation/population';
import { makeView } from '../evaluation/view';
import type { ReportData, Verdict } from '../protocol';
import { columnVerdict } from './columns';
import { Joints, leastRows, worstPictures } from './joint';
import { nextSteps } from './next';

const view = makeView({ training: tableOfPeople(people(3000, 1)), synthetic: tableOfPeople(people(2000, 2)), control: tableOfPeople(people(1000, 3)) });
const total = (xs: number[]) => xs.reduce((s, x) => s + x, 0);

describe('the picture of a pair', () => {
  it.each([['age', 'income'], ['education', 'job'], ['job', 'hours'], ['since', 'buys']])('counts every row of every table once (%s, %s)', (a, b) => {
    const p = new Joints(view).picture(a, b);
    const size = (axis: typeof p.x) => (axis.type === 'bins' ? axis.labels.length - 1 : axis.labels.length);
    for (const [counts, rows] of [[p.real, 3000], [p.synthetic, 2000], [p.holdout!, 1000]] as const) {
      expect(counts.cells.length).toBe(size(p.x) * size(p.y));
      expect(total(counts.cells) + counts.missing + counts.hidden).toBe(rows);
      for (const c of counts.cells) expect(c === 0 || c >= leastRows).toBe(true);
    }
    expect(p.x.type === 'values' && p.y.type === 'bins').toBe(false);
  });

  it('puts a row where its values say', () => {
    // b is 10 a: only cells on the diagonal can hold rows
    const cells = (seed: number) => { const r = randomOf(seed), a = Array.from({ length: 4000 }, () => Math.floor(r() * 20)); return tableOf({ a: { kind: 'integer', cells: a }, b: { kind: 'integer', cells: a.map(x => 10 * x) } }); };
    const p = new Joints(makeView({ training: cells(1), synthetic: cells(2) })).picture('a', 'b'), width = p.x.labels.length - 1;
    expect(p.x.labels[0]).toBe('0');
    p.real.cells.forEach((n, k) => { if (n > 0) expect(Number(p.y.labels[Math.floor(k / width)])).toBe(10 * Number(p.x.labels[k % width])); });
    expect(p.real.hidden).toBe(0);
    expect(p.holdout).toBeUndefined();
  });

  it('tells neither extremes nor values that few real rows hold', () => {
    const make = (rich: number, rare: string) => tableOf({ pay: { kind: 'real', cells: Array.from({ length: 2000 }, (_, i) => (i === 0 ? rich : 100 + (i % 97))) }, place: { kind: 'category', cells: Array.from({ length: 2000 }, (_, i) => (i < 3 ? rare : 'abc'[i % 3])) } });
    const p = new Joints(makeView({ training: make(987654.25, 'hamlet'), synthetic: make(500, 'b') })).picture('place', 'pay'), text = JSON.stringify(p);
    expect(text).not.toContain('987654'); expect(text).not.toContain('hamlet');
    expect(p.y.labels).toEqual(['b', 'a', 'c', '1 others']);
    expect(p.real.hidden).toBe(3);
  });

  it('is kept for the worst pairs, worst first', () => {
    const columns = ['age', 'hours', 'job'], score = [1, 0.9, 0.7, 0.9, 1, null, 0.7, null, 1];
    expect(worstPictures(view, { columns, score }).map(p => [p.x.name, p.y.name])).toEqual([['age', 'job'], ['age', 'hours']]);
    expect(worstPictures(view, { columns, score }, 1).length).toBe(1);
  });
});

describe('the verdict on a column', () => {
  it('is relative to what fresh real rows reach', () => {
    expect([columnVerdict(0.99, 0.995), columnVerdict(0.96, undefined), columnVerdict(0.93, 0.995), columnVerdict(0.8, 0.995), columnVerdict(0.82, 0.82), columnVerdict(0.7, 0.82)]).toEqual(['good', 'fair', 'fair', 'poor', 'good', 'poor']);
  });
});

describe('what to do next', () => {
  const report = (fidelity: Verdict, utility: Verdict, privacy: Verdict, more: Partial<ReportData> = {}) => nextSteps({
    verdicts: [['fidelity', fidelity], ['utility', utility], ['privacy', privacy]].map(([family, verdict]) => ({ family, verdict, sentence: '', reasons: [] })) as ReportData['verdicts'],
    figures: [], columns: [], source: { path: '/a/my table.csv', rows: 1, columns: 1 }, synthetic: { path: '/a/s.csv', rows: 1 }, run: { id: 'x', seed: 1, generator: 'g', seconds: 1, versions: {} }, ...more,
  });
  it('never says "use it" unless everything is good', () => {
    const all: Verdict[] = ['good', 'fair', 'poor', 'undecided', 'not-assessable'];
    for (const f of all) for (const u of all) for (const p of all) {
      const steps = report(f, u, p);
      expect(steps.length, `${f} ${u} ${p}`).toBeGreaterThan(0);
expect(steps.some(s => s.title === 'Use it'), `${f} ${u} ${p}`).toBe(f === 'good' && u === 'good' && p === 'good');
    }
    expect(report('good', 'good', 'good')[0].title).toBe('Use it');
  });
  it('puts a leak first, and gives a line that a shell takes', () => {
    const steps = report('poor', 'poor', 'poor');
    expect(steps[0].title).toBe('Do not share this table');
    expect(steps[0].terminal).toBe('understudy synthesize "/a/my table.csv" --generator g --budget 20s');
  });
  it('names the columns that fall short, and no more time where the loss had turned', () => {
    const column = { name: 'pay', kind: 'real', modelledAs: '', score: 0.5, verdict: 'poor', picture: { type: 'none', why: '' }, findings: [], warnings: [] } as ReportData['columns'][number];
    const turned = report('poor', 'good', 'good', { columns: [column], training: { steps: [1], loss: [1], validationSteps: [100, 1000], validation: [1, 2], stoppedAt: 100 } });
    expect(turned[0].why).toMatch(/"pay".*More time will not help/);
  });
});
