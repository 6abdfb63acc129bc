import type { AstNode, CompositeCstNode, CstNode, LangiumDocument } from 'langium';
import { DefaultDocumentSymbolProvider, DefaultFoldingRangeProvider, type FoldingRangeAcceptor } from 'langium/lsp';
import { FoldingRangeKind, type DocumentSymbol, type Range } from 'vscode-languageserver';
import * as ast from '../generated/ast';

/** What an outline says of a declaration, and what it rests on: its list of items is another one after every change in it, and what stands below a change only moves as a whole. */
interface Known { items: readonly unknown[]; range: Range; symbols: DocumentSymbol[] }

/**
 * The outline: sources with their columns and rules, and targets. Only what has a name is looked at, and of a declaration that is as it was nothing anew: a long file has many nodes, and
 * an editor asks after every key press.
 */
export class SynthSymbols extends DefaultDocumentSymbolProvider {
  private readonly known = new WeakMap<ast.Declaration, Known>();

  override getSymbols(document: LangiumDocument): DocumentSymbol[] {
    const found: DocumentSymbol[] = [];
    for (const d of (document.parseResult.value as ast.File).declarations) if (!ast.isExpect(d)) found.push(...this.symbols(d));
    return found;
  }

  private symbols(d: ast.Source | ast.Target): DocumentSymbol[] {
    const range = d.$cstNode?.range, items: readonly unknown[] = ast.isSource(d) ? d.items : d.clauses, known = this.known.get(d);
    if (known && range && known.items === items && isMoved(known.range, range)) {
      const by = range.start.line - known.range.start.line;
      if (by !== 0) Object.assign(known, { range, symbols: known.symbols.map((s) => moved(s, by)) });
      return known.symbols;
    }
    const children = ast.isSource(d) ? d.items.flatMap((i): Array<ast.Column | ast.RuleDeclaration> => (ast.isColumnDeclaration(i) ? i.columns : ast.isRuleDeclaration(i) ? [i] : [])).flatMap((n) => this.symbol(n)) : [], own = this.symbol(d);
    if (own.length > 0 && children.length > 0) own[0].children = children;
    const symbols = own.length > 0 ? own : children;
    if (range) this.known.set(d, { items, range, symbols });
    return symbols;
  }

  private symbol(node: ast.Source | ast.Target | ast.Column | ast.RuleDeclaration): DocumentSymbol[] {
    const own = node.$cstNode, name = ast.isColumn(node) ? own : this.nameProvider.getNameNode(node);
    return own && name && node.name !== undefined ? [{ kind: this.nodeKindProvider.getSymbolKind(node), name: node.name || name.text, range: own.range, selectionRange: name.range }] : [];
  }
}

/** Whether two ranges are the same but for lines put above, or taken away. */
const isMoved = (a: Range, b: Range): boolean => a.start.character === b.start.character && a.end.character === b.end.character && a.end.line - a.start.line === b.end.line - b.start.line;
const movedRange = ({ start, end }: Range, by: number): Range => ({ start: { line: start.line + by, character: start.character }, end: { line: end.line + by, character: end.character } });
const moved = (s: DocumentSymbol, by: number): DocumentSymbol => ({ ...s, range: movedRange(s.range, by), selectionRange: movedRange(s.selectionRange, by), ...(s.children && { children: s.children.map((c) => moved(c, by)) }) });
const isLong = (node: CstNode): boolean => {
  const { start, end } = node.range;
  return start.line < end.line;
};

/** What folds: declarations, clauses of several lines, long comments. What stands on one line is not looked into. */
export class SynthFolding extends DefaultFoldingRangeProvider {
  protected override collectFolding(document: LangiumDocument, accept: FoldingRangeAcceptor): void {
    const root = document.parseResult.value;
    for (const d of (root as ast.File).declarations) this.nodes(document, d, accept);
    if (root.$cstNode) this.comments(document, root.$cstNode as CompositeCstNode, accept);
  }
  private nodes(document: LangiumDocument, node: AstNode, accept: FoldingRangeAcceptor): void {
    if (!node.$cstNode || !isLong(node.$cstNode)) return;
    this.collectObjectFolding(document, node, accept);
    for (const list of [ast.isSource(node) && node.items, ast.isTarget(node) && node.clauses, ast.isExpect(node) && node.expectations]) if (list) for (const child of list) this.nodes(document, child, accept);
  }
  private comments(document: LangiumDocument, node: CompositeCstNode, accept: FoldingRangeAcceptor): void {
    for (const child of node.content) {
      if ('content' in child) {
        if (isLong(child)) this.comments(document, child as CompositeCstNode, accept);
      } else if (child.hidden && this.commentNames.includes((child as { tokenType?: { name: string } }).tokenType?.name ?? '') && isLong(child)) {
        const range = this.toFoldingRange(document, child, FoldingRangeKind.Comment);
        if (range) accept(range);
      }
    }
  }
}
