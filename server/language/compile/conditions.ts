import type { Comparison, Condition, Rule, RowExpression } from '../../protocol';
import { UserError } from '../../errors';
import * as ast from '../generated/ast';
import { lexeme } from '../model';

/** Conditions and rules from the syntax tree into the plan's own form. What is no condition, or no number, is refused here in the words the editor uses too. */

const wrong = (message: string): never => { throw new UserError(message, {}, undefined, 'usage'); };

/** @throws UserError (usage) where an expression stands in a condition's place. */
export function conditionOf(node: ast.Condition): Condition {
  if (ast.isOr(node)) return { type: 'or', of: node.operands.map(conditionOf) };
  if (ast.isAnd(node)) return { type: 'and', of: node.operands.map(conditionOf) };
  if (ast.isNot(node)) return { type: 'not', of: conditionOf(node.operand) };
  if (ast.isMissingTest(node)) return ast.isColumnRef(node.operand) ? { type: 'missing', column: node.operand.column, ...(node.negated && { negated: true }) } : wrong('Only a column can be missing.');
  if (ast.isMembership(node)) return membership(node);
  if (ast.isCompare(node)) return { type: 'compare', op: node.op as Comparison, left: expressionOf(node.left), right: expressionOf(node.right) };
  return wrong('This is a value, not a condition: compare it with something.');
}

/** @throws UserError (usage) where a condition stands in a value's place. */
export function expressionOf(node: ast.Condition): RowExpression {
  if (ast.isColumnRef(node)) return { type: 'column', column: node.column };
  if (ast.isNumberLiteral(node) || ast.isStringLiteral(node)) return { type: 'value', value: lexeme(node) };
  if (ast.isSum(node) || ast.isProduct(node)) {
    // Left to right, as one reads: a - b - c is (a - b) - c.
    return node.operands.slice(1).reduce<RowExpression>((left, operand, i) => ({ type: 'arithmetic', op: node.operators[i] as '+' | '-' | '*' | '/', left, right: expressionOf(operand) }), expressionOf(node.operands[0]));
  }
  return wrong('This is a condition; a value of a row is needed here.');
}

function membership(node: ast.Membership): Condition {
  const negated = node.negated ? { negated: true } : {};
  if (node.values) {
    if (!ast.isColumnRef(node.left)) return wrong('Only a column can be in a list of values.');
    return { type: 'in', column: node.left.column, values: listOf(node.values), ...negated };
  }
  const min = node.range?.min && lexeme(node.range.min), max = node.range?.max && lexeme(node.range.max);
  const within: Condition = ast.isColumnRef(node.left)
    ? { type: 'range', column: node.left.column, ...(min !== undefined && { min }), ...(max !== undefined && { max }) }
    : { type: 'and', of: [...(min === undefined ? [] : [bound('>=', node.left, min)]), ...(max === undefined ? [] : [bound('<=', node.left, max)])] };
  return node.negated ? { type: 'not', of: within } : within;
}
const bound = (op: Comparison, left: ast.Condition, value: string): Condition => ({ type: 'compare', op, left: expressionOf(left), right: { type: 'value', value } });

/** The values of a list, without `...`. */
export const listOf = (list: ast.ValueList): string[] => list.values.flatMap((v) => (ast.isEllipsis(v) ? [] : [lexeme(v)]));

/** @throws UserError (usage) for a body that says nothing. */
export function ruleOf(node: ast.RuleDeclaration): Rule {
  const { name, body } = node, names = (refs: readonly ast.ColumnRef[]) => refs.map((r) => r.column);
  if (ast.isUniqueRule(body)) return { name, type: 'unique', columns: names(body.columns) };
  if (ast.isCombinationsRule(body)) return { name, type: 'combinations', columns: names(body.columns) };
  if (ast.isDeterminesRule(body)) return { name, type: 'determines', from: names(body.determinants), to: names(body.columns) };
  if (ast.isFormatRule(body)) return { name, type: 'format', column: body.column.column, pattern: body.pattern };
  if (!ast.isRowRule(body)) return wrong(`The rule ${name} says nothing.`);
  return { name, type: 'row', condition: conditionOf(body.condition), ...(body.where && { where: conditionOf(body.where) }) };
}

/** Every column a condition speaks of, with where it is written. */
export function* columnsIn(node: ast.Condition | undefined): Generator<ast.ColumnRef> {
  if (!node) return;
  if (ast.isColumnRef(node)) yield node;
  else if (ast.isOr(node) || ast.isAnd(node) || ast.isSum(node) || ast.isProduct(node)) for (const o of node.operands) yield* columnsIn(o);
  else if (ast.isNot(node) || ast.isMissingTest(node)) yield* columnsIn(node.operand);
  else if (ast.isCompare(node)) { yield* columnsIn(node.left); yield* columnsIn(node.right); }
  else if (ast.isMembership(node)) yield* columnsIn(node.left);
}
