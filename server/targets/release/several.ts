/** What is said wherever several tables were made: whether combining rules may be applied to them. */

/** @param proper each table from a refit of its own; otherwise all from one model */
export const severalSaid = (tables: number, proper: boolean): string =>
  `${tables} tables were made${proper ? ', each from a generator refitted on a bootstrap sample of the rows (proper): combining rules may be applied to them' : ' from one fitted generator (plugin): intervals pooled over them are too short, because they leave out what is uncertain about the generator'}.`;

/** The same under a privacy budget, for both reports. */
export const severalPrivately = (tables: number): string =>
  `${severalSaid(tables, false)} That holds of the noise which the guarantee took too: it is the same in all of them. Under a privacy budget this is the way, and costs no more than one table does: what is drawn from a model that was charged for is free.`;

/** Why there are no proper tables under a budget: to follow "Under a privacy budget ...; ". */
export const properPrivately = 'proper ones, each from a refit on rows drawn with replacement, cannot be had: a row that is drawn several times counts several times, which the guarantee of a fit does not cover, and every refit would have to be paid for';
