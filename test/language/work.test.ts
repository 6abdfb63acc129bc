import { EmptyFileSystem, URI, type LangiumDocument } from 'langium';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { createSynthServices } from '../../server/language/module';
import type { SynthParser } from '../../server/language/parsing/parser';
import { piecesOf } from '../../server/language/parsing/pieces';
import { corpus, dice } from './fuzz';
import { longSchema, longTargets } from './long';

const { shared, synth } = createSynthServices({ ...EmptyFileSystem, inspect: async () => { throw new Error('no tables here'); }, changed: () => undefined, checks: () => undefined });
const parser = synth.parser.LangiumParser as SynthParser;

/** Characters that the lexer is given while something is done: what is counted is work, not time. */
function lexed(work: () => void): number {
  const spy = vi.spyOn(synth.parser.Lexer, 'tokenize');
  work();
  const n = spy.mock.calls.reduce((sum, [text]) => sum + text.length, 0);
  spy.mockRestore();
  return n;
}
afterEach(() => void vi.restoreAllMocks());

describe('the work of a key press in a long file', () => {
  test('a brace too many at the top, typed and deleted, has nothing below it read again', () => {
    const text = longSchema(2000), at = text.indexOf('gene_3:'), wounded = `${text.slice(0, at)}} ${text.slice(at)}`;
    let result = parser.parse(text);
    expect(lexed(() => { result = parser.reparse(result, wounded); })).toBeLessThan(500);
    expect(result.parserErrors.map((e) => e.message)).toEqual(['This brace would close the source, though what follows goes on with it: one too many?']);
    expect(lexed(() => { result = parser.reparse(result, text); })).toBeLessThan(500);
    expect(result.parserErrors).toEqual([]);
    // And opened like that, every other column is still known.
    expect(lexed(() => { result = parser.parse(wounded); })).toBeLessThan(1.2 * text.length);
    expect(result.parserErrors.length).toBe(1);
  });

  test('a brace too many in a target and among expectations is told as one', () => {
    for (const text of ['source a = "x.csv" { b: integer }\nrelease r from a {\n  seed 1 }\n  rows 5\n}\n', 'expect r {\n  a.b >= 1\n}\n  c.d <= 2\n}\n', 'source a = "x.csv" {\n  b: integer\n}\n  rule c: b <= 1\n}\n']) {
      expect(parser.parse(text).parserErrors.map((e) => e.message), text).toEqual([expect.stringContaining('one too many?')]);
    }
    // What closes for good stays closed.
    expect(parser.parse('source a = "x.csv" { b: integer }\n}\nrelease r from a { rows 5 }').parserErrors.map((e) => e.message)).toEqual([expect.stringContaining('begins no declaration')]);
  });

  test('comments that never end are looked for once', () => {
    const text = `source a = "x.csv" {\n  b: integer in 0..1 ${'/* '.repeat(5000)}\n}`, find = vi.spyOn(String.prototype, 'indexOf');
    synth.parser.Lexer.tokenize(text);
    expect(find.mock.calls.filter(([what]) => what === '*/').length).toBeLessThan(3);
    piecesOf(text);
    expect(find.mock.calls.filter(([what]) => what === '*/').length).toBeLessThan(6);
  });

  test('a character in a column has that column read again', () => {
    const text = longSchema(2000), at = text.indexOf('0..100', text.indexOf('gene_1000:'));
    let result = parser.parse(text);
    expect(lexed(() => { result = parser.reparse(result, `${text.slice(0, at)}1${text.slice(at)}`); })).toBeLessThan(500);
  });

  test.each([['beside real', 6], ['seed 3', 4], ['impute pressure, level', 6], ['balance income to 50%', 7], ['across sex within 2% at data level', 6]])('a word broken and mended in a clause has no other declaration read again: %s', (clause, behind) => {
    const text = longTargets(500), at = text.indexOf(clause, text.length / 4) + behind;
    for (const key of ['1', 'x', ' ', '"', '{', '}']) {
      let result = parser.parse(text);
      const broken = `${text.slice(0, at)}${key}${text.slice(at)}`;
      expect(lexed(() => { result = parser.reparse(result, broken); }), key).toBeLessThan(2500);
      expect(lexed(() => { result = parser.reparse(result, text); }), key).toBeLessThan(2500);
      expect(result.parserErrors).toEqual([]);
    }
  });
});

const open = (text: string, name: string): LangiumDocument => shared.workspace.LangiumDocumentFactory.fromString(text, URI.file(`/kept/${name}.synth`));

describe('what is kept', () => {
  test.each([['a schema', longSchema(12)], ['targets', longTargets(50)]])('colours, the outline and the formatter\'s edits are those of the text, whatever was typed before, and differences lead to them: %s', async (name, begin) => {
    const roll = dice(8), tokens = synth.lsp.SemanticTokenProvider!, document = open(begin, `typed ${name}`), textDocument = { uri: document.uri.toString() };
    const edits = (of: LangiumDocument) => synth.lsp.Formatter!.formatDocument(of, { textDocument, options: { tabSize: 2, insertSpaces: true } });
    const outline = (of: LangiumDocument) => synth.lsp.DocumentSymbolProvider!.getSymbols(of, { textDocument });
    let text = begin, told = await tokens.semanticHighlight(document, { textDocument }), formatted = 0;
    for (let i = 0; i < 80; i++) {
      const at = roll(text.length + 1), key = ['x', '1', '\n', '"', '{', '}', ' ', '`', '\n\n', '  // c\n', '\n'][roll(11)], before = text;
      text = roll(3) === 0 ? text.slice(0, at) + text.slice(at + 1) : text.slice(0, at) + key + text.slice(at);
      // As an editor's document: the text that the tree is of.
      Object.defineProperty(document, 'textDocument', { value: TextDocument.create(document.uri.toString(), 'synth', i, text), configurable: true });
      Object.assign(document, { parseResult: parser.reparse(document.parseResult, text) });
      const fresh = open(text, `alone ${name} ${i}`), alone = await tokens.semanticHighlight(fresh, { textDocument }), change = await tokens.semanticHighlightDelta(document, { textDocument, previousResultId: told.resultId! });
      const data = 'edits' in change ? change.edits.reduceRight((d, e) => [...d.slice(0, e.start), ...(e.data ?? []), ...d.slice(e.start + e.deleteCount)], told.data) : change.data;
      expect(data, text).toEqual(alone.data);
      told = { resultId: change.resultId!, data };
      expect(await outline(document), text).toEqual(await outline(fresh));
      const wanted = await edits(fresh);
      expect(await edits(document), text).toEqual(wanted);
      if (fresh.parseResult.parserErrors.length + fresh.parseResult.lexerErrors.length > 0) text = before;
      else formatted++;
      Object.defineProperty(document, 'textDocument', { value: TextDocument.create(document.uri.toString(), 'synth', i, text), configurable: true });
      Object.assign(document, { parseResult: parser.reparse(document.parseResult, text) });
      told = await tokens.semanticHighlight(document, { textDocument });
    }
    expect(formatted).toBeGreaterThan(20);
    expect(told.data.length).toBeGreaterThan(100);
  });

  test('the words that the formatter sees are the lexer\'s', async () => {
    for (const text of [...corpus(), longTargets(100), longSchema(20), '// at the end', '/* a */ language 1 /* b */\n// c\nsource a = "x" { // d\n  /* e */ b: integer // f\n  // g\n}\n// h']) {
      const document = open(text, 'words'), { tokens, hidden } = synth.parser.Lexer.tokenize(text);
      const words = [...tokens, ...hidden.filter((t) => t.image.startsWith('/'))].sort((a, b) => a.startOffset - b.startOffset).map((t) => t.image), found: string[] = [];
      const walk = (node: { content?: unknown[]; offset: number; end: number }): void => { if (node.content) node.content.forEach((c) => walk(c as never)); else found.push(text.slice(node.offset, node.end)); };
      walk(document.parseResult.value.$cstNode as never);
      expect(found).toEqual(words);
    }
  });
});
