// @vitest-environment jsdom
import { expect, it } from 'vitest';
import { renderHtml } from '../server/report/html';
import { makePrivateReport, makeReport } from './fixture';
import { show, texts } from './fixture-page';
import { epsilon, joined, ledgerCsv } from './parts/privacy';

it('the publishable report has the statement, the budget, the ledger and what was declared, and no figure of the real table', async () => {
  const report = makePrivateReport('publishable'), view = await show(report);
  expect(texts(view, 'section > h2')).toEqual(['Differential privacy', 'Columns', 'Notes and provenance']);
  expect(texts(view, '.u-audience')[0]).toContain('May be published');
  expect(texts(view, '.u-statement')).toEqual([report.privacyProof!.statement]);
  expect(view.querySelector('.u-budget')!.getAttribute('aria-label')).toBe('Epsilon 2.988 of 3 is spent, at delta 0.000001.');
  // Eight pieces of one training are one line.
  const table = view.querySelector('[aria-label="Privacy ledger"] table')!;
  expect(texts(table, 'tbody tr').length).toBe(3);
  expect(texts(table, 'tbody tr:last-child td')[1]).toBe('2,000');
  expect([...table.querySelectorAll('thead th')].every((th) => th.getAttribute('scope') === 'col')).toBe(true);
  expect(texts(view, '.u-notes li').join()).toContain('age lies between 17 and 90');
  expect(view.querySelector('u-figure, .u-verdict, .u-next')).toBeNull();
  expect(texts(view, '.u-legend').join()).toContain('real, with noise');
  expect(texts(view, '.u-facts').join()).not.toContain('Control');
  expect(view.textContent).not.toContain('What these figures do not say');
});

it('the internal one says that it may not be published, and still has its figures', async () => {
  const view = await show(makePrivateReport('internal'));
  expect(texts(view, '.u-audience.u-internal')[0]).toContain('Not to be published');
  expect(view.querySelectorAll('u-figure').length).toBeGreaterThan(3);
  expect(texts(view, 'section > h2')).toContain('Differential privacy');
  document.body.replaceChildren();
  const plain = await show(makeReport());
  expect(plain.querySelector('.u-audience, .u-statement')).toBeNull();
});

it('without its script the page has the statement too', () => {
  const html = renderHtml(makePrivateReport('publishable'), { js: '' });
  expect(/<noscript>(.*)<\/noscript>/s.exec(html)![1]).toContain('differentially private for adding or removing one row');
  expect(/<noscript>(.*)<\/noscript>/s.exec(renderHtml(makePrivateReport('internal'), { js: '' }))![1]).toContain('Not to be published');
});

it('costs are rounded up, pieces joined only within one run and purpose, and the saved ledger holds every line', () => {
  expect([epsilon(2.9871), epsilon(0), epsilon(null), epsilon(1.0000001)]).toEqual(['2.988', '0', 'none proven', '1.001']);
  const { lines } = makePrivateReport('internal').privacyProof!;
  expect(joined(lines).map((l) => l.count)).toEqual([28, 9, 2000]);
  expect(joined([lines[2]!, { ...lines[3]!, run: 'other' }]).length).toBe(2);
  expect(ledgerCsv(lines).trim().split('\n').length).toBe(1 + lines.length);
});
