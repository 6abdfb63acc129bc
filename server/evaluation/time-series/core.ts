import type { Series } from './series';

/**
 * Autocorrelations at lags 1 to `lags`, pooled over series: sums of products of deviations from each series' own mean, over the sum of squares (statsmodels' `acf`, not adjusted,
 * for a single series). NaN where nothing varies.
 */
export function autocorrelation(all: readonly Series[], column: number, lags: number): Float64Array { return crossCorrelation(all, column, column, 1, lags); }

/** Correlations of column a at t with column b at t + lag, for lags `from` to `to`, pooled over series. */
export function crossCorrelation(all: readonly Series[], a: number, b: number, from: number, to: number): Float64Array { return correlations(crossSums(all, a, b, from, to)); }

/** What correlations are made from, and adds up over series: the sums of products for lags `from` to `to`, then both sums of squares. */
export function crossSums(all: readonly Series[], a: number, b: number, from: number, to: number): Float64Array {
  const sums = new Float64Array(to - from + 3), L = to - from + 1;
  let aa = 0, bb = 0;
  for (const s of all) {
    const x = centred(s.values[a]), y = centred(s.values[b]), n = x.length;
    for (let t = 0; t < n; t++) { aa += x[t] * x[t]; bb += y[t] * y[t]; }
    for (let lag = from; lag <= to; lag++) for (let t = Math.max(0, -lag); t < n && t + lag < n; t++) sums[lag - from] += x[t] * y[t + lag];
  }
  sums[L] = aa; sums[L + 1] = bb;
  return sums;
}

/** Correlations from such sums. */
export function correlations(sums: Float64Array): Float64Array {
  const L = sums.length - 2, scale = Math.sqrt(sums[L] * sums[L + 1]);
  return sums.slice(0, L).map(v => v / scale);
}

function centred(x: Float64Array): Float64Array {
  const mean = x.reduce((s, v) => s + v, 0) / x.length;
  return x.map(v => v - mean);
}

/** Shares of variance by frequency 1/n to 1/2 (one-sided periodogram, mean taken out; scipy's `periodogram` up to scale), averaged over windows of `length` that do not overlap. NaN where nothing varies. */
export function spectrum(all: readonly Series[], column: number, length: number): Float64Array { return shares(power(all, column, length)); }

/** Each as a share of their sum. */
export function shares(power: Float64Array): Float64Array { const total = power.reduce((s, v) => s + v, 0); return power.map(v => v / total); }

/** What a spectrum is made from, and adds up over series: squared amplitudes by frequency. */
export function power(all: readonly Series[], column: number, length: number): Float64Array {
  const half = Math.floor(length / 2), power = new Float64Array(half), cos = new Float64Array(length), sin = new Float64Array(length);
  for (let k = 0; k < length; k++) { cos[k] = Math.cos((2 * Math.PI * k) / length); sin[k] = Math.sin((2 * Math.PI * k) / length); }
  for (const s of all) for (let from = 0; from + length <= s.values[column].length; from += length) {
    const x = centred(s.values[column].subarray(from, from + length));
    for (let f = 1; f <= half; f++) {
      let re = 0, im = 0;
      for (let t = 0; t < length; t++) { const k = (f * t) % length; re += x[t] * cos[k]; im += x[t] * sin[k]; }
      power[f - 1] += (re * re + im * im) * (2 * f === length ? 1 : 2);
    }
  }
  return power;
}

/** Half the summed differences of two distributions. */
export const massApart = (difference: Float64Array): number => difference.reduce((s, v) => s + Math.abs(v), 0) / 2;
/** Half the mean difference of two lists of correlations. */
export const unlike = (difference: Float64Array): number => massApart(difference) / difference.length;
