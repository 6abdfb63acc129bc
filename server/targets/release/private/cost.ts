import type { Event, Mechanism } from '../../../privacy/accountant/mechanism';
import { precisionOf } from '../../../privacy/accountant/worth';
import { leastSelectionDelta } from '../../../privacy/mechanisms/partitions';
import type { Allowance } from '../../../privacy/ledger/ledger';
import { fractionAbove, toNumber } from '../../../privacy/mechanisms/discrete';
import { UserError } from '../../../errors';
import type { PublicSchema } from '../../../protocol';
import type { DataNoise } from './ask';
import { histogramsOf } from './numbers';
import { columnSchemaOf, endsOf, learnt } from './schema';

/** What the data layer asks: how many histograms (rows counted in bins) and, of these, how many with categories selected from the table. A function of the declaration alone. */
export interface DataCost { histograms: number; selections: number; /** In words, for the ledger. */ what: string[] }

/** @param rowsPublic whether the number of rows is declared */
export function costOf(schema: PublicSchema, rowsPublic: boolean): DataCost {
  const columns = learnt(schema), what: string[] = rowsPublic ? [] : ['number of rows'];
  let histograms = rowsPublic ? 0 : 1, selections = 0;
  for (const column of columns) {
    const own = columnSchemaOf(column);
    if (own.storage === 'number') histograms += histogramsOf({ schema: own, ...endsOf(column), nullable: column.missing !== undefined });
    else { histograms++; if (!column.values) selections++; }
  }
  const numbers = columns.filter((c) => columnSchemaOf(c).storage === 'number').map((c) => c.name), others = columns.filter((c) => !numbers.includes(c.name)).map((c) => c.name);
  if (numbers.length) what.push(`ends and bins of ${numbers.join(', ')}`);
  if (others.length) what.push(`categories of ${others.join(', ')}`);
  return { histograms, selections, what };
}

/**
 * The part of a budget, in units of precision (1 / sigma^2 of Gaussian noise, which adds up; twice the rho of zero-concentrated privacy), that the data layer takes where a model is trained: between the sixteenth that AIM begins
 * with and the third that MST spends on single columns (McKenna, Mullins, Sheldon & Miklau 2022; McKenna, Miklau & Sheldon 2021). A tenth of rho is a training noise larger by 5%. Measured on Adult, nothing
 * declared, epsilon 1, mean of columns' shapes over three draws of noise: .967 with 3% of rho, .984 with 10%, .987 with 20%, .989 with 33% (.988, .990, .992, .994 at epsilon 3): what a tenth lacks is not worth a fifth.
 */
export const dataShare = 0.1;
/** Counts with more noise than that tell nothing of any table. */
const mostNoise = 1e5;

/** The mechanisms that the data layer is charged, in the ledger's order. */
export function eventsOf(cost: DataCost, noise: DataNoise): Array<Event & { purpose: string; sensitivity: number; noise: number }> {
  const histogram: Mechanism = { kind: 'discrete-gaussian', sigma: noise.sigma, sensitivity: 1 };
  return [
    { purpose: cost.what.join('; '), mechanism: histogram, count: cost.histograms, sensitivity: 1, noise: noise.sigma },
    ...(cost.selections ? [{ purpose: 'categories released that a single row alone has', mechanism: { kind: 'approximate' as const, epsilon: 0, delta: noise.delta }, count: cost.selections, sensitivity: 1, noise: 0 }] : []),
  ];
}

/**
 * The noise with which the data layer costs its share of what a budget leaves: accounted as the filter accounts it, so that what is returned fits.
 * @param share of the precision; 1: all of it, for a generator that is made of marginals alone
 * @throws UserError (usage) where so little is left that no count would tell anything
 */
export function calibrate(cost: DataCost, allowed: Pick<Allowance, 'precision' | 'slack' | 'categories'>, share: number): DataNoise {
  const delta = cost.selections ? allowed.categories / cost.selections : 0, target = share * allowed.precision;
  if (cost.selections && !(delta > leastSelectionDelta)) throw new UserError(`What is left of the privacy budget's delta is too little to find the categories of ${cost.selections} columns by.`, {}, 'Declare categories (--public COLUMN=one|two|three), or take a larger delta.', 'usage');
  let sigma = Math.sqrt(cost.histograms / target);
  // The continuous Gaussian's noise is near enough to begin with.
  for (;; sigma *= 1.001) {
    if (!(sigma < mostNoise)) throw new UserError('What is left of the privacy budget does not suffice to count rows.', {}, 'Raise epsilon, or declare more of the columns: ends, categories, the number of rows.', 'usage');
    sigma = toNumber(fractionAbove(sigma));
    if (precisionOf({ mechanism: { kind: 'discrete-gaussian', sigma, sensitivity: 1 }, count: cost.histograms }, allowed.slack) <= target) return { sigma, delta };
  }
}
