import { DefaultLangiumDocuments, DefaultWorkspaceLock, DefaultWorkspaceManager, OperationCancelled, URI, Cancellation, type FileSystemProvider, type LangiumDocument, type MaybePromise, type ReadPriority, type Stream, type TextDocument } from 'langium';
import { DefaultDocumentUpdateHandler, type LangiumSharedServices } from 'langium/lsp';
import type { FileSystemWatcher, TextDocumentChangeEvent } from 'vscode-languageserver';

/** Which files there are, in an editor that opens, changes and closes them faster than they are read. */

/** A file that is neither open nor on disk: an editor asks for it still when it was closed, or deleted, while the question was on its way. */
export class Gone extends Error {
  constructor(uri: URI) { super(`There is no file ${uri.toString()} any more.`); }
}

export class SynthDocuments extends DefaultLangiumDocuments {
  /** @throws Gone where there is nothing to read */
  override async getOrCreateDocument(uri: URI, token?: Cancellation.CancellationToken): Promise<LangiumDocument> {
    try {
      return await super.getOrCreateDocument(uri, token);
    } catch (error) {
      // Two may have asked at a time.
      const there = this.getDocument(uri);
      if (there) return there;
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      throw new Gone(uri);
    }
  }
}

/** What an editor's folders hold. Every question waits until they have been read, so that a file which cannot be is passed over. */
export class SynthWorkspace extends DefaultWorkspaceManager {
  protected override async loadWorkspaceDocuments(uris: Stream<URI>, collect: (document: LangiumDocument) => void): Promise<void> {
    await Promise.all(uris.map(async (uri) => {
      try {
        collect(await this.langiumDocuments.getOrCreateDocument(uri));
      } catch (error) {
        console.error(`${uri.toString()} cannot be read.`, error);
      }
    }));
  }
}

/** Turns of the event loop without a question after which none is on its way: one to take a message from the line, one to hear it, and as many to send an answer. At most so many in all. */
const quietTurns = 4, mostTurns = 200;

/** Every question of an editor is a read. One about a file that is gone has no answer, which is no failure: it is answered with nothing, whatever it was. */
export class SynthLock extends DefaultWorkspaceLock {
  private writes = 0;
  private reads = 0;
  private asked = 0;
  private gaveWay = 0;
  /** @param over called when a write has ended */
  constructor(private readonly over: () => void) { super(); }

  /** Whether anything is written, or is about to be. */
  get writing(): boolean { return this.writes > 0; }

  /** A question has come that will be read for. */
  ask(): void { this.asked++; }

  /**
   * Lets all questions that have come in be answered before what asks for this goes on: a server hears one message a turn of its event loop, and sends one, so that each would wait
   * for one more stretch of work. Does nothing but look at the token when it was done a moment ago.
   * @throws OperationCancelled
   */
  async giveWay(token: Cancellation.CancellationToken, everyMs = 0): Promise<void> {
    // What cannot be cancelled is no editor's key press; nothing shall change under it.
    if (token === Cancellation.CancellationToken.None) return;
    if (performance.now() - this.gaveWay >= everyMs) {
      for (let quiet = 0, turns = 0; quiet < quietTurns && turns < mostTurns && !token.isCancellationRequested; turns++) {
        const { asked } = this;
        await new Promise((resolve) => setImmediate(resolve));
        quiet = asked === this.asked && this.reads === 0 ? quiet + 1 : 0;
      }
      this.gaveWay = performance.now();
    }
    if (token.isCancellationRequested) throw OperationCancelled;
  }

  override async write(action: (token: Cancellation.CancellationToken) => MaybePromise<void>): Promise<void> {
    this.writes++;
    try {
      await super.write(action);
    } finally {
      this.writes--;
      this.over();
    }
  }

  override async read<T>(action: () => MaybePromise<T>, priority?: ReadPriority): Promise<T> {
    this.asked++;
    this.reads++;
    try {
      return await super.read(action, priority);
    } catch (error) {
      if (error instanceof Gone) return undefined as T;
      throw error;
    } finally {
      this.reads--;
    }
  }
}

/** Hears of the language's own files and of tables: a source that changed makes what is known of it stale. */
export class SynthUpdateHandler extends DefaultDocumentUpdateHandler {
  private readonly files: FileSystemProvider;
  constructor(services: LangiumSharedServices) {
    super(services);
    this.files = services.workspace.FileSystemProvider;
  }

  protected override getWatchers(): FileSystemWatcher[] {
    return [{ globPattern: '**/*.synth' }, { globPattern: '**/*.{csv,tsv,gz,parquet,jsonl,arrow,feather}' }];
  }

  /** What a build fails with is written down: the server goes on. */
  protected override fireDocumentUpdate(changed: URI[], deleted: URI[]): void {
    void this.workspaceManager.ready.then(() => this.workspaceLock.write((token) => this.documentBuilder.update(changed, deleted, token))).catch((error: unknown) => { console.error('A file could not be built.', error); });
  }

  /** What was not saved is discarded with a closed file: what counts from now on is what is on disk, or nothing. */
  didCloseDocument({ document }: TextDocumentChangeEvent<TextDocument>): void {
    const uri = URI.parse(document.uri);
    void this.files.exists(uri).then((there) => this.fireDocumentUpdate(there ? [uri] : [], there ? [] : [uri]));
  }
}
