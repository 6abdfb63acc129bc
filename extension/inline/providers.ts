/** Lenses, hints and hovers on tables. */
import * as vscode from 'vscode';
import type { Context } from '../context';
import * as requests from '../requests';
import type { Answers } from './answers';
import { command, range, theme } from './convert';
import { selector, wanted } from './tables';

const top = new vscode.Range(0, 0, 0, 0);

export function registerProviders(context: Context, answers: Answers): void {
  const changed = new vscode.EventEmitter<void>();
  const contributed = new Set((context.extension.extension.packageJSON as { contributes: { commands: Array<{ command: string }> } }).contributes.commands.map((c) => c.command));
  context.own(changed, answers.onChange(() => changed.fire()));

  context.own(vscode.languages.registerCodeLensProvider(selector, {
    onDidChangeCodeLenses: changed.event,
    async provideCodeLenses(document) {
      if (!wanted('lenses', document)) return [];
      const answer = await answers.of(document);
      return (answer?.lenses ?? []).filter((lens) => contributed.has(`understudy.${lens.command}`)).map((lens) => new vscode.CodeLens(top, command(lens)));
    },
  }));

  context.own(vscode.languages.registerInlayHintsProvider(selector, {
    onDidChangeInlayHints: changed.event,
    async provideInlayHints(document, visible) {
      if (!wanted('hints', document)) return [];
      const answer = await answers.of(document);
      return (answer?.hints ?? []).filter((h) => visible.start.line <= h.line && h.line <= visible.end.line).map((h) => {
        const hint = new vscode.InlayHint(new vscode.Position(h.line, h.character), h.label);
        hint.tooltip = h.tooltip;
        hint.paddingLeft = true;
        return hint;
      });
    },
  }));

  context.own(vscode.languages.registerHoverProvider(selector, {
    async provideHover(document, position, token) {
      // Positions in an edited document are not those of the file on disk.
      if (!wanted('hovers', document) || document.isDirty) return undefined;
      const hover = await context.server.ask(requests.inlineHover, { ...answers.query(document), line: position.line, character: position.character, theme: theme(), overrides: context.columns.of(document.uri.fsPath) }, token).catch(() => undefined);
      if (!hover || document.isDirty) return undefined;
      const text = new vscode.MarkdownString(hover.markdown, true);
      // All that comes from the file is escaped; and nothing but this could be started if it were not.
      text.isTrusted = { enabledCommands: ['understudy.openReport'] };
      return new vscode.Hover(text, range(hover.span));
    },
  }));
}
