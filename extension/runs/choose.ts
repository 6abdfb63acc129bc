/** Choose a run out of those of the workspace, newest first. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { RunRecord } from '../../server/protocol';
import type { Context } from '../context';
import * as requests from '../requests';
import { count, duration } from '../words';

/** Folders whose `.understudy` may hold runs: the workspace's, and that of the active file. */
function homes(): string[] {
  const folders = (vscode.workspace.workspaceFolders ?? []).filter((f) => f.uri.scheme === 'file').map((f) => f.uri.fsPath);
  const active = vscode.window.activeTextEditor?.document.uri;
  if (active?.scheme === 'file') folders.push(path.dirname(active.fsPath));
  return [...new Set(folders)];
}

export async function allRuns(context: Context): Promise<RunRecord[]> {
  const lists = await Promise.all(homes().map((folder) => context.server.ask(requests.runs, { folder })));
  const byFolder = new Map(lists.flat().map((run) => [run.folder, run]));
  return [...byFolder.values()].sort((a, b) => (a.created < b.created ? 1 : -1));
}

/**
 * @param which the runs to offer; when there is just one it is taken.
 * @param none what to say when there is none.
 */
export async function chooseRun(context: Context, title: string, which: (run: RunRecord) => boolean, none: string): Promise<RunRecord | undefined> {
  const runs = (await allRuns(context)).filter(which);
  if (!runs.length) { void vscode.window.showInformationMessage(none); return undefined; }
  if (runs.length === 1) return runs[0];
  const items = runs.map((run) => ({
    run, label: `${run.starred ? '$(star-full) ' : ''}${run.name ?? path.basename(run.out ?? run.source)}`, description: new Date(run.created).toLocaleString(),
    detail: [run.kind === 'evaluate' ? 'evaluation' : run.generator, run.rows !== undefined ? `${count(run.rows)} rows` : '', run.seconds !== undefined ? duration(run.seconds) : '', run.state].filter(Boolean).join(' · '),
  }));
  return (await vscode.window.showQuickPick(items, { title, placeHolder: 'Choose a run, newest first', matchOnDetail: true }))?.run;
}
