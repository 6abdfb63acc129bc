/** In a folder nobody has trusted: tables and reports are read, nothing is computed, and the window says why. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { address } from '../harness/address.mjs';
import { RunsView } from '../harness/runs-view.mjs';
import { tell } from '../harness/tell.mjs';
import { Window } from '../harness/window.mjs';

export const options = { trust: true };

const all = [
  ['Inspect Table reads in Restricted Mode', async ({ window }) => {
    await window.choose('weather.csv', 'Inspect Table');
    const page = await window.frameWith('h1:text-is("weather.csv")');
    await page.getByRole('cell', { name: 'temp_max' }).first().waitFor();
    await window.shot('restricted-inspect-dark');
  }],

  ['Synthesize says why it will not, with a way to trust the folder', async ({ window, workspace }) => {
    await window.choose('weather.csv', 'Synthesize...');
    const message = await window.told('needs a trusted workspace');
    await window.shot('restricted-synthesize-dark');
    await message.getByText('Manage Workspace Trust').waitFor();
    assert.equal(existsSync(path.join(workspace, '.understudy')), false);
  }],

  ['The Runs view says so too', async ({ window, runs }) => {
    await runs.open();
    await runs.welcome('Restricted Mode').waitFor();
    await window.shot('restricted-runs-dark');
  }],
];

export async function stories(browser, server, workspace) {
  const window = await Window.open(browser, address(server, workspace));
  return tell('trust', all, { window, server, runs: new RunsView(window), workspace });
}
