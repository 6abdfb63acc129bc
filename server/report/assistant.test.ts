import { describe, expect, it } from 'vitest';
import type { Figure, MetricInfo, ReportData, RunRecord } from '../protocol';
import { runForAssistant } from './assistant';
import { verdicts } from './verdicts';

/** A report whose worst group and worst rule are values of the table, and whose notes quote one. */
function report(): ReportData {
  const figure = (metric: string, rest: Partial<Figure>): Figure => ({ metric, value: 0.4, samples: { synthetic: 100 }, verdict: 'poor', ...rest });
  const figures = [
    figure('fairness.demographic-parity', { columns: { 'diagnosis HIV-positive': 0.4 } }),
    figure('structure.orderings', { columns: { 'salary <= 91234': 0.4 } }),
    figure('utility.tstr', { value: null, verdict: 'not-assessable', note: 'The outcome is always "HIV-positive".' }),
    figure('time-series.autocorrelation', { verdict: 'not-assessable', note: 'Entity "Ann" has one row.' }),
  ];
  return { figures, verdicts: verdicts(figures), metrics: { 'fairness.demographic-parity': { name: 'Demographic parity' } as MetricInfo }, version: 1, title: '', created: '', source: { path: 'a.csv', rows: 100, columns: 2 }, synthetic: { path: 'b.csv', rows: 100 }, columns: [], notes: [] };
}
const run = { id: 'r', state: 'finished', kind: 'evaluate' } as RunRecord;

describe('what an assistant is told of a run', () => {
  it('names the metric that falls short, never the group, rule or note that may be a value', () => {
    const data = report();
    expect(JSON.stringify(data.verdicts)).toContain('HIV-positive'); // what the user reads does
    const told = runForAssistant(run, data);
    expect(JSON.stringify(told)).not.toMatch(/HIV|91234|Ann/);
    expect(told.verdicts.find((v) => v.family === 'fairness')?.sentence).toBe('Fairness: poor. By Demographic parity.');
    expect(told.verdicts.find((v) => v.family === 'utility')?.sentence).toBe('Utility: not assessable.');
  });
  it('does so too where a run kept its sentences and no report', () => {
    expect(JSON.stringify(runForAssistant({ ...run, verdicts: report().verdicts }))).not.toMatch(/HIV|91234|Ann/);
  });
  it('says nothing of a table\'s fault that would quote a cell', () => {
    expect(runForAssistant({ ...run, state: 'failed', error: { message: 'Row 7 holds "HIV-positive" twice.', code: 'input' } }).error).not.toContain('HIV');
  });
});
