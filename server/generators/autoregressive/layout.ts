/**
 * What the network is over: the columns' codes side by side, and the sizes chosen for them.
 */
import { categoryCodes, decodeCategories, decodeNumbers, defaultCodeOptions, encodeColumn, numberCodes, type CodeOptions, type ColumnCodes } from '../../table/encoders/codes';
import type { Table } from '../../table/table';

/** Numbers that fix the network's shape; chosen once, before step 0, and recorded in the plan. */
export interface Sizes {
  /** Width of a column's embedding, of each column's own layers, and of the fine level's layer. */
  embedding: number; hidden: number; layers: number; fineHidden: number;
  dropout: number; weightDecay: number; batch: number;
  /** Share of steps trained under a random column order; the others use `order`. */
  anyOrder: number;
  learningRate: number;
}

export interface Layout {
  columns: ColumnCodes[];
  /** offset[c]: where column c's leaves begin in the table of all leaves; the last entry is their number. */
  leafOffset: Int32Array;
  /** Where column c's coarse codes begin in the concatenated logits. */
  coarseOffset: Int32Array;
  /** Column indices in the order in which they are drawn. */
  order: Int32Array;
}

/** Learns every column's codes from the fitting rows. */
export function makeLayout(fit: Table, options: CodeOptions = defaultCodeOptions): Layout {
  const columns = fit.columns.map((c) => c.schema.storage === 'number'
    ? numberCodes(c.schema.name, c.numbers(), options)
    : categoryCodes(c.schema.name, c.codes(), c.categories(), c.schema.kind === 'ordinal', options));
  return layoutOf(columns, Int32Array.from(columns.keys()));
}
export function layoutOf(columns: ColumnCodes[], order: Int32Array): Layout {
  return { columns, leafOffset: offsets(columns.map((c) => c.leaves)), coarseOffset: offsets(columns.map((c) => c.coarse)), order };
}
function offsets(sizes: number[]): Int32Array {
  const out = new Int32Array(sizes.length + 1);
  sizes.forEach((s, i) => { out[i + 1] = out[i]! + s; });
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
