import { columnMetric, weightOf } from './column-figures';
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
    const v = column.values(part), order = Int32Array.from(rows.keys()).filter(i => v[rows[i]] === v[rows[i]]).sort((a, b) => (v[rows[a]] as number) - (v[rows[b]] as number));
    const x = Float64Array.from(order, i => v[rows[i]] as number);
    return w => { const [low, middle, high] = quantiles(x, order, w); return [Math.log(middle - low), Math.log(high - middle)].map(l => (Number.isFinite(l) ? l : Number.NaN)); };
  },
});

/** Quantiles of weighted ascending values, linear between order statistics as numpy has it. */
function quantiles(x: Float64Array, order: Int32Array, w: ArrayLike<number> | undefined): number[] {
  let n = 0;
  for (const i of order) n += weightOf(w, i);
  const out: number[] = [];
  let seen = 0, k = 0;
  for (let j = 0; j < x.length && k < at.length; j++) {
    seen += weightOf(w, order[j]);
    for (; k < at.length; k++) {
      const place = at[k] * (n - 1), whole = Math.floor(place);
      if (whole >= seen) break;
      // the next order statistic may be a repeat of this one
      let next = x[j];
      if (whole + 1 >= seen && place > whole) { let l = j + 1; while (l < x.length && weightOf(w, order[l]) === 0) l++; next = l < x.length ? x[l] : x[j]; }
      out.push(x[j] + (place - whole) * (next - x[j]));
    }
  }
  while (out.length < at.length) out.push(Number.NaN);
  return out;
}
