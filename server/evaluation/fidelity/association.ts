/** How strongly two columns are tied, over rows that are drawn `w` times each (bootstrap weights; absent: once). Each is NaN where undefined. */
export type Weights = ArrayLike<number> | undefined;

/** Pearson's correlation over rows that have both values (numpy.corrcoef). */
export function pearson(x: Float64Array, y: Float64Array, w: Weights): number {
  let n = 0, mx = 0, my = 0;
  for (let i = 0; i < x.length; i++) {
    const c = w ? w[i] : 1;
    if (c && x[i] === x[i] && y[i] === y[i]) { n += c; mx += c * x[i]; my += c * y[i]; }
  }
  mx /= n; my /= n;
  let xx = 0, yy = 0, xy = 0;
  for (let i = 0; i < x.length; i++) {
    const c = w ? w[i] : 1;
    if (!c) continue;
    const u = x[i] - mx, v = y[i] - my;
    if (u === u && v === v) { xx += c * u * u; yy += c * v * v; xy += c * u * v; }
  }
  // a column whose spread is rounding only is constant
  if (!(xx > 1e-26 * n * mx * mx) || !(yy > 1e-26 * n * my * my) || n < 2) return Number.NaN;
  return Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy)));
}

/** Distinct values numbered in ascending order, -1 where missing. */
export interface Ordered { codes: Int32Array; levels: number }
export function ordered(x: Float64Array): Ordered {
  const distinct = x.filter(v => v === v).sort().filter((v, i, all) => i === 0 || v !== all[i - 1]), at = new Map(Array.from(distinct, (v, k) => [v, k]));
  return { codes: Int32Array.from(x, v => (v === v ? at.get(v)! : -1)), levels: distinct.length };
}

/** Spearman's correlation: Pearson's of mid-ranks among rows that have both values (scipy.stats.spearmanr). */
export function spearman(a: Ordered, b: Ordered, w: Weights): number {
  const n = a.codes.length, ca = new Float64Array(a.levels), cb = new Float64Array(b.levels);
  for (let i = 0; i < n; i++) if (a.codes[i] >= 0 && b.codes[i] >= 0) { const c = w ? w[i] : 1; ca[a.codes[i]] += c; cb[b.codes[i]] += c; }
  const ra = midRanks(ca), rb = midRanks(cb), x = new Float64Array(n).fill(Number.NaN), y = new Float64Array(n).fill(Number.NaN);
  for (let i = 0; i < n; i++) if (a.codes[i] >= 0 && b.codes[i] >= 0) { x[i] = ra[a.codes[i]]; y[i] = rb[b.codes[i]]; }
  return pearson(x, y, w);
}
function midRanks(counts: Float64Array): Float64Array {
  let below = 0;
  return counts.map(c => { const r = below + (c + 1) / 2; below += c; return r; });
}

/** Kendall's tau-b (scipy.stats.kendalltau), by Knight's 1966 merge sort in O(n log n). Rows with both values only. */
export function kendall(a: Ordered, b: Ordered, w: Weights): number {
  const rows: number[] = [];
  for (let i = 0; i < a.codes.length; i++) if (a.codes[i] >= 0 && b.codes[i] >= 0) for (let c = w ? w[i] : 1; c > 0; c--) rows.push(i);
  const n = rows.length, L = b.levels, keys = Float64Array.from(rows, i => a.codes[i] * L + b.codes[i]).sort(), pairs = (n * (n - 1)) / 2;
  const y = Int32Array.from(keys, k => k % L), tied = (same: (i: number) => boolean): number => {
    let t = 0;
    for (let i = 0; i < n;) { let j = i + 1; while (j < n && same(j)) j++; t += ((j - i) * (j - i - 1)) / 2; i = j; }
    return t;
  };
  const both = tied(j => keys[j] === keys[j - 1]), inX = tied(j => Math.floor(keys[j] / L) === Math.floor(keys[j - 1] / L));
  const counts = new Float64Array(L);
  for (const k of y) counts[k]++;
  const inY = counts.reduce((s, c) => s + (c * (c - 1)) / 2, 0), swaps = inversions(y);
  if (n < 2 || inX === pairs || inY === pairs) return Number.NaN;
  return Math.max(-1, Math.min(1, (pairs - inX - inY + both - 2 * swaps) / Math.sqrt((pairs - inX) * (pairs - inY))));
}
function inversions(values: Int32Array): number {
  let from = values.slice(), to = new Int32Array(values.length), count = 0;
  for (let width = 1; width < from.length; width *= 2) {
    for (let start = 0; start < from.length; start += 2 * width) {
      const middle = Math.min(start + width, from.length), end = Math.min(start + 2 * width, from.length);
      for (let i = start, j = middle, k = start; k < end; k++) {
        if (i < middle && (j >= end || from[i] <= from[j])) to[k] = from[i++];
        else { to[k] = from[j++]; count += middle - i; }
      }
    }
    [from, to] = [to, from];
  }
  return count;
}

/** Codes in [0, levels), -1 where missing. */
export interface Coded { codes: Int32Array; levels: number }

/** The correlation ratio eta (Fisher 1925): the root of the share of a number's variance that lies between categories. Rows with both values. */
export function correlationRatio(category: Coded, x: Float64Array, w: Weights): number {
  const n = new Float64Array(category.levels), sum = new Float64Array(category.levels);
  let N = 0, S = 0, Q = 0, shift = Number.NaN;
  for (let i = 0; i < x.length; i++) {
    const c = w ? w[i] : 1, k = category.codes[i];
    if (!c || k < 0 || x[i] !== x[i]) continue;
    // sums of squares about a value nearby lose no digits
    if (shift !== shift) shift = x[i];
    const v = x[i] - shift;
    n[k] += c; sum[k] += c * v; N += c; S += c * v; Q += c * v * v;
  }
  let between = 0;
  for (let k = 0; k < n.length; k++) if (n[k] > 0) between += (sum[k] * sum[k]) / n[k];
  const total = Q - (S * S) / N;
  return total > 1e-13 * Q ? Math.sqrt(Math.min(1, Math.max(0, (between - (S * S) / N) / total))) : Number.NaN;
}

/** Mutual information in nats and both entropies, missing rows left out (sklearn.metrics.mutual_info_score). */
export function mutualInformation(a: Coded, b: Coded, w: Weights): { information: number; entropyA: number; entropyB: number } {
  const joint = new Float64Array(a.levels * b.levels), pa = new Float64Array(a.levels), pb = new Float64Array(b.levels);
  let n = 0;
  for (let i = 0; i < a.codes.length; i++) {
    const c = w ? w[i] : 1, u = a.codes[i], v = b.codes[i];
    if (!c || u < 0 || v < 0) continue;
    joint[u * b.levels + v] += c; pa[u] += c; pb[v] += c; n += c;
  }
  const entropy = (p: Float64Array) => p.reduce((s, c) => (c > 0 ? s - (c / n) * Math.log(c / n) : s), 0);
  const entropyA = entropy(pa), entropyB = entropy(pb);
  return { information: n ? Math.max(0, entropyA + entropyB - entropy(joint)) : Number.NaN, entropyA, entropyB };
}

/** Mutual information over the mean of the entropies, 0 to 1 (sklearn.metrics.normalized_mutual_info_score). NaN where a column is constant. */
export function normalizedInformation(a: Coded, b: Coded, w: Weights): number {
  const { information, entropyA, entropyB } = mutualInformation(a, b, w);
  return entropyA > 0 && entropyB > 0 ? (2 * information) / (entropyA + entropyB) : Number.NaN;
}
