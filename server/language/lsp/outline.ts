import type { AstNode, CompositeCstNode, CstNode, LangiumDocument } from 'langium';
import { DefaultDocumentSymbolProvider, DefaultFoldingRangeProvider, type FoldingRangeAcceptor } from 'langium/lsp';
import { FoldingRangeKind, type DocumentSymbol } from 'vscode-languageserver';
import * as ast from '../generated/ast';

/** The outline: sources with their columns and rules, and targets. Only what has a name is looked at: a long file has many nodes, and an editor asks after every key press. */
export class SynthSymbols extends DefaultDocumentSymbolProvider {
  override getSymbols(document: LangiumDocument): DocumentSymbol[] {
    const found: DocumentSymbol[] = [];
    for (const d of (document.parseResult.value as ast.File).declarations) {
      if (ast.isExpect(d)) continue;
      const children = ast.isSource(d) ? d.items.flatMap((i): Array<ast.Column | ast.RuleDeclaration> => (ast.isColumnDeclaration(i) ? i.columns : ast.isRuleDeclaration(i) ? [i] : [])).flatMap((n) => this.symbol(n)) : [], own = this.symbol(d);
      if (own.length > 0 && children.length > 0) own[0].children = children;
      found.push(...(own.length > 0 ? own : children));
    }
    return found;
  }

  private symbol(node: ast.Source | ast.Target | ast.Column | ast.RuleDeclaration): DocumentSymbol[] {
    const own = node.$cstNode, name = ast.isColumn(node) ? own : this.nameProvider.getNameNode(node);
    return own && name && node.name !== undefined ? [{ kind: this.nodeKindProvider.getSymbolKind(node), name: node.name || name.text, range: own.range, selectionRange: name.range }] : [];
  }
}

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
