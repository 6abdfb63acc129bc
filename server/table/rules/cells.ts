/** A column's cells as conditions see them: numbers that have an order, or words. */
import { UserError } from '../../errors';
import { parseNumber } from '../number-format';
import type { Column, ColumnSchema, Table } from '../table';
import { temporalReader } from '../temporal-format';

/** What one side of a comparison is, row by row. `scalar`: one value that stands for every row. */
export type Side =
  | { type: 'numbers'; at(row: number): number }
  | { type: 'words'; at(row: number): string | null }
  /** A value as it is written; what it means depends on what it is compared with. */
  | { type: 'lexeme'; lexeme: string };

/** The column of that name. @throws UserError (usage) naming those there are */
export function columnOf(table: Table, name: string): Column {
  if (!table.schema.columns.some((c) => c.name === name)) throw noColumn(name, table.schema.columns);
  return table.column(name);
}
export const noColumn = (name: string, columns: readonly ColumnSchema[]): UserError =>
  new UserError('There is no column of this name.', { column: name }, `The columns are ${columns.slice(0, 20).map((c) => c.name).join(', ')}${columns.length > 20 ? ' ...' : ''}.`, 'usage');

/**
 * The number that a lexeme stands for in a numeric or temporal column: read in the column's own format, else as a plain number (or an ISO date).
 * @throws UserError (usage) naming the column where it is neither
 */
export function numberOf(schema: ColumnSchema, lexeme: string): number {
  const text = lexeme.trim(), { kind, temporal } = schema;
  if (kind === 'date' || kind === 'time' || kind === 'datetime') {
    const own = temporal ? temporalReader(kind, temporal).read(text) : NaN;
    if (!Number.isNaN(own)) return own;
    const iso = kind === 'time' ? Date.parse(`1970-01-01T${text}Z`) : Date.parse(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : /[zZ]|[+-]\d\d:?\d\d$/.test(text) ? text : `${text.replace(' ', 'T')}Z`);
    if (!Number.isNaN(iso)) return kind === 'date' ? Math.floor(iso / 86_400_000) : iso;
    throw new UserError(`"${lexeme}" is not a ${kind} as the column has them${temporal ? ` (${temporal.pattern})` : ''}.`, { column: schema.name }, 'Write it as the file does, or as year-month-day.', 'usage');
  }
  const own = schema.number ? parseNumber(text, schema.number) : NaN, value = Number.isNaN(own) && text !== '' ? Number(text) : own;
  if (Number.isNaN(value)) throw new UserError(`"${lexeme}" is not a number, and the column holds numbers.`, { column: schema.name }, undefined, 'usage');
  return value;
}

/** A column's cells; words for everything that is no number. */
export function sideOf(column: Column): Side {
  if (column.schema.storage === 'number') {
    const values = column.numbers();
    return { type: 'numbers', at: (row) => values[row]! };
  }
  if (column.schema.storage === 'code') {
    const codes = column.codes(), words = column.categories();
    return { type: 'words', at: (row) => (codes[row]! < 0 ? null : words[codes[row]!]!) };
  }
  return { type: 'words', at: (row) => column.text(row) };
}

/** Place on an ordinal column's scale, or undefined where the column has none. */
export function scaleOf(schema: ColumnSchema): Map<string, number> | undefined {
  return schema.kind === 'ordinal' && schema.order ? new Map(schema.order.map((v, i) => [v, i])) : undefined;
}
