import { describe, expect, it } from 'vitest';
import { caveats, pairColumns, pairFigures, summary } from './compare';
import { makeReport } from './fixture';

const good = makeReport(), poor = makeReport({ quality: 'poor' });

describe('two reports compared', () => {
  it('calls one better only where the intervals are apart', () => {
    const pairs = pairFigures(good, poor), of = (id: string) => pairs.find((p) => p.metric === id)!;
    expect(of('fidelity.shapes')).toMatchObject({ better: 'first', overlap: false });
    expect(of('fidelity.shapes').difference).toBeCloseTo(0.931 - 0.9912, 9);
    expect(of('privacy.outliers')).toMatchObject({ overlap: true, better: 'first' });
    expect(summary(pairs, ['A', 'B'])).toMatch(/^A is better on \d+ figures, and worse on none\. On \d+ figures? the intervals overlap/);
    expect(summary(pairFigures(good, good), ['A', 'B'])).toMatch(/^Neither is better/);
    expect(summary(pairFigures(poor, good), ['A', 'B'])).toMatch(/^B is better/);
  });
  it('knows the direction of each figure', () => {
    const pairs = pairFigures(good, poor), better = (id: string) => pairs.find((p) => p.metric === id)!.better;
    // higher, towards a target, lower
    expect([better('fidelity.shapes'), better('fidelity.two-sample'), better('privacy.exact-copies')]).toEqual(['first', 'first', 'first']);
  });
  it('keeps figures and columns that only one has, without a difference', () => {
    const without = { ...poor, figures: poor.figures.slice(1), columns: poor.columns.slice(1) };
    expect(pairFigures(good, without)[0]).toMatchObject({ difference: null, better: 'same' });
    const columns = pairColumns(good, without);
    expect(columns.length).toBe(15);
    expect(columns.filter((c) => c.difference === null).length).toBe(3);
    for (let i = 1; i < 12; i++) expect(Math.abs(columns[i - 1].difference!)).toBeGreaterThanOrEqual(Math.abs(columns[i].difference!));
  });
  it('says what makes them hard to compare', () => {
    expect(caveats(good, poor)).toEqual([]);
    expect(caveats(good, { ...poor, source: { ...poor.source, path: 'x' } }).join()).toMatch(/different tables/);
    expect(caveats(good, makeReport({ control: false })).join()).toMatch(/Only one/);
    expect(caveats(good, { ...good, run: { ...good.run!, seed: 7 } }).join()).toMatch(/different control rows/);
  });
});
