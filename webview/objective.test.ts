// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import type { ContextFigures, ObjectiveParts, ReportData } from '../server/protocol';
import { contextsCsv, drawContexts, sayContexts, worstContexts } from './charts/contexts';
import { drawSeries, saySeries, seriesCsv, seriesOf } from './charts/objective';
import { makeReport } from './fixture';
import { show } from './fixture-page';

const objective: ObjectiveParts = { steps: [20, 40, 60], terms: { reconstruction: [9, 5, 4], utility: [null, 0.4, 0.2] }, weights: { adversarial: [0.1, 0.4, 0.6], covariance: [0.1, 0.2, 0.15] }, lags: { fidelity: [2, 1, 0.5] } };
const contexts: ContextFigures = {
  by: 'sex, education', distance: 'Mean distance over columns.',
  list: [{ label: 'sex Male, education <b>HS</b>', rows: 900, share: 0.9, made: 0.9, distance: 0.02, reference: 0.01 }, { label: 'sex Female, education HS', rows: 95, share: 0.095, made: 0.09, distance: 0.11, reference: null }, { label: 'all rarer combinations', rows: 5, share: 0.005, made: 0.01, distance: null }],
};

const showTraining = (training: Partial<NonNullable<ReportData['training']>>): Promise<HTMLElement> => { const report = makeReport(); return show({ ...report, training: { ...report.training!, ...training } }); };

describe('the terms of an objective', () => {
  it('one panel a series; words and numbers say the same', () => {
    const d = seriesOf(objective, 'weights');
    expect(drawSeries(d, 600).querySelectorAll('svg').length).toBe(2);
    expect(saySeries(d)).toBe('adversarial: from 0.1 to 0.6. covariance: from 0.1 to 0.15.');
    expect(seriesCsv(seriesOf(objective, 'terms'))).toBe('step,reconstruction,utility\n20,9,\n40,5,0.4\n60,4,0.2\n');
    expect(drawSeries({ kind: 'lags', series: [] }, 300).childNodes.length).toBe(0);
  });
});
describe('contexts', () => {
  it('the farthest first; a bar for each share and the distance, a tick for other real rows', () => {
    expect(worstContexts(contexts).map((r) => r.rows)).toEqual([95, 900, 5]);
    const svg = drawContexts(contexts, 600);
    expect(svg.querySelectorAll('rect').length).toBe(3 + 3 + 2);
    expect(svg.querySelectorAll('path').length).toBe(1);
    expect(svg.querySelector('b')).toBeNull();
    expect(sayContexts(contexts)).toContain('Farthest from its real rows: sex Female, education HS, at 0.11.');
    expect(contextsCsv(contexts).split('\n')[2]).toContain('900,0.9,0.9,0.02,0.01');
  });
});
describe('in the report', () => {
  it('stand below the training curve, each picture with its words and a table beside the bars', async () => {
    const view = await showTraining({ objective, contexts }), section = view.querySelector('#training')!;
    expect([...section.querySelectorAll('h3')].map((h) => h.textContent)).toEqual(['Terms of the objective', 'Weights of the terms', 'What lagged', 'Contexts']);
    const pictures = [...section.querySelectorAll('u-picture')] as Array<HTMLElement & { words: string; show(): void }>;
    expect(pictures.length).toBe(5);
    for (const p of pictures) { p.show(); expect(p.words.length).toBeGreaterThan(10); expect(p.querySelector('svg.u-plot')?.getAttribute('aria-hidden')).toBe('true'); }
    expect([...section.querySelectorAll('tbody th')].map((t) => t.textContent)).toEqual(worstContexts(contexts).map((r) => r.label));
    expect(section.querySelector('tbody b')).toBeNull();
  });
  it('are absent where there is one loss', async () => {
    const view = await showTraining({});
    expect(view.querySelectorAll('#training h3').length).toBe(0);
  });
});
