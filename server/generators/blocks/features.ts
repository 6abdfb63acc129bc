/**
 * The mixed-type view of a table that networks over real vectors and class labels share: numbers [rows, N] and codes [rows, C].
 *
 * Every `code` column is one category (a missing cell is a category of its own). A numeric column is one number, and beside it a two-way
 * category "missing?" where it has missing cells; a numeric column of few distinct values may be one category of those values instead.
 */
import { KeyStream } from '../../engine';
import { normalQuantile } from '../../learners/distributions';
import { codeColumn, makeTable, numberColumn } from '../../table/columns';
import { gridOf, onto } from '../../table/protect/numbers';
import type { Column, ColumnSchema, Dialect, Table } from '../../table/table';
import { fitMarginal, fromRank, toRank, type Marginal } from './marginal';
import { phi } from './normal';

export interface FeatureOptions {
  /**
   * quantile: the normal score of the value's rank, ties spread over their ranks (Kotelnikov et al. 2023 use scikit-learn's QuantileTransformer with a
   * normal output; spreading ties makes atoms learnable by a density); standard: mean 0, standard deviation 1; minmax: [-1, 1].
   */
  numbers: 'quantile' | 'standard' | 'minmax';
  seed: number;
  /** Numeric columns of at most this many distinct values become categories. Default 1 (a constant). */
  valuesAsCategories?: number;
  /** Most categories of a column; the least frequent beyond share one code, decoded by their shares. Default 256. */
  maxCategories?: number;
}
export interface NumberFeature {
  column: string; index: number; transform: FeatureOptions['numbers'];
  /** standard and minmax: value = centre + scale * encoded, kept within [low, high]. */
  centre: number; scale: number; low: number; high: number;
  /** quantile only. */
  marginal?: Marginal;
}
export interface CategoryFeature {
  column: string; index: number; size: number;
  source: 'codes' | 'values' | 'missing';
  /** Fitted share of every code. */
  shares: number[];
  /** source codes: the category of every code (an index into the column's dictionary; -1 missing; the list of a tail's categories with cumulative shares); values: the numbers (NaN missing). */
  categories?: number[]; tail?: { categories: number[]; cumulative: number[] };
  values?: number[];
}
export interface Encoded { numbers: Float32Array; codes: Int32Array }
interface Saved { version: 1; dialect: Dialect; schemas: ColumnSchema[]; dictionaries: (string[] | null)[]; numbers: NumberFeature[]; categories: CategoryFeature[]; seed: number }

/** Beyond this normal score two ranks of a million rows are no longer told apart; a float32 network should not see more. */
const farthest = 5.2;
const clamp = (v: number, a: number, b: number): number => (v < a ? a : v > b ? b : v);

/** Learns the view from the fitting rows (already protected: categories merged, extremes drawn in). */
export function fitFeatures(table: Table, options: FeatureOptions): Features {
  const numbers: NumberFeature[] = [], categories: CategoryFeature[] = [];
  const most = options.maxCategories ?? 256;
  for (const [index, column] of table.columns.entries()) {
    const base = { column: column.schema.name, index }, rows = Math.max(1, table.rows);
    if (column.schema.storage === 'code') categories.push({ ...base, ...codesFeature(column, most, rows) });
    else {
      const present = column.numbers().filter((v) => v === v), distinct = new Set<number>();
      for (const v of present) if (distinct.add(v).size > (options.valuesAsCategories ?? 1)) break;
      if (distinct.size <= Math.max(1, options.valuesAsCategories ?? 1)) categories.push({ ...base, ...valuesFeature(column, rows) });
      else {
        numbers.push({ ...base, ...numberFeature(present, options.numbers) });
        if (column.missingCount > 0) categories.push({ ...base, source: 'missing', size: 2, shares: [1 - column.missingCount / rows, column.missingCount / rows] });
      }
    }
  }
  return new Features({
    version: 1, dialect: table.schema.dialect, schemas: table.columns.map((c) => c.schema), dictionaries: table.columns.map((c) => (c.schema.storage === 'code' ? [...c.categories()] : null)),
    numbers, categories, seed: options.seed,
  });
}

function numberFeature(present: Float64Array, transform: FeatureOptions['numbers']): Omit<NumberFeature, 'column' | 'index'> {
  let low = Infinity, high = -Infinity, sum = 0;
  for (const v of present) { low = Math.min(low, v); high = Math.max(high, v); sum += v; }
  if (transform === 'quantile') return { transform, centre: 0, scale: 1, low, high, marginal: fitMarginal(present) };
  if (transform === 'minmax') return { transform, centre: (low + high) / 2, scale: (high - low) / 2 || 1, low, high };
  const mean = sum / present.length;
  let squares = 0;
  for (const v of present) squares += (v - mean) ** 2;
  return { transform, centre: mean, scale: Math.sqrt(squares / present.length) || 1, low, high };
}

function codesFeature(column: Column, most: number, rows: number): Omit<CategoryFeature, 'column' | 'index'> {
  const counts = new Map<number, number>();
  for (const c of column.codes()) counts.set(c, (counts.get(c) ?? 0) + 1);
  const present = [...counts.keys()].filter((c) => c >= 0).sort((a, b) => counts.get(b)! - counts.get(a)! || a - b);
  const kept = present.length > most ? present.slice(0, most - 1) : present, rest = present.slice(kept.length);
  const categories = [...kept].sort((a, b) => a - b), shares = categories.map((c) => counts.get(c)! / rows);
  let tail: CategoryFeature['tail'];
  if (rest.length) {
    const total = rest.reduce((n, c) => n + counts.get(c)!, 0);
    let sum = 0;
    tail = { categories: rest, cumulative: rest.map((c) => (sum += counts.get(c)!) / total) };
    categories.push(-2);
    shares.push(total / rows);
  }
  if (counts.has(-1) || categories.length === 0) { categories.push(-1); shares.push((counts.get(-1) ?? rows) / rows); }
  return { source: 'codes', size: categories.length, shares, categories, ...(tail && { tail }) };
}

function valuesFeature(column: Column, rows: number): Omit<CategoryFeature, 'column' | 'index'> {
  const counts = new Map<number, number>();
  for (const v of column.numbers()) counts.set(v, (counts.get(v) ?? 0) + 1);   // a Map finds NaN
  const values = [...counts.keys()].sort((a, b) => (a !== a ? 1 : b !== b ? -1 : a - b));
  return { source: 'values', size: values.length, shares: values.map((v) => counts.get(v)! / rows), values };
}

/** JSON has no NaN: missing among values is null. */
const nanToNull = (_: string, v: unknown): unknown => (typeof v === 'number' && Number.isNaN(v) ? null : v);

export class Features {
  /** @param key in the seed's place while encoding; never saved */
  constructor(private readonly saved: Saved, private readonly key?: Uint8Array) {}
  static load(text: string): Features {
    const saved = JSON.parse(text) as Saved;
    for (const f of saved.categories) if (f.values) f.values = f.values.map((v) => v ?? NaN);
    return new Features(saved);
  }
  save(): string { return JSON.stringify(this.saved, nanToNull); }
  /** The same view; what it draws while it encodes comes from a key that no `save` holds. */
  keyed(key: Uint8Array): Features { return new Features(this.saved, key); }

  get numbers(): readonly NumberFeature[] { return this.saved.numbers; }
  get categories(): readonly CategoryFeature[] { return this.saved.categories; }
  /** Codes of every category feature. */
  get sizes(): number[] { return this.saved.categories.map((f) => f.size); }
  get columns(): readonly ColumnSchema[] { return this.saved.schemas; }
  /** The fitted dictionary of a column of storage `code`. */
  dictionary(column: string): readonly string[] | undefined { return this.saved.dictionaries[this.saved.schemas.findIndex((s) => s.name === column)] ?? undefined; }

  /**
   * @param table of the fitted columns, in any order
   * @returns numbers float32 [rows, N]; a missing number is a draw from the column (its "missing?" code tells); codes int32 [rows, C]
   */
  encode(table: Table): Encoded {
    const { numbers: N, categories: C } = this.saved, rows = table.rows;
    const numbers = new Float32Array(rows * N.length), codes = new Int32Array(rows * C.length);
    N.forEach((f, j) => {
      const values = table.column(f.column).numbers(), u = new KeyStream(this.key ?? this.saved.seed, `features/encode/${f.column}`).uniforms(0, rows);
      for (let i = 0; i < rows; i++) numbers[i * N.length + j] = encodeNumber(f, values[i]!, u[i]!);
    });
    C.forEach((f, j) => {
      const own = this.encodeCategory(f, table.column(f.column));
      for (let i = 0; i < rows; i++) codes[i * C.length + j] = own[i]!;
    });
    return { numbers, codes };
  }

  /** Code of every row in one category feature; a category or value never fitted takes the likeliest code. */
  encodeCategory(f: CategoryFeature, column: Column): Int32Array {
    const out = new Int32Array(column.length), likeliest = f.shares.indexOf(Math.max(...f.shares));
    if (f.source === 'codes') {
      const fitted = this.saved.dictionaries[f.index]!, codeOf = new Map<string | null, number>();
      f.categories!.forEach((c, code) => { if (c >= -1) codeOf.set(c < 0 ? null : fitted[c]!, code); else for (const t of f.tail!.categories) codeOf.set(fitted[t]!, code); });
      const dictionary = column.categories(), map = dictionary.map((v) => codeOf.get(v) ?? likeliest), missing = codeOf.get(null) ?? likeliest;
      const codes = column.codes();
      for (let i = 0; i < out.length; i++) out[i] = codes[i]! < 0 ? missing : map[codes[i]!]!;
      return out;
    }
    const values = column.numbers();
    if (f.source === 'missing') { for (let i = 0; i < out.length; i++) out[i] = values[i]! === values[i]! ? 0 : 1; return out; }
    const codeOf = new Map(f.values!.map((v, code) => [v, code]));
    for (let i = 0; i < out.length; i++) out[i] = codeOf.get(values[i]!) ?? likeliest;
    return out;
  }

  /**
   * The table that these numbers [rows, N] and codes [rows, C] stand for. Numbers are kept within the fitted range and on the column's
   * grid; what lies in a tail of categories is drawn by its share. `from` is the number of the first row, so that any chunking gives the same rows.
   */
  decode({ numbers, codes }: Encoded, rows: number, { seed, from = 0 }: { seed: number; from?: number }): Table {
    const { numbers: N, categories: C, schemas, dictionaries } = this.saved;
    const columns = schemas.map((schema, index): Column => {
      const n = N.findIndex((f) => f.index === index), c = C.findIndex((f) => f.index === index), f = C[c];
      if (schema.storage === 'code') {
        const out = new Int32Array(rows), u = f!.tail && new KeyStream(seed, `features/tail/${schema.name}`).uniforms(from, rows);
        for (let i = 0; i < rows; i++) {
          const category = f!.categories![codes[i * C.length + c]!]!;
          out[i] = category !== -2 ? category : f!.tail!.categories[pick(f!.tail!.cumulative, u![i]!)]!;
        }
        return codeColumn(schema, out, dictionaries[index]!);
      }
      const values = new Float64Array(rows);
      if (n < 0) { for (let i = 0; i < rows; i++) values[i] = f!.values![codes[i * C.length + c]!]!; return numberColumn(schema, values); }
      const feature = N[n]!, grid = gridOf(schema);
      for (let i = 0; i < rows; i++) {
        if (f?.source === 'missing' && codes[i * C.length + c] === 1) { values[i] = NaN; continue; }
        const x = numbers[i * N.length + n]!;
        values[i] = feature.marginal ? fromRank(feature.marginal, phi(clamp(x, -farthest, farthest)), grid) : clamp(onto(grid, clamp(feature.centre + feature.scale * x, feature.low, feature.high)), feature.low, feature.high);
      }
      return numberColumn(schema, values);
    });
    return makeTable(this.saved.dialect, columns, rows);
  }
}

/** A missing number stands as a draw from the column: what is under it must carry no information. */
function encodeNumber(f: NumberFeature, v: number, u: number): number {
  if (f.marginal) {
    const rank = v === v ? toRank(f.marginal, v, u) : u;
    return clamp(normalQuantile(clamp(rank, 1e-7, 1 - 1e-7)), -farthest, farthest);
  }
  return v === v ? (clamp(v, f.low, f.high) - f.centre) / f.scale : clamp(f.transform === 'standard' ? normalQuantile(clamp(u, 1e-7, 1 - 1e-7)) : 2 * u - 1, -farthest, farthest);
}

function pick(cumulative: readonly number[], u: number): number {
  let a = 0, b = cumulative.length - 1;
  while (a < b) { const m = (a + b) >> 1; if (cumulative[m]! > u) b = m; else a = m + 1; }
  return a;
}
