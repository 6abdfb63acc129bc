import type { Column, Table } from '../table/table';

/**
 * One column as learners see it. `values` has one entry per row.
 * - `number`: the value, NaN where missing
 * - `category`: a code in [0, categories), NaN where missing
 */
export interface Feature { name: string; kind: 'number' | 'category'; categories: number; values: Float64Array }

/** Columns of equal length, column-major. Learners never change one. */
export interface FeatureMatrix { rows: number; features: Feature[] }

export interface EncodeOptions {
  /** At most this many codes a category column (the last one then stands for "every rarer category"). Default 255, the most that boosting can bin. */
  maxCategories?: number;
}

/**
 * Tables of one schema as matrices that share one encoding: the same category has the same code in every table, whatever each table's own
 * dictionary holds. Numbers and temporal kinds stay numbers (days or milliseconds), missing is NaN. A column with more categories than
 * `maxCategories` keeps its most frequent ones (counted over all tables together, ties in string order) and merges the rest into one code,
 * so that a column of 50,000 distinct values costs no more than one of 255. Codes are given in string order, so they depend neither on
 * the order of rows nor on the order of tables.
 *
 * Columns stored as strings (identifiers, personal data, free text) hold nothing to learn from and are refused by an error.
 *
 * @param tables tables holding all of `columns`, stored alike
 * @param columns names, in the order the features shall have
 * @returns one matrix per table, in the order given
 */
export function encodeFeatures(tables: readonly Table[], columns: readonly string[], options: EncodeOptions = {}): FeatureMatrix[] {
  const limit = options.maxCategories ?? 255;
  if (!(limit >= 2)) throw new RangeError(`maxCategories is ${limit}; it must be at least 2`);
  const matrices: FeatureMatrix[] = tables.map(t => ({ rows: t.rows, features: [] }));
  for (const name of columns) {
    const parts = tables.map(t => t.column(name));
    const storage = parts[0]?.schema.storage;
    if (parts.some(p => p.schema.storage !== storage)) throw new TypeError(`column "${name}" is stored differently in different tables`);
    if (storage === 'string') throw new TypeError(`column "${name}" holds strings, which are never learnt from`);
    const encoded = storage === 'number' ? parts.map(p => ({ values: p.numbers(), categories: 0 })) : encodeCategories(parts, limit);
    encoded.forEach((e, t) => matrices[t].features.push({ name, kind: storage === 'number' ? 'number' : 'category', ...e }));
  }
  return matrices;
}

/** Names of the columns that learners can use: everything but strings and columns constant in all tables. */
export function learnableColumns(tables: readonly Table[]): string[] {
  const first = tables[0];
  return first ? first.columns.filter(c => c.schema.storage !== 'string' && c.schema.kind !== 'constant').map(c => c.schema.name) : [];
}

/** One target column, encoded over all tables like a feature: classes as codes with their labels, or numbers. */
export function encodeTarget(tables: readonly Table[], column: string, task: 'classification' | 'regression'): { targets: Float64Array[]; labels: string[] } {
  const parts = tables.map(t => t.column(column));
  const storage = parts[0]?.schema.storage;
  if (task === 'regression') {
    if (storage !== 'number') throw new TypeError(`column "${column}" is not numeric; regression needs a number`);
    return { targets: parts.map(p => p.numbers()), labels: [] };
  }
  if (storage === 'code') {
    const labels = usedLabels(parts);
    const codeOf = new Map(labels.map((l, i) => [l, i]));
    return { targets: parts.map(p => recode(p, p.categories().map(c => codeOf.get(c) ?? Number.NaN))), labels };
  }
  if (storage !== 'number') throw new TypeError(`column "${column}" holds strings, which are never learnt from`);
  const distinct = new Set<number>();
  for (const p of parts) for (const v of p.numbers()) if (!Number.isNaN(v)) distinct.add(v);
  const values = [...distinct].sort((a, b) => a - b);
  const codeOf = new Map(values.map((v, i) => [v, i]));
  return { targets: parts.map(p => p.numbers().map(v => codeOf.get(v) ?? Number.NaN)), labels: values.map(String) };
}

/** Rows of a matrix, in the order given (repeats allowed). */
export function takeRows(matrix: FeatureMatrix, rows: ArrayLike<number>): FeatureMatrix {
  const n = rows.length;
  return { rows: n, features: matrix.features.map(f => {
    const values = new Float64Array(n);
    for (let i = 0; i < n; i++) values[i] = f.values[rows[i]];
    return { ...f, values };
  }) };
}

/** Rows of several matrices with the same features, one after another. */
export function concatRows(matrices: readonly FeatureMatrix[]): FeatureMatrix {
  const rows = matrices.reduce((s, m) => s + m.rows, 0);
  return { rows, features: matrices[0].features.map((f, j) => {
    const values = new Float64Array(rows);
    let at = 0;
    for (const m of matrices) { values.set(m.features[j].values, at); at += m.rows; }
    return { ...f, categories: Math.max(...matrices.map(m => m.features[j].categories)), values };
  }) };
}

function usedLabels(parts: readonly Column[]): string[] {
  const used = new Set<string>();
  for (const p of parts) {
    const names = p.categories(), seen = new Uint8Array(names.length);
    for (const c of p.codes()) if (c >= 0) seen[c] = 1;
    seen.forEach((s, c) => { if (s) used.add(names[c]); });
  }
  return [...used].sort();
}

function encodeCategories(parts: readonly Column[], limit: number): Array<{ values: Float64Array; categories: number }> {
  const counts = new Map<string, number>();
  for (const p of parts) {
    const names = p.categories(), n = new Float64Array(names.length);
    for (const c of p.codes()) if (c >= 0) n[c]++;
    n.forEach((k, c) => { if (k > 0) counts.set(names[c], (counts.get(names[c]) ?? 0) + k); });
  }
  let kept = [...counts.keys()].sort();
  const capped = kept.length > limit;
  if (capped) kept = kept.sort((a, b) => counts.get(b)! - counts.get(a)! || (a < b ? -1 : 1)).slice(0, limit - 1).sort();
  const codeOf = new Map(kept.map((name, i) => [name, i]));
  const categories = kept.length + (capped ? 1 : 0);
  return parts.map(p => ({ values: recode(p, p.categories().map(c => codeOf.get(c) ?? kept.length)), categories }));
}

function recode(column: Column, map: readonly number[]): Float64Array {
  const codes = column.codes(), out = new Float64Array(codes.length);
  for (let i = 0; i < codes.length; i++) out[i] = codes[i] < 0 ? Number.NaN : map[codes[i]];
  return out;
}
