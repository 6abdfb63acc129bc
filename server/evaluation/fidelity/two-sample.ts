import type { Metric } from '../metric';
import { classifierRows, featuresOf } from '../features';
import { twoSampleAuc } from './two-sample-core';
import { fidelityVerdict } from './verdict';
import * as thresholds from '../thresholds';

/**
 * Classifier two-sample test (Lopez-Paz & Oquab 2017): AUC with which boosted trees tell synthetic rows from control rows. 0.5: cannot; 1: always.
 * Sample: equal numbers of synthetic and control rows, at most 25,000 each. Reference: training rows in the synthetic rows' place, same numbers.
 * Without a control, training rows stand in for it (and the figure says so): a memorising generator then looks better than it is.
 */
export const metric: Metric = {
  async compute(context) {
    const f = await featuresOf(context), against = f.control ?? f.training;
    const t = await twoSampleAuc(context, f.synthetic, against, classifierRows, 'two-sample', p => context.progress(f.control ? p / 2 : p, 'two-sample test'));
    const interval = { low: t.low, high: t.high, level: 0.95, method: t.method };
    const figure = {
      metric: 'fidelity.two-sample', value: t.auc, interval, verdict: fidelityVerdict(t.auc, thresholds.twoSample, interval),
      samples: { synthetic: t.rowsEach, [f.control ? 'control' : 'training']: t.rowsEach },
    };
    if (!f.control) return { ...figure, note: 'Judged against the training rows, for want of a control.' };
    const r = await twoSampleAuc(context, f.training, f.control, t.rowsEach, 'two-sample reference', p => context.progress(0.5 + p / 2, 'two-sample test of real rows'));
    return { ...figure, reference: { label: 'training rows against control', value: r.auc, interval: [r.low, r.high] } };
  },
};
