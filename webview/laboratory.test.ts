// @vitest-environment jsdom
import { describe, expect, it } from 'vitest';
import { makeCollapse, makeSweep } from './fixture-laboratory';
import { show, texts } from './fixture-page';
import { labelled } from './charts/tradeoff';
import { bestOf, collapseAnswer, lineFor, sweepAnswer } from './laboratory';

describe('a sweep', () => {
  it('says which points are worth a thought, and nothing of a choice where none beats another', () => {
    expect(sweepAnswer(makeSweep())).toBe('Worth considering: cart, gaussian-copula and independent. The other is matched or beaten by one of these in fidelity, utility and privacy alike.');
    expect(sweepAnswer(makeSweep([true, true, true, true]))).toMatch(/^No point beats another in fidelity, utility and privacy at once/);
    expect(sweepAnswer(makeSweep([false, false, false, false]))).toMatch(/^No point has all the figures/);
  });
  it('names the best of each family, and those it is not clearly better than', () => {
    expect(bestOf(makeSweep()).map(({ title, label, close }) => [title, label, close])).toEqual([['Most faithful', 'cart', []], ['Most useful', 'cart', ['smote', 'gaussian-copula']], ['Exposes least', 'independent', ['gaussian-copula']]]);
  });
  it('gives a line for a terminal where one setting makes the point', () => {
    expect(lineFor(makeSweep(), 'cart', 'my table.csv')).toBe('understudy synthesize "my table.csv" --generator cart');
    expect(lineFor({ ...makeSweep(), knob: 'budget' }, '15 s', 'a.csv')).toBe('understudy synthesize a.csv --budget 15s');
    expect(lineFor({ ...makeSweep(), knob: 'param.epochs' }, '50', 'a.csv')).toBeUndefined();
  });
  it('is a page with an answer, what to do next, a picture for each two families and every point with its runs', async () => {
    const r = makeSweep(), view = await show(r);
    expect(texts(view, '.u-answer')).toEqual([sweepAnswer(r)]);
    expect(texts(view, 'section > h2')).toEqual(['What to do next', 'One against the other', 'Points', 'Notes']);
    expect(texts(view, '.u-panels h3')).toEqual(['Fidelity and utility', 'Fidelity and privacy', 'Utility and privacy']);
    expect(view.querySelectorAll('.u-panels svg.u-plot').length).toBe(3);
    expect(texts(view, '.u-lab-table tbody tr').length).toBe(r.points.length);
    expect(texts(view, '.u-lab-table tbody tr:last-child td').slice(-2)).toEqual(['6.4%5.4% to 7.4%', 'seed 1seed 2: failed']);
    expect(view.innerHTML).not.toMatch(/NaN|undefined/);
  });
  it('names do not lie on each other', () => {
    const [x, y] = makeSweep().axes, marks = Array.from({ length: 6 }, (_, i) => ({ label: `generator-${i}`, front: true, x: 0.6 + i * 1e-4, y: 0.8, text: '' }));
    const frame = { width: 400, height: 300, left: 52, right: 18, top: 26, bottom: 42 }, labels = labelled(marks, [x!, y!], [[0.5, 0.7], [0.7, 0.9]], frame);
    expect(new Set(labels.map((l) => `${l.dx} ${l.dy}`)).size).toBe(6);
    expect(labels.every((l) => Math.abs(l.dy) >= 10)).toBe(true);
    // At the right edge a name goes to the left (less is better here: that is on the right).
    expect(labelled([{ ...marks[0]!, x: 0.5 }], [x!, y!], [[0.5, 0.7], [0.7, 0.9]], frame)[0]!.anchor).toBe('end');
  });
  it('under a budget says so and proposes no run', async () => {
    const view = await show({ ...makeSweep(), knob: 'epsilon', publishable: false, notes: ['Not publishable: it was chosen by looking.'] });
    expect(texts(view, '.u-warning')).toEqual(['Not publishable: it was chosen by looking.']);
    expect(view.querySelector('.u-next')).toBeNull();
  });
});

describe('the collapse laboratory', () => {
  it('says what becomes of each way, and what follows', () => {
    expect(collapseAnswer(makeCollapse())).toBe('Keeps worsening: cart (replace), cart (anchor), gaussian-copula (replace) and gaussian-copula (anchor). Holds: cart (accumulate) and gaussian-copula (accumulate). Keep real rows in what is learnt from (accumulate): a stand-in of a stand-in loses a little more each time.');
    const calm = makeCollapse();
    for (const s of calm.series) s.outcome = 'holds';
    expect(collapseAnswer(calm)).toContain('Nothing was seen to be lost over 8 generations');
  });
  it('is a page with an answer, a picture a measure and the slopes of every mode', async () => {
    const r = makeCollapse(), view = await show(r);
    expect(texts(view, '.u-answer')).toEqual([collapseAnswer(r)]);
    expect(view.querySelectorAll('.u-lab svg.u-plot').length).toBe(2 * r.measures.length);
    const [table] = view.querySelectorAll('.u-lab-table');
    // Two header rows of as many columns as the body has.
    expect(texts(table!, 'thead tr:nth-child(2) th').length).toBe(table!.querySelectorAll('tbody tr:first-child td').length);
    expect(view.innerHTML).not.toMatch(/NaN|undefined/);
  });
});
