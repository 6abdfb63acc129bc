import { interruptAndCheck, type AstNode, type Cancellation, type LangiumDocument } from 'langium';
import { AbstractSemanticTokenProvider } from 'langium/lsp';
import { SemanticTokenModifiers, SemanticTokenTypes, type Position, type Range, type SemanticTokens, type SemanticTokensDelta, type SemanticTokensDeltaParams, type SemanticTokensOptions, type SemanticTokensParams, type SemanticTokensRangeParams } from 'vscode-languageserver';
import { below } from '../columns';
import * as ast from '../generated/ast';

/** Tokens by five numbers: lines below the start of their part, column, length, kind, modifiers. Columns on the part's first line count from its start. */
type Tokens = readonly number[];
/** A declaration's, and where its first and its last one stand, from its start. */
interface Whole { data: readonly number[]; first: Position; last: Position; of?: ast.Declaration; text?: string }
type Token = [line: number, character: number, length: number, type: number, modifiers: number];

/**
 * Colours by meaning, where words alone cannot tell: a column called `time` is a column. Those of a column, a rule, a clause are kept with it and only moved: an editor asks for all colours
 * again after a key press. An editor that has the last answer is told what changed of it.
 */
export class SynthSemanticTokens extends AbstractSemanticTokenProvider {
  private readonly known = new WeakMap<AstNode, Tokens>();
  /** Those of whole declarations, by the list of their parts, as the protocol wants them: each relative to the one before. */
  private readonly whole = new WeakMap<readonly AstNode[], Whole>();
  private readonly told = new Map<string, { id: string; data: number[] }>();
  private count = 0;

  override get semanticTokensOptions(): SemanticTokensOptions { return { ...super.semanticTokensOptions, full: { delta: true } }; }

  override async semanticHighlight(document: LangiumDocument, _params: SemanticTokensParams, token?: Cancellation.CancellationToken): Promise<SemanticTokens> {
    const data = await this.encode(document, undefined, token), id = String(++this.count), uri = document.uri.toString();
    this.told.delete(uri);
    this.told.set(uri, { id, data });
    if (this.told.size > mostTold) this.told.delete(this.told.keys().next().value!);
    return { resultId: id, data };
  }
  override async semanticHighlightRange(document: LangiumDocument, { range }: SemanticTokensRangeParams, token?: Cancellation.CancellationToken): Promise<SemanticTokens> {
    return { data: await this.encode(document, range, token) };
  }
  override async semanticHighlightDelta(document: LangiumDocument, params: SemanticTokensDeltaParams, token?: Cancellation.CancellationToken): Promise<SemanticTokens | SemanticTokensDelta> {
    const before = this.told.get(document.uri.toString()), now = await this.semanticHighlight(document, params, token);
    return before?.id === params.previousResultId ? { resultId: now.resultId!, edits: difference(before.data, now.data) } : now;
  }

  /** Positions relative to the token before, as the protocol wants them. */
  private async encode(document: LangiumDocument, range: Range | undefined, token: Cancellation.CancellationToken | undefined): Promise<number[]> {
    const data: number[] = [], text = document.parseResult.value.$cstNode?.root.fullText ?? '';
    let line = 0, character = 0;
    for (const d of (document.parseResult.value as ast.File).declarations) {
      if (token) await interruptAndCheck(token);
      if (!d.$cstNode || (range && outside(d, range))) continue;
      const { data: own, first, last } = range ? this.declaration(document, d, range) : this.unchanged(document, d, text);
      if (own.length === 0) continue;
      const start = d.$cstNode.range.start, at = place(start, first), end = place(start, last);
      data.push(at.line - line, at.line === line ? at.character - character : at.character);
      for (let i = 2; i < own.length; i++) data.push(own[i]);
      ({ line, character } = end);
    }
    return data;
  }

  /** Of a declaration whose words and spaces are what they were when it was asked for last, nothing is done again. */
  private unchanged(document: LangiumDocument, d: ast.Declaration, text: string): Whole {
    const { offset, end } = d.$cstNode!, own = text.slice(offset, end), list = partsOf(d), known = this.whole.get(list);
    if (known?.of === d && known.text === own) return known;
    const now = { ...this.declaration(document, d), of: d, text: own };
    this.whole.set(list, now);
    return now;
  }

  private declaration(document: LangiumDocument, d: ast.Declaration, range?: Range): Whole {
    const data: number[] = [], { start } = d.$cstNode!.range;
    let { line, character } = start, first: Position | undefined;
    const put = (part: AstNode, tokens: Tokens) => {
      const top = part.$cstNode!.range.start;
      for (let i = 0; i < tokens.length; i += 5) {
        const { line: l, character: c } = place(top, { line: tokens[i], character: tokens[i + 1] });
        data.push(l - line, l === line ? c - character : c, tokens[i + 2], tokens[i + 3], tokens[i + 4]);
        [line, character] = [l, c];
        first ??= { line, character };
      }
    };
    // What a declaration calls itself changes with nothing of what is in it.
    put(d, this.tokens(document, d, [d]));
    for (const part of partsOf(d)) {
      if (!part.$cstNode || (range && outside(part, range))) continue;
      let known = this.known.get(part);
      if (!known) this.known.set(part, (known = this.tokens(document, part, below(part))));
      put(part, known);
    }
    return { data, first: from(start, first ?? start), last: from(start, { line, character }) };
  }

  private tokens(document: LangiumDocument, part: AstNode, nodes: Iterable<AstNode>): Tokens {
    const { start } = part.$cstNode!.range, found: Token[] = [];
    this.currentDocument = document;
    this.currentRange = undefined;
    this.currentTokensBuilder = { push: (line: number, character: number, length: number, type: number, modifiers: number) => found.push([line - start.line, line === start.line ? character - start.character : character, length, type, modifiers]) } as unknown as NonNullable<AbstractSemanticTokenProvider['currentTokensBuilder']>;
    const accept = this.createAcceptor();
    for (const node of nodes) this.highlightElement(node, accept);
    return found.sort((a, b) => a[0] - b[0] || a[1] - b[1]).flat();
  }

  protected override highlightElement(node: AstNode, acceptor: ReturnType<AbstractSemanticTokenProvider['createAcceptor']>): void {
    const declaration = SemanticTokenModifiers.declaration;
    if (ast.isColumnRef(node)) acceptor({ node, property: 'column', type: SemanticTokenTypes.property });
    else if (ast.isColumn(node)) acceptor({ node, property: 'name', type: SemanticTokenTypes.property, modifier: declaration });
    else if (ast.isSource(node)) acceptor({ node, property: 'name', type: SemanticTokenTypes.variable, modifier: declaration });
    else if (ast.isTarget(node)) {
      acceptor({ node, property: 'name', type: SemanticTokenTypes.function, modifier: declaration });
      acceptor({ node, property: 'source', type: SemanticTokenTypes.variable });
    } else if (ast.isExpect(node)) acceptor({ node, property: 'target', type: SemanticTokenTypes.function });
    else if (ast.isRuleDeclaration(node)) acceptor({ node, property: 'name', type: SemanticTokenTypes.function, modifier: declaration });
    else if (ast.isMetric(node)) {
      acceptor({ node, property: 'family', type: SemanticTokenTypes.namespace });
      acceptor({ node, property: 'metric', type: SemanticTokenTypes.method });
    } else if (ast.isGeneratorClause(node)) acceptor({ node, property: 'generator', type: SemanticTokenTypes.class });
    else if (ast.isParameter(node)) acceptor({ node, property: 'key', type: SemanticTokenTypes.parameter });
    else if (ast.isKindAttribute(node)) acceptor({ node, property: 'kind', type: SemanticTokenTypes.type });
    else if (ast.isToClause(node) && node.source) acceptor({ node, property: 'source', type: SemanticTokenTypes.variable });
    else if (ast.isDeviceClause(node)) acceptor({ node, property: 'device', type: SemanticTokenTypes.enumMember });
    else if (ast.isUsingClause(node)) acceptor({ node, property: 'method', type: SemanticTokenTypes.enumMember });
    else if (ast.isSuiteClause(node)) acceptor({ node, property: 'suite', type: SemanticTokenTypes.enumMember });
  }
}

const partsOf = (d: ast.Declaration): readonly AstNode[] => (ast.isSource(d) ? d.items : ast.isTarget(d) ? d.clauses : d.expectations);
/** A place that is told by its distance from a start: lines below it, and on its own line characters behind it. */
const place = (start: Position, distance: Position): Position => ({ line: start.line + distance.line, character: distance.line === 0 ? start.character + distance.character : distance.character });
const from = (start: Position, at: Position): Position => ({ line: at.line - start.line, character: at.line === start.line ? at.character - start.character : at.character });

/** Answers that an editor may ask to be told the change of, at most. */
const mostTold = 50;
const outside = (node: AstNode, range: Range): boolean => {
  const own = node.$cstNode!.range;
  return own.end.line < range.start.line || own.start.line > range.end.line;
};
/** The one run of numbers that differs. */
function difference(before: readonly number[], now: readonly number[]): SemanticTokensDelta['edits'] {
  let start = 0, end = 0;
  const most = Math.min(before.length, now.length);
  while (start < most && before[start] === now[start]) start++;
  while (end < most - start && before[before.length - 1 - end] === now[now.length - 1 - end]) end++;
  return start === before.length && start === now.length ? [] : [{ start, deleteCount: before.length - end - start, data: now.slice(start, now.length - end) }];
}
