import { epsilonFor } from './accountant';
import type { Worth } from './filter';
import type { Event } from './mechanism';
import { precisionOf } from './worth';

/** What training is to cost, and how it samples: `q` a unit's chance to be in a step, `steps` how many; `others` what else is released at the same cost. */
export interface Wanted { epsilon: number; delta: number; q: number; steps: number; others?: readonly Event[] }

const mostNoise = 1e6;

/**
 * The least noise multiplier (standard deviation / clipping norm) of DP-SGD whose total stays within (epsilon, delta), to 0.1%, from above: what is returned has been
 * accounted and holds. By the regula falsi on the logarithms (Illinois variant), epsilon falling with sigma.
 * @returns undefined where no noise up to a million suffices: `others` alone cost too much, or delta is below what can be proven
 * @throws RangeError for parameters that mean nothing
 */
export function noiseFor(wanted: Wanted): number | undefined {
  const { epsilon, delta, q, steps, others = [] } = wanted;
  if (!(epsilon > 0 && Number.isFinite(epsilon))) throw new RangeError(`noiseFor: epsilon ${epsilon}`);
  if (!(delta > 0 && delta < 1)) throw new RangeError(`noiseFor: delta ${delta}`);
  if (steps === 0 || q === 0) return epsilonFor(others, delta).epsilon <= epsilon ? 0 : undefined;
  return least((sigma) => Math.log(epsilonFor([{ mechanism: { kind: 'subsampled-gaussian', q, sigma }, count: steps }, ...others], delta).epsilon / epsilon));
}

/**
 * The least noise multiplier of DP-SGD that costs no more than what is left of a budget, to 0.1%, from above: however steps and rate were chosen in the light of earlier releases (filter.ts).
 * @returns undefined where no noise up to a million suffices
 * @throws RangeError for parameters that mean nothing
 */
export function noiseWithin({ precision, slack }: Worth, { q, steps }: { q: number; steps: number }): number | undefined {
  if (steps === 0 || q === 0) return 0;
  if (!(precision > 0)) return undefined;
  if (q === 1) return Math.sqrt(steps / precision) * (1 + 1e-9);
  return least((sigma) => { const cost = precisionOf({ mechanism: { kind: 'subsampled-gaussian', q, sigma }, count: steps }, slack); return cost === 0 ? -3 : Math.log(cost / precision); });
}

/** @param over falls with sigma; below 0 when within budget. Bounded here, so that one absurd end does not spoil the secant. */
function least(over: (sigma: number) => number): number | undefined {
  const excess = (sigma: number) => Math.min(3, Math.max(-3, over(sigma)));
  let high = 1, above = excess(high), low = high, below = above;
  while (above > 0) { if (high > mostNoise) return undefined; low = high; below = above; high *= 2; above = excess(high); }
  while (below <= 0) { high = low; above = below; low /= 2; if (low < 0.05) return high; below = excess(low); }
  let side = 0;
  for (let i = 0; i < 60 && high / low > 1.001; i++) {
    const share = below / (below - above), t = Math.min(0.95, Math.max(0.05, share));
    const middle = low * (high / low) ** t, e = excess(middle);
    if (e > 0) { low = middle; below = e; if (side === 1) above /= 2; side = 1; }
    else { high = middle; above = e; if (side === -1) below /= 2; side = -1; }
  }
  return high;
}
