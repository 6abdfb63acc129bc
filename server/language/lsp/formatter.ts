import type { AstNode, CompositeCstNode, CstNode, LangiumDocument } from 'langium';
import type { Formatter } from 'langium/lsp';
import type { DocumentFormattingParams, DocumentOnTypeFormattingOptions, DocumentOnTypeFormattingParams, DocumentRangeFormattingParams, Range, TextEdit } from 'vscode-languageserver';
import * as ast from '../generated/ast';

/** `inner`: what stands before it is decided elsewhere. */
interface Word { start: number; end: number; text: string; comment: boolean; inner?: boolean }
/** From one place of the text to another. */
interface Edit { start: number; end: number; text: string }
interface Places { clauses: ReadonlySet<number>; declarations: ReadonlySet<number>; colons: ReadonlySet<number> }

/** No space between these and what stands before them, or behind them. */
const tightBefore = new Set([',', ')', '..', ':', '%', '.']), tightAfter = new Set(['(', '..', '.']);

/**
 * Writes a file evenly: two spaces a level, one space between words, two between clauses that share a line, at most one empty line. Where lines end is the author's choice, but for the
 * braces of a block of several lines. Spaces that align (behind a column's colon, before a comment) stay. What a formatted file becomes is itself.
 */
export class SynthFormatter implements Formatter {
  formatDocument(document: LangiumDocument, params: DocumentFormattingParams): TextEdit[] { return this.edits(document, params.options.tabSize); }
  formatDocumentRange(document: LangiumDocument, params: DocumentRangeFormattingParams): TextEdit[] { return this.edits(document, params.options.tabSize).filter((e) => within(e.range, params.range)); }
  formatDocumentOnType(document: LangiumDocument, params: DocumentOnTypeFormattingParams): TextEdit[] {
    const { line } = params.position;
    return this.edits(document, params.options.tabSize).filter((e) => e.range.end.line === line || e.range.start.line === line);
  }
  get formatOnTypeOptions(): DocumentOnTypeFormattingOptions { return { firstTriggerCharacter: '}' }; }

  /** What was found within each declaration of a file, by its text: nothing else bears on it, and a key press changes one of them. */
  private readonly known = new WeakMap<LangiumDocument, { indent: string; within: ReadonlyMap<string, readonly Edit[]> }>();

  private edits(document: LangiumDocument, tabSize: number): TextEdit[] {
    // A file that is not understood is left as it is: what looks misplaced may be half written.
    if (document.parseResult.lexerErrors.length || document.parseResult.parserErrors.length) return [];
    const text = document.textDocument.getText(), indent = ' '.repeat(Math.min(8, Math.max(1, tabSize || 2))), last = this.known.get(document), before = last?.indent === indent ? last.within : undefined, now = new Map<string, readonly Edit[]>();
    const words: Word[] = [], declarations = new Set<number>(), edits: Edit[] = [];
    for (const part of (document.parseResult.value.$cstNode as CompositeCstNode | undefined)?.content ?? []) {
      if (!('content' in part)) { words.push(wordOf(part, text)); continue; }
      // The version's numbers are words of the file itself.
      if (part.astNode === document.parseResult.value) { collect(part as CompositeCstNode, text, words); continue; }
      const { offset: start, end } = part, own = text.slice(start, end);
      let within = before?.get(own) ?? now.get(own);
      if (!within) within = editsWithin(part as CompositeCstNode, text, indent).map((e) => ({ ...e, start: e.start - start, end: e.end - start }));
      now.set(own, within);
      for (const e of within) edits.push({ ...e, start: e.start + start, end: e.end + start });
      // Seen from outside a declaration is its first and its last word, with the comments that hang on its edges.
      declarations.add(start);
      words.push(...edge(part, text, 0, start), { start, end: start + 1, text: own[0], comment: false }, { start: end - 1, end, text: own.at(-1)!, comment: false, inner: true }, ...edge(part, text, end, Infinity));
    }
    this.known.set(document, { indent, within: now });
    edits.push(...editsBetween(words, text, indent, { declarations, clauses: new Set(), colons: new Set() }));
    const final = words.at(-1), end = final ? final.end : 0, wanted = final ? '\n' : '';
    if (text.slice(end).replace(/\r/g, '') !== wanted) edits.push({ start: end, end: text.length, text: wanted });
    return edits.sort((a, b) => a.start - b.start).map((e) => ({ range: { start: document.textDocument.positionAt(e.start), end: document.textDocument.positionAt(e.end) }, newText: e.text }));
  }
}

function editsWithin(part: CompositeCstNode, text: string, indent: string): Edit[] {
  const { offset: start, end } = part, all: Word[] = [];
  // The parser has read all words already, comments too.
  collect(part, text, all);
  const words = all.filter((w) => w.start >= start && w.end <= end);
  if (words[0]) words[0].inner = true;
  return editsBetween(words, text, indent, places(part.astNode, text));
}

/** What is to become of the spaces between words that follow one another from the outermost level on. */
function editsBetween(words: readonly Word[], text: string, indent: string, { clauses, declarations, colons }: Places): Edit[] {
  const blocks = longBlocks(words, text), edits: Edit[] = [];
  let depth = 0, nested = 0, statement = true;
  for (const [i, word] of words.entries()) {
    const before = words[i - 1], closes = word.text === '}' && !word.comment, parens = word.text === ')' && !word.comment;
    if (closes) depth = Math.max(0, depth - 1);
    if (parens) nested = Math.max(0, nested - 1);
    if (!word.inner) {
      const from = before ? before.end : 0, gap = text.slice(from, word.start), breaks = lineEnds(gap);
      let wanted: string;
      const breakHere = !before ? false : declarations.has(word.start) || (blocks.has(before.start) && before.text === '{' && !(word.comment && breaks === 0)) || (closes && blocks.has(word.start)) || (before.comment && before.text.startsWith('//'));
      if (!before) wanted = '';
      else if (breaks > 0 || breakHere) {
        const lines = Math.max(1, Math.min(2, breaks)), first = before.text === '{' || closes ? 1 : lines;
        // What goes on from the line above stands one level further in.
        const onward = !(statement || closes || word.comment || clauses.has(word.start) || declarations.has(word.start) || before.text === '{' || before.text === '}') || nested > 0 ? 1 : 0;
        wanted = '\n'.repeat(first) + indent.repeat(depth + onward);
      } else if (word.comment || before.comment) wanted = gap.includes('\t') || gap === '' ? ' ' : gap;
      else if (clauses.has(word.start) && before.text !== '{') wanted = '  ';
      else if (colons.has(before.start)) wanted = gap.includes('\t') || gap === '' ? ' ' : gap;
      else wanted = spaced(before, word, words[i - 2]) ? ' ' : '';
      if (wanted !== gap.replace(/\r/g, '')) edits.push({ start: from, end: word.start, text: wanted });
    }
    if (word.text === '{' && !word.comment) depth++;
    if (word.text === '(' && !word.comment) nested++;
    statement = word.text === '{' || word.text === '}';
  }
  return edits;
}

/** Where the clauses of a declaration begin and the declaration itself, and the colons of column declarations. */
function places(d: AstNode, text: string): Places {
  const clauses = new Set<number>(), declarations = new Set<number>(), colons = new Set<number>();
  const add = (set: Set<number>, node: AstNode) => { if (node.$cstNode) set.add(node.$cstNode.offset); };
  add(declarations, d);
  for (const part of ast.isSource(d) ? d.items : ast.isTarget(d) ? d.clauses : ast.isExpect(d) ? d.expectations : []) {
    add(clauses, part);
    if (ast.isGeneratorClause(part)) for (const p of part.parameters) add(clauses, p);
    if (part.$type === 'ColumnDeclaration' && part.attributes[0]?.$cstNode) {
      const at = text.lastIndexOf(':', part.attributes[0].$cstNode.offset);
      if (at >= 0) colons.add(at);
    }
  }
  return { clauses, declarations, colons };
}

/** The comments on the edges of a node's words that lie from one place to another, outside of them. */
function edge(node: CstNode, text: string, from: number, to: number): Word[] {
  if (!('content' in node)) return node.hidden && node.offset >= from && node.offset < to ? [wordOf(node, text)] : [];
  const content = node.content as readonly CstNode[], found: Word[] = [];
  // Only the first and the last of a node's parts can lie on its edge, and comments beside them.
  const behind = from > 0, at = (i: number): CstNode => content[behind ? content.length - 1 - i : i];
  for (let i = 0; i < content.length; i++) {
    const own = edge(at(i), text, from, to);
    found.splice(behind ? 0 : found.length, 0, ...own);
    const inside = at(i);
    if (!('content' in inside) && !inside.hidden) break;
    if ('content' in inside && own.length === 0) break;
  }
  return found;
}

function wordOf(node: CstNode, text: string): Word {
  const { offset, end } = node;
  return { start: offset, end, text: text.slice(offset, end), comment: node.hidden };
}

/** The words of a tree, in order, comments among them. */
function collect(node: CstNode, text: string, words: Word[]): void {
  if ('content' in node) for (const child of node.content as readonly CstNode[]) collect(child, text, words);
  else words.push(wordOf(node, text));
}

/** Both braces of every block that takes more than one line. */
function longBlocks(words: readonly Word[], text: string): Set<number> {
  const open: Word[] = [], found = new Set<number>();
  for (const word of words) {
    if (word.comment) continue;
    if (word.text === '{') open.push(word);
    else if (word.text === '}') {
      const from = open.pop();
      if (from && text.slice(from.start, word.end).includes('\n')) found.add(from.start).add(word.start);
    }
  }
  return found;
}

const lineEnds = (gap: string): number => {
  let n = 0;
  for (let i = gap.indexOf('\n'); i >= 0; i = gap.indexOf('\n', i + 1)) n++;
  return n;
};
function spaced(before: Word, word: Word, previous: Word | undefined): boolean {
  if (before.text === '{' || word.text === '}') return !(before.text === '{' && word.text === '}');
  // A sign belongs to its number; after a value it is subtraction.
  if (before.text === '-' && previous && /^([-+*/(,<>=%:]|<=|>=|!=|\.\.|in|and|or|not)$/.test(previous.text)) return false;
  if (word.text === '..' || before.text === '..') return /^[A-Za-z_`]/.test(word.text);
  return !tightBefore.has(word.text) && !tightAfter.has(before.text);
}
const within = (inner: Range, outer: Range): boolean => inner.start.line >= outer.start.line && inner.end.line <= outer.end.line;
