/** What a flow's shape is for a table, and in which order its categories are drawn. */
import type { FittedColumn } from '../blocks/given';
import type { Features } from '../blocks/features';
import type { Parameters } from './flow';
import type { FlowShape } from './model';

/** Beyond this many numbers an autoregressive map takes as many passes as there are columns, and couplings are used. */
const mostAutoregressive = 48;
/** Columns of at most so many codes come first: the others are learnt within their classes (as the default generator found). */
const fewCodes = 8;

/** Feature numbers of the categories in drawing order: the outcome, columns of few codes, the others, and last which numbers are missing. */
export function categoryOrder(features: Features, outcome?: string): number[] {
  const rank = (c: number): number => {
    const f = features.categories[c]!;
    return f.source === 'missing' ? 3 : f.column === outcome ? 0 : f.size <= fewCodes ? 1 : 2;
  };
  return [...features.categories.keys()].sort((a, b) => rank(a) - rank(b) || a - b);
}
export function chooseShape(p: Parameters, features: Features, order: readonly number[], rows: number): FlowShape {
  const numbers = features.numbers.length, targets = Math.max(numbers, order.length);
  const structure = p.structure === 'auto' ? (numbers <= mostAutoregressive ? 'autoregressive' : 'coupling') : p.structure;
  const byRows = rows < 600 ? 24 : rows < 2000 ? 40 : rows < 6000 ? 64 : 96;
  return {
    sizes: order.map((c) => features.categories[c]!.size), shares: order.map((c) => features.categories[c]!.shares), numbers,
    structure, transform: p.transform, layers: numbers > 0 ? p.layers ?? (structure === 'autoregressive' ? 2 : 6) : 0, bins: p.bins, bound: p.bound,
    // Every column has a network that reads all others: wide tables get narrow ones.
    hidden: p.hidden ?? Math.min(byRows, targets > 128 ? 16 : targets > 48 ? 32 : 96), depth: p.depth, embedding: targets > 48 ? Math.min(8, p.embedding) : p.embedding,
  };
}

/** Codes [rows, C] with their columns in another order: place i holds column order[i]; `back` undoes it. */
export function permuted(codes: Int32Array, rows: number, order: readonly number[], back = false): Int32Array {
  const C = order.length, out = new Int32Array(codes.length);
  for (let i = 0; i < rows; i++) for (let c = 0; c < C; c++) { if (back) out[i * C + order[c]!] = codes[i * C + c]!; else out[i * C + c] = codes[i * C + order[c]!]!; }
  return out;
}

/** What a condition may hold, column by column, as the features have learnt it. */
export function fittedColumns(features: Features): FittedColumn[] {
  return features.columns.map((schema) => {
    const f = features.categories.find((c) => c.column === schema.name);
    const seen = f?.source === 'codes' ? new Set([...f.categories!, ...(f.tail?.categories ?? [])]) : undefined;
    return {
      schema, ...(seen && { categories: features.dictionary(schema.name)!, seen: (c: number) => seen.has(c) }),
      missing: f?.source === 'missing' || !!seen?.has(-1) || !!f?.values?.some((v) => v !== v),
    };
  });
}
