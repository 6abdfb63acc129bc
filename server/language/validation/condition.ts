import type { AstNode, ValidationAcceptor } from 'langium';
import { columnOf, findColumn, isSettingWord, noColumn } from '../columns';
import * as ast from '../generated/ast';
import { hasMissingTokens, isCategorical, isNumeric, lexeme, sourceOf } from '../model';
import type { SynthServices } from '../module';
import type { SourceChecks } from './source';
import { complete } from './source';
import { shareOutside } from './shares';
import { Asked } from './asked';

/** Whether a node is a condition (true or false of a row) or a value. */
const isTruth = (node: ast.Condition): boolean => ast.isOr(node) || ast.isAnd(node) || ast.isNot(node) || ast.isCompare(node) || ast.isMembership(node) || ast.isMissingTest(node);

/** Conditions and rules: truth where truth is meant, values where values are, columns that are there, values that occur. */
export class ConditionChecks {
  private readonly asked: Asked;
  constructor(private readonly services: SynthServices, private readonly sources: SourceChecks) { this.asked = new Asked(services); }

  columnRef = (ref: ast.ColumnRef, accept: ValidationAcceptor): void => {
    const source = sourceOf(ref);
    if (!source || ref.column === undefined || isSettingWord(ref)) return;
    const gone = noColumn(source, ref.column, this.services.data.Tables);
    if (gone) accept('error', gone.message, { node: ref, property: 'column', code: 'no-column', data: { meant: gone.meant } });
    else if (columnOf(source, ref.column, this.services.data.Tables).declared?.attributes.some((a) => ast.isFlagAttribute(a) && a.flag === 'drop')) accept('error', `${ref.column} is dropped: nothing can rest on it.`, { node: ref, property: 'column', code: 'dropped' });
  };

  rowRule = (rule: ast.RowRule, accept: ValidationAcceptor): void => {
    this.truth(rule.condition, accept);
    if (rule.where) this.truth(rule.where, accept);
  };
  where = (clause: ast.WhereClause, accept: ValidationAcceptor): void => {
    this.truth(clause.condition, accept);
    const source = sourceOf(clause), counted = this.asked.where(clause)?.count, rows = counted ?? this.atMost(clause.condition), only = counted === undefined ? 'At most' : 'Only';
    if (!source || rows === undefined) return;
    if (rows < 1) accept('warning', 'No row of the source meets this condition: nothing can be learnt of such rows.', { node: clause, property: 'condition', code: 'few-rows' });
    else if (rows < 20) accept('warning', `${only} ${Math.floor(rows)} row${Math.floor(rows) === 1 ? '' : 's'} of the source meet${Math.floor(rows) === 1 ? 's' : ''} this condition: what is drawn for it will hardly differ from them.`, { node: clause, property: 'condition', code: 'few-rows' });
  };
  operands = (node: ast.Or | ast.And, accept: ValidationAcceptor): void => { for (const o of node.operands) this.truth(o, accept); };
  not = (node: ast.Not, accept: ValidationAcceptor): void => this.truth(node.operand, accept);

  compare = (node: ast.Compare, accept: ValidationAcceptor): void => {
    this.value(node.left, accept);
    this.value(node.right, accept);
    for (const [side, other] of [[node.left, node.right], [node.right, node.left]] as const) {
      const column = ast.isColumnRef(side) ? findColumn(side, side.column, this.services.data.Tables) : undefined;
      if (!column?.kind || !(ast.isNumberLiteral(other) || ast.isStringLiteral(other))) continue;
      if (isNumeric(column.kind) && ast.isStringLiteral(other) && !Number.isFinite(Number(other.value))) accept('error', `${column.name} is a number; "${other.value}" is none.`, { node: other, code: 'type' });
      else if (isCategorical(column.kind) && column.kind !== 'ordinal' && node.op !== '=' && node.op !== '!=') accept('error', `The categories of ${column.name} have no order; declare one with: category ordered ("low", "high").`, { node, property: 'op', code: 'type' });
      else if (column.profile && isCategorical(column.kind)) this.sources.occurs(other, column.profile, accept);
    }
  };

  membership = (node: ast.Membership, accept: ValidationAcceptor): void => {
    this.value(node.left, accept);
    const column = ast.isColumnRef(node.left) ? findColumn(node.left, node.left.column, this.services.data.Tables) : undefined;
    if (node.values) {
      if (!ast.isColumnRef(node.left)) accept('error', 'Only a column can be in a list of values.', { node: node.left, code: 'type' });
      for (const v of node.values.values) {
        if (ast.isEllipsis(v)) accept('error', 'A condition names its values in full.', { node: v, code: 'type' });
        else if (column?.profile) this.sources.occurs(v, column.profile, accept);
      }
    }
    if (node.range) {
      if (column?.kind && isCategorical(column.kind) && column.kind !== 'ordinal') accept('error', `${column.name} has categories, not a range: in ("a", "b").`, { node: node.range, code: 'type' });
      const min = Number(node.range.min && lexeme(node.range.min)), max = Number(node.range.max && lexeme(node.range.max));
      if (min > max) accept('error', 'The range is empty: its lower end lies above its upper one.', { node: node.range, code: 'range' });
    }
  };

  missing = (node: ast.MissingTest, accept: ValidationAcceptor): void => {
    if (!ast.isColumnRef(node.operand)) return accept('error', 'Only a column can be missing.', { node: node.operand, code: 'type' });
    const column = findColumn(node.operand, node.operand.column, this.services.data.Tables);
    if (!node.negated && column?.profile?.missing === 0 && !hasMissingTokens(column.source) && !column.declared?.attributes.some(ast.isMissingAttribute)) accept('warning', `${column.name} is never missing in the file.`, { node, code: 'no-value' });
  };

  format = (rule: ast.FormatRule, accept: ValidationAcceptor): void => {
    if (rule.pattern === undefined) return;
    try {
      new RegExp(rule.pattern, 'u');
    } catch (error) {
      accept('error', `This is no pattern: ${error instanceof Error ? error.message.replace(/^Invalid regular expression: /, '') : ''}`, { node: rule, property: 'pattern', code: 'pattern' });
    }
  };

  private truth(node: ast.Condition | undefined, accept: ValidationAcceptor): void {
    if (node && !isTruth(node)) accept('error', 'This is a value, not a condition: compare it with something.', { node: node as AstNode, code: 'type' });
  }
  private value(node: ast.Condition | undefined, accept: ValidationAcceptor): void {
    if (node && isTruth(node)) accept('error', 'A value is needed here, not a condition. Conditions are joined with and, or, not: 18 <= age and age <= 65.', { node: node as AstNode, code: 'type' });
  }

  /** An upper bound on the rows that meet a condition, from the columns' own counts; undefined where nothing is known. */
  atMost(node: ast.Condition): number | undefined {
    if (ast.isAnd(node)) return node.operands.map((o) => this.atMost(o)).reduce((a, b) => (a === undefined ? b : b === undefined ? a : Math.min(a, b)), undefined);
    if (ast.isOr(node)) return node.operands.map((o) => this.atMost(o)).reduce<number | undefined>((a, b) => (a === undefined || b === undefined ? undefined : a + b), 0);
    if (ast.isCompare(node) && ast.isColumnRef(node.left) && (ast.isNumberLiteral(node.right) || ast.isStringLiteral(node.right))) {
      const profile = findColumn(node.left, node.left.column, this.services.data.Tables)?.profile, text = lexeme(node.right);
      if (!profile) return undefined;
      if (node.op === '=') return complete(profile) ? (profile.top!.find((t) => t.value === text || (isNumeric(profile.kind) && Number(t.value) === Number(text)))?.count ?? 0) : undefined;
      if (!isNumeric(profile.kind) || node.op === '!=') return undefined;
      const x = Number(text), outside = node.op.startsWith('<') ? shareOutside(profile, undefined, x) : shareOutside(profile, x, undefined);
      return profile.rows * (1 - outside);
    }
    if (ast.isMembership(node) && !node.negated && ast.isColumnRef(node.left)) {
      const profile = findColumn(node.left, node.left.column, this.services.data.Tables)?.profile;
      if (!profile) return undefined;
      if (node.values) return complete(profile) ? node.values.values.reduce((n, v) => n + (ast.isEllipsis(v) ? 0 : (profile.top!.find((t) => t.value === lexeme(v))?.count ?? 0)), 0) : undefined;
      if (!node.range || !isNumeric(profile.kind)) return undefined;
      return profile.rows * (1 - shareOutside(profile, node.range.min && Number(lexeme(node.range.min)), node.range.max && Number(lexeme(node.range.max))));
    }
    return undefined;
  }
}
