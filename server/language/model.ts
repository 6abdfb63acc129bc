import { dirname, resolve } from 'node:path';
import { AstUtils, type AstNode } from 'langium';
import type { Kind } from '../protocol';
import * as ast from './generated/ast';

/** Questions about the syntax tree that several services ask: whose column is this, what was declared of it, which file is meant. */

/** A path in a file's text, absolute: relative ones start at the file's own folder. */
export function pathIn(node: AstNode, path: string): string {
  return resolve(dirname(AstUtils.getDocument(node).uri.fsPath), path);
}

/** The source a node speaks of: the one it stands in, its target's, or that of the target expected of. */
export function sourceOf(node: AstNode | undefined): ast.Source | undefined {
  for (let n = node; n; n = n.$container) {
    if (ast.isSource(n)) return n;
    if (ast.isTarget(n)) return n.source?.ref;
    if (ast.isExpect(n)) return n.target?.ref?.source?.ref;
  }
  return undefined;
}
export const sourcePath = (source: ast.Source): string | undefined => (source.path === undefined ? undefined : pathIn(source, source.path));

/** What was declared of a column. */
export interface DeclaredColumn { column: ast.Column; declaration: ast.ColumnDeclaration; attributes: ast.Attribute[] }

const declared = new WeakMap<ast.Source, Map<string, DeclaredColumn>>();

/** The columns a source declares, by name; the first of two wins. */
export function columnsOf(source: ast.Source): ReadonlyMap<string, DeclaredColumn> {
  let known = declared.get(source);
  if (!known) {
    known = new Map();
    for (const item of source.items) {
      if (!ast.isColumnDeclaration(item)) continue;
      for (const column of item.columns) if (column.name !== undefined && !known.has(column.name)) known.set(column.name, { column, declaration: item, attributes: item.attributes });
    }
    declared.set(source, known);
  }
  return known;
}

export function attribute<T extends ast.Attribute>(column: DeclaredColumn | undefined, is: (a: AstNode) => a is T): T | undefined {
  return column?.attributes.find((a): a is T => is(a));
}
export const hasFlag = (column: DeclaredColumn | undefined, flag: ast.FlagAttribute['flag']): boolean => column?.attributes.some((a) => ast.isFlagAttribute(a) && a.flag === flag) ?? false;

/** The kind that was declared: `category ordered (...)` is an ordinal column. */
export function kindOf(column: DeclaredColumn | undefined): Kind | undefined {
  const kind = attribute(column, ast.isKindAttribute)?.kind;
  return attribute(column, ast.isOrderedAttribute) ? 'ordinal' : kind;
}

/** The column declared to be the outcome, with its favourable value. */
export function outcomeOf(source: ast.Source): { name: string; positive?: string; node: ast.OutcomeAttribute } | undefined {
  for (const [name, column] of columnsOf(source)) {
    const node = attribute(column, ast.isOutcomeAttribute);
    if (node) return { name, node, ...(node.positive && { positive: lexeme(node.positive) }) };
  }
  return undefined;
}

/** Columns that bear a flag, in the order they stand. */
export const flagged = (source: ast.Source, flag: ast.FlagAttribute['flag']): string[] => [...columnsOf(source)].filter(([, c]) => hasFlag(c, flag)).map(([name]) => name);

/** The value as it would stand in the table. */
export function lexeme(value: ast.Literal): string {
  return ast.isNumberLiteral(value) ? `${value.negative ? '-' : ''}${value.value}` : value.value;
}
/** A number, a share for `50%`. */
export const amount = (a: ast.Amount): number => (a.negative ? -1 : 1) * Number(a.value) * (a.percent ? 0.01 : 1);

export const isNumeric = (kind: Kind | undefined): boolean => kind === 'integer' || kind === 'real';
export const isTemporal = (kind: Kind | undefined): boolean => kind === 'date' || kind === 'time' || kind === 'datetime';
export const isCategorical = (kind: Kind | undefined): boolean => kind === 'category' || kind === 'ordinal' || kind === 'boolean' || kind === 'constant';
