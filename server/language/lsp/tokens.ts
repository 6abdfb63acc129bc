import { interruptAndCheck, type AstNode, type Cancellation, type LangiumDocument } from 'langium';
import { AbstractSemanticTokenProvider, type SemanticTokenAcceptor } from 'langium/lsp';
import { SemanticTokenModifiers, SemanticTokenTypes } from 'vscode-languageserver';
import { below } from '../columns';
import * as ast from '../generated/ast';

/** Colours by meaning, where words alone cannot tell: a column called `time` is a column. */
export class SynthSemanticTokens extends AbstractSemanticTokenProvider {
  /** Every node once, without the streams of the library: an editor asks for all colours again after a key press. */
  protected override async computeHighlighting(document: LangiumDocument, acceptor: SemanticTokenAcceptor, token: Cancellation.CancellationToken): Promise<void> {
    const range = this.currentRange;
    for (const d of (document.parseResult.value as ast.File).declarations) {
      await interruptAndCheck(token);
      for (const part of ast.isSource(d) ? [d, ...d.items] : [d]) {
        const own = part.$cstNode?.range;
        if (range && own && (own.end.line < range.start.line || own.start.line > range.end.line)) continue;
        if (part === d && ast.isSource(d)) this.highlightElement(d, acceptor);
        else for (const node of below(part)) this.highlightElement(node, acceptor);
      }
    }
  }

  protected override highlightElement(node: AstNode, acceptor: SemanticTokenAcceptor): void {
    const declaration = SemanticTokenModifiers.declaration;
    if (ast.isColumnRef(node)) acceptor({ node, property: 'column', type: SemanticTokenTypes.property });
    else if (ast.isColumn(node)) acceptor({ node, property: 'name', type: SemanticTokenTypes.property, modifier: declaration });
    else if (ast.isSource(node)) acceptor({ node, property: 'name', type: SemanticTokenTypes.variable, modifier: declaration });
    else if (ast.isTarget(node)) {
      acceptor({ node, property: 'name', type: SemanticTokenTypes.function, modifier: declaration });
      acceptor({ node, property: 'source', type: SemanticTokenTypes.variable });
    } else if (ast.isExpect(node)) acceptor({ node, property: 'target', type: SemanticTokenTypes.function });
    else if (ast.isRuleDeclaration(node)) acceptor({ node, property: 'name', type: SemanticTokenTypes.function, modifier: declaration });
    else if (ast.isMetric(node)) {
      acceptor({ node, property: 'family', type: SemanticTokenTypes.namespace });
      acceptor({ node, property: 'metric', type: SemanticTokenTypes.method });
    } else if (ast.isGeneratorClause(node)) acceptor({ node, property: 'generator', type: SemanticTokenTypes.class });
    else if (ast.isParameter(node)) acceptor({ node, property: 'key', type: SemanticTokenTypes.parameter });
    else if (ast.isKindAttribute(node)) acceptor({ node, property: 'kind', type: SemanticTokenTypes.type });
    else if (ast.isToClause(node) && node.source) acceptor({ node, property: 'source', type: SemanticTokenTypes.variable });
    else if (ast.isDeviceClause(node)) acceptor({ node, property: 'device', type: SemanticTokenTypes.enumMember });
    else if (ast.isUsingClause(node)) acceptor({ node, property: 'method', type: SemanticTokenTypes.enumMember });
    else if (ast.isSuiteClause(node)) acceptor({ node, property: 'suite', type: SemanticTokenTypes.enumMember });
  }
}
