/** What a user does, in the window, with the mouse and the keyboard; one story a test, told in order in one workspace. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { address } from '../harness/address.mjs';
import { tell } from '../harness/tell.mjs';
import { says, until } from '../harness/until.mjs';
import { Window } from '../harness/window.mjs';

/** @typedef {{ window: Window, workspace: string }} Scene */

/** @type {Array<[string, (scene: Scene) => Promise<void>]>} */
const all = [
  ['The menu of a table offers Understudy, that of another file does not', async ({ window }) => {
    const item = await window.contextMenu('weather.csv', 'Synthesize...');
    await window.shot('menu-dark');
    assert.equal(await item.count(), 1);
    await window.page.keyboard.press('Escape');
    await window.menu.first().waitFor({ state: 'hidden' });
    await window.contextMenu('notes.txt', 'Delete');
    assert.equal(await window.page.locator('.monaco-menu .action-label', { hasText: 'Synthesize' }).count(), 0);
    await window.page.keyboard.press('Escape');
  }],

  ['Right-click, Synthesize..., Enter, Enter, Enter: the stand-in and its report open', async ({ window, workspace }) => {
    await window.choose('weather.csv', 'Synthesize...');
    await window.pickTitled('What Is Modelled');
    await window.option('Model 6 columns').waitFor();
    await window.shot('synthesize-1-dark');
    await window.enter('What Is Modelled');
    await window.pickTitled('Rows');
    await window.option('1,461 rows').waitFor();
    await window.shot('synthesize-2-dark');
    await window.enter('Rows');
    await window.pickTitled('Time');
    await window.shot('synthesize-3-dark');
    // Looked for before the run begins: training may be over before one has looked for something else.
    const progress = [window.status(/Understudy \d+% Training/).waitFor({ timeout: 120_000 }), window.notification('Synthesizing weather.csv').waitFor({ timeout: 120_000 })];
    await Promise.all([...progress, window.enter('Time')]);
    await window.shot('progress-dark');
    await window.tab('weather.synthetic.csv').waitFor({ timeout: 240_000 });
    assert.ok(existsSync(path.join(workspace, 'weather.synthetic.csv')));
    const report = await window.frameWith('understudy-report .u-verdict');
    await report.locator('.u-verdict', { hasText: 'Fidelity' }).waitFor();
    await window.page.waitForTimeout(1000); // pictures draw after the text
    await window.shot('result-dark');
  }],

  ['The report obeys its content policy', async ({ window }) => {
    // A present element first (above), so that the absence of complaints means something.
    assert.deepEqual(window.console.filter((line) => /Content Security Policy|pageerror/.test(line) && !/workbench|frame-ancestors|fonts?\.g/i.test(line)), []);
  }],

  ['The report is readable in the light theme', async ({ window }) => {
    await window.theme('light');
    const page = await window.frameWith('understudy-report .u-verdict');
    // The page hears of the theme after the window; then dark words stand on a light ground.
    const brightness = (colour) => Number(/\d+/.exec(colour)?.[0] ?? -1);
    await until('dark words on a light ground', async () => {
      const { ground, words } = await page.locator('body.vscode-light').evaluate((body) => ({ ground: getComputedStyle(body).backgroundColor, words: getComputedStyle(body.querySelector('understudy-report')).color }));
      return brightness(ground) > 200 && brightness(words) < 110;
    });
    await window.page.waitForTimeout(500);
    await window.shot('result-light');
  }],

  ['The report is restored when the window is reloaded', async ({ window }) => {
    await window.reload();
    const report = await window.frameWith('understudy-report .u-verdict', 120_000);
    await report.locator('.u-verdict', { hasText: 'Fidelity' }).waitFor();
    await window.shot('restored-light');
  }],

  ['Inspect Table shows what each column is taken for', async ({ window }) => {
    await window.choose('weather.csv', 'Inspect Table');
    const page = await window.frameWith('h1:text-is("weather.csv")');
    await page.getByRole('cell', { name: 'temp_max' }).first().waitFor();
    await window.shot('inspect-light');
  }],

  ['A file that is no whole table is refused in one sentence, with the row', async ({ window }) => {
    await window.theme('dark');
    await window.choose('ragged.csv', 'Synthesize...');
    const message = await window.told(/ragged\.csv.*row 3/s);
    await window.shot('refused-dark');
    assert.doesNotMatch(await says('what is told', () => message.innerText(), /row 3/), /\bat .*:\d+:\d+/);
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
  return tell('main', all, { window, server, workspace });
}
