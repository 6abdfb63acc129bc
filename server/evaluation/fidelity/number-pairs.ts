import type { ColumnView, Part } from '../view';

/** What the three correlations share: every pair of numeric and date columns, once. */
export const numberPairs = (id: string) => ({
  id, span: 2 as const, none: 'There are no two numeric columns that vary.',
  takes: (a: ColumnView, b: ColumnView) => a.type === 'number' && b.type === 'number' && a.name < b.name,
});

/** A numeric column's values in some rows, NaN where missing. @throws TypeError for a category */
export function valuesAt(column: ColumnView, part: Part, rows: Int32Array): Float64Array {
  if (column.type !== 'number') throw new TypeError(`column "${column.name}" is not numeric`);
  const v = column.values(part);
  return Float64Array.from(rows, r => v[r]);
}
