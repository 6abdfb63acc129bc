import type { MetricInfo } from '../protocol';
import type { Metric, MetricEntry } from './metric';

/** A line of a family's list: what is known of the metric without loading its code, and how to load it. */
export const entry = (load: () => Promise<{ metric: Metric }>, info: MetricInfo): MetricEntry => ({ info, load: async () => (await load()).metric });

/** What most figures are: a share of rows, or a score from 0 to 1. */
export const share = { range: [0, 1] as [number, number], unit: 'share' as const }, score = { range: [0, 1] as [number, number], unit: 'score' as const };
/** Of a distance that nothing bounds. */
export const unbounded = { range: [0, Number.MAX_VALUE] as [number, number] };
