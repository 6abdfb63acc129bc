import { columnMetric } from './column-figures';
import * as thresholds from './thresholds';

/** Ends of a column's two tails and its middle. */
const at = [0.01, 0.5, 0.99];

/**
 * Width of the tails: how far the 1st and the 99th percentile lie from the median, synthetic over training, folded to at most 1 (a tail half or twice as wide both score
 * one half); the geometric mean over tails.
 */
export const metric = columnMetric({
  id: 'fidelity.tail-width', score: d => Math.exp(-d), threshold: thresholds.tails, none: 'No numeric column has tails that can be compared.',
  takes: column => column.type === 'number', items: column => [`${column.name}, lower tail`, `${column.name}, upper tail`],
  measured(column, part, rows) {
    const v = column.values(part), distinct = new Set<number>();
    for (let i = 0; i < rows.length; i++) { const x = v[rows[i]]; if (x === x) distinct.add(x); }
    const x = Float64Array.from(distinct).sort(), rank = new Map<number, number>(), of = new Int32Array(rows.length).fill(-1), counts = new Float64Array(x.length);
    for (let j = 0; j < x.length; j++) rank.set(x[j], j);
    for (let i = 0; i < rows.length; i++) { const value = v[rows[i]]; if (value === value) of[i] = rank.get(value)!; }
    return w => {
      let n = 0;
      counts.fill(0);
      for (let i = 0; i < of.length; i++) if (of[i] >= 0) { const k = w ? w[i] : 1; counts[of[i]] += k; n += k; }
      const [low, middle, high] = quantiles(x, counts, n);
      return [Math.log(middle - low), Math.log(high - middle)].map(l => (Number.isFinite(l) ? l : Number.NaN));
    };
  },
});

/** Quantiles of ascending values of which there are so many each, `n` in all; linear between order statistics as numpy has it. */
function quantiles(x: Float64Array, counts: Float64Array, n: number): number[] {
  const out: number[] = [];
  let seen = 0, k = 0;
  for (let j = 0; j < x.length && k < at.length; j++) {
    seen += counts[j];
    for (; k < at.length; k++) {
      const place = at[k] * (n - 1), whole = Math.floor(place);
      if (whole >= seen) break;
      let next = x[j];
      if (whole + 1 >= seen && place > whole) { let l = j + 1; while (l < x.length && counts[l] === 0) l++; next = l < x.length ? x[l] : x[j]; }
      out.push(x[j] + (place - whole) * (next - x[j]));
    }
  }
  while (out.length < at.length) out.push(Number.NaN);
  return out;
}
