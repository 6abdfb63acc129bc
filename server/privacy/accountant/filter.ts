/**
 * Budgets over runs whose settings were chosen after looking at earlier releases: a second run because the first was poor, a sweep. Composition theorems take the list of
 * mechanisms as fixed beforehand; here a *privacy filter* is needed, that may be asked before every mechanism whether it still fits.
 */
import { epsilonFor } from './accountant';
import type { Event } from './mechanism';
import { orders, rdpEpsilon } from './rdp';
import { sums } from './sums';

/** The Renyi order of a budget: where it allows most to Gaussian mechanisms. A function of the budget alone, as a filter's order must be. */
export function filterOrder(epsilon: number, delta: number): number {
  const allowed = (a: number) => (epsilon + (Math.log(delta) + Math.log(a)) / (a - 1) - Math.log1p(-1 / a)) / a;
  return orders.reduce((best, a) => (allowed(a) > allowed(best) ? a : best));
}

/**
 * What to hold against `epsilon` when mechanisms were chosen adaptively: a release may be made if this stays at or below it, and all releases together are then
 * (epsilon, delta)-private. Renyi costs of one fixed order add up however they were chosen (Feldman & Zrnic 2021, "Individual privacy accounting via a Renyi filter"), and so
 * do pure epsilons (Rogers, Roth, Ullman & Vadhan 2016). Either may be the one that allows: histories that the plain sum allows have a privacy loss of at
 * most epsilon (or fall under their summed delta), so they add nothing to the delta that the others were given by the Renyi filter. Deltas of approximate mechanisms are added in both.
 */
export function filterEpsilon(events: readonly Event[], epsilon: number, delta: number): number {
  const sum = sums(events), renyi = rdpEpsilon(events, delta, [filterOrder(epsilon, delta)]);
  return sum && sum.delta <= delta ? Math.min(sum.epsilon, renyi) : renyi;
}

/** The part of a budget's delta that the i-th run on a source gets, from 0: fixed beforehand, and together less than all of it. */
export const deltaOfRun = (i: number, delta: number): number => delta * 2 ** -(i + 1);

/**
 * What whole runs cost together, each one's mechanisms fixed when it begins (but in the light of what earlier ones released): run i is (epsilon_i, delta_i)-private by composition
 * within it, with delta_i fixed beforehand; epsilons and deltas of adaptively chosen mechanisms may be added up and held against a bound (Rogers, Roth, Ullman & Vadhan 2016, the filter by basic composition).
 */
export const runsEpsilon = (runs: readonly (readonly Event[])[], delta: number): number => runs.reduce((sum, events, i) => sum + epsilonFor(events, deltaOfRun(i, delta)).epsilon, 0);
