import type { AstNode, LangiumDocument } from 'langium';
import type { ColumnProfile, Kind } from '../protocol';
import type { KnownTable, Tables } from './data';
import * as ast from './generated/ast';
import { columnsOf, kindOf, sourceOf, sourcePath, type DeclaredColumn } from './model';
import { nearest } from './names';

/** A column as it is known at some place in the text: what its source declares and what its file holds. */
export interface FoundColumn { name: string; source: ast.Source; declared?: DeclaredColumn; profile?: ColumnProfile; kind?: Kind; table?: KnownTable }

/** The names of columns that can be said at a place. */
export function columnNames(source: ast.Source, tables: Tables): string[] {
  const path = sourcePath(source), known = path === undefined ? undefined : tables.peek(path);
  return [...new Set([...columnsOf(source).keys(), ...(known?.columns.keys() ?? [])])];
}

/** @returns undefined where the place belongs to no source */
export function findColumn(node: AstNode, name: string, tables: Tables): FoundColumn | undefined {
  const source = sourceOf(node);
  return source && columnOf(source, name, tables);
}
export function columnOf(source: ast.Source, name: string, tables: Tables): FoundColumn {
  const declared = columnsOf(source).get(name), path = sourcePath(source), table = path === undefined ? undefined : tables.peek(path), profile = table?.columns.get(name), kind = kindOf(declared) ?? profile?.kind;
  return { name, source, ...(declared && { declared }), ...(profile && { profile }), ...(kind && { kind }), ...(table && { table }) };
}

/** Names that are compared for suggestions in one source, at most, and columns that are always worth it. */
const mostCompared = 400_000, fewMisspelt = 20;
const strange = new WeakMap<readonly ast.SourceItem[], { known: KnownTable; is: boolean }>();
/**
 * Whether so many declared columns are missing from the table that it is another one, rather than their names misspelt: then no near name is looked for, which would take every column with
 * every other.
 */
export function isStrange(source: ast.Source, known: KnownTable | undefined): boolean {
  if (!known?.profile) return false;
  let found = strange.get(source.items);
  if (found?.known !== known) {
    let missing = 0;
    for (const name of columnsOf(source).keys()) if (!known.columns.has(name)) missing++;
    strange.set(source.items, (found = { known, is: missing > fewMisspelt && missing * known.columns.size > mostCompared }));
  }
  return found.is;
}

/** Why a name means no column, with the name that was probably meant; undefined while nothing can be said against it. */
export function noColumn(source: ast.Source, name: string, tables: Tables): { message: string; meant?: string } | undefined {
  const path = sourcePath(source), known = path === undefined ? undefined : tables.peek(path);
  if (!known?.profile || known.columns.has(name)) return undefined;
  const meant = isStrange(source, known) ? undefined : nearest(name, known.columns.keys());
  return { message: `${source.path} has no column ${name}.${meant === undefined ? '' : ` Is ${meant} meant?`}`, ...(meant !== undefined && { meant }) };
}

const named = new WeakMap<AstNode, readonly string[]>();
/** The columns that are named below a node, as often as they are. A node's words never change. */
export function namedBelow(node: AstNode): readonly string[] {
  let known = named.get(node);
  if (!known) named.set(node, (known = [...below(node)].flatMap((n) => (ast.isColumnRef(n) && n.column !== undefined ? [n.column] : []))));
  return known;
}

/** Every place in a file that names a column of this source, its declaration included. */
export function* mentions(document: LangiumDocument, source: ast.Source, name: string): Generator<ast.Column | ast.ColumnRef> {
  const file = document.parseResult.value as ast.File, concerned = file.declarations.filter((d) => sourceOf(d) === source);
  for (const d of concerned) for (const part of ast.isSource(d) ? d.items : [d]) for (const node of ast.isColumnDeclaration(part) ? part.columns : below(part)) {
    if (ast.isColumnRef(node) ? node.column === name && !isSettingWord(node) && sourceOf(node) === source : ast.isColumn(node) && node.name === name && sourceOf(node) === source) yield node as ast.Column | ast.ColumnRef;
  }
}

/** All nodes below a node, itself included. */
export function* below(node: AstNode): Generator<AstNode> {
  yield node;
  for (const key in node) {
    if (key.startsWith('$')) continue;
    const value = (node as unknown as Record<string, unknown>)[key];
    if (Array.isArray(value)) for (const v of value) { if (isNode(v)) yield* below(v); }
    else if (isNode(value)) yield* below(value);
  }
}
const isNode = (v: unknown): v is AstNode => typeof v === 'object' && v !== null && '$type' in v;

/** In a generator's settings a bare word may be a choice instead of a column; only lists of columns name some. */
export const isSettingWord = (node: AstNode): boolean => ast.isParameter(node.$container) && !/^(contexts|columns|condition|order)$/.test(node.$container.key);
