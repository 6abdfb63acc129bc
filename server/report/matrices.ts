import type { AllPairs } from '../evaluation/fidelity/pairs';
import type { Distances } from '../evaluation/privacy/distances';
import { encodingWords } from '../evaluation/privacy/encode';
import { quantile, rank } from '../evaluation/statistics';
import type { DistanceReport, PairReport } from '../protocol';

/** At most this many columns get a matrix; beyond, a cell is smaller than a screen's dot. The figures cover all. */
const mostColumns = 300;

/** The dependence of every pair of columns in both tables, and its score, for the heat maps. */
export function pairReport(pairs: AllPairs): PairReport | undefined {
  const C = pairs.columns.length, shown = Math.min(C, mostColumns);
  if (C < 2) return undefined;
  const cut = (m: Float64Array) => Array.from({ length: shown * shown }, (_, i) => { const v = m[Math.floor(i / shown) * C + (i % shown)]; return Number.isNaN(v) ? null : Math.round(v * 1e6) / 1e6; });
  const { synthetic: s, control } = pairs;
  return {
    columns: pairs.columns.slice(0, shown).map(c => c.name), real: cut(s.real), synthetic: cut(s.other), score: cut(s.score), ...(control ? { referenceScore: cut(control.score) } : {}),
    statistic: Array.from({ length: shown }, (_, a) => s.statistic.slice(a * C, a * C + shown)).join(''),
  };
}

/**
 * Nearest-record distances of synthetic and of control rows, in 40 bins up to the 99th percentile of both (the last bin holds the rest).
 * Where they span more than a factor of fifty the bins grow by a constant factor instead: equal ones would put all near rows, which matter, into the first.
 */
export function distanceReport(d: Pick<Distances, 'syntheticToTraining' | 'controlToTraining'>): DistanceReport {
  const s = d.syntheticToTraining.slice().sort(), c = d.controlToTraining.slice().sort(), top = Math.max(quantile(s, 0.99), quantile(c, 0.99)) || 1;
  const low = Math.min(...[s, c].filter(x => x.length > 0).map(x => quantile(x, 0.01)).map(x => (x > 0 ? x : Infinity)));
  const edges = Array.from({ length: 41 }, (_, k) => (top > 50 * low ? (k === 0 ? 0 : low * (top / low) ** ((k - 1) / 39)) : (k * top) / 40));
  const shares = (x: Float64Array) => edges.slice(1).map((e, k) => ((k === 39 ? x.length : rank(x, e, false)) - rank(x, edges[k], false)) / x.length);
  return {
    edges, syntheticToTraining: shares(s), controlToTraining: shares(c), metric: encodingWords,
    quantiles: [0.01, 0.05, 0.25, 0.5, 0.75, 0.95].map(q => ({ q, synthetic: quantile(s, q), control: quantile(c, q) })),
  };
}
