import type { AstNode, AstNodeDescription } from 'langium';
import { DefaultNodeKindProvider } from 'langium/lsp';
import { CompletionItemKind, SymbolKind } from 'vscode-languageserver';

const symbols: Record<string, SymbolKind> = { Source: SymbolKind.Class, Target: SymbolKind.Function, Column: SymbolKind.Field, RuleDeclaration: SymbolKind.Property };
const items: Record<string, CompletionItemKind> = { Source: CompletionItemKind.Class, Target: CompletionItemKind.Function };
const typeOf = (node: AstNode | AstNodeDescription): string => ('type' in node && typeof node.type === 'string' ? node.type : (node as AstNode).$type);

/** How the outline and completions draw what files declare. */
export class SynthKinds extends DefaultNodeKindProvider {
  override getSymbolKind(node: AstNode | AstNodeDescription): SymbolKind { return symbols[typeOf(node)] ?? SymbolKind.Field; }
  override getCompletionItemKind(node: AstNode | AstNodeDescription): CompletionItemKind { return items[typeOf(node)] ?? CompletionItemKind.Reference; }
}
