/**
 * What a mechanism costs, in one number: the precision mu^2 = 1 / sigma^2 of a Gaussian mechanism of which it is a post-processing, but for a probability `slack`. Such numbers may be added up however
 * the mechanisms were chosen (filter.ts has the proof); a mechanism's own epsilon, or its privacy-loss distribution, may not.
 *
 * "But for `slack`": delta(eps) <= slack + (1 - slack) delta_mu(eps) for every eps >= 0, in both directions, delta_mu being the Gaussian's exact curve (Balle & Wang 2018). The right side is the curve of a mechanism that tells the table
 * with probability `slack` and else is the Gaussian one: both happen to one draw, so the hockey-stick divergences add up by their probabilities, that of telling all being 1. A mechanism whose curve is nowhere above another's has tests
 * that are nowhere better (curves and trade-off functions are convex conjugates: Dong, Roth & Su 2022, "Gaussian differential privacy", section 2), and so can be had from that one by post-processing (Blackwell 1953, "Equivalent comparisons of experiments").
 * Negative eps follow: delta of one direction at -eps is 1 - e^-eps + e^-eps times delta of the other at eps.
 */
import { normalQuantile } from '../../learners/distributions';
import { gaussianDelta } from './gaussian';
import { canDiscretise } from './losses';
import type { Event, Mechanism } from './mechanism';
import { logNormalCdf } from './normal';
import { compose, pldCurve, pldEpsilon } from './pld';

/** Whether a mechanism is as a Gaussian only but for some probability; the others are so exactly. */
export const needsSlack = (m: Mechanism): boolean => m.kind === 'discrete-gaussian' || (m.kind === 'subsampled-gaussian' && m.q < 1);

/** Points at which curves are compared: the chord of one against tangents of the other between them. */
const points = 400;
/** Beyond, e^eps times a tail is no longer to be trusted; no budget in use comes near. */
const mostEpsilon = 300;

const kept = new Map<string, number>();

/**
 * The least precision of a Gaussian that `count` runs of a mechanism, its parameters fixed before the first, are worth but for `slack`; to 0.02%, from above. Infinity where none is found. The delta of an
 * `approximate` mechanism is left to the caller.
 * @param slack probability, for those that need it; below about 1e-12 nothing can be shown numerically
 */
export function precisionOf({ mechanism: m, count }: Event, slack: number): number {
  if (count === 0) return 0;
  switch (m.kind) {
    case 'gaussian': return count / m.sigma ** 2;
    case 'subsampled-gaussian': if (m.q === 0) return 0; if (m.q === 1) return count / m.sigma ** 2; break;
    // (epsilon, 0): randomised response dominates; its trade-off function meets the Gaussian's at the kink, where both errors are 1 / (1 + e^epsilon).
    case 'pure': case 'approximate': return count * pureMu(m.epsilon) ** 2;
    case 'laplace': return count * pureMu(1 / m.scale) ** 2;
    case 'discrete-gaussian': if (!canDiscretise(m)) return Infinity;
  }
  const key = JSON.stringify([m, count, slack]);
  let found = kept.get(key);
  if (found === undefined) {
    found = searched({ mechanism: m, count }, slack);
    if (kept.size >= 200) kept.delete(kept.keys().next().value!);
    kept.set(key, found);
  }
  return found;
}

/** 1e-9: normalQuantile is good to less. */
const pureMu = (epsilon: number): number => (epsilon > 30 ? Infinity : -2 * normalQuantile(1 / (1 + Math.exp(epsilon))) * (1 + 1e-9));

function searched(event: Event, slack: number): number {
  if (!(slack > 0)) return Infinity;
  // An upper bound of delta(eps), the worse of both directions, at equal steps up to where it is below the slack alone.
  const totals = compose([event]), end = pldEpsilon(totals, slack);
  if (!(end < mostEpsilon)) return Infinity;
  if (end === 0) return 0;
  const at = Array.from({ length: points + 1 }, (_, i) => (end * i) / points), delta = at.map(pldCurve(totals));
  // Sums of probabilities from the top, whose rounding is to the last figures of what is above: a billionth of each covers it.
  delta.forEach((d, i) => { delta[i] = d * (1 + 1e-9); });
  let low = 0, high = 1;
  while (!dominated(at, delta, high, slack)) { low = high; high *= 2; if (high > mostEpsilon) return Infinity; }
  if (low === 0) { low = high / 2; while (low > 1e-9 && dominated(at, delta, low, slack)) { high = low; low /= 2; } }
  while (high / low > 1.0001) { const mid = Math.sqrt(low * high); if (dominated(at, delta, mid, slack)) high = mid; else low = mid; }
  return high * high;
}

/**
 * Whether a curve known at some eps lies below the Gaussian's of `mu` everywhere. Both are convex in x = e^eps: between two points the one is below its chord and the other above both its tangents, so it
 * suffices to compare at the points and where the tangents meet. Beyond the last point the curve is below the slack.
 */
export function dominated(at: readonly number[], delta: readonly number[], mu: number, slack: number): boolean {
  // d delta / d e^eps = -P(loss > eps) on the other table.
  const value = (e: number): number => slack + (1 - slack) * gaussianDelta(1 / mu, e), slope = (e: number): number => -(1 - slack) * Math.exp(logNormalCdf(-mu / 2 - e / mu));
  let x0 = NaN, v0 = NaN, s0 = NaN;
  for (let i = 0; i < at.length; i++) {
    const x = Math.exp(at[i]!), v = value(at[i]!), s = slope(at[i]!);
    if (!(delta[i]! <= v)) return false;
    if (i > 0 && s > s0) {
      const met = Math.min(x, Math.max(x0, (v - v0 + s0 * x0 - s * x) / (s0 - s))), chord = delta[i - 1]! + ((met - x0) / (x - x0)) * (delta[i]! - delta[i - 1]!);
      if (!(chord <= Math.max(v0 + s0 * (met - x0), v + s * (met - x)))) return false;
    }
    x0 = x; v0 = v; s0 = s;
  }
  return true;
}
