import type { MetricEntry } from '../metric';

/** The metrics of how groups are treated, by the data and by models trained on it; in the order of the report. A new one is a file here and an entry. */
export const fairness: readonly MetricEntry[] = [];
