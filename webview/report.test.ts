// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FromWebview, ReportData } from '../server/protocol';
import { makePair, makeReport } from './fixture';
import { settle, show, start } from './fixture-page';

beforeEach(() => { document.title = 'x'; });
afterEach(() => { delete (globalThis as { acquireVsCodeApi?: unknown }).acquireVsCodeApi; vi.restoreAllMocks(); });

const texts = (root: ParentNode, selector: string) => [...root.querySelectorAll(selector)].map((e) => e.textContent!.trim());
describe('the report in a browser', () => {
  it('shows verdicts, every figure, every column, pairs, distances, training and provenance', async () => {
    const report = makeReport(), view = await show(report);
    expect(document.title).toBe(report.title);
    expect(texts(view, '.u-verdict .u-mark')).toEqual(['Good', 'Good', 'Undecided']);
    expect(view.querySelectorAll('u-figure').length).toBe(report.figures.length);
    expect(texts(view, '#figures h3')).toEqual(['Fidelity', 'Utility', 'Privacy']);
    expect(texts(view, '.u-card h3')).toEqual(report.columns.map((c) => c.name));
    expect(view.querySelectorAll('.u-card u-picture svg.u-plot').length).toBe(report.columns.filter((c) => c.picture.type !== 'none').length);
    expect(view.querySelectorAll('u-heatmaps .u-map svg').length).toBe(3);
    expect(texts(view, 'section > h2')).toEqual(['What to do next', 'Headline figures', 'Columns', 'Pair dependence', 'Nearest records', 'Training', 'Notes and provenance']);
    expect(view.textContent).toContain('What these figures do not say');
    expect(view.querySelector('style')).toBeNull();
  });

  it('says what the model itself would betray under a heading of its own, beside a verdict on the rows that does not count it', async () => {
    const report = makeReport(), model = { ...report.metrics['privacy.membership-auc'], id: 'privacy.likelihood', name: 'Membership by the model', estimand: 'model-held' as const };
    report.metrics[model.id] = model;
    report.figures.push({ ...report.figures.find((f) => f.metric === 'privacy.membership-auc')!, metric: model.id, value: 0.56, verdict: 'poor' });
    const view = await show(report), lists = [...view.querySelectorAll('#figures ul.u-figures')], under = (name: string) => lists.find((l) => (l.previousElementSibling!.matches('h3') ? l.previousElementSibling! : l.previousElementSibling!.previousElementSibling!).textContent === name)!;
    expect(texts(under('If the model itself were given away'), '.u-fig-title')).toEqual(['Membership by the model']);
    expect(texts(under('Privacy'), '.u-fig-title')).not.toContain('Membership by the model');
    expect(under('If the model itself were given away').previousElementSibling!.textContent).toContain('the rows do not show it');
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

  it('shows a line for a terminal with the files\u2019 names, and gives the whole of it to whoever copies', async () => {
    const report = makeReport(), view = await show(report), code = view.querySelector('.u-next code')!;
    expect(report.next![0].terminal).toContain('/home/ada/data/');
    expect(code.textContent).toBe('understudy evaluate customers.csv customers.synthetic.csv --holdout HOLDOUT.csv');
    const copy = new Event('copy', { bubbles: true, cancelable: true }) as ClipboardEvent, taken: string[] = [];
    Object.defineProperty(copy, 'clipboardData', { value: { setData: (_: string, text: string) => taken.push(text) } });
    code.dispatchEvent(copy);
    expect([taken, copy.defaultPrevented]).toEqual([[report.next![0].terminal], true]);
  });

  it('opens a definition by its button, with the state told to screen readers', async () => {
    const report = makeReport({ columns: 5 }), view = await show(report), row = view.querySelector('u-figure')!;
    const button = row.querySelector<HTMLButtonElement>('.u-about')!, region = row.querySelector(`#${button.getAttribute('aria-controls')}`)!;
    expect([button.getAttribute('aria-expanded'), region.hasAttribute('hidden')]).toEqual(['false', true]);
    button.click(); await settle();
    expect([button.getAttribute('aria-expanded'), region.hasAttribute('hidden')]).toEqual(['true', false]);
    const two = report.metrics['fidelity.two-sample'];
    expect(region.textContent).toContain(two.definition); expect(region.textContent).toContain(two.paper); expect(region.textContent).toContain('32,561');
  });

  it('every picture says in words what it shows', async () => {
    const view = await show(makeReport());
    const labels = [...view.querySelectorAll('[role=img]')].map((e) => e.getAttribute('aria-label') ?? '');
    expect(labels.length).toBeGreaterThan(25);
    for (const label of labels) expect(label).toMatch(/\w+.{20,}/);
    expect(labels.find((l) => l.startsWith('age,'))).toMatch(/Largest gap at .* real .*%, synthetic .*%/);
  });

  const widget = (view: HTMLElement, name: string) => view.querySelector<HTMLElement & { value: string }>(`vscode-single-select[data-choice="${name}"]`)!;
  const set = async (e: HTMLElement & { value: string }, value: string, type: string) => { e.value = value; e.dispatchEvent(new Event(type)); await settle(); };

  it('searches, sorts, filters and pins columns', async () => {
    const view = await show(makeReport()), names = () => texts(view, '.u-card h3'), search = view.querySelector<HTMLElement & { value: string }>('u-columns vscode-textfield')!;
    await set(widget(view, 'sort'), 'file', 'change');
    expect(names().slice(0, 3)).toEqual(['age', 'income', 'occupation']);
    await set(widget(view, 'kind'), 'temporal', 'change');
    expect(names()).toEqual(['joined', 'last_seen']);
    const pin = view.querySelectorAll<HTMLButtonElement>('.u-card .u-pin')[1];
    expect([pin.getAttribute('aria-label'), pin.getAttribute('aria-pressed')]).toEqual(['Pin last_seen', 'false']);
    pin.click(); await settle();
    expect(names()).toEqual(['last_seen', 'joined']);
    expect(view.querySelector('.u-card .u-pin')!.getAttribute('aria-pressed')).toBe('true');
    await set(widget(view, 'kind'), 'all', 'change');
    await set(widget(view, 'show'), 'pinned', 'change');
    expect(names()).toEqual(['last_seen']);
    await set(widget(view, 'show'), 'short', 'change');
    const short = makeReport().columns.filter((c) => c.verdict === 'poor' || c.verdict === 'fair').map((c) => c.name);
    expect(short.length).toBeGreaterThan(0);
    expect([...names()].sort()).toEqual([...short].sort());
    await set(widget(view, 'show'), 'all', 'change');
    await set(search, 'seen', 'input');
    expect(names()).toEqual(['last_seen']);
    expect(view.querySelector('#columns [role=status]')!.textContent).toBe('1 of 15 columns');
    await set(search, 'nothing like it', 'input');
    expect(view.querySelector('#columns')!.textContent).toContain('No column matches');
  });

  it('shows the worst pair at once, another by Enter on its cell, and says why it cannot show one', async () => {
    const report = makeReport(), [first, second] = report.pairPictures!;
    report.pairPictures = [first, second];
    const view = await show(report), title = () => view.querySelector('u-pair h3')!.textContent!.replace(/\s+/g, ' ').trim(), map = view.querySelector<HTMLElement>('.u-map')!;
    expect([...title().split(' \u00d7 ')].sort()).toEqual([first.x.name, first.y.name].sort());
    expect(view.querySelector('u-pair u-picture svg.u-plot')).not.toBeNull();
    expect(view.querySelector('u-pair')!.textContent).toMatch(/Too (rare|frequent): /);
    const at = (name: string) => report.pairs!.columns.indexOf(name), go = async (i: number, j: number) => {
      for (const key of ['Home', ...Array<string>(i).fill('ArrowDown'), ...Array<string>(j).fill('ArrowRight'), 'Enter']) { map.dispatchEvent(new KeyboardEvent('keydown', { key, cancelable: true })); await settle(); }
    };
    await go(at(second.x.name), at(second.y.name));
    expect(title()).toBe(`${second.x.name} \u00d7 ${second.y.name}`);
    await go(0, 1);
    expect(title()).toBe('age \u00d7 income');
    expect(view.querySelector('u-pair .u-none')!.textContent).toMatch(/Open the report in VS Code/);
  });

  it('lists every pair, searched and sorted, and opens one by Enter', async () => {
    const report = makeReport(), view = await show(report), n = report.pairs!.columns.length, rows = () => texts(view, '.u-pairs-space [role=rowheader]').map((t) => t.replace(/\s+/g, ' '));
    expect(view.querySelector('[role=grid]')!.getAttribute('aria-rowcount')).toBe(String((n * (n - 1)) / 2 + 1));
    await set(view.querySelector<HTMLElement & { value: string }>('u-pairs vscode-textfield')!, 'age married', 'input');
    expect(rows()).toEqual(['age \u00d7 married']);
    view.querySelector('.u-pairs-space [role=row]')!.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true })); await settle();
    expect(view.querySelector('u-pair h3')!.textContent!.replace(/\s+/g, ' ')).toContain('age \u00d7 married');
    expect(view.querySelector('.u-pairs-space [role=row]')!.getAttribute('aria-selected')).toBe('true');
  });

  it('says what to do next, and how in a terminal', async () => {
    const report = makeReport({ quality: 'poor' }), view = await show(report);
    expect(texts(view, '.u-next h3')).toEqual(report.next!.map((s) => s.title));
    expect(texts(view, '.u-next code')[0]).toBe('understudy synthesize customers.csv --budget 20s');
    // a button that could do nothing is not there
    expect(view.querySelector('.u-next vscode-button')).toBeNull();
  });

  it('reads a pair out from all three maps by arrow keys', async () => {
    const report = makeReport(), view = await show(report), map = view.querySelector<HTMLElement>('.u-map')!;
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowDown']) { map.dispatchEvent(new KeyboardEvent('keydown', { key, cancelable: true })); await settle(); }
    const out = view.querySelector('.u-readout')!.textContent!;
    expect(out).toContain(report.pairs!.columns[1]); expect(out).toMatch(/real .*synthetic .*score/s);
    expect(view.querySelectorAll('.u-cursor:not(.u-chosen):not([hidden])').length).toBe(3);
    map.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' })); await settle();
    expect(view.querySelectorAll('.u-cursor:not(.u-chosen):not([hidden])').length).toBe(0);
  });

  it('offers a log scale only where distances span decades', async () => {
    let view = await show(makeReport());
    expect(view.querySelector('#distances vscode-checkbox')).toBeNull();
    const wide = makeReport(); wide.distances = { ...wide.distances!, edges: [0, 0.001, 0.01, 0.1, 1], syntheticToTraining: [0.4, 0.3, 0.2, 0.1], controlToTraining: [0, 0.1, 0.5, 0.4] };
    document.body.replaceChildren();
    view = await show(wide);
    const box = view.querySelector<HTMLElement & { checked: boolean }>('#distances vscode-checkbox')!, drawing = () => view.querySelector('#distances svg.u-plot')!.outerHTML;
    const linear = drawing();
    box.checked = true; box.dispatchEvent(new Event('change')); await settle();
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
    const search = view.querySelector<HTMLElement & { value: string }>('u-columns vscode-textfield')!;
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

  it('asks the editor for a pair it does not hold, and shows the answer', async () => {
    const report = makeReport(); report.pairPictures = report.pairPictures!.slice(0, 1);
    const { sent } = editor({ pairs: { chosen: { a: 'age', b: 'income' } } }), view = start();
    await send(report);
    expect(sent.filter((m) => m.type === 'pair')).toEqual([{ type: 'pair', a: 'age', b: 'income' }]);
    expect(view.querySelector('u-pair')!.textContent).toContain('Reading the run');
    window.dispatchEvent(new MessageEvent('message', { data: { type: 'pair', a: 'age', b: 'income', picture: makePair({ name: 'age', kind: 'integer' }, { name: 'income', kind: 'real' }, 1) } })); await settle();
    expect(view.querySelector('u-pair u-picture')!.getAttribute('words') ?? view.querySelector('u-pair [role=img]')!.getAttribute('aria-label')).toMatch(/^age and income together/);
    view.querySelectorAll<HTMLButtonElement>('u-pair .u-save').forEach((b) => { if (b.textContent!.includes('CSV')) b.click(); });
    expect((sent.at(-1) as { content: string }).content.split('\n')[0]).toBe('age_from,age_to,income_from,income_to,real_rows,synthetic_rows,holdout_rows');
  });

  it('has the editor do what a next step says, and keeps pins', async () => {
    const host = editor({ pins: ['region'] }), view = start();
    await send(makeReport({ quality: 'poor' }));
    expect(texts(view, '.u-card h3')[0]).toBe('region');
    view.querySelector<HTMLElement>('.u-next vscode-button')!.click();
    view.querySelector<HTMLElement>('.u-title vscode-button')!.click();
    expect(host.sent.slice(-2)).toEqual([{ type: 'command', id: 'synthesize' }, { type: 'export' }]);
    view.querySelectorAll<HTMLButtonElement>('.u-card .u-pin')[1].click(); await settle();
    expect((host.state().pins as string[]).length).toBe(2);
  });

  it('shows a run while it goes on, how it ended, and then its report', async () => {
    const { sent } = editor(), view = start(), run = { id: 'r', folder: '/r', kind: 'synthesize' as const, state: 'running' as const, created: '', source: '/d/customers.csv', versions: {}, progress: { phase: 'training' as const, fraction: 0.4, secondsLeft: 22, step: 900, steps: 4000, loss: 1.2 } };
    const live = async (patch: object, n: number) => { window.dispatchEvent(new MessageEvent('message', { data: { type: 'live', run: { ...run, ...patch }, curve: { steps: Array.from({ length: n }, (_, i) => i), loss: Array.from({ length: n }, (_, i) => 2 / (i + 1)), validationSteps: [], validation: [] } } })); await settle(); };
    await live({}, 0);
    expect(view.textContent).toContain('The curve begins with the training');
    await live({}, 30);
    expect(view.querySelector('h1')!.textContent).toBe('Synthesizing customers.csv');
    expect(view.querySelector('[aria-current=step]')!.textContent).toBe('Training');
    const drawn = view.querySelector('u-picture svg.u-plot')!.outerHTML;
    await live({}, 60);
    expect(view.querySelector('u-picture svg.u-plot')!.outerHTML).not.toBe(drawn);
    view.querySelector<HTMLElement>('.u-progress vscode-button')!.click();
    expect(sent.at(-1)).toEqual({ type: 'command', id: 'cancelRun' });
    await live({ state: 'failed', error: { message: 'The disk is full.', hint: 'Free some space.', code: 'system' } }, 60);
    expect(view.textContent).toMatch(/The run failed.*The disk is full\..*Free some space/s);
    await send(makeReport());
    expect(view.querySelector('understudy-live')).toBeNull();
    expect(view.querySelectorAll('.u-card').length).toBe(15);
  });

  it('sets two runs side by side: what differs beyond chance is said first', async () => {
    const { sent } = editor(), view = start(), reports = [makeReport(), makeReport({ quality: 'poor' })];
    window.dispatchEvent(new MessageEvent('message', { data: { type: 'comparison', reports, names: ['first try', 'second try'] } })); await settle();
    expect(view.querySelector('.u-answer')!.textContent).toMatch(/^A is better on \d+ figures, and worse on none\./);
    const rows = [...view.querySelectorAll('.u-compare tbody tr')];
    expect(rows.length).toBe(reports[0].figures.length);
    const shapes = rows.find((r) => r.textContent!.includes('Column shapes'))!;
    expect(shapes.textContent).toContain('\u22120.060'); expect(shapes.textContent).toContain('apart: A is better');
    expect(rows.find((r) => r.textContent!.includes('outlying'))!.textContent).toContain('overlap: cannot tell');
    expect(view.querySelectorAll('#compare-columns, .u-tall tbody tr').length).toBe(16);
    expect(view.querySelectorAll('.u-two svg.u-plot').length).toBe(reports[0].figures.length);
    view.querySelectorAll<HTMLElement>('.u-runs vscode-button')[1].click();
    expect(sent.at(-1)).toEqual({ type: 'command', id: 'openReport', side: 1 });
    view.querySelector<HTMLButtonElement>('.u-tools .u-solid')!.click();
    expect((sent.at(-1) as { content: string }).content).toMatch(/^metric,name,a,a_low/);
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
