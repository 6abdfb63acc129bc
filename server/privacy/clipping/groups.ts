/**
 * Clipping and noise by groups of parameters (layers): every example's gradient is clipped group by group to C_g, and group g gets Gaussian noise of standard deviation s_g.
 *
 * **Cost.** The release is as private as one Gaussian mechanism with noise multiplier 1 / sqrt(sum_g (C_g / s_g)^2), with Poisson sampling too. Proof: dividing group g by
 * s_g is invertible, so it changes no privacy; after it the noise is standard normal in every coordinate and one example moves the sum by at most sqrt(sum_g C_g^2 / s_g^2).
 * (With *one* clip C over all groups the same argument gives only C / min_g s_g, for an example may lie wholly in the least noised group: uneven noise then buys nothing.)
 *
 * **Allotment.** Among all s with the same cost, the total noise E|noise|^2 = sum_g d_g s_g^2 is least at s_g proportional to sqrt(C_g) d_g^(-1/4), and is then
 * m^2 (sum_g C_g sqrt(d_g))^2 for multiplier m. Proof (Cauchy and Schwarz): (sum C_g sqrt(d_g))^2 = (sum (C_g / s_g) (sqrt(d_g) s_g))^2 <= sum (C_g / s_g)^2 * sum d_g s_g^2, with
 * equality where sqrt(d_g) s_g is proportional to C_g / s_g.
 *
 * The clips themselves and the allotment may depend on public data, on gradients already noised, or on a query that is charged; on nothing else.
 */
export interface Group { /** L2 bound of one example's gradient in the group. */ clip: number; /** Its parameters. */ size: number }

const check = (groups: readonly Group[]) => {
  if (groups.length === 0) throw new RangeError('clipping: no groups');
  for (const { clip, size } of groups) if (!(Number.isFinite(clip) && clip > 0 && Number.isInteger(size) && size > 0)) throw new RangeError(`clipping: a group with clip ${clip} and ${size} parameters`);
};

/** The noise multiplier that groups clipped each for itself and noised by `sds` are worth: what the accountant is told. 0 where a group has no noise. */
export function multiplier(groups: readonly Group[], sds: readonly number[]): number {
  check(groups);
  if (sds.length !== groups.length || sds.some((s) => !(s >= 0))) throw new RangeError(`clipping: noise ${sds}`);
  return 1 / Math.sqrt(groups.reduce((sum, g, i) => sum + (g.clip / sds[i]) ** 2, 0));
}

/** The same where one clip bounds all groups together. */
export const flatMultiplier = (clip: number, sds: readonly number[]): number => Math.min(...sds) / clip;

/** Standard deviations of least total noise, worth `m` together. */
export function allot(groups: readonly Group[], m: number): number[] {
  check(groups);
  if (!(Number.isFinite(m) && m > 0)) throw new RangeError(`clipping: noise multiplier ${m}`);
  const shape = groups.map((g) => Math.sqrt(g.clip) * g.size ** -0.25), scale = m / multiplier(groups, shape);
  return shape.map((s) => s * scale);
}

/** The same noise in every coordinate, worth `m`: what `allot` is compared with. */
export function even(groups: readonly Group[], m: number): number[] {
  check(groups);
  const sd = m * Math.sqrt(groups.reduce((sum, g) => sum + g.clip ** 2, 0));
  return groups.map(() => sd);
}

/** E|noise|^2 over all parameters. */
export const totalNoise = (groups: readonly Group[], sds: readonly number[]): number => groups.reduce((sum, g, i) => sum + g.size * sds[i] ** 2, 0);

/**
 * What to multiply each example's gradient by, group by group: min(1, C_g / norm). A norm that is not finite gives 0: such an example is left out rather than let through.
 * @param norms examples x groups, row by row
 */
export function clipFactors(norms: ArrayLike<number>, groups: readonly Group[]): Float64Array {
  check(groups);
  if (norms.length % groups.length !== 0) throw new RangeError(`clipping: ${norms.length} norms for ${groups.length} groups`);
  return Float64Array.from(norms, (norm, i) => {
    const { clip } = groups[i % groups.length];
    return !Number.isFinite(norm) ? 0 : norm <= clip ? 1 : clip / norm;
  });
}
