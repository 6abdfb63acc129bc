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

/** What a list of items says, remembered of the list: a source keeps its node while its items change, and gets another list (parsing/tree.ts). Made after every key press, so in one pass. */
class Said {
  readonly columns = new Map<string, DeclaredColumn>();
  /** Items that are no columns. */
  readonly others: ast.SourceItem[] = [];
  /** Declarations with a column that is declared above already. */
  readonly doubled = new Set<ast.ColumnDeclaration>();
  outcome: { name: string; positive?: string; node: ast.OutcomeAttribute } | undefined;
  private readonly flags = new Map<string, string[]>();
  constructor(items: readonly ast.SourceItem[]) {
    for (const item of items) {
      if (item.$type === 'ColumnDeclaration') this.column(item);
      else this.others.push(item);
    }
  }
  private column(declaration: ast.ColumnDeclaration): void {
    const { columns, attributes } = declaration;
    for (const column of columns) {
      const { name } = column;
      if (name === undefined) continue;
      if (this.columns.has(name)) { this.doubled.add(declaration); continue; }
      this.columns.set(name, { column, declaration, attributes });
      for (const a of attributes) {
        if (a.$type === 'FlagAttribute') this.flags.set(a.flag, [...(this.flags.get(a.flag) ?? []), name]);
        else if (a.$type === 'OutcomeAttribute') this.outcome ??= { name, node: a, ...(a.positive && { positive: lexeme(a.positive) }) };
      }
    }
  }
  flagged(flag: ast.FlagAttribute['flag']): readonly string[] { return this.flags.get(flag) ?? []; }
}
const said = new WeakMap<readonly ast.SourceItem[], Said>();
function saidOf({ items }: ast.Source): Said {
  let known = said.get(items);
  if (!known) said.set(items, (known = new Said(items)));
  return known;
}

/** The columns a source declares, by name; the first of two wins. */
export const columnsOf = (source: ast.Source): ReadonlyMap<string, DeclaredColumn> => saidOf(source).columns;
/** Whether a source declares tokens that stand for missing in all its columns. */
export const hasMissingTokens = (source: ast.Source): boolean => saidOf(source).others.some(ast.isMissingTokens);
/** What a source says beside its columns. */
export const beside = (source: ast.Source): readonly ast.SourceItem[] => saidOf(source).others;
/** Whether a declaration has a column that is declared above it already. */
export const isDoubled = (source: ast.Source, declaration: ast.ColumnDeclaration): boolean => saidOf(source).doubled.has(declaration);

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
export const outcomeOf = (source: ast.Source): { name: string; positive?: string; node: ast.OutcomeAttribute } | undefined => saidOf(source).outcome;

/** Columns that bear a flag, in the order they stand. */
export const flagged = (source: ast.Source, flag: ast.FlagAttribute['flag']): readonly string[] => saidOf(source).flagged(flag);

/** The value as it would stand in the table. */
export function lexeme(value: ast.Literal): string {
  return ast.isNumberLiteral(value) ? `${value.negative ? '-' : ''}${value.value}` : value.value;
}
/** A number, a share for `50%`. */
export const amount = (a: ast.Amount): number => (a.negative ? -1 : 1) * Number(a.value) * (a.percent ? 0.01 : 1);

export const isNumeric = (kind: Kind | undefined): boolean => kind === 'integer' || kind === 'real';
export const isTemporal = (kind: Kind | undefined): boolean => kind === 'date' || kind === 'time' || kind === 'datetime';
export const isCategorical = (kind: Kind | undefined): boolean => kind === 'category' || kind === 'ordinal' || kind === 'boolean' || kind === 'constant';
