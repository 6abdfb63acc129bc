import { UserError } from '../errors';
import type { ColumnOverride } from '../protocol';
import { codeColumn, makeTable, numberColumn, spellingOf, withSchema } from './columns';
import { convert } from './kinds/convert';
import { decideKind, type Decision } from './kinds/decide';
import { factsOf, forgetFacts } from './kinds/facts';
import { numberKind, withMissing } from './kinds/missing';
import { hasWord, nameWords } from './kinds/words';
import { latticeOf } from './protect/lattice';
import { formatGrid } from './protect/numbers';
import { modelledKinds, type Column, type ColumnSchema, type Table } from './table';

/**
 * Turns what reading found out from the form of cells (numbers, dates, words) into what each column *is*: identifier, personal
 * data, free text, constant, ordinal, boolean, category or quantity. Detection looks at all rows for counts and at up to
 * 1,000 distinct values for formats. What the user declared wins; a dropped column is left out of the table.
 * @throws UserError where a declaration names no column or does not fit the column's cells.
 */
export function refineKinds(table: Table, overrides: Record<string, ColumnOverride> = {}): Table {
  for (const name of Object.keys(overrides)) {
    if (!table.schema.columns.some((c) => c.name === name)) throw new UserError(`There is no column of this name, but something was declared about it.`, { column: name }, `The columns are: ${table.schema.columns.slice(0, 20).map((c) => c.name).join(', ')}${table.columns.length > 20 ? ', ...' : ''}.`);
  }
  // A column may be called "constructor".
  const said = (c: Column) => (Object.hasOwn(overrides, c.schema.name) ? overrides[c.schema.name] : undefined);
  const columns = table.columns.filter((c) => !said(c)?.drop).map((c) => refineColumn(c, said(c)));
  return makeTable({ ...table.schema, columns: columns.map((c) => c.schema) }, columns);
}

function refineColumn(given: Column, said: ColumnOverride | undefined): Column {
  const column = said?.missing?.length ? withMissing(given, said.missing) : given, found = column === given || said?.kind ? undefined : numberKind(column), override = found ? { ...said, kind: found } : said;
  const facts = factsOf(column);
  const inferred = decideKind(column, facts);
  const decision: Decision = override?.kind ? { kind: override.kind, personal: override.kind === 'personal' || override.kind === 'identifier' ? inferred.personal : undefined, order: override.kind === 'ordinal' ? override.domain?.values ?? inferred.order ?? [...facts.sample].sort() : undefined, why: 'declared' } : inferred;
  const changes: Partial<ColumnSchema> & { kind: Decision['kind'] } = { kind: decision.kind };
  if (decision.personal) changes.personal = decision.personal;
  if (decision.order) changes.order = decision.order;
  if (override?.domain) changes.declaredDomain = override.domain;
  let result = sameShape(column.schema, changes) ? column : convert(column, changes);
  if (override?.decimals !== undefined && result.schema.storage === 'number') {
    const decimals = override.decimals, scale = 10 ** decimals;
    const rounded = result.numbers().map((v) => Math.round(v * scale) / scale);
    result = numberColumn({ ...result.schema, decimalsDeclared: true, number: { ...result.schema.number, style: 'fixed', decimals } }, rounded, spellingOf(result));
  }
  if (override?.step !== undefined) result = inSteps(result, override.step);
  if (override?.merge?.length) result = merged(result, override.merge);
  if (result !== column) forgetFacts(column);
  result = onLattice(result);
  return result.schema.kind === 'ordinal' ? inOrder(result) : result;
}

/** A quantity with the lattice its values keep to, where they keep to one. */
function onLattice(column: Column): Column {
  if (column.schema.storage !== 'number' || !modelledKinds.includes(column.schema.kind)) return column;
  const lattice = latticeOf(column.schema, factsOf(column).numbers!.distinct.values, formatGrid(column.schema).step);
  return lattice ? withSchema(column, { ...column.schema, lattice }) : column;
}

/** Numbers as multiples of a step: a coarser column, in which fewer people are alone. @throws UserError for a column without numbers */
function inSteps(column: Column, step: number): Column {
  if (column.schema.storage !== 'number') throw new UserError('holds no numbers that could be rounded to steps.', { column: column.schema.name }, 'Merge values instead, or declare the column a number.');
  return numberColumn(column.schema, column.numbers().map((v) => Number((Math.round(v / step) * step).toPrecision(15))), spellingOf(column));
}

/** Categories made one, called "other": that one, where the column has a value of this name already. @throws UserError for a column without categories */
function merged(column: Column, values: readonly string[]): Column {
  if (column.schema.storage !== 'code') throw new UserError('holds no categories that could be merged.', { column: column.schema.name }, 'Round its numbers to steps instead, or declare it a category.');
  const before = column.categories(), gone = new Set(values.filter((v) => v !== 'other')), after = before.filter((v) => !gone.has(v));
  if (after.length === before.length) return column;
  if (!after.includes('other')) after.push('other');
  const at = Int32Array.from(before, (v) => after.indexOf(gone.has(v) ? 'other' : v)), order = column.schema.order && [...column.schema.order.filter((v) => after.includes(v)), ...(column.schema.order.includes('other') ? [] : ['other'])];
  return codeColumn({ ...column.schema, ...(order && { order }) }, column.codes().map((c) => (c < 0 ? -1 : at[c])), after, spellingOf(column));
}

const sameShape = (schema: ColumnSchema, changes: Partial<ColumnSchema>) => schema.kind === changes.kind && changes.personal === undefined && changes.order === undefined && changes.declaredDomain === undefined;

/** An ordinal column's dictionary in the scale's order, so that codes compare as the values do. */
function inOrder(column: Column): Column {
  const categories = column.categories(), order = column.schema.order ?? [];
  const complete = [...order.filter((v) => categories.includes(v)), ...categories.filter((v) => !order.includes(v))];
  const position = Int32Array.from(categories, (v) => complete.indexOf(v));
  return codeColumn({ ...column.schema, order: complete }, column.codes().map((c) => (c < 0 ? -1 : position[c])), complete, spellingOf(column));
}

const entityWords = new Set(('id uid uuid guid customerid clientid patientid personid userid memberid subjectid accountid householdid employeeid studentid mrn accountno accountnumber policyno policynumber membernumber kundennummer').split(' '));

/**
 * The column that says which rows belong to one entity (a patient with several visits), or undefined. Only an identifier
 * whose name says so and whose values repeat: rows of one entity must then fall into one part of a split.
 */
export function guessEntity(table: Table): string | undefined {
  for (const column of table.columns) {
    if (column.schema.kind !== 'identifier' || !hasWord(nameWords(column.schema.name), entityWords)) continue;
    const { distinct, present, rows } = factsOf(column);
    if (present > 0.9 * rows && distinct < 0.9 * present && distinct >= 20) return column.schema.name;
  }
  return undefined;
}
