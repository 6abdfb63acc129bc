/** The report in the window, as somebody reads it: columns, pairs, two runs, a file to hand on, a reload, a run seen live. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { address } from '../harness/address.mjs';
import { root } from '../harness/paths.mjs';
import { tell } from '../harness/tell.mjs';
import { says, soon, until } from '../harness/until.mjs';
import { Window } from '../harness/window.mjs';

/** @typedef {{ window: Window, workspace: string }} Scene */

/** 24 columns that depend on each other, 900 rows: 276 pairs, more than a report keeps pictures of. */
function wide(rows, seed, blur = 1) {
  let a = seed >>> 0;
  const u = () => { a = (a + 0x6d2b79f5) >>> 0; let t = Math.imul(a ^ (a >>> 15), 1 | a); t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t; return ((t ^ (t >>> 14)) >>> 0) / 4294967296; };
  const normal = () => Math.sqrt(-2 * Math.log(1 - u())) * Math.cos(2 * Math.PI * u()), names = Array.from({ length: 24 }, (_, i) => (i % 4 === 3 ? `group_${i}` : `measure_${i}`));
  const lines = Array.from({ length: rows }, () => { const z = normal(); return names.map((_, i) => (i % 4 === 3 ? 'abcd'[Math.min(3, Math.max(0, Math.floor(2 + z + normal() * 0.7 * blur)))] : (20 + 5 * ((i % 3) - 1) * z + 3 * blur * normal()).toFixed(2))).join(','); });
  return `${[names.join(','), ...lines].join('\n')}\n`;
}

const command = promisify(execFile);
const report = (window, timeout = 90_000) => window.frameWith('understudy-report h1', timeout);
/** The runs made before the window opens, by the command line: two tables judged against the same real one. */
async function prepare(workspace) {
  const at = (name) => path.join(workspace, name);
  await writeFile(at('wide.csv'), wide(900, 1));
  await writeFile(at('near.csv'), wide(900, 2));
  await writeFile(at('far.csv'), wide(900, 3, 1.9));
  await writeFile(at('later.csv'), wide(400, 4));
  for (const name of ['near.csv', 'far.csv']) await command(process.execPath, [path.join(root, 'dist', 'cli.js'), 'evaluate', at('wide.csv'), at(name), '--holdout', at('later.csv'), '--quiet'], { cwd: workspace, timeout: 300_000 });
}

async function pickRun(window, words) {
  const row = window.option(words).first();
  await row.waitFor();
  await row.click();
}
const cards = (page) => page.locator('.u-card h3').allInnerTexts();
/** The theme, by the workspace's settings, as VS Code applies them when the file changes; the pages hear of it after the window. */
async function theme({ window, workspace }, name, kind) {
  await mkdir(path.join(workspace, '.vscode'), { recursive: true });
  await writeFile(path.join(workspace, '.vscode', 'settings.json'), JSON.stringify({ 'workbench.colorTheme': name }));
  await window.page.locator(`.monaco-workbench.${kind}`).waitFor();
  await (await report(window)).locator(`body[data-vscode-theme-kind="${{ 'vs-dark': 'vscode-dark', vs: 'vscode-light', 'hc-black': 'vscode-high-contrast', 'hc-light': 'vscode-high-contrast-light' }[kind]}"]`).waitFor();
  await window.page.waitForTimeout(800);
}
const scrollTo = (frame, selector) => frame.evaluate((s) => document.querySelector(s).scrollIntoView({ block: 'start' }), selector);

/** @type {Array<[string, (scene: Scene) => Promise<void>]>} */
const all = [
  ['Open Report shows verdicts, what to do next with a command, and pictures', async ({ window }) => {
    await window.file('wide.csv').waitFor({ timeout: 60_000 });
    await window.command('Understudy: Open Report');
    await pickRun(window, 'far');
    const page = await report(window);
    await until('three verdicts', async () => await page.locator('.u-verdict').count() === 3);
    await until('pictures', async () => await page.locator('.u-strip svg.u-plot').count() >= 2);
    await until('what to do next', async () => await page.locator('.u-next li').count() >= 1);
    await page.locator('.u-next code').first().waitFor();
    await window.page.waitForTimeout(800);
    await window.shot('report-top-dark');
  }],

  ['A column is found, sorted, filtered and pinned', async ({ window }) => {
    const page = await report(window);
    await scrollTo(page, '#columns');
    const search = page.locator('u-columns vscode-textfield input');
    await search.fill('group');
    await page.waitForFunction(() => document.querySelectorAll('.u-card').length === 6);
    await page.locator('vscode-single-select[data-choice=sort]').click();
    await page.locator('vscode-single-select[data-choice=sort] li', { hasText: 'Name' }).click();
    await page.waitForFunction(() => document.querySelector('.u-card h3').textContent === 'group_3');
    await page.locator('.u-card', { hasText: 'group_19' }).hover();
    await page.locator('[aria-label="Pin group_19"]').click();
    await page.waitForFunction(() => document.querySelector('.u-card h3').textContent === 'group_19');
    await says('the cards', async () => (await cards(page)).join(), /^group_19,group_3,group_7,group_11,group_15,group_23$/);
    await window.page.waitForTimeout(500);
    await window.shot('report-columns-dark');
  }],

  ['A pair that the report keeps is drawn; any other comes from the run\u2019s tables', async ({ window }) => {
    const page = await report(window), title = () => page.locator('u-pair h3').innerText();
    await scrollTo(page, 'u-pair');
    await page.locator('u-pair .u-drawing > svg').waitFor();
    const kept = await title();
    await window.page.waitForTimeout(500);
    await window.shot('report-pair-dark');
    // The best of 276 pairs is none of the 200 kept
    await page.locator('.u-pairs-space [role=row]').first().focus();
    await window.page.keyboard.press('End');
    await page.locator('.u-pairs-space [aria-rowindex="277"]').waitFor();
    await page.waitForFunction(() => document.activeElement.getAttribute('aria-rowindex') === '277');
    await window.page.keyboard.press('Enter');
    await page.waitForFunction((t) => document.querySelector('u-pair h3').innerText !== t, kept);
    await page.locator('u-pair .u-drawing > svg').waitFor({ timeout: 90_000 });
    await says('the picture', async () => await page.locator('u-pair [role=img]').getAttribute('aria-label', { timeout: 5000 }) ?? '', /real, synthetic, control side by side/);
    await window.shot('report-pair-asked-dark');
  }],

  ['Exported as one HTML file that needs nothing else', async ({ window, workspace }) => {
    const page = await report(window);
    await page.locator('vscode-button', { hasText: 'Export as HTML' }).click();
    const to = path.join(workspace, 'handed-on.html');
    // The dialog puts its own proposal there a moment after it opens.
    await window.input.waitFor();
    await until('the name of the file to stay', async () => {
      if (await window.input.inputValue() !== to) await window.input.fill(to);
      return !await soon(async () => await window.input.inputValue() !== to, 1000);
    });
    await window.page.keyboard.press('Enter');
    // Whole: the name is there before the text is.
    const text = await until('the file', () => { const now = existsSync(to) ? readFileSync(to, 'utf8') : ''; return /<\/html>\s*$/.test(now) && now; });
    assert.match(text, /understudy-data/);
    assert.doesNotMatch(text, new RegExp(workspace.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')), 'no folder of this machine');
    const other = await window.page.context().newPage();
    await other.goto(`file://${to}`);
    await other.locator('.u-verdict').first().waitFor();
    // Pictures are drawn when they come into view.
    await other.locator('u-pair').scrollIntoViewIfNeeded();
    await other.locator('u-pair .u-drawing > svg').waitFor();
    await other.close();
  }],

  ['Axe finds nothing in the editor\u2019s dark, light and high contrast themes', async (scene) => {
    const { window } = scene, axe = await readFile(path.join(root, 'node_modules', 'axe-core', 'axe.min.js'), 'utf8'), found = {};
    for (const [name, kind, words] of [['Dark Modern', 'vs-dark', 'dark'], ['Light Modern', 'vs', 'light'], ['Default High Contrast', 'hc-black', 'hc'], ['Default High Contrast Light', 'hc-light', 'hc-light']]) {
      await theme(scene, name, kind);
      const page = await report(window);
      await page.evaluate(axe);
      found[words] = await page.evaluate(async () => (await globalThis.axe.run(document, { resultTypes: ['violations'] })).violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.html.slice(0, 140)} ${n.any[0]?.message ?? ''}`).join(' | ')}`));
      await page.evaluate(() => scrollTo(0, 0));
      await window.page.waitForTimeout(300);
      await window.shot(`report-theme-${words}`);
    }
    await theme(scene, 'Light Modern', 'vs');
    assert.deepEqual(found, { dark: [], light: [], hc: [], 'hc-light': [] });
  }],

  ['After a reload the report is there as it was left: search, order, pin, pair', async ({ window }) => {
    const before = await report(window), pair = await before.locator('u-pair h3').innerText();
    await window.reload();
    const page = await report(window, 120_000);
    await says('the cards', async () => (await cards(page)).join(), /^group_19,group_3,group_7,group_11,group_15,group_23$/);
    await page.locator('[aria-label="Pin group_19"][aria-pressed="true"]').waitFor();
    await until('the pair', async () => await page.locator('u-pair h3').innerText() === pair, 90_000, () => page.locator('u-pair h3').innerText());
    await until('what was searched', async () => await page.locator('u-columns vscode-textfield').evaluate((e) => e.value) === 'group');
    await window.shot('report-restored-light');
  }],

  ['Two runs side by side: what differs beyond chance is said first', async ({ window }) => {
    await window.command('Understudy: Compare Runs');
    await pickRun(window, 'near');
    const page = await window.frameWith('understudy-comparison h1');
    await says('the answer', () => page.locator('.u-answer').innerText(), /A is better on \d+ figures?/);
    await page.locator('.u-compare .u-apart').first().waitFor();
    await window.page.waitForTimeout(800);
    await window.shot('report-compared-light');
    await scrollTo(page, '#compare-columns');
    await window.page.waitForTimeout(500);
    await window.shot('report-compared-columns-light');
    await page.evaluate(() => scrollTo(0, 0));
    await page.locator('.u-runs vscode-button').nth(1).click();
    await report(window);
  }],

  ['A run is seen live, its loss as it falls, and its report takes the place', async ({ window }) => {
    await window.command('View: Close All Editors');
    await window.choose('weather.csv', 'Synthesize...');
    for (const title of ['What Is Modelled', 'Rows']) await window.enter(title);
    await window.pickTitled('Time');
    // Long enough for a busy machine to open the page while it trains.
    const training = window.status(/Training/).waitFor({ timeout: 120_000 });
    await Promise.all([training, window.enterTyped('25 s', 'as typed')]);
    await window.command('Understudy: Open Report');
    await pickRun(window, 'weather');
    const page = await window.frameWith('understudy-live h1');
    assert.equal(await page.locator('h1').innerText(), 'Synthesizing weather.csv');
    await page.locator('understudy-live svg.u-plot').waitFor({ timeout: 90_000 });
    const first = await page.locator('understudy-live [role=img]').getAttribute('aria-label');
    await until('the curve to go on, or the report', () => page.evaluate((t) => !!document.querySelector('understudy-report') || document.querySelector('understudy-live [role=img]')?.getAttribute('aria-label') !== t, first).catch((error) => /detached/i.test(error.message)));
    await window.shot('report-live-light');
    // It makes room for the table and goes beside it: VS Code loads the page anew there, so the frame seen so far may be gone.
    const done = await window.frameWith('understudy-report .u-verdict', 240_000);
    assert.equal(await done.locator('understudy-live').count().catch(() => 0), 0);
    await window.tab('weather.synthetic.csv').waitFor();
    // Beside the table the cards stand below what to do next, and pictures are drawn when they come into view.
    await until('the report\u2019s pictures beside the table', async () => {
      const beside = await report(window);
      await scrollTo(beside, '.u-verdicts');
      return soon(() => beside.locator('.u-strip svg.u-plot').first().isVisible(), 5000);
    });
    await window.page.waitForTimeout(1500);
    await window.shot('report-after-live-light');
  }],

  ['Nothing met the page\u2019s content policy', async ({ window }) => {
    assert.deepEqual(window.console.filter((line) => /Content Security Policy|pageerror/.test(line) && !/workbench|frame-ancestors|fonts?\.g/i.test(line)), []);
  }],
];

/** @returns {Promise<{passed: number, failed: number, failures: Array<{title: string, message: string}>}>} */
export async function stories(browser, server, workspace) {
  await prepare(workspace);
  const window = await Window.open(browser, address(server, workspace));
  return tell('report', all, { window, server, workspace });
}
