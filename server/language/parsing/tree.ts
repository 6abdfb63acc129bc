import { RootCstNodeImpl, type AstNode, type CompositeCstNodeImpl, type CstNode, type Mutable } from 'langium';
import * as ast from '../generated/ast';
import type { Block } from './pieces';

/** Cutting and joining the trees of pieces. Nodes of Langium are moved and shifted in place: a tree that was cut is not used any more. */

type Composite = CompositeCstNodeImpl;
/** The list that a declaration's block becomes. */
export const listOf = { source: 'items', target: 'clauses', expect: 'expectations' } as const;
const blockOf = (d: ast.Declaration): Block => (ast.isSource(d) ? 'source' : ast.isTarget(d) ? 'target' : 'expect');
const itemsOf = (d: ast.Declaration): AstNode[] => (d as unknown as Record<string, AstNode[]>)[listOf[blockOf(d)]];
/** Always another list: what is remembered of a declaration is remembered of its list (model.ts). */
const setItems = (d: ast.Declaration, items: AstNode[]): void => { (d as unknown as Record<string, AstNode[]>)[listOf[blockOf(d)]] = items; };

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

/** Moves whole trees, from the one at `first` on. Ranges that composite nodes have kept are forgotten where lines or columns change. */
export function shift(nodes: readonly CstNode[], by: Shift, first = 0): void {
  if (by.line !== 0 || by.column !== 0) move(nodes, by, first);
  else if (by.offset !== 0) slide(nodes, by.offset, first);
}
/** Most key presses change no line: what stands below only begins later. */
function slide(nodes: readonly CstNode[], offset: number, first: number): void {
  for (let i = first; i < nodes.length; i++) {
    const node = nodes[i] as unknown as Leaf & { content?: CstNode[] };
    if (node.content !== undefined) slide(node.content, offset, 0);
    else node._offset += offset;
  }
}
function move(nodes: readonly CstNode[], by: Shift, first: number): void {
  for (let i = first; i < nodes.length; i++) {
    const node = nodes[i] as unknown as Leaf & { content?: CstNode[]; _rangeCache?: unknown };
    if (node.content !== undefined) {
      node._rangeCache = undefined;
      move(node.content, by, 0);
    } else {
      node._offset += by.offset;
      if (node._startLine === by.onLine) node._startColumn += by.column;
      if (node._endLine === by.onLine) node._endColumn += by.column;
      node._startLine += by.line;
      node._endLine += by.line;
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

/** How many of what stands in order begin before a place. */
function startBefore<T>(list: readonly T[], offset: number, of: (one: T) => number): number {
  let low = 0, high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (of(list[middle]) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
const offsetOf = (n: CstNode): number => n.offset, nodeOffset = (n: AstNode): number => n.$cstNode!.offset;

/**
 * What of a tree begins before a place. A declaration that goes on there is shortened, and stays the same node: thousands of items need not be told of a new one.
 * @param within whether the place lies within a declaration by its pieces: of what stands behind it the tree may hold nothing, if that was mistaken
 */
export function before(file: ast.File, offset: number, within: boolean): Fragment {
  const content = (file.$cstNode as Composite).content, fragment: Fragment = { declarations: file.declarations.slice(0, startBefore(file.declarations, offset, nodeOffset)), uses: file.uses.slice(0, startBefore(file.uses, offset, nodeOffset)), content: content.slice(0, startBefore(content, offset, offsetOf)), goesOn: false };
  const last = fragment.declarations.at(-1), node = last?.$cstNode as Composite | undefined;
  if (last && node && node.end > offset) {
    const items = itemsOf(last), body = inner(node);
    setItems(last, items.slice(0, startBefore(items, offset, nodeOffset)));
    body.content = body.content.slice(0, startBefore(body.content, offset, offsetOf));
    fragment.goesOn = true;
  } else if (last && within) fragment.goesOn = true;
  if (file.version !== undefined && fragment.content.length > 0) fragment.version = file.version;
  return fragment;
}

/** What of a tree starts at or behind a place; to be asked for before `before` is. */
export function after(file: ast.File, offset: number): Fragment {
  const content = (file.$cstNode as Composite).content, declarations = startBefore(file.declarations, offset, nodeOffset), cut = file.declarations[declarations - 1] as ast.Declaration | undefined, node = cut?.$cstNode as Composite | undefined;
  const fragment: Fragment = { declarations: file.declarations.slice(declarations), uses: file.uses.slice(startBefore(file.uses, offset, nodeOffset)), content: content.slice(startBefore(content, offset, offsetOf)), goesOn: false };
  if (cut && node && node.end > offset) {
    const items = itemsOf(cut), body = inner(node);
    fragment.lead = { items: items.slice(startBefore(items, offset, nodeOffset)), content: body.content.slice(startBefore(body.content, offset, offsetOf)) };
  }
  return fragment;
}

/**
 * Puts items in the place of others within one declaration, which is what nearly every key press does: nothing else of the file is touched but by moving it.
 * @param from where those that go begin, `to` where the next one behind them does, in the old text
 * @param lead what comes in their place, with its positions in the new text
 */
export function patch(file: ast.File, from: number, to: number, by: Shift, lead: readonly NonNullable<Fragment['lead']>[], text: string): void {
  const root = file.$cstNode as RootCstNodeImpl, d = file.declarations[startBefore(file.declarations, from, nodeOffset) - 1], body = inner(d.$cstNode!), items = itemsOf(d), { content } = body;
  const [first, behind, start, end] = [startBefore(items, from, nodeOffset), startBefore(items, to, nodeOffset), startBefore(content, from, offsetOf), startBefore(content, to, offsetOf)];
  const next = startBefore(root.content, to, offsetOf), fresh = lead.flatMap((l) => l.content), made = lead.flatMap((l) => l.items);
  shift(content, by, end);
  shift(root.content, by, next);
  content.splice(start, end - start, ...fresh);
  for (const n of fresh) settle(n, body);
  setItems(d, items.slice(0, first).concat(made, items.slice(behind)));
  place(d, listOf[blockOf(d)], itemsOf(d), first, made.length === behind - first ? first + made.length : Infinity);
  for (let n: CstNode | undefined = body; n; n = n.container) forget(n);
  (root as unknown as { _text: string })._text = text;
}

/** The concrete nodes of a fragment, to be moved. */
export const nodesOf = (f: Fragment): CstNode[] => [...(f.lead?.content ?? []), ...f.content];

/** One file of fragments that follow one another. */
export function join(fragments: readonly Fragment[], text: string): ast.File {
  const root = new RootCstNodeImpl(text), file = { $type: 'File', uses: [], declarations: [], $cstNode: root } as unknown as ast.File & { version?: string }, joined = new Set<ast.Declaration>();
  let going: ast.Declaration | undefined;
  for (const f of fragments) {
    if (f.lead) {
      if (!going) throw new Error('a declaration goes on that did not begin');
      const body = inner(going.$cstNode!);
      body.content = body.content.concat(f.lead.content);
      setItems(going, itemsOf(going).concat(f.lead.items));
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
  const body = inner(d.$cstNode!);
  for (let n: CstNode | undefined = body; n && n !== d.$cstNode!.container; n = n.container) forget(n);
  for (const n of body.content) settle(n, body);
  place(d, listOf[blockOf(d)], itemsOf(d));
}
const forget = (n: CstNode): void => { (n as unknown as { _rangeCache: undefined })._rangeCache = undefined; };
/** What is so already is not written again: most nodes of a long file stay where they are. */
function settle(node: CstNode, container: Composite): void {
  if (node.container !== container) (node as unknown as { container: Composite }).container = container;
}
function place(parent: AstNode, property: string, list: readonly AstNode[], from = 0, to = Infinity): void {
  for (let i = from; i < Math.min(list.length, to); i++) {
    const node = list[i] as Mutable<AstNode>;
    if (node.$container !== parent) node.$container = parent;
    if (node.$containerProperty !== property) node.$containerProperty = property;
    if (node.$containerIndex !== i) node.$containerIndex = i;
  }
}
