/** Inspect Table: what the table is taken for, as a page in the editor. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { TableProfile } from '../../server/protocol';
import type { Context } from '../context';
import { t } from '../l10n';
import * as requests from '../requests';
import { table } from '../target';
import { markdown } from './document';

const scheme = 'understudy-profile';

/** Ask for a profile, with what the user said of the file's columns, under a progress note that can be cancelled. Undefined when it was. */
export function inspectTable(context: Context, file: string): Thenable<TableProfile | undefined> {
  return vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title: t('Reading {0}', path.basename(file)), cancellable: true }, async (_progress, token) => {
    const answer = profileOf(context, file, token);
    // The reading may outlast the cancelling; the user need not wait for it.
    const left = new Promise<undefined>((resolve) => token.onCancellationRequested(() => resolve(undefined)));
    answer.catch(() => undefined);
    return Promise.race([answer, left]);
  });
}

async function profileOf(context: Context, file: string, token: vscode.CancellationToken): Promise<TableProfile> {
  const said = context.columns.of(file);
  if (!Object.keys(said).length) return context.server.ask(requests.inspect, { path: file }, token);
  try {
    return await context.server.ask(requests.inspect, { path: file, overrides: said }, token);
  } catch {
    // The file has changed since: what no longer fits is forgotten, column by column; a file that cannot be read says so here.
    const plain = await context.server.ask(requests.inspect, { path: file }, token);
    for (const column of Object.keys(said)) {
      const fits = plain.columns.some((c) => c.name === column) && await context.server.ask(requests.inspect, { path: file, overrides: { [column]: said[column] } }, token).then(() => true, () => false);
      if (!fits) await context.columns.say(file, column, undefined);
    }
    const left = context.columns.of(file);
    return Object.keys(left).length ? context.server.ask(requests.inspect, { path: file, overrides: left }, token) : plain;
  }
}

export function registerInspect(context: Context): void {
  const pages = new Map<string, string>();
  const changed = new vscode.EventEmitter<vscode.Uri>();
  context.own(changed, vscode.workspace.registerTextDocumentContentProvider(scheme, {
    onDidChange: changed.event, provideTextDocumentContent: (uri) => pages.get(uri.toString()) ?? t('Run **Understudy: Inspect Table** again to see this profile.'),
  }));
  context.own(vscode.workspace.onDidCloseTextDocument((document) => { if (document.uri.scheme === scheme) pages.delete(document.uri.toString()); }));

  context.command('inspect', async (uri?: vscode.Uri): Promise<TableProfile | undefined> => {
    const file = await table(uri, t('Inspect Table'));
    const profile = file && await inspectTable(context, file);
    if (!profile) return undefined;
    // By the table's own name: the preview's tab reads "Preview weather.csv".
    const page = vscode.Uri.from({ scheme, path: file });
    pages.set(page.toString(), markdown(profile, context.columns.of(file)));
    changed.fire(page);
    await vscode.commands.executeCommand('markdown.showPreview', page);
    return profile;
  });
}
