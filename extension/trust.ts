/** Restricted Mode: tables and reports are read; nothing is computed, resumed or deleted with what an untrusted folder holds. */
import * as vscode from 'vscode';
import { t } from './l10n';

/**
 * @param doing what needs trust, as a sentence's subject: "Making a stand-in".
 * @returns whether the workspace is trusted; when not, the user is told why, with a way to change it.
 */
export function trusted(doing: string): boolean {
  if (vscode.workspace.isTrusted) return true;
  const manage = t('Manage Workspace Trust');
  void vscode.window.showWarningMessage(t('{0} needs a trusted workspace. In Restricted Mode Understudy only reads tables and reports.', doing), manage)
    .then((chosen) => chosen && vscode.commands.executeCommand('workbench.trust.manage'));
  return false;
}
