/**
 * Mechanisms to audit, without a training: what DP-SGD releases about orthogonal canaries is, coordinate by coordinate, membership plus Gaussian noise, so it is drawn directly in float64. With the faults
 * that audits must find; nothing but tests and measurements uses them. The same faults are planted in the real trainer by wrapping it (audit.slow.ts).
 */
import { KeyStream } from '../../random';
import { epsilonFor } from '../accountant/accountant';
import { noiseFor } from '../accountant/calibrate';
import { evidence } from './evidence';

export interface Claim { epsilon: number; delta: number; q: number; steps: number; /** the noise multiplier that this takes */ sigma: number }
/** The least noise for a budget, and the epsilon that is then claimed. */
export function claimFor(epsilon: number, delta: number, q: number, steps: number): Claim {
  const sigma = noiseFor({ epsilon, delta, q, steps })!;
  return { epsilon: epsilonFor([{ mechanism: { kind: 'subsampled-gaussian', q, sigma }, count: steps }], delta).epsilon, delta, q, steps, sigma };
}

/** Who is in which step: [step][canary]. */
export type Sampling = (claim: Claim, canaries: number, stream: KeyStream) => Array<(i: number) => boolean>;
const poisson: Sampling = ({ q, steps }, m, stream) => Array.from({ length: steps }, (_, t) => { const u = stream.child(`sample ${t}`).uniforms(0, m); return (i: number) => u[i]! < q; });
/** The usual loader: a new order every epoch, cut into 1 / q batches of equal size. */
export const shuffled: Sampling = ({ q, steps }, m, stream) => {
  const batches = Math.round(1 / q);
  let place = new Int32Array(0);
  return Array.from({ length: steps }, (_, t) => {
    if (t % batches === 0) place = Int32Array.from(stream.permutation(t / batches, m));
    const own = place, at = t % batches;
    return (i: number) => own[i]! % batches === at;
  });
};

export interface Fault {
  /** Noise that is really added, over what is claimed. */
  noise?: number;
  /** Length of a canary's share of the sum, in clips. */
  length?: number;
  sampling?: Sampling;
  /** The auditor knows who would be in which step (a seed was kept): only those steps count. */
  known?: boolean;
}

/** Scores of all canaries after training with `fault`, by an auditor who believes the claim. */
export function simulate(claim: Claim, members: readonly boolean[], stream: KeyStream, { noise = 1, length = 1, sampling = poisson, known = false }: Fault = {}): Float64Array {
  const m = members.length, scores = new Float64Array(m);
  sampling(claim, m, stream).forEach((drawn, t) => {
    const z = stream.child(`noise ${t}`).normals(0, m);
    for (let i = 0; i < m; i++) {
      const inStep = drawn(i), x = (members[i]! && inStep ? length : 0) + noise * claim.sigma * z[i]!;
      if (!known) scores[i]! += evidence(x, claim.sigma, claim.q);
      else if (inStep) scores[i]! += x;
    }
  });
  return scores;
}

/** A canary of the table audit: a row whose value in one column lies beyond all ordinary ones, at one end, further out for a larger `rank`. */
export interface ExtremeRow { column: number; sign: 1 | -1; value: number }
/** `columns` columns, at each end `ranks` canaries at powers of 16. */
export const extremeRows = (columns: number, ranks: number): ExtremeRow[] => Array.from({ length: 2 * columns * ranks }, (_, i) => {
  const sign = Math.floor(i / ranks) % 2 ? -1 : 1 as const, value = sign * 16 ** (2 + (i % ranks));
  return { column: Math.floor(i / (2 * ranks)), sign, value };
});
/** From released ends of columns: who lies at an end is in, who lies beyond is out, of the others nothing is known. */
export const scoreByEnds = (rows: readonly ExtremeRow[], ends: ReadonlyArray<{ min: number; max: number }>): Float64Array => Float64Array.from(rows, ({ column, sign, value }) => {
  const reach = Math.abs(value), end = Math.max(1, sign * (sign > 0 ? ends[column]!.max : ends[column]!.min));
  // Ends that are known only to a bin still tell powers of 16 apart.
  return end >= 4 * reach ? 0 : end >= reach / 4 ? 1 : -1;
});
/** The columns of a table of `ordinary` values within (-1, 1) and the canaries that are members. */
export function tableColumns(rows: readonly ExtremeRow[], members: readonly boolean[], stream: KeyStream, ordinary = 100): Float64Array[] {
  const columns = rows.reduce((n, r) => Math.max(n, r.column + 1), 0), own: number[][] = Array.from({ length: columns }, (_, c) => [...stream.child(`column ${c}`).uniforms(0, ordinary)].map((u) => 2 * u - 1));
  // In the other columns a canary is missing.
  rows.forEach((r, i) => { if (members[i]) own[r.column]!.push(r.value); });
  return own.map((v) => Float64Array.from(v));
}
/** The planted fault: the ends of the raw data, released beside. */
export const rawEnds = (columns: readonly Float64Array[]): Array<{ min: number; max: number }> => columns.map((v) => ({ min: Math.min(...v), max: Math.max(...v) }));
