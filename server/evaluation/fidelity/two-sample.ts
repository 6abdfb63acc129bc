import type { Metric } from '../metric';
import { classifierRows, featuresOf } from '../features';
import { notAssessable } from '../privacy/leak';
import { fewest, twoSampleAuc } from './two-sample-core';
import { fidelityVerdict } from './verdict';
import * as thresholds from '../thresholds';

/**
 * Classifier two-sample test (Lopez-Paz & Oquab 2017): AUC with which boosted trees tell synthetic rows from control rows. 0.5: cannot; 1: always.
 * Sample: equal numbers of synthetic and control rows, at most 25,000 each. Reference: training rows in the synthetic rows' place, same numbers.
 * Where the control consists of blocks of time, which differ from other times by nature, the verdict is on what exceeds the reference.
 * Without a control, training rows stand in for it (and the figure says so): a memorising generator then looks better than it is.
 */
export const metric: Metric = {
  async compute(context) {
    const f = await featuresOf(context), against = f.control ?? f.training;
    const n = Math.min(f.synthetic.rows, against.rows);
    if (n < fewest || f.synthetic.features.length === 0) return notAssessable('fidelity.two-sample', `${n} rows are too few for a classifier to learn and be judged.`, { rows: n }, 'undecided');
    const t = await twoSampleAuc(context, f.synthetic, against, classifierRows, 'two-sample', p => context.progress(f.control ? p / 2 : p, 'two-sample test'));
    const interval = { low: t.low, high: t.high, level: 0.95, method: t.method };
    const figure = {
      metric: 'fidelity.two-sample', value: t.auc, interval, verdict: fidelityVerdict(Math.max(t.auc, 1 - t.auc), thresholds.twoSample, t.auc >= 0.5 ? interval : undefined),
      samples: { synthetic: t.rowsEach, [f.control ? 'control' : 'training']: t.rowsEach },
    };
    // a classifier that learnt "these rows are synthetic" and meets their doubles among the real ones is wrong more often than a coin
    const doubles = t.high < 0.47 ? ' Below .5 beyond chance: rows of one table repeat rows of the other.' : '';
    if (!f.control) return { ...figure, note: `Judged against the training rows, for want of a control.${doubles}` };
    const r = await twoSampleAuc(context, f.training, f.control, t.rowsEach, 'two-sample reference', p => context.progress(0.5 + p / 2, 'two-sample test of real rows'));
    // what tells real rows of other times from the control is no fault of the generator
    const apart = context.controlWithout?.length ? Math.max(0, r.auc - 0.5) : 0, less = Math.max(0.5, Math.max(t.auc, 1 - t.auc) - apart);
    const judged = apart ? {
      verdict: fidelityVerdict(less, thresholds.twoSample, t.auc >= 0.5 ? { ...interval, low: Math.max(0.5, t.low - apart), high: Math.max(0.5, t.high - apart) } : undefined),
      note: `Real rows of other times are told from the control too (AUC ${r.auc.toFixed(3)}): the verdict is on what exceeds that.${doubles}`,
    } : doubles ? { note: doubles.trim() } : {};
    return { ...figure, ...judged, reference: { label: 'training rows against control', value: r.auc, interval: [r.low, r.high] } };
  },
};
