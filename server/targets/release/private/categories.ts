import type { PrivateColumn } from '../../../generators/generator';
import { projectSimplex } from '../../../privacy/mechanisms/simplex';
import { scaleOrder } from '../../../table/kinds/scales';
import { otherName } from '../../../table/protect/categories';
import type { ColumnSchema } from '../../../table/table';
import type { Ask } from './ask';

export type PrivateCategories = Extract<PrivateColumn, { type: 'category' }>;

/** A category column's declaration; `values`: its categories, where declared. */
export interface CategoryDeclared { schema: ColumnSchema; values?: readonly string[]; nullable: boolean }

/** What is released of one: `other`, where there is one, is the category of all that were not. */
export interface LearntCategories { schema: ColumnSchema; categories: string[]; other?: string; column: PrivateCategories }

/** The bin of missing cells among the names of categories: none has a line feed in front. */
const missingName = '\n missing';

/**
 * A category column's noisy marginal. Declared values are taken as they are, and others count as missing. Otherwise only categories that so many rows share are released that one row's presence is hidden;
 * the rest are one "other", if by the counts left over there are enough of them to stand out of the noise, and else go to the most frequent category.
 * @param rows the released number of rows
 */
export function learnCategories(counts: ReadonlyMap<string, number>, missing: number, declaration: CategoryDeclared, rows: number, ask: Ask): LearntCategories {
  const { values, nullable } = declaration, { sigma } = ask.noise, { name } = declaration.schema;
  const outside = values ? [...counts].reduce((s, [v, n]) => s + (values.includes(v) ? 0 : n), 0) : 0;
  const bins = new Map([...counts].filter(([v]) => !values || values.includes(v)));
  if (nullable) bins.set(missingName, missing + outside);
  const known = [...(values ?? []), ...(nullable ? [missingName] : [])];
  const noisy = values ? named(known, ask.histogram(`shares of ${name}`, known.map((v) => bins.get(v) ?? 0))) : ask.select(`categories and shares of ${name}`, bins, known);
  const noisyMissing = noisy.get(missingName) ?? 0;
  noisy.delete(missingName);
  const { schema, categories } = ordered(declaration.schema, [...noisy.keys()], values);
  const masses = categories.map((v) => noisy.get(v)!);
  const left = rows - masses.reduce((s, n) => s + n, 0) - noisyMissing;
  let other: string | undefined;
  if (!values && (categories.length === 0 || left > 3 * sigma * Math.sqrt(noisy.size + 1))) {
    const found = otherName(categories);
    other = found.name;
    if (found.at === undefined) { categories.push(other); masses.push(Math.max(0, left)); } else masses[found.at]! += left;
  }
  const shares = projectSimplex([...masses, nullable ? noisyMissing : -Infinity], rows).map((n) => n / rows);
  return { schema: schema.kind === 'ordinal' ? { ...schema, order: [...categories] } : schema, categories, ...(other !== undefined && { other }), column: { type: 'category', shares } };
}

const named = (names: readonly string[], counts: readonly number[]): Map<string, number> => new Map(names.map((v, i) => [v, counts[i]!]));

/** An ordinal's values from low to high, where their own names tell; else it is a category like another, and the names stand in alphabetical order. */
function ordered(schema: ColumnSchema, names: string[], values: readonly string[] | undefined): { schema: ColumnSchema; categories: string[] } {
  if (values) return { schema, categories: [...values] };
  const { order: _none, ...plain } = schema, sorted = names.sort();
  if (schema.kind !== 'ordinal') return { schema: plain, categories: sorted };
  const scale = sorted.every((v) => v.trim() !== '' && Number.isFinite(Number(v))) ? sorted.sort((a, b) => Number(a) - Number(b)) : scaleOrder(sorted);
  return scale ? { schema: plain, categories: scale } : { schema: { ...plain, kind: 'category' }, categories: sorted };
}
