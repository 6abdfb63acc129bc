/** Which documents get lenses, hints and marks: by file pattern, because other extensions give CSV files languages of their own and change them. */
import * as vscode from 'vscode';

export const selector: vscode.DocumentSelector = [{ scheme: 'file', pattern: '**/*.[cC][sS][vV]' }, { scheme: 'file', pattern: '**/*.[tT][sS][vV]' }];

export const isTable = (document: vscode.TextDocument) => vscode.languages.match(selector, document) > 0;

/** Editors that show a table right now. */
export const tableEditors = () => vscode.window.visibleTextEditors.filter((editor) => isTable(editor.document));

export type Part = 'lenses' | 'hints' | 'problems' | 'hovers' | 'copies' | 'exposure';

/** Whether the user wants this part; `understudy.inline.enabled` is the switch for all. */
export function wanted(part: Part, document: vscode.TextDocument): boolean {
  const settings = vscode.workspace.getConfiguration('understudy.inline', document);
  return settings.get('enabled', true) && settings.get(part, true);
}
