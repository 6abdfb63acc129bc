import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeExposure } from '../../server/jobs/exposure';
import type { InlineExposure, RunRecord } from '../../server/protocol';
import { connect, type Client } from './client';

/** Which rows of a real table the server calls exposed, over stdio, as the editor asks it. */

let folder: string;
let client: Client;
let run: RunRecord;
const ask: Client['ask'] = (method, params) => client.ask(method, params);
const at = (name: string) => ({ uri: pathToFileURL(join(folder, name)).toString(), version: 1, dirty: false });

/** People who depend on nothing but a stream of numbers; `note` of every ninth holds a line end, so that lines and rows differ. */
const people = (n: number, seed: number) => Array.from({ length: n }, (_, i) => {
  const draw = (k: number) => { const x = Math.sin(seed * 1000 + i * 7 + k * 131) * 43758.5453; return x - Math.floor(x); };
  return ['Lyon Porto Graz Oslo'.split(' ')[Math.floor(draw(1) * 4)], String(18 + Math.floor(draw(2) * 60)), (1000 + draw(3) * 4000).toFixed(2), draw(4) < 0.5 ? 'yes' : 'no', draw(5) < 0.11 ? '"a\nb"' : 'abcd'[Math.floor(draw(6) * 4)], ...[7, 8, 9].map((k) => (10 * draw(k)).toFixed(2))];
});
const header = 'city,age,income,member,note,x,y,z', csv = (rows: string[][]) => `${header}\n${rows.map((r) => r.join(',')).join('\n')}\n`;
/** Rows of the real table that the stand-in repeats, their income moved by less than a hundredth. */
const leaked = [17, 101, 230, 333, 402, 444, 490, 512, 555, 590];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'understudy exposure '));
  const real = people(600, 1), fresh = people(600, 3);
  real[17] = ['Reykjavik', '97', '9600.00', 'yes', 'd', '5.00', '5.00', '5.00'];
  leaked.forEach((r, i) => { const copy = [...real[r]]; copy[2] = (Number(copy[2]) * 1.003).toFixed(2); fresh[i * 50] = copy; });
  writeFileSync(join(folder, 'people.csv'), csv(real));
  writeFileSync(join(folder, 'held.csv'), csv(people(600, 2)));
  writeFileSync(join(folder, 'made.csv'), csv(fresh));
  client = await connect();
  run = await client.over((await ask('understudy/evaluate', { real: join(folder, 'people.csv'), synthetic: join(folder, 'made.csv'), holdout: join(folder, 'held.csv'), seed: 1, device: 'cpu', columns: {} })).id);
  expect(run.state).toBe('finished');
}, 180_000);
afterAll(() => {
  client?.close();
  rmSync(folder, { recursive: true, force: true });
});

test('the rows that the stand-in repeats are among the most exposed, worst first, each where it lies', async () => {
  const all: InlineExposure[] = await ask('understudy/inlineExposure', at('people.csv'));
  expect(all.map((e) => e.rank)).toEqual(all.map((_, i) => i + 1));
  expect(all.length).toBe(10);
  const found = all.filter((e) => leaked.includes(e.row));
  expect(found.length).toBeGreaterThanOrEqual(5);
  const lines = readFileSync(join(folder, 'people.csv'), 'utf8').split('\n'), rows = people(600, 1);
  for (const e of all) if (e.row !== 17) expect(lines[e.line]).toContain(`${rows[e.row][0]},${rows[e.row][1]},${rows[e.row][2]}`);
  // what is on the screen is the same rows
  const screen = await ask('understudy/inlineExposure', { ...at('people.csv'), visible: [[0, 120]] });
  expect(screen.map((e) => e.line).sort()).toEqual(all.filter((e) => e.line <= 120).map((e) => e.line).sort());
});

test('why: the fewest columns that nobody else shares, and a score that says what it compares', async () => {
  const all = await ask('understudy/inlineExposure', at('people.csv')), only = all.find((e) => e.row === 17)!;
  expect(only.note).toMatch(/^exposed, no\. \d+: the only row where city is Reykjavik$/);
  expect(only.columns[0]).toEqual({ name: 'city', category: true, value: 'Reykjavik' });
  expect(only.message).toMatch(/times( or more)? as dense around it as the other real rows are/);
  for (const e of all) {
    expect(e.note).toMatch(/the only row where|one of \d+ rows where/);
    expect(e.columns.length).toBeGreaterThanOrEqual(1);
    expect(e.columns.length).toBeLessThanOrEqual(3);
  }
});

test('the file beside inline.json holds every row that was scored', async () => {
  const kept = decodeExposure(readFileSync(join(run.folder, 'exposure.bin')))!;
  expect(kept.header).toMatchObject({ scored: 600, realRows: 1200, how: 'beside-control', every: true });
  expect(new Set(kept.row).size).toBe(600);
  const mean = (rows: number[]) => rows.reduce((s, r) => s + kept.nats[kept.row.indexOf(r)], 0) / rows.length;
  expect(mean(leaked)).toBeGreaterThan(mean(Array.from({ length: 600 }, (_, i) => i).filter((i) => !leaked.includes(i))) + 1);
});

test('nothing is said of a table that is not what was learnt, nor of a stand-in', async () => {
  expect(await ask('understudy/inlineExposure', { ...at('people.csv'), dirty: true })).toEqual([]);
  expect(await ask('understudy/inlineExposure', at('made.csv'))).toEqual([]);
  appendFileSync(join(folder, 'people.csv'), 'Lyon,30,1000.00,yes,a,1.00,2.00,3.00\n');
  expect(await ask('understudy/inlineExposure', at('people.csv'))).toEqual([]);
});
