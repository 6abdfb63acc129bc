/**
 * Renyi differential privacy (Mironov 2017): a mechanism's cost is the Renyi divergence of order alpha between its outputs on neighbouring tables, for
 * many alpha at once; costs of mechanisms run after one another add up, order by order (his Proposition 1), whatever their kinds.
 */
import { logGamma } from '../../learners/distributions';
import { simplify, type Event, type Mechanism } from './mechanism';

/** Orders at which a cost is kept: close where long training at small epsilon has its best order, sparse beyond. */
export const orders: readonly number[] = [
  ...Array.from({ length: 99 }, (_, i) => 1.1 + i / 10), ...Array.from({ length: 53 }, (_, i) => 11 + i), 72, 84, 96, 128, 192, 256, 384, 512, 768, 1024,
].map((a) => Math.round(a * 10) / 10);

const logAdd = (a: number, b: number): number => (a === -Infinity ? b : b === -Infinity ? a : Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b))));

/**
 * log A_alpha = log E_{z ~ N(0, s^2)} [(1 - q + q e^{(2z - 1) / (2 s^2)})^alpha]: (alpha - 1) times the divergence of the subsampled Gaussian, of the two directions the
 * larger one (Mironov, Talwar & Zhang 2019, section 3). Integer orders by the binomial sum. Fractional orders by the trapezoid rule,
 * which converges where their alternating series does not (small sigma, orders near 1): the integrand is analytic in a strip of half-width pi s^2, so with steps
 * of at most s^2/3 and s/8 the error is below e^-55.
 */
export function logMoment(q: number, sigma: number, alpha: number): number {
  const log1q = Math.log1p(-q), logq = Math.log(q);
  let sum = -Infinity;
  if (Number.isInteger(alpha)) {
    for (let k = 0; k <= alpha; k++) {
      const choose = logGamma(alpha + 1) - logGamma(k + 1) - logGamma(alpha - k + 1);
      sum = logAdd(sum, choose + k * logq + (alpha - k) * log1q + (k * k - k) / (2 * sigma * sigma));
    }
    return sum;
  }
  // Every term of the binomial expansion is a Gaussian about some 0 <= j <= alpha: ten standard deviations beyond hold all but e^-50.
  const step = Math.min(sigma / 8, sigma * sigma / 3), from = -10 * sigma, n = Math.ceil((alpha + 20 * sigma) / step);
  const terms = new Float64Array(n + 1);
  let top = -Infinity;
  for (let i = 0; i <= n; i++) {
    const z = from + i * step;
    terms[i] = -z * z / (2 * sigma * sigma) + alpha * logAdd(log1q, logq + (2 * z - 1) / (2 * sigma * sigma));
    if (terms[i] > top) top = terms[i];
  }
  let total = 0;
  for (const t of terms) total += Math.exp(t - top);
  return top + Math.log(total * step / (sigma * Math.sqrt(2 * Math.PI)));
}

/** The Renyi divergence of one run of a mechanism at order `alpha` > 1, in nats; an `approximate` mechanism's without its delta, which `spent` carries apart. */
export function renyi(m: Mechanism, alpha: number): number {
  switch (m.kind) {
    case 'gaussian': return alpha / (2 * m.sigma ** 2);
    case 'subsampled-gaussian':
      if (m.q === 0) return 0;
      return m.q === 1 ? alpha / (2 * m.sigma ** 2) : Math.max(0, logMoment(m.q, m.sigma, alpha) / (alpha - 1));
    // Canonne, Kamath & Steinke 2020, Theorem 4: no worse than the continuous one.
    case 'discrete-gaussian': return alpha * m.sensitivity ** 2 / (2 * m.sigma ** 2);
    // Mironov 2017, Proposition 6.
    case 'laplace': {
      const e = 1 / m.scale;
      return logAdd(Math.log(alpha / (2 * alpha - 1)) + (alpha - 1) * e, Math.log((alpha - 1) / (2 * alpha - 1)) - alpha * e) / (alpha - 1);
    }
    // Randomised response dominates every (epsilon, 0)-private mechanism (Kairouz, Oh & Viswanath 2015); Mironov 2017, Proposition 5.
    case 'pure': case 'approximate': {
      const e = m.epsilon, one = -Math.log1p(Math.exp(-e));
      return Math.max(0, logAdd(one + (alpha - 1) * e, one - e * alpha) / (alpha - 1));
    }
  }
}

/** The total cost of events: `rdp[i]` at `at[i]`, and the sum of the deltas of approximate mechanisms, which no order holds. */
export function spent(events: readonly Event[], at = orders): { rdp: number[]; delta: number } {
  const all = simplify(events);
  return {
    rdp: at.map((a) => all.reduce((sum, e) => sum + e.count * renyi(e.mechanism, a), 0)),
    delta: all.reduce((sum, e) => sum + (e.mechanism.kind === 'approximate' ? e.count * e.mechanism.delta : 0), 0),
  };
}

/**
 * Epsilon at `delta`: the least over orders of r + log((a - 1)/a) - (log delta + log a) / (a - 1) (Canonne, Kamath & Steinke 2020, Proposition 12; Balle et al. 2020,
 * Theorem 21). Infinity when the deltas of approximate mechanisms alone use `delta` up.
 */
export function rdpEpsilon(events: readonly Event[], delta: number, at = orders): number {
  const cost = spent(events, at), left = delta - cost.delta;
  if (cost.rdp.every((r) => r === 0)) return left >= 0 ? 0 : Infinity;
  if (left <= 0) return Infinity;
  let best = Infinity;
  at.forEach((a, i) => { best = Math.min(best, cost.rdp[i] + Math.log1p(-1 / a) - (Math.log(left) + Math.log(a)) / (a - 1)); });
  return Math.max(0, best);
}

/** Delta at `epsilon`, by the same proposition: the least over orders of e^{(a - 1)(r - eps)} / (a - 1) * (1 - 1/a)^a. */
export function rdpDelta(events: readonly Event[], epsilon: number): number {
  const cost = spent(events);
  if (cost.rdp.every((r) => r === 0)) return cost.delta;
  let best = 0;
  orders.forEach((a, i) => { best = Math.min(best, (a - 1) * (cost.rdp[i] - epsilon) + a * Math.log1p(-1 / a) - Math.log(a - 1)); });
  return Math.min(1, Math.exp(best) + cost.delta);
}
