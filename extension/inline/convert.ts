/** From the server's plain shapes to the editor's. */
import * as vscode from 'vscode';
import type { InlineLens, TextSpan } from '../../server/protocol';

export const range = ({ line, start, endLine, end }: TextSpan) => new vscode.Range(line, start, endLine, end);

/** Commands that are told a file take it as a Uri, as menus give it. */
const ofFiles = new Set(['synthesize', 'evaluate', 'inspect', 'showExposedRows']);

export function command({ command, title, tooltip, arguments: given }: InlineLens): vscode.Command {
  const args = ofFiles.has(command) && typeof given[0] === 'string' ? [vscode.Uri.file(given[0])] : given;
  // The editor swallows a plain space behind an icon.
  return { command: `understudy.${command}`, title: title.replace(/^(\$\([\w-]+\)) /, '$1\u00a0'), ...(tooltip && { tooltip }), arguments: args };
}

/** A text as it stands, as Markdown. The editor's own `appendText` makes every space one that does not break, and long sentences break at their hyphens. */
export const markdown = (text: string) => new vscode.MarkdownString(text.replace(/[\\`*_{}[\]()<>#+!|~&-]/g, '\\$&').replace(/\r?\n/g, '  \n'));

/** The names of the editor's theme kinds, as pictures are drawn for them. */
export function theme(): 'light' | 'dark' | 'hc-light' | 'hc-dark' {
  switch (vscode.window.activeColorTheme.kind) {
    case vscode.ColorThemeKind.Light: return 'light';
    case vscode.ColorThemeKind.HighContrast: return 'hc-dark';
    case vscode.ColorThemeKind.HighContrastLight: return 'hc-light';
    default: return 'dark';
  }
}
