import { AstUtils, CstUtils, type AstNode, type LangiumDocument } from 'langium';
import type { Position } from 'vscode-languageserver-types';
import { sourceOf } from '../model';
import { isSettingWord } from '../columns';
import * as ast from '../generated/ast';

/** The node of the syntax tree a position is on, the word before it included. */
export function nodeAt(document: LangiumDocument, position: Position): { node: AstNode; leaf: { offset: number; end: number; text: string } } | undefined {
  const root = document.parseResult.value.$cstNode, offset = document.textDocument.offsetAt(position);
  const leaf = root && (CstUtils.findLeafNodeAtOffset(root, offset) ?? CstUtils.findLeafNodeBeforeOffset(root, offset));
  return leaf && offset <= leaf.end ? { node: leaf.astNode, leaf } : undefined;
}

/** The column named at a position. */
export function columnAt(document: LangiumDocument, position: Position): { node: ast.Column | ast.ColumnRef; name: string; source: ast.Source } | undefined {
  const found = nodeAt(document, position), node = found?.node, source = sourceOf(node);
  if (!node || !source) return undefined;
  if (ast.isColumnRef(node) && !isSettingWord(node)) return { node, name: node.column, source };
  return ast.isColumn(node) ? { node, name: node.name, source } : undefined;
}

/** The metric named at a position. */
export const metricAt = (document: LangiumDocument, position: Position): ast.Metric | undefined => AstUtils.getContainerOfType(nodeAt(document, position)?.node, ast.isMetric);
