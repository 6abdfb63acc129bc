/** A private stand-in from CA-DASG through the wizard: the generator, its contexts, the budget, and what the report says of it. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { address } from '../harness/address.mjs';
import { Editor } from '../harness/editor.mjs';
import { tell } from '../harness/tell.mjs';
import { says, until } from '../harness/until.mjs';
import { Window } from '../harness/window.mjs';

/** @type {Array<[string, (scene: { window: Window, workspace: string }) => Promise<void>]>} */
const all = [
  ['Synthesize with CA-DASG under a budget: epsilon, what is public, contexts; the run keeps them and its publishable report', async ({ window, workspace }) => {
    const { page } = window, asked = (words) => page.locator('.quick-input-widget', { hasText: words }).first().waitFor({ timeout: 90_000 });
    await window.choose('weather.csv', 'Synthesize');
    await window.enter('What Is Modelled');
    await window.enter('Rows');
    await window.pickTitled('Time');
    await window.enterTyped('budget', /budget/i);
    await window.pickTitled('Privacy Budget');
    await window.enterTyped('Epsilon 3', 'Epsilon 3');
    await asked('Privacy Budget: Rows');
    await window.enter();
    const dialog = page.locator('.monaco-dialog-box', { hasText: 'Declared public' });
    await dialog.waitFor({ timeout: 60_000 });
    await dialog.locator('.monaco-button', { hasText: 'Declare Public' }).first().click();
    await window.pickTitled('Time');
    await window.enterTyped('ca-dasg', /ca-dasg/i);
    await window.pickTitled('Contexts');
    await window.shot('contexts-dark');
    await window.tick('weather');
    const begun = window.notification('Synthesizing weather.csv').waitFor({ timeout: 120_000 });
    await Promise.all([begun, window.enter()]);
    const report = await window.frameWith('.u-verdict', 400_000);
    await says('the report', () => report.locator('main').innerText(), /\(3, [\d.e-]+\)|epsilon/i);
    const runs = path.join(workspace, '.understudy', 'runs'), plan = await until('the run\'s plan', async () => { for (const id of await readdir(runs)) { const p = JSON.parse(await readFile(path.join(runs, id, 'plan.json'), 'utf8').catch(() => 'null')); if (p?.generator?.id === 'ca-dasg') return p; } return undefined; });
    assert.equal(plan.generator.parameters.contexts, 'weather');
    assert.equal(plan.privacy.epsilon, 3);
    assert.ok((await readdir(workspace)).some((name) => /publishable\.html$/.test(name)));
    await window.shot('contexts-report-dark');
  }],
];

/** @returns {Promise<{passed: number, failed: number, failures: Array<{title: string, message: string}>}>} */
export async function stories(browser, server, workspace) {
  const window = await Window.open(browser, address(server, workspace));
  return tell('contexts', all, { window, server, editor: new Editor(window), workspace }, 480_000);
}
