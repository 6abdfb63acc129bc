import { DefaultLangiumDocuments, DefaultWorkspaceLock, DefaultWorkspaceManager, URI, type Cancellation, type FileSystemProvider, type LangiumDocument, type MaybePromise, type ReadPriority, type Stream, type TextDocument } from 'langium';
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

/** Every question of an editor is a read. One about a file that is gone has no answer, which is no failure: it is answered with nothing, whatever it was. */
export class SynthLock extends DefaultWorkspaceLock {
  private writes = 0;
  /** @param over called when a write has ended */
  constructor(private readonly over: () => void) { super(); }

  /** Whether anything is written, or is about to be. */
  get writing(): boolean { return this.writes > 0; }

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
    try {
      return await super.read(action, priority);
    } catch (error) {
      if (error instanceof Gone) return undefined as T;
      throw error;
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
