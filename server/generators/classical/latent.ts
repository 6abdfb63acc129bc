/**
 * One column of a Gaussian copula: its own distribution, as a monotone map from a standard normal score to its cells. Categories (and "missing?"
 * of a numeric column) are intervals of the score; numbers are points, but for atoms (values that many rows share), which are intervals too.
 */
import { normalQuantile } from '../../learners/distributions';
import { fromRank, toRank, type Marginal } from '../blocks/marginal';
import { phi } from '../blocks/normal';
import type { Grid } from '../../table/protect/numbers';

/** A score known exactly, or only to lie between two ranks (shares in [0, 1]). */
export type Known = { point: number } | { from: number; to: number };

export interface Latent {
  /** Place of the column in the table, and what of it this score decides. */
  column: number; part: 'codes' | 'number' | 'missing';
  /** codes and missing: cumulative shares, and the code each interval stands for (-1 missing; part "missing": 0 present, 1 missing). */
  upper?: number[]; codes?: number[];
  marginal?: Marginal;
}

/** An atom of at least this share is an interval; a smaller one is as good as a point. */
const leastAtom = 0.005;
const edge = 1e-9;
export const score = (rank: number): number => normalQuantile(Math.min(1 - edge, Math.max(edge, rank)));
const density = (z: number): number => (Number.isFinite(z) ? Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI) : 0);

/** What a number says about its score. */
export function knownNumber(m: Marginal, v: number): Known {
  const rank = toRank(m, v, 0.5);
  let a = 0, b = m.low.length - 1;
  while (a < b) { const c = (a + b + 1) >> 1; if (m.from[c]! <= rank) a = c; else b = c - 1; }
  const from = m.from[a]!, to = m.from[a + 1]!;
  return m.low[a] === m.high[a] && to - from >= leastAtom ? { from, to } : { point: score(rank) };
}
/** The interval of a code; undefined for one never fitted. */
export function knownCode(l: Latent, code: number): Known | undefined {
  const i = l.codes!.indexOf(code);
  return i < 0 ? undefined : { from: i === 0 ? 0 : l.upper![i - 1]!, to: l.upper![i]! };
}
/** The code whose interval a score lies in. */
export function codeAt(l: Latent, z: number): number {
  const rank = phi(z);
  let a = 0, b = l.upper!.length - 1;
  while (a < b) { const m = (a + b) >> 1; if (l.upper![m]! > rank) b = m; else a = m + 1; }
  return l.codes![a]!;
}
export const numberAt = (l: Latent, z: number, grid: Grid): number => fromRank(l.marginal!, phi(z), grid);

/** Mean score of what is known: the point, or the mean of a standard normal between the interval's ends. */
export function meanScore(k: Known): number {
  if ('point' in k) return k.point;
  return (density(k.from <= 0 ? -Infinity : score(k.from)) - density(k.to >= 1 ? Infinity : score(k.to))) / (k.to - k.from);
}

/** The stretches of the score axis on which `meanScore` is one constant, or the score itself. */
function stretches(l: Latent): Array<{ from: number; to: number; mean?: number }> {
  if (l.upper) return l.upper.map((to, i) => { const from = i === 0 ? 0 : l.upper![i - 1]!; return { from, to, mean: to > from ? meanScore({ from, to }) : 0 }; });
  const m = l.marginal!, out: Array<{ from: number; to: number; mean?: number }> = [];
  for (let i = 0; i < m.low.length; i++) {
    const from = m.from[i]!, to = m.from[i + 1]!, atom = m.low[i] === m.high[i] && to - from >= leastAtom, last = out.at(-1);
    if (atom) out.push({ from, to, mean: meanScore({ from, to }) });
    else if (last && last.mean === undefined) last.to = to;
    else out.push({ from, to });
  }
  return out;
}

/**
 * Coefficients of the mean score as a function of the score in normalised Hermite polynomials, orders 0 to `orders`. By Mehler's formula two columns whose
 * scores have correlation rho then have mean scores of covariance sum over k >= 1 of a_k b_k rho^k: what grouping into categories and atoms does to a correlation.
 */
export function hermite(l: Latent, orders: number): Float64Array {
  const out = new Float64Array(orders + 1);
  // h_k(z) phi(z) at both ends of a stretch, by the three-term recurrence; the integral of h_k phi is -h_(k-1) phi / sqrt(k) between them.
  const values = (z: number): Float64Array => {
    const h = new Float64Array(orders + 2), d = density(z);
    if (d === 0) return h;
    h[0] = d;
    if (h.length > 1) h[1] = z * d;
    for (let k = 2; k < h.length; k++) h[k] = (z * h[k - 1]! - Math.sqrt(k - 1) * h[k - 2]!) / Math.sqrt(k);
    return h;
  };
  for (const { from, to, mean } of stretches(l)) {
    if (!(to > from)) continue;
    const a = from <= 0 ? -Infinity : score(from), b = to >= 1 ? Infinity : score(to), low = values(a), high = values(b);
    const integral = (k: number): number => (k === 0 ? to - from : (low[k - 1]! - high[k - 1]!) / Math.sqrt(k));
    for (let k = 0; k <= orders; k++) {
      if (mean !== undefined) out[k]! += mean * integral(k);
      // z h_k = sqrt(k+1) h_(k+1) + sqrt(k) h_(k-1)
      else out[k]! += Math.sqrt(k + 1) * ((low[k]! - high[k]!) / Math.sqrt(k + 1)) + (k > 0 ? Math.sqrt(k) * integral(k - 1) : 0);
    }
  }
  return out;
}
