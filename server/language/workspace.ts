import { dirname, resolve } from 'node:path';
import { DefaultDocumentBuilder, type DocumentState, DefaultLangiumDocumentFactory, DefaultScopeComputation, DefaultScopeProvider, MapScope, URI, UriUtils, type AstNode, type AstNodeDescription, type BuildOptions, type LangiumDocument, type LocalSymbols, type Mutable, type ReferenceInfo, type Scope, type TextDocument } from 'langium';
import { MultiMap, Cancellation, DocumentCache, type LangiumCoreServices, type LangiumSharedCoreServices } from 'langium';
import * as ast from './generated/ast';
import { readString } from './names';
import type { SynthParser } from './parsing/parser';

/** `use "x.synth"` as it can be found without a parser: files are loaded before they are parsed. */
const uses = /^[ \t]*use[ \t]+("(?:\\.|[^"\\\r\n])*")/gm;
/** Files that use one another, and so on, are followed to this many. */
const mostFiles = 500;

/** Builds files together with those they use, wherever these lie: a terminal has no workspace, and an editor's may end above them. */
export class SynthDocumentBuilder extends DefaultDocumentBuilder {
  constructor(services: LangiumSharedCoreServices) {
    super(services);
    // What rests on the data is checked whenever it is known (data.ts), so there is one category only.
    this.updateBuildOptions = { validation: true };
  }

  override async build<T extends AstNode>(documents: Array<LangiumDocument<T>>, options?: BuildOptions, token?: Cancellation.CancellationToken): Promise<void> {
    const more = await this.loadUsed(documents.map((d) => ({ uri: d.uri, text: d.textDocument.getText() })));
    return super.build([...more, ...documents] as Array<LangiumDocument<T>>, options, token);
  }

  override async update(changed: URI[], deleted: URI[], token?: Cancellation.CancellationToken): Promise<void> {
    const texts = await Promise.all(changed.map(async (uri) => ({ uri, text: this.textDocuments?.get(uri.toString())?.getText() ?? (await this.textOf(uri)) ?? '' })));
    const more = await this.loadUsed(texts);
    return super.update([...changed, ...more.map((d) => d.uri)], deleted, token);
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

  /** A file that was opened a moment ago is waited for: an editor asks for its outline at once. */
  protected override async awaitDocumentState(state: DocumentState, uri: URI, token: Cancellation.CancellationToken): Promise<URI> {
    for (let i = 0; i < 400 && !this.langiumDocuments.hasDocument(uri) && this.textDocuments?.get(uri) && !token.isCancellationRequested; i++) await new Promise((r) => setTimeout(r, 5));
    return super.awaitDocumentState(state, uri, token);
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
