/** Marks on the rows of a real table that its last stand-in exposes most: those on the screen, with what singles them out, and what can be done. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { InlineExposure } from '../../server/protocol';
import type { Context } from '../context';
import { t } from '../l10n';
import * as requests from '../requests';
import { activeTable } from '../target';
import type { Answers } from './answers';
import { markdown } from './convert';
import { exposureFixes, registerExposureActions } from './exposure-actions';
import { isTable, selector, tableEditors, wanted } from './tables';

const restMs = 60;
/** An open eye. */
const icon = (colour: string) => vscode.Uri.parse(`data:image/svg+xml;base64,${Buffer.from(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M1.5 8C4 4 12 4 14.5 8 12 12 4 12 1.5 8z" fill="none" stroke="${colour}" stroke-width="1.2"/><circle cx="8" cy="8" r="2" fill="${colour}"/></svg>`,
).toString('base64')}`);
const style = (light: string, dark: string, ruler: string): vscode.DecorationRenderOptions => ({
  light: { gutterIconPath: icon(light) }, dark: { gutterIconPath: icon(dark) }, gutterIconSize: 'contain', overviewRulerColor: new vscode.ThemeColor(ruler), overviewRulerLane: vscode.OverviewRulerLane.Right,
  after: { color: new vscode.ThemeColor('editorCodeLens.foreground'), margin: '0 0 0 2.5em', fontStyle: 'italic' },
});

export function registerExposure(context: Context, answers: Answers): void {
  // What chance explains is told, but calls nobody.
  const kinds = [{ chance: false, type: vscode.window.createTextEditorDecorationType(style('#bf8803', '#cca700', 'editorWarning.foreground')) }, { chance: true, type: vscode.window.createTextEditorDecorationType(style('#8a8f98', '#7d838c', 'editorCodeLens.foreground')) }];
  const waiting = new Map<vscode.TextEditor, NodeJS.Timeout>(), shown = new Map<string, { version: number; rows: InlineExposure[] }>();
  const clear = (editor: vscode.TextEditor) => { for (const { type } of kinds) editor.setDecorations(type, []); shown.delete(editor.document.uri.toString()); };

  const show = async (editor: vscode.TextEditor): Promise<void> => {
    const { document } = editor;
    if (document.isDirty || !wanted('exposure', document)) { clear(editor); return; }
    const visible = editor.visibleRanges.map((r): [number, number] => [r.start.line, r.end.line]), { version } = document;
    const rows = await context.server.ask(requests.inlineExposure, { ...answers.query(document), visible }).catch((): InlineExposure[] => []);
    if (document.version !== version || document.isDirty || !vscode.window.visibleTextEditors.includes(editor)) return;
    shown.set(document.uri.toString(), { version, rows });
    for (const { chance, type } of kinds) editor.setDecorations(type, rows.filter((r) => r.chance === chance).map((r) => decoration(r, document)));
  };
  const soon = (editor: vscode.TextEditor) => {
    if (!isTable(editor.document)) return;
    if (editor.document.isDirty) clear(editor);
    clearTimeout(waiting.get(editor));
    waiting.set(editor, setTimeout(() => { waiting.delete(editor); void show(editor); }, restMs));
  };
  const all = () => tableEditors().forEach(soon);

  registerExposureActions(context);
  context.command('showExposedRows', async (uri?: vscode.Uri) => {
    const file = uri instanceof vscode.Uri ? uri.fsPath : activeTable();
    if (!file) { void vscode.window.showInformationMessage(t('Open a table first.')); return; }
    const document = await vscode.workspace.openTextDocument(file), rows = await context.server.ask(requests.inlineExposure, answers.query(document));
    if (!rows.length) { void vscode.window.showInformationMessage(t('Nothing is known of exposed rows in {0} as it is now: synthesize it, or evaluate a stand-in against it with a holdout.', path.basename(file))); return; }
    const picked = await vscode.window.showQuickPick(rows.map((r) => ({ label: t('No. {0}: line {1}', r.rank, (r.line + 1).toLocaleString('en')), detail: r.note.replace(/^exposed, no\. \d+: /, ''), line: r.line })), { title: t('Most Exposed Rows of {0}', path.basename(file)), placeHolder: rows[0].chance ? t('Chance alone gives as many: where to look first, no proof of a leak') : t('More rows are this exposed than chance explains'), matchOnDetail: true });
    if (picked) await vscode.window.showTextDocument(document, { selection: new vscode.Range(picked.line, 0, picked.line, 0) });
  });
  context.own(
    ...kinds.map((k) => k.type),
    answers.onChange((document) => tableEditors().filter((e) => !document || e.document === document).forEach(soon)),
    vscode.window.onDidChangeVisibleTextEditors(all),
    vscode.window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => soon(textEditor)),
    vscode.workspace.onDidCloseTextDocument((document) => shown.delete(document.uri.toString())),
    vscode.languages.registerCodeActionsProvider(selector, {
      provideCodeActions(document, range) {
        const known = shown.get(document.uri.toString());
        if (!known || known.version !== document.version || document.isDirty) return [];
        return known.rows.filter((r) => r.line <= range.end.line && range.start.line <= r.endLine).flatMap((r) => exposureFixes(document.uri.fsPath, r).map(({ title, command, args }) => {
          const made = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
          made.command = { command: `understudy.${command}`, title, arguments: args };
          return made;
        }));
      },
    }, { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] }),
    { dispose: () => waiting.forEach((timer) => clearTimeout(timer)) },
  );
  all();
}

function decoration(row: InlineExposure, document: vscode.TextDocument): vscode.DecorationOptions {
  const end = Math.min(row.endLine, document.lineCount - 1);
  return { range: new vscode.Range(row.line, 0, end, document.lineAt(end).text.length), hoverMessage: markdown(row.message), renderOptions: { after: { contentText: row.note } } };
}
