import { appendFileSync, copyFileSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunRecord } from '../../server/protocol';
import { connect, type Client } from './client';
import { orders } from './simulated';

/** What the server tells of a table, over stdio, as the editor asks it. */

let folder: string;
let client: Client;
let run: RunRecord;
const ask: Client['ask'] = (method, params) => client.ask(method, params);
const at = (name: string) => ({ uri: pathToFileURL(join(folder, name)).toString(), version: 1, dirty: false, hintLimit: 0 });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'understudy inline '));
  writeFileSync(join(folder, 'orders.csv'), orders(500));
  client = await connect();
  const started = await ask('understudy/synthesize', { path: join(folder, 'orders.csv'), generator: 'independent', seed: 3 });
  run = await client.over(started.id);
  expect(run.state).toBe('finished');
}, 180_000);
afterAll(() => {
  client?.close();
  rmSync(folder, { recursive: true, force: true });
});

test('a table is answered for by its uri; its document is never opened here', async () => {
  expect((await ask('understudy/inline', at('orders.csv'))).role).toBe('real');
  expect(await ask('understudy/inline', { ...at('orders.csv'), uri: 'untitled:orders.csv' })).toMatchObject({ role: 'other', lenses: [] });
  expect((await ask('understudy/inline', at('none.csv'))).role).toBe('real');
  expect(await ask('understudy/inlineHover', { ...at('none.csv'), line: 0, character: 0, theme: 'dark' })).toBeNull();
});

test('a real table: an offer, and how its last stand-in is', async () => {
  const answer = await ask('understudy/inline', at('orders.csv'));
  expect(answer.state).toBe('fresh');
  expect(answer.lenses.map((l) => l.command)).toEqual(['synthesize', 'openReport', 'showExposedRows']);
  expect(answer.lenses[1].title).toMatch(/Last stand-in just now: /);
  expect(answer.lenses[1].arguments).toEqual([run.folder]);
});

test('a stand-in: verdicts, a score behind each header cell, problems that lead to the real column', async () => {
  const answer = await ask('understudy/inline', at('orders.synthetic.csv'));
  expect(answer).toMatchObject({ role: 'synthetic', state: 'fresh', run: run.folder });
  expect(answer.lenses.map((l) => l.command)).toEqual(['openReport', 'openReport', 'openReport', 'compareRuns', 'repeatRun']);
  expect(answer.lenses[0].title).toMatch(/^\$\([\w-]+\) Fidelity \w+ · AUC 0\.\d{3}$/);
  const header = readFileSync(join(folder, 'orders.synthetic.csv'), 'utf8').split('\n')[0];
  for (const h of answer.hints) expect([',', undefined]).toContain(header[h.character]);
  expect(answer.hints.map((h) => h.label)).toContain('invented');
  expect(answer.hints.filter((h) => /^(0\.\d{3}|1\.000)/.test(h.label)).length).toBeGreaterThanOrEqual(5);
  for (const d of answer.diagnostics) {
    expect(header.slice(d.span.start, d.span.end)).toBe(d.column);
    expect(d.message).toContain('What to try:');
    expect(d.related!.path).toBe(join(folder, 'orders.csv'));
  }
  // Where the editor would cut the hints, one lens says what they would.
  const cut = await ask('understudy/inline', { ...at('orders.synthetic.csv'), hintLimit: 12 });
  expect(cut.hints).toEqual([]);
  expect(cut.lenses.map((l) => l.title).join('\n')).toMatch(/columns/);
});

test('the column under the mouse, in the header and in any row, with a picture', async () => {
  const lines = readFileSync(join(folder, 'orders.synthetic.csv'), 'utf8').split('\n');
  const row = lines.findIndex((l) => l.includes('"Saint, Malo"')), character = lines[row].indexOf('Malo');
  expect(row).toBeGreaterThan(0);
  for (const [line, column] of [[0, lines[0].indexOf('city') + 1], [row, character]]) {
    const hover = (await ask('understudy/inlineHover', { ...at('orders.synthetic.csv'), line, character: column, theme: 'dark' }))!;
    expect(hover.markdown).toContain('**city**');
    const svg = Buffer.from(/base64,([^)]+)\)/.exec(hover.markdown)![1], 'base64').toString('utf8');
    expect(svg).toMatch(/^<svg .*Saint, Malo.*<\/svg>$/s);
    expect(lines[line].slice(hover.span.start, hover.span.end)).toBe(line === 0 ? 'city' : '"Saint, Malo"');
  }
  const real = (await ask('understudy/inlineHover', { ...at('orders.csv'), line: 0, character: readFileSync(join(folder, 'orders.csv'), 'utf8').indexOf('email'), theme: 'light' }))!;
  expect(real.markdown).toContain('**email** · email');
  expect(real.markdown).toContain('personal data');
  expect(real.markdown).not.toContain('person1@');
});

test('an edited stand-in is stale at once, and fresh again when it is as it was', async () => {
  const path = join(folder, 'orders.synthetic.csv'), kept = join(folder, 'kept.bin'), before = new Date();
  copyFileSync(path, kept);
  expect((await ask('understudy/inline', { ...at('orders.synthetic.csv'), dirty: true })).state).toBe('stale');
  appendFileSync(path, 'x\n');
  const answer = await ask('understudy/inline', at('orders.synthetic.csv'));
  expect(answer).toMatchObject({ state: 'stale', hints: [], diagnostics: [] });
  expect(answer.lenses[0].title).toContain('Stale: edited since');
  expect(await ask('understudy/inlineMarks', { ...at('orders.synthetic.csv'), visible: [[0, 50]] })).toEqual([]);
  copyFileSync(kept, path);
  utimesSync(path, before, before);
  expect((await ask('understudy/inline', at('orders.synthetic.csv'))).state).toBe('fresh');
});

test('rows that copy real ones are marked where they are, below cells of several lines too', async () => {
  // A "stand-in" by hand: two rows that nobody else has are the real table's own, one of them but for the amount.
  const header = 'city,age,amount,member,note';
  const rows = Array.from({ length: 300 }, (_, i) => ['Lyon Porto Graz'.split(' ')[i % 3], 18 + ((i * 37) % 61), (100 + ((i * 7919) % 9973) / 10).toFixed(1), i % 2 ? 'yes' : 'no', i % 5 ? 'a' : 'b']);
  writeFileSync(join(folder, 'people.csv'), `${header}\n${rows.map((r) => r.join(',')).join('\n')}\n`);
  const made = Array.from({ length: 300 }, (_, i) => ['Lyon Porto Graz'.split(' ')[(i * 5) % 3], 18 + ((i * 41) % 61), (100 + ((i * 6007) % 9871) / 10).toFixed(1), i % 3 ? 'yes' : 'no', i % 7 ? 'a' : '"a\nb"']);
  made[100] = rows[40];
  made[200] = [...rows[50]];
  made[200][2] = (Number(rows[50][2]) * 1.01).toFixed(1);
  const text = `${header}\n${made.map((r) => r.join(',')).join('\n')}\n`;
  writeFileSync(join(folder, 'people.made.csv'), text);
  const started = await ask('understudy/evaluate', { real: join(folder, 'people.csv'), synthetic: join(folder, 'people.made.csv'), seed: 1, device: 'cpu', columns: {} });
  expect((await client.over(started.id)).state).toBe('finished');
  const lines = text.split('\n'), found = await ask('understudy/inlineMarks', { ...at('people.made.csv'), visible: [[0, 399]] });
  const exact = found.find((m) => m.kind === 'exact' && m.message.includes('row 42 of people.csv'))!, near = found.find((m) => m.message.includes('row 52 of people.csv'))!;
  expect(lines[exact.line]).toBe(rows[40].join(','));
  expect(lines[near.line]).toBe(made[200].join(','));
  expect(near).toMatchObject({ kind: 'near', note: 'row 52 of people.csv, but for amount' });
  // Only what is visible is told.
  expect(await ask('understudy/inlineMarks', { ...at('people.made.csv'), visible: [[exact.line + 1, exact.line + 1]] })).not.toContainEqual(exact);
}, 120_000);
