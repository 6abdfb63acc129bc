/** The Runs view as data, the loss as a word and a picture, and what a bug report may say. */
import { describe, expect, it } from 'vitest';
import type { RunRecord } from '../../server/protocol';
import manifest from '../../package.json';
import nls from '../../package.nls.json';
import { ago } from './progress';
import { arranged, detailsOf, filterInWords, isComparable, isFiltering, rowOf, titleOf } from './rows';
import { curveImage, sparkline } from './sparkline';

const run = (id: string, more: Partial<RunRecord> = {}): RunRecord => ({
  id, folder: `/w/.understudy/runs/${id}`, kind: 'synthesize', state: 'finished', created: `2026-01-0${id}T10:00:00Z`, finished: `2026-01-0${id}T10:01:00Z`,
  source: '/w/orders.csv', out: '/w/orders.synthetic.csv', versions: {}, generator: 'autoregressive', rows: 400, seed: 7, seconds: 60, ...more,
});
const verdict = (family: 'fidelity' | 'utility' | 'privacy', v: 'good' | 'fair' | 'poor' | 'undecided') => ({ family, verdict: v, sentence: `${family} is ${v}.`, reasons: [] });
const ids = (runs: RunRecord[]) => runs.map((r) => r.id).join('');

it('only runs with a report are compared: finished ones, and no laboratory', () => {
  expect((['synthesize', 'evaluate', 'collapse', 'explore'] as const).map((kind) => isComparable(run('a', { kind, state: 'finished' })))).toEqual([true, true, false, false]);
  expect(isComparable(run('a', { kind: 'synthesize', state: 'cancelled' }))).toBe(false);
});

describe('the order of runs', () => {
  const runs = [
    run('1', { name: 'b run', verdicts: [verdict('fidelity', 'good'), verdict('privacy', 'poor')] }), run('2', { starred: true, source: '/w/a.csv' }),
    run('3', { state: 'running', seconds: undefined }), run('4', { name: 'A run', verdicts: [verdict('fidelity', 'good')], seconds: 90 }), run('5', { state: 'failed', kind: 'evaluate', error: { message: 'no.', code: 'input' } }),
  ];
  it.each([['newest', '32541'], ['oldest', '32145'], ['name', '32415'], ['time', '32451'], ['verdict', '32415'], ['table', '32541']] as const)('%s: those under way, starred ones, the rest', (by, order) => {
    expect(ids(arranged(runs, by, {}))).toBe(order);
  });
  it('never changes the list it is given', () => {
    const given = [...runs];
    arranged(given, 'name', { starred: true });
    expect(given).toEqual(runs);
  });
  it('lets through what the filter says', () => {
    expect(ids(arranged(runs, 'newest', { starred: true }))).toBe('2');
    expect(ids(arranged(runs, 'newest', { states: ['failed', 'running'] }))).toBe('35');
    expect(ids(arranged(runs, 'newest', { kinds: ['evaluate'] }))).toBe('5');
    expect(ids(arranged(runs, 'newest', { text: ' A RUN' }))).toBe('4');
    expect(ids(arranged(runs, 'newest', { text: 'a.csv' }))).toBe('2');
    expect(isFiltering({ states: [], kinds: [] })).toBe(false);
    expect(filterInWords({ starred: true, states: ['failed'], kinds: ['evaluate'], text: 'x' })).toBe('starred, failed, evaluations, "x"');
  });
});

describe('a row', () => {
  const now = Date.parse('2026-01-01T10:06:00Z');
  it('of a finished run says its name, its age and its worst verdict', () => {
    const row = rowOf(run('1', { verdicts: [verdict('fidelity', 'good'), verdict('privacy', 'fair')] }), false, [], now);
    expect(row).toMatchObject({ label: 'orders', description: '5 min ago · autoregressive', icon: { id: 'table', color: 'problemsWarningIcon.foreground' } });
    expect(row.spoken).toContain('worst verdict fair');
    expect(rowOf(run('1', { name: 'mine' }), false, [], now)).toMatchObject({ label: 'mine', description: 'orders · 5 min ago · autoregressive' });
    expect(titleOf(run('1', { kind: 'evaluate', out: undefined, reportOut: '/w/orders.synthetic.evaluation-3.html' }))).toBe('orders');
  });
  it.each([['/w/a.synthetic.csv', 'a'], ['/w/a b.synthetic-12.csv.gz', 'a b-12'], ['/w/mine.parquet', 'mine'], ['/w/v1.2.synthetic.jsonl', 'v1.2']])('about %s is called %s', (out, title) => expect(titleOf(run('1', { out }))).toBe(title));
  it('of one under way says how far it is, with its loss', () => {
    const row = rowOf(run('1', { state: 'running', progress: { phase: 'training', fraction: 0.42, loss: 1.5, secondsLeft: 30 } }), true, [3, 2, 1.5]);
    expect(row.description).toBe('42% Training · loss 1.500 █▃▁ · 30 s left');
    expect(rowOf(run('1', { state: 'queued' }), true).description).toBe('waiting for its turn');
  });
  it('offers what can be done with it, by the words that package.json asks for', () => {
    const words = (r: RunRecord, here = false) => rowOf(r, here).context.split(' ');
    expect(words(run('1', { state: 'running' }), true)).toEqual(['run', 'running', 'synthesize', 'here']);
    expect(words(run('1', { state: 'running' }))).toContain('elsewhere');
    expect(words(run('1', { starred: true }))).toEqual(['run', 'finished', 'synthesize', 'over', 'starred', 'report', 'synthetic']);
    expect(words(run('1', { state: 'interrupted' }))).toEqual(['run', 'interrupted', 'synthesize', 'over', 'resumable']);
    const offered = (context: string) => manifest.contributes.menus['view/item/context'].filter((item) => item.group.startsWith('inline') && item.when.split(' && ').every((part) => {
      const match = /^(!?)\(?viewItem =~ \/(.*?)\/\)?$/.exec(part);
      return !match || new RegExp(match[2]).test(context) !== (match[1] === '!');
    })).map((item) => item.command.replace('understudy.', ''));
    expect(offered(rowOf(run('1', { state: 'running' }), true).context)).toEqual(['cancelRun', 'starRun']);
    expect(offered(rowOf(run('1', { state: 'interrupted' }), false).context)).toEqual(['resumeRun', 'starRun']);
    expect(offered(rowOf(run('1', { starred: true }), false).context)).toEqual(['openReport', 'unstarRun']);
    expect(offered('detail real')).toEqual([]);
  });
});

describe('what a run unfolds into', () => {
  const labels = (r: RunRecord) => detailsOf(r).map((d) => d.label);
  it('names every table of a run that makes several', () => {
    const files = (r: RunRecord) => detailsOf(r).filter((d) => d.role === 'synthetic').map((d) => d.file);
    expect(files(run('1'))).toEqual(['/w/orders.synthetic.csv']);
    expect(files(run('1', { out: '/w/o.1.csv', outs: ['/w/o.1.csv', '/w/o.2.csv'].map((path) => ({ path, sha256: 'x' })) }))).toEqual(['/w/o.1.csv', '/w/o.2.csv']);
  });
  it('finished: verdicts, how it was made, its files', () => {
    const all = detailsOf(run('1', { verdicts: [{ ...verdict('fidelity', 'good'), sentence: 'Fidelity: good. It is.' }], device: { name: 'cpu', description: '2 cores', whyNotBetter: 'WebGPU: no adapter.' } }));
    expect(all.map((d) => d.label)).toEqual(['Fidelity', 'Device', 'Made by', 'orders.csv', 'orders.synthetic.csv', 'Report', 'Log']);
    expect(all[0].description).toBe('Good. It is.');
    expect(all[1].description).toBe('On CPU (2 cores). WebGPU: no adapter.');
    expect(all[2].description).toBe('autoregressive · 400 rows · seed 7 · 1 min');
  });
  it('interrupted: why, and what to do', () => {
    expect(labels(run('1', { state: 'interrupted', error: { message: 'the worker was killed.', hint: 'Resume it.', code: 'system' } })).slice(0, 2)).toEqual(['The worker was killed.', 'Resume it.']);
  });
  it('under way: no file that is not there yet', () => {
    expect(labels(run('1', { state: 'running', progress: { phase: 'training', fraction: 0.1, loss: 2 } }))).toEqual(['Training', 'Loss', 'Made by', 'orders.csv', 'Log']);
  });
});

describe('the loss', () => {
  it('is drawn low to high, in a few blocks, and not at all from one point', () => {
    expect(sparkline([4, 3, 2, 1])).toBe('█▆▃▁');
    expect(sparkline(Array.from({ length: 500 }, (_, i) => 500 - i))).toHaveLength(8);
    expect(sparkline([2, 2, 2])).toBe('▁▁▁');
    expect(sparkline([1])).toBe('');
    expect(sparkline([1, NaN])).toBe('');
  });
  it('is a picture of its own size that loads nothing', () => {
    const svg = Buffer.from(/base64,(.*)\)$/.exec(curveImage([3, 2, 1]))![1], 'base64').toString();
    expect(svg).toContain('<path d="M2.0 4.0L120.0 24.0L238.0 44.0"');
    expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/http|href/);
  });
});

it.each([[20, 'just now'], [600, '10 min ago'], [7300, '2 h ago'], [90_000, 'yesterday'], [400_000, '4 days ago'], [1e6, '2026-01-01']])('%d seconds back is %s', (seconds, words) => {
  expect(ago('2026-01-01T00:00:00Z', Date.parse('2026-01-01T00:00:00Z') + seconds * 1000)).toBe(words);
});

describe('the manifest', () => {
  const { commands, menus, viewsWelcome, walkthroughs, keybindings, configuration } = manifest.contributes;
  const english = (key: string) => (nls as Record<string, string>)[key.slice(1, -1)];
  const known = new Set(commands.map((c) => c.command));
  it('names only commands it contributes', () => {
    const used = [...Object.values(menus).flat(), ...keybindings].map((m) => m.command);
    expect(used.filter((c) => !known.has(c))).toEqual([]);
  });
  it('ends every walkthrough step and welcome on commands that exist', () => {
    const texts = [...viewsWelcome.map((w) => w.contents), ...walkthroughs[0].steps.map((s) => s.description)].map(english);
    expect(walkthroughs[0].steps).toHaveLength(5);
    for (const text of texts) {
      const links = [...text.matchAll(/\(command:([\w.]+)\)/g)].map((m) => m[1]);
      expect(links.length, text).toBeGreaterThan(0);
      for (const link of links) expect(known.has(link) || ['understudy.runs.focus', 'workbench.trust.manage'].includes(link), link).toBe(true);
    }
  });
  it('titles commands Verb Noun, and describes every setting', () => {
    for (const { title, category } of commands) { expect(english(title)).toMatch(/^[A-Z][a-z]+ ?/); expect(english(category)).toBe('Understudy'); }
    for (const [name, p] of Object.entries(configuration.properties)) expect(english(('description' in p && p.description) || ('markdownDescription' in p && p.markdownDescription) || ''), name).toBeTruthy();
  });
  it('keeps an untrusted workspace from choosing where and how to compute, and gives numbers a range', () => {
    const properties = Object.entries(configuration.properties) as Array<[string, { type: string; scope?: string; minimum?: number; maximum?: number }]>;
    const computing = properties.filter(([, p]) => p.scope === 'machine-overridable').map(([name]) => name);
    expect(computing.length).toBeGreaterThan(2);
    expect(manifest.capabilities.untrustedWorkspaces).toMatchObject({ supported: 'limited', restrictedConfigurations: expect.arrayContaining(computing) });
    expect(manifest.capabilities.virtualWorkspaces.supported).toBe(false);
    for (const [name, p] of properties) if (p.type === 'integer' || p.type === 'number') expect(p.minimum !== undefined && p.maximum !== undefined, name).toBe(true);
  });
});
