import { dirname, resolve } from 'node:path';
import { DefaultDocumentBuilder, DocumentState, DefaultLangiumDocumentFactory, DefaultScopeComputation, DefaultScopeProvider, MapScope, URI, UriUtils, type AstNode, type AstNodeDescription, type BuildOptions, type LangiumDocument, type LocalSymbols, type Mutable, type ReferenceInfo, type Scope, type TextDocument } from 'langium';
import { MultiMap, Cancellation, DocumentCache, type LangiumCoreServices, type LangiumSharedCoreServices } from 'langium';
import type { LangiumSharedServices } from 'langium/lsp';
import { Gone } from './documents';
import * as ast from './generated/ast';
import { readString } from './names';
import type { SynthParser } from './parsing/parser';

/** `use "x.synth"` as it can be found without a parser: files are loaded before they are parsed. */
const uses = /^[ \t]*use[ \t]+("(?:\\.|[^"\\\r\n])*")/gm;
/** Files that use one another, and so on, are followed to this many. */
const mostFiles = 500;

/** Builds files together with those they use, wherever these lie: a terminal has no workspace, and an editor's may end above them. */
export class SynthDocumentBuilder extends DefaultDocumentBuilder {
  private readonly openOnes: () => readonly string[];
  constructor(services: LangiumSharedCoreServices) {
    super(services);
    this.openOnes = () => (services as LangiumSharedServices).workspace.TextDocuments?.keys() ?? [];
    // What rests on the data is checked whenever it is known (data.ts), so there is one category only.
    this.updateBuildOptions = { validation: true };
  }

  override async build<T extends AstNode>(documents: Array<LangiumDocument<T>>, options?: BuildOptions, token?: Cancellation.CancellationToken): Promise<void> {
    const more = await this.loadUsed(documents.map((d) => ({ uri: d.uri, text: d.textDocument.getText() })));
    return super.build([...more, ...documents] as Array<LangiumDocument<T>>, options, token);
  }

  override async update(changed: URI[], deleted: URI[], token?: Cancellation.CancellationToken): Promise<void> {
    // Of a file deleted under an editor that has it open, the editor's text counts; so of one that was closed and is open again.
    const kept = deleted.flatMap((uri) => [uri, ...this.langiumDocuments.getDocuments(uri).map((d) => d.uri)]).filter((uri) => this.textDocuments?.get(uri.toString()) !== undefined);
    const all = [...changed, ...kept], texts = await Promise.all(all.map(async (uri) => ({ uri, text: this.textDocuments?.get(uri.toString())?.getText() ?? (await this.textOf(uri)) ?? '' })));
    const more = await this.loadUsed(texts);
    return super.update([...all, ...more.map((d) => d.uri)], deleted, token);
  }

  private readonly checking = new Map<string, Promise<unknown>>();

  /** Several may ask for a file to be checked at a time: they wait for each other, and what the last one finds replaces what is known, so that nothing is said twice. */
  protected override validate(document: LangiumDocument, token: Cancellation.CancellationToken): Promise<void> {
    const uri = document.uri.toString(), before = this.checking.get(uri);
    const own = (before ?? Promise.resolve()).then(() => {
      const { result } = this.buildState.get(uri) ?? {};
      if (before) document.diagnostics = undefined;
      if (before && result) result.validationChecks = [];
      return super.validate(document, token);
    });
    const over = own.catch(() => undefined).then(() => { if (this.checking.get(uri) === over) this.checking.delete(uri); });
    this.checking.set(uri, over);
    return own;
  }

  /** A question about a file waits until what the editor sent before it has been read: it speaks of that text. One about a file that is gone need not wait. */
  protected override async awaitDocumentState(state: DocumentState, uri: URI, token: Cancellation.CancellationToken): Promise<URI> {
    await this.caughtUp([uri], token);
    const document = this.langiumDocuments.getDocument(uri);
    if (!document) {
      // Known to nobody yet, but perhaps to the disk.
      await this.langiumDocuments.getOrCreateDocument(uri, token).then((d) => this.build([d], this.updateBuildOptions), (error: unknown) => { if (!(error instanceof Gone)) throw error; });
      return uri;
    }
    // A file that is closed for good before it is built is never built.
    const waiting = new Cancellation.CancellationTokenSource(), cancelled = token.onCancellationRequested(() => waiting.cancel());
    const watch = this.onUpdate(() => { if (!this.langiumDocuments.hasDocument(uri)) waiting.cancel(); });
    try {
      return await super.awaitDocumentState(state, uri, waiting.token);
    } catch (error) {
      if (token.isCancellationRequested || this.langiumDocuments.hasDocument(uri)) throw error;
      return uri;
    } finally {
      cancelled.dispose();
      watch.dispose();
    }
  }

  /** Questions across files wait for all that is open. */
  protected override async awaitBuilderState(state: DocumentState, token: Cancellation.CancellationToken): Promise<void> {
    await this.caughtUp(this.openOnes().map((uri) => URI.parse(uri)), token);
    return super.awaitBuilderState(state, token);
  }

  /** Waits, two seconds at most, until the texts that the editor sent of these files have at least been taken up. */
  private async caughtUp(uris: readonly URI[], token: Cancellation.CancellationToken): Promise<void> {
    const behind = (uri: URI): boolean => {
      const open = this.textDocuments?.get(uri.toString()), document = this.langiumDocuments.getDocument(uri);
      return open !== undefined && (!document || (document.state > DocumentState.Changed && document.parseResult.value.$cstNode?.root.fullText !== open.getText()));
    };
    for (let i = 0; i < 400 && !token.isCancellationRequested && uris.some(behind); i++) await new Promise((r) => setTimeout(r, 5));
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
        if (content === undefined) continue;
        const document = this.langiumDocuments.createDocument(path, content);
        loaded.push(document);
        queue.push({ uri: path, text: content });
      }
    }
    return loaded;
  }
}

/** After a change only what changed is parsed again. */
export class SynthDocumentFactory extends DefaultLangiumDocumentFactory {
  override async update<T extends AstNode = AstNode>(document: Mutable<LangiumDocument<T>>, token: Cancellation.CancellationToken): Promise<LangiumDocument<T>> {
    const old = document.parseResult, root = old.value.$cstNode?.root, textDocument = this.textDocuments?.get(document.uri.toString());
    if (root && textDocument && textDocument.getText() !== root.fullText) {
      const parser = this.serviceRegistry.getServices(document.uri).parser.LangiumParser as SynthParser;
      document.parseResult = parser.reparse<T>(old, textDocument.getText());
      (document.parseResult.value as Mutable<AstNode>).$document = document;
    }
    // What is parsed already is not parsed again.
    return super.update(document, token);
  }

  /** A file that was closed and is not on disk (never saved, or deleted) keeps its last text: an error here would stop the building of every other file, for good. */
  protected override async getUpdatedText(document: LangiumDocument, textDocument: TextDocument | undefined, token: Cancellation.CancellationToken): Promise<string> {
    try {
      return await super.getUpdatedText(document, textDocument, token);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      return document.parseResult.value.$cstNode?.root.fullText ?? '';
    }
  }
}

function usedIn(uri: URI, text: string): URI[] {
  return [...text.matchAll(uses)].map((m) => usedUri(uri, readString(m[1]))).filter((u) => u.fsPath.toLowerCase().endsWith('.synth') && !UriUtils.equals(u, uri));
}
export const usedUri = (from: URI, path: string): URI => URI.file(resolve(dirname(from.fsPath), path));

/** Only sources and targets are seen from elsewhere; columns belong to their source and are looked up there (columns.ts). */
export class SynthScopeComputation extends DefaultScopeComputation {
  override async collectExportedSymbols(document: LangiumDocument): Promise<AstNodeDescription[]> {
    const file = document.parseResult.value as ast.File, found: AstNodeDescription[] = [];
    for (const d of file.declarations) if ((ast.isSource(d) || ast.isTarget(d)) && d.name) found.push(this.descriptions.createDescription(d, d.name, document));
    return found;
  }
  override async collectLocalSymbols(): Promise<LocalSymbols> { return new MultiMap() as unknown as LocalSymbols; }
}

/** A file sees its own declarations and those of the files it uses; of two with one name, its own, then the first used. */
export class SynthScopeProvider extends DefaultScopeProvider {
  private readonly scopes: DocumentCache<string, Scope>;
  constructor(services: LangiumCoreServices) {
    super(services);
    this.scopes = new DocumentCache(services.shared);
  }

  override getScope(context: ReferenceInfo): Scope {
    let top: AstNode = context.container;
    while (top.$container) top = top.$container;
    const document = top.$document!, type = this.wanted(context);
    return this.scopes.get(document.uri, `${type} ${this.generation(document, top as ast.File)}`, () => {
      const visible = [document.uri, ...(top as ast.File).uses.flatMap((u) => (u.path === undefined ? [] : [usedUri(document.uri, u.path)]))].map((u) => u.toString()), elements = new Map<string, AstNodeDescription>();
      for (const uri of visible) for (const e of this.indexManager.allElements(type, new Set([uri]))) if (!elements.has(e.name)) elements.set(e.name, e);
      return new MapScope([...elements.values()]);
    });
  }

  /** What a name at a place names. In a mistaken text completion asks on behalf of a node around the place, which has no such property: the property tells all the same. */
  private wanted(context: ReferenceInfo): string {
    try {
      return this.reflection.getReferenceType(context);
    } catch {
      return context.property === 'target' ? ast.Target.$type : ast.Source.$type;
    }
  }

  /** Changes when a used file does: the cache is per document and does not notice by itself. */
  private generation(document: LangiumDocument, file: ast.File): string {
    return file.uses.length === 0 ? '' : file.uses.map((u) => (u.path === undefined ? '' : this.indexManager.allElements(undefined, new Set([usedUri(document.uri, u.path).toString()])).map((d) => d.name).join(','))).join(';');
  }
}
