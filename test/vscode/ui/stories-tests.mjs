/** Expectations in the Test Explorer: found, made, met and missed, each with what was measured. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { address } from '../harness/address.mjs';
import { tell } from '../harness/tell.mjs';
import { Window } from '../harness/window.mjs';

/** @typedef {{ window: Window, workspace: string }} Scene */

const plan = `source weather = "weather.csv"

release floor from weather {
  rows 400
  seed 3
  budget 3s
  generator independent
}

expect floor {
  fidelity.shapes >= 0.5
  fidelity.shapes >= 0.9999
}
`;

/** @type {Array<[string, (scene: Scene) => Promise<void>]>} */
const all = [
  ['The Test Explorer lists the file, its target and what is expected of it', async ({ window }) => {
    await window.file('plan.synth').waitFor({ timeout: 60_000 });
    await window.page.locator('.activitybar .action-item a[aria-label^="Testing"]').click({ timeout: 120_000 });
    const rows = window.page.locator('.test-explorer .monaco-list-row');
    await rows.filter({ hasText: 'plan.synth' }).first().waitFor({ timeout: 60_000 });
    for (const name of ['plan.synth', 'floor']) {
      const row = rows.filter({ hasText: name }).last();
      await row.waitFor({ timeout: 30_000 });
      if (await row.getAttribute('aria-expanded') === 'false') { await row.click(); await window.page.keyboard.press('ArrowRight'); }
    }
    await rows.filter({ hasText: '>= 0.9999' }).waitFor({ timeout: 30_000 });
    await window.shot('tests-found-dark');
  }],

  ['Running it makes the target; one expectation is met, the other missed, with the value', async ({ window }) => {
    await window.command('Test: Run All Tests');
    const rows = window.page.locator('.test-explorer .monaco-list-row');
    await rows.filter({ hasText: '>= 0.9999' }).locator('.codicon-testing-failed-icon').waitFor({ timeout: 180_000 });
    await rows.filter({ hasText: '>= 0.5' }).locator('.codicon-testing-passed-icon').waitFor({ timeout: 10_000 });
    await window.shot('tests-run-dark');
    await window.file('plan.synth').waitFor({ state: 'attached' }).catch(() => undefined);
    await window.command('View: Show Explorer');
    await window.file('plan.synth').dblclick();
    await window.tab('plan.synth').waitFor();
    await window.page.waitForTimeout(2500);
    await window.shot('tests-editor-dark');
    const markers = await window.page.locator('.editor-instance .codicon-testing-failed-icon, .editor-instance [class*="testing-failed"], .editor-instance [class*="test-message"]').count();
    assert.ok(markers > 0, 'the missed line is marked in the editor');
  }],
];

export async function stories(browser, server, workspace) {
  writeFileSync(path.join(workspace, 'plan.synth'), plan);
  const window = await Window.open(browser, address(server, workspace));
  return tell('tests', all, { window, workspace });
}
