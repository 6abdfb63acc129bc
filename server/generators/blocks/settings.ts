/** Settings that several generators take, word for word the same, and how sizes follow from the number of rows where the user names none. */
import { z } from 'zod';

/** How the columns become features (`blocks/features.ts`). */
export const featureSettings = {
  valuesAsCategories: z.int().min(1).max(200).default(20).describe('Numeric columns of at most this many distinct values are modelled as categories.'),
  maxCategories: z.int().min(2).max(5000).default(256).describe('Categories of a column beyond this many share one code.'),
};

/** Rows for a column that is given (`blocks/guidance.ts`). */
export const conditionSettings = {
  condition: z.string().default('').describe('A column that is not generated but given: rows are drawn for its values. Empty: none.'),
  guidance: z.number().min(0).max(20).default(0).describe('How strongly rows follow the condition beyond what the data do (classifier-free guidance); 0: as the data.'),
};

/** Of generators over modal features (`blocks/modes.ts`). */
export const modalSettings = {
  maxCategories: z.int().min(2).max(10_000).default(256).describe('Most categories of a column that are told apart in training; the rarer ones share a code and are drawn by their frequency.'),
};

/** Of generators that learn by DP-SGD when a privacy budget is to be kept; without one it has no effect. */
export const privateSettings = {
  clip: z.number().positive().max(1000).default(1).describe('Under a privacy budget: the most that one row may pull at the weights in a step (L2 norm of its gradient).'),
};

/** Share of training rows whose condition is hidden, so that guidance has an unconditional prediction to lean on (Ho & Salimans 2022, algorithm 1); 0 where there is nothing to guide. */
export const hiddenConditions = (p: { condition: string; guidance: number }): number => (p.condition !== '' && p.guidance > 0 ? 0.1 : 0);

/** Width of a denoising network: fewer rows, a smaller one, since one that could hold the table will. */
export const widthFor = (rows: number, most = 256): number => (rows < 600 ? 64 : rows < 2000 ? 96 : rows < 6000 ? 192 : most);
/** Rows a training step. */
export const batchFor = (rows: number): number => (rows < 600 ? 128 : rows < 6000 ? 256 : 512);

/** Rows a step of TVAE where the user names none: the paper's 500 were for tables of tens of thousands of rows. */
export const modalBatchFor = (rows: number): number => (rows < 2000 ? 100 : rows < 6000 ? 200 : 500);
/**
 * Passes over the rows where the user names none: the paper's number, or more on tables of so few rows that it would be fewer than `least` steps. Of 736 rows the
 * paper's 300 epochs of 500 rows are 600 steps: see bench/generators/README.md for what more of them do, to TVAE (whose validation loss decides which weights are kept) and to CTGAN.
 */
export const epochsFor = (rows: number, batch: number, usual: number, least: number): number => Math.max(usual, Math.ceil(least / Math.max(1, Math.floor(rows / batch))));
