import type { AstNode, LangiumParser, ParseResult, ParserOptions } from 'langium';
import { traceless, type SynthErrorMessages } from '../parser';
import type * as ast from '../generated/ast';
import { heads, piecesOf, type Piece } from './pieces';
import { after, before, fragmentOf, join, nodesOf, patch, shift, type Fragment } from './tree';

type Errors = Pick<ParseResult, 'lexerErrors' | 'parserErrors'>;
/** What a text was cut into, and what is wrong in each piece. */
interface Parsed { pieces: readonly Piece[]; errors: Array<Errors | undefined> }
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
  private readonly known = new WeakMap<ParseResult, Parsed>();

  constructor(private readonly parser: Pick<LangiumParser, 'parse'>, private readonly messages: SynthErrorMessages) {}

  parse<T extends AstNode = AstNode>(text: string): ParseResult<T> { return this.result(text, undefined) as ParseResult<T>; }

  /** As `parse`, with what did not change taken from an earlier result, which is spent by this. */
  reparse<T extends AstNode = AstNode>(old: ParseResult, text: string): ParseResult<T> {
    return this.result(text, this.known.has(old) ? old : undefined) as ParseResult<T>;
  }

  private result(text: string, old: ParseResult | undefined): ParseResult {
    const pieces = piecesOf(text), parsed: Parsed = { pieces, errors: new Array<undefined>(pieces.length).fill(undefined) };
    let file: ast.File;
    try {
      file = this.assemble(text, parsed, old);
    } catch (error) {
      if (!old) throw error;
      // Nothing of the old tree can be relied on.
      return this.result(text, undefined);
    }
    const result: ParseResult = { value: file, lexerErrors: parsed.errors.flatMap((e) => e?.lexerErrors ?? []), parserErrors: parsed.errors.flatMap((e) => e?.parserErrors ?? []) };
    this.known.set(result, parsed);
    return result;
  }

  private assemble(text: string, { pieces, errors }: Parsed, old: ParseResult | undefined): ast.File {
    const { pieces: was, errors: wrong } = old ? this.known.get(old)! : { pieces: [], errors: [] }, file = old?.value as ast.File, oldText = file?.$cstNode?.root.fullText ?? '';
    let [same, sameEnd] = [0, 0];
    // How many pieces at the start and at the end are the same.
    while (same < Math.min(was.length, pieces.length) && alike(was[same], oldText, pieces[same], text)) same++;
    while (sameEnd < Math.min(was.length, pieces.length) - same && alike(was[was.length - 1 - sameEnd], oldText, pieces[pieces.length - 1 - sameEnd], text)) sameEnd++;
    const parts: Fragment[] = [], to = pieces.length - sameEnd, wasTo = was.length - sameEnd, between: Fragment[] = [];
    if (same < to) this.run(text, pieces, errors, same, to, between);
    for (let i = 0; i < same; i++) errors[i] = wrong[i];
    const first = was[wasTo], now = pieces[to], by = sameEnd > 0 ? { offset: now.start - first.start, line: now.line - first.line, column: now.column - first.column, onLine: first.line } : { offset: 0, line: 0, column: 0, onLine: 0 };
    for (let i = 0; i < sameEnd; i++) {
      const e = wrong[wasTo + i];
      if (e) errors[to + i] = movedErrors(e, by.offset, by.line, by.column, by.onLine);
    }
    if (old && same > 0 && sameEnd > 0 && now.kind !== 'file' && now.kind !== 'head' && inside(was, same, wasTo) && inside(pieces, same, to) && between.every(isLead)) {
      patch(file, was[same].start, first.start, by, between.map((f) => f.lead!), text);
      return file;
    }
    let behind: Fragment | undefined;
    if (sameEnd > 0) {
      behind = after(file, first.start);
      shift(nodesOf(behind), by);
    }
    if (same > 0) parts.push(same === was.length ? before(file, Infinity, false) : before(file, was[same].start, was[same].kind !== 'file' && was[same].kind !== 'head'));
    parts.push(...between);
    if (behind) parts.push(behind);
    return join(parts, text);
  }

  /** Parses pieces together, but for those that nobody needs to parse. */
  private run(text: string, pieces: readonly Piece[], errors: Parsed['errors'], from: number, to: number, parts: Fragment[]): void {
    let start = from;
    for (let i = from; i < to; i++) {
      const stray = this.stray(text, pieces[i]);
      if (!stray) continue;
      if (start < i) this.halves(text, pieces, errors, start, i, parts);
      errors[i] = stray;
      if (pieces[i].kind === 'brace') parts.push({ lead: { items: [], content: [] }, declarations: [], uses: [], content: [], goesOn: true });
      else parts.push({ declarations: [], uses: [], content: [], goesOn: false });
      start = i + 1;
    }
    if (start < to) this.halves(text, pieces, errors, start, to, parts);
  }

  /** Together if nothing is wrong with them, else by halves, down to the single one. */
  private halves(text: string, pieces: readonly Piece[], errors: Parsed['errors'], from: number, to: number, parts: Fragment[]): void {
    const fragment = to - from > most ? undefined : this.attempt(text, pieces, errors, from, to);
    if (fragment) parts.push(fragment);
    else {
      const middle = (from + to) >> 1;
      this.halves(text, pieces, errors, from, middle, parts);
      this.halves(text, pieces, errors, middle, to, parts);
    }
  }

  private attempt(text: string, pieces: readonly Piece[], all: Parsed['errors'], from: number, to: number): Fragment | undefined {
    const first = pieces[from], last = pieces[to - 1], leads = first.kind !== 'file' && first.kind !== 'head', goesOn = last.kind !== 'file' && last.kind !== 'tail', prefix = leads ? heads[first.block!] : '', length = last.end - first.start, end = prefix.length + length, single = to - from === 1;
    this.messages.piece = { end, last: to === pieces.length };
    const parsed = this.parser.parse<ast.File>(`${prefix}${text.slice(first.start, last.end)}${goesOn ? '}' : ''}`), file = parsed.value, errors: Errors = { lexerErrors: parsed.lexerErrors, parserErrors: parsed.parserErrors };
    this.messages.piece = undefined;
    if (from > 0) this.refuseOpening(file, errors);
    if (errors.lexerErrors.length || errors.parserErrors.length) {
      if (!single) return undefined;
      for (const e of errors.parserErrors) if (e.token.startOffset >= end) e.token = { ...e.token, startOffset: NaN, endOffset: NaN, startLine: NaN, endLine: NaN, startColumn: NaN, endColumn: NaN };
      all[from] = movedErrors(errors, first.start - prefix.length, first.line, first.column - prefix.length, 0);
    }
    const fragment = fragmentOf(file, prefix.length, end, leads, goesOn, single);
    shift(nodesOf(fragment), { offset: first.start - prefix.length, line: first.line, column: first.column - prefix.length, onLine: 0 });
    return fragment;
  }

  /** What begins no declaration is not looked into: it would be passed over anyway. A brace too many within a declaration (pieces.ts) costs nothing but itself. */
  private stray(text: string, piece: Piece): Errors | undefined {
    if (piece.kind !== 'file' && piece.kind !== 'brace') return undefined;
    const own = text.slice(piece.start, piece.end);
    firstToken.lastIndex = 0;
    const found = firstToken.exec(own), image = found?.[1] ?? '', at = (found?.[0].length ?? 0) - image.length;
    if (image === '' || (piece.kind === 'file' && openings.has(image))) return undefined;
    const lines = own.slice(0, at).split(/\r\n|\r|\n/), line = piece.line + lines.length, column = (lines.length > 1 ? 0 : piece.column) + lines.at(-1)!.length + 1, offset = piece.start + at;
    const token = { image, startOffset: offset, endOffset: offset + image.length - 1, startLine: line, endLine: line, startColumn: column, endColumn: column + image.length - 1, tokenTypeIdx: 0, tokenType: { name: image } };
    const message = piece.kind === 'brace' ? this.messages.braceTooMany(piece.block!) : this.messages.buildNotAllInputParsedMessage({ firstRedundant: token });
    return { lexerErrors: [], parserErrors: [{ name: 'NotAllInputParsedException', message, token, resyncedTokens: [], context: { ruleStack: [], ruleOccurrenceStack: [] } }] };
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
export function inPieces(parser: LangiumParser, messages: SynthErrorMessages): SynthParser {
  const parse = parser.parse.bind(parser) as LangiumParser['parse'], whole: LangiumParser['parse'] = (text, options) => traceless(() => parse(text, options)), pieces = new PieceParser({ parse: whole }, messages);
  return Object.assign(parser, {
    parse: <T extends AstNode = AstNode>(text: string, options?: ParserOptions): ParseResult<T> => (options?.rule === undefined ? pieces.parse<T>(text) : whole<T>(text, options)),
    reparse: <T extends AstNode = AstNode>(old: ParseResult, text: string): ParseResult<T> => pieces.reparse<T>(old, text),
  });
}

/** Whether pieces lie within one declaration, and neither begin nor end it. */
const inside = (pieces: readonly Piece[], from: number, to: number): boolean => {
  for (let i = from; i < to; i++) if (pieces[i].kind !== 'body' && pieces[i].kind !== 'brace') return false;
  return true;
};
const isLead = (f: Fragment): boolean => f.lead !== undefined && f.goesOn && f.declarations.length + f.uses.length + f.content.length === 0;
const alike = (a: Piece, aText: string, b: Piece, bText: string): boolean => a.kind === b.kind && a.block === b.block && a.end - a.start === b.end - b.start && aText.slice(a.start, a.end) === bText.slice(b.start, b.end);

/** Copies of errors, moved; `column` for those on `onLine` (all counted from 0). */
function movedErrors(errors: Errors, offset: number, line: number, column: number, onLine: number): Errors {
  // A token that the parser made up (-1) or the end of the text (NaN) stands nowhere, wherever the piece does.
  const token = <T extends Token>(t: T): T => (!(t.startOffset >= 0) ? t : {
    ...t, startOffset: t.startOffset + offset, ...(t.endOffset !== undefined && { endOffset: t.endOffset + offset }), ...(t.startLine !== undefined && { startLine: t.startLine + line, startColumn: (t.startColumn ?? 1) + (t.startLine - 1 === onLine ? column : 0) }),
    ...(t.endLine !== undefined && { endLine: t.endLine + line, endColumn: (t.endColumn ?? 1) + (t.endLine - 1 === onLine ? column : 0) }),
  });
  return {
    lexerErrors: errors.lexerErrors.map((e) => ({ ...e, offset: e.offset + offset, ...(e.line !== undefined && { line: e.line + line, column: (e.column ?? 1) + (e.line - 1 === onLine ? column : 0) }) })),
    parserErrors: errors.parserErrors.map((e) => ({ ...e, name: e.name, message: e.message, token: token(e.token), ...('previousToken' in e && e.previousToken ? { previousToken: token(e.previousToken as Token) } : {}), resyncedTokens: [] })),
  };
}
