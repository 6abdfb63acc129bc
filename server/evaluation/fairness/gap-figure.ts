import type { Figure } from '../../protocol';
import { notAssessable } from '../privacy/leak';
import { fewestInGroup, type Grouping } from './groups';
import { largestGap, pairsOf, smallestRatio, type Gap, type Rate } from './measures';

/** The rates of one grouping's groups, as the synthetic table (or a model trained on it) and as the real one has them. Several lists: the largest gap of any counts. */
export interface GroupRates { grouping: Grouping; synthetic: Rate[][]; real?: Rate[][] }

interface Found { gap: Gap; grouping: Grouping; list: number; rates: Rate[] }

/**
 * The figure of the groups treated most differently, over all groupings: largest difference of rates, or smallest ratio. Intervals are simultaneous over all pairs of groups of all
 * groupings. The verdict is on what the synthetic table adds to the real one's gap: undecided where that may be nothing, and where it looks like nothing but may be more than fair.
 */
export function gapFigure(metric: string, all: readonly GroupRates[], samples: Record<string, number>, detail: Record<string, number | string>, threshold: { good: number; fair: number }, how: 'difference' | 'ratio', label: string, names: readonly string[] = ['']): Figure {
  const tests = all.reduce((s, g) => s + g.synthetic.reduce((t, rates) => t + pairsOf(rates, fewestInGroup), 0), 0);
  if (tests === 0) return notAssessable(metric, `No two groups have ${fewestInGroup} rows each to be compared.`, samples, 'undecided');
  const worse = (a: Gap, b: Gap) => (how === 'difference' ? a.value > b.value : a.value < b.value);
  const measure = how === 'difference' ? largestGap : smallestRatio;
  const worstOf = (pick: (g: GroupRates) => Rate[][] | undefined): Found | undefined => all.flatMap(g => (pick(g) ?? []).flatMap((rates, list): Found[] => {
    const gap = measure(rates, fewestInGroup, tests);
    return gap ? [{ gap, grouping: g.grouping, list, rates }] : [];
  })).reduce<Found | undefined>((x, f) => (!x || worse(f.gap, x.gap) ? f : x), undefined);
  const found = worstOf(g => g.synthetic), real = worstOf(g => g.real);
  if (!found) return notAssessable(metric, 'No group has a favourable case: there is no ratio.', samples, 'undecided');
  const { gap } = found, excess = real ? (how === 'difference' ? gap.value - real.gap.value : real.gap.value - gap.value) : Number.NaN;
  let verdict: Figure['verdict'] = Number.isNaN(excess) ? 'not-assessable' : excess <= threshold.good ? 'good' : excess <= threshold.fair ? 'fair' : 'poor', note: string | undefined;
  // both gaps are uncertain: the limits of their difference from the limits of either (Zou & Donner 2008), on the side of no excess
  const below = real ? (how === 'difference' ? excess - Math.hypot(gap.value - gap.low, real.gap.high - real.gap.value) : excess - Math.hypot(gap.high - gap.value, real.gap.value - real.gap.low)) : Number.NaN;
  const above = real ? (how === 'difference' ? excess + Math.hypot(gap.high - gap.value, real.gap.value - real.gap.low) : excess + Math.hypot(gap.value - gap.low, real.gap.high - real.gap.value)) : Number.NaN;
  if (verdict === 'good' && above > threshold.fair) { verdict = 'undecided'; note = `No more than the real rows have was seen, but with groups so small ${above.toFixed(2)} more would not have stood out.`; }
  if (real && verdict !== 'good' && below <= 0 && !note) { verdict = 'undecided'; note = 'The groups are too small to tell whether this is more than the real rows have.'; }
  const say = (k: number) => `${found.grouping.names[k]}${names[found.list] ? `, ${names[found.list]}` : ''}`, rate = (k: number) => found.rates[k].k / found.rates[k].n;
  const each = all.flatMap(g => g.synthetic.flatMap((rates, list) => {
    const own = measure(rates, fewestInGroup, tests);
    return own ? [[`${g.grouping.name}${names[list] ? `, ${names[list]}` : ''}`, own.value] as const] : [];
  })).sort((a, b) => (how === 'difference' ? b[1] - a[1] : a[1] - b[1]));
  return {
    metric, value: gap.value, interval: { ...within(gap, how), level: 0.95, method: how === 'difference' ? `Newcombe, simultaneous over ${tests} comparisons of groups` : `MOVER of Wilson limits, simultaneous over ${tests} comparisons of groups` },
    ...(real ? { reference: { label, value: real.gap.value, interval: Object.values(within(real.gap, how)) as [number, number] } } : {}), samples, verdict, ...(note ? { note } : {}),
    detail: { ...detail, by: found.grouping.name, most: say(gap.largest), mostRate: rate(gap.largest), least: say(gap.smallest), leastRate: rate(gap.smallest), ...(Number.isNaN(excess) ? {} : { excess }) },
    columns: Object.fromEntries(each),
  };
}

/** The largest difference is never negative and the smallest ratio never above one, whichever of the two groups is ahead in truth. */
const within = ({ low, high }: Gap, how: 'difference' | 'ratio') => (how === 'difference' ? { low: Math.max(0, low), high } : { low, high: Math.min(1, high) });
