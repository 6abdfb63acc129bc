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
 * How a budget's delta is shared out beforehand. A release is allowed where *either* filter below allows it, and the histories that one of two rules allows are covered by the sum of what both give away:
 * half of delta to the filter over runs, a quarter to the Renyi one, and a quarter to what approximate mechanisms may fail with in it (a threshold's delta that moved between the two as the
 * history goes would be a choice made on the way).
 */
const share = { runs: 1 / 2, renyi: 1 / 4, approximate: 1 / 4 };

/**
 * What to hold against `epsilon` when mechanisms were chosen adaptively: a release may be made if this stays at or below it, and all releases together are then
 * (epsilon, delta/2)-private. Renyi costs of one fixed order add up however they were chosen (Feldman & Zrnic 2021, "Individual privacy accounting via a Renyi filter"), and so
 * do pure epsilons (Rogers, Roth, Ullman & Vadhan 2016). Either may be the one that allows: histories that the plain sum allows have a privacy loss of at
 * most epsilon (or fall under their summed delta, held below its own share), so they add nothing to the delta that the others were given by the Renyi filter.
 * It is a filter, not an odometer: what holds is the budget that it was asked with, fixed beforehand, and not a figure below it at which releases happened to stop.
 */
export function filterEpsilon(events: readonly Event[], epsilon: number, delta: number): number {
  const loose = events.reduce((d, { mechanism: m, count }) => d + (m.kind === 'approximate' ? m.delta * count : 0), 0);
  if (loose > share.approximate * delta) return Infinity;
  // `rdpEpsilon` takes the deltas of approximate mechanisms off what it is given; their share is their own.
  const at = share.renyi * delta, renyi = rdpEpsilon(events, at + loose, [filterOrder(epsilon, delta)]), sum = sums(events);
  return sum ? Math.min(sum.epsilon, renyi) : renyi;
}

/** The part of a budget's delta that the i-th run on a source gets, from 0: fixed beforehand, and together no more than half of it. */
export const deltaOfRun = (i: number, delta: number): number => share.runs * delta * 2 ** -(i + 1);

/**
 * What whole runs cost together, each one's mechanisms fixed when it begins (but in the light of what earlier ones released): run i is (epsilon_i, delta_i)-private by composition
 * within it, with delta_i fixed beforehand; epsilons and deltas of adaptively chosen mechanisms may be added up and held against a bound (Rogers, Roth, Ullman & Vadhan 2016, the filter by basic composition).
 */
export const runsEpsilon = (runs: readonly (readonly Event[])[], delta: number): number => runs.reduce((sum, events, i) => sum + epsilonFor(events, deltaOfRun(i, delta)).epsilon, 0);
