/** The language status item: how the server is, on every table; click for the log, a restart and a bug report. And the telling of a crash, once. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { Context } from '../context';
import { offer } from '../errors';
import * as requests from '../requests';
import { resume } from '../runs/follow';
import { deviceSentence } from '../runs/progress';
import { endings } from '../tables';
import { bytes, duration, plural } from '../words';
import { collect } from './debug';

export function registerHealth(context: Context): void {
  // By file pattern: other extensions change the language of CSV files.
  const item = vscode.languages.createLanguageStatusItem('understudy.server', [...endings, '.synth'].map((ending) => ({ scheme: 'file', pattern: `**/*${ending}` })));
  item.name = 'Understudy';
  item.command = { command: 'understudy.showHealth', title: 'Log and Restart', tooltip: 'Show Log, Restart Server, Collect Debug Info' };
  const show = () => {
    const { health } = context.server;
    const active = context.runs.active();
    const [running] = active;
    item.text = { idle: 'Understudy', starting: 'Understudy: starting', ready: active.length ? `Understudy: ${plural(active.length, 'run')} under way` : 'Understudy: ready', down: 'Understudy: its server keeps crashing' }[health];
    item.detail = running?.progress?.device ? deviceSentence(running.progress.device) : { idle: 'starts when it is first asked', starting: 'the server is starting', ready: 'everything happens on this machine', down: 'restart it, or look into the log' }[health];
    item.severity = health === 'down' ? vscode.LanguageStatusSeverity.Error : vscode.LanguageStatusSeverity.Information;
    item.busy = health === 'starting' || active.length > 0;
  };
  show();
  context.own(item, context.server.onHealth(show), context.runs.onChange(show));

  context.own(context.server.onCrash(({ restarts }) => {
    const cut = context.runs.active();
    const log = { title: 'Show Log', run: () => context.log.show() };
    const again = restarts ? 'and was started again' : 'too often, and is not started again';
    const lost = cut.length === 1 ? ` The run on ${path.basename(cut[0].source)} was interrupted; it can go on from its last checkpoint.` : cut.length ? ` ${cut.length} runs were interrupted; they can go on from their last checkpoints.` : ' Nothing was lost.';
    const onward = !restarts ? [{ title: 'Restart Server', run: () => vscode.commands.executeCommand('understudy.restartServer') }]
      : cut.length === 1 ? [{ title: 'Resume', run: () => resume(context, cut[0]) }] : cut.length ? [{ title: 'Show Runs', run: () => vscode.commands.executeCommand('understudy.runs.focus') }] : [];
    offer(restarts ? vscode.window.showWarningMessage : vscode.window.showErrorMessage, `Understudy's server ended unexpectedly ${again}.${lost}`, [...onward, log]);
  }));

  context.command('showLog', () => context.log.show());
  context.command('restartServer', () => vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: 'Restarting Understudy\'s server' }, () => context.server.restart()));
  context.command('collectDebugInfo', async () => vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ language: 'markdown', content: await collect(context) })));
  context.command('showHealth', () => showHealth(context));
}

async function showHealth(context: Context): Promise<void> {
  const health = context.server.health === 'down' ? undefined : await context.server.ask(requests.health, {});
  const items = [
    { label: '$(output) Show Log', command: 'understudy.showLog' },
    { label: '$(debug-restart) Restart Server', detail: context.runs.active().length ? 'Interrupts the run under way; it can go on afterwards.' : undefined, command: 'understudy.restartServer' },
    { label: '$(bug) Collect Debug Info', detail: 'A page of facts for a bug report, to read before you share it.', command: 'understudy.collectDebugInfo' },
    { label: '$(settings-gear) Settings', command: 'workbench.action.openSettings', argument: '@ext:understudy.understudy' },
  ];
  const placeHolder = health ? `Server ready for ${duration(health.uptimeSeconds)}, ${bytes(health.memoryBytes)} of memory, process ${health.pid}; ${plural(health.active.length, 'run')} under way` : 'The server ended too often and is not started again by itself';
  const picked: { command: string; argument?: string } | undefined = await vscode.window.showQuickPick(items, { title: 'Understudy', placeHolder });
  if (picked) await vscode.commands.executeCommand(picked.command, ...(picked.argument ? [picked.argument] : []));
}
