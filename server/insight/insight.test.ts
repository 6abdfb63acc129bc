import { describe, expect, test } from 'vitest';
import type { ColumnProfile, Figure, InlineReport } from '../protocol';
import { cellsOf } from './cells';
import { columnsOf } from './columns';
import { diagnostics, whatToTry } from './diagnostics';
import { hints, wouldBeCut, type JudgedColumn } from './hints';
import { realHover, syntheticHover } from './hover';
import { freshLenses, inShort, realLenses, staleLenses, summaryLens } from './lenses';
import { marks } from './marks';
import { draw, pictureOf } from './picture';
import type { KnownRun } from './runs';
import { ago, clip, plain } from './words';

const now = Date.parse('2026-05-05T12:00:00Z');
const column = (name: string, score: number | null, more: Partial<JudgedColumn> = {}): JudgedColumn => ({
  name, kind: 'real', modelledAs: '64 bins', score, metric: 'KSComplement', picture: { type: 'histogram', edges: [0, 1, 2, 3], edgeLabels: ['0', '1', '2', '3'], real: [0.2, 0.5, 0.3], synthetic: [0.4, 0.4, 0.1], missing: { real: 0, synthetic: 0.1 } },
  verdict: score === null ? undefined : score >= 0.97 ? 'good' : score >= 0.9 ? 'fair' : 'poor', findings: [], warnings: [], ...more,
} as JudgedColumn);
const figure = (metric: string, value: number, more: Partial<Figure> = {}): Figure => ({ metric, value, samples: {}, verdict: 'good', ...more });
const report: InlineReport = {
  version: 1, real: { path: '/t/real.csv', bytes: 1, modifiedMs: 1, sha256: '' }, synthetic: { path: '/t/made.csv', bytes: 1, modifiedMs: 1, sha256: '' }, created: '2026-05-05T09:30:00Z', rows: { real: 5000, synthetic: 5000 },
  verdicts: [{ family: 'fidelity', verdict: 'good', sentence: 'Fidelity: good.', reasons: [] }, { family: 'utility', verdict: 'fair', sentence: 'Utility: fair.', reasons: [] }, { family: 'privacy', verdict: 'poor', sentence: 'Privacy: poor.', reasons: [] }],
  figures: [figure('fidelity.two-sample', 0.5124), figure('utility.tstr', 0.81, { reference: { label: '', value: 0.87 }, detail: { score: 'R2' } }), figure('privacy.near-copies', 0.02, { verdict: 'poor', reference: { label: 'control', value: 0.001 }, detail: { excess: 0.019 } }), figure('privacy.membership-auc', 0.6)],
  columns: [column('bad', 0.71, { findings: ['Too many low values.', 'And another thing.'], weakest: { column: 'ok', score: 0.5 } }), column('ok', 0.995), column('id', null, { kind: 'identifier', picture: { type: 'none', why: 'Never learnt.' } })],
  copies: { exact: 1, near: 1, common: 0 },
};
const run: KnownRun = { record: { id: 'r', folder: '/t/.understudy/runs/r', kind: 'synthesize', state: 'finished', created: report.created, finished: '2026-05-05T10:00:00Z', source: '/t/real.csv', out: '/t/made.csv', versions: {} }, real: '/t/real.csv', synthetic: '/t/made.csv' };
const header = (text: string) => columnsOf(cellsOf(text, ',', 0), true);

describe('lenses', () => {
  test('verdicts with the figure each rests on, then what to do with the run', () => {
    expect(freshLenses(run, report).map((l) => l.title)).toEqual(['$(pass) Fidelity good · AUC 0.512', '$(info) Utility fair · R2 0.810 of 0.870', '$(warning) Privacy poor · 1.9% copied', '$(diff) Compare', '$(debug-rerun) Repeat']);
    for (const l of freshLenses(run, report)) expect(l.arguments).toEqual([run.record.folder]);
  });
  test('many verdicts are told in a few words: those that agree together, what falls short first', () => {
    const of = (...verdicts: string[]) => inShort((['fidelity', 'utility', 'privacy', 'structure', 'target'] as const).flatMap((family, i) => (verdicts[i] ? [{ family, verdict: verdicts[i] as 'good' }] : [])));
    expect(of('good', 'fair', 'poor')).toBe('fidelity good, utility fair, privacy poor');
    expect(of('fair', 'undecided', 'poor', 'good', 'good')).toBe('privacy poor; fidelity fair; utility undecided; structure, target good');
    expect(of('good', 'good', 'good', 'good')).toBe('good');
  });
  test('nothing that was found is repeated of an edited table', () => {
    const titles = staleLenses(run, report, '/t/made.csv', true, now).map((l) => l.title);
    expect(titles[0]).toBe('$(warning) Stale: edited since it was judged (2 h ago)');
    expect(titles.join()).not.toMatch(/good|fair|poor|\.\d/);
  });
  test('a real table tells how its last stand-in is', () => {
    expect(realLenses('/t/real.csv', undefined, undefined, false, now).map((l) => l.title)).toEqual(['$(sparkle) Synthesize...']);
    expect(realLenses('/t/real.csv', run, report, false, now)[1].title).toBe('$(history) Last stand-in 2 h ago: fidelity good, utility fair, privacy poor');
    const good = { ...report, verdicts: report.verdicts.map((v) => ({ ...v, verdict: 'good' as const })) };
    expect(realLenses('/t/real.csv', run, good, true, now)[1].title).toBe('$(warning) Last stand-in 2 h ago: good · table edited since');
  });
  test('the columns in one line', () => {
    expect(summaryLens(run, report)!.title).toBe('$(list-tree) 1 of 2 columns fall short: bad 0.710');
    expect(summaryLens(run, { ...report, columns: [column('ok', 1)] })!.title).toBe('$(list-tree) All 1 columns keep their shape');
  });
});

describe('hints', () => {
  test('stand behind quoted, repeated and empty names, wherever these end', () => {
    const columns = header('"b,\n""q""",x,x,,y'), judged = { ...report, columns: [column('b,\n"q"', 0.98), column('x', 0.91), column('x_2', 0.5), column('column4', 1), column('absent', 1)] };
    expect(columns.map((c) => c.name)).toEqual(['b,\n"q"', 'x', 'x_2', 'column4', 'y']);
    expect(hints(columns, judged).map((h) => [h.line, h.character, h.label])).toEqual([[1, 6, '0.980'], [1, 8, '0.910 fair'], [1, 10, '0.500 poor'], [1, 11, '1.000']]);
  });
  test('say what was not compared only where that is no matter of course', () => {
    expect(hints(header('id,bad'), report).map((h) => [h.label, h.tooltip.split('.')[0]])).toEqual([['invented', 'Never learnt'], ['0.710 poor', 'Shape 0']]);
  });
  test('are told from those that the editor would cut', () => {
    const all = hints(header('bad,ok'), report);
    expect([undefined, 0, 15, 14, -1].map((limit) => wouldBeCut(all, limit))).toEqual([false, false, false, true, true]);
  });
});

describe('problems', () => {
  test('say what, how much, against what, which values and what to try, and lead to the real column', () => {
    const found = diagnostics(header('ok,bad,id'), report, { path: '/t/real.csv', columns: header('id,bad,ok') });
    expect(found.map((d) => [d.column, d.severity, d.span.start, d.related?.span.start])).toEqual([['bad', 'warning', 3, 3]]);
    expect(found[0].message).toBe('bad: its shape is poor. It scores 0.710; good from 0.97.\nToo many low values.\nWhat to try: more time; or, if its values are codes, declare it a category.');
    expect(found[0].codes).toBe(true);
    expect(diagnostics(header('bad'), { ...report, columns: [column('bad', 0.5, { kind: 'date' })] }, undefined)[0]).not.toHaveProperty('codes');
    expect(found[0].related!.message).toBe('The real column: 0 to 3');
  });
  test('small tables and rare values get advice of their own; what the reader was told already comes first', () => {
    expect(whatToTry(column('a', 0.5), { rows: { real: 300, synthetic: 1 } })).toContain('larger real table');
    expect(whatToTry(column('a', 0.5, { findings: ['Real categories that never appear: "x".'] }), report)).toContain('domain');
    expect(whatToTry(column('a', 0.5, { warnings: [{ code: 'many-categories', severity: 'warning', message: '', suggestion: 'Group them.' }] }), report)).toBe('Group them.');
  });
});

describe('pictures', () => {
  test('hold both series, the cell\'s own value and what is missing; nothing of the file is markup', () => {
    const bars = { type: 'bars' as const, labels: ['a<b&"c"\u0001', 'x', '7 others'], real: [0.5, 0.3, 0.2], synthetic: [0.4, 0.4, 0.2], missing: { real: 0, synthetic: 0 } };
    const svg = draw({ picture: bars, theme: 'light', at: 'x' })!;
    expect(svg).toContain('a&#60;b&#38;&#34;c&#34;\ufffd');
    expect(svg).toContain('font-weight="700">x<');
    expect(svg.match(/#0a60d0/g)!.length).toBe(4);
    const histogram = draw({ picture: column('c', 1).picture, theme: 'hc-dark', at: '1.5' })!;
    expect(histogram).toContain('Missing');
    expect(histogram).toContain('stroke-dasharray');
    expect(histogram).toMatch(/<polyline points="2,\d+(\.\d+)? [^"]*" fill="none" stroke="#8cc6ff"/);
    for (const s of [svg, histogram]) expect(s).not.toMatch(/NaN|undefined|Infinity/);
  });
  test('many values: the commonest, the cell\'s own however rare, the rest in one', () => {
    const labels = Array.from({ length: 30 }, (_, i) => `v${i}`), shares = labels.map((_, i) => (30 - i) / 465);
    const svg = draw({ picture: { type: 'bars', labels, real: shares, synthetic: shares, missing: { real: 0, synthetic: 0 } }, theme: 'dark', at: 'v29' })!;
    expect(svg).toContain('>v0<');
    expect(svg).toContain('>v29<');
    expect(svg).toContain('>23 more<');
  });
  test('a profile\'s own', () => {
    const profile: ColumnProfile = { name: 'd', index: 0, kind: 'date', modelledAs: '', rows: 100, missing: 10, distinct: 50, min: '2020-01-01', max: '2021-01-01', histogram: { edges: [1, 2, 3], counts: [40, 50] }, warnings: [] };
    expect(pictureOf(profile)).toMatchObject({ type: 'histogram', real: [0.4, 0.5], edgeLabels: ['2020-01-01', '2020-01-01', '2021-01-01'], missing: { real: 0.1 } });
    const words: ColumnProfile = { ...profile, kind: 'category', histogram: undefined, top: [{ value: 'a', count: 60 }, { value: 'b', count: 20 }] };
    expect(pictureOf(words)).toMatchObject({ type: 'bars', labels: ['a', 'b', '48 others'], real: [0.6, 0.2, 0.1] });
    expect(draw({ picture: { type: 'none', why: '' }, theme: 'dark' })).toBeUndefined();
  });
});

describe('hovers', () => {
  test('escape names and values; the only link is ours', () => {
    const evil = column('[x](command:evil) ![](http://e) <img src=x> $(zap)', 0.5, { findings: ['"[y](command:z)" is too rare.'] });
    const text = syntheticHover(evil, report, '/t/f', 'dark').replace(/!\[[^\]]*\]\(data:image\/svg\+xml;base64,[\w+/=]+\)/, '');
    expect(text.match(/(?<!\\)\]\(/g)!.length).toBe(1);
    expect(text).toContain('](command:understudy.openReport?');
    expect(text).not.toMatch(/(?<!\\)</);
    expect(text).toContain('&#36;\\(zap');
  });
  test('under a problem the picture comes first; else the name does', () => {
    expect(syntheticHover(report.columns[0], report, '/f', 'dark')).toMatch(/^!\[/);
    expect(syntheticHover(report.columns[0], report, '/f', 'dark', '3')).toMatch(/^\*\*bad/);
    expect(syntheticHover(report.columns[1], report, '/f', 'dark')).toMatch(/^\*\*ok/);
    expect(syntheticHover(report.columns[0], report, '/f', 'dark', undefined, true)).toContain('edited since');
  });
  test('a real column: kind, facts, warnings, and how it came out last', () => {
    const profile: ColumnProfile = { name: 'pay', index: 0, kind: 'real', modelledAs: '64 quantile bins', rows: 1000, missing: 15, distinct: 800, min: '-1.50', max: '9,999.00', mean: 1234.5678, sd: 2, histogram: { edges: [0, 1, 2], counts: [500, 485] }, warnings: [{ code: 'mostly-missing', severity: 'warning', message: 'Half is missing.', suggestion: 'Drop it.' }] };
    const text = realHover(profile, 'light', '1.5', { score: 0.913, folder: '/f' });
    expect(text).toContain('**pay** · real');
    expect(text).toContain('800 distinct in 1,000 rows · \\-1.50 to 9,999.00 · mean 1235, standard deviation 2 · 1.5% missing');
    expect(text).toContain('$(warning) Half is missing. Drop it.');
    expect(text).toContain('0.913');
  });
});

describe('marks', () => {
  const copies = { row: Uint32Array.of(0, 7, 900), of: Uint32Array.of(41, 3, 0), differs: Int16Array.of(-1, 1, -1), columns: ['age', 'job', 'bad', 'ok'] };
  const located = (record: number) => ({ record, line: record * 2, endLine: record * 2 + 1, cells: [] });
  test('name the real row, with the chance of such a copy', () => {
    const found = marks([0, 1, 2, 8, 9].map(located), copies, report, true);
    expect(found.map((m) => [m.line, m.kind, m.note])).toEqual([[2, 'exact', 'copies row 43 of real.csv'], [16, 'near', 'row 5 of real.csv, but for job']]);
    expect(found[1].message).toBe('Equals row 5 of real.csv in all compared columns but "job", which is near. 2.0% of the synthetic rows are exact or near copies of rows that were learnt; of fresh real rows 0.10% are. That is more than chance explains.');
    expect(marks([located(0)], copies, report, false)[0].note).toBe('copies row 42 of real.csv');
  });
  test('do not call a row the same where columns were left out, nor a leak where chance explains it', () => {
    const some = { ...copies, columns: ['age', 'job'] }, good = { ...report, figures: [figure('privacy.exact-copies', 0.01), figure('privacy.near-copies', 0.02, { verdict: 'undecided' })] };
    const [exact, near] = marks([located(1), located(8)], some, good, true);
    expect([exact.note, near.note]).toEqual(['row 43 of real.csv, but for bad, ok', 'row 5 of real.csv, but for job, bad, ok']);
    expect([exact.chance, near.chance]).toEqual([true, undefined]);
    expect(exact.message).toContain('in all 2 compared columns (bad, ok not compared).');
    expect(exact.message).toContain('no more than chance explains');
  });
});

test('words', () => {
  expect(['2026-05-05T11:59:40Z', '2026-05-05T11:48:00Z', '2026-05-05T09:00:00Z', '2026-05-01T12:00:00Z', '2025-01-01T00:00:00Z', 'nonsense'].map((t) => ago(t, now))).toEqual(['just now', '12 min ago', '3 h ago', '4 days ago', 'on 2025-01-01', 'just now']);
  expect(clip('a😀😀b', 3)).toBe('a😀…');
  expect(plain('a_b\n[c](d) | `e`')).toBe('a\\_b \\[c\\]\\(d\\) \\| \\`e\\`');
});
