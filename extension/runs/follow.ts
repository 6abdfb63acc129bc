/** Follow a run to its end under a cancellable notification, then show what it made. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { RunRecord } from '../../server/protocol';
import { settings } from '../config';
import type { Context } from '../context';
import { offer, showFailure } from '../errors';
import { t } from '../l10n';
import * as requests from '../requests';
import { homeOf, isText } from '../tables';
import { line } from './progress';
import { sparkline } from './sparkline';
import { lostCode } from './tracker';

/** Beyond this the editor would open a warning instead of the table. */
const openableBytes = 50e6;

/**
 * @param finished what to do instead of opening what was made, when the run came to its end
 * @returns the final record, after its outcome was shown.
 */
export async function follow(context: Context, title: string, start: () => Promise<RunRecord>, finished?: (run: RunRecord) => unknown): Promise<RunRecord> {
  const run = settings().showProgress ? await underNotification(context, title, start) : await context.runs.ending(await start());
  await tell(context, run, finished);
  return run;
}

function underNotification(context: Context, title: string, start: () => Promise<RunRecord>): Thenable<RunRecord> {
  return vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: true }, async (progress, token) => {
    progress.report({ message: t('Starting') });
    const started = await start();
    let shown = 0;
    const show = (record: RunRecord) => {
      if (record.id !== started.id) return;
      const now = 100 * (record.progress?.fraction ?? 0);
      progress.report({ message: line(record.progress, sparkline(context.runs.losses(record.id))), increment: Math.max(0, now - shown) });
      shown = Math.max(shown, now);
    };
    const listeners = [
      context.runs.onChange(show),
      token.onCancellationRequested(() => void context.server.ask(requests.cancel, { id: started.id }).catch(() => undefined)),
    ];
    if (token.isCancellationRequested) void context.server.ask(requests.cancel, { id: started.id }).catch(() => undefined);
    try {
      show(started);
      return await context.runs.ending(started);
    } finally {
      for (const listener of listeners) listener.dispose();
    }
  });
}

/** Says once what became of a run, with a way on. */
async function tell(context: Context, run: RunRecord, finished?: (run: RunRecord) => unknown): Promise<void> {
  const name = path.basename(run.source);
  const again = { title: t('Resume'), run: () => resume(context, run) };
  const log = { title: t('Show Log'), run: () => context.log.show() };
  if (run.state === 'finished') {
    context.log.info(`Run ${run.id} finished in ${run.seconds?.toFixed(1)} s${run.out ? `: ${run.out}` : ''}`);
    if (finished) await finished(run);
    else if (settings().openWhenDone) await open(context, run);
    else offer(vscode.window.showInformationMessage, t('The run on {0} is finished.', name), [{ title: t('Open'), run: () => open(context, run) }]);
  } else if (run.state === 'failed') showFailure(context, run, again);
  else if (run.state === 'interrupted') {
    // The server's own end is told by whoever watches the server, for all its runs at once.
    if (run.error?.code === lostCode) return;
    context.log.warn(`Run ${run.id} was interrupted: ${run.error?.message ?? ''}`);
    offer(vscode.window.showWarningMessage, t('The run on {0} was interrupted: {1} It can go on from its last checkpoint.', name, run.error?.message ?? t('its process is gone.')), [again, log]);
  } else offer(vscode.window.showInformationMessage, t('The run on {0} was cancelled.', name), [again]);
}

/** The synthetic table, and its report beside it. */
export async function open(context: Context, run: RunRecord): Promise<void> {
  if (run.out && isText(run.out)) {
    const uri = vscode.Uri.file(run.out);
    const { size } = await vscode.workspace.fs.stat(uri);
    if (size <= openableBytes) await vscode.window.showTextDocument(uri, { viewColumn: vscode.ViewColumn.One, preview: false });
  }
  await context.reports.show(run.folder, run.out ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active);
}

export function resume(context: Context, run: RunRecord): Promise<RunRecord> {
  return follow(context, t('Resuming the run on {0}', path.basename(run.source)), () => context.server.ask(requests.resume, { id: run.id, folder: homeOf(run.folder) }));
}

/** Does a run again in a folder of its own: same plan, seed and device, and so the same rows. */
export function repeat(context: Context, run: RunRecord): Promise<RunRecord> {
  return follow(context, t('Repeating the run on {0}', path.basename(run.source)), () => context.server.ask(requests.repeat, { id: run.id, folder: homeOf(run.folder) }));
}
