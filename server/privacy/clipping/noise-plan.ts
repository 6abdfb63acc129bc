/** How much noise a training step gets, group by group, for a noise multiplier that must hold after every rounding is paid for. */
import { gridFor } from '../mechanisms/vector';
import { allot, flatMultiplier, multiplier as groupMultiplier } from './groups';

/** A clipped group as the noise sees it. */
export interface NoisedGroup { clip: number; size: number }
/** `sds` are asked of the noise (`gridFor`), one a group; `multiplier` is what they are worth together: what the accountant is told. */
export interface NoisePlan { sds: number[]; errors: number[]; multiplier: number }

/**
 * How far the float32 sums of a batch may be off (L2), as a bound on what one example changes beyond its clipped gradient: every one of B additions of a physical batch rounds a partial
 * sum of at most B C by 2^-24, the roundings being independent and of mean zero (Higham & Mary 2019, "A new approach to probabilistic rounding error analysis", with lambda = 1);
 * batches are added in float64. An example more may also send what overflows a batch, some 2 sqrt(B) others, through a program for another number of rows, where they may round differently: 2 sqrt(B) C 2^-20 at most,
 * little beside it.
 */
export const sumError = (clip: number, physical: number, batches: number): number => clip * 2 ** -24 * physical ** 1.5 * Math.sqrt(batches);

/**
 * Standard deviations worth at least `wanted` after rounding (vector.ts says what it costs), for groups clipped each for itself; with several, allotted for the least total noise.
 * A function of public numbers alone: it may be computed, and charged, before any noise is drawn.
 */
export function planNoise(groups: readonly NoisedGroup[], wanted: number, batch: { physical: number; batches: number }): NoisePlan {
  const errors = groups.map((g) => sumError(g.clip, batch.physical, batch.batches));
  const worth = (sds: readonly number[]): number => {
    const effective = groups.map((g, i) => gridFor({ clip: g.clip, sigma: sds[i]! / g.clip, error: errors[i]! }, g.size).sigma);
    return groups.length === 1 ? flatMultiplier(1, effective) : groupMultiplier(groups.map((g) => ({ clip: 1, size: g.size })), effective);
  };
  let sds = groups.length === 1 ? [wanted * groups[0]!.clip] : allot(groups, wanted), got = worth(sds);
  // Rounding costs a share of the noise; a little more noise buys it back.
  for (let i = 0; got < wanted && i < 20; i++) { sds = sds.map((s) => s * (wanted / got) * (1 + 1e-6)); got = worth(sds); }
  return { sds, errors, multiplier: got };
}
