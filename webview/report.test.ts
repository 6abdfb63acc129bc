// @vitest-environment jsdom
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import axe from 'axe-core';
import type { FromWebview, ReportData } from '../server/protocol';
import { makeReport } from './fixture';
import { dataElementId } from './host';

let start: () => HTMLElement;
beforeAll(async () => {
  (globalThis as { understudyNoStart?: boolean }).understudyNoStart = true;
  document.documentElement.lang = 'en';
  start = (await import('./report')).start;
});
beforeEach(() => { document.body.replaceChildren(); document.title = 'x'; });
afterEach(() => { delete (globalThis as { acquireVsCodeApi?: unknown }).acquireVsCodeApi; vi.restoreAllMocks(); });

const settle = async () => { for (let i = 0; i < 8; i++) await Promise.resolve(); await new Promise((r) => setTimeout(r, 0)); };
async function show(report: ReportData): Promise<HTMLElement> {
  const data = document.createElement('script');
  data.type = 'application/json'; data.id = dataElementId; data.textContent = JSON.stringify(report);
  document.body.append(data);
  const view = start();
  await settle();
  return view;
}
const texts = (root: ParentNode, selector: string) => [...root.querySelectorAll(selector)].map((e) => e.textContent!.trim());
async function violations(): Promise<string[]> {
  // Colour contrast, target size and visible text need a layout engine, which jsdom has not.
  const { violations } = await axe.run(document, { rules: { 'color-contrast': { enabled: false }, 'label-content-name-mismatch': { enabled: false }, 'target-size': { enabled: false } } });
  return violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' | ')}`);
}

describe('the report in a browser', () => {
  it('shows verdicts, every figure, every column, pairs, distances, training and provenance', async () => {
    const report = makeReport(), view = await show(report);
    expect(document.title).toBe(report.title);
    expect(texts(view, '.u-verdict .u-mark')).toEqual(['Good', 'Good', 'Undecided']);
    expect(view.querySelectorAll('u-figure').length).toBe(report.figures.length);
    expect(texts(view, '.u-card h3')).toEqual(report.columns.map((c) => c.name));
    expect(view.querySelectorAll('.u-card u-picture svg.u-plot').length).toBe(report.columns.filter((c) => c.picture.type !== 'none').length);
    expect(view.querySelectorAll('u-heatmaps .u-map svg').length).toBe(3);
    expect(texts(view, 'section > h2')).toEqual(['Headline figures', 'Columns', 'Pair dependence', 'Nearest records', 'Training', 'Notes and provenance']);
    expect(view.textContent).toContain('What these figures do not say');
    expect(view.querySelector('style')).toBeNull();
  });

  it('puts each verdict in words, and undecided and not assessable plainly', async () => {
    const view = await show(makeReport({ control: false }));
    expect(texts(view, '.u-verdict .u-mark').at(-1)).toBe('Not assessable');
    expect(view.textContent).toContain('Without real rows that the generator never saw');
    expect(texts(view, '.u-facts dd').join()).toContain('none');
  });

  it('lays no text of the table into the page as markup', async () => {
    const report = makeReport();
    report.title = '<img src=x onerror=alert(1)>'; report.columns[0].name = '<b>bold</b>'; report.columns[0].findings = ['<i>x</i>'];
    const view = await show(report);
    expect(view.querySelector('img, .u-card b b, .u-findings i')).toBeNull();
    expect(view.querySelector('h1')!.textContent).toBe(report.title);
  });

  it.each([['with everything', { columns: 8 }], ['without control', { control: false, run: false, columns: 3 }]])('has no axe violations (%s)', async (_, options) => {
    await show(makeReport(options));
    expect(await violations()).toEqual([]);
  });

  it('opens a definition by its button, with the state told to screen readers', async () => {
    const report = makeReport({ columns: 5 }), view = await show(report), row = view.querySelector('u-figure')!;
    const button = row.querySelector<HTMLButtonElement>('.u-about')!, region = row.querySelector(`#${button.getAttribute('aria-controls')}`)!;
    expect([button.getAttribute('aria-expanded'), region.hasAttribute('hidden')]).toEqual(['false', true]);
    button.click(); await settle();
    expect([button.getAttribute('aria-expanded'), region.hasAttribute('hidden')]).toEqual(['true', false]);
    const two = report.metrics['fidelity.two-sample'];
    expect(region.textContent).toContain(two.definition); expect(region.textContent).toContain(two.paper); expect(region.textContent).toContain('32,561');
    expect(await violations()).toEqual([]);
  });

  it('every picture says in words what it shows', async () => {
    const view = await show(makeReport());
    const labels = [...view.querySelectorAll('[role=img]')].map((e) => e.getAttribute('aria-label') ?? '');
    expect(labels.length).toBeGreaterThan(25);
    for (const label of labels) expect(label).toMatch(/\w+.{20,}/);
    expect(labels.find((l) => l.startsWith('age,'))).toMatch(/Largest gap at .* real .*%, synthetic .*%/);
  });

  it('searches, sorts and filters columns', async () => {
    const view = await show(makeReport()), names = () => texts(view, '.u-card h3');
    const [sort, group] = view.querySelectorAll<HTMLSelectElement>('#columns select'), search = view.querySelector<HTMLInputElement>('#columns input')!;
    const set = async (e: HTMLInputElement | HTMLSelectElement, value: string, type: string) => { e.value = value; e.dispatchEvent(new Event(type)); await settle(); };
    await set(sort, 'file', 'change');
    expect(names().slice(0, 3)).toEqual(['age', 'income', 'occupation']);
    await set(group, 'temporal', 'change');
    expect(names()).toEqual(['joined', 'last_seen']);
    await set(search, 'seen', 'input');
    expect(names()).toEqual(['last_seen']);
    expect(view.querySelector('#columns [role=status]')!.textContent).toBe('1 of 15 columns');
    await set(search, 'nothing like it', 'input');
    expect(view.querySelector('#columns')!.textContent).toContain('No column matches');
  });

  it('reads a pair out from all three maps by arrow keys', async () => {
    const report = makeReport(), view = await show(report), map = view.querySelector<HTMLElement>('.u-map')!;
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowDown']) { map.dispatchEvent(new KeyboardEvent('keydown', { key, cancelable: true })); await settle(); }
    const out = view.querySelector('.u-readout')!.textContent!;
    expect(out).toContain(report.pairs!.columns[1]); expect(out).toMatch(/real .*synthetic .*score/s);
    expect(view.querySelectorAll('.u-cursor:not([hidden])').length).toBe(3);
    map.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' })); await settle();
    expect(view.querySelectorAll('.u-cursor:not([hidden])').length).toBe(0);
  });

  it('offers a log scale only where distances span decades', async () => {
    let view = await show(makeReport());
    expect(view.querySelector('#distances input[type=checkbox]')).toBeNull();
    const wide = makeReport(); wide.distances = { ...wide.distances!, edges: [0, 0.001, 0.01, 0.1, 1], syntheticToTraining: [0.4, 0.3, 0.2, 0.1], controlToTraining: [0, 0.1, 0.5, 0.4] };
    document.body.replaceChildren();
    view = await show(wide);
    const box = view.querySelector<HTMLInputElement>('#distances input[type=checkbox]')!, drawing = () => view.querySelector('#distances svg.u-plot')!.outerHTML;
    const linear = drawing();
    box.click(); await settle();
    expect(drawing()).not.toBe(linear);
    expect(drawing()).not.toContain('NaN');
  });

  it('draws hundreds of columns only when they come into view', async () => {
    const watched: Element[] = [];
    let report!: (entries: Array<{ isIntersecting: boolean; target: Element }>) => void;
    vi.resetModules();
    vi.stubGlobal('IntersectionObserver', class { constructor(f: typeof report) { report = f; } observe(e: Element) { watched.push(e); } unobserve() {} });
    // A second registry of elements would clash with the first, so only the frame is new here.
    const define = vi.spyOn(customElements, 'define').mockImplementation(() => undefined);
    const { UPicture } = await import('./picture');
    define.mockRestore();
    customElements.define('u-picture-lazy', UPicture);
    const draw = vi.fn(() => document.createElementNS('http://www.w3.org/2000/svg', 'svg'));
    const many = Array.from({ length: 300 }, () => Object.assign(document.createElement('u-picture-lazy') as InstanceType<typeof UPicture>, { draw, data: {}, words: 'w', name: 'n' }));
    document.body.append(...many); await settle();
    expect([watched.length, draw.mock.calls.length]).toEqual([300, 0]);
    report(many.slice(0, 8).map((target) => ({ isIntersecting: true, target }))); await settle();
    expect(draw).toHaveBeenCalledTimes(8);
    vi.unstubAllGlobals();
  });
});

describe('the report in the editor', () => {
  function editor(state?: unknown) {
    const sent: FromWebview[] = []; let kept = state;
    (globalThis as { acquireVsCodeApi?: unknown }).acquireVsCodeApi = () => ({ postMessage: (m: FromWebview) => sent.push(m), getState: () => kept, setState: (s: unknown) => { kept = s; } });
    return { sent, state: () => kept as Record<string, unknown> };
  }
  const send = async (report: ReportData) => { window.dispatchEvent(new MessageEvent('message', { data: { type: 'report', report } })); await settle(); };

  it('asks for the report, shows it, saves and opens by message', async () => {
    const { sent } = editor(), view = start();
    await settle();
    expect(sent).toEqual([{ type: 'ready' }]);
    expect(view.textContent).toContain('Waiting for the report');
    const report = makeReport();
    await send(report);
    expect(view.querySelectorAll('.u-card').length).toBe(15);
    view.querySelector<HTMLButtonElement>('.u-link')!.click();
    expect(sent.at(-1)).toEqual({ type: 'open', path: report.source.path });
    view.querySelector<HTMLButtonElement>('.u-card .u-save')!.click();
    const svg = sent.at(-1) as Extract<FromWebview, { type: 'save' }>;
    expect(svg.name).toBe('capital_gain.svg');
    expect(new DOMParser().parseFromString(svg.content, 'image/svg+xml').querySelector('parsererror')).toBeNull();
    expect(svg.content).toContain('<title>capital_gain');
    view.querySelectorAll<HTMLButtonElement>('.u-card .u-save')[1].click();
    const csv = sent.at(-1) as Extract<FromWebview, { type: 'save' }>;
    expect([csv.name, csv.content.split('\n')[0]]).toEqual(['capital_gain.csv', 'from,to,real,synthetic,holdout']);
  });

  it('keeps the reader\u2019s choices beside what the editor keeps, and finds them again', async () => {
    const host = editor({ folder: '/runs/1', sort: 'name', search: 'a', group: 'numeric' });
    const view = start();
    await send(makeReport());
    expect(texts(view, '.u-card h3')).toEqual(['a rather long column name, as exports have them (EUR)', 'age', 'capital_gain']);
    const search = view.querySelector<HTMLInputElement>('#columns input')!;
    expect(search.value).toBe('a');
    search.value = 'ag'; search.dispatchEvent(new Event('input'));
    expect(host.state()).toMatchObject({ folder: '/runs/1', sort: 'name', search: 'ag' });
  });

  it('shows a newer report in the place of the old', async () => {
    editor();
    const view = start();
    await send(makeReport());
    await send(makeReport({ quality: 'poor', columns: 6 }));
    expect(view.querySelectorAll('.u-card').length).toBe(6);
    expect(texts(view, '.u-verdict .u-mark')).toEqual(['Poor', 'Fair', 'Poor']);
    expect(document.querySelectorAll('understudy-report').length).toBe(1);
  });

  it('follows the editor\u2019s theme', async () => {
    editor();
    document.body.className = 'vscode-dark';
    start();
    expect(document.documentElement.dataset.theme).toBe('dark');
    document.body.className = 'vscode-high-contrast'; await settle();
    expect(document.documentElement.dataset.theme).toBe('hc-dark');
    document.body.className = '';
  });
});
