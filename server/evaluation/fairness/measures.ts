import { twoProportions, wilson } from '../../learners/intervals';

/** What happened to a group's rows: how many there are, how many favourable outcomes, predictions, and both; and the sum of predicted probabilities. */
export interface Counts { rows: number; positive: number; selected: number; hits: number; probability: number }
/** k of n, by group. */
export interface Rate { k: number; n: number }

/**
 * Counts of one group after another.
 * @param group place of each row, -1 left out
 * @param outcome 1 favourable, 0 not
 * @param predicted 1 selected, 0 not; absent: the outcomes themselves
 */
export function countGroups(groups: number, group: ArrayLike<number>, outcome: ArrayLike<number>, predicted: ArrayLike<number> = outcome, probability?: ArrayLike<number>): Counts[] {
  const all = Array.from({ length: groups }, (): Counts => ({ rows: 0, positive: 0, selected: 0, hits: 0, probability: 0 }));
  for (let i = 0; i < group.length; i++) {
    if (group[i] < 0) continue;
    const c = all[group[i]];
    c.rows++;
    if (outcome[i] === 1) c.positive++;
    if (predicted[i] === 1) { c.selected++; if (outcome[i] === 1) c.hits++; }
    if (probability) c.probability += probability[i];
  }
  return all;
}

/** P(selected | group): demographic parity and disparate impact (Feldman et al. 2015). */
export const selection = (c: Counts): Rate => ({ k: c.selected, n: c.rows });
/** P(selected | favourable outcome, group): equal opportunity (Hardt, Price & Srebro 2016). */
export const truePositives = (c: Counts): Rate => ({ k: c.hits, n: c.positive });
/** P(selected | unfavourable outcome, group): the other half of equalised odds. */
export const falsePositives = (c: Counts): Rate => ({ k: c.selected - c.hits, n: c.rows - c.positive });
/** P(favourable outcome | selected, group): predictive parity (Chouldechova 2017). */
export const precision = (c: Counts): Rate => ({ k: c.hits, n: c.selected });

export interface Gap { value: number; low: number; high: number; /** places of the groups with the largest and the smallest rate */ largest: number; smallest: number }

/**
 * Largest less smallest rate over groups with at least `fewest` cases (fairlearn's difference "between_groups"). The interval is Newcombe's of the two groups that differ
 * most (1998, method 10), at the level 1 - .05 / `tests`, by default the pairs of groups: whichever two had come out as the extremes, their interval covers (Bonferroni).
 * Undefined with fewer than two such groups.
 */
export function largestGap(rates: readonly Rate[], fewest: number, tests?: number): Gap | undefined {
  const extremes = extremesOf(rates, fewest, tests);
  if (!extremes) return undefined;
  const { a, b, level } = extremes, { interval } = twoProportions(a.k, a.n, b.k, b.n, level);
  return { value: a.k / a.n - b.k / b.n, low: interval.low, high: interval.high, largest: extremes.largest, smallest: extremes.smallest };
}

/**
 * Smallest over largest rate (fairlearn's ratio "between_groups"; the four-fifths rule). The interval is the MOVER-R of Wilson's limits (Donner & Zou 2012), at the level of `largestGap`.
 * Where no group is ever selected there is no ratio.
 */
export function smallestRatio(rates: readonly Rate[], fewest: number, tests?: number): Gap | undefined {
  const extremes = extremesOf(rates, fewest, tests);
  if (!extremes || extremes.a.k === 0) return undefined;
  const { a, b, level } = extremes, p1 = b.k / b.n, p2 = a.k / a.n, i1 = wilson(b.k, b.n, level), i2 = wilson(a.k, a.n, level), both = p1 * p2;
  const low = (both - Math.sqrt(Math.max(0, both ** 2 - i1.low * i2.high * (2 * p1 - i1.low) * (2 * p2 - i2.high)))) / (i2.high * (2 * p2 - i2.high));
  const high = (both + Math.sqrt(Math.max(0, both ** 2 - i1.high * i2.low * (2 * p1 - i1.high) * (2 * p2 - i2.low)))) / (i2.low * (2 * p2 - i2.low));
  return { value: p1 / p2, low: Math.max(0, low), high, largest: extremes.largest, smallest: extremes.smallest };
}

function extremesOf(rates: readonly Rate[], fewest: number, tests = pairsOf(rates, fewest)): { a: Rate; b: Rate; largest: number; smallest: number; level: number } | undefined {
  const places = [...rates.keys()].filter(g => rates[g].n >= Math.max(1, fewest));
  if (places.length < 2) return undefined;
  const rate = (g: number) => rates[g].k / rates[g].n, largest = places.reduce((x, g) => (rate(g) > rate(x) ? g : x)), smallest = places.reduce((x, g) => (rate(g) < rate(x) ? g : x), places.find(g => g !== largest)!);
  return { a: rates[largest], b: rates[smallest], largest, smallest, level: 1 - 0.05 / tests };
}

/** How many pairs of groups have enough cases to be compared. */
export function pairsOf(rates: readonly Rate[], fewest: number): number {
  const n = rates.filter(r => r.n >= Math.max(1, fewest)).length;
  return (n * (n - 1)) / 2;
}

/** Mean predicted probability less the share of favourable outcomes: how far a group's predictions are off, on the whole (calibration in the large). */
export const miscalibration = (c: Counts): number => (c.probability - c.positive) / c.rows;
