/** The weights of the objective's terms: gradient-norm balancing (section 3.3) and balancing by validation figures (section 4). Pure rules; `host.ts` keeps their state. */
import type { Term } from './step';

export interface AdaptiveOptions { /** share of the (logarithmic) way to go at once */ rate: number; /** a weight stays within [base / reach, base * reach] */ reach: number }

/**
 * w_i <- w_i |grad L_ref| / |grad L_i|, smoothed and clamped. The norms are those of the *weighted* terms, so that the rule has a fixed point, where term i pulls as hard
 * as `base` times the reference; taken of the bare terms as the formula can also be read, the same factor would be applied for ever and every weight end at its clamp.
 * @param w weight now @param base the term's own weight: its pull relative to the reference's @param pull |grad L_i|, of the bare term @param reference |grad of the weighted reference|
 */
export function adapt(w: number, base: number, pull: number, reference: number, o: AdaptiveOptions): number {
  if (!(pull > 0 && reference > 0 && base > 0) || !Number.isFinite(pull) || !Number.isFinite(reference)) return w;
  const factor = (base * reference) / (w * pull), next = w * factor ** o.rate;
  return Math.min(base * o.reach, Math.max(base / o.reach, next));
}

/** How far a dimension lags: 0 where it is as good as other real rows are; larger is worse. */
export interface Lags { fidelity: number; utility: number; privacy: number }
/** Which dimension a term serves: the divergence keeps codes from being rows' own, the utility term serves prediction, the rest the distribution. */
export const dimensionOf: Record<Term, keyof Lags> = { adversarial: 'fidelity', covariance: 'fidelity', utility: 'utility', divergence: 'privacy' };

/**
 * Multipliers of the terms' base weights: more for dimensions that lag behind the others, less for those ahead. Their logarithms sum to zero over dimensions; smoothed and clamped.
 * @param before multipliers now
 */
export function shift(before: Lags, lags: Lags, o: AdaptiveOptions): Lags {
  const names = ['fidelity', 'utility', 'privacy'] as const, level = names.map((n) => Math.log1p(Math.max(0, lags[n]))), mean = level.reduce((a, b) => a + b, 0) / names.length;
  return Object.fromEntries(names.map((n, i) => [n, Math.min(o.reach, Math.max(1 / o.reach, before[n] ** (1 - o.rate) * Math.exp(o.rate * (level[i]! - mean))))])) as unknown as Lags;
}
