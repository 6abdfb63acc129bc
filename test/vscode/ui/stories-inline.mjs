/** What the editor shows on tables themselves: one story a test, in the window, with the mouse. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { appendFile, mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { address } from '../harness/address.mjs';
import { Editor, svgIn } from '../harness/editor.mjs';
import { root } from '../harness/paths.mjs';
import { tell } from '../harness/tell.mjs';
import { says, until } from '../harness/until.mjs';
import { Window } from '../harness/window.mjs';

/** @typedef {{ window: Window, editor: Editor, workspace: string }} Scene */

/**
 * A stand-in for weather.csv with known faults, and its evaluation: every column dealt anew (so that nothing goes together), the wind a third too strong,
 * hardly any rain, two rows that are the real table's own and one that is but for the wind.
 */
async function standIn(workspace, cli) {
  const lines = (await readFile(path.join(workspace, 'weather.csv'), 'utf8')).trim().split(/\r?\n/), header = lines[0].split(','), rows = lines.slice(1).map((l) => l.split(','));
  const columns = header.map((_, c) => rows.map((row, r) => rows[(r * (2 * c + 5) + 311 * c) % rows.length][c]));
  const made = rows.map((_, r) => columns.map((column, c) => (header[c] === 'wind' ? (Number(column[r]) * 1.35).toFixed(1) : header[c] === 'weather' && column[r] === 'rain' && r % 4 ? 'sun' : column[r])));
  made[5] = rows[700];
  made[11] = rows[1200];
  made[20] = rows[333].map((cell, c) => (header[c] === 'wind' ? (Number(cell) * 1.03).toFixed(2) : cell));
  await writeFile(path.join(workspace, 'weather.synthetic.csv'), `${[header, ...made].map((r) => r.join(',')).join('\n')}\n`);
  await promisify(execFile)(process.execPath, [cli, 'evaluate', path.join(workspace, 'weather.csv'), path.join(workspace, 'weather.synthetic.csv')], { cwd: workspace, timeout: 180_000 });
}

/** A thousand small tables, one of two gigabytes (of which the disk holds a line), and one of 51 MB, which editors do not show to extensions. */
async function many(workspace) {
  await mkdir(path.join(workspace, 'many'));
  for (let i = 0; i < 1000; i++) await writeFile(path.join(workspace, 'many', `t${i}.csv`), `id,kind\n${i},a\n${i + 1},b\n${i + 2},a\n`);
  await writeFile(path.join(workspace, 'huge.csv'), 'id,kind\n1,a\n');
  await truncate(path.join(workspace, 'huge.csv'), 2 * 2 ** 30);
  const line = `${'0123456789,'.repeat(9)}end\n`;
  await writeFile(path.join(workspace, 'large.csv'), `${'column,'.repeat(9)}last\n${line.repeat(Math.ceil(51e6 / line.length))}`);
}

/** @type {Array<[string, (scene: Scene) => Promise<void>]>} */
const all = [
  ['Over a stand-in stand its verdicts with their figures; a click opens the report', async ({ window, editor }) => {
    await editor.open('weather.synthetic.csv');
    await editor.lens(/Fidelity poor · AUC/).first().waitFor({ timeout: 90_000 });
    await editor.lens(/Privacy/).first().waitFor();
    await window.shot('inline-lenses-dark');
    await editor.pressLens(/Fidelity poor/, () => window.tab('how it stands in').count());
    const report = await window.frameWith('understudy-report');
    await report.locator('.u-verdict', { hasText: 'Fidelity' }).waitFor();
    await window.shot('inline-to-report-dark');
    await window.closeTab('how it stands in');
  }],

  ['Behind each column\'s name stands its score, in full', async ({ window, editor }) => {
    await editor.open('weather.synthetic.csv');
    const header = async () => (await editor.drawn()).split('\n').find((l) => l.includes('precipitation'))?.replace(/ (?=\.)/g, '') ?? '';
    // Six scores, the last one whole: the editor did not cut them.
    await says('the first line', header, /^date(0\.\d{3}|1\.000)( fair)?,precipitation(0\.\d{3}|1\.000)( fair)?,temp_max.*,temp_min.*,wind0\.\d{3} poor,weather0\.\d{3} poor$/);
  }],

  ['A column that falls short is a problem that says what, how much, and what to try', async ({ window, editor }) => {
    await editor.open('weather.synthetic.csv');
    await window.page.locator('.squiggly-warning').first().waitFor();
    await window.command('Problems: Focus on Problems View');
    const problems = window.page.locator('.markers-panel');
    const row = problems.locator('.monaco-list-row', { hasText: 'wind: its shape is poor' });
    await row.waitFor();
    await says('the problem', () => row.innerText(), /It scores 0\.\d{3};/);
    await problems.locator('.monaco-list-row', { hasText: 'The real column' }).first().waitFor();
    await window.shot('inline-problems-dark');
    await problems.locator('.monaco-list-row', { hasText: 'The real column' }).first().dblclick();
    await editor.tabOf('weather.csv').waitFor();
    await window.page.keyboard.press('Control+J');
    await editor.open('weather.synthetic.csv');
    const fixes = window.page.locator('.action-widget'), declare = fixes.getByText('Declare "wind" a category');
    await until('the fixes at "wind"', async () => {
      await editor.click('wind');
      await window.page.keyboard.press('Control+.');
      if (await declare.waitFor({ timeout: 8000 }).then(() => true, () => false)) return true;
      await window.page.keyboard.press('Escape');
      return false;
    });
    await fixes.getByText('Open the report').waitFor();
    await window.shot('inline-fixes-dark');
    await window.page.keyboard.press('Escape');
  }],

  ['Under the mouse, a column\'s name shows its distribution beside the real one', async ({ window, editor }) => {
    await editor.open('weather.synthetic.csv');
    const card = await editor.hover('wind', 0, { picture: true });
    await editor.shown(card);
    await says('the card', () => card.innerText(), /wind · real.*Shape 0\.\d{3}/s);
    await window.shot('inline-hover-number-dark');
    const words = await editor.hover('weather', 0, { picture: true });
    await editor.shown(words);
    await window.shot('inline-hover-category-dark');
  }],

  ['So does any cell of the column, with the cell\'s own value marked', async ({ window, editor }) => {
    await editor.open('weather.synthetic.csv');
    const card = await editor.hover('drizzle', 0, { picture: true });
    await editor.shown(card);
    const svg = await svgIn(card);
    assert.match(svg, /font-weight="700">drizzle</);
    await window.shot('inline-hover-cell-dark');
  }],

  ['Rows that copy real ones are marked where they stand', async ({ window, editor }) => {
    await editor.open('weather.synthetic.csv');
    await window.page.mouse.move(700, 800);
    for (const mark of [/copies row 702 of weather\.csv/, /copies row 1,202 of weather\.csv/, /row 335 of weather\.csv, but for wind/]) await says('the marks', () => editor.notes(), mark);
    await window.shot('inline-copies-dark');
  }],

  ['All of it can be read in the light theme', async ({ window, editor }) => {
    await editor.open('weather.synthetic.csv');
    await window.theme('light');
    const card = await editor.hover('wind', 0, { picture: true });
    await editor.shown(card);
    const svg = await svgIn(card);
    assert.match(svg, /#0a60d0/, 'drawn for a light ground');
    await window.shot('inline-light');
    await window.theme('dark');
  }],

  ['A real table offers a stand-in, and tells how the last one is', async ({ window, editor }) => {
    await editor.open('weather.csv');
    await editor.lens(/Synthesize/).first().waitFor();
    await editor.lens(/Stand-in judged/).first().waitFor();
    const card = await editor.hover('temp_max', 0, { picture: true });
    await editor.shown(card);
    await says('the card', () => card.innerText(), /temp_max · real/);
    await window.shot('inline-real-dark');
  }],

  ['An edit makes everything stale at once; undoing it brings it back', async ({ window, editor, workspace }) => {
    const onDisk = () => readFile(path.join(workspace, 'weather.synthetic.csv'), 'utf8'), before = await onDisk();
    await editor.open('weather.synthetic.csv');
    await editor.lens(/Fidelity poor/).first().waitFor();
    await editor.click('drizzle');
    await window.page.keyboard.type('7');
    await editor.lens(/Stale: edited since/).first().waitFor();
    await until('no marks', async () => !/copies row/.test(await editor.notes()));
    await until('no problems', async () => (await window.page.locator('.squiggly-warning').count()) === 0);
    await until('no scores', async () => !/0\.\d{3} poor/.test(await editor.drawn()));
    await window.shot('inline-stale-dark');
    // A browser's window saves by itself, a busy machine after a while. VS Code loses an undoing that falls into the saving of what is undone
    // (it takes the text for saved, and the disk keeps the edit): so first the one is saved, then the other.
    await until('the edit to be saved', async () => await onDisk() !== before);
    await window.page.waitForTimeout(1500);
    await window.page.keyboard.press('Control+Z');
    await until('the undoing to be saved', async () => await onDisk() === before);
    await editor.lens(/Fidelity poor/).first().waitFor({ timeout: 90_000 });
    await until('the marks', async () => /copies row/.test(await editor.notes()));
  }],

  ['So does another program that writes the file', async ({ window, editor, workspace }) => {
    await appendFile(path.join(workspace, 'weather.synthetic.csv'), '2015-12-31,0,1,1,1,sun\n');
    await editor.lens(/Stale: edited since/).first().waitFor();
    await editor.lens(/Evaluate Again/).first().waitFor();
  }],

  ['Evaluate Again asks for the real table and for a holdout, and what it finds stands over the file', async ({ window, editor }) => {
    await editor.open('weather.synthetic.csv');
    await editor.pressLens(/Evaluate Again/, () => window.pick.locator('.quick-input-title', { hasText: 'Its Real Table' }).count());
    // The table it is named after comes first; by its place, and once the rows have followed the title.
    await says('the first row', () => window.option(0).innerText({ timeout: 5000 }), /^weather\.csv/);
    await window.shot('inline-evaluate-dark');
    await window.enter('Its Real Table');
    await window.enter('Holdout');
    // The last step: told which groups are sensitive, it measures what every run does.
    await window.pickTitled('How Much');
    await window.option('Sensitive Columns').click();
    await window.tick('weather');
    await window.enter();
    await window.option(/Sensitive Columns.*weather/).waitFor();
    await window.shot('inline-evaluate-how-much-dark');
    await window.enter('How Much');
    const report = await window.frameWith('understudy-report .u-verdict', 180_000);
    // And groups are compared.
    await says('the verdicts', async () => (await report.locator('.u-verdict').allInnerTexts()).join('\n'), /Structure[^]*Fairness|Privacy[^]*Fairness/);
    await window.closeTab('how it stands in');
    await editor.open('weather.synthetic.csv');
    await editor.lens(/Fidelity poor/).first().waitFor();
    await until('no lens that says it is stale', async () => await editor.lens(/Stale/).count() === 0);
  }],

  ['A table of three hundred columns is no different', async ({ window, editor, workspace }) => {
    const wide = Array.from({ length: 300 }, (_, c) => `c${c}`), rows = Array.from({ length: 200 }, (_, r) => wide.map((_, c) => (r * 7 + c) % 13).join(','));
    await writeFile(path.join(workspace, 'wide.csv'), `${wide.join(',')}\n${rows.join('\n')}\n`);
    await editor.open('wide.csv');
    await editor.lens(/Synthesize/).first().waitFor();
    const card = await editor.hover('c3', 0, { picture: true });
    await editor.shown(card);
    await window.shot('inline-wide-dark');
  }],

  ['Among a thousand tables and one of two gigabytes, everything comes as before', async ({ window, editor }) => {
    await window.contextMenu('huge.csv', 'Synthesize...');
    await window.page.keyboard.press('Escape');
    await window.file('many').click();
    await editor.open('t0.csv');
    await editor.lens(/Synthesize/).first().waitFor();
    const card = await editor.hover('kind', 0, { picture: true });
    await editor.shown(card);
    await window.shot('inline-many-dark');
    await window.command('Collapse Folders in Explorer');
  }],

  ['A table that the editor keeps from extensions still has the command in its title', async ({ window, editor }) => {
    await window.file('large.csv').dblclick();
    await editor.tabOf('large.csv').waitFor({ timeout: 90_000 });
    const anyway = window.page.locator('.monaco-editor-pane-placeholder .monaco-button', { hasText: /Open Anyway/ });
    const text = () => editor.tabOf('large.csv').count().then(async (n) => n > 0 && /0123456789,0123/.test(await editor.drawn().catch(() => '')));
    await until('its text, or the question whether to open it', async () => (await text()) || (await anyway.isVisible().catch(() => false)), 60_000);
    if (await anyway.isVisible().catch(() => false)) await anyway.click();
    await until('its text', text, 60_000);
    await window.page.locator('.editor-actions .action-label[aria-label^="Synthesize"], .editor-actions .action-label[title^="Synthesize"]').first().waitFor();
    await window.shot('inline-large-dark');
    assert.equal(await editor.lens(/Synthesize/).count(), 0);
  }],
];

/** @returns {Promise<{passed: number, failed: number, failures: Array<{title: string, message: string}>}>} */
export async function stories(browser, server, workspace) {
  await standIn(workspace, path.join(root, 'dist', 'cli.js'));
  await many(workspace);
  const window = await Window.open(browser, address(server, workspace));
  return tell('inline', all, { window, server, editor: new Editor(window), workspace });
}
