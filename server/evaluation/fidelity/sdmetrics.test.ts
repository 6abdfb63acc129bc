import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Kind } from '../../protocol';
import { tableOf } from '../fixture';
import { makeView } from '../view';
import { pairScores, prepare } from './pair-scores';
import { shapeScores } from './shape-scores';

type Cells = Record<string, Array<number | string | null>>;
type Expected = { score: number | null; pairs: Array<[string, string, number | null, number | null, number | null, number | null]> };
const golden = JSON.parse(readFileSync('test/golden/evaluation/sdmetrics.json', 'utf8')) as {
  kinds: Record<string, string>;
  cases: Array<{ real: Cells; synthetic: Cells; shapes: { score: number; columns: Record<string, number> }; thresholds: Expected; all: Expected }>;
};
const kindOf = (name: string): Kind => ({ day: 'date', t: 'datetime', c: 'category', d: 'category', only: 'category', f: 'boolean', k: 'integer', one: 'integer' } as Record<string, Kind>)[name] ?? 'real';
const table = (cells: Cells) => tableOf(Object.fromEntries(Object.entries(cells).map(([name, c]) => [name, { kind: kindOf(name), cells: c }])));

describe.each(golden.cases.map((c, i) => [i, c] as const))('SDMetrics 0.29, case %i', (_, expected) => {
  const view = makeView({ training: table(expected.real), synthetic: table(expected.synthetic) });

  it('column shapes agree', () => {
    const found = shapeScores(view, 'training', 'synthetic');
    for (const c of found.columns) expect(c.score, c.name).toBeCloseTo(expected.shapes.columns[c.name], 12);
    expect(found.mean).toBeCloseTo(expected.shapes.score, 12);
  });

  it('pair trends agree, with the default thresholds and without', async () => {
    const found = await pairScores(prepare(view, 'training'), prepare(view, 'synthetic'), view.rows.training, view.rows.synthetic);
    const names = view.columns.map(c => c.name), C = names.length;
    const check = (label: string, value: number, want: number | null, digits = 10) =>
      want === null ? expect(value, label).toBeNaN() : expect(value, label).toBeCloseTo(want, digits);
    for (const [a, b, score, r, s] of expected.all.pairs) {
      const cell = names.indexOf(a) * C + names.indexOf(b), label = `${a} x ${b}`;
      check(label, found.score[cell], score);
      if (found.statistic[cell] === 'c') { check(label, found.real[cell], r); check(label, found.other[cell], s); }
    }
    for (const [a, b, score, , , v] of expected.thresholds.pairs) {
      const cell = names.indexOf(a) * C + names.indexOf(b), label = `${a} x ${b}`;
      expect(found.counts[cell] === 1, label).toBe(score !== null);
      if (found.statistic[cell] === 'v' && v !== null) check(label, found.real[cell], v, 8);
    }
    check('mean with thresholds', found.mean, expected.thresholds.score);
    check('mean without', found.meanAll, expected.all.score);
  });
});
