import type { CollapseMeasure, CollapsePoint, CollapseSeries, Slope } from '../../protocol';
import { studentQuantile } from '../../learners/distributions';
import { moments } from '../statistics';

/** Mean of independent values with Student's 95% interval; a single one has no interval (infinite ends are its value). */
export function studentMean(values: readonly number[]): Slope {
  const { mean, variance } = moments(values), n = values.length;
  if (n < 2) return { value: mean, low: mean, high: mean };
  const half = studentQuantile(0.975, n - 1) * Math.sqrt(variance / n);
  return { value: mean, low: mean - half, high: mean + half };
}

/** Least-squares slope of values at 0, 1, 2, ... */
export function slopeOf(values: readonly number[]): number {
  const n = values.length, middle = (n - 1) / 2, mean = values.reduce((s, v) => s + v, 0) / n;
  let above = 0, below = 0;
  values.forEach((v, i) => { above += (i - middle) * (v - mean); below += (i - middle) ** 2; });
  return above / below;
}

/** By chain, by generation from 0: how far a value is from the ideal, so that larger is always worse. */
export const badness = (m: CollapseMeasure, v: number): number => (m.better === 'higher' ? m.ideal - v : m.better === 'lower' ? v - m.ideal : Math.abs(Math.log(Math.max(1e-6, v / m.ideal))));

/** So that the second half has two generations of its own, after another two. */
const fewestGenerations = 4;

/** Where the second half begins: with ten generations at the sixth. */
export const lateFrom = (generations: number): number => Math.floor(generations / 2) + 1;

/** Slopes over the generations from 1 on (0 is the real table), and over the second half of them, of the values themselves. @param chains [chain][generation from 0] */
export function slopesOf(chains: ReadonlyArray<readonly number[]>): { all: Slope; late: Slope } {
  const generations = chains[0].length - 1, late = lateFrom(generations);
  return { all: studentMean(chains.map(c => slopeOf(c.slice(1)))), late: studentMean(chains.map(c => slopeOf(generations - late >= 1 ? c.slice(late) : c.slice(1)))) };
}

export function pointsOf(chains: ReadonlyArray<readonly number[]>): CollapsePoint[] {
  return chains[0].map((_, generation) => {
    const values = chains.map(c => c[generation]), { value, low, high } = studentMean(values);
    return { generation, mean: value, low, high, chains: values };
  });
}

/**
 * What became of a series, by its measures' distances from the ideal: *worsens* where a measure's distance still grows in the second half of the generations (the late slope's interval lies
 * above zero); *plateaus* where distances grew but no longer clearly do; *holds* where none ever clearly grew; *undecided* with a single chain, or with so few generations that their
 * second half is no stretch of its own.
 */
export function outcomeOf(measures: readonly CollapseMeasure[], chains: Record<string, ReadonlyArray<readonly number[]>>): Pick<CollapseSeries, 'outcome' | 'why'> {
  const seen = measures.filter(m => chains[m.id]), grew: string[] = [], growing: string[] = [];
  if (seen.length === 0 || chains[seen[0].id].length < 2) return { outcome: 'undecided', why: 'A single chain has no interval.' };
  const generations = chains[seen[0].id][0].length - 1;
  if (generations < fewestGenerations) return { outcome: 'undecided', why: `${generations} generations are too few to tell whether what is lost goes on being lost; from ${fewestGenerations} on it is said (--generations).` };
  for (const m of seen) {
    const { all, late } = slopesOf(chains[m.id].map(c => c.map(v => badness(m, v))));
    if (all.low > 0) grew.push(m.name);
    if (late.low > 0) growing.push(m.name);
  }
  const list = (names: string[]) => names.map(n => n.charAt(0).toLowerCase() + n.slice(1)).join(', ');
  if (growing.length) return { outcome: 'worsens', why: `Still worsening in the second half of the generations: ${list(growing)}.` };
  return grew.length ? { outcome: 'plateaus', why: `Worsened at first, but in the second half no longer clearly: ${list(grew)}.` } : { outcome: 'holds', why: 'No measure clearly worsened.' };
}
