import { describe, expect, it } from 'vitest';
import { makePrivateReport, makeReport } from '../../webview/fixture';
import type { ReportData, Verdict } from '../protocol';
import { generators } from '../generators/registry';
import { nextSteps, recommended } from './next';
import { provenReport } from './proven';

const report = (fidelity: Verdict, utility: Verdict, privacy: Verdict): ReportData => {
  const made = makeReport();
  return { ...made, outcome: { column: 'churned', guessed: false, task: 'classification' }, columns: [], verdicts: [{ family: 'fidelity', verdict: fidelity, sentence: '', reasons: [] }, { family: 'utility', verdict: utility, sentence: '', reasons: [] }, { family: 'privacy', verdict: privacy, sentence: 'Privacy: x.', reasons: [] }] };
};
const titles = (r: ReportData) => nextSteps(r).map((s) => s.title);

describe('what to do next', () => {
  it('is to use a good table, and to keep the report, which holds ends and shares of the real one', () => {
    const [first, ...others] = nextSteps(report('good', 'good', 'good'));
    expect(others).toEqual([]);
    expect(first).toMatchObject({ title: 'Use it', command: { id: 'openSynthetic' } });
    expect(first.why).toContain('for those who may see the real one');
  });
  it('puts what must not be done first, and never advises more time for a leak', () => {
    const steps = nextSteps(report('poor', 'poor', 'poor'));
    expect(steps[0].title).toBe('Do not share this table');
    expect(steps.map((s) => s.terminal ?? '').join()).not.toContain('5m');
  });
  it('keeps the generator that was chosen, and proposes the recommended one where the chosen one has no more to learn', () => {
    expect(generators[0].id).toBe(recommended);
    const by = (generator: string, curve: boolean) => { const { training, ...r } = report('poor', 'poor', 'good'); return nextSteps({ ...r, run: { ...r.run!, generator }, ...(curve && { training: { ...training!, stoppedAt: undefined } }) }); };
    expect(by(recommended, true).map((s) => s.terminal)).toContain('understudy synthesize /home/ada/data/customers.csv --budget 5m');
    expect(by('tvae', true).map((s) => s.terminal)).toContain('understudy synthesize /home/ada/data/customers.csv --generator tvae --budget 5m');
    const copula = by('gaussian-copula', false);
    expect(copula.map((s) => s.terminal ?? '').join()).not.toContain('--budget');
    expect(copula[0]).toMatchObject({ terminal: 'understudy synthesize /home/ada/data/customers.csv' });
    expect(copula[0].why).toContain('gaussian-copula has no more to learn');
  });
  it('does not say that an undecided fidelity is judged too kindly, nor asks for the same rows twice', () => {
    const { control, ...without } = report('undecided', 'good', 'not-assessable');
    expect(control).toBeDefined();
    const people = { ...without, figures: without.figures.map((f) => (f.metric === 'fidelity.two-sample' ? { ...f, detail: { ...f.detail, rowsAlike: 25 } } : f)) };
    expect(titles(people)).toEqual(['Give real rows that the generator never saw']);
    expect(nextSteps(people)[0].why).toContain('fidelity stays undecided');
    // rows that stand alone are too few, whatever they are compared with
    expect(titles(without)).toEqual(expect.arrayContaining(['Give real rows that the generator never saw', 'Compare it over more rows']));
    expect(nextSteps(without).map((s) => s.why).join()).not.toMatch(/stays undecided|too kindly/);
    expect(nextSteps(report('good', 'good', 'not-assessable'))[0].why).toContain('fidelity is judged too kindly');
    expect(titles(report('undecided', 'good', 'good'))).toContain('Compare it over more rows');
  });
  it('asks for real rows where there is no control', () => expect(titles(report('good', 'good', 'not-assessable'))).toContain('Give real rows that the generator never saw'));
});

describe('what to do next under a privacy budget', () => {
  const { privacyProof } = makePrivateReport('internal');
  const proven = provenReport(report('poor', 'poor', 'not-assessable'), privacyProof!);
  it('proposes no run that would be outside the budget, and says that another one is charged', () => {
    for (const f of ['good', 'fair', 'poor'] as const) for (const p of ['good', 'undecided', 'not-assessable', 'poor'] as const)
      for (const s of provenReport(report(f, f, p), privacyProof!).next!) expect(s.terminal ?? '').not.toContain('understudy synthesize');
    expect(proven.next!.find((s) => /fall|pairs/.test(s.title))!.why).toContain('charged to the table\'s ledger');
  });
  it('says what may be passed on', () => expect(proven.next!.map((s) => s.title)).toContain('Pass on the table with its publishable report'));
  it('has the privacy card say what was proven instead of nothing', () => {
    const privacy = proven.verdicts.find((v) => v.family === 'privacy')!;
    expect(privacy).toMatchObject({ verdict: 'not-assessable' });
    expect(privacy.sentence).toContain('(3, 0.000001)-differential privacy for every row');
    expect(provenReport(report('good', 'good', 'fair'), privacyProof!).verdicts[2].sentence).toBe('Privacy: x.');
  });
});
