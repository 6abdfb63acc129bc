import type { MetricEntry } from '../metric';

/** The metrics of rows in their order, within what they belong to; in the order of the report. A new one is a file here and an entry. */
export const timeSeries: readonly MetricEntry[] = [];
