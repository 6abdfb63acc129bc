import { describe, expect, it } from 'vitest';
import { metricInfo } from '../evaluation/registry';
import type { Figure, ReportData, Verdict } from '../protocol';
import { verdicts } from '../report/verdicts';
import { reportText, valueOf } from './format';

const figure = (metric: string, value: number, verdict: Verdict, rest: Partial<Figure> = {}): Figure => ({ metric, value, verdict, samples: { training: 8000, control: 2000 }, interval: { low: value - 0.01, high: value + 0.01, level: 0.95, method: 'DeLong' }, ...rest });
function report(figures: Figure[]): ReportData {
  return { version: 1, title: '', created: '', figures, verdicts: verdicts(figures), metrics: Object.fromEntries(figures.map((f) => [f.metric, metricInfo(f.metric)!])), source: { path: 'a.csv', rows: 10_000, columns: 2 }, synthetic: { path: 'b.csv', rows: 10_000 }, columns: [], notes: [] };
}
// eslint-disable-next-line no-control-regex
const plain = (text: string): string => text.replace(/\u001b\[\d+m/g, '');

describe('a report in a terminal', () => {
  const rows = [figure('privacy.near-copies', 0.0174, 'good', { detail: { excess: 0, excessUpper95: 0.001 } }), figure('privacy.membership-auc', 0.51, 'undecided', { detail: { upper95: 0.525 } })];
  it('shows what is poor of the model apart from the rows, whose verdict does not count it', () => {
    const [above, below] = plain(reportText(report([...rows, figure('privacy.likelihood', 0.56, 'poor')]))).split('If the model itself were given away');
    expect(above).toMatch(/privacy undecided/);
    expect(above).not.toMatch(/likelihood|poor/);
    expect(below).toMatch(/Membership by the model's likelihood +0\.560 +0\.550 to 0\.570 +poor/);
    expect(below).toContain('Not counted above: the rows do not show it.');
    expect(plain(reportText(report(rows)))).not.toContain('model itself');
  });
  it('writes shares and scores in its table as in its sentences', () => {
    const good = [rows[0], figure('privacy.membership-auc', 0.508, 'good', { detail: { upper95: 0.515 } })], text = plain(reportText(report([...good, figure('fidelity.shapes', 0.939, 'fair'), figure('fidelity.two-sample', 0.6, 'fair')])));
    expect(text).toMatch(/Near copies +1\.7%/);
    expect(text).toMatch(/Column shapes +0\.939 +0\.929 to 0\.949/);
    expect(text).toContain('AUC 0.600 (0.590 to 0.610); 0.500 would be');
    expect(text).toContain('at most AUC 0.515');
    expect(text).not.toMatch(/[ (]\.\d/);
    expect([0.05, 0, null].map(valueOf(metricInfo('fidelity.shapes')))).toEqual(['0.050', '0.000', '-']);
    expect([0, 0.00001, 0.99999, null].map(valueOf(metricInfo('privacy.near-copies')))).toEqual(['0%', '<0.01%', '>99.99%', '-']);
  });
});
