/** Which table a command is about: the one clicked, else the one in the editor, else one the user chooses. */
import path from 'node:path';
import * as vscode from 'vscode';
import { t } from './l10n';
import { endings, isTable } from './tables';

/** The table in the active tab, whatever editor shows it. */
export function activeTable(): string | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const uri = input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom ? input.uri : vscode.window.activeTextEditor?.document.uri;
  return uri?.scheme === 'file' && isTable(uri.fsPath) ? uri.fsPath : undefined;
}

/** Where in the workspace a file lies; nothing for one at its top. */
const folderIn = (file: string) => path.dirname(vscode.workspace.asRelativePath(file)).replace(/^\.$/, '');

/** Choose a table of the workspace, or browse. */
export async function chooseTable(title: string, { without = [], first }: { without?: string[]; first?: string } = {}): Promise<string | undefined> {
  const found = await vscode.workspace.findFiles(`**/*{${endings.join(',')}}`, '**/{node_modules,.understudy,.git}/**', 500);
  const others = found.map((uri) => uri.fsPath).filter((file) => isTable(file) && file !== first && !without.includes(file)).sort((a, b) => a.localeCompare(b));
  // Looked for on the disk: a search that stops at its limit, or leaves out what the user excludes, may miss the likeliest one.
  const likeliest = first !== undefined && await vscode.workspace.fs.stat(vscode.Uri.file(first)).then(() => true, () => false);
  const files = likeliest ? [first, ...others] : others;
  const browse = { label: `$(folder-opened) ${t('Browse...')}`, file: undefined as string | undefined, alwaysShow: true };
  const items = files.map((file) => ({ label: path.basename(file), description: folderIn(file), file: file as string | undefined }));
  const picked = await vscode.window.showQuickPick([...items, browse], { title, placeHolder: t('Choose a table') });
  if (!picked) return undefined;
  if (picked.file) return picked.file;
  const [uri] = await vscode.window.showOpenDialog({ title, filters: { [t('Tables')]: [...new Set(endings.map((e) => e.split('.').pop()!)), 'gz'] } }) ?? [];
  return uri?.fsPath;
}

/** @param uri what a menu passed; the palette passes nothing. */
export async function table(uri: vscode.Uri | undefined, title: string): Promise<string | undefined> {
  if (uri instanceof vscode.Uri) {
    if (uri.scheme === 'file') return uri.fsPath;
    void vscode.window.showErrorMessage(t('Understudy reads tables from this machine\'s disk; {0} files are not there.', uri.scheme));
    return undefined;
  }
  return activeTable() ?? chooseTable(title);
}

/** The workspace folder a file lies in: its `.understudy` takes the runs. */
export const folderOf = (file: string) => vscode.workspace.getWorkspaceFolder(vscode.Uri.file(file))?.uri.fsPath;
