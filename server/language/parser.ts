import { DefaultLexer, DefaultTokenBuilder, LangiumParserErrorMessageProvider, DefaultValueConverter, type CstNode, type GrammarAST, type LexerResult, type TokenizeOptions, type ValueType } from 'langium';
import { NoViableAltException, type CustomPatternMatcherFunc, type TokenType } from 'chevrotain';
import { readName, readString, reserved } from './names';

/** Beyond this depth of brackets or chain of `not`s the rest of a file is not read: the parser descends once per level, and a machine's stack is finite. */
const deepest = 64;

/** The lexer, with a floor under the parser: files nested deeper than anybody writes are cut there and say so. */
export class SynthLexer extends DefaultLexer {
  override tokenize(text: string, options?: TokenizeOptions): LexerResult {
    const result = super.tokenize(text, options);
    let depth = 0, chain = 0;
    for (const [i, token] of result.tokens.entries()) {
      const { image } = token;
      if (image === '(' || image === '{') depth++;
      else if (image === ')' || image === '}') depth = Math.max(0, depth - 1);
      chain = image === 'not' ? chain + 1 : 0;
      if (depth <= deepest && chain <= deepest) continue;
      result.errors.push({ offset: token.startOffset, line: token.startLine, column: token.startColumn, length: image.length, message: `Nested more than ${deepest} deep; what follows is not read.` });
      result.tokens = result.tokens.slice(0, i);
      break;
    }
    return result;
  }
}

/**
 * `/*` begins a comment only where one ends; that none does any more is found out once, and not again for every `/*` behind it.
 * @returns a pattern for Chevrotain
 */
function comments(): CustomPatternMatcherFunc {
  let seen: string | undefined, endless = Infinity;
  return (text, offset) => {
    if (text.charCodeAt(offset) !== 47 || text.charCodeAt(offset + 1) !== 42) return null;
    if (text !== seen) [seen, endless] = [text, Infinity];
    if (offset >= endless) return null;
    const end = text.indexOf('*/', offset + 2);
    if (end < 0) endless = offset;
    return end < 0 ? null : [text.slice(offset, end + 2)] as never;
  };
}

/** Tokens as the grammar has them, comments apart. */
export class SynthTokens extends DefaultTokenBuilder {
  protected override buildTerminalToken(terminal: GrammarAST.TerminalRule): TokenType {
    const token = super.buildTerminalToken(terminal);
    return terminal.name === 'ML_COMMENT' ? { ...token, PATTERN: comments(), LINE_BREAKS: true, START_CHARS_HINT: ['/'] } : token;
  }
  /** A slash may be the start of a comment, which the library sees in regular expressions only. */
  protected override findLongerAlt(keyword: GrammarAST.Keyword, terminalTokens: TokenType[]): TokenType[] {
    const longer = super.findLongerAlt(keyword, terminalTokens);
    return keyword.value === '/' ? [...longer, ...terminalTokens.filter((t) => t.name === 'ML_COMMENT')] : longer;
  }
}

/** What the text of a name, a string, a number is in the syntax tree. Numbers stay as they are written, since `0.50` may be a category. */
export class SynthValueConverter extends DefaultValueConverter {
  protected override runConverter(rule: GrammarAST.AbstractRule, input: string, cstNode: CstNode): ValueType {
    switch (rule.name) {
      case 'Name': case 'ID': case 'QUOTED': return readName(input);
      case 'STRING': return readString(input);
      case 'NUMBER': case 'DURATION': return input;
      default: return super.runConverter(rule, input, cstNode);
    }
  }
}

const shown = (image: string): string => (image.length > 40 ? `\`${image.slice(0, 40)}...\`` : `\`${image}\``);
const label = (name: string): string => ({ ID: 'a name', STRING: 'a text in quotes', NUMBER: 'a number', EOF: 'the end of the file', DURATION: 'a time' })[name] ?? `\`${name.replace(/:KW$/, '')}\``;

/** What is wrong, in the language's own words: what stands there, and what could. */
export class SynthErrorMessages extends LangiumParserErrorMessageProvider {
  /** What is parsed is a piece of a file: its end is not the file's, and from this place on it is not the file's text. */
  piece: { end: number; last: boolean } | undefined;

  private found({ image, startOffset }: { image: string; startOffset?: number }): string {
    if (image !== '' && !(this.piece && startOffset! >= this.piece.end)) return shown(image);
    return this.piece && !this.piece.last ? 'what follows' : 'the end of the file';
  }
  override buildMismatchTokenMessage({ expected, actual }: { expected: { name: string }; actual: { image: string } }): string {
    return expected.name === 'ID' && reserved.has(actual.image) ? wordNotName(actual.image) : `Here ${label(expected.name)} is expected, not ${this.found(actual)}.`;
  }
  override buildNotAllInputParsedMessage({ firstRedundant }: { firstRedundant: { image: string } }): string {
    return `${this.found(firstRedundant)} begins no declaration: those are source, release, augmentation, fairness, transfer, completion and expect, after \`language\` and \`use\`.`;
  }
  braceTooMany(block: 'source' | 'target' | 'expect'): string {
    return `This brace would close the ${block === 'expect' ? 'expectations' : block}, though what follows goes on with ${block === 'expect' ? 'them' : 'it'}: one too many?`;
  }
  override buildNoViableAltMessage({ actual }: { actual: Array<{ image: string }> }): string {
    const { image } = actual[0] ?? { image: '' };
    return reserved.has(image) ? wordNotName(image) : `${this.found(actual[0] ?? { image: '' })} does not fit here.`;
  }
  override buildEarlyExitMessage({ actual }: { actual: Array<{ image: string }> }): string {
    return `Something is missing before ${this.found(actual[0] ?? { image: '' })}.`;
  }
}
const wordNotName = (word: string): string => `\`${word}\` is a word of the language; a name that is called so stands in backticks: \`${word}\`.`;

/** What of a Chevrotain parser is replaced here. */
interface Complaining {
  LA(ahead: number): { image: string; tokenType: TokenType };
  SAVE_ERROR(error: Error): Error;
  errorMessageProvider: { buildNoViableAltMessage(o: { actual: Array<{ image: string }> }): string };
  raiseNoAltException(): never;
  getNextPossibleTokenTypes(path: GrammarPath): unknown;
  findReSyncTokenType(): TokenType;
  buildFullFollowKeyStack(): unknown[];
  getFollowSetFromFollowKey(key: unknown): readonly TokenType[];
}
interface GrammarPath { ruleStack: string[]; occurrenceStack: number[]; lastTok: { name: string }; lastTokOccurrence: number }
/** Places in the grammar of which it is remembered what may follow there; nested conditions have no end of them. */
const mostPlaces = 2000;

/**
 * A parser whose complaints are quick. To word one, Chevrotain lists every way in which a rule may go on; with all words being names, too, these are very many, and our
 * messages name none. How the parser decides is not touched.
 */
export function quickToComplain<P extends object>(parser: P): P {
  const { wrapper } = parser as unknown as { wrapper?: Complaining };
  if (wrapper) {
    wrapper.raiseNoAltException = function (this: Complaining): never {
      const message = this.errorMessageProvider.buildNoViableAltMessage({ actual: [this.LA(1)] });
      throw this.SAVE_ERROR(new NoViableAltException(message, this.LA(1) as never, this.LA(0) as never));
    };
    // What may follow at a place is walked for through the whole grammar, at each mistake anew; it never changes.
    const known = new Map<string, unknown>(), follows = wrapper.getNextPossibleTokenTypes.bind(wrapper);
    wrapper.getNextPossibleTokenTypes = (path) => {
      const key = `${path.ruleStack.join(' ')} ${path.occurrenceStack.join(' ')} ${path.lastTok.name} ${path.lastTokOccurrence}`;
      let found = known.get(key);
      if (found === undefined) {
        if (known.size >= mostPlaces) known.clear();
        known.set(key, (found = follows(path)));
      }
      return found;
    };
    // Where to go on behind a mistake: the library lists all follow sets together and searches the list at every word.
    const sets = new WeakMap<readonly TokenType[], ReadonlySet<TokenType>>();
    wrapper.findReSyncTokenType = function (this: Complaining): TokenType {
      const wanted = this.buildFullFollowKeyStack().map((key) => {
        const list = this.getFollowSetFromFollowKey(key);
        let set = sets.get(list);
        if (!set) sets.set(list, (set = new Set(list)));
        return set;
      });
      for (let ahead = 1; ; ahead++) {
        const { tokenType } = this.LA(ahead);
        if (wanted.some((set) => set.has(tokenType))) return tokenType;
      }
    };
  }
  return parser;
}
/** Runs a parser without stack traces for the mistakes it throws and catches by the hundred. */
export function traceless<R>(parse: () => R): R {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return parse();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
