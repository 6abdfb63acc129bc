import type { AstNode, ValidationAcceptor } from 'langium';
import type { ColumnProfile, ColumnRelation } from '../../protocol';
import { isTableName } from '../../targets/names';
import { noColumn } from '../columns';
import { listOf } from '../compile/conditions';
import { endOf, rangeOf } from '../compile/source';
import * as ast from '../generated/ast';
import { attribute, beside, columnsOf, hasFlag, hasMissingTokens, isCategorical, isDoubled, isNumeric, isTemporal, kindOf, lexeme, outcomeOf, sourcePath, type DeclaredColumn } from '../model';
import type { SynthServices } from '../module';
import { nearest, writeName, writeValue } from '../names';
import { Asked } from './asked';
import { shareOutside } from './shares';

const percent = (share: number): string => (share < 0.001 ? 'less than 0.1%' : `${share < 0.1 ? Math.round(share * 1000) / 10 : Math.round(share * 100)}%`);
const listed = (names: readonly string[]): string => names.slice(0, 5).map((n) => `"${n}"`).join(', ') + (names.length > 5 ? ` and ${names.length - 5} more` : '');

/** Sources and their columns: what contradicts itself at once, what contradicts the file as soon as the file is known. */
export class SourceChecks {
  private readonly asked: Asked;
  constructor(private readonly services: SynthServices) { this.asked = new Asked(services); }

  source = (source: ast.Source, accept: ValidationAcceptor): void => {
    if (source.path === undefined) return;
    const at = { node: source as AstNode, property: 'path', code: 'source' } as const;
    if (!isTableName(source.path)) return accept('error', 'Understudy reads .csv, .tsv, .csv.gz, .parquet, .jsonl, .arrow and .feather.', at);
    const known = this.services.data.Tables.peek(sourcePath(source)!);
    if (known?.problem !== undefined) accept('error', known.problem, at);
    const seen = columnsOf(source), rules = new Set<string>(), once = new Set<string>();
    for (const item of beside(source)) {
      if (ast.isRuleDeclaration(item)) {
        if (rules.has(item.name)) accept('error', `There is a rule ${item.name} already.`, { node: item, property: 'name', code: 'duplicate' });
        rules.add(item.name);
      } else if (ast.isHoldout(item) || ast.isEntity(item) || ast.isOrder(item) || ast.isPublicRows(item)) {
        if (once.has(item.$type)) accept('error', 'This is said already.', { node: item, code: 'duplicate' });
        once.add(item.$type);
      }
    }
    this.columnsOnce(source, accept);
    this.tells(source, accept);
    const undeclared = known?.profile && seen.size > 0 ? [...known.columns.keys()].filter((n) => !seen.has(n)) : [];
    if (undeclared.length) accept('hint', `${undeclared.length} column${undeclared.length === 1 ? ' is' : 's are'} not declared and taken for what ${undeclared.length === 1 ? 'it looks' : 'they look'} like: ${listed(undeclared)}.`, { node: source, property: 'name', code: 'undeclared' });
  };

  /** Each column is declared once, and one is the outcome. */
  private columnsOnce(source: ast.Source, accept: ValidationAcceptor): void {
    const first = columnsOf(source), outcome = outcomeOf(source)?.name;
    for (const item of source.items) {
      if (item.$type !== 'ColumnDeclaration') continue;
      if (isDoubled(source, item)) for (const c of item.columns) if (c.name !== undefined && first.get(c.name)?.column !== c) accept('error', `The column ${c.name} is declared already.`, { node: c, property: 'name', code: 'duplicate' });
      for (const a of item.attributes) if (a.$type === 'OutcomeAttribute') for (const c of item.columns) if (outcome !== undefined && c.name !== outcome) accept('error', `A source has one outcome; ${outcome} is it already.`, { node: c, property: 'name', code: 'outcome' });
    }
  }

  column = (declaration: ast.ColumnDeclaration, accept: ValidationAcceptor): void => {
    const source = declaration.$container;
    for (const column of declaration.columns) {
      if (column.name === undefined) continue;
      const gone = noColumn(source, column.name, this.services.data.Tables);
      if (gone) accept('error', gone.message, { node: column, property: 'name', code: 'no-column', data: { meant: gone.meant } });
    }
    const kinds = declaration.attributes.filter(ast.isKindAttribute), kind = kinds[0]?.kind, at = (node: AstNode) => ({ node, code: 'attribute' });
    if (kinds.length > 1) accept('error', `A column has one kind; this is ${kind} already.`, at(kinds[1]));
    for (const type of [ast.isDomainAttribute, ast.isOrderedAttribute, ast.isOutcomeAttribute, ast.isDecimalsAttribute]) {
      const same = declaration.attributes.filter((a) => type(a));
      if (same.length > 1) accept('error', 'This is said of the column already.', at(same[1]));
    }
    const ordered = declaration.attributes.find(ast.isOrderedAttribute), domain = declaration.attributes.find(ast.isDomainAttribute), decimals = declaration.attributes.find(ast.isDecimalsAttribute), outcome = declaration.attributes.find(ast.isOutcomeAttribute);
    if (ordered && kind !== undefined && kind !== 'category' && kind !== 'ordinal') accept('error', `Only categories are ordered so; a column of kind ${kind} has its own order.`, at(ordered));
    if (ordered && domain) accept('error', 'The ordered categories are its domain already.', at(domain));
    if (decimals && kind !== undefined && kind !== 'real') accept('error', `Only a real number has decimals; this is ${kind}.`, at(decimals));
    if (domain?.range && isCategorical(kind)) accept('error', `A ${kind} has values, not a range: in ("a", "b").`, at(domain));
    if (domain?.range && (isNumeric(kind) || isTemporal(kind))) this.range(domain.range, kind!, accept);
    if (domain?.values) for (const v of domain.values.values) if (ast.isEllipsis(v)) accept('error', 'A domain is written out in full; only ordered categories may leave out what lies between.', at(v));
    if (outcome && declaration.columns.length > 1) accept('error', 'One column is the outcome; declare it by itself.', at(outcome));
    if (outcome && declaration.attributes.some((a) => ast.isFlagAttribute(a) && a.flag === 'drop')) accept('error', 'A column that is dropped cannot be the outcome.', at(outcome));
    const list = ordered?.values ?? domain?.values;
    if (list) {
      const seen = new Set<string>();
      for (const v of list.values) {
        if (ast.isEllipsis(v)) continue;
        if (seen.has(lexeme(v))) accept('error', `${lexeme(v)} stands in the list already.`, at(v));
        seen.add(lexeme(v));
      }
    }
    for (const column of declaration.columns) this.withData(source, column, accept);
  };

  private range(range: ast.Range, kind: 'integer', accept: ValidationAcceptor): void;
  private range(range: ast.Range, kind: string, accept: ValidationAcceptor): void;
  private range(range: ast.Range, kind: string, accept: ValidationAcceptor): void {
    for (const end of [range.min, range.max]) if (end && Number.isNaN(endOf(lexeme(end), kind as 'integer'))) accept('error', `${lexeme(end)} is no ${kind}${isTemporal(kind as 'date') ? ' as it is written here: 2024-12-31, 14:30, 2024-12-31T14:30' : ''}.`, { node: end, code: 'range' });
    const { min, max } = rangeOf(range, kind as 'integer');
    if (min !== undefined && max !== undefined && min > max) accept('error', 'The range is empty: its lower end lies above its upper one.', { node: range, code: 'range' });
  }

  /** What the file says about what is declared of a column. */
  private withData(source: ast.Source, column: ast.Column, accept: ValidationAcceptor): void {
    const known = this.services.data.Tables.peek(sourcePath(source) ?? ''), profile = known?.columns.get(column.name), declared = columnsOf(source).get(column.name);
    if (!profile || !declared || declared.column !== column) return;
    const kind = kindOf(declared);
    if (kind && hasWords(profile) && (isNumeric(kind) || isTemporal(kind)) && !attribute(declared, ast.isMissingAttribute) && !hasMissingTokens(source))
      accept('warning', `${column.name} holds words in the file (${listed((profile.top ?? []).map((t) => t.value).slice(0, 3))}), so it cannot be read as ${kind}.`, { node: column, property: 'name', code: 'kind' });
    const domain = attribute(declared, ast.isDomainAttribute), ordered = attribute(declared, ast.isOrderedAttribute);
    if (domain?.range) {
      const read = kind ?? profile.kind, { min, max } = rangeOf(domain.range, read), comparable = read === profile.kind || (isNumeric(read) && isNumeric(profile.kind)), outside = comparable ? shareOutside(profile, min, max) : 0;
      if (outside > 0) accept('warning', `The range leaves out ${percent(outside)} of the rows${profile.min !== undefined ? `: the file has ${profile.min} to ${profile.max}` : ''}.`, { node: domain.range, code: 'range-cuts', data: widened(domain.range, profile, min, max) });
    }
    const list = ordered?.values ?? domain?.values;
    if (list && complete(profile)) this.values(list, profile, accept, !list.values.some(ast.isEllipsis));
    const positive = attribute(declared, ast.isOutcomeAttribute)?.positive;
    if (positive) this.occurs(positive, profile, accept);
    this.leaks(source, declared, profile, accept);
  }

  private values(list: ast.ValueList, profile: ColumnProfile, accept: ValidationAcceptor, closed: boolean): void {
    for (const v of list.values) if (!ast.isEllipsis(v)) this.occurs(v, profile, accept);
    const named = new Set(listOf(list)), left = profile.top!.filter((t) => !named.has(t.value)), rows = left.reduce((n, t) => n + t.count, 0);
    if (closed && left.length) accept('warning', `The list leaves out ${percent(rows / Math.max(1, profile.rows))} of the rows: the file also has ${listed(left.map((t) => t.value))}.`, { node: list, code: 'values-left', data: { left: left.map((t) => t.value) } });
  }

  /** A value that the file does not have: probably misspelt. */
  occurs(value: ast.Literal, profile: ColumnProfile, accept: ValidationAcceptor): void {
    const text = lexeme(value), top = profile.top;
    if (!top || !complete(profile) || top.some((t) => t.value === text)) return;
    const meant = nearest(text, top.map((t) => t.value));
    accept('warning', `${writeName(profile.name)} is never ${ast.isNumberLiteral(value) ? text : `"${text}"`} in the file.${meant === undefined ? ` It has ${listed(top.map((t) => t.value))}.` : ` Is "${meant}" meant?`}`, { node: value, code: 'no-value', data: { meant, numeric: ast.isNumberLiteral(value) } });
  }

  /** Columns that all but tell the outcome by themselves, where no exact relation says so already. */
  private tells(source: ast.Source, accept: ValidationAcceptor): void {
    const outcome = outcomeOf(source);
    for (const { column, share } of this.asked.outcome(source)?.tells ?? []) {
      const declared = columnsOf(source).get(column);
      if (!outcome || hasFlag(declared, 'drop') || this.gives(source, column, outcome.name)) continue;
      accept('warning', `${column} gives the outcome away: by itself it tells ${(100 * share).toFixed(share > 0.999 ? 0 : 1)}% of what there is to tell of ${outcome.name}. A model that sees it learns nothing else; drop it, unless that is meant.`, { node: declared?.column ?? outcome.node, code: 'leak' });
    }
  }
  private gives(source: ast.Source, column: string, outcome: string): ColumnRelation | undefined {
    return this.services.data.Tables.peek(sourcePath(source) ?? '')?.profile?.relations?.find(({ type, columns, sentence }) => columns.includes(column) && columns.includes(outcome) && (type === 'equal' || (type === 'determines' && (columns[0] === column || sentence.includes('each determines')))));
  }

  /** The profile's own finding that one column gives another away, where the other is the outcome. */
  private leaks(source: ast.Source, declared: DeclaredColumn, profile: ColumnProfile, accept: ValidationAcceptor): void {
    const outcome = outcomeOf(source);
    if (!outcome || outcome.name === profile.name || hasFlag(declared, 'drop')) return;
    const said = this.gives(source, profile.name, outcome.name);
    if (said) accept('warning', `${profile.name} gives the outcome away: ${said.sentence} A model that sees it learns nothing else; drop it, unless that is meant.`, { node: declared.column, property: 'name', code: 'leak' });
  }
}

/** The range with those of its ends moved that cut rows off, as it is written; nothing where the file writes its ends otherwise than the language does. */
function widened({ min, max }: ast.Range, profile: ColumnProfile, low: number | undefined, high: number | undefined): { min?: string; max?: string } {
  const least = endOf(profile.min ?? '', profile.kind), most = endOf(profile.max ?? '', profile.kind), written = (text: string) => writeValue(text, isNumeric(profile.kind));
  if (Number.isNaN(least) || Number.isNaN(most)) return {};
  return { min: low !== undefined && low > least ? written(profile.min!) : min?.$cstNode?.text ?? '', max: high !== undefined && high < most ? written(profile.max!) : max?.$cstNode?.text ?? '' };
}

const hasWords = (profile: ColumnProfile): boolean => isCategorical(profile.kind) && (profile.top ?? []).some((t) => t.value.trim() !== '' && !Number.isFinite(Number(t.value)) && !/^\d[\d.,:/ T-]*$/.test(t.value));
/** Whether all values of a column are known, so that one can say what does not occur. */
export const complete = (profile: ColumnProfile): boolean => profile.top !== undefined && profile.top.length >= profile.distinct;
