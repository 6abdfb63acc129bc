/**
 * Mode-specific normalisation (Xu et al. 2019, section 4.2): a number becomes the mode of a fitted mixture that it was drawn from, and its
 * place within that mode, alpha = (x - mean) / (4 sd) in [-0.99, 0.99].
 *
 * Optionally, a value that many rows share is an atom: a mode of its own without width, as the categorical part of a mixed column in
 * CTAB-GAN (Zhao et al. 2021, section 4.1); what is drawn in it is exactly that value.
 */
import { fitMixture, responsibilities, type Mixture } from './mixture';

export interface ModesOptions {
  seed: number;
  /** Most components of the mixture. */
  components: number;
  /** Components of less expected weight are left out. */
  leastWeight?: number;
  /** Whether a long tail is taken by its logarithm (CTAB-GAN, section 4.1): where the column's own units are given, value = centre + scale x. */
  log?: { centre: number; scale: number };
  /** Whether frequent values are atoms; then each holds at least `leastRows` rows. */
  atoms?: boolean; leastRows?: number;
}
/** Modes of a number, in the order of their codes: first the atoms, then the kept components. */
export interface Modes {
  /** Frequent values, ascending. */
  atoms: number[];
  mixture: Mixture;
  /** Numbers of the components that are modes. */
  kept: number[];
  /** The mixture is of log(centre + scale x + shift). */
  log?: { centre: number; scale: number; shift: number };
}
export const reach = 4, edge = 0.99;
/** An atom holds this share of the rows, and several times what a distinct value of the column usually does. */
const atomShare = 0.025, atomTimes = 4, mostAtoms = 16;

export const modeCount = (m: Modes): number => m.atoms.length + m.kept.length;

/** @param values finite, at least one */
export function fitModes(values: Float64Array, options: ModesOptions): Modes {
  const atoms = options.atoms ? frequent(values, options.leastRows ?? 1) : [], own = new Set(atoms);
  const rest = own.size ? values.filter((v) => !own.has(v)) : values;
  if (rest.length === 0) return { atoms, mixture: { weights: [], means: [], sds: [], bias: [] }, kept: [] };
  const log = options.log && longTail(rest, options.log), mixture = fitMixture(log ? rest.map((v) => inward(log, v)) : rest, options), least = options.leastWeight ?? 0.005;
  return { atoms, mixture, kept: mixture.weights.map((_, k) => k).filter((k) => mixture.weights[k]! > least), ...(log && { log }) };
}
const inward = (log: Modes['log'], x: number): number => (log ? Math.log(Math.max(1e-12, log.centre + log.scale * x + log.shift)) : x);
const outward = (log: Modes['log'], y: number): number => (log ? (Math.exp(y) - log.shift - log.centre) / log.scale : y);

/** The logarithm, where the values are skewed to the right and it makes them clearly less so: of the value itself where all are positive, else from one unit below the least. */
function longTail(x: Float64Array, { centre, scale }: { centre: number; scale: number }): Modes['log'] {
  const least = centre + scale * x.reduce((a, b) => Math.min(a, b), Infinity), log = { centre, scale, shift: least > 0 ? 0 : 1 - least };
  const before = skewness(x), after = skewness(x.map((v) => inward(log, v)));
  return before > 2 && Math.abs(after) < before / 2 ? log : undefined;
}
function skewness(x: Float64Array): number {
  const mean = x.reduce((a, b) => a + b, 0) / x.length;
  let second = 0, third = 0;
  for (const v of x) { second += (v - mean) ** 2; third += (v - mean) ** 3; }
  return second > 0 ? (third / x.length) / (second / x.length) ** 1.5 : 0;
}

function frequent(values: Float64Array, leastRows: number): number[] {
  const counts = new Map<number, number>();
  for (const v of values) counts.set(v, (counts.get(v) ?? 0) + 1);
  const least = Math.max(leastRows, atomShare * values.length, (atomTimes * values.length) / counts.size);
  return [...counts].filter(([, n]) => n >= least).sort((p, q) => q[1] - p[1] || p[0] - q[0]).slice(0, mostAtoms).map(([v]) => v).sort((p, q) => p - q);
}

/** Shares by which x belongs to the kept components (none has less than about a millionth), as the reference draws from them. */
export function modeShares({ mixture, kept, log }: Modes, x: number): Float64Array {
  const all = new Float64Array(mixture.means.length), out = new Float64Array(kept.length);
  responsibilities(mixture, inward(log, x), all);
  let sum = 0;
  kept.forEach((k, i) => { sum += out[i] = all[k]! + 1e-6; });
  for (let i = 0; i < out.length; i++) out[i]! /= sum;
  return out;
}
const alphaOf = ({ mixture, log }: Modes, component: number, x: number): number => Math.max(-edge, Math.min(edge, (inward(log, x) - mixture.means[component]!) / (reach * mixture.sds[component]!)));

/** The mode of x drawn by u in (0, 1), and alpha (0 in an atom). */
export function encodeMode(m: Modes, x: number, u: number): { mode: number; alpha: number } {
  const atom = m.atoms.indexOf(x);
  if (atom >= 0 || m.kept.length === 0) return { mode: Math.max(0, atom), alpha: 0 };
  const shares = modeShares(m, x);
  let i = 0;
  for (let sum = shares[0]!; i < shares.length - 1 && sum <= u; ) sum += shares[++i]!;
  return { mode: m.atoms.length + i, alpha: alphaOf(m, m.kept[i]!, x) };
}

/** The number that a mode and an alpha (clipped to [-1, 1]) stand for. */
export function decodeMode(m: Modes, mode: number, alpha: number): number {
  if (mode < m.atoms.length) return m.atoms[mode]!;
  const k = m.kept[mode - m.atoms.length]!;
  return outward(m.log, m.mixture.means[k]! + Math.max(-1, Math.min(1, alpha)) * reach * m.mixture.sds[k]!);
}
