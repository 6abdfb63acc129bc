/** How large a network, and how long a training, a table of so many rows and columns gets. */
import type { Table } from '../../table/table';
import { mostSources, type Layout, type Sizes } from './layout';

/**
 * The number of rows decides the size: a network that could hold the table will (see bench/README.md for the measurements
 * behind these steps). `rows` are fitting rows, `columns` modelled columns, `effective` the rows that they are worth (`effectiveRows`).
 */
export function chooseSizes(rows: number, columns: number, effective = rows): Sizes {
  const wide = columns > mostSources;
  const hidden = effective < 600 ? 32 : effective < 2000 ? 48 : effective < 6000 ? 96 : 128;
  return {
    embedding: columns > 512 ? 8 : wide || rows < 2000 ? 16 : 24, hidden: Math.min(hidden, columns > 512 ? 16 : columns > 128 ? 32 : wide ? 64 : 1024), layers: wide ? 2 : 3, fineHidden: Math.min(64, hidden),
    dropout: rows < 2000 ? 0.5 : 0.35, weightDecay: 0.5, batch: columns > 512 ? 64 : columns > 128 ? 128 : rows < 2000 ? 128 : rows < 6000 || wide ? 256 : 512,
    // Smoothed targets spare small tables variance; elsewhere they only blur columns that nearly determine one another (a bill and the next month's), most of all in their tails.
    anyOrder: 0.3, learningRate: 3e-3, smoothing: effective < 2000 ? 0.15 : 0,
  };
}

/** Pairs of neighbours that settle how alike neighbours are. */
const mostPairs = 20_000;

/**
 * How many independent rows a table is worth: n (1 - r) / (1 + r), r the median over number columns of the correlation between rows that follow one another in time (the effective size of a first-order
 * autoregression: Bartlett 1946; Bayley & Hammersley 1946), by the date or time column for which it is the fewest; all rows where there is none. Hourly readings that repeat the hour before are held by a network that as many
 * independent rows would not have been: a year and a half of such gave a membership AUC of .52 at width 128, .51 at the width of their effective rows (.50 by columns drawn for themselves).
 */
export function effectiveRows(table: Table): number {
  const numbers = table.columns.filter((c) => c.schema.storage === 'number' && ['real', 'integer'].includes(c.schema.kind)).map((c) => c.numbers());
  let least = table.rows;
  for (const when of table.columns) {
    if (!['date', 'datetime'].includes(when.schema.kind) || numbers.length === 0) continue;
    const at = when.numbers(), order = Int32Array.from({ length: table.rows }, (_, i) => i).filter((i) => at[i] === at[i]).sort((a, b) => at[a] - at[b] || a - b);
    if (order.length < 3) continue;
    const alike = numbers.map((x) => neighbourCorrelation(x, order)).sort((a, b) => a - b), r = Math.min(0.999, Math.max(0, alike[alike.length >> 1]!));
    least = Math.min(least, table.rows * (1 - r) / (1 + r));
  }
  return Math.round(least);
}

/** Pearson's correlation of x between rows next to one another in the order, where both are known; 0 where it says nothing. */
function neighbourCorrelation(x: Float64Array, order: Int32Array): number {
  const stride = Math.max(1, Math.floor(order.length / mostPairs));
  let n = 0, a = 0, b = 0, aa = 0, bb = 0, ab = 0, shift = NaN;
  for (let i = 1; i < order.length; i += stride) {
    if (shift !== shift) shift = x[order[i]];
    const u = x[order[i - 1]] - shift, v = x[order[i]] - shift;
    if (u !== u || v !== v) continue;
    n++; a += u; b += v; aa += u * u; bb += v * v; ab += u * v;
  }
  const r = (n * ab - a * b) / Math.sqrt((n * aa - a * a) * (n * bb - b * b));
  return Number.isFinite(r) ? r : 0;
}

/** Most passes over the rows, whatever the budget: beyond it the validation loss no longer falls on any table we measured. */
export const mostEpochs = (rows: number): number => Math.round(Math.min(200, Math.max(30, 40 * Math.sqrt(15_000 / Math.max(1, rows)))));

/** Steps that fit into the seconds left, at least a few and at most the epochs allow. */
export function chooseSteps(rows: number, batch: number, seconds: number, secondsPerStep: number): number {
  const perEpoch = Math.max(1, rows / batch);
  return Math.max(20, Math.min(Math.ceil(mostEpochs(rows) * perEpoch), Math.floor(seconds / secondsPerStep)));
}

/** Rows drawn in one run of the sampler: bounded memory for wide tables. */
export const sampleChunk = (layout: Layout, s: Sizes): number => {
  const perRow = 4 * (layout.columns.length * s.embedding * 2 + layout.coarseOffset[layout.columns.length]! + 40 * s.hidden);
  return Math.max(64, Math.min(4096, 2 ** Math.floor(Math.log2(64e6 / perRow))));
};
