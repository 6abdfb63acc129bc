/**
 * A one-dimensional Gaussian mixture with a Dirichlet-process prior on its weights, fitted by variational EM: Bishop, Pattern
 * Recognition and Machine Learning (2006), ch. 10.2, with the stick-breaking weights of Blei & Jordan (2006). Priors as in
 * scikit-learn's BayesianGaussianMixture, which CTGAN's reference uses: mean of the data (precision 1), its variance (1 degree of freedom).
 */
import { KeyStream } from '../../engine';
import { logGamma } from '../../learners/distributions';

/** Posterior of the mixture, by component. */
export interface Mixture {
  /** Expected weights; sum to 1. */
  weights: number[]; means: number[]; sds: number[];
  /** log of a component's part in the responsibility of x: bias[k] - (x - means[k])^2 / (2 sds[k]^2), before normalisation. */
  bias: number[];
}
export interface MixtureOptions {
  components: number; seed: number;
  /** Concentration of the Dirichlet process; small: few components keep weight. Default 0.001 (CTGAN's reference). */
  concentration?: number;
  /** Added to every component's variance, in units of the data's variance. Default 1e-6. */
  floor?: number;
  iterations?: number; tolerance?: number;
}
/** Sorted distinct values (or narrow groups of them: mean and variance within) and how many rows hold each. */
interface Weighted { x: Float64Array; n: Float64Array; within: Float64Array; total: number }

/** More distinct values are grouped with their neighbours: the fit is to the data's shape, not to its digits. */
const mostGroups = 4000;

function weighted(values: Float64Array): Weighted {
  const sorted = Float64Array.from(values).sort(), starts: number[] = [];
  for (let i = 0; i < sorted.length; i++) if (i === 0 || sorted[i] !== sorted[i - 1]) starts.push(i);
  starts.push(sorted.length);
  const least = starts.length - 1 > mostGroups ? sorted.length / mostGroups : 1;
  const x: number[] = [], n: number[] = [], within: number[] = [];
  for (let d = 0; d + 1 < starts.length;) {
    let end = d + 1;
    while (end + 1 < starts.length && starts[end]! - starts[d]! < least) end++;
    let sum = 0, squares = 0;
    const from = starts[d]!, to = starts[end]!;
    for (let i = from; i < to; i++) sum += sorted[i]!;
    const mean = sum / (to - from);
    if (end > d + 1) for (let i = from; i < to; i++) squares += (sorted[i]! - mean) ** 2;
    x.push(end === d + 1 ? sorted[from]! : mean); n.push(to - from); within.push(squares / (to - from));
    d = end;
  }
  return { x: Float64Array.from(x), n: Float64Array.from(n), within: Float64Array.from(within), total: sorted.length };
}

/** Fits the mixture to finite values (at least one). Components in order of falling initial mass. */
export function fitMixture(values: Float64Array, options: MixtureOptions): Mixture {
  const data = weighted(values), { x, n, within, total } = data, m = x.length;
  const { concentration = 0.001, iterations = 100, tolerance = 1e-3 } = options, K = Math.max(1, Math.min(options.components, m));
  let mean0 = 0, var0 = 0;
  for (let i = 0; i < m; i++) mean0 += (n[i]! * x[i]!) / total;
  for (let i = 0; i < m; i++) var0 += n[i]! * ((x[i]! - mean0) ** 2 + within[i]!);
  var0 = total > 1 ? var0 / (total - 1) : 0;
  // Values that are all equal still get a width; any will do.
  if (!(var0 > 0)) var0 = Math.max(1e-12, (1e-6 * mean0) ** 2);
  const floor = (options.floor ?? 1e-6) * var0;
  const r = new Float64Array(m * K), labels = kMeans(data, K, options.seed);
  for (let i = 0; i < m; i++) r[i * K + labels[i]!] = 1;
  const means = new Array<number>(K), variances = new Array<number>(K), a = new Array<number>(K), b = new Array<number>(K), bias = new Array<number>(K), precision = new Array<number>(K), freedom = new Array<number>(K);
  let bound = -Infinity;
  for (let it = 0; it <= iterations; it++) {
    // M step (Bishop 10.51-10.63; sticks: Blei & Jordan 2006, eq. 18-19).
    const mass = new Array<number>(K).fill(10 * Number.EPSILON), first = new Array<number>(K).fill(0), second = new Array<number>(K).fill(0);
    for (let i = 0; i < m; i++) for (let k = 0; k < K; k++) { const w = r[i * K + k]! * n[i]!; mass[k]! += w; first[k]! += w * x[i]!; }
    const centre = first.map((s, k) => s / mass[k]!);
    for (let i = 0; i < m; i++) for (let k = 0; k < K; k++) second[k]! += r[i * K + k]! * n[i]! * ((x[i]! - centre[k]!) ** 2 + within[i]!);
    let after = 0;
    for (let k = K - 1; k >= 0; k--) {
      a[k] = 1 + mass[k]!; b[k] = concentration + after; after += mass[k]!;
      precision[k] = 1 + mass[k]!; freedom[k] = 1 + mass[k]!;
      means[k] = (mean0 + mass[k]! * centre[k]!) / precision[k]!;
      variances[k] = (var0 + second[k]! + mass[k]! * floor + (mass[k]! / precision[k]!) * (centre[k]! - mean0) ** 2) / freedom[k]!;
    }
    // What the E step needs of every component (Bishop 10.46, 10.64-10.66), and the parts of the lower bound that depend on it.
    let sticks = 0, next = 0;
    for (let k = 0; k < K; k++) {
      const both = digamma(a[k]! + b[k]!), own = digamma(a[k]!) - both;
      bias[k] = own + sticks - 0.5 * Math.log(2 * Math.PI * variances[k]! * freedom[k]!) + 0.5 * (Math.log(2) + digamma(0.5 * freedom[k]!) - 1 / precision[k]!);
      sticks += digamma(b[k]!) - both;
      const logDet = -0.5 * Math.log(variances[k]!) - 0.5 * Math.log(freedom[k]!);
      next += freedom[k]! * logDet + freedom[k]! * 0.5 * Math.LN2 + logGamma(0.5 * freedom[k]!) + logGamma(a[k]!) + logGamma(b[k]!) - logGamma(a[k]! + b[k]!) - 0.5 * Math.log(precision[k]!);
    }
    if (it === iterations) break;
    let entropy = 0;
    for (let i = 0; i < m; i++) {
      let top = -Infinity, sum = 0;
      const at = i * K;
      for (let k = 0; k < K; k++) { const l = bias[k]! - (x[i]! - means[k]!) ** 2 / (2 * variances[k]!); r[at + k] = l; if (l > top) top = l; }
      for (let k = 0; k < K; k++) sum += Math.exp(r[at + k]! - top);
      const log = top + Math.log(sum);
      for (let k = 0; k < K; k++) { const l = r[at + k]! - log, p = Math.exp(l); r[at + k] = p; entropy -= n[i]! * p * l; }
    }
    next += entropy;
    if (Math.abs(next - bound) < tolerance) break;
    bound = next;
  }
  let left = 1, sum = 0;
  const weights = a.map((v, k) => { const share = v / (v + b[k]!), w = share * left; left *= 1 - share; sum += w; return w; }).map((w) => w / sum);
  return { weights, means: [...means], sds: variances.map(Math.sqrt), bias: [...bias] };
}

/** Responsibilities of x under the posterior, into `out`. */
export function responsibilities(mixture: Mixture, x: number, out: Float64Array): void {
  const { means, sds, bias } = mixture, K = means.length;
  let top = -Infinity, sum = 0;
  for (let k = 0; k < K; k++) { const l = bias[k]! - ((x - means[k]!) / sds[k]!) ** 2 / 2; out[k] = l; if (l > top) top = l; }
  for (let k = 0; k < K; k++) sum += out[k] = Math.exp(out[k]! - top);
  for (let k = 0; k < K; k++) out[k]! /= sum;
}

/** Lloyd's algorithm from k-means++ starts (Arthur & Vassilvitskii 2007), the best of three; labels by falling mass. */
function kMeans({ x, n, total }: Weighted, K: number, seed: number): Int32Array {
  const m = x.length, stream = new KeyStream(seed, 'mixture/k-means');
  let best: { inertia: number; centres: number[] } | undefined;
  for (let start = 0; start < 3; start++) {
    const u = stream.uniforms(start * K, K), centres = [x[pickFrom(n, u[0]! * total)]!], distance = new Float64Array(m).fill(Infinity);
    for (let k = 1; k < K; k++) {
      let sum = 0;
      for (let i = 0; i < m; i++) { distance[i] = Math.min(distance[i]!, n[i]! * (x[i]! - centres[k - 1]!) ** 2); sum += distance[i]!; }
      if (sum === 0) break;
      centres.push(x[pickFrom(distance, u[k]! * sum)]!);
    }
    centres.sort((p, q) => p - q);
    let inertia = Infinity;
    for (let it = 0; it < 100; it++) {
      const mass = new Float64Array(centres.length), sums = new Float64Array(centres.length);
      let now = 0;
      for (let i = 0, c = 0; i < m; i++) {
        while (c + 1 < centres.length && Math.abs(x[i]! - centres[c + 1]!) <= Math.abs(x[i]! - centres[c]!)) c++;
        mass[c]! += n[i]!; sums[c]! += n[i]! * x[i]!; now += n[i]! * (x[i]! - centres[c]!) ** 2;
      }
      for (let c = 0; c < centres.length; c++) if (mass[c]! > 0) centres[c] = sums[c]! / mass[c]!;
      if (!(now < inertia * (1 - 1e-4))) break;
      inertia = now;
    }
    if (!best || inertia < best.inertia) best = { inertia, centres };
  }
  const { centres } = best!, labels = new Int32Array(m), mass = new Float64Array(centres.length);
  for (let i = 0, c = 0; i < m; i++) {
    while (c + 1 < centres.length && Math.abs(x[i]! - centres[c + 1]!) <= Math.abs(x[i]! - centres[c]!)) c++;
    labels[i] = c; mass[c]! += n[i]!;
  }
  const order = [...mass.keys()].sort((p, q) => mass[q]! - mass[p]! || p - q), rank = new Int32Array(centres.length);
  order.forEach((c, place) => { rank[c] = place; });
  return labels.map((c) => rank[c]!);
}
function pickFrom(weights: Float64Array, target: number): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) if ((sum += weights[i]!) > target) return i;
  return weights.length - 1;
}

/** d log Gamma / dx for x > 0: recurrence up to 6, then the asymptotic series (Abramowitz & Stegun 6.3.18); error below 1e-12. */
export function digamma(x: number): number {
  let shift = 0;
  for (; x < 8; x++) shift -= 1 / x;
  const z = 1 / (x * x);
  return shift + Math.log(x) - 0.5 / x - z * (1 / 12 - z * (1 / 120 - z * (1 / 252 - z * (1 / 240 - z * (5 / 660 - z * (691 / 32760))))));
}
