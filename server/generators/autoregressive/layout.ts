/**
 * What the network is over: the columns' codes side by side, and the sizes chosen for them.
 */
import { categoryCodes, decodeCategories, decodeNumbers, defaultCodeOptions, encodeColumn, numberCodes, type CodeOptions, type ColumnCodes } from '../../table/encoders/codes';
import type { Table } from '../../table/table';
import { chooseSources } from './sources';

/** Numbers that fix the network's shape; chosen once, before step 0, and recorded in the plan. */
export interface Sizes {
  /** Width of a column's embedding, of each column's own layers, and of the fine level's layer. */
  embedding: number; hidden: number; layers: number; fineHidden: number;
  /** Missing cells were not seen (multiple imputation): they show as nothing to other columns, and are never a target. */
  unobserved?: true;
  dropout: number; weightDecay: number; batch: number;
  /** Share of steps trained under a random column order; the others use `order`. */
  anyOrder: number;
  learningRate: number;
  /** Share of a numeric target's weight that goes to each neighbouring bin. */
  smoothing: number;
  /** No activation: the columns' networks are linear in features of the codes seen (fits under a privacy budget). */
  linear?: true;
}

/** Consecutive columns whose heads have one padded size, so that one batched product serves them all. */
export interface HeadGroup { start: number; count: number; coarse: number; /** 1: no fine level */ fine: number }

export interface Layout {
  /** Sorted by the size of their heads, not as in the table: find a column by its name. */
  columns: ColumnCodes[];
  /** offset[c]: where column c's leaves begin in the table of all leaves; the last entry is their number. */
  leafOffset: Int32Array;
  /** Where column c's coarse codes begin among all columns' coarse codes. */
  coarseOffset: Int32Array;
  groups: HeadGroup[];
  /** Column indices in the order in which they are drawn: those of few codes first, else the table's order. */
  order: Int32Array;
  /** Which columns a column's network may see, [columns, sources], in wide tables; absent: all of them. */
  sources?: Int32Array;
}

/** Beyond this many columns, a column's network sees only the most associated of those drawn before it. */
export const mostSources = 32;

/**
 * Columns of at most so many codes are drawn first: the others are then learnt within their classes, instead of the class from
 * ten numbers that were themselves drawn. On Magic this took the two-sample AUC from .535 to .526 and train-on-synthetic AUC from .914 to .920.
 */
const fewCodes = 8;

/** Learns every column's codes from the fitting rows. `first`: columns to be drawn before all others. */
export function makeLayout(fit: Table, options: CodeOptions = defaultCodeOptions, first: readonly string[] = []): Layout {
  const codes = fit.columns.map((c) => c.schema.storage === 'number'
    ? numberCodes(c.schema.name, c.numbers(), options)
    : categoryCodes(c.schema.name, c.codes(), c.categories(), c.schema.kind === 'ordinal', options));
  const layout = arranged(codes, undefined, first);
  return codes.length > mostSources ? { ...layout, sources: chooseSources(layout, encodeTable(layout, fit), wideSources(codes.length)) } : layout;
}
/** Columns (in the table's order) sorted by their heads, to be drawn those of few codes first; `last`: the name of one to be drawn after all others; `first`: of those before all others, in this order. */
export function arranged(codes: readonly ColumnCodes[], last?: string, first: readonly string[] = []): Layout {
  const sorted = [...codes.keys()].sort((a, b) => headSize(codes[a]!).fine - headSize(codes[b]!).fine || headSize(codes[a]!).coarse - headSize(codes[b]!).coarse || a - b);
  const place = new Int32Array(codes.length), late = (c: number): number => (codes[c]!.name === last ? 2 : Number(codes[c]!.coarse > fewCodes));
  const early = (c: number): number => { const k = first.indexOf(codes[c]!.name); return k < 0 ? first.length : k; };
  sorted.forEach((c, i) => { place[c] = i; });
  const drawn = [...codes.keys()].sort((a, b) => early(a) - early(b) || late(a) - late(b) || a - b);
  return layoutOf(sorted.map((c) => codes[c]!), Int32Array.from(drawn, (c) => place[c]!));
}
const wideSources = (columns: number): number => (columns <= 128 ? 24 : columns <= 512 ? 16 : 8);

const powerOfTwo = (n: number): number => 2 ** Math.ceil(Math.log2(n));
const headSize = (c: ColumnCodes): { coarse: number; fine: number } => ({ coarse: Math.max(2, powerOfTwo(c.coarse)), fine: c.maxFine > 1 ? powerOfTwo(c.maxFine) : 1 });

/** What follows from the columns (in head order) and the drawing order. */
export function layoutOf(columns: ColumnCodes[], order: Int32Array, sources?: Int32Array): Layout {
  const groups: HeadGroup[] = [];
  columns.forEach((c, i) => {
    const size = headSize(c), last = groups.at(-1);
    if (last && last.coarse === size.coarse && last.fine === size.fine) last.count++;
    else groups.push({ start: i, count: 1, ...size });
  });
  return { columns, leafOffset: offsets(columns.map((c) => c.leaves)), coarseOffset: offsets(columns.map((c) => c.coarse)), groups, order, ...(sources && { sources }) };
}
function offsets(sizes: number[]): Int32Array {
  const out = new Int32Array(sizes.length + 1);
  sizes.forEach((s, i) => { out[i + 1] = out[i]! + s; });
  return out;
}

/** 0 for every column's missing leaf, 1 for all others, over the table of all leaves. */
export function observedLeaves(layout: Layout): Float32Array {
  const out = new Float32Array(layout.leafOffset[layout.columns.length]!).fill(1);
  layout.columns.forEach((c, i) => { if (c.missing >= 0) out[layout.leafOffset[i]! + c.missing] = 0; });
  return out;
}

/** Leaf (local to its column) of every cell: int32 [rows, columns], row-major. */
export function encodeTable(layout: Layout, table: Table): Int32Array {
  const width = layout.columns.length, out = new Int32Array(table.rows * width);
  layout.columns.forEach((codes, c) => {
    const column = table.column(codes.name);
    const cells = codes.storage === 'number' ? column.numbers() : recode(column.codes(), column.categories(), codes.categories!);
    const leaf = encodeColumn(codes, cells);
    for (let r = 0; r < leaf.length; r++) out[r * width + c] = leaf[r]!;
  });
  return out;
}
/** Codes of one dictionary in terms of another; unknown categories become the other's length (no leaf). */
function recode(codes: Int32Array, from: readonly string[], to: readonly string[]): Int32Array {
  if (from.length === to.length && from.every((v, i) => v === to[i])) return codes;
  const index = new Map(to.map((v, i) => [v, i]));
  const map = Int32Array.from(from, (v) => index.get(v) ?? to.length);
  return codes.map((c) => (c < 0 ? -1 : map[c]!));
}

/** A column's cells from its leaves; `u` one uniform per row for drawing inside a leaf. */
export function decodeColumn(codes: ColumnCodes, leaves: Int32Array, u: ArrayLike<number>): Float64Array | Int32Array {
  return codes.storage === 'number' ? decodeNumbers(codes, leaves, u) : decodeCategories(codes, leaves);
}
