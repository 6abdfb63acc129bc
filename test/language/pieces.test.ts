import { EmptyFileSystem, createLangiumParser, type AstNode, type CstNode, type LangiumParser, type ParseResult } from 'langium';
import { describe, expect, test } from 'vitest';
import { createSynthServices } from '../../server/language/module';
import { quickToComplain } from '../../server/language/parser';
import { piecesOf } from '../../server/language/parsing/pieces';
import type { SynthParser } from '../../server/language/parsing/parser';
import { corpus, dice, mutate } from './fuzz';
import { longSchema, longTargets } from './long';

const { synth } = createSynthServices({ ...EmptyFileSystem, inspect: async () => { throw new Error('no tables here'); }, changed: () => undefined, checks: () => undefined });
const pieces = synth.parser.LangiumParser as SynthParser;
/** Langium's own, which knows of no pieces. */
const whole: Pick<LangiumParser, 'parse'> = quickToComplain(createLangiumParser(synth));

const position = (n: CstNode) => `${n.offset}..${n.end} ${n.range.start.line}:${n.range.start.character}-${n.range.end.line}:${n.range.end.character}`;
function concrete(node: CstNode, depth: number, lines: string[]): void {
  const kind = 'tokenType' in node ? (node.tokenType as { name: string }).name : '';
  lines.push(`${' '.repeat(depth)}${position(node)} ${kind}${node.hidden ? ' hidden' : ''} <${node.astNode.$type}> ${node.grammarSource?.$type ?? ''}`);
  if ('content' in node) for (const child of node.content as CstNode[]) {
    if (child.container !== node) lines.push('  lost its container');
    concrete(child, depth + 1, lines);
  }
}
function abstract(node: AstNode, path: string, lines: string[]): void {
  lines.push(`${path} ${node.$type} ${node.$cstNode ? position(node.$cstNode) : 'nowhere'} ${node.$cstNode && node.$cstNode.astNode !== node ? 'not its node' : ''} ${node.$containerProperty}[${node.$containerIndex}]`);
  for (const [key, value] of Object.entries(node).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (key.startsWith('$')) continue;
    for (const v of Array.isArray(value) ? value : [value]) {
      if (v === undefined) continue;
      if (typeof v === 'object' && '$refText' in v) lines.push(`${path}.${key} -> ${v.$refText} ${position(v.$refNode)} ${v.node === node}`);
      else if (typeof v === 'object' && '$type' in v) {
        if (v.$container !== node) lines.push('an orphan');
        abstract(v, `${path}.${key}`, lines);
      } else lines.push(`${path}.${key} = ${String(v)}`);
    }
  }
}
/** All there is in a result. */
function told(result: ParseResult, errors = true): string {
  const lines: string[] = [];
  abstract(result.value, '', lines);
  concrete(result.value.$cstNode!, 0, lines);
  if (errors) {
    for (const e of result.lexerErrors) lines.push(`lexer ${e.offset} ${e.line}:${e.column} ${e.length} ${e.message}`);
    for (const e of result.parserErrors) lines.push(`parser ${e.token.startOffset} ${e.token.startLine}:${e.token.startColumn}-${e.token.endLine}:${e.token.endColumn} ${e.message} after ${(e as unknown as { previousToken?: { startOffset: number } }).previousToken?.startOffset}`);
  }
  return lines.join('\n');
}
const wrong = (r: ParseResult): boolean => r.lexerErrors.length + r.parserErrors.length > 0;

const texts = [...corpus(), longTargets(60), longSchema(30), longSchema(20).replace(/\n/g, '\r\n'), '', ' ', '// only a comment', 'language 1', 'source a = "x.csv"\nsource b = "y.csv" { }'];

describe('a file in pieces', () => {
  test('pieces follow one another without gaps, with their lines', () => {
    const roll = dice(5);
    for (let i = 0; i < 150; i++) {
      const text = i < texts.length ? texts[i] : mutate(texts[roll(texts.length)], roll, texts[roll(texts.length)]);
      let at = 0;
      for (const p of piecesOf(text)) {
        expect(p.start).toBe(at);
        const before = text.slice(0, p.start).split(/\r\n|\r|\n/);
        expect([p.line, p.column]).toEqual([before.length - 1, before.at(-1)!.length]);
        at = p.end;
      }
      expect(at).toBe(text.length);
    }
  });

  test('columns, rules, clauses and expectations are cut, and nothing within them', () => {
    const text = 'source a = "x.csv" {\n  b: integer\n    missing "?"\n  c, d: category\n  rule e: b =\n    c\n  key\n  rule\n  f: real\n}\nexpect t {\n  a.b >= .5 }';
    expect(piecesOf(text).map((p) => text.slice(p.start, p.end).trim().split(/\s+/)[0])).toEqual(['source', 'b:', 'c,', 'rule', 'expect', 'a.b']);
    expect(piecesOf(longSchema(300)).filter((p) => p.kind === 'body').length).toBeGreaterThan(900);
  });

  test('what is right is parsed as by one who knows of no pieces', () => {
    const roll = dice(11), wordColumn = /^\s*(outcome|sensitive|context|drop|missing|ordered|integer|real|boolean|category|ordinal|date|time|datetime|identifier|personal|text|constant)\s*[:,]/m;
    let right = 0;
    for (let i = 0; i < 250; i++) {
      const text = i < texts.length ? texts[i] : mutate(texts[roll(texts.length)], roll, texts[roll(texts.length)]), ours = pieces.parse(text), theirs = whole.parse(text);
      if (!wrong(theirs)) {
        right++;
        expect(told(ours)).toBe(told(theirs));
      } else if (!wrong(ours)) expect(text).toMatch(wordColumn); // better than theirs
    }
    expect(right).toBeGreaterThan(12);
  });

  test('a column may be called by a word that says something of columns', () => {
    for (const word of ['outcome', 'sensitive', 'text', 'missing', 'time']) expect(wrong(pieces.parse(`source a = "x.csv" {\n  b: integer\n  ${word}: category\n}`)), word).toBe(false);
  });

  test('whatever was typed before, the result is that of the text', () => {
    for (let seed = 0; seed < texts.length; seed++) {
      const roll = dice(70 + seed), other = texts[roll(texts.length)];
      let text = texts[seed], result: ParseResult = pieces.parse(text);
      for (let i = 0; i < 15; i++) {
        text = i % 6 === 5 ? texts[seed] : i % 3 === 0 ? mutate(text, roll, other) : type(text, roll);
        result = pieces.reparse(result, text);
        expect(told(result), `seed ${seed}, edit ${i}\n${text}`).toBe(told(pieces.parse(text)));
      }
    }
  });
});

/** One key press somewhere: a character typed, or deleted. */
function type(text: string, roll: (n: number) => number): string {
  const at = roll(text.length + 1), keys = ['x', '1', ' ', '"', '{', '}', '\n', ':', ',', '/', '*', '`', '('];
  return roll(3) === 0 ? text.slice(0, at) + text.slice(at + 1) : text.slice(0, at) + keys[roll(keys.length)] + text.slice(at);
}
