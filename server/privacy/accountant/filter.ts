/**
 * Budgets over mechanisms that are chosen on the way: training after the data layer has answered, a second run because the first was poor, a budget raised. Composition theorems take the list of mechanisms and
 * their parameters as fixed beforehand; here a *privacy filter* is needed, that may be asked before every mechanism whether it still fits, and an *odometer* where the budget itself is changed.
 *
 * **Theorem.** Let mechanisms be chosen one after another, each with its parameters as any function of all that was released before, the i-th being a post-processing of a Gaussian mechanism of precision v_i but
 * for a probability s_i (worth.ts). If sum v_i <= V and sum s_i <= S whatever happens, with V and S fixed beforehand, then all releases together are (epsilon, delta_V(epsilon) + S)-private for every epsilon, delta_V being the curve of
 * *one* Gaussian mechanism of precision V: nothing is lost against parameters fixed beforehand.
 *
 * *Proof.* Let b = 1 for one table and 0 for the other, and X a Brownian motion with drift b on [0, V]. Given what was released, mechanism i is drawn as follows: with probability s_i from b itself, else
 * from X(u + v_i) - X(u), u being the sum of the v before. That increment is N(b v_i, v_i), independent of the past (u and v_i are functions of what was released, so the Markov property holds), and enough to simulate the mechanism. As long as b itself
 * was not used, what is released is a function of X, and X on [0, V] tells of b what X(V) ~ N(bV, V) does: one Gaussian mechanism. Weighting outcomes by the probability, at most 1 and the same under both tables, that b was not used keeps
 * P_1 - e^eps P_0 <= delta_V(eps) in sum; that it was used has probability at most S. (Gaussian filters: Smith & Thakurta 2022, "Fully adaptive composition for Gaussian
 * differential privacy", whose filter likewise has the parameters of composition fixed beforehand; Koskela, Tobaben & Honkela 2023, "Individual privacy accounting with Gaussian differential privacy", by a supermartingale. The slack is our own addition, hence the proof.)
 *
 * Mechanisms are brought to Gaussians first because trade-off curves themselves do not add up so: a filter that composes the curves of mechanisms chosen on the way and stops where a prescribed curve is crossed is not valid ("f-differential
 * privacy filters: validity and approximate solutions", arXiv:2602.06756).
 *
 * A training is *one* such mechanism, of as many steps as were planned when it began, and counts as all of them when it is stopped; it may be interrupted by others and go on (every filter for f-DP
 * that is valid for plain mechanisms holds for interactive ones that are interleaved: Haney, Shoemate, Tian, Vadhan, Vyrros, Xu & Zhang 2023, "Concurrent composition for interactive differential privacy with adaptive privacy-loss parameters"; a Gaussian
 * precision with slack is an f-DP).
 *
 * **A budget changed on the way** (raised because what came out was poor) is no bound fixed beforehand. For such histories: exp(l X0(v) - l^2 v / 2) is a martingale for X0 without drift, so by Ville's inequality the privacy loss
 * X0(v) + v/2 exceeds (1 + l) v / 2 + log(1/d) / l at *any* v with probability at most d, for an l fixed beforehand. Four such l, for the first budget and for twice, four and eight times its epsilon, hold together at four times d:
 * an odometer, whose reading may be compared with any budget at any time (Rogers, Roth, Ullman & Vadhan 2016, "Privacy odometers and filters: pay-as-you-go composition"; Whitehouse, Ramdas, Rogers & Wu 2023, "Fully-adaptive composition in differential privacy", whose odometers are martingale bounds of this kind). Histories under the first budget and those under a changed one add up their delta, hence `share`.
 */
import { gaussianDelta, gaussianEpsilon } from './gaussian';
import type { Event, Mechanism } from './mechanism';
import { needsSlack, precisionOf } from './worth';

/** Of a budget's delta: what the Gaussian filter is held at, what all mechanisms together may fail with, and what the odometer may. */
export const share = { gaussian: 0.85, slack: 0.12, odometer: 0.03 };
/** Of a run's slack: categories selected in the data layer, a generator's own selection; the other half goes to mechanisms that are nearly Gaussian, half of it to the first, a quarter to the second. */
const part = { categories: 3 / 8, contexts: 1 / 8, nearly: 1 / 2 };

export interface Budget { epsilon: number; delta: number }
/** A release as the filter sees it. `of`: how often the mechanism was planned to be run, `count` being part of that. */
export interface Released extends Event { run: string; of?: number; budget?: Budget }
/** What was used, or is left: precision of Gaussian noise, and probability of failing. */
export interface Worth { precision: number; slack: number }

/** The part of a budget's delta that the i-th run on a source may fail with, from 0: fixed beforehand, and together no more than their share. */
export const slackOfRun = (i: number, delta: number): number => (share.slack * delta) / ((i + 1) * (i + 2));
export const slackFor = {
  categories: (run: number, delta: number): number => part.categories * slackOfRun(run, delta),
  contexts: (run: number, delta: number): number => part.contexts * slackOfRun(run, delta),
  /** Of the j-th nearly Gaussian mechanism of a run, from 0. */
  nearly: (run: number, j: number, delta: number): number => part.nearly * slackOfRun(run, delta) * 2 ** -(j + 1),
};

/** A run's mechanisms, each as it was planned: pieces of one training are one. */
function planned(of: readonly Released[]): Event[] {
  const open = new Map<string, { mechanism: Mechanism; count: number; left: number }>(), out: Array<{ mechanism: Mechanism; count: number }> = [];
  for (const { mechanism, count, of: all = count } of of) {
    const key = JSON.stringify([mechanism, all]), going = open.get(key), taken = Math.min(count, going?.left ?? 0);
    if (going) going.left -= taken;
    if (taken === count) continue;
    // What goes beyond the plan is a mechanism of its own.
    const began = going ? { mechanism, count: count - taken, left: 0 } : { mechanism, count: Math.max(all, count), left: Math.max(0, all - count) };
    if (!going) open.set(key, began);
    out.push(began);
  }
  return out;
}

const inOrder = (released: readonly Released[]): Map<string, Released[]> => {
  const runs = new Map<string, Released[]>();
  for (const r of released) { const own = runs.get(r.run); if (own) own.push(r); else runs.set(r.run, [r]); }
  return runs;
};
/** A run's place among those that released something, a new one coming last; and how many nearly Gaussian mechanisms it has begun. */
export function placeOf(released: readonly Released[], run: string): { place: number; nearly: number } {
  const runs = inOrder(released), place = [...runs.keys()].indexOf(run);
  return place < 0 ? { place: runs.size, nearly: 0 } : { place, nearly: planned(runs.get(run)!).filter((e) => needsSlack(e.mechanism)).length };
}

/** Whether the last release goes beyond what its mechanism was planned to be run: refused, so that steps lost in a stop do not take what was planned for something else. */
export function beyondPlan(released: readonly Released[]): boolean {
  const last = released.at(-1);
  if (last?.of === undefined) return false;
  const same = JSON.stringify(last.mechanism);
  return released.reduce((n, r) => n + (r.run === last.run && r.of === last.of && JSON.stringify(r.mechanism) === same ? r.count : 0), 0) > last.of;
}

/** What releases are worth together, at the slacks that a budget's delta gives them. */
export function worth(released: readonly Released[], delta: number): Worth {
  let precision = 0, slack = 0, place = 0;
  for (const own of inOrder(released).values()) {
    let nearly = 0;
    for (const event of planned(own)) {
      const s = needsSlack(event.mechanism) ? slackFor.nearly(place, nearly++, delta) : event.mechanism.kind === 'approximate' ? event.mechanism.delta * event.count : 0;
      precision += precisionOf(event, s);
      slack += s;
    }
    place++;
  }
  return { precision, slack };
}

/** Four exponents of the odometer, from the budget that was fixed beforehand; each where it reads least for a Gaussian mechanism that spends the budget, or a multiple of it. */
function exponents(first: Budget): { l: number; toll: number }[] {
  const log = Math.log(4 / (share.odometer * first.delta));
  // Least of (1 + l) v / 2 + log / l is at l = sqrt(2 log / v), where it is v / 2 + sqrt(2 v log).
  return [1, 2, 4, 8].map((times) => { const root = Math.sqrt(2 * log + 2 * times * first.epsilon) - Math.sqrt(2 * log), l = Math.sqrt(2 * log) / root; return { l, toll: log / l }; });
}
const changed = (released: readonly Released[], budget: Budget): Budget | undefined => {
  const first = released.find((r) => r.budget)?.budget;
  return first && released.some((r) => r.budget && r.budget.epsilon !== budget.epsilon) ? first : undefined;
};
/** Whether releases are held against a budget by the odometer: some were made under another one. */
export const isChanged = (released: readonly Released[], budget: Budget): boolean => changed(released, budget) !== undefined;

/** The most precision that a budget allows in all. */
function most(budget: Budget, first: Budget | undefined): number {
  if (first) return Math.max(0, ...exponents(first).map(({ l, toll }) => (2 * (budget.epsilon - toll)) / (1 + l)));
  let low = 1e-4, high = 1e9;
  if (gaussianDelta(high, budget.epsilon) > share.gaussian * budget.delta) return 0;
  while (high / low > 1 + 1e-12) { const mid = Math.sqrt(low * high); if (gaussianDelta(mid, budget.epsilon) <= share.gaussian * budget.delta) high = mid; else low = mid; }
  return 1 / high ** 2;
}

/** Whether what is left is more than what rounding leaves: a hundredth of a budget's precision, a tenth of its epsilon. */
export const isLeft = ({ precision }: Worth, released: readonly Released[], budget: Budget): boolean => precision > 0.01 * most(budget, changed(released, budget));

/** What a budget leaves beside what was released: a release may be made if its worth stays within it. */
export function leftOf(released: readonly Released[], budget: Budget): Worth {
  const used = worth(released, budget.delta);
  return { precision: most(budget, changed(released, budget)) - used.precision, slack: share.slack * budget.delta - used.slack };
}

/** What a precision is as an epsilon, of releases that had a budget for themselves. */
export const epsilonOf = ({ precision }: Pick<Worth, 'precision'>, delta: number): number => (precision > 0 ? gaussianEpsilon(1 / Math.sqrt(precision), share.gaussian * delta) : 0);

/** Whether releases fit a budget. A billionth of the precision is rounding. */
export function fits(released: readonly Released[], budget: Budget): boolean {
  const { precision, slack } = leftOf(released, budget);
  return precision >= -1e-9 * most(budget, changed(released, budget)) && slack >= -1e-9 * budget.delta;
}

/**
 * What releases have used of a budget, as an epsilon at its delta; Infinity where nothing is proven. Not more than the budget's where `fits`. Under a budget fixed beforehand what is *proven* is the budget, not the figure below it at which
 * releases happened to stop; under a changed one the figure itself.
 */
export function filterEpsilon(released: readonly Released[], budget: Budget): number {
  const { precision, slack } = worth(released, budget.delta), first = changed(released, budget);
  if (released.length === 0) return 0;
  if (!(slack <= share.slack * budget.delta * (1 + 1e-9)) || !Number.isFinite(precision)) return Infinity;
  if (first) return Math.min(...exponents(first).map(({ l, toll }) => ((1 + l) * precision) / 2 + toll));
  return epsilonOf({ precision }, budget.delta);
}
