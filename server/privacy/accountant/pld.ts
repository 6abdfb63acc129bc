/**
 * Composition of privacy losses (Koskela, Jalko & Honkela 2020): losses of independent mechanisms add, so their distributions are convolved, all at once by one
 * Fourier transform each. Every approximation errs upwards: the grid (losses.ts), tails, wrap-around (Chernoff) and rounding are added to delta.
 */
import FFT from 'fft.js';
import { discretise, extent, variance, type Losses } from './losses';
import { directions, simplify, type Direction, type Event } from './mechanism';

/** At most so many grid points; a longer range gets a coarser grid, which costs tightness, never validity. */
const mostPoints = 1 << 20;
/** Probability given away at the ends of the range: far below any delta in use. */
const tail = 1e-14;

/** The distribution of a total loss on grid points `(first + j) h`, and `excess`: probability counted as infinite loss. */
export interface Total { h: number; first: number; mass: Float64Array; excess: number }

/**
 * The total losses of events in both directions. Grid interval: a twentieth of the root mean square spread of one run's loss, so that discretisation adds about 0.1% to
 * the variance of the total however many runs there are.
 */
export function compose(events: readonly Event[]): Total[] {
  const all = simplify(events), runs = all.reduce((n, e) => n + e.count, 0);
  if (runs === 0) return [{ h: 1, first: 0, mass: Float64Array.of(1), excess: 0 }];
  const spread = Math.sqrt(all.reduce((s, e) => s + e.count * variance(e.mechanism), 0) / runs);
  // Symmetric mechanisms need one direction only.
  const ways: readonly Direction[] = all.some((e) => e.mechanism.kind === 'subsampled-gaussian') ? directions : ['remove'];
  return ways.map((direction) => convolve(all, direction, Math.max(spread / 20, 1e-9), runs));
}

function convolve(events: readonly Event[], direction: Direction, wanted: number, runs: number): Total {
  const cut = tail / (4 * runs);
  const widest = Math.max(...events.map((e) => { const { from, to } = extent(e.mechanism, direction, cut); return to - from; }));
  for (let h = Math.max(wanted, widest / mostPoints); ; h *= 2) {
    const losses = events.map((e) => discretise(e.mechanism, direction, h, cut));
    const { from, to } = range(events, losses);
    if (to - from + 1 <= mostPoints) return transform(events, losses, h, from, to);
  }
}

/** Grid points beyond which the total has at most `tail / 2` on either side: Markov's inequality on e^{sL} (Chernoff), the best of many s. */
function range(events: readonly Event[], losses: readonly Losses[]): { from: number; to: number } {
  let least = 0, most = 0;
  losses.forEach((l, k) => { least += events[k].count * l.first; most += events[k].count * (l.first + l.mass.length - 1); });
  if (events.length === 1 && events[0].count === 1) return { from: least, to: most };
  let from = -Infinity, to = Infinity;
  // In units of the grid: from far below one over the total's spread to about one over the interval itself.
  for (let s = 2 ** -20; s < 4; s *= 1.5) {
    let above = 0, below = 0;
    losses.forEach((l, k) => { above += events[k].count * logMgf(l, s); below += events[k].count * logMgf(l, -s); });
    to = Math.min(to, (above - Math.log(tail / 2)) / s);
    from = Math.max(from, (Math.log(tail / 2) - below) / s);
  }
  return { from: Math.max(least, Math.floor(from)), to: Math.min(most, Math.ceil(to)) };
}

function logMgf(l: Losses, s: number): number {
  const { mass, first } = l;
  // exp(s j) by multiplication would drift; the largest exponent is taken out so that nothing overflows.
  const shift = s > 0 ? s * (mass.length - 1) : 0;
  let sum = 0;
  for (let j = 0; j < mass.length; j++) if (mass[j] > 0) sum += mass[j] * Math.exp(s * j - shift);
  return sum > 0 ? Math.log(sum) + shift + s * first : s > 0 ? -Infinity : Infinity;
}

function transform(events: readonly Event[], losses: readonly Losses[], h: number, from: number, to: number): Total {
  const finite = losses.reduce((p, l, k) => p + events[k].count * Math.log1p(-Math.min(l.infinite, 1 - 1e-300)), 0);
  const alone = events.length === 1 && events[0].count === 1;
  if (alone) return { h, first: losses[0].first, mass: losses[0].mass, excess: losses[0].infinite };
  let n = 2;
  while (n < to - from + 1) n *= 2;
  const fft = new FFT(n), half = n / 2, product = new Float64Array(2 * n), error = new Float64Array(half + 1), spectrum = new Float64Array(2 * n);
  for (let i = 0; i <= half; i++) product[2 * i] = 1;
  // Backward error of a transform, root mean square per coefficient (Higham 2002, Theorem 24.2, unit roundoff times about 8 log2 n), to first order through the powers.
  const unit = 2 ** -50 * Math.log2(n);
  losses.forEach((l, k) => {
    const wrapped = new Float64Array(n), count = events[k].count;
    for (let j = 0; j < l.mass.length; j++) wrapped[(((l.first + j) % n) + n) % n] += l.mass[j];
    const size = Math.sqrt(wrapped.reduce((s, p) => s + p * p, 0));
    fft.realTransform(spectrum, wrapped);
    for (let i = 0; i <= half; i++) {
      const re = spectrum[2 * i], im = spectrum[2 * i + 1], r = Math.hypot(re, im);
      const power = r > 0 ? Math.exp(count * Math.log(r)) : 0, angle = count * Math.atan2(im, re);
      const pr = power * Math.cos(angle), pi = power * Math.sin(angle), a = product[2 * i], b = product[2 * i + 1];
      error[i] = error[i] * power + Math.hypot(a, b) * count * unit * (size + r) * (count === 1 ? 1 : r > 0 ? Math.exp((count - 1) * Math.log(r)) : 0);
      product[2 * i] = a * pr - b * pi;
      product[2 * i + 1] = a * pi + b * pr;
    }
  });
  for (let i = 1; i < half; i++) { product[2 * (n - i)] = product[2 * i]; product[2 * (n - i) + 1] = -product[2 * i + 1]; }
  const out = new Float64Array(2 * n);
  fft.inverseTransform(out, product);
  const mass = new Float64Array(n);
  let squares = 0;
  for (let j = 0; j < n; j++) { const p = out[2 * ((((from + j) % n) + n) % n)]; squares += p * p; mass[j] = Math.max(0, p); }
  // From the spectrum's error to that of a sum of probabilities: Parseval, then Cauchy and Schwarz over the n points.
  const rounding = Math.sqrt(2 * error.reduce((s, e) => s + e * e, 0)) + unit * Math.sqrt(n * squares);
  return { h, first: from, mass, excess: -Math.expm1(finite) + tail + rounding };
}

/** delta(epsilon) of a total: sum over losses l > epsilon of p (1 - e^{epsilon - l}), and the excess. */
function deltaOf(t: Total, epsilon: number): number {
  let sum = t.excess;
  for (let j = Math.max(0, Math.floor(epsilon / t.h) - t.first); j < t.mass.length; j++) {
    const l = (t.first + j) * t.h;
    if (l > epsilon) sum -= t.mass[j] * Math.expm1(epsilon - l);
  }
  return Math.min(1, sum);
}

/**
 * epsilon(delta) of a total, solved exactly on its grid. Coming down from the top, `above` is the probability of losses >= l and `weight` the sum of
 * p e^{l - loss} over them, so that delta(e) = above - weight e^{e - l} + excess for e up to the next lower point.
 */
function epsilonOf(t: Total, delta: number): number {
  const left = delta - t.excess;
  if (left < 0) return Infinity;
  const decay = Math.exp(-t.h);
  let above = 0, weight = 0;
  for (let j = t.mass.length - 1; j >= 0; j--) {
    above += t.mass[j];
    weight = weight * decay + t.mass[j];
    const l = (t.first + j) * t.h;
    if (above > left && weight > 0) {
      const solution = l + Math.log((above - left) / weight);
      if (solution > l - t.h || j === 0) return Math.max(0, solution);
    }
    if (l < 0) return 0;
  }
  return 0;
}

/** `pldDelta` for many epsilons: sums over the losses above each made once. */
export function pldCurve(totals: readonly Total[]): (epsilon: number) => number {
  const curves = totals.map((t) => {
    const n = t.mass.length, above = new Float64Array(n + 1), weight = new Float64Array(n + 1);
    // weight: sum of p e^-loss, over losses above 0 alone, so that nothing overflows.
    for (let j = n - 1; j >= 0; j--) { const l = (t.first + j) * t.h; above[j] = above[j + 1]! + t.mass[j]!; weight[j] = l > 0 ? weight[j + 1]! + t.mass[j]! * Math.exp(-l) : weight[j + 1]!; }
    return (epsilon: number): number => {
      const j = Math.min(n, Math.max(0, Math.floor(epsilon / t.h) + 1 - t.first));
      return Math.min(1, t.excess + above[j]! - Math.exp(epsilon) * weight[j]!);
    };
  });
  return (epsilon) => Math.max(...curves.map((c) => c(epsilon)));
}

/** An upper bound of delta at `epsilon` >= 0 of all events together, the worse of both directions. */
export const pldDelta = (totals: readonly Total[], epsilon: number): number => Math.max(...totals.map((t) => deltaOf(t, epsilon)));
/** An upper bound of epsilon at `delta`; Infinity where `delta` is below what the approximations add (about 1e-12 to 1e-10). */
export const pldEpsilon = (totals: readonly Total[], delta: number): number => Math.max(...totals.map((t) => epsilonOf(t, delta)));
