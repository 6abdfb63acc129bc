/**
 * The privacy loss of one mechanism, L = log P(o)/Q(o) for outputs o ~ P, as probabilities on the grid {i h}. Discretised by connecting the dots (Doroshenko, Ghazi,
 * Kamath, Kumar & Manurangsi 2022): what lies between two grid points goes to those two such that its probability under P *and* under Q stays what it is. That is a
 * spread of e^-L about its mean, so the delta(epsilon) read off the grid is exact at grid points and an upper bound (the chord of a convex curve) between them.
 */
import { normalQuantile } from '../../learners/distributions';
import type { Direction, Mechanism } from './mechanism';
import { normalMass } from './normal';

/** `mass[j]` is the probability of a loss of `(first + j) h`; `infinite` that of an output the other table cannot give. Together 1. */
export interface Losses { first: number; mass: Float64Array; infinite: number }

/** More outputs than this of a discrete mechanism are not walked one by one; Renyi accounting serves there. */
export const mostAtoms = 4_000_000;
export const canDiscretise = (m: Mechanism): boolean => m.kind !== 'discrete-gaussian' || m.sigma * 20 < mostAtoms;

/** A mechanism's continuous part: the probabilities of losses in (a, b] under P and Q, and the range outside of which P has at most `tail` on each side. */
interface Continuous { P(a: number, b: number): number; Q(a: number, b: number): number; from: number; to: number }
/** The losses that have a probability of their own. */
type Atom = readonly [loss: number, mass: number];

function parts(m: Mechanism, direction: Direction, tail: number): { continuous?: Continuous; atoms: Atom[]; infinite: number } {
  const far = -normalQuantile(tail);
  switch (m.kind) {
    case 'gaussian': {
      const mu = 1 / m.sigma, half = mu * mu / 2;
      const at = (centre: number) => (a: number, b: number) => normalMass((a - centre) / mu, (b - centre) / mu);
      return { continuous: { P: at(half), Q: at(-half), from: half - far * mu, to: half + far * mu }, atoms: [], infinite: 0 };
    }
    case 'subsampled-gaussian': return { continuous: subsampled(m.q, m.sigma, direction, far), atoms: [], infinite: 0 };
    case 'laplace': {
      // P about 0, Q about 1: the loss is 1/b left of 0, -1/b right of 1, and (1 - 2x)/b between.
      const e = 1 / m.scale, decay = (x: number, width: number) => -0.5 * Math.exp(-e * x) * Math.expm1(-e * width);
      const clip = (l: number) => Math.min(e, Math.max(-e, l)), x = (l: number) => (1 - clip(l) / e) / 2;
      return {
        continuous: { P: (a, b) => decay(x(b), x(a) - x(b)), Q: (a, b) => decay(1 - x(a), x(a) - x(b)), from: -e, to: e },
        atoms: [[e, 0.5], [-e, 0.5 * Math.exp(-e)]], infinite: 0,
      };
    }
    case 'discrete-gaussian': {
      const d = m.sensitivity, s2 = m.sigma ** 2, reach = Math.ceil(far * m.sigma) + 1;
      if (!canDiscretise(m)) throw new RangeError(`privacy accountant: a discrete Gaussian with sigma ${m.sigma} has too many outputs to walk`);
      const weights = Float64Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-((i - reach) ** 2) / (2 * s2)));
      const total = weights.reduce((s, w) => s + w, 0);
      // Its tail is no heavier than a normal one a step nearer (Canonne, Kamath & Steinke 2020, section 3).
      return { atoms: Array.from(weights, (w, i): Atom => [(d * d - 2 * (i - reach) * d) / (2 * s2), w / total * (1 - tail)]), infinite: tail };
    }
    // Randomised response, with probability delta of saying all, dominates (Kairouz, Oh & Viswanath 2015).
    case 'pure': case 'approximate': {
      const infinite = m.kind === 'approximate' ? m.delta : 0, p = 1 / (1 + Math.exp(-m.epsilon));
      return { atoms: [[m.epsilon, (1 - infinite) * p], [-m.epsilon, (1 - infinite) * p * Math.exp(-m.epsilon)]], infinite };
    }
  }
}

/**
 * The Poisson-subsampled Gaussian: (1-q) N(0, s^2) + q N(1, s^2) against N(0, s^2) for `remove`, the reverse for `add`; these pairs dominate
 * (Zhu, Dong & Wang 2022, Theorem 11), and the loss is increasing (decreasing) in the output.
 */
function subsampled(q: number, sigma: number, direction: Direction, far: number): Continuous {
  const s2 = sigma * sigma, low = Math.log1p(-q);
  /** The output at which the loss of `remove` is l; -Infinity below its infimum log(1 - q). */
  const output = (l: number) => { const r = Math.expm1(l) + q; return r > 0 ? s2 * (Math.log(r) - Math.log(q)) + 0.5 : -Infinity; };
  const loss = (x: number) => Math.log1p(q * Math.expm1((2 * x - 1) / (2 * s2)));
  const plain = (a: number, b: number) => normalMass(a / sigma, b / sigma);
  const mixed = (a: number, b: number) => (1 - q) * plain(a, b) + q * normalMass((a - 1) / sigma, (b - 1) / sigma);
  // exp overflows far out when sigma is tiny; there the loss is linear.
  const high = (x: number) => { const t = (2 * x - 1) / (2 * s2); return t > 700 ? t + Math.log(q) : loss(x); };
  const x = (l: number) => (l > 700 ? s2 * (l - Math.log(q)) + 0.5 : output(l));
  if (direction === 'remove') {
    return { P: (a, b) => mixed(x(a), x(b)), Q: (a, b) => plain(x(a), x(b)), from: Math.max(low, loss(-far * sigma)), to: high(1 + far * sigma) };
  }
  return { P: (a, b) => plain(x(-b), x(-a)), Q: (a, b) => mixed(x(-b), x(-a)), from: -high(far * sigma), to: -Math.max(low, loss(-far * sigma)) };
}

/** How far a mechanism's finite losses reach. */
export function extent(m: Mechanism, direction: Direction, tail: number): { from: number; to: number } {
  const { continuous: c, atoms } = parts(m, direction, tail);
  let from = c ? c.from : Infinity, to = c ? c.to : -Infinity;
  for (const [l] of atoms) { if (l < from) from = l; if (l > to) to = l; }
  return { from, to };
}

/**
 * A mechanism's losses on the grid of interval `h`, in one direction. What P has beyond the upper end (at most `tail`) counts as infinite, what it has below the lower end
 * as the least loss kept: both upper bounds.
 */
export function discretise(m: Mechanism, direction: Direction, h: number, tail: number): Losses {
  const { continuous: c, atoms, infinite } = parts(m, direction, tail);
  const { from, to } = extent(m, direction, tail);
  const first = Math.floor(from / h), last = Math.max(first, Math.ceil(to / h)) + 1;
  const mass = new Float64Array(last - first + 1), unit = -Math.expm1(-h);
  let beyond = infinite;
  for (const [l, p] of atoms) {
    const i = Math.floor(l / h), up = Math.min(p, Math.max(0, p * -Math.expm1(-(l - i * h)) / unit));
    mass[i - first] += p - up;
    mass[i + 1 - first] += up;
  }
  if (c) {
    mass[0] += c.P(-Infinity, first * h);
    for (let i = first; i < last; i++) {
      const p = c.P(i * h, (i + 1) * h);
      if (!(p > 0)) continue;
      const other = c.Q(i * h, (i + 1) * h) * Math.exp(i * h);
      // Past e^709 there is no telling: all of it to the upper point.
      const up = Number.isFinite(other) ? Math.min(p, Math.max(0, (p - other) / unit)) : p;
      mass[i - first] += p - up;
      mass[i + 1 - first] += up;
    }
    beyond += c.P(last * h, Infinity);
  }
  return { first, mass, infinite: beyond };
}

/** The variance of a mechanism's loss, the larger of its directions: what the grid has to resolve. */
export function variance(m: Mechanism): number {
  switch (m.kind) {
    case 'gaussian': return 1 / m.sigma ** 2;
    case 'discrete-gaussian': return (m.sensitivity / m.sigma) ** 2;
    case 'laplace': case 'pure': case 'approximate': {
      const e = m.kind === 'laplace' ? 1 / m.scale : m.epsilon;
      return e * e / Math.cosh(e / 2) ** 2;
    }
    case 'subsampled-gaussian': {
      const { q, sigma } = m, step = sigma / 20, sums = { add: [0, 0, 0], remove: [0, 0, 0] };
      for (let x = -9 * sigma; x <= 1 + 9 * sigma; x += step) {
        const t = (2 * x - 1) / (2 * sigma * sigma), l = t > 700 ? t + Math.log(q) : Math.log1p(q * Math.expm1(t)), f = Math.exp(-x * x / (2 * sigma * sigma));
        const g = (1 - q) * f + q * Math.exp(-((x - 1) ** 2) / (2 * sigma * sigma));
        for (const [s, w] of [[sums.add, f], [sums.remove, g]] as const) { s[0] += w; s[1] += w * l; s[2] += w * l * l; }
      }
      return Math.max(...[sums.add, sums.remove].map(([n, a, b]) => b / n - (a / n) ** 2));
    }
  }
}

