/**
 * A finite mixture over numbers and codes together: in each component the numbers are one multivariate normal and the codes independent tables
 * (Hunt & Jorgensen, Australian & New Zealand J. Statistics 41, 1999, "location model" with independent categories). Fitted by EM (Dempster, Laird & Rubin
 * 1977); numbers that are missing take part by their conditional moments (Ghahramani & Jordan, NIPS 1994).
 */
import { cholesky } from '../../learners/linear/cholesky';
import type { KeyStream } from '../../engine';
import { condition, mahalanobis, type Conditional } from './gaussian';

/** Rows to fit: numbers [rows, d] (NaN where missing), codes [rows, c]. */
export interface MixtureData { rows: number; d: number; numbers: Float64Array; sizes: readonly number[]; codes: Int32Array }
export interface Component { weight: number; mean: Float64Array; covariance: Float64Array; /** log share of every code of every table */ tables: Float64Array[] }
/** Pseudo-rows: of variance `variance` about each component's mean, and of the whole table's shares in each of its tables. They make singular components impossible. */
export interface Prior { rows: number; variance: number; shares: Float64Array[] }

/** Rows that miss the same numbers. */
interface Group { observed: number[]; rows: Int32Array }
export function groupByMissing({ rows, d, numbers }: MixtureData): Group[] {
  const groups = new Map<string, { observed: number[]; rows: number[] }>();
  for (let r = 0; r < rows; r++) {
    const observed: number[] = [];
    for (let j = 0; j < d; j++) if (numbers[r * d + j]! === numbers[r * d + j]!) observed.push(j);
    const key = observed.join();
    if (!groups.has(key)) groups.set(key, { observed, rows: [] });
    groups.get(key)!.rows.push(r);
  }
  return [...groups.values()].map((g) => ({ observed: g.observed, rows: Int32Array.from(g.rows) }));
}

const log2Pi = Math.log(2 * Math.PI);
/** log N(x_o; component) of one row's observed numbers. `difference` and `work` hold as many numbers as are observed. */
export function logNormal(own: Conditional, component: Component, x: Float64Array, at: number, difference: Float64Array, work: Float64Array): number {
  const n = own.observed.length;
  for (let i = 0; i < n; i++) difference[i] = x[at + own.observed[i]!]! - component.mean[own.observed[i]!]!;
  return -0.5 * (mahalanobis(own.own, own.dropped, difference, n, work) + own.logDeterminant + n * log2Pi);
}
/** Turns log weights into shares in place; returns the log of their sum. */
export function normalise(logs: Float64Array): number {
  const most = logs.reduce((a, b) => Math.max(a, b), -Infinity);
  let sum = 0;
  for (let k = 0; k < logs.length; k++) sum += logs[k] = Math.exp(logs[k]! - most);
  for (let k = 0; k < logs.length; k++) logs[k]! /= sum;
  return most + Math.log(sum);
}

/** Log prior density of the components' parameters, up to a constant: what EM's monotone objective adds to the log-likelihood. */
function logPrior(components: readonly Component[], prior: Prior, d: number): number {
  let sum = 0;
  for (const c of components) {
    const { logDeterminant, own } = condition(c.covariance, d, Array.from({ length: d }, (_, i) => i));
    // tr(inverse) = sum of squared entries of the inverse factor.
    let trace = 0;
    for (let j = 0; j < d; j++) { const e = new Float64Array(d), w = new Float64Array(d); e[j] = 1; trace += mahalanobis(own, new Uint8Array(d), e, d, w); }
    sum -= (prior.rows / 2) * (logDeterminant + prior.variance * trace);
    c.tables.forEach((t, f) => t.forEach((v, code) => { if (prior.shares[f]![code]! > 0) sum += prior.rows * prior.shares[f]![code]! * v; }));
  }
  return sum;
}

/** One EM step. @returns the new components, and of the old ones the log-likelihood and the objective (with the log prior), which never falls from step to step */
export function emStep(data: MixtureData, groups: readonly Group[], components: readonly Component[], prior: Prior): { components: Component[]; logLikelihood: number; objective: number } {
  const { d, numbers, sizes, codes, rows } = data, C = sizes.length, K = components.length;
  const mass = new Float64Array(K), first = components.map(() => new Float64Array(d)), second = components.map(() => new Float64Array(d * d)), counts = components.map(() => sizes.map((s) => new Float64Array(s)));
  const logs = new Float64Array(K), difference = components.map(() => new Float64Array(d)), work = new Float64Array(d), full = new Float64Array(d);
  let logLikelihood = 0;
  for (const g of groups) {
    const laws = components.map((c) => condition(c.covariance, d, g.observed)), n = g.observed.length, groupMass = new Float64Array(K);
    for (const r of g.rows) {
      for (let k = 0; k < K; k++) {
        const c = components[k]!;
        let s = Math.log(Math.max(c.weight, 1e-300)) + logNormal(laws[k]!, c, numbers, r * d, difference[k]!, work);
        for (let f = 0; f < C; f++) s += c.tables[f]![codes[r * C + f]!]!;
        logs[k] = s;
      }
      logLikelihood += normalise(logs);
      for (let k = 0; k < K; k++) {
        const w = logs[k]!;
        if (w < 1e-10) continue;
        const { free, gain } = laws[k]!, from = difference[k]!, m = first[k]!, s = second[k]!;
        mass[k]! += w; groupMass[k]! += w;
        // Differences from the old mean: sums of squares stay small. A missing number stands at its conditional mean.
        for (let i = 0; i < n; i++) full[g.observed[i]!] = from[i]!;
        for (let a = 0; a < free.length; a++) { let v = 0; for (let i = 0; i < n; i++) v += gain[a * n + i]! * from[i]!; full[free[a]!] = v; }
        for (let i = 0; i < d; i++) { const v = w * full[i]!; m[i]! += v; for (let j = 0; j <= i; j++) s[i * d + j]! += v * full[j]!; }
        for (let f = 0; f < C; f++) counts[k]![f]![codes[r * C + f]!]! += w;
      }
    }
    // ... and adds its conditional variance.
    laws.forEach(({ free, factor }, k) => free.forEach((i, a) => free.forEach((j, b) => {
      if (j > i) return;
      let v = 0;
      for (let q = 0; q <= Math.min(a, b); q++) v += factor[a * free.length + q]! * factor[b * free.length + q]!;
      second[k]![i * d + j]! += groupMass[k]! * v;
    })));
  }
  const next = components.map((c, k): Component => {
    const n = mass[k]!, mean = c.mean.slice(), covariance = new Float64Array(d * d), shift = first[k]!.map((v) => (n > 1e-9 ? v / n : 0));
    for (let i = 0; i < d; i++) mean[i]! += shift[i]!;
    for (let i = 0; i < d; i++) for (let j = 0; j <= i; j++) {
      const v = (second[k]![i * d + j]! - n * shift[i]! * shift[j]! + (i === j ? prior.rows * prior.variance : 0)) / (n + prior.rows);
      covariance[i * d + j] = covariance[j * d + i] = v;
    }
    return { weight: n / rows, mean, covariance, tables: counts[k]!.map((t, f) => t.map((v, code) => Math.log(Math.max((v + prior.rows * prior.shares[f]![code]!) / (n + prior.rows), 1e-300)))) };
  });
  return { components: next, logLikelihood, objective: logLikelihood + logPrior(components, prior, d) };
}

/** log p of every row: of the numbers that are there, on the mixture's scale, and of the codes. */
export function logLikelihoods(data: MixtureData, components: readonly Component[]): Float64Array {
  const { d, numbers, sizes, codes, rows } = data, C = sizes.length, out = new Float64Array(rows), logs = new Float64Array(components.length), difference = new Float64Array(d), work = new Float64Array(d);
  for (const g of groupByMissing(data)) {
    const laws = components.map((c) => condition(c.covariance, d, g.observed));
    for (const r of g.rows) {
      components.forEach((c, k) => {
        logs[k] = Math.log(Math.max(c.weight, 1e-300)) + logNormal(laws[k]!, c, numbers, r * d, difference, work);
        for (let f = 0; f < C; f++) logs[k]! += c.tables[f]![codes[r * C + f]!]!;
      });
      out[r] = normalise(logs);
    }
  }
  return out;
}

/** Free parameters, for the Bayesian information criterion (Schwarz 1978). */
export const freeParameters = (k: number, d: number, sizes: readonly number[]): number => k - 1 + k * (d + (d * (d + 1)) / 2 + sizes.reduce((s, n) => s + n - 1, 0));

/**
 * A start: rows far from each other as centres (k-means++, Arthur & Vassilvitskii 2007; a different code counts as a distance of one in square), every row
 * given to the nearest.
 */
export function startComponents(data: MixtureData, k: number, prior: Prior, stream: KeyStream): Component[] {
  const { rows, d, numbers, sizes, codes } = data, C = sizes.length, u = stream.uniforms(0, k), nearest = new Float64Array(rows).fill(Infinity), owner = new Int32Array(rows);
  for (let c = 0; c < k; c++) {
    let at = Math.min(rows - 1, Math.floor(u[c]! * rows));
    if (c > 0) {
      let total = nearest.reduce((a, b) => a + b, 0) * u[c]!;
      for (let r = 0; r < rows && total > 0; r++) { total -= nearest[r]!; if (total <= 0) at = r; }
    }
    for (let r = 0; r < rows; r++) {
      let s = 0;
      for (let j = 0; j < d; j++) { const v = numbers[r * d + j]! - numbers[at * d + j]!; if (v === v) s += v * v; }
      for (let f = 0; f < C; f++) if (codes[r * C + f] !== codes[at * C + f]) s += 1;
      if (s < nearest[r]!) { nearest[r] = s; owner[r] = c; }
    }
  }
  return Array.from({ length: k }, (_, c): Component => {
    const mean = new Float64Array(d), seen = new Float64Array(d), covariance = new Float64Array(d * d), tables = sizes.map((s) => new Float64Array(s));
    let n = 0;
    for (let r = 0; r < rows; r++) {
      if (owner[r] !== c) continue;
      n++;
      for (let j = 0; j < d; j++) { const v = numbers[r * d + j]!; if (v === v) { mean[j]! += v; seen[j]!++; } }
      for (let f = 0; f < C; f++) tables[f]![codes[r * C + f]!]!++;
    }
    for (let j = 0; j < d; j++) mean[j] = seen[j]! > 0 ? mean[j]! / seen[j]! : 0;
    const squares = new Float64Array(d);
    for (let r = 0; r < rows; r++) if (owner[r] === c) for (let j = 0; j < d; j++) { const v = numbers[r * d + j]! - mean[j]!; if (v === v) squares[j]! += v * v; }
    for (let j = 0; j < d; j++) covariance[j * d + j] = (squares[j]! + prior.rows * Math.max(prior.variance, 0.05)) / (seen[j]! + prior.rows);
    return { weight: n / rows, mean, covariance, tables: tables.map((t, f) => t.map((v, code) => Math.log(Math.max((v + Math.max(1, prior.rows) * prior.shares[f]![code]!) / (n + Math.max(1, prior.rows)), 1e-300)))) };
  });
}

/** The lower factor of a component's covariance, for drawing. */
export const factorOf = (c: Component, d: number): Float64Array => cholesky(c.covariance, d).factor;
