/** What a leaf emits: a category by its rows' shares, a number from its donors, copied or smoothed. */
import { fitMarginal, fromRank, toRank, type Marginal } from '../blocks/marginal';
import { onto, type Grid } from '../../table/protect/numbers';

export const smoothings = ['bin', 'kernel', 'bayesian', 'none'] as const;
export type Smoothing = (typeof smoothings)[number];

/**
 * The marginal of a column whose grid does not make its values anyone's: as `fitMarginal`, but a value of fewer than `k` rows never stands for itself, however
 * few values there are.
 */
export function donorMarginal(present: Float64Array, grid: Grid, k = 5): Marginal {
  const whole = fitMarginal(present);
  if (grid.independent || present.length === 0 || !whole.low.some((v, i) => v === whole.high[i] && (whole.from[i + 1]! - whole.from[i]!) * present.length < k - 0.5)) return whole;
  const sorted = present.slice().sort(), n = sorted.length, m: Marginal = { from: [], low: [], high: [] };
  for (let i = 0; i < n;) {
    let end = i;
    const run = (at: number): number => { let e = at; while (e < n && sorted[e] === sorted[at]) e++; return e; };
    // Single values are gathered until k rows share a stretch; what would be left over at the end joins it.
    do end = run(end); while (end < n && end - i < k);
    if (n - end < k) end = n;
    m.from.push(i / n); m.low.push(sorted[i]!); m.high.push(sorted[end - 1]!);
    i = end;
  }
  m.from.push(1);
  return m;
}

/** Where donors lie in the whole column: shared values (atoms) stand for themselves, all others are one row's and are not to be repeated. */
export interface DonorColumn { marginal: Marginal; grid: Grid; low: number; high: number }

/** Whether so many rows share this value that it is nobody's. */
export function isAtom({ marginal: m }: DonorColumn, v: number): boolean {
  let a = 0, b = m.low.length - 1;
  while (a < b) { const c = (a + b) >> 1; if (m.high[c]! < v) a = c + 1; else b = c; }
  return m.low[a] === m.high[a] && m.low[a] === v;
}

/** The place in a column's own distribution at which the donor lies, drawn anew within its stretch of at least five rows. */
const withinBin = (column: DonorColumn, donor: number, u: number): number => {
  const { marginal: m } = column, rank = toRank(m, donor, 0.5);
  let a = 0, b = m.low.length - 1;
  while (a < b) { const c = (a + b + 1) >> 1; if (m.from[c]! <= rank) a = c; else b = c - 1; }
  return fromRank(m, m.from[a]! + u * (m.from[a + 1]! - m.from[a]!), column.grid);
};

/**
 * One value of a leaf.
 * - none: a donor as it is (synthpop's default; repeats real values)
 * - bin: a donor, then anywhere in the stretch of the column's distribution that holds it and at least four other rows
 * - kernel: a normal kernel about a donor, Silverman's bandwidth over the leaf, shrunk so that the leaf's variance stays (Silverman 1986, sections 3.4 and 6.4)
 * - bayesian: the Bayesian bootstrap of the donors (Rubin 1981), smoothed between neighbouring ones (Banks 1988)
 * @param donors ascending, at least one
 * @param u two uniforms in (0, 1)
 * @param weights bayesian: cumulative weights of the gaps from each donor to the next, ending at 1
 * @param kernel kernel: `kernelOf` the donors, where it is at hand
 */
export function drawNumber(column: DonorColumn, donors: Float64Array, smoothing: Smoothing, u: readonly [number, number], normal: number, weights?: Float64Array, kernel?: Kernel): number {
  const n = donors.length, at = Math.min(n - 1, Math.floor(u[0] * n)), donor = donors[at]!;
  if (smoothing === 'none' || isAtom(column, donor)) return donor;
  if (smoothing === 'bin' || n < 2) return withinBin(column, donor, u[1]);
  if (smoothing === 'bayesian') {
    let gap = 0, last = n - 2;
    while (gap < last) { const m = (gap + last) >> 1; if (weights![m]! >= u[0]) last = m; else gap = m + 1; }
    const a = donors[gap]!, b = donors[gap + 1]!;
    // Between a shared value and the next nothing is known to lie.
    if (isAtom(column, a) || isAtom(column, b) || a === b) return withinBin(column, isAtom(column, a) ? (isAtom(column, b) ? donor : b) : a, u[1]);
    return clamp(column, onto(column.grid, a + u[1] * (b - a)));
  }
  const { mean, sd, bandwidth: h } = kernel ?? kernelOf(column, donors);
  if (!(h > 0)) return withinBin(column, donor, u[1]);
  return clamp(column, onto(column.grid, mean + (donor - mean + h * normal) / Math.sqrt(1 + (h / sd) ** 2)));
}
/** A leaf's donors that are no atoms: what its kernel is about. */
export interface Kernel { mean: number; sd: number; bandwidth: number }
export function kernelOf(column: DonorColumn, donors: Float64Array): Kernel {
  const own = donors.filter((v) => !isAtom(column, v)), m = own.length, mean = own.reduce((s, v) => s + v / m, 0), sd = Math.sqrt(own.reduce((s, v) => s + (v - mean) ** 2 / m, 0));
  if (m < 2) return { mean, sd: 0, bandwidth: 0 };
  const spread = (own[Math.floor(0.75 * (m - 1))]! - own[Math.floor(0.25 * (m - 1))]!) / 1.34;
  return { mean, sd, bandwidth: 0.9 * Math.min(sd, spread > 0 ? spread : sd) * m ** -0.2 };
}
const clamp = (c: DonorColumn, v: number): number => Math.min(c.high, Math.max(c.low, v));

/** Cumulative weights of n - 1 gaps: a flat Dirichlet, by normalised exponentials. */
export function gapWeights(u: Float64Array): Float64Array {
  const out = new Float64Array(u.length);
  let sum = 0;
  for (let i = 0; i < u.length; i++) out[i] = sum += -Math.log(u[i]!);
  return out.map((v) => v / sum);
}
