import type { Figure, MetricInfo } from '../protocol';
import { fidelityVerdict } from './fidelity/verdict';
import { z95 } from './statistics';

/**
 * One figure from the figures of the folds of a cross-fitted release: means of values, references and numeric details; samples added up.
 *
 * The interval counts the folds' control rows as the independent samples they are (the controls are disjoint; the models, and so the synthetic tables, are taken
 * as given: LeDell, Petersen & van der Laan 2015), or the spread between the folds where that is wider.
 * Folds in which the figure could not be had are left out; where none had it the first one's reason stands.
 */
export function poolFigures(figures: readonly Figure[], info?: MetricInfo): Figure {
  const had = figures.filter(f => f.value !== null), K = had.length;
  if (K === 0) return figures[0];
  const value = mean(had.map(f => f.value!)), [first] = had, interval = pooledInterval(had, value);
  const references = had.flatMap(f => (f.reference ? [f.reference] : []));
  const threshold = info?.threshold, verdict = threshold && !threshold.on ? fidelityVerdict(value, threshold) : middle(had.map(f => f.verdict));
  const notes = [...new Set(had.flatMap(f => (f.note ? [f.note] : [])))];
  return {
    metric: first.metric, value, ...(interval ? { interval } : {}),
    ...(references.length === K ? { reference: pooledReference(references) } : {}),
    samples: Object.fromEntries(Object.keys(first.samples).map(k => [k, had.reduce((s, f) => s + (f.samples[k] ?? 0), 0)])),
    verdict, ...(notes.length ? { note: notes[0] } : {}), ...(first.detail ? { detail: pooledDetail(had.map(f => f.detail ?? {})) } : {}),
  };
}

export const mean = (x: readonly number[]): number => x.reduce((s, v) => s + v, 0) / x.length;

/** Standard error of the mean of K estimates with these standard errors: the larger of what they say and what their spread says. */
export function pooledError(values: readonly number[], errors: readonly number[]): number {
  const K = values.length, m = mean(values), within = errors.reduce((s, e) => s + e * e, 0) / (K * K);
  const between = K > 1 ? values.reduce((s, v) => s + (v - m) ** 2, 0) / (K - 1) / K : 0;
  return Math.sqrt(Math.max(within, between));
}

function pooledInterval(figures: readonly Figure[], value: number): Figure['interval'] | undefined {
  const all = figures.map(f => f.interval);
  if (!all.every(i => i !== undefined)) return undefined;
  const half = z95 * pooledError(figures.map(f => f.value!), all.map(i => (i.high - i.low) / (2 * z95)));
  return { low: Math.max(Math.min(0, ...all.map(i => i.low)), value - half), high: Math.min(Math.max(1, ...all.map(i => i.high)), value + half), level: 0.95, method: `${all[0].method}, mean of ${figures.length} folds` };
}

/** The mean of the folds' references. */
export function pooledReference(all: ReadonlyArray<NonNullable<Figure['reference']>>): NonNullable<Figure['reference']> {
  const value = mean(all.map(r => r.value)), intervals = all.flatMap(r => (r.interval ? [r.interval] : []));
  if (intervals.length < all.length) return { label: all[0].label, value };
  const half = z95 * pooledError(all.map(r => r.value), intervals.map(([low, high]) => (high - low) / (2 * z95)));
  return { label: all[0].label, value, interval: [value - half, value + half] };
}

function pooledDetail(all: ReadonlyArray<Record<string, number | string>>): Record<string, number | string> {
  return Object.fromEntries(Object.entries(all[0]).map(([k, v]) => [k, typeof v === 'number' ? mean(all.map(d => Number(d[k] ?? v))) : v]));
}

const grades: Figure['verdict'][] = ['good', 'fair', 'poor'];
/** The middle one of the folds' verdicts; undecided as soon as half of them are no grades. */
function middle(all: ReadonlyArray<Figure['verdict']>): Figure['verdict'] {
  const graded = all.filter(v => grades.includes(v)).sort((a, b) => grades.indexOf(a) - grades.indexOf(b));
  return graded.length * 2 > all.length ? graded[Math.floor(graded.length / 2)] : all.find(v => !grades.includes(v))!;
}
