import { dirname, resolve } from 'node:path';
import { DefaultLangiumDocumentFactory, DefaultScopeComputation, DefaultScopeProvider, MapScope, URI, UriUtils, type AstNode, type AstNodeDescription, type LangiumDocument, type LocalSymbols, type Mutable, type ReferenceInfo, type Scope, type TextDocument } from 'langium';
import { MultiMap, Cancellation, DocumentCache, type LangiumCoreServices } from 'langium';
import * as ast from './generated/ast';
import { readString } from './names';
import type { SynthParser } from './parsing/parser';

/** `use "x.synth"` as it can be found without a parser: files are loaded before they are parsed. */
const uses = /^[ \t]*use[ \t]+("(?:\\.|[^"\\\r\n])*")/gm;
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

/** The files that a text uses. */
export function usedIn(uri: URI, text: string): URI[] {
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
