/** The extension inside a real extension host, with the real server and worker on real files. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { RunRecord, TableProfile } from '../../../server/protocol';

const workspace = process.env.UNDERSTUDY_TEST_WORKSPACE!;
const at = (name: string) => vscode.Uri.file(path.join(workspace, name));
const run = <T>(command: string, ...args: unknown[]) => vscode.commands.executeCommand<T>(`understudy.${command}`, ...args);
const extension = () => vscode.extensions.getExtension('understudy.understudy')!;

async function until<T>(what: string, look: () => T | undefined | false | Promise<T | undefined | false>, ms = 60_000): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) assert.fail(`waited in vain for ${what}`);
    await new Promise((r) => setTimeout(r, 50));
  }
}

const tabs = () => vscode.window.tabGroups.all.flatMap((group) => group.tabs);
const reportTabs = () => tabs().filter((tab) => tab.input instanceof vscode.TabInputWebview && tab.input.viewType.includes('understudy.report'));
const lines = (file: string) => readFileSync(file, 'utf8').trimEnd().split(/\r?\n/);

describe('Understudy in VS Code', () => {
  it('is not active before it is asked something', () => {
    assert.ok(extension(), 'the extension is installed');
    assert.equal(extension().isActive, false);
  });

  it('registers every command it contributes', async () => {
    await extension().activate();
    const known = new Set(await vscode.commands.getCommands(true));
    const contributed = (extension().packageJSON.contributes.commands as Array<{ command: string }>).map((c) => c.command);
    assert.ok(contributed.length >= 8);
    assert.deepEqual(contributed.filter((command) => !known.has(command)), []);
  });

  it('inspects a table and shows the profile as a page', async () => {
    const profile = await run<TableProfile>('inspect', at('weather.csv'));
    assert.equal(profile.rows, 1461);
    assert.deepEqual(profile.columns.map((c) => c.name), ['date', 'precipitation', 'temp_max', 'temp_min', 'wind', 'weather']);
    assert.equal(profile.columns[0].kind, 'date');
    await until('the page', () => tabs().some((tab) => tab.label.includes('weather.csv')));
    const page = await vscode.workspace.openTextDocument(vscode.Uri.from({ scheme: 'understudy-profile', path: at('weather.csv').path }));
    assert.match(page.getText(), /\| temp\\_max \| real \|/);
  });

  it('never opens the table as a document to read it', () => {
    assert.deepEqual(vscode.workspace.textDocuments.filter((d) => d.uri.path.endsWith('weather.csv') && d.uri.scheme === 'file'), []);
  });

  let first: RunRecord;
  it('synthesizes with the defaults and opens the stand-in and its report', async function () {
    this.timeout(300_000);
    first = await run<RunRecord>('synthesize', at('weather.csv'), undefined, { budgetSeconds: 3, seed: 7, device: 'cpu' });
    assert.equal(first.state, 'finished', first.error?.message);
    assert.equal(first.out, at('weather.synthetic.csv').fsPath);
    const [header, ...rows] = lines(first.out!);
    assert.equal(header, 'date,precipitation,temp_max,temp_min,wind,weather');
    assert.equal(rows.length, 1461);
    await until('the synthetic table to open', () => tabs().some((tab) => tab.input instanceof vscode.TabInputText && tab.input.uri.fsPath === first.out));
    await until('the report', () => reportTabs().length === 1);
    assert.equal(path.dirname(path.dirname(path.dirname(first.folder))), workspace, 'the run is kept in the workspace folder');
    if (process.platform !== 'win32') assert.equal((await stat(path.join(workspace, '.understudy', 'runs'))).mode & 0o777, 0o700);
  });

  it('opens the report of the synthetic table in the editor, and each report only once', async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await vscode.window.showTextDocument(at('weather.synthetic.csv'));
    await run('openReport');
    await until('the report', () => reportTabs().length === 1);
    await run('openReport', first.folder);
    assert.equal(reportTabs().length, 1);
  });

  it('cancels a run, leaves nothing half-written, and resumes it to the same end', async function () {
    this.timeout(300_000);
    const before = new Set(await readdir(workspace));
    const going = Promise.resolve(run<RunRecord>('synthesize', at('weather.csv'), undefined, { budgetSeconds: 8, seed: 8, device: 'cpu' }));
    // The record on disk says when the fit has begun.
    const runs = path.join(workspace, '.understudy', 'runs');
    await until('training', async () => {
      for (const id of await readdir(runs)) {
        let record: Partial<RunRecord> = {};
        // Not there yet, or just being written.
        try { record = JSON.parse(readFileSync(path.join(runs, id, 'run.json'), 'utf8')) as RunRecord; } catch { continue; }
        if (record.id !== first.id && record.progress?.phase === 'training') return true;
      }
      return false;
    }, 60_000);
    await run('cancelRun');
    const cancelled = await going;
    assert.equal(cancelled.state, 'cancelled');
    assert.deepEqual((await readdir(workspace)).filter((name) => !before.has(name)), []);
    const resumed = await run<RunRecord>('resumeRun');
    assert.equal(resumed.state, 'finished', resumed.error?.message);
    assert.equal(resumed.id, cancelled.id);
    assert.equal(lines(resumed.out!).length, 1462);
  });

  it('survives a restart of the server', async () => {
    await run('restartServer');
    const profile = await run<TableProfile>('inspect', at('weather.csv'));
    assert.equal(profile.rows, 1461);
  });
});
