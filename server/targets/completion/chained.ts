/**
 * Chained equations (van Buuren & Groothuis-Oudshoorn 2011) over a generator's draws: every incomplete column is drawn anew, in turn, from a regression on all others that is fitted to the rows where it was seen.
 * Numbers by predictive mean matching (Little 1988): the cell of a real row whose prediction is near; where values hardly repeat, by local residual draws (Morris, White & Royston 2014): its residual beside the own
 * prediction, so that the few donors of sparse tails do not pull them in. Categories by logistic regression. A network that stops early predicts conditional means nearer to the
 * middle than they are, which pulls coefficients of the completed tables to zero however many tables there are; a regression fitted to its optimum does not. *Proper*: recipients are predicted by coefficients
 * of a bootstrap sample, donors by those of all rows (van Buuren 2018, section 3.4: type 1 matching), so that what is uncertain about them is in the spread between tables.
 */
import { fitDense, type Dense } from '../../learners/dense';
import { encodeFeatures, type FeatureMatrix } from '../../learners/features';
import { quantiles } from '../../learners/intervals';
import { fitLogistic, fitRidge } from '../../learners/linear';
import { Stream } from '../../random';
import { codeColumn, makeTable, mergeDictionaries, numberColumn } from '../../table/columns';
import { onGrid } from '../../table/number-format';
import type { Column, Table } from '../../table/table';

/** A category column of more values is left to the generator: every value needs its own coefficients. */
const mostCategories = 12;
/** Fewer rows than this carry no regression. */
const fewestSeen = 30;
/** Rows that a regression is fitted to, at most; and how often every column is drawn anew. */
const mostFitted = 20_000, cycles = 6;
/** Donors that a cell is taken from, by chance (van Buuren 2018, section 3.4.3). */
const donors = 5;

/** Columns that have gaps and can be drawn so. */
export const chainable = (table: Table): string[] => table.columns.filter((c) => c.missingCount > 0 && c.length - c.missingCount >= fewestSeen && (c.schema.storage === 'number' || used(c) <= mostCategories)).map((c) => c.schema.name);
const used = (c: Column): number => new Set(c.codes().filter((k) => k >= 0)).size;

/** Predictors: numbers with hinges at their thirds where the rows allow (so that a bend is no bias), one-hot categories, standardised. */
function design(table: Table, without: string, seen: number): Dense {
  const names = table.schema.columns.map((c) => c.name).filter((n) => n !== without), [plain] = encodeFeatures([table], names, { maxCategories: mostCategories }) as [FeatureMatrix];
  const width = plain.features.reduce((n, f) => n + (f.kind === 'number' ? 1 : f.categories), 0), bent = plain.features.filter((f) => f.kind === 'number' && new Set(f.values).size > 8);
  const hinges = width + 2 * bent.length > seen / 15 ? [] : bent.flatMap((f) => [...new Set(quantiles(f.values.filter((v) => !Number.isNaN(v)), [1 / 3, 2 / 3]))].map((at) => ({ ...f, name: `${f.name} > ${at}`, values: f.values.map((v) => Math.max(0, v - at)) })));
  const x = { rows: plain.rows, features: [...plain.features, ...hinges] };
  return fitDense(x).encode(x);
}
const rowsOf = (x: Dense, rows: Int32Array): Dense => { const values = new Float64Array(rows.length * x.width); rows.forEach((r, i) => values.set(x.values.subarray(r * x.width, (r + 1) * x.width), i * x.width)); return { ...x, rows: rows.length, values }; };

/** A draw for every row of `into`, from a regression on the rows `seen`: numbers, or codes. */
type Drawer = (into: Int32Array, stream: Stream) => Float64Array;

/** @param column what is drawn @param seen its rows whose value is known and may be learnt from */
async function drawer(x: Dense, column: Column, seen: Int32Array, proper: boolean, stream: Stream): Promise<Drawer> {
  const values = valuesOf(column);
  const own = seen.length > mostFitted ? stream.shuffle(seen.slice()).subarray(0, mostFitted) : seen, again = proper ? Int32Array.from(own, () => stream.pick(own)) : own;
  if (column.schema.storage === 'number') {
    const y = (rows: Int32Array): Float64Array => Float64Array.from(rows, (r) => values[r]!), recipients = fitRidge(rowsOf(x, again), y(again)), matched = proper ? fitRidge(rowsOf(x, own), y(own)) : recipients;
    const at = matched.predict(rowsOf(x, own)), order = Int32Array.from(own.keys()).sort((a, b) => at[a]! - at[b]! || a - b), sorted = Float64Array.from(order, (i) => at[i]!);
    const all = y(own), whole = all.every((v) => Number.isInteger(v)), distinct = new Set(all), low = all.reduce((a, b) => Math.min(a, b)), high = all.reduce((a, b) => Math.max(a, b)), decimals = column.schema.number?.decimals ?? (column.schema.kind === 'real' ? 16 : 0);
    // A fit's residuals are smaller than errors are, by the coefficients it spent.
    const widened = Math.sqrt(all.length / Math.max(1, all.length - x.width - 1)), residuals = !whole && distinct.size > all.length / 2;
    return (into, s) => recipients.predict(rowsOf(x, into)).map((p) => {
      const donor = order[nearest(sorted, p, s)]!;
      if (!residuals) return all[donor]!;
      const v = Math.min(high, Math.max(low, p + widened * (all[donor]! - at[donor]!)));
      return decimals >= 16 ? v : onGrid(v, decimals);
    });
  }
  const codes = [...new Set(Array.from(own, (r) => values[r]!))].sort((a, b) => a - b), place = new Map(codes.map((c, i) => [c, i]));
  // What the bootstrap sample lacks keeps a chance: each value's first row is added.
  const rows = codes.length > 1 ? Int32Array.from([...again, ...codes.filter((c) => !again.some((r) => values[r] === c)).map((c) => own.find((r) => values[r] === c)!)]) : own;
  if (codes.length < 2) return (into) => new Float64Array(into.length).fill(codes[0]!);
  const model = await fitLogistic(rowsOf(x, rows), Float64Array.from(rows, (r) => place.get(values[r]!)!), codes.length, { c: 4, tolerance: 1e-5 });
  return (into, s) => {
    const p = model.probabilities(rowsOf(x, into)), K = codes.length;
    return Float64Array.from(into, (_, i) => { let u = s.uniform(), k = 0; while (k < K - 1 && (u -= K === 2 ? (k === 0 ? 1 - p[i]! : p[i]!) : p[i * K + k]!) > 0) k++; return codes[k]!; });
  };
}

/** One of the values nearest to `p` in an ascending list, by chance. Equal predictions are equally near, wherever the list has them. */
function nearest(sorted: Float64Array, p: number, s: Stream): number {
  const n = sorted.length, k = Math.min(donors, n);
  let low = 0, high = n;
  while (low < high) { const mid = (low + high) >> 1; if (sorted[mid]! < p) low = mid + 1; else high = mid; }
  let from = low, to = low;
  while (to - from < k) { if (to >= n || (from > 0 && p - sorted[from - 1]! <= sorted[to]! - p)) from--; else to++; }
  while (from > 0 && sorted[from - 1] === sorted[from]) from--;
  while (to < n && sorted[to] === sorted[to - 1]) to++;
  return from + s.below(to - from);
}

const valuesOf = (c: Column): ArrayLike<number> => (c.schema.storage === 'number' ? c.numbers() : c.codes());
const put = (table: Table, name: string, rows: Int32Array, drawn: Float64Array): Table => makeTable(table.schema, table.columns.map((c) => {
  if (c.schema.name !== name) return c;
  if (c.schema.storage === 'number') { const v = c.numbers().slice(); rows.forEach((r, i) => { v[r] = drawn[i]!; }); return numberColumn(c.schema, v); }
  const v = c.codes().slice();
  rows.forEach((r, i) => { v[r] = drawn[i]!; });
  return codeColumn(c.schema, v, c.categories());
}), table.rows);

/** Both tables' columns over one dictionary each, so that a code says the same in both. */
function aligned(source: Table, start: Table): { source: Table; start: Table } {
  const pairs = source.columns.map((c) => {
    const made = start.column(c.schema.name);
    if (c.schema.storage !== 'code') return [c, made] as const;
    const { categories, places: [, place] } = mergeDictionaries([c.categories(), made.categories()]);
    return [codeColumn(c.schema, c.codes(), categories), codeColumn(c.schema, made.codes().map((k) => (k < 0 ? -1 : place![k]!)), categories)] as const;
  });
  return { source: makeTable(source.schema, pairs.map((p) => p[0]), source.rows), start: makeTable(source.schema, pairs.map((p) => p[1]), source.rows) };
}

export interface Chained {
  table: Table;
  /** The chained cells of some rows drawn again, given the others as they stood when each column was last drawn. */
  again(table: Table, rows: Int32Array, seed: number): Table;
}

/**
 * @param gaps the table with its missing cells @param begin the same rows, all cells filled @param columns those to be drawn anew; the others stay as `begin` has them
 */
export async function chained(gaps: Table, begin: Table, columns: readonly string[], { seed, proper, breathe }: { seed: number; proper: boolean; breathe(): Promise<void> }): Promise<Chained> {
  const { source, start } = aligned(gaps, begin), stream = new Stream(seed, 'chained'), last = new Map<string, Drawer>();
  const parts = columns.map((name) => { const c = source.column(name), all = Int32Array.from({ length: source.rows }, (_, i) => i); return { name, c, seen: all.filter((i) => !c.isMissing(i)), lacking: all.filter((i) => c.isMissing(i)) }; }).sort((a, b) => a.lacking.length - b.lacking.length);
  let table = start;
  for (let round = 0; round < (parts.length > 1 ? cycles : 1); round++) for (const { name, c, seen, lacking } of parts) {
    const draw = await drawer(design(table, name, seen.length), c, seen, proper, stream);
    last.set(name, draw);
    table = put(table, name, lacking, draw(lacking, stream));
    await breathe();
  }
  return {
    table,
    again(filled, rows, again) {
      const s = new Stream(again, 'chained again');
      let now = aligned(gaps, filled).start;
      for (const { name, c } of parts) { const own = rows.filter((i) => c.isMissing(i)); if (own.length > 0) now = put(now, name, own, last.get(name)!(own, s)); }
      return now;
    },
  };
}

/** How far draws of a cell lie from what it was: the energy score (Gneiting & Raftery 2007), of numbers the continuous ranked probability score, of categories a Brier score. Less is better. */
function score(draws: readonly number[], truth: number, number: boolean): number {
  const far = (a: number, b: number): number => (number ? Math.abs(a - b) : a === b ? 0 : 1), n = draws.length;
  let own = 0, pairs = 0;
  draws.forEach((a, i) => { own += far(a, truth) / n; for (let j = 0; j < i; j++) pairs += far(a, draws[j]!) / ((n * (n - 1)) / 2); });
  return own - pairs / 2;
}

/** Rows that evidence is taken on at most, draws of each cell. */
const mostJudged = 400, drawsEach = 8;

/**
 * Whose draws of a column's cells are nearer to what they were, on rows that the generator was not fitted to: chained, unless the generator is better by more than two standard errors of the paired difference.
 * @param impute the generator's own filling of gaps @param learnt, held rows of `gaps` that were fitted, and that were not
 * @returns columns to be chained, and what was found of each
 */
export async function chainedWhereBetter(gaps: Table, begin: Table, columns: readonly string[], impute: (table: Table, seed: number) => Promise<Table>, { learnt, held, seed, breathe }: { learnt: Int32Array; held: Int32Array; seed: number; breathe(): Promise<void> }): Promise<{ chained: string[]; generator: string[] }> {
  const { source, start } = aligned(gaps, begin), out = { chained: [] as string[], generator: [] as string[] };
  for (const name of columns) {
    const c = source.column(name), number = c.schema.storage === 'number', seen = learnt.filter((i) => !c.isMissing(i)), stream = new Stream(seed, `evidence ${name}`), rows = stream.shuffle(held.filter((i) => !c.isMissing(i))).slice(0, mostJudged);
    if (rows.length < 20 || seen.length < fewestSeen) { out.chained.push(name); continue; }
    const draw = await drawer(design(start, name, seen.length), c, seen, false, stream), values = valuesOf(c);
    const many = Int32Array.from({ length: rows.length * drawsEach }, (_, i) => rows[i % rows.length]!), masked = source.take(many), blank = makeTable(masked.schema, masked.columns.map((k) => (k.schema.name !== name ? k : number ? numberColumn(k.schema, new Float64Array(many.length).fill(NaN)) : codeColumn(k.schema, new Int32Array(many.length).fill(-1), k.categories()))), many.length);
    const own = draw(many, stream), theirs = valuesOf(aligned(blank, await impute(blank, stream.uint32())).start.column(name));
    const of = (v: ArrayLike<number>, i: number): number => score(Array.from({ length: drawsEach }, (_, k) => v[k * rows.length + i]!), values[rows[i]!]!, number);
    const d = Array.from(rows, (_, i) => of(own, i) - of(theirs, i)), mean = d.reduce((a, b) => a + b, 0) / d.length, se = Math.sqrt(d.reduce((s, v) => s + (v - mean) ** 2, 0) / (d.length - 1) / d.length);
    out[mean > 2 * se ? 'generator' : 'chained'].push(name);
    await breathe();
  }
  return out;
}
