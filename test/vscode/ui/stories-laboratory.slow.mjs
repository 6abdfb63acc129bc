/** The two laboratories, from their commands to their pages: what generations lose, and what a knob trades. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { address } from '../harness/address.mjs';
import { Editor } from '../harness/editor.mjs';
import { tell } from '../harness/tell.mjs';
import { says, until } from '../harness/until.mjs';
import { Window } from '../harness/window.mjs';

/** @typedef {{ window: Window, editor: Editor, workspace: string }} Scene */

/** Only these of a list with boxes. */
async function only(window, ids) {
  for (const id of ids) {
    await window.input.fill(id);
    await window.tick(id);
  }
  await window.enter();
}

/** Pictures on a page: drawn, with marks in them. */
const drawn = (frame) => until('the pictures', () => frame.locator('u-picture svg').evaluateAll((all) => {
  const sizes = all.map((svg) => ({ width: svg.getBoundingClientRect().width, marks: svg.querySelectorAll('path, circle, rect').length })).filter((s) => s.width > 150 && s.marks > 3);
  return sizes.length ? sizes.length : 0;
}).catch(() => 0));

/** @type {Array<[string, (scene: Scene) => Promise<void>]>} */
const all = [
  ['Open Collapse Laboratory: three choices, each with a default, then generations as pictures', async ({ window, editor }) => {
    await window.choose('small.csv', 'Open Collapse Laboratory');
    await window.pickTitled('(1/3)');
    await window.shot('collapse-generators-dark');
    await window.enter('(1/3)');
    await window.pickTitled('(2/3)');
    await window.shot('collapse-modes-dark');
    await window.enter('(2/3)');
    await window.pickTitled('(3/3)');
    await window.input.fill('2');
    const begun = window.notification('Refitting small.csv').waitFor({ timeout: 120_000 });
    await Promise.all([begun, window.enter()]);
    const page = await window.frameWith('understudy-laboratory .u-lab', 300_000);
    assert.ok(await drawn(page) >= 2);
    for (const words of [/cart, replace/, /gaussian-copula, accumulate/, /Change from generation to generation/, /95% interval over chains/]) await says('the page', () => page.locator('main').innerText(), words);
    await window.page.waitForTimeout(1000);
    await window.shot('collapse-dark');
    await editor.theme('light');
    await window.page.waitForTimeout(1000);
    await page.locator('.u-lab').first().scrollIntoViewIfNeeded();
    await window.shot('collapse-light');
    await editor.theme('dark');
  }],

  ['Explore Trade-offs: a knob is swept, the front is drawn, and a point opens its run', async ({ window, editor }) => {
    await window.choose('small.csv', 'Explore Trade-offs');
    await window.pickTitled('Trade-offs');
    await window.shot('explore-knobs-dark');
    await window.enter('Trade-offs'); // the generator
    await window.pick.locator('.monaco-list-row', { hasText: 'cart' }).first().waitFor();
    await only(window, ['independent']);
    await window.pick.locator('.quick-input-message, .quick-input-description', { hasText: 'How many runs a point' }).first().waitFor();
    await window.input.fill('2');
    const begun = window.notification('Sweeping small.csv').waitFor({ timeout: 120_000 });
    await Promise.all([begun, window.enter()]);
    const page = await window.frameWith('understudy-laboratory #lab-trade', 300_000);
    assert.ok(await drawn(page) >= 2);
    await says('the page', () => page.locator('main').innerText(), /Pareto front/);
    await window.page.waitForTimeout(1000);
    await window.shot('explore-dark');
    await page.locator('#lab-trade').scrollIntoViewIfNeeded();
    await window.page.waitForTimeout(500);
    await window.shot('explore-pictures-dark');
    await editor.theme('light');
    await window.page.waitForTimeout(1000);
    await window.shot('explore-light');
    await editor.theme('dark');
    const point = page.locator('.u-lab-table button.u-link', { hasText: 'seed' }).first();
    await point.scrollIntoViewIfNeeded();
    await window.shot('explore-points-dark');
    await point.click();
    const report = await window.frameWith('understudy-report', 90_000);
    await report.locator('.u-verdict', { hasText: 'Fidelity' }).waitFor({ timeout: 60_000 });
    await window.page.waitForTimeout(1000);
    await window.shot('explore-to-run-dark');
  }],

  ['Explore Trade-offs over epsilon: what is declared public, the total for all releases, and what they cost', async ({ window }) => {
    const press = () => window.enter(), asked = (words) => window.page.locator('.quick-input-widget', { hasText: words }).first().waitFor({ timeout: 90_000 });
    await window.choose('weather.csv', 'Explore Trade-offs');
    await window.pickTitled('Trade-offs');
    await window.enterTyped('Epsilon', 'Epsilon');
    await asked('Values, with commas');
    await window.input.fill('2,8');
    await press();
    await asked('How many runs a point');
    await window.input.fill('1');
    await press();
    await asked('Privacy Budget: Rows');
    await press();
    const dialog = window.page.locator('.monaco-dialog-box', { hasText: 'Declared public' });
    await dialog.waitFor({ timeout: 60_000 });
    await window.shot('explore-epsilon-declare-dark');
    await dialog.locator('.monaco-button', { hasText: 'Declare Public' }).first().click();
    await asked('Their sum, 10');
    await window.shot('explore-epsilon-total-dark');
    const begun = window.notification('Sweeping weather.csv').waitFor({ timeout: 120_000 });
    await Promise.all([begun, press()]);
    const page = await until('the page of the sweep', async () => {
      const found = await window.frameWith('understudy-laboratory #lab-trade', 10_000).catch(() => undefined);
      return found && /epsilon/i.test(await found.locator('h1').first().innerText().catch(() => '')) ? found : undefined;
    }, 400_000);
    assert.ok(await drawn(page) >= 1);
    await says('the page', () => page.locator('main').innerText(), /charged/i);
    await window.page.waitForTimeout(1000);
    await window.shot('explore-epsilon-dark');
  }],
];

/** @returns {Promise<{passed: number, failed: number, failures: Array<{title: string, message: string}>}>} */
export async function stories(browser, server, workspace) {
  const lines = (await readFile(path.join(workspace, 'weather.csv'), 'utf8')).trim().split(/\r?\n/);
  await writeFile(path.join(workspace, 'small.csv'), `${lines.filter((_, i) => i === 0 || i % 8 === 0).join('\n')}\n`);
  const window = await Window.open(browser, address(server, workspace));
  return tell('laboratory', all, { window, server, editor: new Editor(window), workspace }, 480_000);
}
