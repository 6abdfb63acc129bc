import type { AstNode } from 'langium';
import { AbstractSemanticTokenProvider, type SemanticTokenAcceptor } from 'langium/lsp';
import { SemanticTokenModifiers, SemanticTokenTypes } from 'vscode-languageserver';
import * as ast from '../generated/ast';

/** Colours by meaning, where words alone cannot tell: a column called `time` is a column. */
export class SynthSemanticTokens extends AbstractSemanticTokenProvider {
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
