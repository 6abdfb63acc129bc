import { describe, expect, it } from 'vitest';
import type { Figure, MetricInfo } from '../server/protocol';
import { barRows } from './charts/column';
import { dependenceColour, lossColour, worstScore } from './charts/colours';
import { cellAt, layoutHeatmap } from './charts/heatmap';
import { heights, outline } from './charts/base';
import { bands, figureDomain } from './charts/interval';
import { lossDomain } from './charts/training';
import { columnCsv, figuresCsv, pairsCsv, trainingCsv } from './csv';
import { makeReport } from './fixture';
import { clip, duration, edgeLabel, number, score, share, unitFormat } from './format';
import { fileName } from './host';
import { choosePairs, chooseColumns, pairAt, subPairs, worstFiguresFirst, worstPairColumns, worstPairs } from './order';

describe('numbers as they are written', () => {
  it('shares keep two digits where they are small', () => {
    expect([0, 0.00034, 0.0098, 0.012, 0.412, 0.9999, 1, -0.0009].map(share)).toEqual(['0%', '0.034%', '0.98%', '1.2%', '41.2%', '99.99%', '100%', '\u22120.090%']);
    expect(share(null)).toBe('\u2013');
  });
  it('scores near 1 stay apart', () => expect([0.5, 0.9912, 0.99987, 1].map(score)).toEqual(['0.500', '0.991', '0.99987', '1.000']));
  it('numbers have no exponent in the usual range', () => expect([0, 12.3456, 1234.5, 45678.9, 3.2e6, 1e-7, -2].map(number)).toEqual(['0', '12.35', '1235', '45,679', '3.2M', '1.00e\u22127'.replace('\u2212', '-'), '\u22122']));
  it('durations', () => expect([0.84, 42, 60, 85, 7500].map(duration)).toEqual(['0.8 s', '42 s', '1 min', '1 min 25 s', '2 h 5 min']));
  it('units decide', () => {
    const info = (x: Partial<MetricInfo>) => unitFormat({ range: [0, Number.MAX_VALUE], ...x } as MetricInfo);
    expect(info({ unit: 'share' })(0.25)).toBe('25.0%');
    expect(info({ unit: 'seconds' })(61)).toBe('1 min 1 s');
    expect(info({})(0.0007951)).toBe('0.000795');
    expect(info({ range: [0, 1] })(0.25)).toBe('0.250');
  });
  it('dates from days, times from milliseconds', () => {
    expect(edgeLabel(0, 'date', 30)).toBe('1970-01-01');
    expect(edgeLabel(19_000, 'date', 20_000)).toBe('2022');
    expect(edgeLabel(3_600_000, 'time', 86.4e6)).toBe('01:00');
    expect(edgeLabel(0, 'datetime', 86_400_000)).toBe('01-01 00:00');
  });
  it('cuts long text visibly', () => expect(clip('abcdef', 4)).toBe('abc\u2026'));
  it('names files safely', () => { expect(fileName('../a b/\u00e9:*', 'svg')).toMatch(/^a-b-e/u); expect(fileName('///', 'csv')).toBe('picture.csv'); });
});

describe('worst first', () => {
  const r = makeReport();
  it('figures: poor, undecided, fair, good, not assessable; stable within', () => {
    const f = (metric: string, verdict: Figure['verdict']) => ({ metric, verdict, value: 1, samples: {} });
    expect(worstFiguresFirst([f('a', 'good'), f('b', 'not-assessable'), f('c', 'poor'), f('d', 'fair'), f('e', 'undecided'), f('f', 'good')]).map((x) => x.metric)).toEqual(['c', 'e', 'd', 'a', 'f', 'b']);
  });
  it('columns by name, in file order, found by search and kind; the report untouched', () => {
    const before = r.columns.map((c) => c.name), all = { sort: 'worst', search: '', group: 'all', verdict: 'all', pins: new Set<string>() } as const;
    expect(chooseColumns(r.columns, all).map((c) => c.name)).toEqual(before);
    expect(chooseColumns(r.columns, { ...all, sort: 'file' }).map((c) => c.position)).toEqual(r.columns.map((_, i) => i));
    const names = chooseColumns(r.columns, { ...all, sort: 'name' }).map((c) => c.name);
    expect(names).toEqual([...names].sort((a, b) => a.localeCompare(b, 'en', { numeric: true, sensitivity: 'base' })));
    expect(chooseColumns(r.columns, { ...all, search: ' AGE ' }).map((c) => c.name)).toEqual(['age']);
    expect(new Set(chooseColumns(r.columns, { ...all, group: 'temporal' }).map((c) => c.kind))).toEqual(new Set(['date', 'datetime']));
    expect(r.columns.map((c) => c.name)).toEqual(before);
  });
  it('columns: pinned ones first in any order, and alone when asked for', () => {
    const all = { sort: 'name', search: '', group: 'all', verdict: 'all', pins: new Set(['region', 'income']) } as const;
    expect(chooseColumns(r.columns, all).slice(0, 3).map((c) => c.name)).toEqual(['income', 'region', 'a rather long column name, as exports have them (EUR)']);
    expect(chooseColumns(r.columns, { ...all, verdict: 'pinned' }).map((c) => c.name)).toEqual(['income', 'region']);
    for (const c of chooseColumns(r.columns, { ...all, verdict: 'short' })) expect(c.verdict).toMatch(/fair|poor/);
  });
  it('45,000 pairs: chosen by words, statistic, pins and order; the matrices cut to some columns', () => {
    const p = makeReport({ columns: 302 }).pairs!, n = p.columns.length;
    expect(n).toBe(300);
    const all = choosePairs(p, { sort: 'worst', search: '', statistic: 'all' });
    expect(all.length).toBe(44850);
    for (let i = 1; i < all.length; i += 997) expect(p.score[all[i - 1]]!).toBeLessThanOrEqual(p.score[all[i]]!);
    const found = choosePairs(p, { sort: 'name', search: 'feature_017 AGE', statistic: 'all' });
    expect([...found].map((k) => [p.columns[Math.floor(k / n)], p.columns[k % n]])).toEqual([['age', 'feature_017']]);
    expect(choosePairs(p, { sort: 'worst', search: '', statistic: 'all', pins: new Set(['age']) }).length).toBe(299);
    const c = choosePairs(p, { sort: 'strongest', search: '', statistic: 'correlation' }), v = choosePairs(p, { sort: 'control', search: '', statistic: 'contingency' });
    expect(c.length + v.length).toBe(all.length);
    expect(Math.abs(p.real[c[0]]!)).toBeGreaterThanOrEqual(Math.abs(p.real[c[c.length - 1]]!));
    const few = worstPairColumns(p, 40), cut = subPairs(p, few);
    expect([few.length >= 40 && few.length <= 41, cut.score.length]).toEqual([true, few.length ** 2]);
    const at = few.map((name) => p.columns.indexOf(name));
    expect(cut.real[3 * few.length + 7]).toBe(p.real[at[3] * n + at[7]]);
    expect(few).toContain(p.columns[Math.floor(all[0] / n)]);
  });
  it('pairs: the lowest scores, each pair once', () => {
    const p = r.pairs!, worst = worstPairs(p, 5), every = worstPairs(p, 1e9);
    expect(every.length).toBe((p.columns.length * (p.columns.length - 1)) / 2);
    expect(worst.map((x) => x.score)).toEqual([...every.map((x) => x.score!)].sort((a, b) => a - b).slice(0, 5));
    expect(pairAt(p, worst[0].j, worst[0].i).score).toBe(worst[0].score);
  });
});

describe('pictures\u2019 arithmetic', () => {
  const info = (x: Partial<MetricInfo>): MetricInfo => ({ id: 'x', name: 'x', family: 'fidelity', range: [0, 1], better: 'higher', definition: '', paper: '', needs: [], ...x });
  const figure = (x: Partial<Figure> = {}): Figure => ({ metric: 'x', value: 0.97, samples: {}, verdict: 'fair', ...x });
  it('bands in every direction cover the axis without overlap', () => {
    const higher = bands(figure(), info({ threshold: { good: 0.98, fair: 0.95, why: '' } }), [0.9, 1]);
    expect(higher.map((b) => [b.verdict, b.from, b.to])).toEqual([['poor', 0.9, 0.95], ['fair', 0.95, 0.98], ['good', 0.98, 1]]);
    const lower = bands(figure({ value: 0.15 }), info({ better: 'lower', threshold: { good: 0.1, fair: 0.2, why: '' } }), [0, 0.3]);
    expect(lower.map((b) => b.verdict)).toEqual(['good', 'fair', 'poor']);
    const target = info({ better: 'target', target: 0.5, threshold: { good: 0.53, fair: 0.6, why: '' } });
    const t = bands(figure({ value: 0.55 }), target, [0.3, 0.7]);
    expect(t.map((b) => b.verdict)).toEqual(['poor', 'fair', 'good', 'fair', 'poor']);
    expect(t[2].from).toBeCloseTo(0.47); expect(t[2].to).toBeCloseTo(0.53);
    // Thresholds given as distances mean the same.
    const d = bands(figure({ value: 0.55 }), info({ ...target, threshold: { good: 0.03, fair: 0.1, why: '' } }), [0.3, 0.7]);
    d.forEach((b, i) => { expect(b.from).toBeCloseTo(t[i].from); expect(b.to).toBeCloseTo(t[i].to); });
  });
  it('draws no bands on a value that the thresholds do not judge', () => {
    const i = info({ better: 'lower', threshold: { good: 0.005, fair: 0.01, why: '', on: 'excess' } });
    expect(bands(figure({ value: 0.02 }), i, [0, 0.1])).toEqual([]);
    expect(bands(figure({ detail: { excess: 0 } }), info({ threshold: { good: 0.9, fair: 0.8, why: '' } }), [0, 1])).toEqual([]);
    // Fair by its value, good because chance explains it: a point in the fair band beside the word "good" would explain nothing.
    const chance = info({ threshold: { good: 0.98, fair: 0.95, why: '' } });
    expect(bands(figure({ verdict: 'good' }), chance, [0.9, 1])).toEqual([]);
    expect(figureDomain({ figure: figure({ verdict: 'good' }), info: chance })[0]).toBeGreaterThan(0.95);
    expect(bands(figure({ verdict: 'undecided' }), chance, [0.9, 1]).length).toBe(3);
  });
  it('the axis holds value, interval, reference and thresholds, inside the range', () => {
    const f = figure({ value: 0.97, interval: { low: 0.96, high: 0.999, level: 0.95, method: '' }, reference: { label: 'holdout', value: 0.93 } });
    const [low, high] = figureDomain({ figure: f, info: info({ threshold: { good: 0.98, fair: 0.95, why: '' } }) });
    expect(low).toBeLessThan(0.93); expect(low).toBeGreaterThan(0.8); expect(high).toBe(1);
    expect(figureDomain({ figure: figure({ value: 0 }), info: info({ better: 'lower', range: [0, Number.MAX_VALUE] }) })[0]).toBe(0);
  });
  it('uneven bins become densities, even ones stay shares', () => {
    expect(heights([0, 1, 2], [0.4, 0.6])).toEqual([0.4, 0.6]);
    expect(heights([0, 1, 4], [0.4, 0.6])).toEqual([1.2000000000000002, 0.6]);
    expect(outline([0, 1, 2], [3, 4])).toEqual([[0, 0], [0, 3], [1, 3], [1, 4], [2, 4], [2, 0]]);
  });
  it('bars gather the tail, also one the report gathered, and lose no share', () => {
    const n = 12, labels = [...Array.from({ length: n - 1 }, (_, i) => `v${i}`), '1,204 others'], real = Array.from({ length: n }, (_, i) => (i + 1) / 78 * 0.9);
    const rows = barRows({ type: 'bars', labels, real, synthetic: [...real].reverse(), missing: { real: 0.1, synthetic: 0.1 } });
    expect(rows.length).toBe(8);
    expect(rows.at(-1)!.kind).toBe('missing');
    expect(rows.at(-2)!.label).toBe('1,209 more');
    expect(rows.reduce((s, r) => s + r.real, 0)).toBeCloseTo(1);
    expect(rows.reduce((s, r) => s + r.synthetic, 0)).toBeCloseTo(1);
  });
  it('a point of a heat map finds its cell and no other', () => {
    const layout = layoutHeatmap(['a', 'b', 'c'], 300, true), at = (i: number, j: number) => cellAt(layout, 3, layout.left + (j + 0.5) * layout.cell, layout.top + (i + 0.5) * layout.cell);
    for (const i of [0, 1, 2]) for (const j of [0, 1, 2]) expect(at(i, j)).toEqual({ i, j });
    expect(at(3, 0)).toBeUndefined(); expect(at(0, -1)).toBeUndefined();
    expect(layoutHeatmap(Array.from({ length: 300 }, (_, i) => `c${i}`), 400, true).every).toBeGreaterThan(5);
  });
  it('colours part the signs and grow with what is lost', () => {
    for (const theme of ['light', 'dark'] as const) {
      expect(dependenceColour(-0.8, theme)).not.toBe(dependenceColour(0.8, theme));
      expect(lossColour(1, 0.8, theme)).not.toBe(lossColour(0.8, 0.8, theme));
    }
    expect(worstScore([1, null, 0.97])).toBe(0.8); expect(worstScore([0.3, Number.NaN])).toBe(0.3);
  });
  it('the loss axis leaves out the first fall but not what follows', () => {
    const t = makeReport().training!, [low, high] = lossDomain(t);
    expect(high).toBeLessThan(Math.max(...t.loss)); expect(low).toBeLessThan(Math.min(...t.loss, ...t.validation));
    expect(lossDomain({ steps: [0, 1], loss: [5, 1], validationSteps: [], validation: [] })[1]).toBeGreaterThan(5);
  });
});

describe('CSV', () => {
  const r = makeReport();
  it('quotes what needs it and has a line per bin, pair, figure, step', () => {
    const region = r.columns.find((c) => c.name === 'region')!, long = r.columns.find((c) => c.name.startsWith('a rather'))!;
    expect(columnCsv(region)).toContain('</script><b>,');
    expect(pairsCsv(r.pairs!).trim().split('\n').length).toBe(1 + (r.pairs!.columns.length * (r.pairs!.columns.length - 1)) / 2);
    expect(pairsCsv(r.pairs!)).toContain(`"${long.name}"`);
    expect(figuresCsv(r.figures, r.metrics).trim().split('\n').length).toBe(1 + r.figures.length);
    expect(trainingCsv({ steps: [0, 10], loss: [2, 1], validationSteps: [10, 20], validation: [1.5, 1.4] })).toBe('step,loss,validation_loss\n0,2,\n10,1,1.5\n20,,1.4\n');
  });
});
