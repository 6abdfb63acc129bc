import { CompositeCstNodeImpl, RootCstNodeImpl, type AstNode, type CstNode, type Linker, type Mutable, type Reference } from 'langium';
import * as ast from '../generated/ast';
import type { Block } from './pieces';

/** Cutting and joining the trees of pieces. Nodes of Langium are moved and shifted in place: a tree that was cut is not used any more. */

type Composite = CompositeCstNodeImpl;
type Held = ast.Source | ast.Target | ast.Expect;
/** The list that a declaration's block becomes. */
export const listOf = { source: 'items', target: 'clauses', expect: 'expectations' } as const;
const blockOf = (d: ast.Declaration): Block => (ast.isSource(d) ? 'source' : ast.isTarget(d) ? 'target' : 'expect');
const itemsOf = (d: ast.Declaration): AstNode[] => (d as unknown as Record<string, AstNode[]>)[listOf[blockOf(d)]];

/** What a run of the text was parsed to: first what goes on inside a declaration that began before, then declarations, the last of which may go on behind. */
export interface Fragment {
  lead?: { items: AstNode[]; content: CstNode[] };
  declarations: ast.Declaration[];
  uses: ast.Use[];
  content: CstNode[];
  /** The last declaration goes on in the next fragment. */
  goesOn: boolean;
  version?: string;
}

/** The concrete node whose children are a declaration's words and items: a rule that only calls another wraps it. */
function inner(node: CstNode): Composite {
  let found = node as Composite;
  while (found.content.length === 1 && 'content' in found.content[0]) found = found.content[0] as Composite;
  return found;
}

/** Positions of concrete nodes, moved: `column` for those on `onLine`, before lines are moved. */
export interface Shift { offset: number; line: number; column: number; onLine: number }
interface Leaf { _offset: number; _startLine: number; _startColumn: number; _endLine: number; _endColumn: number }

/** Moves whole trees. Ranges that composite nodes have kept are forgotten. */
export function shift(nodes: readonly CstNode[], by: Shift): void {
  if (by.offset === 0 && by.line === 0 && by.column === 0) return;
  for (const node of nodes) {
    if ('content' in node) {
      (node as unknown as { _rangeCache: undefined })._rangeCache = undefined;
      shift((node as Composite).content, by);
    } else {
      const leaf = node as unknown as Leaf;
      leaf._offset += by.offset;
      if (leaf._startLine === by.onLine) leaf._startColumn += by.column;
      if (leaf._endLine === by.onLine) leaf._endColumn += by.column;
      leaf._startLine += by.line;
      leaf._endLine += by.line;
    }
  }
}

/**
 * What a parsed run holds, without what was put around it to make it whole.
 * @param from where the run's own text starts in what was parsed, `to` where it ends
 * @param leads whether it begins inside a declaration, which then is the first of the file
 * @param goesOn whether it ends inside one: the last of a run without mistakes; of a single piece the first, behind which mistakes may seem to begin others
 */
export function fragmentOf(file: ast.File, from: number, to: number, leads: boolean, goesOn: boolean, single: boolean): Fragment {
  let declarations = [...file.declarations], content = [...(file.$cstNode as Composite).content];
  if (goesOn) {
    if (single) declarations = declarations.slice(0, 1);
    const node = declarations.at(-1)?.$cstNode;
    if (!node) throw new Error('a piece that goes on holds no declaration');
    content = content.slice(0, content.indexOf(node) + 1);
    const body = inner(node);
    body.content = body.content.filter((n) => n.offset < to);
  }
  const fragment: Fragment = { declarations, uses: [...file.uses], content, goesOn, ...(file.version !== undefined && { version: file.version }) };
  if (leads) {
    const first = declarations.shift();
    if (!first?.$cstNode) throw new Error('a piece within a declaration holds none');
    content.splice(0, content.indexOf(first.$cstNode) + 1);
    fragment.lead = { items: itemsOf(first), content: inner(first.$cstNode).content.filter((n) => n.offset >= from) };
  }
  return fragment;
}

/** What of a tree ends at or before a place. */
export function before(file: ast.File, offset: number, linker: Linker): Fragment {
  const content = (file.$cstNode as Composite).content, fragment: Fragment = { declarations: [], uses: [], content: [], goesOn: false };
  for (const use of file.uses) if (use.$cstNode!.end <= offset) fragment.uses.push(use);
  for (const node of content) if (node.end <= offset) fragment.content.push(node);
  for (const d of file.declarations) {
    const node = d.$cstNode!;
    if (node.end <= offset) fragment.declarations.push(d);
    else if (node.offset < offset) {
      const part = copy(d, itemsOf(d).filter((i) => i.$cstNode!.end <= offset), inner(node).content.filter((n) => n.end <= offset), linker);
      fragment.declarations.push(part);
      fragment.content.push(part.$cstNode!);
      fragment.goesOn = true;
    }
  }
  if (file.version !== undefined && fragment.content.length > 0) fragment.version = file.version;
  return fragment;
}

/** What of a tree starts at or behind a place. */
export function after(file: ast.File, offset: number): Fragment {
  const content = (file.$cstNode as Composite).content, fragment: Fragment = { declarations: [], uses: [], content: content.filter((n) => n.offset >= offset), goesOn: false };
  for (const use of file.uses) if (use.$cstNode!.offset >= offset) fragment.uses.push(use);
  for (const d of file.declarations) {
    const node = d.$cstNode!;
    if (node.offset >= offset) fragment.declarations.push(d);
    else if (node.end > offset) fragment.lead = { items: itemsOf(d).filter((i) => i.$cstNode!.offset >= offset), content: inner(node).content.filter((n) => n.offset >= offset) };
  }
  return fragment;
}

/** The concrete nodes of a fragment, to be moved. */
export const nodesOf = (f: Fragment): CstNode[] => [...(f.lead?.content ?? []), ...f.content];

/** A declaration of its own with these items; references are made anew, since they know their node. */
function copy(d: ast.Declaration, items: AstNode[], content: CstNode[], linker: Linker): ast.Declaration {
  const made = { ...d, [listOf[blockOf(d)]]: items } as Held, outer = new CompositeCstNodeImpl(), body = new CompositeCstNodeImpl(), [was, within] = [d.$cstNode as Composite, inner(d.$cstNode!)];
  outer.grammarSource = was.grammarSource;
  body.grammarSource = within.grammarSource;
  body.content = content;
  outer.content = [body];
  (made as { $cstNode?: CstNode }).$cstNode = outer;
  outer.astNode = made;
  const again = (property: string, r: Reference | undefined): void => {
    if (r) (made as unknown as Record<string, Reference>)[property] = linker.buildReference(made, property, r.$refNode, r.$refText);
  };
  if (ast.isTarget(d)) again('source', d.source);
  if (ast.isExpect(d)) again('target', d.target);
  return made;
}

/** One file of fragments that follow one another. */
export function join(fragments: readonly Fragment[], text: string): ast.File {
  const root = new RootCstNodeImpl(text), file = { $type: 'File', uses: [], declarations: [], $cstNode: root } as unknown as ast.File & { version?: string }, joined = new Set<ast.Declaration>();
  let going: ast.Declaration | undefined;
  for (const f of fragments) {
    if (f.lead) {
      if (!going) throw new Error('a declaration goes on that did not begin');
      const body = inner(going.$cstNode!), list = listOf[blockOf(going)];
      body.content = body.content.concat(f.lead.content);
      (going as unknown as Record<string, AstNode[]>)[list] = itemsOf(going).concat(f.lead.items);
    }
    if (f.version !== undefined) file.version ??= f.version;
    file.uses.push(...f.uses);
    for (const d of f.declarations) file.declarations.push(d);
    for (const n of f.content) root.content.push(n);
    if (!f.goesOn) going = undefined;
    else if (f.declarations.length > 0) joined.add((going = f.declarations.at(-1)!));
  }
  for (const node of root.content) settle(node, root);
  for (const d of joined) adopt(d);
  place(file, 'uses', file.uses);
  place(file, 'declarations', file.declarations);
  root.astNode = file;
  return file;
}
/** Items know their declaration, and concrete nodes theirs. */
function adopt(d: ast.Declaration): void {
  const outer = d.$cstNode as Composite, body = inner(outer);
  if (body !== outer) settle(body, outer);
  for (const n of body.content) settle(n, body);
  place(d, listOf[blockOf(d)], itemsOf(d));
}
function settle(node: CstNode, container: Composite): void { (node as unknown as { container: Composite }).container = container; }
function place(parent: AstNode, property: string, list: readonly AstNode[]): void {
  for (let i = 0; i < list.length; i++) {
    const node = list[i] as Mutable<AstNode>;
    node.$container = parent;
    node.$containerProperty = property;
    node.$containerIndex = i;
  }
}
