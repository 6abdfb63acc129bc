import type { Coded } from './association';
import { normalizedInformation } from './association';
import { associationMetric } from './associations';
import { binned } from './binned';
import * as thresholds from './thresholds';

/** The matrix of normalised mutual information, over every pair of columns: numbers in ten quantile bins, the twenty commonest categories, missing a code of its own. */
export const metric = associationMetric<Coded>({
  id: 'fidelity.mutual-information', span: 1, threshold: thresholds.information, none: 'There are no two columns that vary.', cost: 2,
  takes: (a, b) => a.name < b.name,
  prepare: (column, part, rows) => { const { codes, levels } = binned(column, part); return { codes: rows.map(r => codes[r]), levels }; },
  measure: normalizedInformation,
});
