/** What every generator that conditions does with `given`: checks it, and puts its cells back as they were. */
import { UserError } from '../../errors';
import { codeColumn, makeTable, numberColumn } from '../../table/columns';
import type { Column, ColumnSchema, Table } from '../../table/table';

/** A fitted column, as far as conditions on it go. `seen` tells of every category whether it was fitted; absent: all were. */
export interface FittedColumn { schema: ColumnSchema; categories?: readonly string[]; seen?: (category: number) => boolean; missing: boolean }

/**
 * The condition in terms of the fitted columns: names checked, categories recoded to the fitted dictionaries. Undefined when there is none.
 * @param rows as many as are to be drawn
 * @param hint what to do where exactly these columns cannot be given
 * @throws UserError (usage) naming the column where it cannot be met: not fitted, stored otherwise, a category never seen, missing where nothing was missing; or rows that do not match
 */
export function checkGiven(fitted: readonly FittedColumn[], given: Table | undefined, rows: number, canCondition?: (columns: readonly string[]) => boolean, hint = 'Condition on other columns, or use --generator autoregressive, which takes any (under a privacy budget: the first ones of the one order that it learns).'): Table | undefined {
  if (!given || given.columns.length === 0) return undefined;
  const no = (column: string, message: string, hint?: string): never => { throw new UserError(message, { column }, hint, 'usage'); };
  if (given.rows !== rows) throw new UserError(`The condition has ${given.rows} rows where ${rows} are to be drawn.`, {}, 'Give one row of conditions for every row to be drawn.', 'usage');
  const byName = new Map(fitted.map((f) => [f.schema.name, f]));
  const columns = given.columns.map((column): Column => {
    const { name } = column.schema, own = byName.get(name);
    if (!own) return no(name, 'The generator has not learnt a column of this name.', `It has learnt ${fitted.slice(0, 20).map((f) => f.schema.name).join(', ')}.`);
    if (own.schema.storage !== column.schema.storage) return no(name, `The condition holds ${column.schema.storage === 'number' ? 'numbers' : 'categories'}, the fitted column ${own.schema.storage === 'number' ? 'numbers' : 'categories'}.`);
    if (column.missingCount > 0 && !own.missing) return no(name, 'The condition is missing in some rows, and no fitted row was.');
    if (own.schema.storage === 'number') {
      if (column.numbers().some((v) => v === Infinity || v === -Infinity)) return no(name, 'The condition holds an infinite number.');
      return numberColumn(own.schema, column.numbers());
    }
    const codeOf = new Map(own.categories!.map((c, i) => [c, i])), from = column.categories(), map = from.map((c) => codeOf.get(c) ?? -2);
    const codes = column.codes().map((c) => {
      if (c < 0) return -1;
      const code = map[c]!;
      return code < 0 || (own.seen && !own.seen(code)) ? no(name, `The category "${from[c]!}" was never seen in fitting.`) : code;
    });
    return codeColumn(own.schema, codes, own.categories!);
  });
  if (canCondition && !canCondition(columns.map((c) => c.schema.name)))
    throw new UserError(`This generator cannot draw rows given exactly ${columns.map((c) => `"${c.schema.name}"`).join(', ')}.`, {}, hint, 'usage');
  return makeTable(given.schema.dialect, columns, rows);
}

/** The drawn table with the condition's cells in their places. */
export function withGiven(drawn: Table, given: Table | undefined): Table {
  if (!given) return drawn;
  const own = new Map(given.columns.map((c) => [c.schema.name, c]));
  return makeTable(drawn.schema, drawn.columns.map((c) => own.get(c.schema.name) ?? c), drawn.rows);
}
