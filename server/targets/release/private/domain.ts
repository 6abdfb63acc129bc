import type { PrivateColumn } from '../../../generators/generator';
import type { PublicSchema } from '../../../protocol';
import { codeColumn, makeTable, numberColumn } from '../../../table/columns';
import { gridOf, onto } from '../../../table/protect/numbers';
import type { Column, ColumnSchema, Table } from '../../../table/table';
import type { Ask, DataNoise } from './ask';
import { learnCategories } from './categories';
import { learnNumber } from './numbers';
import { columnSchemaOf, dialectOf, endsOf, learnt } from './schema';

/** A column as a generator may know it. */
export interface DomainColumn { schema: ColumnSchema; column: PrivateColumn; nullable: boolean; categories?: string[]; /** The values were declared: others are missing. */ declared?: true; other?: string }

/** All that is released of a table before anything is learnt from it: noised and charged, or declared. Plain JSON: it lies in the run's folder, and a resumed run goes on with it. */
export interface Domain { version: 1; rows: number; noise: DataNoise; columns: DomainColumn[] }

/**
 * Asks everything that a generator needs to know beforehand.
 * @param table its declared columns (read.ts), one row a unit
 */
export function learnDomain(table: Table, schema: PublicSchema, publicRows: number | undefined, ask: Ask): Domain {
  const rows = publicRows ?? Math.max(2, ask.histogram('number of rows', [table.rows])[0]!);
  const columns = learnt(schema).map((declaration): DomainColumn => {
    const own = columnSchemaOf(declaration), column = table.column(declaration.name), nullable = declaration.missing !== undefined;
    if (own.storage === 'number') return { schema: own, nullable, column: learnNumber(column.numbers(), { schema: own, ...endsOf(declaration), nullable }, rows, ask) };
    const counts = new Map<string, number>(), categories = column.categories();
    let missing = 0;
    for (const code of column.codes()) if (code < 0) missing++; else counts.set(categories[code]!, (counts.get(categories[code]!) ?? 0) + 1);
    const made = learnCategories(counts, missing, { schema: own, ...(declaration.values && { values: declaration.values }), nullable }, rows, ask);
    return { schema: made.schema, nullable, column: made.column, categories: made.categories, ...(declaration.values && { declared: true as const }), ...(made.other !== undefined && { other: made.other }) };
  });
  return { version: 1, rows, noise: ask.noise, columns };
}

/**
 * Every row in the released domain: numbers drawn in to the ends, categories that were not released as "other" or the most frequent one, missing cells of a column declared to have none in its fullest place. Row
 * by row and by what was released alone, so that neighbouring tables stay neighbours.
 */
export const intoDomain = (table: Table, domain: Domain, schema: PublicSchema): Table =>
  makeTable(dialectOf(schema), domain.columns.map((d) => (d.column.type === 'number' ? numberIn(table.column(d.schema.name), d) : codeIn(table.column(d.schema.name), d))), table.rows);

const fullest = (shares: readonly number[]): number => shares.reduce((best, s, i) => (s > shares[best]! ? i : best), 0);

function numberIn(column: Column, { schema, column: c, nullable }: DomainColumn): Column {
  if (c.type !== 'number') throw new Error('unreachable');
  const bin = fullest(c.shares), grid = gridOf(schema), within = (v: number) => Math.min(c.max, Math.max(c.min, v));
  const usual = within(onto(grid, (c.edges[bin]! + c.edges[bin + 1]!) / 2));
  return numberColumn(schema, column.numbers().map((v) => (Number.isNaN(v) ? (nullable ? NaN : usual) : within(v))));
}

function codeIn(column: Column, { schema, column: c, nullable, categories = [], declared, other }: DomainColumn): Column {
  const at = new Map(categories.map((v, i) => [v, i])), missing = nullable ? -1 : fullest(c.type === 'category' ? c.shares.slice(0, -1) : []);
  // Declared values have no "other": what is none of them counted as missing.
  const elsewhere = other !== undefined ? at.get(other)! : declared ? missing : fullest(c.type === 'category' ? c.shares.slice(0, -1) : []);
  const map = column.categories().map((v) => at.get(v) ?? elsewhere);
  return codeColumn(schema, column.codes().map((code) => (code < 0 ? missing : map[code]!)), categories);
}
