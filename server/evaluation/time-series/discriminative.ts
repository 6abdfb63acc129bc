import type { FeatureMatrix } from '../../learners/features';
import { fewest, twoSampleAuc } from '../fidelity/two-sample-core';
import { fidelityVerdict } from '../fidelity/verdict';
import type { Metric } from '../metric';
import { notAssessable } from '../privacy/leak';
import * as thresholds from '../thresholds';
import { seriesOf, typicalLength, windowsOf, type Series } from './series';

const id = 'time-series.discriminative';

/**
 * Discriminative score after TimeGAN (Yoon, Jarrett & van der Schaar 2019): how well a classifier tells windows of synthetic series from windows of real ones. Ours differs: boosted trees on the
 * window's values laid side by side, not a recurrent network; the AUC on windows kept apart, not the accuracy less one half; and windows that do not overlap, so that none is half in training and half in test.
 */
export const metric: Metric = {
  async compute(context) {
    const all = await seriesOf(context), { synthetic } = all.parts, against = all.parts.control ?? all.parts.training;
    if (all.columns.length === 0 || !synthetic || !against) return notAssessable(id, 'There is no numeric column beside the order.');
    const length = Math.min(24, typicalLength(synthetic), typicalLength(against), typicalLength(all.parts.training!));
    const matrix = (s: readonly Series[]): FeatureMatrix => { const w = windowsOf(s, length); return { rows: w.length, features: Array.from({ length: length * all.columns.length }, (_, j) => ({ name: String(j), kind: 'number' as const, categories: 0, values: Float64Array.from(w, x => x[j]) })) }; };
    const [a, b] = [matrix(synthetic), matrix(against)], n = Math.min(a.rows, b.rows), samples = { windows: n, length };
    if (length < 2 || n < fewest) return notAssessable(id, `${n} windows of ${length} rows are too few for a classifier to learn and be judged.`, samples, 'undecided');
    const t = await twoSampleAuc(context, a, b, 5000, 'windows', f => context.progress(f / 2, 'windows of series')), real = all.parts.control ? matrix(all.parts.training!) : undefined;
    const r = real && Math.min(real.rows, b.rows) >= fewest ? await twoSampleAuc(context, real, b, t.rowsEach, 'real windows', f => context.progress(0.5 + f / 2, 'windows of series')) : undefined;
    const apart = r ? Math.max(0, r.auc - 0.5) : 0;
    return {
      metric: id, value: t.auc, interval: { low: t.low, high: t.high, level: 0.95, method: t.method }, samples, verdict: fidelityVerdict(Math.max(0.5, Math.max(t.auc, 0.5) - apart), thresholds.twoSample, { low: Math.max(0.5, t.low - apart), high: Math.max(0.5, t.high - apart), level: 0.95, method: t.method }),
      ...(r ? { reference: { label: 'training windows against control', value: r.auc, interval: [r.low, r.high] as [number, number] } } : {}), ...(all.parts.control ? {} : { note: 'Judged against the training rows, for want of a control.' }),
    };
  },
};
