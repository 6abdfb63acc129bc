import { quantile } from '../statistics';
import { columnMetric, weightOf } from './column-figures';
import * as thresholds from './thresholds';

/**
 * Coverage of extreme values: the share of values at or beyond the training rows' 1st and 99th percentiles, synthetic over training, at most 1 (too many extremes are no
 * want of coverage); the geometric mean over tails. Half a row is added to each count.
 */
export const metric = columnMetric({
  id: 'fidelity.extreme-coverage', score: d => Math.exp(-d), threshold: thresholds.tails, none: 'There is no numeric column.',
  takes: column => column.type === 'number' && column.sorted('training').length > 0, items: column => [`${column.name}, lowest`, `${column.name}, highest`],
  // only what the synthetic table lacks counts; the positive part moves no more than its argument does
  distances: d => d.map(v => Math.max(0, v)),
  measured(column, part, rows) {
    const v = column.values(part), s = column.type === 'number' ? column.sorted('training') : new Float64Array(0), low = quantile(s, 0.01), high = quantile(s, 0.99);
    const side = Uint8Array.from(rows, r => (v[r] !== v[r] ? 4 : (v[r] <= low ? 1 : 0) + (v[r] >= high ? 2 : 0)));
    return w => {
      let n = 0, below = 0, above = 0;
      for (let i = 0; i < side.length; i++) { if (side[i] === 4) continue; const c = weightOf(w, i); n += c; if (side[i] & 1) below += c; if (side[i] & 2) above += c; }
      return [Math.log((below + 0.5) / (n + 1)), Math.log((above + 0.5) / (n + 1))];
    };
  },
});
