import { Cancellation, DefaultDocumentBuilder, DocumentState, interruptAndCheck, isOperationCancelled, OperationCancelled, URI, type AstNode, type BuildOptions, type LangiumDocument, type LangiumSharedCoreServices, type MaybePromise } from 'langium';
import type { LangiumSharedServices } from 'langium/lsp';
import { LSPErrorCodes, ResponseError } from 'vscode-languageserver';
import { Gone, type SynthLock } from './documents';
import { usedIn } from './workspace';

/** Files that use one another, and so on, are followed to this many. */
const mostFiles = 500;
/** How often a question has a file built by itself, where nobody else does, before it is told that this leads nowhere. */
const mostTries = 3;
type Token = Cancellation.CancellationToken;

/**
 * Builds files together with those they use, wherever these lie: a terminal has no workspace, and an editor's may end above them.
 *
 * A question about a file waits for it by looking at how far it is, whenever anything has moved, and has it built itself where nobody else is about to: a build may be cut short
 * anywhere, throw, or have nothing to do, and whoever waited to be told of one step would wait for good.
 */
export class SynthDocumentBuilder extends DefaultDocumentBuilder {
  private readonly openOnes: () => readonly string[];
  private readonly lock: () => SynthLock;
  constructor(services: LangiumSharedCoreServices) {
    super(services);
    this.openOnes = () => (services as LangiumSharedServices).workspace.TextDocuments?.keys() ?? [];
    this.lock = () => services.workspace.WorkspaceLock as SynthLock;
    // What rests on the data is checked whenever it is known (data.ts), so there is one category only.
    this.updateBuildOptions = { validation: true };
  }

  override async build<T extends AstNode>(documents: Array<LangiumDocument<T>>, options?: BuildOptions, token?: Token): Promise<void> {
    await this.working(async () => {
      const more = await this.loadUsed(documents.map((d) => ({ uri: d.uri, text: d.textDocument.getText() })));
      await super.build([...more, ...documents] as Array<LangiumDocument<T>>, options, token);
    });
  }

  override async update(changed: URI[], deleted: URI[], token?: Token): Promise<void> {
    await this.working(async () => {
      // Of a file deleted under an editor that has it open, the editor's text counts; so of one that was closed and is open again.
      const kept = deleted.flatMap((uri) => [uri, ...this.langiumDocuments.getDocuments(uri).map((d) => d.uri)]).filter((uri) => this.textDocuments?.get(uri.toString()) !== undefined);
      const all = [...changed, ...kept], texts = await Promise.all(all.map(async (uri) => ({ uri, text: this.textDocuments?.get(uri.toString())?.getText() ?? (await this.textOf(uri)) ?? '' })));
      const more = await this.loadUsed(texts);
      await super.update([...all, ...more.map((d) => d.uri)], deleted, token);
    });
  }

  // How files are taken from step to step, by several builds at a time.

  /** Times that a file was sent back to an earlier step. */
  private readonly resets = new WeakMap<LangiumDocument, number>();
  /** Files that were deleted: a build that had begun with one does not go on. */
  private readonly deleted = new WeakSet<LangiumDocument>();
  /** Why a file could not be taken further. */
  private readonly failures = new WeakMap<LangiumDocument, { error: unknown }>();

  override resetToState<T extends AstNode>(document: LangiumDocument<T>, state: DocumentState): void {
    this.resets.set(document, (this.resets.get(document) ?? 0) + 1);
    super.resetToState(document, state);
  }

  protected override cleanUpDeleted<T extends AstNode>(document: LangiumDocument<T>): void {
    this.deleted.add(document);
    this.resets.set(document, (this.resets.get(document) ?? 0) + 1);
    super.cleanUpDeleted(document);
  }

  /** What one file fails with is thrown when all others are built. */
  protected override async buildDocuments(documents: LangiumDocument[], options: BuildOptions, token: Token): Promise<void> {
    for (const document of documents) this.failures.delete(document);
    await super.buildDocuments(documents, options, token);
    const failed = documents.map((d) => this.failures.get(d)).find((f) => f !== undefined);
    if (failed) throw failed.error;
  }

  /**
   * Takes files to a step from the one before it. One that another build has sent back meanwhile is left to that build, from where it sent it to: it would go on with a text that
   * nobody has read.
   */
  protected override async runCancelable(documents: LangiumDocument[], step: DocumentState, token: Token, work: (document: LangiumDocument) => MaybePromise<unknown>): Promise<void> {
    const before = step - 1;
    // Who asks what stands in a text is answered before names are looked up, and everybody before it is checked.
    if ((step === DocumentState.IndexedContent || step === DocumentState.Validated) && documents.some((d) => d.state === before)) await this.lock().giveWay(token);
    for (const document of documents) {
      if (document.state !== before || this.deleted.has(document)) continue;
      await interruptAndCheck(token);
      if (document.state !== before || this.deleted.has(document)) continue;
      const resets = this.resets.get(document);
      try {
        await work(document);
        if (this.resets.get(document) !== resets) {
          // Who reads a file writes down that it was read, but this was what stood there before.
          if (step === DocumentState.Parsed) document.state = DocumentState.Changed;
          // Nor is anything known by a name that stood in a file that is gone.
          if (this.deleted.has(document) && !this.langiumDocuments.hasDocument(document.uri)) this.indexManager.remove(document.uri);
          continue;
        }
        document.state = Math.max(document.state, step);
        this.look();
        await this.notifyDocumentPhase(document, step, token);
      } catch (error) {
        if (isOperationCancelled(error)) throw error;
        this.failures.set(document, { error });
      }
    }
    await this.notifyBuildPhase(documents.filter((d) => d.state === step), step, token);
    this.currentState = step;
    this.look();
  }

  /** A file is at its step whether the build was cut short just then or not, and nobody takes it there again: all are told, or what was found wrong with it would never be shown. */
  protected override async notifyDocumentPhase(document: LangiumDocument, state: DocumentState, token: Token): Promise<void> {
    for (const listener of [...this.documentPhaseListeners.get(state)]) {
      try {
        await listener(document, token);
      } catch (error) {
        if (!isOperationCancelled(error)) throw error;
      }
    }
  }

  private readonly checking = new Map<string, Promise<unknown>>();

  /**
   * Several may ask for a file to be checked at a time: they wait for each other, and what the last one finds replaces what is known, so that nothing is said twice. A check is always of all there is
   * to check. One of a text that was sent back before it could begin, or while it went on, is left to whoever sent it back: it would find what is wrong with a text that nobody sees.
   */
  protected override validate(document: LangiumDocument, token: Token): Promise<void> {
    const uri = document.uri.toString(), before = this.checking.get(uri), resets = this.resets.get(document), isOld = (): boolean => this.resets.get(document) !== resets;
    const own = (before ?? Promise.resolve()).then(async () => {
      if (isOld()) return;
      const { DocumentValidator, ValidationRegistry } = this.serviceRegistry.getServices(document.uri).validation, categories = [...ValidationRegistry.getAllValidationCategories(document)];
      try {
        const found = await DocumentValidator.validateDocument(document, { categories }, token);
        if (isOld()) return;
        document.diagnostics = found;
        this.buildState.set(uri, { completed: false, options: this.updateBuildOptions, ...this.buildState.get(uri), result: { validationChecks: categories } });
      } catch (error) {
        // Who asked for this may have known more than who asked before: it is to be checked again, and what was found before is known until then.
        if (!isOld()) document.state = Math.min(document.state, DocumentState.IndexedReferences);
        throw error;
      }
    });
    const over = own.catch(() => undefined).then(() => { if (this.checking.get(uri) === over) this.checking.delete(uri); });
    this.checking.set(uri, over);
    return own;
  }

  // How questions wait.

  private readonly waiting = new Set<() => void>();
  private atWork = 0;

  /** Has everyone who waits look again: something has moved, or nobody is at work any more. */
  look(): void { for (const again of [...this.waiting]) again(); }

  private async working(work: () => Promise<void>): Promise<void> {
    this.atWork++;
    try {
      await work();
    } finally {
      this.atWork--;
      this.look();
    }
  }

  protected override async emitUpdate(changed: URI[], deleted: URI[]): Promise<void> {
    this.look();
    await super.emitUpdate(changed, deleted);
  }

  /** Waits for something to move, or the token. */
  private moved(token: Token): Promise<void> {
    return new Promise((resolve) => {
      const again = (): void => {
        this.waiting.delete(again);
        cancelled?.dispose();
        resolve();
      };
      this.waiting.add(again);
      const cancelled = token.onCancellationRequested(again) as { dispose(): void } | undefined;
    });
  }

  /**
   * Waits until something is so.
   * @param begin what leads there, where nobody is at work or about to be; what it throws is thrown
   * @returns false when it led nowhere, several times
   * @throws OperationCancelled when the token is cancelled before
   */
  private async until(reached: () => boolean, begin: () => Promise<unknown>, token: Token): Promise<boolean> {
    this.lock().ask();
    for (let tries = 0; !reached();) {
      if (token.isCancellationRequested) throw OperationCancelled;
      if (this.atWork > 0 || this.lock().writing) await this.moved(token);
      else if (tries++ === mostTries) return false;
      else await begin();
    }
    return true;
  }

  /** A question about a file waits until what the editor sent before it has been read: it speaks of that text. One about a file that is gone need not wait. */
  protected override async awaitDocumentState(state: DocumentState, uri: URI, token: Token): Promise<URI> {
    await this.caughtUp([uri], token);
    try {
      // Known to nobody yet, but perhaps to the disk.
      await this.langiumDocuments.getOrCreateDocument(uri, token);
    } catch (error) {
      if (error instanceof Gone) return uri;
      throw error;
    }
    await this.built(() => [this.langiumDocuments.getDocument(uri)].filter((d) => d !== undefined), state, token);
    return uri;
  }

  /** Questions across files wait for all there are. */
  protected override async awaitBuilderState(state: DocumentState, token: Token): Promise<void> {
    await this.caughtUp(this.openOnes().map((uri) => URI.parse(uri)), token);
    // One that cannot be built keeps nobody from an answer about the others.
    await this.built(() => this.langiumDocuments.all.filter((d) => !this.failures.has(d)).toArray(), state, token, true);
  }

  /** Waits until files have come to a step, those that were deleted meanwhile not among them. */
  private async built(files: () => LangiumDocument[], state: DocumentState, token: Token, others = false): Promise<void> {
    const behind = (): LangiumDocument[] => files().filter((d) => d.state < state), build = (): Promise<void> => this.build(behind(), this.updateBuildOptions);
    if (await this.until(() => behind().length === 0, others ? () => build().catch(unlessCancelled) : build, token)) return;
    throw new ResponseError(LSPErrorCodes.RequestFailed, `${behind()[0]?.uri.toString()} cannot be built.`);
  }

  /** Waits until the texts that the editor sent of these files have at least been taken up. */
  private async caughtUp(uris: readonly URI[], token: Token): Promise<void> {
    const isBehind = (uri: URI): boolean => {
      const open = this.textDocuments?.get(uri.toString()), document = this.langiumDocuments.getDocument(uri);
      return open !== undefined && (!document || (document.state > DocumentState.Changed && document.parseResult.value.$cstNode?.root.fullText !== open.getText()));
    };
    await this.until(() => !uris.some(isBehind), () => this.update(uris.filter(isBehind), []).catch(unlessCancelled), token);
  }

  private async textOf(uri: URI): Promise<string | undefined> {
    try {
      return await this.fileSystemProvider.readFile(uri);
    } catch {
      return undefined;
    }
  }

  private async loadUsed(from: Array<{ uri: URI; text: string }>): Promise<LangiumDocument[]> {
    const loaded: LangiumDocument[] = [], queue = [...from];
    while (queue.length && loaded.length < mostFiles) {
      const { uri, text } = queue.shift()!;
      for (const path of usedIn(uri, text)) {
        if (this.langiumDocuments.hasDocument(path)) continue;
        const content = await this.textOf(path);
        // Another may have loaded it meanwhile.
        if (content === undefined || this.langiumDocuments.hasDocument(path)) continue;
        const document = this.langiumDocuments.createDocument(path, content);
        loaded.push(document);
        queue.push({ uri: path, text: content });
      }
    }
    return loaded;
  }
}

/** What another file fails with is said where that one is asked about. */
function unlessCancelled(error: unknown): void { if (isOperationCancelled(error)) throw error; }
