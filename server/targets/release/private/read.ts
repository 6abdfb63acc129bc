import { basename } from 'node:path';
import { UserError } from '../../../errors';
import type { PublicColumn, PublicSchema } from '../../../protocol';
import { codeColumn, makeTable, numberColumn } from '../../../table/columns';
import { spellingOf } from '../../../table/columns-base';
import { parseNumber } from '../../../table/number-format';
import { gridOf, onto } from '../../../table/protect/numbers';
import type { Column, ColumnSchema, Table } from '../../../table/table';
import { temporalReader, type TemporalKind } from '../../../table/temporal-format';
import { columnSchemaOf } from './schema';

/**
 * A table's declared columns, cell by cell: what a cell becomes depends on its own text and on the declaration alone, so that one row more or less changes nothing in any other, whatever it makes of
 * the types that the file's own cells suggest. A cell that is not of its column's kind is missing.
 * @param path for messages
 * @throws UserError (input) when a declared column is not in the table
 */
export function readDeclared(table: Table, columns: readonly PublicColumn[], path: string): Table {
  const there = new Set(table.schema.columns.map((c) => c.name));
  const absent = columns.find((c) => !there.has(c.name));
  if (absent) throw new UserError('is declared public, but the table has no such column.', { file: basename(path), column: absent.name }, `It has ${[...there].slice(0, 20).join(', ')}${there.size > 20 ? ', ...' : ''}.`);
  return makeTable(table.schema.dialect, columns.map((c) => readColumn(table.column(c.name), c)), table.rows);
}

/**
 * Refuses a file that is not written as its schema declares. A reader finds out by looking at all cells: one row in another encoding and every other row's letters are other ones, which no noise for one
 * row would hide. So what was found is used only where it is what was declared (nothing declared: UTF-8, commas or tabs, a row of names).
 * @throws UserError (input)
 */
export function checkLayout(table: Table, { file }: PublicSchema, path: string): void {
  const { dialect } = table.schema;
  if (!['csv', 'tsv', 'csv.gz'].includes(dialect.format)) return;
  const wanted = { encoding: 'utf-8', delimiter: dialect.format === 'tsv' ? '\t' : ',', header: true, ...file };
  for (const what of ['encoding', 'delimiter', 'header'] as const) {
    if (dialect[what] !== wanted[what]) throw new UserError(`The file is not written as its schema declares: ${what} ${JSON.stringify(dialect[what])}, not ${JSON.stringify(wanted[what])}.`, { file: basename(path) }, `Save it so, or declare it in the schema: "file": {..., ${JSON.stringify(what)}: ${JSON.stringify(dialect[what])}}.`, 'input');
  }
}

function readColumn(column: Column, declaration: PublicColumn): Column {
  const schema = columnSchemaOf(declaration);
  return schema.storage === 'number' ? numbers(column, schema) : codes(column, schema, declaration);
}

const missingAs = (declaration: string | undefined) => (text: string): boolean => text.trim() === '' || text === declaration;

function numbers(column: Column, schema: ColumnSchema): Column {
  const grid = gridOf(schema), values = sameForm(column, schema) ? column.numbers() : undefined, out = new Float64Array(column.length);
  const parse = schema.temporal ? temporalReader(schema.kind as TemporalKind, schema.temporal).read : (text: string) => parseNumber(text, schema.number!), read = (text: string) => parse(text.trim());
  for (let i = 0; i < out.length; i++) {
    const value = values ? values[i]! : read(column.lexeme(i));
    out[i] = Number.isFinite(value) ? onto(grid, value) : NaN;
  }
  return numberColumn(schema, out);
}

/** Whether the column's own numbers are what reading its cells anew would give. */
function sameForm(column: Column, schema: ColumnSchema): boolean {
  const own = column.schema;
  if (own.storage !== 'number' || !!own.temporal !== !!schema.temporal || own.kind !== schema.kind) return false;
  if (own.temporal) return JSON.stringify(own.temporal) === JSON.stringify(schema.temporal) && !spellingOf(column)?.formats;
  const form = ({ thousands = '', point = '.', prefix = '', suffix = '' }: NonNullable<ColumnSchema['number']>) => [thousands, point, prefix, suffix].join('\0');
  return own.number !== undefined && form(own.number) === form(schema.number!);
}

function codes(column: Column, schema: ColumnSchema, declaration: PublicColumn): Column {
  const isMissing = missingAs(declaration.missing), seen = new Map<string, number>(), categories: string[] = [];
  const codeOf = (text: string): number => {
    if (isMissing(text)) return -1;
    let code = seen.get(text);
    if (code === undefined) { code = categories.length; seen.set(text, code); categories.push(text); }
    return code;
  };
  // Which tokens a reader takes for missing depends on the column's other cells: here the cell's own text decides.
  if (column.schema.storage === 'code') {
    const map = column.categories().map(codeOf);
    return codeColumn(schema, column.codes().map((c, i) => (c < 0 ? codeOf(column.lexeme(i)) : map[c]!)), categories);
  }
  return codeColumn(schema, Int32Array.from({ length: column.length }, (_, i) => codeOf(column.lexeme(i))), categories);
}
