import type { Coded } from './association';
import { correlationRatio } from './association';
import { associationMetric } from './associations';
import { binned } from './binned';
import { valuesAt } from './number-pairs';
import * as thresholds from './thresholds';

/** Mixed pairs: the correlation ratio of every category with every number (the forty commonest categories, the rest one more). */
export const metric = associationMetric<Float64Array | Coded>({
  id: 'fidelity.correlation-ratio', span: 1, threshold: thresholds.information, none: 'There is no category beside a number.',
  takes: (a, b) => a.type === 'code' && b.type === 'number',
  prepare(column, part, rows) {
    if (column.type === 'number') return valuesAt(column, part, rows);
    const { codes, levels } = binned(column, part, 10, 40);
    return { codes: rows.map(r => codes[r]), levels };
  },
  measure: (a, b, w) => correlationRatio(a as Coded, b as Float64Array, w),
});
