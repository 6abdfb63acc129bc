/** Which rows of a real table its stand-in exposes most: in the window, with the mouse. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { address } from '../harness/address.mjs';
import { Editor } from '../harness/editor.mjs';
import { root } from '../harness/paths.mjs';
import { tell } from '../harness/tell.mjs';
import { until } from '../harness/until.mjs';
import { Window } from '../harness/window.mjs';

/** @typedef {{ window: Window, editor: Editor, workspace: string }} Scene */

/**
 * days.csv: every third day of the weather, one of them a storm as there is no other. Its stand-in consists of the days after those, which are as like them as the days
 * held out, which come before; but six rows are the real table's own with the wind a little changed, the storm among them.
 */
async function standIn(workspace, cli) {
  const lines = (await readFile(path.join(workspace, 'weather.csv'), 'utf8')).trim().split(/\r?\n/), header = lines[0], all = lines.slice(1).map((l) => l.split(','));
  const part = (k) => all.filter((_, r) => r % 3 === k).map((row) => [...row]), days = part(1), made = part(2), held = part(0), columns = header.split(',');
  const wind = columns.indexOf('wind');
  days[4] = columns.map((c) => ({ date: days[4][0], precipitation: '61.0', temp_max: '35.1', temp_min: '18.2', wind: '31.5', weather: 'storm' })[c]);
  for (let i = 0; i < 6; i++) { made[i * 9] = [...days[4 + i * 60]]; made[i * 9][wind] = (Number(days[4 + i * 60][wind]) * 1.01).toFixed(2); }
  const write = (name, rows) => writeFile(path.join(workspace, name), `${[header, ...rows.map((r) => r.join(','))].join('\n')}\n`);
  await write('days.csv', days);
  await write('held.csv', held);
  await write('days.synthetic.csv', made);
  await promisify(execFile)(process.execPath, [cli, 'evaluate', 'days.csv', 'days.synthetic.csv', '--holdout', 'held.csv'], { cwd: workspace, timeout: 240_000 });
}

/** What the runs' folders say, the last one first. */
const records = (workspace) => {
  const folder = path.join(workspace, '.understudy', 'runs');
  return readdirSync(folder).flatMap((id) => { try { return [JSON.parse(readFileSync(path.join(folder, id, 'run.json'), 'utf8'))]; } catch { return []; } }).sort((a, b) => (a.created < b.created ? 1 : -1));
};

/** @type {Array<[string, (scene: Scene) => Promise<void>]>} */
const all = [
  ['On a real table that has a stand-in, the most exposed rows are marked, with what singles them out', async ({ window, editor }) => {
    await editor.open('days.csv');
    await editor.lens(/most exposed rows/).first().waitFor({ timeout: 90_000 });
    await until('notes behind rows', async () => /exposed, no\. \d+: the only row where weather is storm/.test(await editor.notes()));
    await window.shot('exposure-marks-dark');
    await editor.theme('light');
    await until('notes behind rows', async () => /weather is storm/.test(await editor.notes()));
    await window.shot('exposure-marks-light');
    await editor.theme('dark');
  }],

  ['Under the mouse the row says how exposed it is, and whether chance explains it', async ({ window, editor }) => {
    await editor.open('days.csv');
    const card = await editor.hover('storm', 0, { says: /most exposed rows/ }), text = await card.innerText();
    assert.match(text, /No\. \d+ of the \d+ most exposed rows: the only row where weather is storm/);
    assert.match(text, /as dense around it as the other real rows are \(\d+\.\d nats\)/);
    assert.match(text, /chance/);
    await window.shot('exposure-hover-dark');
  }],

  ['The list of exposed rows leads to each', async ({ window, editor }) => {
    await editor.open('days.csv');
    await window.command('Understudy: Show Exposed Rows');
    await window.pick.locator('.monaco-list-row', { hasText: /No\. 1: (row|line)/ }).waitFor({ timeout: 60_000 });
    await window.shot('exposure-list-dark');
    await window.pick.locator('.monaco-list-row', { hasText: 'weather is storm' }).first().click();
    await editor.placeOf('storm');
  }],

  ['A quick fix is remembered for the table; the refit begins with it, and what singled the row out is gone', async ({ window, editor, workspace }) => {
    await editor.open('days.csv');
    await editor.click('storm');
    const fixes = window.page.locator('.action-widget');
    await editor.fix('storm', 'Protect "storm" in "weather"', { shot: 'exposure-fixes-dark', also: async () => {
      await fixes.getByText('Leave this row out').waitFor();
      await fixes.getByText('Use a privacy budget').waitFor();
    } });
    await window.pickTitled('What Is Modelled', 90_000);
    await window.pick.locator('.monaco-list-row', { hasText: '"storm" protected' }).first().waitFor();
    await window.shot('exposure-wizard-dark');
    await window.enter('What Is Modelled');
    await window.enter('Rows');
    await window.pickTitled('Time');
    await window.enterTyped('3s', 'as typed');
    const run = await until('the refit', () => { const [last] = records(workspace); return last?.kind === 'synthesize' && !['queued', 'running'].includes(last.state) && last; }, 180_000);
    assert.equal(run.state, 'finished', run.error?.message);
    const made = await until('its rows', () => { try { return readFileSync(run.out, 'utf8'); } catch { return undefined; } });
    assert.ok(made.split('\n').length > 100);
    assert.doesNotMatch(made, /storm/);
    await window.tab(path.basename(run.out)).first().waitFor({ timeout: 60_000 });
    await window.frameWith('understudy-report .u-verdict', 90_000);
    await window.page.waitForTimeout(1000);
    await window.shot('exposure-refitted-dark');
  }],
];

/** @returns {Promise<{passed: number, failed: number, failures: Array<{title: string, message: string}>}>} */
export async function stories(browser, server, workspace) {
  await standIn(workspace, path.join(root, 'dist', 'cli.js'));
  const window = await Window.open(browser, address(server, workspace));
  return tell('exposure', all, { window, server, editor: new Editor(window), workspace }, 300_000);
}
