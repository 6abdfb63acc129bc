/** For who has never seen it: the walkthrough, and a table to try it on. */
import * as vscode from 'vscode';
import type { Context } from '../context';
import { t } from '../l10n';
import { trusted } from '../trust';

const sampleName = 'understudy-sample.csv';

export function registerWelcome(context: Context): void {
  context.command('openWalkthrough', () => vscode.commands.executeCommand('workbench.action.openWalkthrough', `${context.extension.extension.id}#start`, false));

  context.command('openSample', async (): Promise<vscode.Uri | undefined> => {
    if (!trusted(t('Writing the sample into this folder'))) return undefined;
    const folder = vscode.workspace.workspaceFolders?.find((f) => f.uri.scheme === 'file')?.uri ?? await chooseFolder();
    if (!folder) return undefined;
    const to = vscode.Uri.joinPath(folder, sampleName);
    const there = await vscode.workspace.fs.stat(to).then(() => true, () => false);
    // Never over a file of this name that somebody has worked on.
    if (!there) await vscode.workspace.fs.copy(vscode.Uri.joinPath(context.extension.extensionUri, 'media', 'sample', 'orders.csv'), to);
    await vscode.window.showTextDocument(to, { preview: false });
    return to;
  });
}

async function chooseFolder(): Promise<vscode.Uri | undefined> {
  const [folder] = await vscode.window.showOpenDialog({ title: t('Where to put the sample table'), openLabel: t('Put It Here'), canSelectFiles: false, canSelectFolders: true }) ?? [];
  return folder;
}
