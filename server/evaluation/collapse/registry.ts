import type { MetricEntry } from '../metric';

/** The metrics of what generations of fitting on own output take away; in the order of the report. A new one is a file here and an entry. */
export const collapse: readonly MetricEntry[] = [];
