/** Linear algebra of multivariate normals, in float64: conditioning, and the nearest usable correlation matrix. Matrices are row-major. */
import { cholesky, solveCholesky } from '../../learners/linear/cholesky';

/** The law of the free coordinates given the observed ones: mean_f + gain (x_o - mean_o), covariance factor factor'. */
export interface Conditional {
  observed: number[]; free: number[];
  /** [free, observed] */
  gain: Float64Array;
  /** Lower Cholesky factor of the free coordinates' conditional covariance, [free, free]. */
  factor: Float64Array;
  /** Lower factor of the observed coordinates' own covariance, coordinates that depend on earlier ones, and log of its determinant. */
  own: Float64Array; dropped: Uint8Array; logDeterminant: number;
}

/** @param covariance symmetric [d, d] @param observed coordinates, ascending or not */
export function condition(covariance: Float64Array, d: number, observed: readonly number[]): Conditional {
  const seen = new Set(observed), o = [...observed], f = Array.from({ length: d }, (_, i) => i).filter((i) => !seen.has(i)), n = o.length, m = f.length;
  const { factor: own, dropped } = cholesky(part(covariance, d, o, o), n), gain = new Float64Array(m * n), rest = part(covariance, d, f, f);
  for (let a = 0; a < m; a++) gain.set(solveCholesky(own, n, Float64Array.from(o, (j) => covariance[f[a]! * d + j]!), dropped), a * n);
  for (let a = 0; a < m; a++) for (let b = 0; b < m; b++) for (let k = 0; k < n; k++) rest[a * m + b]! -= gain[a * n + k]! * covariance[f[b]! * d + o[k]!]!;
  let logDeterminant = 0;
  for (let i = 0; i < n; i++) if (!dropped[i]) logDeterminant += 2 * Math.log(own[i * n + i]!);
  return { observed: o, free: f, gain, factor: cholesky(rest, m).factor, own, dropped, logDeterminant };
}

/** Rows `a`, columns `b` of a [d, d] matrix. */
export function part(x: Float64Array, d: number, a: readonly number[], b: readonly number[]): Float64Array {
  const out = new Float64Array(a.length * b.length);
  a.forEach((i, p) => b.forEach((j, q) => { out[p * b.length + q] = x[i * d + j]!; }));
  return out;
}

/** Squared Mahalanobis length of a difference under a lower factor; coordinates that depend on others add nothing. `work` holds n numbers. */
export function mahalanobis(own: Float64Array, dropped: Uint8Array, difference: ArrayLike<number>, n: number, work: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < n; i++) {
    if (dropped[i]) { work[i] = 0; continue; }
    let s = difference[i]!;
    for (let k = 0; k < i; k++) s -= own[i * n + k]! * work[k]!;
    work[i] = s / own[i * n + i]!;
    sum += work[i]! ** 2;
  }
  return sum;
}

/** Eigenvalues and orthonormal eigenvectors (columns of `vectors`) of a symmetric matrix, by cyclic Jacobi rotations (Golub & Van Loan, section 8.5). */
export function eigen(matrix: Float64Array, d: number): { values: Float64Array; vectors: Float64Array } {
  const a = matrix.slice(), v = new Float64Array(d * d);
  for (let i = 0; i < d; i++) v[i * d + i] = 1;
  for (let sweep = 0; sweep < 30; sweep++) {
    let off = 0, all = 0;
    for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) { all += a[i * d + j]! ** 2; if (i !== j) off += a[i * d + j]! ** 2; }
    if (off <= 1e-22 * all) break;
    for (let p = 0; p < d; p++) for (let q = p + 1; q < d; q++) {
      const apq = a[p * d + q]!;
      if (apq === 0) continue;
      const theta = (a[q * d + q]! - a[p * d + p]!) / (2 * apq), t = Math.sign(theta || 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1)), c = 1 / Math.sqrt(t * t + 1), s = t * c;
      for (let k = 0; k < d; k++) { const x = a[k * d + p]!, y = a[k * d + q]!; a[k * d + p] = c * x - s * y; a[k * d + q] = s * x + c * y; }
      for (let k = 0; k < d; k++) { const x = a[p * d + k]!, y = a[q * d + k]!; a[p * d + k] = c * x - s * y; a[q * d + k] = s * x + c * y; }
      for (let k = 0; k < d; k++) { const x = v[k * d + p]!, y = v[k * d + q]!; v[k * d + p] = c * x - s * y; v[k * d + q] = s * x + c * y; }
    }
  }
  return { values: Float64Array.from({ length: d }, (_, i) => a[i * d + i]!), vectors: v };
}

/** Matrices wider than this are shrunk towards independence instead of decomposed. */
const widest = 200;

/**
 * A correlation matrix from one estimated pair by pair, which need not be one: eigenvalues below 1e-6 are lifted to it and the diagonal is scaled back to 1
 * (the spectral method of Rebonato & Jaeckel 1999). Very wide matrices are moved towards the identity by as little as makes them positive definite.
 */
export function repairCorrelation(r: Float64Array, d: number): Float64Array {
  const usable = (x: Float64Array): boolean => { const { factor, dropped } = cholesky(x, d); return !dropped.some(Boolean) && factor.every((v) => Number.isFinite(v)); };
  if (d === 0 || usable(r)) return r;
  if (d <= widest) {
    const { values, vectors } = eigen(r, d), out = new Float64Array(d * d);
    for (let k = 0; k < d; k++) {
      const l = Math.max(values[k]!, 1e-6);
      for (let i = 0; i < d; i++) { const s = l * vectors[i * d + k]!; for (let j = 0; j < d; j++) out[i * d + j]! += s * vectors[j * d + k]!; }
    }
    const root = Float64Array.from({ length: d }, (_, i) => Math.sqrt(out[i * d + i]!));
    for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) out[i * d + j] = i === j ? 1 : out[i * d + j]! / (root[i]! * root[j]!);
    return out;
  }
  const shrunk = (w: number): Float64Array => r.map((v, k) => (k % (d + 1) === 0 ? 1 : (1 - w) * v));
  let low = 0, high = 1;
  for (let i = 0; i < 12; i++) { const w = (low + high) / 2; if (usable(shrunk(w))) high = w; else low = w; }
  return shrunk(high);
}
