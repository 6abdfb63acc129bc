import type { AstNode, LangiumParser, Linker, ParseResult, ParserOptions } from 'langium';
import type { SynthErrorMessages } from '../parser';
import type * as ast from '../generated/ast';
import { heads, piecesOf, type Piece } from './pieces';
import { after, before, fragmentOf, join, nodesOf, shift, type Fragment } from './tree';

type Errors = Pick<ParseResult, 'lexerErrors' | 'parserErrors'>;
/** A piece with what is wrong in it. */
interface Parsed extends Piece { errors?: Errors }
interface Token { startOffset: number; startLine?: number; startColumn?: number; endOffset?: number; endLine?: number; endColumn?: number }

/** The first word or character of a text that is no space and no comment. */
const firstToken = /(?:\s|\/\/[^\n\r]*|\/\*[\s\S]*?\*\/)*([A-Za-z0-9_]+|[^\s])?/y;
/** What a file's own words begin with. */
const openings = new Set(['language', 'use', 'source', 'release', 'augmentation', 'fairness', 'transfer', 'completion', 'expect']);
/** More pieces are not parsed in one go: one mistake among them would have all of them parsed again. */
const most = 400;

/**
 * Parses a file in pieces (pieces.ts), and after a change only those that changed. Whatever came before, the result is that of the text alone: pieces are parsed together
 * only where this makes no difference, which is where nothing is wrong with them.
 */
class PieceParser {
  private readonly pieces = new WeakMap<ParseResult, Parsed[]>();

  constructor(private readonly parser: Pick<LangiumParser, 'parse'>, private readonly messages: SynthErrorMessages, private readonly linker: () => Linker) {}

  parse<T extends AstNode = AstNode>(text: string): ParseResult<T> { return this.result(text, piecesOf(text), undefined) as ParseResult<T>; }

  /** As `parse`, with what did not change taken from an earlier result, which is spent by this. */
  reparse<T extends AstNode = AstNode>(old: ParseResult, text: string): ParseResult<T> {
    return this.result(text, piecesOf(text), this.pieces.has(old) ? old : undefined) as ParseResult<T>;
  }

  private result(text: string, pieces: Parsed[], old: ParseResult | undefined): ParseResult {
    let file: ast.File;
    try {
      file = this.assemble(text, pieces, old);
    } catch (error) {
      if (!old) throw error;
      // Nothing of the old tree can be relied on.
      return this.result(text, piecesOf(text), undefined);
    }
    const result: ParseResult = { value: file, lexerErrors: pieces.flatMap((p) => p.errors?.lexerErrors ?? []), parserErrors: pieces.flatMap((p) => p.errors?.parserErrors ?? []) };
    this.pieces.set(result, pieces);
    return result;
  }

  private assemble(text: string, pieces: Parsed[], old: ParseResult | undefined): ast.File {
    const was = old ? this.pieces.get(old)! : [], file = old?.value as ast.File, oldText = file?.$cstNode?.root.fullText ?? '';
    let [from, same, sameEnd] = [0, 0, 0];
    // How many pieces at the start and at the end are the same.
    while (same < Math.min(was.length, pieces.length) && alike(was[same], oldText, pieces[same], text)) same++;
    while (sameEnd < Math.min(was.length, pieces.length) - same && alike(was[was.length - 1 - sameEnd], oldText, pieces[pieces.length - 1 - sameEnd], text)) sameEnd++;
    const parts: Fragment[] = [], to = pieces.length - sameEnd;
    if (same > 0) {
      parts.push(before(file, same === was.length ? Infinity : was[same].start, this.linker()));
      for (; from < same; from++) pieces[from].errors = was[from].errors;
    }
    let behind: Fragment | undefined;
    if (sameEnd > 0) {
      const first = was[was.length - sameEnd], now = pieces[to], by = { offset: now.start - first.start, line: now.line - first.line, column: now.column - first.column, onLine: first.line };
      behind = after(file, first.start);
      shift(nodesOf(behind), by);
      for (let i = 0; i < sameEnd; i++) {
        const errors = was[was.length - sameEnd + i].errors;
        if (errors) pieces[to + i].errors = movedErrors(errors, by.offset, by.line, by.column, by.onLine);
      }
    }
    if (from < to) this.run(text, pieces, from, to, parts);
    if (behind) parts.push(behind);
    return join(parts, text);
  }

  /** Parses pieces together if nothing is wrong with them, else by halves, down to the single one. */
  private run(text: string, pieces: Parsed[], from: number, to: number, parts: Fragment[]): void {
    const fragment = to - from > most ? undefined : this.attempt(text, pieces, from, to);
    if (fragment) parts.push(fragment);
    else {
      const middle = (from + to) >> 1;
      this.run(text, pieces, from, middle, parts);
      this.run(text, pieces, middle, to, parts);
    }
  }

  private attempt(text: string, pieces: Parsed[], from: number, to: number): Fragment | undefined {
    const first = pieces[from], last = pieces[to - 1], leads = first.kind === 'body' || first.kind === 'tail', goesOn = last.kind === 'head' || last.kind === 'body', prefix = leads ? heads[first.block!] : '', length = last.end - first.start, end = prefix.length + length, single = to - from === 1;
    const stray = single && first.kind === 'file' ? this.stray(text, first) : undefined;
    if (stray) {
      first.errors = stray;
      return { declarations: [], uses: [], content: [], goesOn: false };
    }
    this.messages.piece = { end, last: to === pieces.length };
    const parsed = this.parser.parse<ast.File>(`${prefix}${text.slice(first.start, last.end)}${goesOn ? '}' : ''}`), file = parsed.value, errors: Errors = { lexerErrors: parsed.lexerErrors, parserErrors: parsed.parserErrors };
    this.messages.piece = undefined;
    if (from > 0) this.refuseOpening(file, errors);
    if (errors.lexerErrors.length || errors.parserErrors.length) {
      if (!single) return undefined;
      for (const e of errors.parserErrors) if (e.token.startOffset >= end) e.token = { ...e.token, startOffset: NaN, endOffset: NaN, startLine: NaN, endLine: NaN, startColumn: NaN, endColumn: NaN };
      first.errors = movedErrors(errors, first.start - prefix.length, first.line, first.column - prefix.length, 0);
    }
    const fragment = fragmentOf(file, prefix.length, end, leads, goesOn, single);
    shift(nodesOf(fragment), { offset: first.start - prefix.length, line: first.line, column: first.column - prefix.length, onLine: 0 });
    return fragment;
  }

  /** What begins no declaration is not looked into: it would be passed over anyway, and a brace too many may leave thousands of lines behind it. */
  private stray(text: string, piece: Piece): Errors | undefined {
    firstToken.lastIndex = piece.start;
    const found = firstToken.exec(text), image = found?.[1] ?? '', at = (found?.index ?? 0) + (found?.[0].length ?? 0) - image.length;
    if (image === '' || at >= piece.end || openings.has(image)) return undefined;
    const lines = text.slice(piece.start, at).split(/\r\n|\r|\n/), line = piece.line + lines.length, column = (lines.length > 1 ? 0 : piece.column) + lines.at(-1)!.length + 1;
    const token = { image, startOffset: at, endOffset: at + image.length - 1, startLine: line, endLine: line, startColumn: column, endColumn: column + image.length - 1, tokenTypeIdx: 0, tokenType: { name: image } };
    return { lexerErrors: [], parserErrors: [{ name: 'NotAllInputParsedException', message: this.messages.buildNotAllInputParsedMessage({ firstRedundant: token }), token, resyncedTokens: [], context: { ruleStack: [], ruleOccurrenceStack: [] } }] };
  }

  /** `language` and `use` stand at the top. */
  private refuseOpening(file: ast.File, errors: Errors): void {
    if (file.version === undefined && file.uses.length === 0) return;
    const root = file.$cstNode as { content?: Array<{ text: string; offset: number; end: number; hidden: boolean; range: { start: { line: number; character: number } } }> } | undefined, leaf = root?.content?.find((n) => !n.hidden);
    const word = file.version === undefined ? 'use' : 'language', at = leaf?.offset ?? 0, start = leaf?.range.start ?? { line: 0, character: 0 };
    const token = { image: word, startOffset: at, endOffset: at + word.length - 1, startLine: start.line + 1, endLine: start.line + 1, startColumn: start.character + 1, endColumn: start.character + word.length, tokenTypeIdx: 0, tokenType: { name: word } };
    errors.parserErrors.unshift({ name: 'NotAllInputParsedException', message: this.messages.buildNotAllInputParsedMessage({ firstRedundant: token }), token, resyncedTokens: [], context: { ruleStack: [], ruleOccurrenceStack: [] } });
  }
}

/** A parser of Langium's that parses files in pieces; single rules it parses as before. */
export interface SynthParser extends LangiumParser { reparse<T extends AstNode = AstNode>(old: ParseResult, text: string): ParseResult<T> }
export function inPieces(parser: LangiumParser, messages: SynthErrorMessages, linker: () => Linker): SynthParser {
  const whole = parser.parse.bind(parser), pieces = new PieceParser({ parse: whole }, messages, linker);
  return Object.assign(parser, {
    parse: <T extends AstNode = AstNode>(text: string, options?: ParserOptions): ParseResult<T> => (options?.rule === undefined ? pieces.parse<T>(text) : whole<T>(text, options)),
    reparse: <T extends AstNode = AstNode>(old: ParseResult, text: string): ParseResult<T> => pieces.reparse<T>(old, text),
  });
}

const alike = (a: Parsed, aText: string, b: Parsed, bText: string): boolean => a.kind === b.kind && a.block === b.block && a.end - a.start === b.end - b.start && aText.slice(a.start, a.end) === bText.slice(b.start, b.end);

/** Copies of errors, moved; `column` for those on `onLine` (all counted from 0). */
function movedErrors(errors: Errors, offset: number, line: number, column: number, onLine: number): Errors {
  const token = <T extends Token>(t: T): T => ({
    ...t, startOffset: t.startOffset + offset, ...(t.endOffset !== undefined && { endOffset: t.endOffset + offset }), ...(t.startLine !== undefined && { startLine: t.startLine + line, startColumn: (t.startColumn ?? 1) + (t.startLine - 1 === onLine ? column : 0) }),
    ...(t.endLine !== undefined && { endLine: t.endLine + line, endColumn: (t.endColumn ?? 1) + (t.endLine - 1 === onLine ? column : 0) }),
  });
  return {
    lexerErrors: errors.lexerErrors.map((e) => ({ ...e, offset: e.offset + offset, ...(e.line !== undefined && { line: e.line + line, column: (e.column ?? 1) + (e.line - 1 === onLine ? column : 0) }) })),
    parserErrors: errors.parserErrors.map((e) => ({ ...e, name: e.name, message: e.message, token: token(e.token), ...('previousToken' in e && e.previousToken ? { previousToken: token(e.previousToken as Token) } : {}), resyncedTokens: [] })),
  };
}
