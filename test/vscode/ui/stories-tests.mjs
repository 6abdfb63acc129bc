/** Expectations in the Test Explorer: found, made, met, missed and undecided, each with what was measured. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { address } from '../harness/address.mjs';
import { Editor } from '../harness/editor.mjs';
import { tell } from '../harness/tell.mjs';
import { until } from '../harness/until.mjs';
import { Window } from '../harness/window.mjs';

/** @typedef {{ window: Window, editor: Editor, workspace: string }} Scene */

const plan = `source weather = "weather.csv"

release floor from weather {
  rows 400
  seed 3
  generator independent
}

expect floor {
  fidelity.shapes >= 0.5
  fidelity.two_sample <= 0.55
  fidelity.shapes >= 0.9999
}
`;

const rows = ({ page }) => page.locator('.test-explorer .monaco-list-row');

/** Unfold a row of the tree: what is in it may be looked for only then, and come late. */
async function unfold(window, name) {
  const row = rows(window).filter({ hasText: name }).last();
  await row.waitFor({ timeout: 180_000 });
  await until(`${name} to unfold`, async () => {
    const state = await row.getAttribute('aria-expanded', { timeout: 5000 });
    if (state === 'true') return true;
    if (state === 'false') {
      await row.click({ timeout: 5000 }).catch(() => undefined);
      await window.page.keyboard.press('ArrowRight');
      await window.page.waitForTimeout(700);
    }
    return false;
  }, 180_000);
}

/** @type {Array<[string, (scene: Scene) => Promise<void>]>} */
const all = [
  ['The Test Explorer lists the file, its target and what is expected of it', async ({ window }) => {
    await window.file('plan.synth').waitFor({ timeout: 90_000 });
    await window.show('Testing', window.page.locator('.test-explorer'));
    await unfold(window, 'plan.synth');
    await unfold(window, 'floor');
    await rows(window).filter({ hasText: '>= 0.9999' }).waitFor({ timeout: 180_000 });
    await window.shot('tests-found-dark');
  }],

  ['Running it makes the target; one expectation is met, one missed, one undecided, each with the value', async ({ window, editor }) => {
    await window.command('Test: Run All Tests');
    const icon = (words, kind) => rows(window).filter({ hasText: words }).locator(`.codicon-testing-${kind}-icon`).waitFor({ timeout: 180_000 });
    await icon('<= 0.55', 'failed');
    await icon('shapes >= 0.5', 'passed');
    // The interval reaches the bound: the data cannot tell.
    await icon('>= 0.9999', 'skipped');
    await window.page.getByText(/measured 0\.\d+/).first().waitFor({ timeout: 90_000 });
    await window.page.waitForTimeout(1500);
    await window.shot('tests-run-dark');
    await editor.theme('light');
    await window.page.waitForTimeout(500);
    await window.shot('tests-run-light');
  }],
];

/** @returns {Promise<{passed: number, failed: number, failures: Array<{title: string, message: string}>}>} */
export async function stories(browser, server, workspace) {
  writeFileSync(path.join(workspace, 'plan.synth'), plan);
  const window = await Window.open(browser, address(server, workspace));
  return tell('tests', all, { window, server, editor: new Editor(window), workspace }, 480_000);
}
