import { UserError } from '../../errors';
import type { Budget } from '../accountant/filter';

/** What all releases from a source together may cost. */
export type { Budget };

/** Below it rounding in the accountant would be a part of delta worth speaking of. */
const leastDelta = 1e-9, mostEpsilon = 100;

const mostRows = 1e12;

/**
 * Refuses a budget that promises nothing or means nothing.
 * @param rows units of privacy in the source, as declared or as counted
 * @throws UserError (usage) with the reason and what would do
 */
export function checkBudget(budget: Budget, rows: number): void {
  const { epsilon, delta } = budget;
  const refuse = (what: string, hint: string) => { throw new UserError(what, {}, hint, 'usage'); };
  if (!(Number.isSafeInteger(rows) && rows >= 2 && rows <= mostRows)) {
    refuse(`A privacy budget cannot be judged for ${rows} rows.`, `The number of rows (or entities) must be a whole number from 2 to ${mostRows.toLocaleString('en')}.`);
  }
  if (!(Number.isFinite(epsilon) && epsilon > 0)) refuse(`The privacy budget epsilon is ${epsilon}; it must be above 0 and finite.`, 'Usual values lie between 0.5 and 8: the smaller, the more private.');
  if (epsilon > mostEpsilon) refuse(`The privacy budget epsilon is ${epsilon}: beyond ${mostEpsilon} it promises nothing that could be told from no promise.`, 'Usual values lie between 0.5 and 8; leave the budget out to have none.');
  if (!(delta > 0 && delta < 1)) refuse(`The privacy budget's delta is ${delta}; it must lie between 0 and 1.`, `Take ${suggest(rows)}, for example.`);
  if (delta < leastDelta) refuse(`The privacy budget's delta is ${delta}: below ${leastDelta} the accountant cannot prove what the noise is worth, its own rounding being as large.`, `Take ${leastDelta} or more; ${suggest(rows)} would do for ${rows} rows.`);
  if (delta >= 1 / rows) {
    refuse(`The privacy budget's delta, ${delta}, is not below 1/n for ${rows} rows: publishing one random row outright would keep such a promise.`, `Take ${suggest(rows)} or less.`);
  }
}

/** A power of ten at least ten times below 1/n. */
function suggest(rows: number): string { return `1e-${Math.ceil(Math.log10(rows) - 1e-9) + 1}`; }

/** The next release would cost more than is left. Training stops on it and keeps the last valid model. */
export class BudgetExhausted extends UserError {
  /** @param earlier epsilon of the budget that earlier releases were held against, where it is another */
  constructor(readonly budget: Budget, readonly needed: number, readonly spent: number, earlier?: number) {
    super(
      `The privacy budget of this table is exhausted: epsilon ${round(spent)} of ${budget.epsilon} is spent (delta ${budget.delta}), and ${Number.isFinite(needed) || !Number.isFinite(spent) ? `the next release would bring it to ${round(needed)}` : 'nothing is left for another run'}.`,
      {}, `${earlier === undefined ? '' : `The budget was epsilon ${earlier} before: of one that is changed afterwards less can be proven, so the same releases count for more. `}Everything ever released from the table adds up, and a run that was stopped has set aside what it planned: let it go on. Or raise the budget, or stay with what is released.`, 'usage',
    );
    this.name = 'BudgetExhausted';
  }
}
/** Upwards: a cost is never said to be less than it is. */
const round = (x: number): string => (Number.isFinite(x) ? String(Math.ceil(x * 1000 - 1e-9) / 1000) : 'without bound');
