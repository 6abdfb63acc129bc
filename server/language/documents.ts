import { DefaultLangiumDocuments, DefaultWorkspaceLock, URI, type Cancellation, type FileSystemProvider, type LangiumDocument, type MaybePromise, type ReadPriority, type TextDocument } from 'langium';
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
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      throw new Gone(uri);
    }
  }
}

/** Every question of an editor is a read. One about a file that is gone has no answer, which is no failure: it is answered with nothing, whatever it was. */
export class SynthLock extends DefaultWorkspaceLock {
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

  /** What was not saved is discarded with a closed file: what counts from now on is what is on disk, or nothing. */
  didCloseDocument({ document }: TextDocumentChangeEvent<TextDocument>): void {
    const uri = URI.parse(document.uri);
    void this.files.exists(uri).then((there) => this.fireDocumentUpdate(there ? [uri] : [], there ? [] : [uri]));
  }
}
