/** A run's whole life in the window: fixes before the fit, progress, cancel, crash, resume, the Runs view, and the way in for somebody new. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { address } from '../harness/address.mjs';
import { Editor } from '../harness/editor.mjs';
import { RunsView } from '../harness/runs-view.mjs';
import { tell } from '../harness/tell.mjs';
import { says, soon, until } from '../harness/until.mjs';
import { Window } from '../harness/window.mjs';

/** @typedef {{ window: Window, runs: RunsView, workspace: string }} Scene */

const sample = 'understudy-sample.csv', standIn = 'understudy-sample.synthetic.csv';

/** What a run's folder says of it. */
function records(workspace) {
  const folder = path.join(workspace, '.understudy', 'runs');
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((id) => {
    try { return [JSON.parse(readFileSync(path.join(folder, id, 'run.json'), 'utf8'))]; } catch { return []; }
  }).sort((a, b) => (a.created < b.created ? 1 : -1));
}

/** Synthesize the sample for at most some seconds; returns when its training is under way. */
async function begin({ window, runs, workspace }, time) {
  await runs.files();
  await window.choose(sample, 'Synthesize...');
  await window.enter('What Is Modelled');
  await window.enter('Rows');
  await window.pickTitled('Time');
  await window.enterTyped(time, 'as typed');
  await runs.open();
  await runs.row('Training').first().waitFor({ timeout: 90_000 });
  const run = await until('the run on disk', () => records(workspace).find((r) => r.state === 'running' && r.pid));
  assert.equal(JSON.parse(readFileSync(path.join(run.folder, 'plan.json'), 'utf8')).budgetSeconds, Number.parseInt(time, 10), 'the time that was typed is the time it has');
  return run;
}

/** The run trains again, under its own name; then it is cancelled, to save the machine its evaluation. */
async function goesOn({ runs, workspace }, id) {
  await runs.row('Training').first().waitFor({ timeout: 90_000 });
  await until('the run to be under way on disk', () => records(workspace).find((r) => r.id === id)?.state === 'running');
  await runs.press(runs.row('Training').first(), 'Cancel Run');
  await runs.row('Training').first().waitFor({ state: 'detached', timeout: 90_000 });
}

/** @type {Array<[string, (scene: Scene) => Promise<void>]>} */
const all = [
  ['The Runs view is empty, says what a run is, and offers a table to try', async ({ window, runs, workspace }) => {
    await runs.open();
    await runs.welcome('There is none here yet').waitFor({ timeout: 90_000 });
    await window.page.waitForTimeout(500);
    await window.shot('runs-empty-dark');
    await window.page.locator('.sidebar .welcome-view .monaco-button', { hasText: 'Open a Sample Table' }).click();
    await window.tab(sample).waitFor();
    assert.ok(existsSync(path.join(workspace, sample)));
  }],

  ['The walkthrough has five steps, each ending on a command', async ({ window }) => {
    await window.command('Understudy: Open Walkthrough');
    const page = window.page.locator('.gettingStartedContainer');
    await page.getByText('Make a Stand-In').first().waitFor({ timeout: 90_000 });
    for (const [title, button] of [['Look at a table', 'Inspect a Table'], ['Make its stand-in', 'Synthesize a Table'], ['Judge it', 'Open a Report'], ['Say what you want', 'Create a Schema from a Table'], ['Keep what is good', 'Show the Runs']]) {
      // A page that is still being drawn puts its own step in front once more.
      await until(`the step "${title}"`, async () => {
        await page.locator('.getting-started-step', { hasText: title }).first().click({ timeout: 10_000 });
        return soon(() => page.locator('.monaco-button', { hasText: button }).first().isVisible(), 5000);
      });
      await window.page.waitForTimeout(700);
      await window.shot(`walkthrough-${title.split(' ')[0].toLowerCase()}-dark`);
    }
    await page.locator('.monaco-button', { hasText: 'Show the Runs' }).first().click();
    await window.page.locator('.sidebar .composite.title', { hasText: /Understudy/i }).waitFor();
  }],

  ['Before the fit: a click drops a column, a list treats another as something else, and both are remembered', async ({ window, runs }) => {
    await runs.files();
    await window.choose(sample, 'Synthesize...');
    await window.pickTitled('What Is Modelled');
    const row = (words) => window.option(words);
    await row('placeholder text of similar length').waitFor();
    await row('placeholder text of similar length').hover();
    await window.page.waitForTimeout(300);
    await window.shot('before-the-fit-dark');
    await row('placeholder text of similar length').locator('.action-label[aria-label="Drop"]').click();
    await row('dropped: not modelled and not written').waitFor();
    await row('Model 12 columns').waitFor();
    // By the keyboard: find the column, Enter, choose.
    await window.input.fill('customer');
    const column = () => window.pick.locator('.monaco-list-row.focused', { has: window.page.locator('.label-name', { hasText: /customer$/ }) }).count();
    await until('the column to be the active row', async () => {
      if (await column()) return true;
      await window.page.keyboard.press('ArrowDown');
      return soon(column, 500);
    });
    await window.enter();
    await window.pickTitled('Column customer');
    await window.shot('before-the-fit-list-dark');
    await window.option('Drop').click();
    await window.pickTitled('What Is Modelled');
    await window.input.fill('');
    await row('Model 11 columns').waitFor();
    await window.shot('before-the-fit-decided-dark');
    await window.clear();
    await window.choose(sample, 'Synthesize...');
    await window.pickTitled('What Is Modelled');
    await row('Model 11 columns').waitFor();
    await until('both to be dropped', async () => await row('dropped: not modelled and not written').count() === 2);
    await window.clear();
  }],

  ['A typed time and three Enters make a stand-in without the dropped columns; the run unfolds into its verdicts and files', async (scene) => {
    const { window, runs, workspace } = scene;
    // Long enough for a busy machine to open the view and unfold the row meanwhile.
    await begin(scene, '12s');
    await runs.unfold(runs.row('Training'));
    await runs.detail('Loss').waitFor();
    await window.status(/Understudy \d+% /).hover({ timeout: 10_000 }).catch(() => undefined);
    await window.page.waitForTimeout(1200);
    await window.shot('runs-during-dark');
    await window.tab(standIn).waitFor({ timeout: 240_000 });
    assert.equal(readFileSync(path.join(workspace, standIn), 'utf8').split('\n')[0], 'order_id,email,age,city,channel,ordered,items,amount,discount,delivery_days,returned');
    await runs.row(/just now|\d min ago/).waitFor();
    await runs.detail('Fidelity').waitFor();
    await runs.detail('real table').waitFor();
    await window.page.waitForTimeout(800);
    await window.shot('runs-finished-dark');
  }],

  ['Cancel is done within a second, and the run can go on', async (scene) => {
    const { window, runs, workspace } = scene;
    const { id } = await begin(scene, '60s');
    await runs.press(runs.row('Training').first(), 'Cancel Run');
    const asked = Date.now();
    await until('the end of the run', () => records(workspace).find((r) => r.id === id)?.state === 'cancelled');
    const done = Date.now();
    // Both at once: what is told leaves by itself, and could be gone when the row has come.
    await Promise.all([window.told('was cancelled'), runs.row('cancelled').first().waitFor({ timeout: 90_000 })]);
    // Said, not judged: the machine of the tests may have other things to do.
    console.log(`    cancelled in ${done - asked} ms, shown after ${Date.now() - asked} ms`);
    await window.shot('runs-cancelled-dark');
    await runs.press(runs.row('cancelled').first(), 'Resume Run');
    await runs.row('Training').first().waitFor({ timeout: 90_000 });
    await runs.press(runs.row('Training').first(), 'Cancel Run');
    await runs.row('cancelled').waitFor({ timeout: 90_000 });
  }],

  ['A worker that is killed interrupts its run, is told once, and the run goes on to its end', async (scene) => {
    const { window, runs, workspace } = scene;
    const { id, pid } = await begin(scene, '10s');
    process.kill(pid, 'SIGKILL');
    const [told] = await Promise.all([window.told('was interrupted'), runs.row('interrupted').waitFor({ timeout: 90_000 })]);
    await window.shot('runs-interrupted-dark');
    assert.equal(await window.notification('was interrupted').count(), 1);
    await told.getByRole('button', { name: 'Resume' }).click();
    await until('the end of the run', () => records(workspace).find((r) => r.id === id)?.state === 'finished', 240_000);
    await runs.row('interrupted').waitFor({ state: 'detached', timeout: 90_000 });
  }],

  ['A server that is killed is told once, starts again, and its run goes on', async (scene) => {
    const { window, runs, workspace } = scene;
    const { id, pid } = await begin(scene, '60s');
    await window.command('Understudy: Show Health');
    await window.pickTitled('Understudy');
    const words = await says('the health', async () => await window.input.getAttribute('placeholder') ?? '', /process \d+/);
    const server = Number(/process (\d+)/.exec(words)[1]);
    await window.shot('health-dark');
    await window.clear();
    process.kill(server, 'SIGKILL');
    await Promise.all([window.told('server ended unexpectedly and was started again'), runs.row('interrupted').waitFor({ timeout: 90_000 })]);
    assert.equal(await window.notification(/ended unexpectedly|was interrupted|crashed/).count(), 1);
    await window.shot('server-crashed-dark');
    await until('the end of its worker', () => { try { process.kill(pid, 0); return false; } catch { return true; } });
    await runs.press(runs.row('interrupted'), 'Resume Run');
    await goesOn(scene, id);
  }],

  ['A window that is reloaded during a run finds it interrupted, and resumes it', async (scene) => {
    const { window, runs, workspace } = scene;
    const { id } = await begin(scene, '60s');
    await window.reload();
    await runs.open();
    await runs.row('interrupted').waitFor({ timeout: 90_000 });
    await runs.unfold(runs.row('interrupted'));
    await runs.detail('was closed').waitFor();
    await runs.press(runs.row('interrupted'), 'Resume Run');
    await goesOn(scene, id);
  }],

  ['Repeat Run makes the same rows again', async ({ window, runs, workspace }) => {
    const before = records(workspace).length;
    const [last] = records(workspace).filter((r) => r.state === 'finished');
    const bytes = readFileSync(last.out, 'utf8');
    // The newest of those that are finished: the uppermost.
    const { place } = await until('a finished run in the list', async () => (await runs.order()).find(({ text }) => text.includes('understudy-sample') && !/interrupted|cancelled|Training/.test(text)));
    await runs.choose(runs.at(place), 'Repeat Run');
    await until('one more run', () => records(workspace).length === before + 1 && records(workspace)[0].state === 'finished', 240_000);
    assert.equal(records(workspace)[0].seed, last.seed);
    assert.equal(readFileSync(records(workspace)[0].out, 'utf8'), bytes);
    await window.page.waitForTimeout(500);
  }],

  ['Rename and star: the run keeps both, and starred ones come first', async ({ window, runs, workspace }) => {
    assert.ok(await runs.rows.count() > 2);
    const last = (await runs.order()).at(-1);
    // The selection travels to the extension; until it is there the key is about nothing.
    await until('the question for a name', async () => {
      await runs.at(last.place).click({ timeout: 10_000 });
      await window.page.keyboard.press('F2');
      return window.pickTitled('Rename Run', 8000).then(() => true, () => false);
    });
    await window.input.fill('for the workshop');
    await window.enter();
    await runs.row('for the workshop').waitFor();
    // The list is read again after a new name; a click that falls between is lost.
    const starred = () => records(workspace).some((r) => r.starred && r.name === 'for the workshop');
    await until('the star on disk', async () => starred() || (await runs.press(runs.row('for the workshop'), 'Star Run'), soon(starred, 10_000)));
    await until('the starred run on top', async () => (await runs.order())[0]?.text.includes('for the workshop'), 90_000, () => runs.order());
    await window.shot('runs-starred-dark');
  }],

  ['Sort and filter', async ({ window, runs }) => {
    await runs.title('Sort Runs');
    await window.pickTitled('Sort Runs');
    await window.shot('runs-sort-dark');
    await window.option('Oldest First').click();
    // Newest first it is the last one; now only the starred run is above it.
    await until('the oldest run on top', async () => (await runs.order())[1]?.text.includes('cancelled'), 90_000, () => runs.order());
    await runs.title('Filter Runs');
    await window.pickTitled('Filter Runs');
    await window.tick('Starred');
    await window.shot('runs-filter-dark');
    await window.enter();
    await until('one row', async () => (await runs.order()).length === 1);
    await runs.page.locator('.sidebar', { hasText: 'Only starred' }).waitFor();
    await window.shot('runs-filtered-dark');
    await runs.title('Clear Runs Filter');
    await runs.row('cancelled').first().waitFor();
  }],

  ['Delete asks, takes all that are selected, and leaves the tables', async ({ window, runs, workspace }) => {
    const cancelled = records(workspace).filter((r) => r.state === 'cancelled');
    assert.equal(cancelled.length, 3);
    const [first, second] = await until('the three in the list', async () => { const found = (await runs.order()).filter(({ text }) => text.includes('cancelled')); return found.length === 3 && found; });
    await runs.at(first.place).click();
    await runs.at(second.place).click({ modifiers: ['Control'] });
    await until('both to be selected', async () => await runs.page.locator('.sidebar .tree-explorer-viewlet-tree-view .monaco-list-row.selected').count() === 2);
    await runs.choose(runs.at(second.place), 'Delete Run...');
    const dialog = window.page.locator('.monaco-dialog-box');
    await dialog.filter({ hasText: 'Delete 2 runs?' }).waitFor();
    await window.shot('runs-delete-dark');
    await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
    await until('the folders to go', () => cancelled.filter((r) => existsSync(r.folder)).length === 1);
    await until('one row', async () => await runs.row('cancelled').count() === 1);
    assert.ok(existsSync(path.join(workspace, sample)) && existsSync(path.join(workspace, standIn)));
  }],

  ['Restart Server and Collect Debug Info', async ({ window }) => {
    await window.command('Understudy: Restart Server');
    // The page of facts is of the moment it was asked for; one that was asked for too early tells of a server that is still starting.
    await until('a server that is up', async () => {
      await window.command('Understudy: Collect Debug Info');
      const page = window.page.locator('.editor-instance .view-lines', { hasText: 'Understudy: debug info' }).last();
      await page.waitFor();
      return soon(async () => /Server\*\*: up/.test((await page.innerText()).replace(/\u00a0/g, ' ')), 5000);
    });
    await window.shot('debug-info-dark');
  }],

  ['The language status of a table says that the server is ready', async ({ window, runs, editor }) => {
    await runs.files();
    await editor.open(sample);
    await until('what the language status says', async () => {
      await window.page.mouse.move(700, 300);
      await window.page.locator('.statusbar-item[id*="languageStatus"], .statusbar-item [aria-label*="Editor Language Status"]').first().hover();
      return soon(() => window.page.getByText('Understudy: ready').first().isVisible(), 8000);
    });
    await window.page.waitForTimeout(300);
    await window.shot('language-status-dark');
  }],

  ['Compare Runs lays two finished runs side by side', async ({ window }) => {
    await window.command('Understudy: Compare Runs');
    await window.enter('Compare Runs: First');
    await window.enter(/With$/);
    await window.frameWith('text=Two runs side by side');
    await window.page.waitForTimeout(1500);
    await window.shot('compare-dark');
  }],

  ['The same view in the light theme', async ({ window, runs }) => {
    await window.theme('light');
    await runs.open();
    await runs.unfold(runs.row('for the workshop'));
    await window.page.waitForTimeout(1000);
    await window.shot('runs-light');
    await window.command('Understudy: Open Walkthrough');
    await window.page.locator('.gettingStartedContainer').getByText('Make a Stand-In').first().waitFor();
    await window.page.waitForTimeout(1000);
    await window.shot('walkthrough-light');
  }],

  ['How long activation took', async ({ window }) => {
    await window.command('Developer: Show Running Extensions');
    const row = window.page.locator('.runtime-extensions-editor .extension', { hasText: 'Understudy' });
    await row.waitFor({ timeout: 90_000 });
    console.log(`    ${(await row.locator('.activation-time').innerText()).trim()}`);
  }],
];

export async function stories(browser, server, workspace) {
  const window = await Window.open(browser, address(server, workspace));
  return tell('runs', all, { window, server, runs: new RunsView(window), editor: new Editor(window), workspace });
}
