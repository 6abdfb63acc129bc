/** Marks on the rows of a stand-in that copy a real one; those on the screen, whatever the length of the table. */
import * as vscode from 'vscode';
import type { InlineMark } from '../../server/protocol';
import type { Context } from '../context';
import * as requests from '../requests';
import type { Answers } from './answers';
import { markdown } from './convert';
import { isTable, tableEditors, wanted } from './tables';

/** Scrolling asks once it rests for this long. */
const restMs = 60;

/** Two sheets of paper, filled for an exact copy; in the colours of warnings and information. */
const icon = (kind: 'exact' | 'near', colour: string) => vscode.Uri.parse(`data:image/svg+xml;base64,${Buffer.from(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M6 3.5h6.5v8H6z" fill="${kind === 'exact' ? colour : 'none'}" stroke="${colour}"/><path d="M4 5.5H3.5v8H10V13" fill="none" stroke="${colour}"/></svg>`,
).toString('base64')}`);
interface Colours { light: string; dark: string; ruler: string }
const colours: Record<'exact' | 'near' | 'chance', Colours> = {
  exact: { light: '#bf8803', dark: '#cca700', ruler: 'editorWarning.foreground' }, near: { light: '#1a85ff', dark: '#3794ff', ruler: 'editorInfo.foreground' },
  // What chance explains is told, but calls nobody.
  chance: { light: '#8a8f98', dark: '#7d838c', ruler: 'editorCodeLens.foreground' },
};
const style = (kind: 'exact' | 'near', { light, dark, ruler }: Colours): vscode.DecorationRenderOptions => ({
  light: { gutterIconPath: icon(kind, light) }, dark: { gutterIconPath: icon(kind, dark) }, gutterIconSize: 'contain',
  overviewRulerColor: new vscode.ThemeColor(ruler), overviewRulerLane: vscode.OverviewRulerLane.Right,
  after: { color: new vscode.ThemeColor('editorCodeLens.foreground'), margin: '0 0 0 2.5em', fontStyle: 'italic' },
});

export function registerCopies(context: Context, answers: Answers): void {
  const kinds = (['exact', 'near'] as const).flatMap((kind) => [false, true].map((chance) => ({
    type: vscode.window.createTextEditorDecorationType(style(kind, colours[chance ? 'chance' : kind])), of: (m: InlineMark) => m.kind === kind && (m.chance === true) === chance,
  })));
  const waiting = new Map<vscode.TextEditor, NodeJS.Timeout>();
  const clear = (editor: vscode.TextEditor) => { for (const { type } of kinds) editor.setDecorations(type, []); };

  const show = async (editor: vscode.TextEditor): Promise<void> => {
    const { document } = editor;
    if (document.isDirty || !wanted('copies', document)) { clear(editor); return; }
    const visible = editor.visibleRanges.map((r): [number, number] => [r.start.line, r.end.line]), { version } = document;
    const marks = await context.server.ask(requests.inlineMarks, { ...answers.query(document), visible }).catch((): InlineMark[] => []);
    if (document.version !== version || document.isDirty || !vscode.window.visibleTextEditors.includes(editor)) return;
    for (const { type, of } of kinds) editor.setDecorations(type, marks.filter(of).map((m) => decoration(m, document)));
  };
  const soon = (editor: vscode.TextEditor, ms = restMs) => {
    if (!isTable(editor.document)) return;
    if (editor.document.isDirty) clear(editor);
    clearTimeout(waiting.get(editor));
    waiting.set(editor, setTimeout(() => { waiting.delete(editor); void show(editor); }, ms));
  };
  const all = () => tableEditors().forEach((editor) => soon(editor));

  context.own(
    ...kinds.map((k) => k.type),
    answers.onChange((document) => tableEditors().filter((e) => !document || e.document === document).forEach((editor) => soon(editor))),
    vscode.window.onDidChangeVisibleTextEditors(all),
    vscode.window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => soon(textEditor)),
    { dispose: () => waiting.forEach((timer) => clearTimeout(timer)) },
  );
  all();
}

function decoration(mark: InlineMark, document: vscode.TextDocument): vscode.DecorationOptions {
  const end = Math.min(mark.endLine, document.lineCount - 1);
  return { range: new vscode.Range(mark.line, 0, end, document.lineAt(end).text.length), hoverMessage: markdown(mark.message), renderOptions: { after: { contentText: mark.note } } };
}
