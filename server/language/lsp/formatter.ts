import type { AstNode, CstNode, LangiumDocument } from 'langium';
import type { Formatter } from 'langium/lsp';
import type { DocumentFormattingParams, DocumentOnTypeFormattingOptions, DocumentOnTypeFormattingParams, DocumentRangeFormattingParams, Range, TextEdit } from 'vscode-languageserver';
import * as ast from '../generated/ast';

interface Word { start: number; end: number; text: string; comment: boolean }

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

  private edits(document: LangiumDocument, tabSize: number): TextEdit[] {
    // A file that is not understood is left as it is: what looks misplaced may be half written.
    if (document.parseResult.lexerErrors.length || document.parseResult.parserErrors.length) return [];
    const text = document.textDocument.getText(), indent = ' '.repeat(Math.min(8, Math.max(1, tabSize || 2))), words: Word[] = [];
    // The parser has read all words already, comments too.
    if (document.parseResult.value.$cstNode) collect(document.parseResult.value.$cstNode, text, words);
    const { clauses, declarations, colons } = this.places(document), blocks = longBlocks(words, text), edits: TextEdit[] = [];
    let depth = 0, nested = 0, statement = true;
    for (const [i, word] of words.entries()) {
      const before = words[i - 1], from = before ? before.end : 0, gap = text.slice(from, word.start), breaks = lineEnds(gap);
      const closes = word.text === '}' && !word.comment, parens = word.text === ')' && !word.comment;
      if (closes) depth = Math.max(0, depth - 1);
      if (parens) nested = Math.max(0, nested - 1);
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
      if (wanted !== gap.replace(/\r/g, '')) edits.push({ range: { start: document.textDocument.positionAt(from), end: document.textDocument.positionAt(word.start) }, newText: wanted });
      if (word.text === '{' && !word.comment) depth++;
      if (word.text === '(' && !word.comment) nested++;
      statement = word.text === '{' || word.text === '}';
    }
    const last = words.at(-1), end = last ? last.end : 0, wanted = last ? '\n' : '';
    if (text.slice(end).replace(/\r/g, '') !== wanted) edits.push({ range: { start: document.textDocument.positionAt(end), end: document.textDocument.positionAt(text.length) }, newText: wanted });
    return edits;
  }

  /** Where clauses and declarations begin, and the colons of column declarations. */
  private places(document: LangiumDocument): { clauses: Set<number>; declarations: Set<number>; colons: Set<number> } {
    const clauses = new Set<number>(), declarations = new Set<number>(), colons = new Set<number>(), file = document.parseResult.value as ast.File, text = document.textDocument.getText();
    const add = (set: Set<number>, node: AstNode) => { if (node.$cstNode) set.add(node.$cstNode.offset); };
    for (const d of [...file.uses, ...file.declarations]) add(declarations, d);
    for (const d of file.declarations) for (const part of ast.isSource(d) ? d.items : ast.isTarget(d) ? d.clauses : d.expectations) {
      add(clauses, part);
      if (ast.isGeneratorClause(part)) for (const p of part.parameters) add(clauses, p);
      if (part.$type === 'ColumnDeclaration' && part.attributes[0]?.$cstNode) {
        const at = text.lastIndexOf(':', part.attributes[0].$cstNode.offset);
        if (at >= 0) colons.add(at);
      }
    }
    return { clauses, declarations, colons };
  }
}

/** The words of a tree, in order, comments among them. */
function collect(node: CstNode, text: string, words: Word[]): void {
  if ('content' in node) for (const child of node.content as readonly CstNode[]) collect(child, text, words);
  else {
    const { offset, end } = node;
    words.push({ start: offset, end, text: text.slice(offset, end), comment: node.hidden });
  }
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
