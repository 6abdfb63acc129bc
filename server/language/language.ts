import { type Connection } from 'vscode-languageserver/node';
import { DocumentState, URI, type LangiumDocument } from 'langium';
import type { Diagnostic } from 'vscode-languageserver-types';
import { startLanguageServer } from 'langium/lsp';
import { NodeFileSystem } from 'langium/node';
import { UserError } from '../errors';
import { Runs } from '../insight/runs';
import type { LanguageProblem, TableProfile, TargetResult } from '../protocol';
import { Checks } from './check';
import { compileTarget, type CompiledTarget } from './compile/target';
import * as ast from './generated/ast';
import type { AskRows } from './data';
import type { SynthHover } from './lsp/hover';
import { filesOf, mistakesOf } from './mistakes';
import { sourceOf, sourcePath } from './model';
import { createSynthServices, type SynthServices } from './module';
import { registerChecks } from './validation/register';
import type { LangiumSharedServices } from 'langium/lsp';

export interface LanguageOptions { inspect(path: string, values: number): Promise<TableProfile>; rows?: AskRows; connection?: Connection; serverInfo?: { name: string; version: string } }

const problem = (document: LangiumDocument, d: Diagnostic): LanguageProblem => ({ severity: severities[d.severity ?? 1], message: typeof d.message === 'string' ? d.message : d.message.value, line: d.range.start.line, character: d.range.start.character, ...(d.code !== undefined && { code: String(d.code) }), file: document.uri.fsPath });
const severities = ['error', 'error', 'warning', 'information', 'hint'] as const;
/** Quiet time after which files are checked anew because something was found out. */
const settleMs = 50;
/** How often files may be sent back while a question about them waits. */
const mostWaits = 100;

/** The `.synth` language as a front end uses it: one object, whether an editor is connected or not. */
export class Language {
  readonly shared: LangiumSharedServices;
  readonly synth: SynthServices;
  readonly checks: Checks;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: LanguageOptions) {
    const context = { ...(options.connection && { connection: options.connection }), ...NodeFileSystem, inspect: options.inspect, ...(options.rows && { rows: options.rows }), changed: () => this.again(), checks: () => this.checks, ...(options.serverInfo && { serverInfo: options.serverInfo }) };
    ({ shared: this.shared, synth: this.synth } = createSynthServices(context));
    this.checks = new Checks(new Runs());
    registerChecks(this.synth, () => this.checks);
  }

  /** Answers an editor; takes over `initialize` and begins to listen. */
  listen(): void {
    // What can be done about a place rests on what the editor itself says is wrong there: it need not wait until all is checked.
    startLanguageServer(this.shared, { CodeActionProvider: DocumentState.IndexedReferences });
  }

  /** Pictures in hovers are drawn for the editor's theme. */
  setTheme(theme: SynthHover['theme']): void { (this.synth.lsp.HoverProvider as SynthHover).theme = theme; }

  /** A run ended: what it says of targets shows. */
  runChanged(): void {
    this.checks.runs.changed();
    this.again();
  }

  /** A file as it is on disk or in the editor, built and checked with all that can be known of its data. @throws UserError (input) when it cannot be read */
  async open(path: string): Promise<LangiumDocument> {
    const uri = URI.file(path), { LangiumDocuments, DocumentBuilder } = this.shared.workspace;
    // What was typed a moment ago is read first.
    if (this.shared.workspace.TextDocuments?.get(uri.toString())) await DocumentBuilder.waitUntil(DocumentState.Parsed, uri);
    const document = await LangiumDocuments.getOrCreateDocument(uri).catch(() => { throw new UserError('cannot be read.', { file: path }, 'Check the name and the folder.'); });
    for (let round = 0, used: LangiumDocument[] = []; ; round++) {
      await DocumentBuilder.build([document, ...used], { validation: true });
      // A source of another file is as good as its own declaration there. What a file uses is known of one that nobody has sent back meanwhile.
      used = await this.whenChecked(() => [document], () => this.filesOf(document).filter((d) => d !== document));
      const unseen = used.filter((d) => d.state < DocumentState.Validated);
      if (unseen.length > 0) await DocumentBuilder.build(unseen, { validation: true });
      const pending = [...this.synth.data.Tables.pending, ...this.synth.data.Settings.pending, ...this.synth.data.Rows.pending];
      if (pending.length === 0 || round === 20) return document;
      await Promise.all(pending);
    }
  }

  /** What is wrong with a file, and with the sources of other files that its targets start from. @throws UserError (usage) when they change all the time */
  problems(document: LangiumDocument): Promise<LanguageProblem[]> {
    return this.whenChecked(() => this.filesOf(document), () => {
      const elsewhere = new Map([...this.targets(document).values()].flatMap(mistakesOf).filter((m) => m.document !== document).map((m) => [m.error, m.document]));
      return [...document.diagnostics!.map((d) => problem(document, d)), ...[...elsewhere].map(([d, own]) => problem(own, d))];
    });
  }

  /** A file, and those that its targets start from as far as names are looked up. */
  private filesOf(document: LangiumDocument): LangiumDocument[] {
    return document.state < DocumentState.Linked ? [document] : [...new Set([document, ...[...this.targets(document).values()].flatMap(filesOf)])];
  }

  results(document: LangiumDocument): Promise<TargetResult[]> { return this.checks.of(document); }

  /** The targets a file declares, by name. */
  targets(document: LangiumDocument): Map<string, ast.Target> {
    return new Map((document.parseResult.value as ast.File).declarations.filter(ast.isTarget).map((t) => [t.name, t]));
  }

  /**
   * A target as a run needs it. What is wrong with the file's other targets is no matter here.
   * @throws UserError (usage) for a target that is not there, and for one with a mistake in it or in its source
   */
  async compile(document: LangiumDocument, name: string): Promise<CompiledTarget> {
    const file = document.uri.fsPath, { target, wrong } = await this.checked(document, name), error = wrong && problem(wrong.document, wrong.error);
    if (error) throw new UserError(error.message, { file: error.file!, row: error.line + 1, character: error.character + 1 }, 'Correct it first; understudy check shows all there is.', 'usage');
    const source = sourceOf(target), path = source && sourcePath(source);
    try {
      return compileTarget(target, path === undefined ? undefined : await this.synth.data.Tables.get(path), this.synth.data.Settings);
    } catch (thrown) {
      const at = target.$cstNode?.range.start;
      if (thrown instanceof UserError) throw new UserError(thrown.message, { file, row: (at?.line ?? 0) + 1, character: (at?.character ?? 0) + 1 }, thrown.hint, thrown.code);
      throw thrown;
    }
  }

  /** A target all of whose files are checked as they stand now, and the first of its mistakes. */
  private checked(document: LangiumDocument, name: string): Promise<{ target: ast.Target; wrong: ReturnType<typeof mistakesOf>[number] | undefined }> {
    const named = (): ast.Target | undefined => {
      const targets = this.targets(document), target = targets.get(name);
      if (!target && document.state >= DocumentState.Parsed) throw new UserError(`There is no target ${name}.`, { file: document.uri.fsPath }, `It has ${[...targets.keys()].join(', ') || 'none'}.`, 'usage');
      return document.state < DocumentState.Linked ? undefined : target;
    };
    return this.whenChecked(() => { const target = named(); return target ? filesOf(target) : [document]; }, () => { const target = named()!; return { target, wrong: mistakesOf(target)[0] }; });
  }

  /**
   * Asks something of files that are all checked as they stand now, before anybody can send one back. A key press may have done so at any time: of a text that nobody has checked nothing is
   * known to be right, and a privacy budget that is misspelt there would be none.
   * @throws UserError (usage) when they change all the time, or one is gone
   */
  private async whenChecked<T>(files: () => LangiumDocument[], ask: () => T): Promise<T> {
    for (let n = 0; n < mostWaits; n++) {
      const behind = files().filter((d) => d.state < DocumentState.Validated || d.diagnostics === undefined);
      if (behind.length === 0) return ask();
      for (const d of behind) await this.shared.workspace.DocumentBuilder.waitUntil(DocumentState.Validated, d.uri);
    }
    throw new UserError('is being changed.', { file: files()[0].uri.fsPath }, 'Run it again.', 'usage');
  }

  /** Everything open is checked again, a moment later: what was found out may concern any of it. */
  private again(): void {
    if (!this.options.connection) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const { LangiumDocuments, DocumentBuilder, WorkspaceLock, TextDocuments } = this.shared.workspace;
      void WorkspaceLock.write(async (token) => {
        // This may have cut short what a key press began, so all that is open is built, from wherever it stands; else nobody would build it until the next key.
        const open = LangiumDocuments.all.filter((d) => TextDocuments.get(d.uri.toString()) !== undefined).toArray();
        if (open.length) await DocumentBuilder.build(open, { validation: true }, token);
      }).then(() => {
        // Clients that cannot refresh say so with an error; they ask again by themselves.
        for (const what of ['inlayHint', 'codeLens', 'semanticTokens']) void this.options.connection?.sendRequest(`workspace/${what}/refresh`).catch(() => undefined);
      }, () => undefined);
    }, settleMs);
  }
}
