import { AstUtils, CstUtils, URI, UriUtils, type LangiumDocument, type LangiumDocuments } from 'langium';
import { DefaultDefinitionProvider, DefaultDocumentHighlightProvider, DefaultReferencesProvider, DefaultRenameProvider } from 'langium/lsp';
import { LocationLink, LSPErrorCodes, ResponseError, type DefinitionParams, type DocumentHighlight, type DocumentHighlightParams, type Location, type Position, type ReferenceParams, type RenameParams, type TextDocumentPositionParams, type WorkspaceEdit } from 'vscode-languageserver';
import type { MaybePromise } from 'langium';
import { columnNames, columnOf, mentions } from '../columns';
import * as ast from '../generated/ast';
import { headerCell, headerOf } from '../header';
import { pathIn } from '../model';
import type { SynthServices } from '../module';
import { isWritable, writeName } from '../names';
import { usedUri } from '../workspace';
import { columnAt, nodeAt } from './find';

/** Every place in all files that names a column of a source. */
function* everywhere(documents: LangiumDocuments, source: ast.Source, name: string): Generator<{ uri: string; node: ast.Column | ast.ColumnRef }> {
  for (const document of documents.all) for (const node of mentions(document, source, name)) if (node.$cstNode) yield { uri: document.uri.toString(), node };
}
/** Where the name itself stands in such a node: the whole of it. */
const rangeOf = (node: ast.Column | ast.ColumnRef) => node.$cstNode!.range;

/** Columns lead to where they are declared and to the table's header; files to themselves; sources and targets as usual. */
export class SynthDefinition extends DefaultDefinitionProvider {
  constructor(private readonly synth: SynthServices) { super(synth); }

  override async getDefinition(document: LangiumDocument, params: DefinitionParams): Promise<LocationLink[] | undefined> {
    const column = columnAt(document, params.position);
    if (column) {
      const { declared, table } = columnOf(column.source, column.name, this.synth.data.Tables), found: Location[] = [];
      if (declared?.column.$cstNode && declared.column !== column.node) found.push({ uri: docOf(declared.column), range: declared.column.$cstNode.range });
      const header = table && (await headerOf(table, column.name));
      if (header) found.push(header);
      return found.map((l) => LocationLink.create(l.uri, l.range, l.range, column.node.$cstNode?.range));
    }
    const at = nodeAt(document, params.position);
    if (at && at.leaf.text.startsWith('"') && 'path' in at.node && typeof at.node.path === 'string') {
      const uri = ast.isUse(at.node) ? usedUri(document.uri, at.node.path) : URI.file(pathIn(at.node, at.node.path)), top = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
      return [LocationLink.create(uri.toString(), top, top)];
    }
    return super.getDefinition(document, params) as Promise<LocationLink[] | undefined>;
  }
}

export class SynthReferences extends DefaultReferencesProvider {
  constructor(private readonly synth: SynthServices) { super(synth); }

  override async findReferences(document: LangiumDocument, params: ReferenceParams): Promise<Location[]> {
    const column = columnAt(document, params.position);
    if (!column) return super.findReferences(document, params) as Promise<Location[]>;
    const found = [...everywhere(this.synth.shared.workspace.LangiumDocuments, column.source, column.name)].filter(({ node }) => params.context.includeDeclaration || !ast.isColumn(node)).map(({ uri, node }) => ({ uri, range: rangeOf(node) }));
    const { table } = columnOf(column.source, column.name, this.synth.data.Tables), header = params.context.includeDeclaration && table ? await headerOf(table, column.name) : undefined;
    return header ? [...found, header] : found;
  }
}

export class SynthHighlight extends DefaultDocumentHighlightProvider {
  override getDocumentHighlight(document: LangiumDocument, params: DocumentHighlightParams): MaybePromise<DocumentHighlight[] | undefined> {
    const column = columnAt(document, params.position);
    return column ? [...mentions(document, column.source, column.name)].filter((n) => n.$cstNode).map((n) => ({ range: rangeOf(n) })) : super.getDocumentHighlight(document, params);
  }
}

/** A renamed column is renamed wherever it is said, and in its file's header, which the user is asked about: a table belongs to more than this language. */
export class SynthRename extends DefaultRenameProvider {
  constructor(private readonly synth: SynthServices) { super(synth); }

  override async rename(document: LangiumDocument, params: RenameParams): Promise<WorkspaceEdit | undefined> {
    const column = columnAt(document, params.position);
    const name = params.newName.startsWith('`') ? params.newName.slice(1, -1).replaceAll('``', '`') : params.newName;
    if (!isWritable(name)) return undefined;
    if (!column) {
      this.free(document, params, name);
      return super.rename(document, { ...params, newName: writeName(name) });
    }
    if (name !== column.name && columnNames(column.source, this.synth.data.Tables).includes(name)) throw new ResponseError(LSPErrorCodes.RequestFailed, `It cannot be renamed: there is a column ${name} already.`);
    const edits = new Map<string, Array<{ range: Location['range']; newText: string }>>();
    for (const { uri, node } of everywhere(this.synth.shared.workspace.LangiumDocuments, column.source, column.name)) edits.set(uri, [...(edits.get(uri) ?? []), { range: rangeOf(node), newText: writeName(name) }]);
    const { table } = columnOf(column.source, column.name, this.synth.data.Tables), header = table && (await headerCell(table, column.name));
    const asked = 'header';
    return {
      documentChanges: [
        ...[...edits].map(([uri, list]) => ({ textDocument: { uri, version: null }, edits: list })),
        ...(header ? [{ textDocument: { uri: header.at.uri, version: null }, edits: [{ range: header.at.range, newText: headerText(name, table!.profile?.dialect?.delimiter ?? ',', header.quoted), annotationId: asked }] }] : []),
      ],
      ...(header && { changeAnnotations: { [asked]: { label: `Rename the column in ${column.source.path}`, needsConfirmation: true, description: 'The table itself changes.' } } }),
    };
  }

  /**
   * @throws ResponseError where two declarations of a file would be called alike, or two that some file sees: its own and a used one, or those of two used files. Which of them a name
   * there means would change without a word.
   */
  private free(document: LangiumDocument, { position }: RenameParams, name: string): void {
    const root = document.parseResult.value.$cstNode, own = root && CstUtils.findDeclarationNodeAtOffset(root, document.textDocument.offsetAt(position), this.grammarConfig.nameRegexp), renamed = own && this.references.findDeclarations(own).find((d) => ast.isSource(d) || ast.isTarget(d));
    if (!renamed || renamed.name === name) return;
    const home = AstUtils.getDocument(renamed), namesake = (d: ast.Declaration) => !ast.isExpect(d) && d.name === name && d !== renamed, uses = (d: LangiumDocument): ast.File['uses'] => (d.parseResult.value as ast.File).uses ?? [];
    const refuse = (clash: ast.Declaration | undefined, where: string) => { if (clash) throw new ResponseError(LSPErrorCodes.RequestFailed, `It cannot be renamed: there is a ${ast.isSource(clash) ? 'source' : 'target'} ${name} already${where}.`); };
    const { LangiumDocuments } = this.synth.shared.workspace, declared = (d: LangiumDocument): ast.Declaration[] => (d.parseResult.value as ast.File).declarations;
    refuse(declared(home).find(namesake), home === document ? '' : ` in ${UriUtils.basename(home.uri)}`);
    for (const user of LangiumDocuments.all) {
      const used = uses(user).flatMap((u) => (u.path === undefined ? [] : [LangiumDocuments.getDocument(usedUri(user.uri, u.path))])).filter((d) => d !== undefined);
      if (user !== home && !used.includes(home)) continue;
      for (const seen of [user, ...used]) if (seen !== home) refuse(declared(seen).find((d) => namesake(d) && ast.isSource(d) === ast.isSource(renamed)), ` in ${UriUtils.basename(seen.uri)}${seen === user ? '' : `, which ${UriUtils.basename(user.uri)} uses`}`);
    }
  }

  override prepareRename(document: LangiumDocument, params: TextDocumentPositionParams): MaybePromise<{ start: Position; end: Position } | undefined> {
    const column = columnAt(document, params.position);
    return column?.node.$cstNode ? rangeOf(column.node) : super.prepareRename(document, params);
  }
}
/** A name as it stands in a header, within the quotes around it where there are some; else with quotes of its own where it needs them. */
const headerText = (name: string, delimiter: string, quoted: boolean): string => {
  const inside = name.replaceAll('"', '""');
  return quoted ? inside : name.includes(delimiter) || name.includes('"') || name.trim() !== name ? `"${inside}"` : name;
};
function docOf(node: ast.Column): string {
  let top: { $container?: unknown; $document?: LangiumDocument } = node as never;
  while (top.$container) top = top.$container as never;
  return top.$document!.uri.toString();
}
