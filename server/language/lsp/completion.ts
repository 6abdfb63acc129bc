import { AstUtils, CstUtils, GrammarAST, type AstNode, type MaybePromise } from 'langium';
import { DefaultCompletionProvider, type CompletionAcceptor, type CompletionContext, type CompletionProviderOptions, type CompletionValueItem, type NextFeature } from 'langium/lsp';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { CompletionItemKind, type TextEdit } from 'vscode-languageserver-types';
import { deviceNames } from '../../plan/request';
import * as ast from '../generated/ast';
import { sourceOf, sourcePath } from '../model';
import type { SynthServices } from '../module';
import { readName, snake } from '../names';
import { pieceStart, window } from '../parsing/around';
import { generatorNamed } from '../catalogue';
import { clauses, methods, suites } from '../validation/target';
import { columnProposals, declarations, familyProposals, generatorProposals, metricProposals, numberProposals, pathProposals, rangeProposals, settingProposals, snippetFormat, template, valueProposals, words, type Proposal } from './proposals';

/** Which words begin a clause, and in which purposes. */
const purposesOf = new Map(clauses.map((c) => [c.word, c.purposes]));
for (const word of ['equal_opportunity', 'equalised_odds']) purposesOf.set(word, ['fairness']);

/** Proposals: what the grammar allows at a place, filled with what the table, the generators and the metrics have. */
export class SynthCompletion extends DefaultCompletionProvider {
  override readonly completionOptions: CompletionProviderOptions = { triggerCharacters: ['"', '.', ':', '/', '`'] };
  constructor(private readonly services: SynthServices) { super(services); }

  /** Only the piece around the place is parsed for it: what stands above in a long file bears nothing on what may follow here. */
  protected override findFeaturesAt(document: TextDocument, offset: number): NextFeature[] {
    const text = document.getText(), { start, head } = pieceStart(text, offset), own = `${head}${text.slice(start, offset)}`;
    const features = super.findFeaturesAt(TextDocument.create(document.uri, document.languageId, document.version, own), own.length);
    // A word that is allowed because it might be a name must not stand in the way of the same word's own meaning.
    return features.filter((f) => !(GrammarAST.isKeyword(f.feature) && ruleOf(f.feature) === 'Name'));
  }

  protected override async completionFor(context: CompletionContext, next: NextFeature, acceptor: CompletionAcceptor): Promise<void> {
    const rule = ruleOf(next.feature), assigned = AstUtils.getContainerOfType(next.feature, GrammarAST.isAssignment)?.feature;
    // In quotes stands a value or a file, never a name.
    if (GrammarAST.isCrossReference(next.feature) && this.opened(context) === '"') return;
    if (rule === 'Name') {
      // All words are names too; a place for a name proposes what can be meant there instead, once.
      if (GrammarAST.isRuleCall(next.feature) && next.feature.rule.$refText === 'ID') this.accept(context, acceptor, await this.names(context, this.due(context)));
      return;
    }
    if (GrammarAST.isRuleCall(next.feature) && next.feature.rule.$refText === 'STRING') return this.accept(context, acceptor, await this.strings(context, rule ?? '', assigned ?? next.property ?? ''));
    if (GrammarAST.isRuleCall(next.feature) && next.feature.rule.$refText === 'NUMBER' && rule === 'NumberLiteral') return this.accept(context, acceptor, [...this.ranges(context), ...this.values(context, false).filter((p) => !p.insert?.startsWith('"'))]);
    if (GrammarAST.isRuleCall(next.feature) && next.feature.rule.$refText === 'NUMBER') return this.accept(context, acceptor, this.numbers(context, `${rule}.${assigned ?? next.property ?? ''}`));
    return super.completionFor(context, next, acceptor) as Promise<void>;
  }

  protected override completionForKeyword(context: CompletionContext, keyword: GrammarAST.Keyword, acceptor: CompletionAcceptor): MaybePromise<void> {
    const rule = AstUtils.getContainerOfType(keyword, GrammarAST.isParserRule)?.name ?? '', { value } = keyword;
    if (!this.filterKeyword(context, keyword) || /["`]/.test(this.opened(context))) return;
    const target = this.around(context, ast.isTarget), allowed = purposesOf.get(value);
    if ((rule.endsWith('Clause') || rule === 'Criterion') && target && allowed && !allowed.includes(target.purpose)) return;
    if (rule === 'Purpose' || rule === 'Source' || rule === 'Expect') {
      const file = context.document.parseResult.value as ast.File, [source, of] = [file.declarations.find(ast.isSource)?.name, file.declarations.findLast(ast.isTarget)?.name ?? 'stand_in'];
      const whole = declarations(source, of).find((d) => d.label === value);
      if (whole) return this.accept(context, acceptor, [whole]);
    }
    this.accept(context, acceptor, [{ label: value, ...(isFirst(keyword) && template(value)), kind: CompletionItemKind.Keyword, sort: '2' }]);
  }

  /** What a name would be at a place, as `Type.property`: one is put there and the parser asked. */
  private due(context: CompletionContext): string {
    const text = context.textDocument.getText(), { start, head } = pieceStart(text, context.tokenOffset), own = `${head}${text.slice(start, context.tokenOffset)}`, probe = 'probe__';
    const root = this.services.parser.LangiumParser.parse(`${own}${probe}`).value.$cstNode, leaf = root && CstUtils.findLeafNodeAtOffset(root, own.length);
    if (!leaf || leaf.text !== probe) return '';
    const property = Object.entries(leaf.astNode).find(([key, value]) => !key.startsWith('$') && value === probe)?.[0];
    // Where a clause may begin, so may one that begins with a column: `age like "census.csv"`.
    return ast.isColumnRef(leaf.astNode) && ast.isLikeClause(leaf.astNode.$container) && leaf.astNode.$containerIndex === 0 ? 'LikeClause.columns' : `${leaf.astNode.$type}.${property ?? ''}`;
  }

  /** Names that can be meant where one is due. */
  private async names(context: CompletionContext, due: string): Promise<Proposal[]> {
    const source = this.source(context), { Tables, Settings } = this.services.data;
    switch (due) {
      case 'ColumnRef.column': {
        const setting = this.around(context, ast.isParameter);
        return [...(setting ? this.choices(setting) : []), ...(source ? columnProposals(source, Tables) : [])];
      }
      case 'LikeClause.columns': return source && this.around(context, ast.isTarget)?.purpose === 'augmentation' ? columnProposals(source, Tables, false, true) : [];
      // Behind a column's kind one goes on with what else is said of it, before one thinks of the next column.
      case 'Column.name': return source ? columnProposals(source, Tables, true, !/(?:^|[\n{,])\s{0,200}$/.test(context.textDocument.getText().slice(Math.max(0, context.tokenOffset - 300), context.tokenOffset))) : [];
      case 'GeneratorClause.generator': return generatorProposals();
      case 'Parameter.key': {
        const clause = this.around(context, ast.isGeneratorClause), known = clause && generatorNamed(clause.generator);
        if (!known || !clause) return [];
        Settings.peek(known.id);
        await Promise.all(Settings.pending);
        return settingProposals(Settings.peek(known.id) ?? [], new Set(clause.parameters.map((p) => snake(p.key ?? ''))));
      }
      case 'DeviceClause.device': return words(deviceNames, 'device');
      case 'SuiteClause.suite': return words(suites, 'suite of metrics');
      case 'UsingClause.method': return words(methods, 'method of transfer');
      case 'Metric.family': return [...metricProposals(undefined, this.around(context, ast.isExpect)?.target?.ref?.purpose), ...familyProposals()];
      case 'Metric.metric': {
        const family = /([A-Za-z_]+)\s*\.\s*$/.exec(context.textDocument.getText().slice(Math.max(0, context.tokenOffset - 60), context.tokenOffset))?.[1];
        return metricProposals(family ?? undefined, this.around(context, ast.isExpect)?.target?.ref?.purpose);
      }
      default: return [];
    }
  }

  private choices(parameter: ast.Parameter): Proposal[] {
    const clause = parameter.$container, known = generatorNamed(clause.generator), setting = known && this.services.data.Settings.peek(known.id)?.find((s) => s.name === snake(parameter.key));
    return words(setting?.choices ?? [], setting?.what ?? '');
  }

  private async strings(context: CompletionContext, rule: string, property: string): Promise<Proposal[]> {
    if (property === 'path') {
      const typed = context.textDocument.getText().slice(context.tokenOffset, context.offset).replace(/^"/, '');
      return pathProposals(context.document.uri.fsPath, typed, rule === 'Use' ? 'synth' : 'table');
    }
    return rule === 'StringLiteral' ? this.values(context, true) : [];
  }

  /** Values of the column that is spoken of just before. */
  private values(context: CompletionContext, quoted: boolean): Proposal[] {
    const source = this.source(context), name = spokenOf(context.textDocument.getText(), context.tokenOffset);
    if (!source || name === undefined) return [];
    return valueProposals(source, name, this.services.data.Tables, quoted && context.textDocument.getText()[context.tokenOffset] === '"');
  }

  /** What a column can be in, as the file has it, where one writes `age in`. */
  private ranges(context: CompletionContext): Proposal[] {
    const source = this.source(context), name = rangedOf(context.textDocument.getText(), context.tokenOffset);
    return source && name !== undefined ? rangeProposals(source, name, this.services.data.Tables) : [];
  }

  /** Numbers that one would begin with. */
  private numbers(context: CompletionContext, due: string): Proposal[] {
    const source = this.source(context), path = source && sourcePath(source), profile = path === undefined ? undefined : this.services.data.Tables.peek(path)?.profile;
    return numberProposals(due, context.textDocument.getText().slice(Math.max(0, context.tokenOffset - 200), context.tokenOffset), profile);
  }

  /** The quote or backtick that what is typed begins with. */
  private opened(context: CompletionContext): string {
    return context.offset > context.tokenOffset ? /^["`]/.exec(context.textDocument.getText().slice(context.tokenOffset, context.tokenOffset + 1))?.[0] ?? '' : '';
  }

  private source(context: CompletionContext): ast.Source | undefined { return sourceOf(context.node); }
  private around<T extends AstNode>(context: CompletionContext, is: (n: AstNode) => n is T): T | undefined { return AstUtils.getContainerOfType(context.node, is); }

  private accept(context: CompletionContext, acceptor: CompletionAcceptor, proposals: readonly Proposal[]): void {
    for (const p of proposals) {
      const item: CompletionValueItem = {
        label: p.label, kind: p.kind, ...(p.insert !== undefined && { insertText: p.insert }), ...(p.detail && { detail: p.detail }), ...(p.beside && { labelDetails: { description: p.beside } }), ...(p.documentation && { documentation: { kind: 'markdown', value: p.documentation } }), ...(p.sort !== undefined && { sortText: p.sort }),
        ...(p.snippet && this.snippets && { insertTextFormat: snippetFormat }),
      };
      if (p.snippet && !this.snippets) item.insertText = plainText(p.insert!);
      acceptor(context, item);
    }
  }
  private get snippets(): boolean { return this.clientCapabilities?.completionItem?.snippetSupport ?? false; }

  /** The tokens at a place are those of the pieces around it. */
  protected override backtrackToAnyToken(text: string, offset: number): ReturnType<DefaultCompletionProvider['backtrackToAnyToken']> {
    const { start, end } = window(text, offset), found = super.backtrackToAnyToken(text.slice(start, end), offset - start), { previousTokenStart, previousTokenEnd } = found;
    return { nextTokenStart: found.nextTokenStart + start, nextTokenEnd: found.nextTokenEnd + start, ...(previousTokenStart !== undefined && previousTokenEnd !== undefined && { previousTokenStart: previousTokenStart + start, previousTokenEnd: previousTokenEnd + start }) };
  }

  /** What is typed may be the start of a name in backticks or quotes: it is compared without them. */
  protected override buildCompletionTextEdit(context: CompletionContext, label: string, newText: string): TextEdit | undefined {
    const document = context.textDocument, typed = document.getText().slice(context.tokenOffset, context.offset), first = typed[0];
    const bare = first === '"' || first === '`' ? typed.slice(1) : typed, word = first === '"' && bare.includes('/') ? bare.slice(bare.lastIndexOf('/') + 1) : bare;
    // Of a metric one may know the name and not the family.
    if (word !== '' && !this.fuzzyMatcher.match(word, label) && !this.fuzzyMatcher.match(word, label.slice(label.indexOf('.') + 1))) return undefined;
    // A quote or backtick that closes what is typed goes with it.
    const closing = first === '"' || first === '`' ? document.getText()[context.tokenEndOffset - 1] === first && context.tokenEndOffset > context.tokenOffset + 1 : false;
    return { newText, range: { start: document.positionAt(context.tokenOffset), end: document.positionAt(closing ? Math.max(context.tokenEndOffset, context.offset) : context.offset) } };
  }
  protected override continueCompletion(items: unknown[]): boolean { return items.length === 0; }
}

const ruleOf = (feature: AstNode): string | undefined => AstUtils.getContainerOfType(feature, GrammarAST.isParserRule)?.name;
/** Whether a keyword is the first of its rule. */
const isFirst = (keyword: GrammarAST.Keyword): boolean => {
  const rule = AstUtils.getContainerOfType(keyword, GrammarAST.isParserRule), first = rule && AstUtils.streamAst(rule.definition).find(GrammarAST.isKeyword);
  return first === keyword;
};
/** A snippet for an editor that has none. */
export const plainText = (snippet: string): string => snippet.replace(/\$\{\d+\|([^,|]*)[^}]*\}/g, '$1').replace(/\$\{\d+:([^}]*)\}/g, '$1').replace(/\$\d/g, '');

/** A column's name as it stands in the text. */
const columnName = '(`(?:[^`\\n]|``)+`|[\\p{L}_][\\p{L}\\p{N}_]*)', behind = (pattern: string): RegExp => new RegExp(`${pattern}\\s*$`, 'u');
const ranged = [behind(`${columnName}\\s*:[^:{}\\n]*\\bin`), behind(`${columnName}\\s+(?:not\\s+)?in`)];
const compared = [behind(`${columnName}\\s*(?:=|!=|<=?|>=?|(?:not\\s+)?in\\s*\\([^()]*)`), behind(`balance\\s+${columnName}\\s+to[^{}]*`)];
const declared = [behind(`${columnName}\\s*:[^:{}]*(?:positive|ordered\\s*\\([^()]*|in\\s*\\([^()]*)`)];
/** The name that the first of these finds at the end of a text. */
const foundBy = (patterns: readonly RegExp[], before: string): string | undefined => patterns.map((p) => p.exec(before)?.[1]).find((n) => n !== undefined);
const justBefore = (text: string, offset: number): string => text.slice(Math.max(0, offset - 2000), offset);

/** The column behind which `in` was written, in a condition or a declaration. */
function rangedOf(text: string, offset: number): string | undefined {
  const found = foundBy(ranged, justBefore(text, offset));
  return found === undefined ? undefined : readName(found);
}

/** The column whose value is due at a place: the one compared just before, or the one that is declared. */
function spokenOf(text: string, offset: number): string | undefined {
  const before = justBefore(text, offset), found = foundBy(compared, before), name = found !== undefined && !/^(source|positive)$/.test(found) ? found : foundBy(declared, before);
  return name === undefined ? undefined : readName(name);
}
