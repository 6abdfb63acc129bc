/** What the server says of a table, asked once for each state of a document; and the word that it may say otherwise now. */
import * as vscode from 'vscode';
import type { InlineAnswer, InlineQuery } from '../../server/protocol';
import type { Context } from '../context';
import * as requests from '../requests';
import { hasEnded } from '../runs/tracker';
import { isTable, tableEditors, wanted } from './tables';

/** Lenses tell how long ago; a minute is their grain. */
const minute = 60_000;

export class Answers implements vscode.Disposable {
  private readonly emitter = new vscode.EventEmitter<vscode.TextDocument | undefined>();
  /** Ask again: of one document, or of all. */
  readonly onChange = this.emitter.event;
  private readonly known = new Map<string, { key: string; answer: Promise<InlineAnswer | undefined> }>();
  private readonly listeners: vscode.Disposable[];
  private readonly tries = new Map<string, number>();

  constructor(private readonly context: Context) {
    const clock = setInterval(() => { if (tableEditors().length) this.again(); }, minute);
    this.listeners = [
      context.runs.onChange((run) => { if (hasEnded(run)) this.again(); }),
      // A run of a terminal, a file changed by another program: whoever comes back looks again.
      vscode.window.onDidChangeWindowState((state) => { if (state.focused) this.again(); }),
      vscode.workspace.onDidSaveTextDocument((document) => { if (isTable(document)) { this.tries.clear(); this.again(document); } }),
      vscode.workspace.onDidChangeTextDocument(({ document }) => { if (isTable(document)) this.again(document); }),
      vscode.workspace.onDidCloseTextDocument((document) => this.known.delete(document.uri.toString())),
      vscode.workspace.onDidChangeConfiguration((e) => { if (e.affectsConfiguration('understudy.inline') || e.affectsConfiguration('editor.inlayHints')) this.again(); }),
      { dispose: () => clearInterval(clock) },
    ];
  }

  /** @returns undefined where the server could not say; that is in the log, and no reason to disturb anybody. */
  of(document: vscode.TextDocument): Promise<InlineAnswer | undefined> {
    const uri = document.uri.toString(), query = this.query(document), key = JSON.stringify(query), known = this.known.get(uri);
    if (known?.key === key) return known.answer;
    const answer = this.context.server.ask(requests.inline, query).catch((error) => {
      this.context.log.warn(`Nothing could be found out about ${document.uri.fsPath}: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    });
    this.known.set(uri, { key, answer });
    void answer.then((a) => { if (a?.state === 'stale' && !query.dirty) this.later(document, key); });
    return answer;
  }

  /** The editor may call a document saved a moment before its bytes are on disk: what is stale then is asked about again, a few times. */
  private later(document: vscode.TextDocument, key: string): void {
    const tries = (this.tries.get(key) ?? 0) + 1;
    if (tries > 6 || document.isClosed) return;
    if (this.tries.size > 100) this.tries.clear();
    this.tries.set(key, tries);
    setTimeout(() => { if (!document.isClosed && !document.isDirty) this.again(document); }, 500 * tries);
  }

  query(document: vscode.TextDocument): InlineQuery {
    return { uri: document.uri.toString(), version: document.version, dirty: document.isDirty, hintLimit: hintLimit(document) };
  }

  private again(document?: vscode.TextDocument): void {
    if (document) this.known.delete(document.uri.toString());
    else this.known.clear();
    this.emitter.fire(document);
  }

  dispose(): void {
    for (const listener of this.listeners) listener.dispose();
    this.emitter.dispose();
  }
}

/** How many characters of hints the editor shows on a line before it cuts; 0 all, -1 none. */
function hintLimit(document: vscode.TextDocument): number {
  const hints = vscode.workspace.getConfiguration('editor.inlayHints', document), enabled = hints.get<string>('enabled', 'on');
  if (!wanted('hints', document) || enabled === 'off' || enabled === 'offUnlessPressed') return -1;
  return hints.get('maximumLength', 43);
}
