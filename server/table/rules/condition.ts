/**
 * Conditions, evaluated on whole columns. Truth has three values, as in SQL: a comparison with a missing cell is unknown. A row *meets* a condition
 * only where it is true; a row *breaks* a rule only where it is false.
 */
import { UserError } from '../../errors';
import type { Condition, RowExpression } from '../../protocol';
import type { ColumnSchema, Table } from '../table';
import { columnOf, numberOf, scaleOf, sideOf, type Side } from './cells';

/** One entry a row: 1 true, 0 false, -1 unknown. */
export type Truth = Int8Array;

/** The columns a condition or an expression names, each once, in order of appearance. */
export function columnsOf(condition: Condition): string[] {
  const names: string[] = [];
  const add = (name: string): void => { if (!names.includes(name)) names.push(name); };
  const inExpression = (e: RowExpression): void => {
    if (e.type === 'column') add(e.column);
    else if (e.type === 'arithmetic') { inExpression(e.left); inExpression(e.right); }
  };
  const walk = (c: Condition): void => {
    switch (c.type) {
      case 'compare': inExpression(c.left); inExpression(c.right); break;
      case 'in': case 'range': case 'missing': add(c.column); break;
      case 'not': walk(c.of); break;
      default: c.of.forEach(walk);
    }
  };
  walk(condition);
  return names;
}

/**
 * The truth of a condition in every row.
 * @throws UserError (usage) naming the column that is not there, or a value that the column cannot hold
 */
export function truthOf(condition: Condition, table: Table): Truth {
  const n = table.rows, out = new Int8Array(n);
  switch (condition.type) {
    case 'and': case 'or': {
      const and = condition.type === 'and', parts = condition.of.map((c) => truthOf(c, table));
      out.fill(and ? 1 : 0);
      // Kleene: "and" is the least of false < unknown < true, "or" the greatest.
      for (const p of parts) for (let i = 0; i < n; i++) out[i] = and ? least(out[i]!, p[i]!) : greatest(out[i]!, p[i]!);
      return out;
    }
    case 'not': {
      const inner = truthOf(condition.of, table);
      for (let i = 0; i < n; i++) out[i] = inner[i]! < 0 ? -1 : 1 - inner[i]!;
      return out;
    }
    case 'missing': {
      const column = columnOf(table, condition.column);
      for (let i = 0; i < n; i++) out[i] = column.isMissing(i) !== (condition.negated ?? false) ? 1 : 0;
      return out;
    }
    case 'in': {
      const column = columnOf(table, condition.column), negated = condition.negated ?? false;
      const numbers = column.schema.storage === 'number' ? new Set(condition.values.map((v) => numberOf(column.schema, v))) : undefined;
      const words = new Set(condition.values), side = sideOf(column);
      for (let i = 0; i < n; i++) {
        if (column.isMissing(i)) { out[i] = -1; continue; }
        const within = side.type === 'numbers' ? numbers!.has(side.at(i)) : side.type === 'words' && words.has(side.at(i)!);
        out[i] = within !== negated ? 1 : 0;
      }
      return out;
    }
    case 'range': {
      const column = columnOf(table, condition.column), value = ordered(column.schema, sideOf(column));
      const bound = (lexeme: string | undefined, otherwise: number): number => (lexeme === undefined ? otherwise : onScale(column.schema, lexeme));
      const min = bound(condition.min, -Infinity), max = bound(condition.max, Infinity);
      for (let i = 0; i < n; i++) {
        const v = value(i);
        out[i] = Number.isNaN(v) ? -1 : (condition.openMin ? v > min : v >= min) && (condition.openMax ? v < max : v <= max) ? 1 : 0;
      }
      return out;
    }
    case 'compare': {
      const test = comparison(condition, table);
      for (let i = 0; i < n; i++) out[i] = test(i);
      return out;
    }
  }
}
const rank = (t: number): number => (t === 1 ? 2 : t === -1 ? 1 : 0);
const least = (a: number, b: number): number => (rank(a) <= rank(b) ? a : b);
const greatest = (a: number, b: number): number => (rank(a) >= rank(b) ? a : b);

/** 1 where the condition is true. */
export const meets = (condition: Condition, table: Table): Uint8Array => Uint8Array.from(truthOf(condition, table), (t) => (t === 1 ? 1 : 0));
/** The rows where it is true, ascending. */
export function rowsMeeting(condition: Condition, table: Table): Int32Array {
  const truth = truthOf(condition, table);
  return Int32Array.from(truth.keys()).filter((i) => truth[i] === 1);
}

/** A value of a column that has an order, as a number; NaN where missing. @throws UserError for a column without */
function ordered(schema: ColumnSchema, side: Side): (row: number) => number {
  if (side.type === 'numbers') return (row) => side.at(row);
  const scale = scaleOf(schema);
  if (!scale || side.type !== 'words') throw new UserError('has no order: a range or < and > do not apply to it.', { column: schema.name }, 'List the values instead, or declare the column as ordered.', 'usage');
  return (row) => { const w = side.at(row); return w === null ? NaN : scale.get(w) ?? NaN; };
}
function onScale(schema: ColumnSchema, lexeme: string): number {
  if (schema.storage === 'number') return numberOf(schema, lexeme);
  const place = scaleOf(schema)?.get(lexeme);
  if (place === undefined) throw new UserError(`"${lexeme}" is not on its scale.`, { column: schema.name }, schema.order ? `The scale is ${schema.order.slice(0, 12).join(' < ')}.` : 'The column has no order.', 'usage');
  return place;
}

/** The column an expression is, when it is just that. */
export const plainColumn = (e: RowExpression): string | undefined => (e.type === 'column' ? e.column : undefined);

function comparison(c: Extract<Condition, { type: 'compare' }>, table: Table): (row: number) => number {
  const left = expression(c.left, table), right = expression(c.right, table);
  const schemaOf = (e: RowExpression): ColumnSchema | undefined => (e.type === 'column' ? columnOf(table, e.column).schema : undefined);
  if (left.type === 'words' || right.type === 'words') {
    const schema = schemaOf(left.type === 'words' ? c.left : c.right)!;
    if (c.op !== '=' && c.op !== '!=') {
      const value = (side: Side): ((row: number) => number) => { if (side.type !== 'lexeme') return ordered(schema, side); const v = onScale(schema, side.lexeme); return () => v; };
      return compareNumbers(c.op, value(left), value(right));
    }
    const word = (side: Side): ((row: number) => string | null) => {
      if (side.type === 'lexeme') return () => side.lexeme;
      if (side.type === 'words') return (row) => side.at(row);
      throw new UserError('holds words, and is compared with a number.', { column: schema.name }, 'Compare columns of one kind.', 'usage');
    };
    const [l, r, equal] = [word(left), word(right), c.op === '='];
    return (row) => { const a = l(row), b = r(row); return a === null || b === null ? -1 : (a === b) === equal ? 1 : 0; };
  }
  // A bare value takes the meaning that the other side's column gives it: a date, a number with its separators.
  const value = (side: Side, other: ColumnSchema | undefined): ((row: number) => number) => {
    if (side.type === 'numbers') return (row) => side.at(row);
    const lexeme = (side as Extract<Side, { type: 'lexeme' }>).lexeme, v = other ? numberOf(other, lexeme) : plainNumber(lexeme);
    return () => v;
  };
  return compareNumbers(c.op, value(left, schemaOf(c.right)), value(right, schemaOf(c.left)), c.left.type === 'arithmetic' || c.right.type === 'arithmetic');
}

function plainNumber(lexeme: string): number {
  const v = Number(lexeme);
  if (lexeme.trim() === '' || Number.isNaN(v)) throw new UserError(`"${lexeme}" is not a number.`, {}, undefined, 'usage');
  return v;
}

/** Sums of decimals are equal up to rounding only; plain cells compare exactly. */
export const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));

function compareNumbers(op: Extract<Condition, { type: 'compare' }>['op'], left: (row: number) => number, right: (row: number) => number, computed = false): (row: number) => number {
  const same = computed ? near : (a: number, b: number): boolean => a === b;
  const tests: Record<typeof op, (a: number, b: number) => boolean> = {
    '<': (a, b) => a < b && !same(a, b), '<=': (a, b) => a <= b || same(a, b), '=': same, '!=': (a, b) => !same(a, b), '>=': (a, b) => a >= b || same(a, b), '>': (a, b) => a > b && !same(a, b),
  };
  const test = tests[op];
  return (row) => { const a = left(row), b = right(row); return Number.isNaN(a) || Number.isNaN(b) ? -1 : test(a, b) ? 1 : 0; };
}

/** What an expression is in every row. @throws UserError (usage) for arithmetic on words */
export function expression(e: RowExpression, table: Table): Side {
  if (e.type === 'value') return { type: 'lexeme', lexeme: e.value };
  if (e.type === 'column') return sideOf(columnOf(table, e.column));
  const part = (x: RowExpression): ((row: number) => number) => {
    const side = expression(x, table);
    if (side.type === 'lexeme') { const v = plainNumber(side.lexeme); return () => v; }
    if (side.type === 'words') throw new UserError('holds words: there is no arithmetic on it.', { column: plainColumn(x) ?? '' }, undefined, 'usage');
    return (row) => side.at(row);
  };
  const l = part(e.left), r = part(e.right);
  const of = { '+': (a: number, b: number) => a + b, '-': (a: number, b: number) => a - b, '*': (a: number, b: number) => a * b, '/': (a: number, b: number) => (b === 0 ? NaN : a / b) }[e.op];
  return { type: 'numbers', at: (row) => of(l(row), r(row)) };
}
