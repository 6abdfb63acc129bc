/** What the editor shows on tables themselves: one story a test, in the window, with the mouse. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { appendFile, mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { address } from '../harness/address.mjs';
import { root } from '../harness/paths.mjs';
import { tell } from '../harness/tell.mjs';
import { Window } from '../harness/window.mjs';

/** @typedef {{ window: Window, workspace: string }} Scene */

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

const lens = (window, words) => window.page.locator('.monaco-editor .codelens-decoration a, .monaco-editor .codelens-decoration span', { hasText: words });
/** The open editor's text as it is drawn, hints and notes included. */
const drawn = (window) => window.page.locator('.editor-instance .view-lines').first().innerText().then((t) => t.replace(/\u00a0/g, ' '));
/** Notes at the ends of lines are drawn by style sheets, beside the text. */
const notes = (window) => window.page.evaluate(() => [...document.querySelectorAll('.editor-instance .view-lines span')].map((e) => getComputedStyle(e, '::after').content).filter((c) => c.startsWith('"')).join('\n'));
async function until(what, look, ms = 20_000) {
  for (const end = Date.now() + ms; ; await new Promise((r) => setTimeout(r, 150))) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) assert.fail(`waited in vain for ${what}`);
  }
}

const tabOf = (window, name) => window.page.locator(`.tabs-container .tab[data-resource-name="${name}"]`);
async function open(window, name) {
  await window.file(name).dblclick();
  await tabOf(window, name).waitFor();
}

/** Where a word is drawn in the editor, so that the mouse can go there. */
async function placeOf(window, word, nth = 0) {
  return until(`"${word}" in the editor`, () => window.page.evaluate(([wanted, n]) => {
    const lines = document.querySelector('.editor-instance .view-lines');
    if (!lines) return undefined;
    const walker = document.createTreeWalker(lines, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(), seen = 0; node; node = walker.nextNode()) {
      for (let at = node.data.indexOf(wanted); at >= 0; at = node.data.indexOf(wanted, at + 1)) {
        if (seen++ < n) continue;
        const range = document.createRange();
        range.setStart(node, at); range.setEnd(node, at + wanted.length);
        const { x, y, width, height } = range.getBoundingClientRect();
        return { x: x + width / 2, y: y + height / 2 };
      }
    }
    return undefined;
  }, [word, nth]));
}

/** Rest the mouse on a word until its hover is there. */
async function hover(window, word, nth = 0) {
  // One that is still there would be taken for the new one.
  await window.page.mouse.move(150, 700);
  await window.page.keyboard.press('Escape');
  await window.page.locator('.monaco-hover:not(.hidden) .hover-contents').first().waitFor({ state: 'hidden' });
  const place = await placeOf(window, word, nth), card = window.page.locator('.monaco-hover:not(.hidden) .hover-contents').first();
  for (let i = 0; i < 8; i++) {
    await window.page.mouse.move(150, 700);
    await window.page.waitForTimeout(400);
    await window.page.mouse.move(place.x, place.y);
    if (await card.waitFor({ timeout: 5000 }).then(() => true, () => false)) break;
  }
  await window.page.waitForTimeout(500);
  return window.page.locator('.monaco-hover:not(.hidden)').first();
}
const pictureIn = (card) => card.locator('img[src^="data:image/svg+xml;base64,"]');
async function shown(card) {
  const picture = pictureIn(card).first();
  await picture.waitFor();
  const size = await picture.evaluate((img) => ({ width: img.naturalWidth, height: img.naturalHeight, drawn: img.getBoundingClientRect().width }));
  assert.ok(size.width >= 300 && size.height >= 30 && size.drawn >= 300, `the picture is drawn: ${JSON.stringify(size)}`);
}

async function theme(window, kind) {
  const now = await window.page.locator('.monaco-workbench').first().getAttribute('class');
  const light = /\bvs\b(?!-)/.test(now);
  if (light === (kind === 'light')) return;
  await window.command('Toggle between Light/Dark Themes');
  await window.page.locator(kind === 'light' ? '.monaco-workbench.vs' : '.monaco-workbench.vs-dark').waitFor();
}

/** @type {Array<[string, (scene: Scene) => Promise<void>]>} */
const all = [
  ['Over a stand-in stand its verdicts with their figures; a click opens the report', async ({ window }) => {
    await open(window, 'weather.synthetic.csv');
    await lens(window, /Fidelity poor · AUC/).first().waitFor({ timeout: 60_000 });
    await lens(window, /Privacy/).first().waitFor();
    await window.shot('inline-lenses-dark');
    // A lens that has just been drawn anew ignores the mouse for a moment.
    for (let i = 0; i < 10 && !(await window.tab('how it stands in').count()); i++) {
      await lens(window, /Fidelity poor/).first().click();
      await window.tab('how it stands in').waitFor({ timeout: 3000 }).catch(() => undefined);
    }
    const report = await window.frameWith('understudy-report');
    await report.locator('.u-verdict', { hasText: 'Fidelity' }).waitFor();
    await window.shot('inline-to-report-dark');
    const tab = window.tab('how it stands in');
    await tab.click({ button: 'middle' });
    await tab.waitFor({ state: 'detached' });
  }],

  ['Behind each column\'s name stands its score, in full', async ({ window }) => {
    await open(window, 'weather.synthetic.csv');
    const text = await until('the hints', async () => { const t = await drawn(window); return /wind\.\d{3} poor/.test(t.replace(/ (?=\.)/g, '')) && t; });
    const line = text.split('\n').find((l) => l.includes('precipitation')).replace(/ (?=\.)/g, '');
    // Six scores, the last one whole: the editor did not cut them.
    assert.match(line, /^date(\.\d{3}|1\.000)( fair)?,precipitation(\.\d{3}|1\.000)( fair)?,temp_max.*,temp_min.*,wind\.\d{3} poor,weather\.\d{3} poor$/);
  }],

  ['A column that falls short is a problem that says what, how much, and what to try', async ({ window }) => {
    await open(window, 'weather.synthetic.csv');
    await window.page.locator('.squiggly-warning').first().waitFor();
    await window.command('Problems: Focus on Problems View');
    const problems = window.page.locator('.markers-panel');
    const row = problems.locator('.monaco-list-row', { hasText: 'wind: its shape is poor' });
    await row.waitFor();
    assert.match(await row.innerText(), /It scores \.\d{3};/);
    await problems.locator('.monaco-list-row', { hasText: 'The real column' }).first().waitFor();
    await window.shot('inline-problems-dark');
    await problems.locator('.monaco-list-row', { hasText: 'The real column' }).first().dblclick();
    await tabOf(window, 'weather.csv').waitFor();
    await window.page.keyboard.press('Control+J');
    await open(window, 'weather.synthetic.csv');
    const place = await placeOf(window, 'wind');
    await window.page.mouse.click(place.x, place.y);
    await window.page.keyboard.press('Control+.');
    const fixes = window.page.locator('.action-widget');
    await fixes.getByText('Open the report').waitFor();
    await fixes.getByText('Declare "wind" a category').waitFor();
    await window.shot('inline-fixes-dark');
    await window.page.keyboard.press('Escape');
  }],

  ['Under the mouse, a column\'s name shows its distribution beside the real one', async ({ window }) => {
    await open(window, 'weather.synthetic.csv');
    const card = await hover(window, 'wind');
    await shown(card);
    assert.match(await card.innerText(), /wind · real.*Shape \.\d{3}/s);
    await window.shot('inline-hover-number-dark');
    const words = await hover(window, 'weather');
    await shown(words);
    await window.shot('inline-hover-category-dark');
  }],

  ['So does any cell of the column, with the cell\'s own value marked', async ({ window }) => {
    await open(window, 'weather.synthetic.csv');
    const card = await hover(window, 'drizzle');
    await shown(card);
    const svg = await pictureIn(card).first().evaluate((img) => atob(img.src.slice(img.src.indexOf(',') + 1)));
    assert.match(svg, /font-weight="700">drizzle</);
    await window.shot('inline-hover-cell-dark');
  }],

  ['Rows that copy real ones are marked where they stand', async ({ window }) => {
    await open(window, 'weather.synthetic.csv');
    await window.page.mouse.move(700, 800);
    const text = await until('the marks', async () => { const t = await notes(window); return /copies row/.test(t) && t; });
    assert.match(text, /copies row 702 of weather\.csv/);
    assert.match(text, /copies row 1,202 of weather\.csv/);
    assert.match(text, /row 335 of weather\.csv, but for wind/);
    await window.shot('inline-copies-dark');
  }],

  ['All of it can be read in the light theme', async ({ window }) => {
    await open(window, 'weather.synthetic.csv');
    await theme(window, 'light');
    const card = await hover(window, 'wind');
    await shown(card);
    const svg = await pictureIn(card).first().evaluate((img) => atob(img.src.slice(img.src.indexOf(',') + 1)));
    assert.match(svg, /#0a60d0/, 'drawn for a light ground');
    await window.shot('inline-light');
    await theme(window, 'dark');
  }],

  ['A real table offers a stand-in, and tells how the last one is', async ({ window }) => {
    await open(window, 'weather.csv');
    await lens(window, /Synthesize/).first().waitFor();
    await lens(window, /Stand-in judged/).first().waitFor();
    const card = await hover(window, 'temp_max');
    await shown(card);
    assert.match(await card.innerText(), /temp_max · real/);
    await window.shot('inline-real-dark');
  }],

  ['An edit makes everything stale at once; undoing it brings it back', async ({ window }) => {
    await open(window, 'weather.synthetic.csv');
    await lens(window, /Fidelity poor/).first().waitFor();
    const place = await placeOf(window, 'drizzle');
    await window.page.mouse.click(place.x, place.y);
    await window.page.keyboard.type('7');
    await lens(window, /Stale: edited since/).first().waitFor();
    await until('no marks', async () => !/copies row/.test(await notes(window)));
    await until('no problems', async () => (await window.page.locator('.squiggly-warning').count()) === 0);
    assert.doesNotMatch(await drawn(window), /\.\d{3} poor/);
    await window.shot('inline-stale-dark');
    await window.page.keyboard.press('Control+Z');
    // A browser's window saves by itself, and a busy machine after a while: then the undoing must be saved too.
    await lens(window, /Fidelity poor/).first().waitFor({ timeout: 60_000 });
    await until('the marks', async () => /copies row/.test(await notes(window)));
  }],

  ['So does another program that writes the file', async ({ window, workspace }) => {
    await appendFile(path.join(workspace, 'weather.synthetic.csv'), '2015-12-31,0,1,1,1,sun\n');
    await lens(window, /Stale: edited since/).first().waitFor();
    await lens(window, /Evaluate Again/).first().waitFor();
  }],

  ['Evaluate Again asks for the real table and for a holdout, and what it finds stands over the file', async ({ window }) => {
    await open(window, 'weather.synthetic.csv');
    for (let i = 0; i < 10; i++) {
      await lens(window, /Evaluate Again/).first().click();
      if (await window.pickTitled('Its Real Table', 3000).then(() => true, () => false)) break;
    }
    // By its place: rows stand in the page in the order in which they were drawn.
    assert.match(await window.pick.locator('.monaco-list-row[data-index="0"]').innerText(), /^weather\.csv/, 'the table it is named after comes first');
    await window.shot('inline-evaluate-dark');
    await window.page.keyboard.press('Enter');
    await window.pickTitled('Holdout');
    await window.page.keyboard.press('Enter');
    // The last step: told which groups are sensitive, it measures what every run does.
    await window.pickTitled('How Much');
    await window.pick.locator('.monaco-list-row', { hasText: 'Sensitive Columns' }).click();
    await window.pick.locator('.monaco-list-row', { hasText: 'weather' }).click();
    await window.page.keyboard.press('Enter');
    await window.pick.locator('.monaco-list-row', { hasText: /Sensitive Columns.*weather/ }).waitFor();
    await window.shot('inline-evaluate-how-much-dark');
    await window.page.keyboard.press('Enter');
    const report = await window.frameWith('understudy-report .u-verdict', 120_000);
    assert.match((await report.locator('.u-verdict').allInnerTexts()).join('\n'), /Structure[^]*Fairness|Privacy[^]*Fairness/, 'and groups are compared');
    const tab = window.tab('how it stands in');
    await tab.click({ button: 'middle' });
    await tab.waitFor({ state: 'detached' });
    await open(window, 'weather.synthetic.csv');
    await lens(window, /Fidelity poor/).first().waitFor();
    assert.equal(await lens(window, /Stale/).count(), 0);
  }],

  ['A table of three hundred columns is no different', async ({ window, workspace }) => {
    const wide = Array.from({ length: 300 }, (_, c) => `c${c}`), rows = Array.from({ length: 200 }, (_, r) => wide.map((_, c) => (r * 7 + c) % 13).join(','));
    await writeFile(path.join(workspace, 'wide.csv'), `${wide.join(',')}\n${rows.join('\n')}\n`);
    await open(window, 'wide.csv');
    await lens(window, /Synthesize/).first().waitFor();
    const card = await hover(window, 'c3');
    await shown(card);
    await window.shot('inline-wide-dark');
  }],

  ['Among a thousand tables and one of two gigabytes, everything comes as before', async ({ window }) => {
    await window.contextMenu('huge.csv', 'Synthesize...');
    await window.page.keyboard.press('Escape');
    await window.file('many').click();
    await open(window, 't0.csv');
    await lens(window, /Synthesize/).first().waitFor();
    const card = await hover(window, 'kind');
    await shown(card);
    await window.shot('inline-many-dark');
    await window.command('Collapse Folders in Explorer');
  }],

  ['A table that the editor keeps from extensions still has the command in its title', async ({ window }) => {
    await window.file('large.csv').dblclick();
    await tabOf(window, 'large.csv').waitFor({ timeout: 60_000 });
    const anyway = window.page.locator('.monaco-editor-pane-placeholder .monaco-button', { hasText: /Open Anyway/ });
    const text = () => tabOf(window, 'large.csv').count().then(async (n) => n > 0 && /0123456789,0123/.test(await drawn(window).catch(() => '')));
    await until('its text, or the question whether to open it', async () => (await text()) || (await anyway.isVisible().catch(() => false)), 60_000);
    if (await anyway.isVisible().catch(() => false)) await anyway.click();
    await until('its text', text, 60_000);
    await window.page.locator('.editor-actions .action-label[aria-label^="Synthesize"], .editor-actions .action-label[title^="Synthesize"]').first().waitFor();
    await window.shot('inline-large-dark');
    assert.equal(await lens(window, /Synthesize/).count(), 0);
  }],
];

/** @returns {Promise<{passed: number, failed: number, failures: Array<{title: string, message: string}>}>} */
export async function stories(browser, server, workspace) {
  await standIn(workspace, path.join(root, 'dist', 'cli.js'));
  await many(workspace);
  const window = await Window.open(browser, address(server, workspace));
  return tell('inline', all, { window, workspace }, 120_000);
}
