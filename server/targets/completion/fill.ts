import { codeColumn, makeTable, mergeDictionaries, numberColumn, spellingOf } from '../../table/columns';
import type { Column, Table } from '../../table/table';

/** The source with the missing cells of some columns taken from another table of as many rows. Cells that were there stay as they were written. */
export function filledIn(source: Table, filled: Table, columns: readonly string[]): Table {
  return makeTable(source.schema, source.columns.map((c) => (columns.includes(c.schema.name) ? fillColumn(c, filled.column(c.schema.name)) : c)), source.rows);
}

function fillColumn(column: Column, made: Column): Column {
  if (column.missingCount === 0) return column;
  const { schema } = column, spelling = spellingOf(column);
  // What is filled in is written as most present cells are.
  const codes = spelling && usual(column, spelling.codes);
  if (schema.storage === 'number') {
    const values = made.numbers(), own = column.numbers();
    return numberColumn(schema, own.map((v, i) => (Number.isNaN(v) ? values[i]! : v)), spelling && codes && { ...spelling, codes: spelling.codes.map((c, i) => (column.isMissing(i) && !made.isMissing(i) ? codes.usual : c)) });
  }
  const { categories, places: [, place] } = mergeDictionaries([column.categories(), made.categories()]), from = made.codes();
  return codeColumn(schema, column.codes().map((c, i) => (c < 0 && from[i]! >= 0 ? place![from[i]!]! : c)), categories, spelling);
}

function usual(column: Column, codes: Uint8Array): { usual: number } {
  const counts = new Float64Array(256);
  for (let i = 0; i < codes.length; i++) if (!column.isMissing(i)) counts[codes[i]!]!++;
  return { usual: counts.indexOf(Math.max(...counts)) };
}

/** The table with the cells made missing that are missing in another's rows (row i as row i of `pattern`, from its start again where that is shorter). */
export function withPattern(table: Table, pattern: Table): Table {
  return makeTable(table.schema, table.columns.map((c) => {
    const like = pattern.column(c.schema.name);
    if (like.missingCount === 0) return c;
    return c.schema.storage === 'number'
      ? numberColumn(c.schema, c.numbers().map((v, i) => (like.isMissing(i % like.length) ? NaN : v)))
      : codeColumn(c.schema, c.codes().map((v, i) => (like.isMissing(i % like.length) ? -1 : v)), c.categories());
  }), table.rows);
}
