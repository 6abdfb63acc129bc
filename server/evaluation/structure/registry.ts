import type { MetricEntry } from '../metric';

/** The metrics of what holds between columns: rules, dependences, keys; in the order of the report. A new one is a file here and an entry. */
export const structure: readonly MetricEntry[] = [];
