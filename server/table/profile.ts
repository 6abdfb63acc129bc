import type { ColumnProfile, TableProfile } from '../protocol';
import { spellingOf } from './columns';
import { estimate, type EstimateOptions } from './estimate';
import { factsOf, forgetFacts, type Facts } from './kinds/facts';
import { guessOutcome } from './outcome';
import { histogramOf, moments, rangeOf } from './profile/numbers';
import { personalNames, warningsOf } from './profile/warnings';
import { sayLattice } from './protect/lattice';
import { gridOf } from './protect/numbers';
import { findRules } from './rules';
import { modelledKinds, type Column, type Table } from './table';

export interface ProfileInfo {
  path: string; bytes: number;
  /** The outcome the user named; guessed when absent. */
  outcome?: string;
  /** Value protection's threshold, for what is said of rare categories. Default 5. */
  k?: number;
  /** How many of a column's most frequent values are listed. Default 10. */
  values?: number;
  /** For the estimate. Default: as many rows as the source, and the budget of a default run. */
  plan?: EstimateOptions;
}

/** Most distinct values of a number for which the most frequent ones are listed. */
const fewValues = 20;
const topValues = 10;

/**
 * What each column is, how it will be modelled, and what will not model well. Takes a table whose kinds are decided (`refineKinds`).
 * Counts and figures are over all rows; the formats of words (personal data, codes, text) are judged from up to 1,000 distinct
 * values spread over the column, relations between columns from up to 20,000 rows.
 */
export function profileTable(table: Table, info: ProfileInfo): TableProfile {
  const columns = table.columns.map((column, index) => profileColumn(column, index, info.k ?? 5, info.values ?? topValues));
  const outcome = info.outcome !== undefined ? { column: info.outcome, guessed: false, why: 'given' } : guessOutcome(table);
  const { dialect } = table.schema;
  const notes: string[] = [];
  if (columns.some((c) => c.kind === 'text' || c.kind === 'personal' || c.kind === 'identifier')) notes.push('Personal data, identifiers and free text are guesses; look the list over, and declare what was taken for something else. They rest on a column\'s name and on up to 1,000 distinct values of it.');
  const relations = findRules(table);
  notes.push(...relations.map((rule) => rule.sentence));
  for (const column of table.columns) forgetFacts(column);
  return {
    path: info.path, format: dialect.format, bytes: info.bytes, rows: table.rows, columns,
    ...(dialect.format === 'csv' || dialect.format === 'tsv' || dialect.format === 'csv.gz' ? { dialect: { delimiter: dialect.delimiter, quote: dialect.quote, encoding: dialect.encoding, bom: dialect.bom, newline: dialect.newline, header: dialect.header } } : {}),
    ...(outcome ? { outcome } : {}),
    estimate: estimate(table, info.plan ?? { budgetSeconds: 45 }),
    notes, ...(relations.length > 0 && { relations }),
  };
}

function profileColumn(column: Column, index: number, k: number, values: number): ColumnProfile {
  const { schema } = column, facts = factsOf(column), shown = modelledKinds.includes(schema.kind) || schema.kind === 'constant';
  const profile: ColumnProfile = {
    name: schema.name, index, kind: schema.kind, modelledAs: modelledAs(column, facts), rows: facts.rows, missing: column.missingCount, distinct: facts.distinct, warnings: warningsOf(column, facts, k),
  };
  if (schema.personal) profile.personal = schema.personal;
  if (schema.missingToken !== '') profile.missingToken = schema.missingToken;
  const format = formatOf(column);
  if (format) profile.format = format;
  if (schema.storage === 'number') {
    Object.assign(profile, rangeOf(column, facts));
    if (schema.kind === 'integer' || schema.kind === 'real') Object.assign(profile, moments(column.numbers()));
    const histogram = histogramOf(facts);
    if (histogram) profile.histogram = histogram;
  }
  if (shown) {
    const top = topOf(column, facts, values);
    if (top) profile.top = top;
  }
  if (schema.kind === 'ordinal' && schema.order) profile.order = [...schema.order];
  return profile;
}

/** Most frequent values as the file writes them; for numbers only where there are few. */
function topOf(column: Column, facts: Facts, most: number): ColumnProfile['top'] {
  if (facts.counts && column.schema.storage === 'code') {
    const counts = facts.counts, categories = column.categories();
    return Array.from(counts.keys()).filter((i) => counts[i] > 0).sort((a, b) => counts[b] - counts[a] || a - b).slice(0, most).map((i) => ({ value: categories[i], count: counts[i] }));
  }
  if (!facts.numbers || facts.distinct > fewValues) return undefined;
  const { values, counts } = facts.numbers.distinct, numbers = column.numbers();
  const written = (v: number) => column.lexeme(numbers.indexOf(v));
  return Array.from(values.keys()).sort((a, b) => counts[b] - counts[a] || a - b).slice(0, Math.max(most, topValues)).map((i) => ({ value: written(values[i]), count: counts[i] }));
}

const plural = (n: number, one: string, many = one + 's') => `${n.toLocaleString('en')} ${n === 1 ? one : many}`;

function modelledAs(column: Column, facts: Facts): string {
  const { schema } = column, withMissing = column.missingCount > 0 && facts.present > 0 ? ', and missing' : '';
  if (facts.present === 0) return 'left empty';
  switch (schema.kind) {
    case 'boolean': return `2 values${withMissing}`;
    case 'category': return plural(facts.distinct, 'category', 'categories') + withMissing;
    case 'ordinal': return `${plural(facts.distinct, 'ordered category', 'ordered categories')}${withMissing}`;
    case 'integer': case 'real': case 'date': case 'time': case 'datetime': {
      const what = schema.kind === 'date' ? 'date' : schema.kind === 'time' || schema.kind === 'datetime' ? 'time' : 'value';
      return (facts.distinct <= 100 ? plural(facts.distinct, what) : `quantile bins of ${plural(facts.distinct, what)}`) + (schema.lattice ? `, in steps of ${sayLattice(schema)}` : '') + withMissing;
    }
    case 'constant': return 'one value, repeated';
    case 'identifier': return schema.personal === 'uuid' ? 'fresh UUIDs, never learnt' : 'fresh identifiers of the same format, never learnt';
    case 'personal': return `fresh ${personalNames[schema.personal ?? 'name']}, never learnt`;
    case 'text': return 'placeholder text of similar length, never learnt';
  }
}

/** How values are written, in words a user knows: the date pattern, the decimals. */
function formatOf(column: Column): string | undefined {
  const { schema } = column;
  const formats = spellingOf(column)?.formats;
  if (formats) return formats.map((f) => f.pattern).join(' or ');
  if (schema.temporal) return schema.temporal.pattern + (schema.temporal.zone ?? '');
  if (schema.kind !== 'real') return undefined;
  const { decimals } = gridOf(schema);
  return decimals === undefined ? 'full precision' : plural(decimals, 'decimal');
}
