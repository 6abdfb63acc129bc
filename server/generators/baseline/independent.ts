import { z } from 'zod';
import { codeColumn, makeTable, numberColumn, plainDialect } from '../../table/columns';
import { Stream } from '../../random';
import { gridOf } from '../../table/protect/numbers';
import type { Column, ColumnSchema, Dialect, Table } from '../../table/table';
import { checkGiven, withGiven, type FittedColumn } from '../blocks/given';
import type { FitContext, FittedGenerator, Generator, PrivateFit } from '../generator';

/**
 * One column's own distribution. `weights` are cumulative shares ending at 1; entry 0 stands for missing.
 * Categories: entry i + 1 is category i. Numbers: first the values that so many rows share that they stand for themselves, then
 * bins, bin i uniform between edge i and i + 1.
 */
type Marginal =
  | { schema: ColumnSchema; type: 'codes'; weights: number[]; categories: string[] }
  | { schema: ColumnSchema; type: 'numbers'; weights: number[]; atoms: number[]; edges: number[]; grid: number };
interface Model { version: 1; dialect: Dialect; columns: Marginal[] }

const parameters = z.strictObject({
  bins: z.int().min(1).max(100_000).default(256).describe('Most histogram bins of a numeric column; each holds about equally many rows.'),
});

/** Rows drawn between two turns of the event loop. */
const chunk = 65_536;

/**
 * The product of the columns' own distributions: what remains when every relation is thrown away. Categories and missing
 * cells by their shares; numbers by equal-count bins, uniform within a bin on the column's grid, or by their values where few.
 */
export const independent: Generator = {
  parameters,
  async fit(context, given) {
    const { bins } = parameters.parse(given);
    if (context.privacy) return privately(context, context.privacy);
    const done = context.resume ? decode(context.resume) : { version: 1 as const, dialect: context.fit.schema.dialect, columns: [] };
    const { columns } = context.fit;
    for (let c = done.columns.length; c < columns.length; c++) {
      done.columns.push(marginal(columns[c]!, bins, context.protection));
      await context.progress({ phase: 'training', fraction: (c + 1) / columns.length, step: c + 1, steps: columns.length });
      await context.checkpoint(encode(done), { bins });
    }
    return fitted(done, { bins });
  },
  async load(bytes) {
    return fitted(decode(bytes), {});
  },
};

/** Under a budget: a function of what was noised and charged before, and of the declared schema; no cell is looked at. */
async function privately({ fit, progress }: FitContext, { columns }: PrivateFit): Promise<FittedGenerator> {
  const made = fit.columns.map(({ schema }, i): Marginal => {
    const known = columns[schema.name]!;
    if (known.type === 'category') return { schema, type: 'codes', weights: cumulative([known.shares.at(-1)!, ...known.shares.slice(0, -1)], 1), categories: [...fit.columns[i]!.categories()] };
    return { schema, type: 'numbers', weights: cumulative([known.missing, ...known.shares], 1), atoms: [], edges: [...known.edges], grid: gridOf(schema).step ?? 0 };
  });
  await progress({ phase: 'training', fraction: 1, step: made.length, steps: made.length });
  return fitted({ version: 1, dialect: fit.schema.dialect, columns: made }, {});
}

const encode = (model: Model): Uint8Array => new TextEncoder().encode(JSON.stringify(model));
const decode = (bytes: Uint8Array): Model => JSON.parse(new TextDecoder().decode(bytes)) as Model;

function marginal(column: Column, bins: number, protection: FitContext['protection']): Marginal {
  const { schema, length } = column;
  if (schema.storage === 'code') {
    const categories = [...column.categories()];
    const counts = new Array<number>(categories.length + 1).fill(0);
    for (const code of column.codes()) counts[code + 1]!++;
    return { schema, type: 'codes', weights: cumulative(counts, length), categories };
  }
  const sorted = column.numbers().filter((v) => !Number.isNaN(v)).sort();
  const missing = length - sorted.length;
  const k = protection.enabled ? protection.k : 1;
  const { values, counts } = runLengths(sorted);
  // A value that fills a bin's worth of rows alone (a zero, a round price) is one; so is each where there are few, and many rows share each.
  const few = values.length <= bins && counts.every((n) => n >= k);
  const enough = few ? 1 : Math.max(k, sorted.length / bins);
  const isAtom = counts.map((n) => n >= enough);
  const atoms = values.filter((_, i) => isAtom[i]);
  const rest = new Float64Array(counts.reduce((sum, n, i) => sum + (isAtom[i] ? 0 : n), 0));
  let at = 0;
  values.forEach((v, i) => { if (!isAtom[i]) { rest.fill(v, at, at + counts[i]!); at += counts[i]!; } });
  const { edges, filled } = histogram(rest, Math.max(1, Math.min(bins, Math.floor(rest.length / k))));
  const weights = cumulative([missing, ...counts.filter((_, i) => isAtom[i]), ...filled], length);
  return { schema, type: 'numbers', weights, atoms, edges, grid: gridOf(schema).step ?? 0 };
}

/** At most `most` bins that hold about equally many of the sorted values; none for no values. */
function histogram(sorted: Float64Array, most: number): { edges: number[]; filled: number[] } {
  if (sorted.length === 0) return { edges: [], filled: [] };
  const cuts = new Set<number>();
  for (let b = 0; b <= most; b++) cuts.add(sorted[Math.round((b * (sorted.length - 1)) / most)]!);
  const edges = [...cuts];
  if (edges.length === 1) edges.push(edges[0]!);
  const filled = new Array<number>(edges.length - 1).fill(0);
  let bin = 0;
  for (const v of sorted) {
    while (bin < filled.length - 1 && v >= edges[bin + 1]!) bin++;
    filled[bin]!++;
  }
  return { edges, filled };
}

/** Distinct values in order with their counts. */
function runLengths(sorted: Float64Array): { values: number[]; counts: number[] } {
  const values: number[] = [];
  const counts: number[] = [];
  for (const v of sorted) {
    if (v === values[values.length - 1]) counts[counts.length - 1]!++;
    else {
      values.push(v);
      counts.push(1);
    }
  }
  return { values, counts };
}

function cumulative(counts: readonly number[], total: number): number[] {
  let sum = 0;
  return counts.map((n) => (sum += n) / Math.max(1, total));
}

/** Entry 0 of the cumulative shares is "missing"; entry i + 1 category i. */
const fittedColumn = (m: Marginal): FittedColumn => ({
  schema: m.schema, missing: (m.weights[0] ?? 0) > 0, ...(m.type === 'codes' && { categories: m.categories, seen: (c: number) => m.weights[c + 1]! > m.weights[c]! }),
});

function fitted(model: Model, resolved: Record<string, unknown>): FittedGenerator {
  return {
    device: { name: 'cpu', description: 'CPU', whyNotBetter: 'counting needs no accelerator' },
    resolved,
    async sample(rows, { seed, progress, given: asked }) {
      // What is known of one column says nothing of another: the others keep their own distributions.
      const given = checkGiven(model.columns.map(fittedColumn), asked, rows), columns: Column[] = [];
      for (const [c, m] of model.columns.entries()) {
        columns.push(await draw(m, rows, new Stream(seed, `independent\0${m.schema.name}`), async (done) => progress?.(Math.floor((rows * c + done) / model.columns.length))));
      }
      return withGiven(makeTable(model.dialect ?? plainDialect, columns, rows), given);
    },
    likelihood: { rows: 10_000, of: async (table) => logLikelihoods(model, table) },
    save: () => encode(model),
    dispose: async () => undefined,
  };
}

/** One column of `rows` draws; every row takes two uniforms, so a row's cell does not depend on how many come before or after it in a chunk. */
async function draw(m: Marginal, rows: number, stream: Stream, progress: (done: number) => Promise<void>): Promise<Column> {
  const values = m.type === 'codes' ? undefined : new Float64Array(rows);
  const codes = m.type === 'codes' ? new Int32Array(rows) : undefined;
  for (let i = 0; i < rows; i++) {
    if (i % chunk === 0) await progress(i);
    const entry = search(m.weights, stream.uniform());
    const within = stream.uniform();
    if (codes) codes[i] = entry - 1;
    else if (entry === 0) values![i] = NaN;
    else if (m.type === 'numbers') {
      const bin = entry - 1 - m.atoms.length;
      values![i] = bin < 0 ? m.atoms[entry - 1]! : onGrid(m.edges[bin]!, m.edges[bin + 1]!, within, m.grid);
    }
  }
  await progress(rows);
  return m.type === 'codes' ? codeColumn(m.schema, codes!, m.categories) : numberColumn(m.schema, values!);
}

/** A cell that the model never draws. */
const never = Math.log(1e-9);

/** log p of every row: of its categories, atoms and bins (a number's place within its bin is left out: it is uniform). */
function logLikelihoods(model: Model, table: Table): Float64Array {
  const out = new Float64Array(table.rows);
  for (const m of model.columns) {
    const column = table.column(m.schema.name), log = m.weights.map((w, i) => { const p = w - (i > 0 ? m.weights[i - 1]! : 0); return p > 0 ? Math.max(never, Math.log(p)) : never; });
    const add = (r: number, entry: number): void => { out[r]! += entry < 0 ? never : log[entry] ?? never; };
    if (m.type === 'codes') {
      const place = new Map(m.categories.map((c, i) => [c, i + 1])), map = column.categories().map((c) => place.get(c) ?? -1);
      column.codes().forEach((code, r) => add(r, code < 0 ? 0 : map[code]!));
    } else {
      const atoms = new Map(m.atoms.map((v, i) => [v, i + 1])), bins = m.edges.length - 1;
      column.numbers().forEach((v, r) => {
        if (v !== v) return add(r, 0);
        const atom = atoms.get(v);
        if (atom !== undefined) return add(r, atom);
        let bin = bins < 1 || v < m.edges[0]! || v > m.edges[bins]! ? -1 : 0;
        while (bin >= 0 && bin < bins - 1 && v >= m.edges[bin + 1]!) bin++;
        add(r, bin < 0 ? -1 : 1 + m.atoms.length + bin);
      });
    }
  }
  return out;
}

/** Uniform over the grid points in [low, high]; between them where none lies there, or where the column has no grid (0). */
function onGrid(low: number, high: number, u: number, grid: number): number {
  if (grid === 0) return low + u * (high - low);
  // Dividing by a power of ten keeps two decimals two decimals: 0.1 * 3 is not 0.3.
  const scale = grid < 1 ? Math.round(1 / grid) : 1 / grid;
  const first = Math.ceil(low * scale - 1e-9);
  const last = Math.floor(high * scale + 1e-9);
  if (last < first) return low + u * (high - low);
  return Math.min(last, first + Math.floor(u * (last - first + 1))) / scale;
}

/** First entry whose cumulative share exceeds u. */
function search(weights: readonly number[], u: number): number {
  let low = 0;
  let high = weights.length - 1;
  while (low < high) {
    const mid = (low + high) >>> 1;
    if (weights[mid]! > u) high = mid;
    else low = mid + 1;
  }
  return low;
}

