import { columnMetric, weightOf } from './column-figures';
import * as thresholds from './thresholds';

/** Missing-rate similarity: one minus the absolute difference of the shares of missing cells (SDMetrics' MissingValueSimilarity), over columns that miss any. */
export const metric = columnMetric({
  id: 'fidelity.missing-rates', score: d => 1 - d, threshold: thresholds.missingRates, none: 'No cell is missing in either table.',
  takes: column => (['training', 'synthetic', 'control'] as const).some(p => (column.type === 'number' ? column.sorted(p).length < column.values(p).length : column.values(p).some(v => v < 0))),
  measured(column, part, rows) {
    const v = column.values(part), gone = Uint8Array.from(rows, r => (column.type === 'number' ? (v[r] === v[r] ? 0 : 1) : v[r] < 0 ? 1 : 0));
    return w => { let k = 0, n = 0; for (let i = 0; i < gone.length; i++) { const c = weightOf(w, i); n += c; if (gone[i]) k += c; } return k / n; };
  },
});
