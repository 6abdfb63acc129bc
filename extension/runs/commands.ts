/** Cancel Run, Resume Run, Show Log, Restart Server. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { Context } from '../context';
import * as requests from '../requests';
import { chooseRun } from './choose';
import { resume } from './follow';
import { line } from './progress';

export function registerRuns(context: Context): void {
  context.command('cancelRun', async (id?: string) => {
    const active = context.runs.active();
    if (!active.length) { void vscode.window.showInformationMessage('No run is going on in this window.'); return; }
    const asked = active.find((run) => run.id === id);
    // From the status item one click must not throw minutes of work away: it asks.
    const items = (asked ? [asked] : active).map((run) => ({ run, label: `$(circle-slash) Cancel the run on ${path.basename(run.source)}`, description: line(run.progress) }));
    const chosen = active.length === 1 && id === undefined ? items[0] : await vscode.window.showQuickPick(items, { title: 'Cancel Run', placeHolder: 'What was fitted stays: a cancelled run can be resumed' });
    if (chosen) await context.server.ask(requests.cancel, { id: chosen.run.id });
  });

  context.command('resumeRun', async () => {
    const run = await chooseRun(context, 'Resume Run', (r) => ['interrupted', 'cancelled', 'failed'].includes(r.state), 'There is no run to resume: none was cancelled or interrupted.');
    return run && resume(context, run);
  });

  context.command('showLog', () => context.log.show());
  context.command('restartServer', () => vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: 'Restarting Understudy\'s server' }, () => context.server.restart()));
}
