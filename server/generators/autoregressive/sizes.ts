/** How large a network, and how long a training, a table of so many rows and columns gets. */
import { mostSources, type Layout, type Sizes } from './layout';

/**
 * The number of rows decides the size: a network that could hold the table will (see bench/README.md for the measurements
 * behind these steps). `rows` are fitting rows, `columns` modelled columns.
 */
export function chooseSizes(rows: number, columns: number): Sizes {
  const wide = columns > mostSources;
  const hidden = rows < 600 ? 32 : rows < 2000 ? 48 : rows < 6000 ? 96 : 128;
  return {
    embedding: columns > 512 ? 8 : wide || rows < 2000 ? 16 : 24, hidden: Math.min(hidden, columns > 512 ? 16 : columns > 128 ? 32 : wide ? 64 : 1024), layers: wide ? 2 : 3, fineHidden: Math.min(64, hidden),
    dropout: rows < 2000 ? 0.4 : 0.35, weightDecay: 0.5, batch: columns > 512 ? 64 : columns > 128 ? 128 : rows < 2000 ? 128 : rows < 6000 || wide ? 256 : 512,
    anyOrder: 0.3, learningRate: 3e-3, smoothing: 0.15,
  };
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
