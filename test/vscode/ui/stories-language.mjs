/** Somebody who has never seen the language: from a table to its schema, a target written with completion alone, run, missed, mended and met. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { address } from '../harness/address.mjs';
import { Editor } from '../harness/editor.mjs';
import { tell } from '../harness/tell.mjs';
import { says, until } from '../harness/until.mjs';
import { Window } from '../harness/window.mjs';

/** @typedef {{ window: Window, editor: Editor, workspace: string }} Scene */

const saved = ({ workspace }) => readFileSync(path.join(workspace, 'weather.synth'), 'utf8');
const end = async ({ page }) => { await page.keyboard.press('Escape'); await page.keyboard.press('Control+End'); };

/** @type {Array<[string, (scene: Scene) => Promise<void>]>} */
const all = [
  ['Create Schema from Table writes a commented .synth, and opens it without a problem', async (scene) => {
    const { window, editor } = scene;
    await editor.open('weather.csv');
    await window.choose('weather.csv', 'Create Schema from Table');
    await until('the schema', () => existsSync(path.join(scene.workspace, 'weather.synth')));
    await editor.tabOf('weather.synth').waitFor({ timeout: 90_000 });
    await editor.lens(/Run/).first().waitFor({ timeout: 90_000 });
    const text = await says('the file', () => saved(scene), /^\/\/ What weather\.csv holds/m);
    assert.match(text, /weather: +category outcome +\/\/ 5 values: rain, sun, fog, drizzle, \.\.\./);
    // Coloured by the server too, not by the grammar alone: a comment, a string and a column differ.
    const colours = await until('colours', () => window.page.evaluate(() => {
      const of = (words) => [...document.querySelectorAll('.editor-instance .view-line span span')].find((e) => e.textContent.replace(/\u00a0/g, ' ').includes(words)), colour = (e) => e && getComputedStyle(e).color;
      const found = ['// What', 'weather.csv"', 'temp_max', 'category'].map((w) => colour(of(w)));
      return found.every(Boolean) && new Set(found).size >= 3 && found;
    }));
    assert.ok(colours);
    await window.page.waitForTimeout(1500);
    assert.equal(await window.page.locator('.squiggly-error, .squiggly-warning').count(), 0);
    await window.shot('synth-created-dark');
  }],

  ['A target is written key by key: words, columns and their values are proposed, with what is known of them', async (scene) => {
    const { editor, window } = scene, { page } = window;
    await editor.click('release');
    await end(window);
    await page.keyboard.press('Enter');
    await editor.complete('aug', 'augmentation', 'synth-complete-word-dark');
    await editor.type('rainy');
    await editor.next();
    await editor.next(); // the source is the right one already
    const column = await editor.complete('wea', 'weather', 'synth-complete-column-dark');
    assert.match(column, /category, 5 values/);
    await editor.type(' = ');
    const value = await editor.complete('', 'rain', 'synth-complete-value-dark');
    assert.match(value, /641 rows, 44%/);
    await editor.next();
    await editor.type('300');
    await editor.next();
    await page.keyboard.press('Enter');
    await editor.complete('gen', 'generator');
    await editor.complete('ind', 'independent', 'synth-complete-generator-dark');
    await editor.next();
    await page.keyboard.press('Enter');
    await editor.complete('see', 'seed');
    await editor.type('1');
    await end(window);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await editor.complete('exp', 'expect');
    await editor.next(); // of the target above
    await page.keyboard.press('Home');
    await page.keyboard.press('Control+S');
    const meant = /augmentation rainy from weather \{\n  where weather = "rain" rows 300\n  generator independent\n  seed 1\n\}\n\nexpect rainy \{\n  fidelity\.shapes >= 0\.95\n\}\s*$/;
    await until('the target as it was meant', () => meant.test(saved(scene))).catch(() => assert.fail(saved(scene).slice(-300)));
  }],

  ['Under the mouse: a column\'s picture, what a generator is, what a metric means', async ({ editor, window }) => {
    const column = await editor.hover('weather', -1, { picture: true, says: /weather.*category/s });
    await editor.shown(column);
    await window.shot('synth-hover-column-dark');
    await editor.hover('independent', -1, { says: /Independent columns/ });
    await window.shot('synth-hover-generator-dark');
    await editor.hover('shapes', -1, { says: /More is better/ });
    await window.shot('synth-hover-metric-dark');
  }],

  ['What is expected is proposed too; a misspelt column is found as one types, and mended by a click', async (scene) => {
    const { editor, window } = scene, { page } = window;
    await editor.click('shapes', -1);
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    const metric = await editor.complete('two', 'fidelity.two_sample', 'synth-complete-metric-dark');
    assert.match(metric, /Classifier two-sample test/);
    await editor.type('0.45..0.6');
    await page.keyboard.press('Escape');
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await editor.type('fidelity.shapes of wnd >= 0.5');
    await page.keyboard.press('Escape');
    await page.locator('.squiggly-error').first().waitFor({ timeout: 90_000 });
    await editor.fix('wnd', 'Change to wind', { shot: 'synth-misspelt-dark' });
    await page.locator('.squiggly-error').first().waitFor({ state: 'detached', timeout: 90_000 });
    await editor.line('of wind', /fidelity\.shapes of wind >= 0\.5/);
  }],

  ['Run, over the target, makes it: the line that was missed is marked, with what was measured and its interval', async (scene) => {
    const { editor, window } = scene, { page } = window;
    // Begun is also what is done already: a second click would be a second attempt.
    await editor.pressLens(/Run$/, async () => await window.notification(/Running rainy|rainy: \d of \d/).count() || await editor.lens(/Last run/).count(), 120_000, -1);
    const missed = await editor.line('two_sample', /✗ 0\.\d+ \(0\.\d+\.\.0\.\d+\)/, 240_000);
    assert.match(missed, /fidelity\.two_sample in 0\.45\.\.0\.6 ?✗/);
    await editor.line('of wind', /✓ 0\.\d+/);
    await page.locator('.squiggly-warning').first().waitFor({ timeout: 90_000 });
    await editor.lens(/Last run .* of 3 met, attempt 1/).first().waitFor({ timeout: 90_000 });
    // One stays in the file: what was made is a click away.
    await window.notification(/rainy: 1 of 3 expectations met, 2 missed/).waitFor({ timeout: 90_000 });
    assert.equal(await editor.tabOf('weather.rainy.synthetic.csv').count(), 0);
    await window.shot('synth-missed-dark');
    await editor.hover('two_sample', -1, { says: /Missed: 0\.\d+ \(0\.\d+ to 0\.\d+\), where 0\.6 was expected/ });
    await window.shot('synth-missed-hover-dark');
  }],

  ['It can be read in the light theme', async ({ editor, window }) => {
    await editor.theme('light');
    await editor.line('two_sample', /✗ 0\.\d+/);
    await window.shot('synth-missed-light');
    await editor.theme('dark');
  }],

  ['A fix sets the bound to what was measured; run again, it is met', async (scene) => {
    const { editor, window } = scene, { page } = window;
    await editor.fix('two_sample', /Expect what was measured: 0\.45\.\.0\.\d+/, { nth: -1, shot: 'synth-fix-dark' });
    await editor.line('two_sample', /two_sample in 0\.45\.\.0\.[7-9]\d* ?✓/);
    await editor.pressLens(/Run$/, async () => await window.notification('Running rainy').count() || await editor.lens(/attempt 2/).count(), 120_000, -1);
    await editor.lens(/Last run .*attempt 2/).first().waitFor({ timeout: 240_000 });
    await editor.line('two_sample', /two_sample in 0\.45\.\.0\.[7-9]\d* ?✓/);
    // The other one is missed still, and says so.
    await until('one mark to be left', async () => /shapes >= 0\.95 ?✗/.test(await editor.drawn()));
    await window.shot('synth-met-dark');
    await editor.theme('light');
    await window.shot('synth-met-light');
  }],
];

/** @returns {Promise<{passed: number, failed: number, failures: Array<{title: string, message: string}>}>} */
export async function stories(browser, server, workspace) {
  const window = await Window.open(browser, address(server, workspace));
  return tell('language', all, { window, server, editor: new Editor(window), workspace });
}
