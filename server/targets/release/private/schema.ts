import { UserError } from '../../../errors';
import type { PublicColumn, PublicDomain, PublicSchema } from '../../../protocol';
import { plainDialect } from '../../../table/columns';
import { storageOf } from '../../../table/kinds/convert';
import { noGrid } from '../../../table/number-format';
import { gridOf, onto } from '../../../table/protect/numbers';
import { modelledKinds, type ColumnSchema, type Dialect, type Table } from '../../../table/table';
import { temporalReader, type TemporalKind } from '../../../table/temporal-format';

/**
 * What a table's user declares public by saying "take this file's own": names, kinds, decimals and formats, which columns have missing cells and their token, how the two values of a
 * boolean are written, the file's layout. Not: any other value, the ends of a number, the rows. A constant is a category like another: its one value is data.
 */
export function schemaOf(source: Table, domains: Record<string, PublicDomain> = {}): PublicSchema {
  const { format, encoding, bom, delimiter, quote, newline, finalNewline, header } = source.schema.dialect;
  const columns = source.columns.map((column): PublicColumn => {
    const { name, sourceName, kind, personal, number, temporal, missingToken, declaredDomain, nativeType } = column.schema;
    return {
      name, ...(sourceName !== undefined && { sourceName }), kind, ...(personal && { personal }), ...(number && { number: { ...number } }), ...(temporal && { temporal: { ...temporal } }),
      ...(column.missingCount > 0 && { missing: missingToken }), ...(nativeType !== undefined && { nativeType }),
      ...(kind === 'boolean' && { values: [...column.categories()] }), ...declaredDomain,
    };
  });
  return declared({ file: { format, encoding, bom, delimiter, quote, newline, finalNewline, header }, columns }, domains);
}

/**
 * A schema with the domains that were declared beside it.
 * @throws UserError (usage) for a domain of a column that is not there, or one that means nothing
 */
export function declared(schema: PublicSchema, domains: Record<string, PublicDomain>): PublicSchema {
  const names = schema.columns.map((c) => c.name);
  if (new Set(names).size !== names.length) throw wrong(names.find((n, i) => names.indexOf(n) !== i)!, 'is declared twice.', 'Give every column once.');
  for (const name of Object.keys(domains)) {
    if (!names.includes(name)) throw wrong(name, 'has a public domain, but there is no such column.', `The columns are ${names.slice(0, 20).join(', ')}${names.length > 20 ? ', ...' : ''}.`);
  }
  // A constant's one value is data like any other: declared, or a category of its own.
  const columns = schema.columns.map((c): PublicColumn => ({ ...c, ...(c.kind === 'constant' && { kind: 'category' as const }), ...(Object.hasOwn(domains, c.name) && domains[c.name]) }));
  for (const column of columns) columnSchemaOf(column), endsOf(column);
  return { ...schema, columns };
}

/**
 * A declared column as tables have it; nothing in it comes from cells.
 * @throws UserError (usage) where something that must be declared is not
 */
export function columnSchemaOf(column: PublicColumn): ColumnSchema {
  const { name, sourceName, kind, personal, number, temporal, missing, nativeType, values } = column, storage = storageOf[kind];
  const isTime = kind === 'date' || kind === 'time' || kind === 'datetime';
  if (isTime && !temporal) throw wrong(name, `is declared a ${kind} without its format.`, 'Give "temporal": {"pattern": "%Y-%m-%d"}, in strptime letters.');
  if (isTime) try { temporalReader(kind as TemporalKind, temporal!); } catch (error) { throw wrong(name, `has a format that is none: ${(error as Error).message}.`, 'Use strptime letters, such as %Y-%m-%d %H:%M.'); }
  if (kind === 'boolean' && values?.length !== 2) throw wrong(name, 'is declared a boolean without its two values.', 'Give "values": ["no", "yes"].');
  const decimals = number?.decimals ?? (kind === 'integer' ? 0 : noGrid);
  return {
    name, ...(sourceName !== undefined && { sourceName }), kind, storage, ...(personal && { personal }), missingToken: missing ?? '', quoting: 'needed', ...(nativeType !== undefined && { nativeType }),
    ...(storage === 'number' && !isTime && { decimalsDeclared: true, number: { ...number, decimals, style: number?.style ?? (decimals >= noGrid ? 'shortest' : 'fixed') } }),
    ...(isTime && { temporal: { ...temporal! } }),
    ...(kind === 'ordinal' && values && { order: [...values] }),
  };
}

/**
 * The declared ends of a number or time, as values on the column's grid; undefined where one is to be found privately, or where the column has none.
 * @throws UserError (usage) for an end that is no such value, or ends the wrong way round
 */
export function endsOf(column: PublicColumn): { min?: number; max?: number } {
  if (storageOf[column.kind] !== 'number') {
    if (column.min !== undefined || column.max !== undefined) throw wrong(column.name, `is a ${column.kind}: it has values, not ends.`, 'Declare them as NAME=one|two|three.');
    return {};
  }
  if (column.values) throw wrong(column.name, `is a column of numbers or times: it has ends, not values.`, 'Declare them as NAME=from..to.');
  const schema = columnSchemaOf(column), grid = gridOf(schema);
  const read = schema.temporal ? temporalReader(schema.kind as TemporalKind, schema.temporal).read : (text: string) => (text.trim() === '' ? NaN : Number(text));
  const end = (given: string | number | undefined): number | undefined => {
    if (given === undefined) return undefined;
    const value = typeof given === 'number' && !schema.temporal ? given : read(String(given));
    if (!Number.isFinite(value)) throw wrong(column.name, `cannot have the end "${given}".`, schema.temporal ? `Write it as in the file (${schema.temporal.pattern}).` : 'It must be a number.');
    return onto(grid, value);
  };
  const min = end(column.min), max = end(column.max);
  if (min !== undefined && max !== undefined && !(min < max)) throw wrong(column.name, `has the ends ${column.min} and ${column.max}.`, 'The first must be below the second.');
  return { ...(min !== undefined && { min }), ...(max !== undefined && { max }) };
}

/** Columns that are learnt, of a declared schema. */
export const learnt = (schema: PublicSchema): PublicColumn[] => schema.columns.filter((c) => modelledKinds.includes(c.kind));

/** The layout a release is written in: as declared, without what single cells decide. */
export const dialectOf = (schema: PublicSchema): Dialect => ({ ...plainDialect, ...schema.file });

const wrong = (column: string, message: string, hint: string): UserError => new UserError(message, { column }, hint, 'usage');
