import { columnMetric, weightOf } from './column-figures';
import * as thresholds from './thresholds';

/** A category is rare where fewer training rows than this share have it, or none. */
export const rareBelow = 0.01;

/**
 * Mass of rare categories: the share of rows whose category fewer than 1% of the training rows have, synthetic over training, folded to at most 1; the geometric
 * mean over columns that have such categories. Half a row is added to each count, so that none at all has a score.
 */
export const metric = columnMetric({
  id: 'fidelity.rare-mass', score: d => Math.exp(-d), threshold: thresholds.tails, none: 'No column has a category that fewer than one training row in a hundred has.',
  takes: column => column.type === 'code' && Array.from(column.counts('training')).some(c => c > 0 && c < rareBelow * column.values('training').length),
  measured(column, part, rows) {
    const v = column.values(part), counts = column.type === 'code' ? column.counts('training') : new Float64Array(0), limit = rareBelow * column.values('training').length;
    const rare = Uint8Array.from(rows, r => (v[r] >= 0 && counts[v[r]] < limit ? 1 : 0));
    return w => { let k = 0, n = 0; for (let i = 0; i < rare.length; i++) { const c = weightOf(w, i); n += c; if (rare[i]) k += c; } return Math.log((k + 0.5) / (n + 1)); };
  },
});
