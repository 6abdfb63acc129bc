import type { CodeView, ColumnView, NumberView, Part } from '../view';
import { moments, quantile, rank } from '../statistics';
import type { Influence } from '../influence';

/**
 * First Wasserstein distance between the values of a numeric column in two tables, in standard deviations of the real column (missing cells
 * left out): the mean distance values must travel to turn one distribution into the other. With F and G the distribution functions, the integral
 * of |F - G| (Vallender 1974). NaN where a table has no value; a constant real column counts in its own units.
 */
export function wasserstein(column: NumberView, real: Part, other: Part, influence?: [Influence, Influence]): number {
  const a = column.sorted(real), b = column.sorted(other), n = a.length, m = b.length;
  if (!n || !m) return Number.NaN;
  const scale = Math.sqrt(moments(a).variance) || 1;
  // over the merged grid: the distance, and the integral of sign(F - G) up to each point, whose negative is a row's influence
  const grid = new Float64Array(n + m), slope = new Float64Array(n + m);
  let i = 0, j = 0, k = 0, total = 0, signed = 0, last = Math.min(a[0], b[0]);
  while (i < n || j < m) {
    const x = j >= m || (i < n && a[i] <= b[j]) ? a[i] : b[j], d = i / n - j / m, width = x - last;
    if (width > 0) { total += Math.abs(d) * width; signed += Math.sign(d) * width; }
    while (i < n && a[i] <= x) i++;
    while (j < m && b[j] <= x) j++;
    grid[k] = x; slope[k++] = signed; last = x;
  }
  if (influence) {
    const g = grid.subarray(0, k);
    const add = (to: Influence, part: Part, present: number, direction: number) => {
      const v = column.values(part), weight = (direction * v.length) / (present * scale);
      let mean = 0;
      for (const row of to.rows) if (v[row] === v[row]) mean += slope[rank(g, v[row], false)] / to.rows.length;
      to.add(row => (v[row] === v[row] ? weight * (slope[rank(g, v[row], false)] - mean) : 0));
    };
    add(influence[0], real, n, -1);
    add(influence[1], other, m, 1);
  }
  return total / scale;
}

const bins = 50;

/**
 * Jensen-Shannon distance between a column's distributions in two tables: the square root of the divergence in bits (Lin 1991; a metric:
 * Endres & Schindelin 2003), 0 to 1. Missing is a category. Numeric columns are cut at the real column's 50-quantiles (distinct ones),
 * so that every bin holds about as many real rows.
 */
export function jensenShannon(column: ColumnView, real: Part, other: Part): number {
  const p = column.type === 'code' ? codeShares(column, real) : binShares(column, real, real), q = column.type === 'code' ? codeShares(column, other) : binShares(column, real, other);
  if (!p || !q) return Number.NaN;
  return sharesDistance(p, q);
}

/** The distance of two lists of shares. */
export function sharesDistance(p: Float64Array, q: Float64Array): number {
  let s = 0;
  for (let k = 0; k < p.length; k++) {
    const m = (p[k] + q[k]) / 2;
    if (p[k] > 0) s += (p[k] * Math.log2(p[k] / m)) / 2;
    if (q[k] > 0) s += (q[k] * Math.log2(q[k] / m)) / 2;
  }
  return Math.sqrt(Math.min(1, Math.max(0, s)));
}

function codeShares(column: CodeView, part: Part): Float64Array | undefined {
  const n = column.values(part).length, counts = column.counts(part);
  if (n === 0) return undefined;
  const shares = new Float64Array(counts.length + 1);
  let present = 0;
  counts.forEach((c, k) => { shares[k] = c / n; present += c; });
  shares[counts.length] = (n - present) / n;
  return shares;
}

/** The distinct inner 50-quantiles of ascending values. */
export function binEdges(sorted: ArrayLike<number>): number[] {
  const edges: number[] = [];
  for (let k = 1; k < bins && sorted.length; k++) { const e = quantile(sorted, k / bins); if (!edges.length || e > edges[edges.length - 1]) edges.push(e); }
  return edges;
}

function binShares(column: NumberView, real: Part, part: Part): Float64Array | undefined {
  const r = column.sorted(real), s = column.sorted(part), n = column.values(part).length;
  if (n === 0) return undefined;
  const edges = binEdges(r);
  const shares = new Float64Array(edges.length + 2);
  let below = 0;
  edges.forEach((e, k) => { const upTo = rank(s, e, true); shares[k] = (upTo - below) / n; below = upTo; });
  shares[edges.length] = (s.length - below) / n;
  shares[edges.length + 1] = (n - s.length) / n;
  return shares;
}

/** Both distances of a column's synthetic from its training values, where defined. */
export function columnDistances(column: ColumnView): { wasserstein?: number; jensenShannon?: number } {
  const w = column.type === 'number' ? wasserstein(column, 'training', 'synthetic') : Number.NaN, j = jensenShannon(column, 'training', 'synthetic');
  return { ...(Number.isNaN(w) ? {} : { wasserstein: w }), ...(Number.isNaN(j) ? {} : { jensenShannon: j }) };
}
