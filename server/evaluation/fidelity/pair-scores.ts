import type { ColumnView, NumberView, Part, View } from '../view';
import { Influence } from '../influence';
import { contingency, cramersV, totalVariation } from './contingency';

/** SDMetrics 0.29's defaults (reports/utils.py): a pair counts only where the real tie is stronger than this. */
export const correlationThreshold = 0.5, associationThreshold = 0.3;

/**
 * Pair trends as SDMetrics 0.29 defines them (reports/single_table/_properties/column_pair_trends.py), over every pair of columns:
 * - two numeric or temporal columns: CorrelationSimilarity, 1 - |r - r'| / 2 with Pearson's r over rows that have both values;
 * - otherwise ContingencySimilarity, one minus half the summed differences of the cells' shares. A numeric column is first cut into ten
 *   equal-width bins between *that table's own* smallest and largest value (numpy's histogram_bin_edges and digitize), the largest value and
 *   missing ones together in an eleventh; missing categories are a category.
 * The one difference: SDMetrics draws 50,000 rows of a larger table at random; here all rows are used.
 *
 * Matrices are row-major [columns x columns]; NaN where undefined and on the diagonal.
 */
export interface PairScores {
  /** 'c' correlation, 'v' contingency, '.' diagonal; one letter a cell. */
  statistic: string;
  /** Pearson's r or Cramer's V in each table. */
  real: Float64Array; other: Float64Array;
  score: Float64Array;
  /** 1 where the real tie is above the threshold. */
  counts: Uint8Array;
  /** Mean score over pairs above the thresholds; NaN when there is none. */
  mean: number; variance: number; pairs: number;
  /** Mean over all pairs that have a score. */
  meanAll: number; varianceAll: number; pairsAll: number;
}

/** A column as pair statistics read it, in one table. */
export interface Prepared {
  continuous: boolean;
  /** Standardised over rows with a value (mean 0, sd 1), NaN where missing; empty for categorical columns. */
  z: Float64Array;
  missing: boolean; constant: boolean; empty: boolean;
  codes: Int32Array; levels: number;
}

/** One table's columns, prepared once for all comparisons it takes part in. */
export function prepare(view: View, part: Part, columns: readonly ColumnView[] = view.columns): Prepared[] {
  return columns.map(c => (c.type === 'number' ? prepareNumbers(c, part) : prepareCodes(c, part)));
}

/** @param breathe awaited after every column with the share of pairs done; may throw to cancel; @param influenceRows rows a table that variances are taken from, 0 for none */
export async function pairScores(real: Prepared[], other: Prepared[], realRows: number, otherRows: number, breathe?: (fraction: number) => Promise<void>, influenceRows = 2048): Promise<PairScores> {
  const C = real.length, nan = () => new Float64Array(C * C).fill(Number.NaN);
  const out = { real: nan(), other: nan(), score: nan(), counts: new Uint8Array(C * C) };
  const letters = new Array<string>(C * C).fill('.');
  // [above thresholds, all pairs] x [real, other]
  const influence = [0, 1].map(() => [new Influence(realRows, influenceRows), new Influence(otherRows, influenceRows)]);
  const total = [0, 0], pairs = [0, 0];
  for (let a = 0; a < C; a++) {
    for (let b = a + 1; b < C; b++) {
      const correlation = real[a].continuous && real[b].continuous;
      const p = correlation ? correlationPair(real, other, a, b) : contingencyPair(real, other, a, b);
      for (const cell of [a * C + b, b * C + a]) {
        letters[cell] = correlation ? 'c' : 'v';
        out.real[cell] = p.real; out.other[cell] = p.other; out.score[cell] = p.score; out.counts[cell] = p.counts ? 1 : 0;
      }
      if (Number.isNaN(p.score)) continue;
      for (const set of p.counts ? [0, 1] : [1]) {
        total[set] += p.score; pairs[set]++;
        influence[set][0].add(p.influence[0]); influence[set][1].add(p.influence[1]);
      }
    }
    await breathe?.(1 - ((C - 1 - a) * (C - 2 - a)) / Math.max(1, C * (C - 1)));
  }
  const mean = (s: number) => (pairs[s] ? total[s] / pairs[s] : Number.NaN);
  const variance = (s: number) => influence[s][0].variance(pairs[s]) + influence[s][1].variance(pairs[s]);
  return {
    ...out, statistic: letters.join(''),
    mean: mean(0), variance: variance(0), pairs: pairs[0], meanAll: mean(1), varianceAll: variance(1), pairsAll: pairs[1],
  };
}

interface Pair { real: number; other: number; score: number; counts: boolean; influence: Array<(row: number) => number> }

function correlationPair(real: Prepared[], other: Prepared[], a: number, b: number): Pair {
  // SDMetrics refuses columns with one distinct value in either table, before dropping rows
  const refused = real[a].constant || real[b].constant || other[a].constant || other[b].constant;
  const r = refused ? noCorrelation : pearson(real[a], real[b]), s = refused ? noCorrelation : pearson(other[a], other[b]);
  const score = r.r === 0 ? Number.NaN : 1 - Math.abs(r.r - s.r) / 2, sign = Math.sign(r.r - s.r);
  const influence = (x: Float64Array, y: Float64Array, c: Correlation, direction: number) => (row: number) => {
    const u = (x[row] - c.meanX) / c.sdX, v = (y[row] - c.meanY) / c.sdY, d = u * v - (c.r / 2) * (u * u + v * v);
    return d === d ? direction * d * c.weight : 0;
  };
  return {
    real: r.r, other: s.r, score, counts: Math.abs(r.r) > correlationThreshold,
    influence: [influence(real[a].z, real[b].z, r, -sign / 2), influence(other[a].z, other[b].z, s, sign / 2)],
  };
}

interface Correlation { r: number; meanX: number; meanY: number; sdX: number; sdY: number; /** rows over rows with both values */ weight: number }
const noCorrelation: Correlation = { r: Number.NaN, meanX: 0, meanY: 0, sdX: 1, sdY: 1, weight: 1 };

/** Pearson's r over rows with both values; NaN below two such rows or where one column is constant over them. */
function pearson(x: Prepared, y: Prepared): Correlation {
  const a = x.z, b = y.z, n = a.length;
  if (x.empty || y.empty) return noCorrelation;
  let k = n, sx = 0, sy = 0, sxx = 0, syy = 0, sxy = 0;
  if (!x.missing && !y.missing) {
    for (let i = 0; i < n; i++) sxy += a[i] * b[i];
    sxx = n; syy = n;
  } else {
    k = 0;
    for (let i = 0; i < n; i++) {
      const u = a[i], v = b[i];
      if (u !== u || v !== v) continue;
      k++; sx += u; sy += v; sxx += u * u; syy += v * v; sxy += u * v;
    }
  }
  if (k < 2) return noCorrelation;
  const meanX = sx / k, meanY = sy / k, vx = sxx / k - meanX * meanX, vy = syy / k - meanY * meanY;
  if (!(vx > 1e-13) || !(vy > 1e-13)) return noCorrelation;
  const sdX = Math.sqrt(vx), sdY = Math.sqrt(vy);
  return { r: Math.max(-1, Math.min(1, (sxy / k - meanX * meanY) / (sdX * sdY))), meanX, meanY, sdX, sdY, weight: n / k };
}

function contingencyPair(real: Prepared[], other: Prepared[], a: number, b: number): Pair {
  const Ka = Math.max(real[a].levels, other[a].levels), Kb = Math.max(real[b].levels, other[b].levels);
  const r = contingency(real[a].codes, real[b].codes, Ka, Kb), s = contingency(other[a].codes, other[b].codes, Ka, Kb);
  const association = cramersV(r), { score, signOf } = totalVariation(r, s);
  const ra = real[a].codes, rb = real[b].codes, oa = other[a].codes, ob = other[b].codes;
  return {
    real: association, other: cramersV(s), score, counts: association > associationThreshold,
    influence: [row => -0.5 * signOf(ra[row], rb[row]), row => 0.5 * signOf(oa[row], ob[row])],
  };
}

function prepareCodes(c: ColumnView, part: Part): Prepared {
  const v = c.values(part) as Int32Array, levels = (c.type === 'code' ? c.categories.length : 0) + 1;
  // a missing category is a level of its own, the last one
  return { continuous: false, z: new Float64Array(0), missing: false, constant: false, empty: false, codes: v.map(k => (k < 0 ? levels - 1 : k)), levels };
}

function prepareNumbers(c: NumberView, part: Part): Prepared {
  const v = c.values(part), n = v.length, { first, last, present } = ends(v), empty = present === 0, constant = present > 0 && first === last;
  let m = 0, q = 0;
  for (let i = 0, k = 0; i < n; i++) { const x = v[i]; if (x !== x) continue; const d = x - m; m += d / ++k; q += d * (x - m); }
  const sd = Math.sqrt(q / present), z = new Float64Array(empty || constant ? 0 : n);
  for (let i = 0; i < z.length; i++) z[i] = (v[i] - m) / sd;
  return { continuous: true, z, missing: present < n, constant, empty, codes: digitize(c, part), levels: 12 };
}

/** The least and the largest value, and how many rows have one. */
function ends(v: Float64Array): { first: number; last: number; present: number } {
  let first = Infinity, last = -Infinity, present = 0;
  for (let i = 0; i < v.length; i++) {
    const x = v[i];
    if (x !== x) continue;
    present++;
    if (x < first) first = x;
    if (x > last) last = x;
  }
  return { first, last, present };
}

/** Nanoseconds a unit of our temporal storage: SDMetrics works on pandas' nanoseconds, and cuts between them. */
const nanoseconds = (c: NumberView) => (c.kind === 'date' ? 8.64e13 : c.temporal ? 1e6 : 1);

/** numpy.digitize(x, numpy.histogram_bin_edges(x, 10)): 1..10, and 11 for the largest value and for missing ones. */
export function digitize(c: NumberView, part: Part): Int32Array {
  const values = c.values(part), unit = nanoseconds(c), { first: least, last: largest, present } = ends(values);
  let first = present ? least * unit : 0, last = present ? largest * unit : 1;
  if (first === last) { first -= 0.5; last += 0.5; }
  const step = (last - first) / 10, codes = new Int32Array(values.length);
  const edges = Float64Array.from({ length: 11 }, (_, i) => (i === 10 ? last : i * step + first));
  for (let i = 0; i < values.length; i++) {
    const x = values[i] * unit;
    if (!(x < last)) { codes[i] = 11; continue; }
    let k = Math.min(10, Math.max(1, Math.floor((x - first) / step) + 1));
    // rounding may have put the guess one bin off
    while (k < 10 && x >= edges[k]) k++;
    while (k > 1 && x < edges[k - 1]) k--;
    codes[i] = k;
  }
  return codes;
}
