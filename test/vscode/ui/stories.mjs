/** What a user does, in the window, with the mouse and the keyboard; one story a test, told in order in one workspace. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { address } from '../harness/address.mjs';
import { tell } from '../harness/tell.mjs';
import { Window } from '../harness/window.mjs';

/** @typedef {{ window: Window, workspace: string }} Scene */

/** @type {Array<[string, (scene: Scene) => Promise<void>]>} */
const all = [
  ['The menu of a table offers Understudy, that of another file does not', async ({ window }) => {
    const item = await window.contextMenu('weather.csv', 'Synthesize...');
    await window.shot('menu-dark');
    assert.equal(await item.count(), 1);
    await window.page.keyboard.press('Escape');
    await window.file('notes.txt').click({ button: 'right' });
    await window.page.locator('.monaco-menu .action-label', { hasText: 'Delete' }).first().waitFor();
    assert.equal(await window.page.locator('.monaco-menu .action-label', { hasText: 'Synthesize' }).count(), 0);
    await window.page.keyboard.press('Escape');
  }],

  ['Right-click, Synthesize..., Enter, Enter, Enter: the stand-in and its report open', async ({ window, workspace }) => {
    await window.choose('weather.csv', 'Synthesize...');
    await window.pickTitled('What Is Modelled', 60_000);
    await window.pick.locator('.monaco-list-row', { hasText: 'Model 6 columns' }).waitFor();
    await window.shot('synthesize-1-dark');
    await window.page.keyboard.press('Enter');
    await window.pickTitled('Rows');
    await window.pick.locator('.monaco-list-row', { hasText: '1,461 rows' }).waitFor();
    await window.shot('synthesize-2-dark');
    await window.page.keyboard.press('Enter');
    await window.pickTitled('Time');
    await window.shot('synthesize-3-dark');
    await window.page.keyboard.press('Enter');
    await window.status(/Understudy \d+% Training/).waitFor({ timeout: 60_000 });
    await window.notification('Synthesizing weather.csv').waitFor();
    await window.shot('progress-dark');
    await window.tab('weather.synthetic.csv').waitFor({ timeout: 180_000 });
    assert.ok(existsSync(path.join(workspace, 'weather.synthetic.csv')));
    const report = await window.frameWith('understudy-report');
    await report.locator('.u-verdict', { hasText: 'Fidelity' }).waitFor({ timeout: 30_000 });
    await window.page.waitForTimeout(1000); // pictures draw after the text
    await window.shot('result-dark');
  }],

  ['The report obeys its content policy', async ({ window }) => {
    // A present element first (above), so that the absence of complaints means something.
    assert.deepEqual(window.console.filter((line) => /Content Security Policy|pageerror/.test(line) && !/workbench|frame-ancestors|fonts?\.g/i.test(line)), []);
  }],

  ['The report is readable in the light theme', async ({ window }) => {
    await window.command('Toggle between Light/Dark Themes');
    await window.page.locator('.monaco-workbench.vs').waitFor();
    await window.page.waitForTimeout(1000);
    await window.shot('result-light');
    const page = await window.frameWith('understudy-report');
    const colours = await page.locator('body').evaluate((body) => {
      const { backgroundColor } = getComputedStyle(body);
      return { background: backgroundColor, text: getComputedStyle(body.querySelector('understudy-report')).color };
    });
    assert.notEqual(colours.background, colours.text);
  }],

  ['The report is restored when the window is reloaded', async ({ window }) => {
    // By the window's own command: it saves its layout first, which the browser's reload would not wait for.
    const loaded = window.page.waitForEvent('load', { timeout: 60_000 });
    await window.command('Developer: Reload Window');
    await loaded;
    await window.page.locator('.monaco-workbench').waitFor({ timeout: 60_000 });
    const report = await window.frameWith('understudy-report', 60_000);
    await report.locator('.u-verdict', { hasText: 'Fidelity' }).waitFor({ timeout: 30_000 });
    await window.shot('restored-light');
  }],

  ['Inspect Table shows what each column is taken for', async ({ window }) => {
    await window.choose('weather.csv', 'Inspect Table');
    const page = await window.frameWith('h1:text-is("weather.csv")');
    await page.getByRole('cell', { name: 'temp_max' }).first().waitFor();
    await window.shot('inspect-light');
  }],

  ['A file that is no whole table is refused in one sentence, with the row', async ({ window }) => {
    await window.command('Toggle between Light/Dark Themes');
    await window.page.locator('.monaco-workbench.vs-dark').waitFor();
    await window.choose('ragged.csv', 'Synthesize...');
    const message = window.notification('ragged.csv');
    await message.filter({ hasText: 'row 3' }).waitFor({ timeout: 30_000 });
    await window.shot('refused-dark');
    assert.doesNotMatch(await message.first().innerText(), /\bat .*:\d+:\d+/);
    await message.getByText('Show Log').waitFor();
  }],

  ['Show Log opens the log', async ({ window }) => {
    await window.command('Understudy: Show Log');
    await window.page.locator('.part.panel .pane-header, .part.panel .composite-bar', { hasText: /output/i }).first().waitFor();
    await window.shot('log-dark');
  }],
];

/** @returns {Promise<{passed: number, failed: number, failures: Array<{title: string, message: string}>}>} */
export async function stories(browser, server, workspace) {
  const window = await Window.open(browser, address(server, workspace));
  return tell('main', all, { window, workspace });
}
