/** The language status item: how the server is, on every table; click for the log, a restart and a bug report. And the telling of a crash, once. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { Context } from '../context';
import { offer } from '../errors';
import { t } from '../l10n';
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
  item.command = { command: 'understudy.showHealth', title: t('Log and Restart'), tooltip: t('Show Log, Restart Server, Collect Debug Info') };
  const show = () => {
    const { health } = context.server;
    const active = context.runs.active();
    const [running] = active;
    item.text = { idle: 'Understudy', starting: t('Understudy: starting'), ready: active.length ? t('Understudy: {0} under way', plural(active.length, '{0} run', '{0} runs')) : t('Understudy: ready'), down: t('Understudy: its server keeps crashing') }[health];
    item.detail = running?.progress?.device ? deviceSentence(running.progress.device) : { idle: t('starts when it is first asked'), starting: t('the server is starting'), ready: t('everything happens on this machine'), down: t('restart it, or look into the log') }[health];
    item.severity = health === 'down' ? vscode.LanguageStatusSeverity.Error : vscode.LanguageStatusSeverity.Information;
    item.busy = health === 'starting' || active.length > 0;
  };
  show();
  context.own(item, context.server.onHealth(show), context.runs.onChange(show));

  context.own(context.server.onCrash(({ restarts }) => {
    const cut = context.runs.active();
    const log = { title: t('Show Log'), run: () => context.log.show() };
    const ended = restarts ? t('Understudy\'s server ended unexpectedly and was started again.') : t('Understudy\'s server ended unexpectedly too often, and is not started again.');
    const lost = cut.length === 1 ? t('The run on {0} was interrupted; it can go on from its last checkpoint.', path.basename(cut[0].source)) : cut.length ? t('{0} runs were interrupted; they can go on from their last checkpoints.', cut.length) : t('Nothing was lost.');
    const onward = !restarts ? [{ title: t('Restart Server'), run: () => vscode.commands.executeCommand('understudy.restartServer') }]
      : cut.length === 1 ? [{ title: t('Resume'), run: () => resume(context, cut[0]) }] : cut.length ? [{ title: t('Show Runs'), run: () => vscode.commands.executeCommand('understudy.runs.focus') }] : [];
    offer(restarts ? vscode.window.showWarningMessage : vscode.window.showErrorMessage, `${ended} ${lost}`, [...onward, log]);
  }));

  context.command('showLog', () => context.log.show());
  context.command('restartServer', () => vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: t('Restarting Understudy\'s server') }, () => context.server.restart()));
  context.command('collectDebugInfo', async () => vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ language: 'markdown', content: await collect(context) })));
  context.command('showHealth', () => showHealth(context));
}

async function showHealth(context: Context): Promise<void> {
  const health = context.server.health === 'down' ? undefined : await context.server.ask(requests.health, {});
  const items = [
    { label: `$(output) ${t('Show Log')}`, command: 'understudy.showLog' },
    { label: `$(debug-restart) ${t('Restart Server')}`, detail: context.runs.active().length ? t('Interrupts the run under way; it can go on afterwards.') : undefined, command: 'understudy.restartServer' },
    { label: `$(bug) ${t('Collect Debug Info')}`, detail: t('A page of facts for a bug report, to read before you share it.'), command: 'understudy.collectDebugInfo' },
    { label: `$(settings-gear) ${t('Settings')}`, command: 'workbench.action.openSettings', argument: '@ext:understudy.understudy' },
  ];
  const placeHolder = health ? t('Server ready for {0}, {1} of memory, process {2}; {3} under way', duration(health.uptimeSeconds), bytes(health.memoryBytes), health.pid, plural(health.active.length, '{0} run', '{0} runs')) : t('The server ended too often and is not started again by itself');
  const picked: { command: string; argument?: string } | undefined = await vscode.window.showQuickPick(items, { title: 'Understudy', placeHolder });
  if (picked) await vscode.commands.executeCommand(picked.command, ...(picked.argument ? [picked.argument] : []));
}
