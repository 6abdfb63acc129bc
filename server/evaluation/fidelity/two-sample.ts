import type { Figure } from '../../protocol';
import { normalCdf, normalQuantile } from '../../learners/distributions';
import { mean, pooledError } from '../folds';
import type { EvaluationContext, Metric } from '../metric';
import { classifierRows, featuresOf } from '../features';
import { notAssessable } from '../privacy/leak';
import { z95 } from '../statistics';
import { boostedTrees, fewest, twoSampleAuc, type Classifier, type TwoSample } from './two-sample-core';
import { fidelityVerdict } from './verdict';
import * as thresholds from '../thresholds';

/**
 * Classifier two-sample test (Lopez-Paz & Oquab 2017): AUC with which boosted trees tell synthetic rows from control rows. 0.5: cannot; 1: always.
 * Sample: equal numbers of synthetic and control rows, at most 25,000 each. Reference: training rows in the synthetic rows' place, same numbers.
 * Where the control consists of blocks of time, which differ from other times by nature, the verdict is on what exceeds the reference.
 * Without a control, training rows stand in for it (and the figure says so): a memorising generator then looks better than it is.
 */
export const twoSampleMetric = (kind: Kind): Metric => ({
  compute: async context => figure(context, await tested(context, kind), kind),
  async cross(context, folds) {
    const all: Tested[] = [];
    for (const f of folds) {
      const t = await tested(f.context, kind);
      if ('verdict' in t) return t;
      all.push(t);
    }
    return figure(context, { t: pooled(all.map(a => a.t)), against: 'control', ...(all.every(a => a.r) && { r: pooled(all.map(a => a.r!)) }) }, kind);
  },
});

/** Which classifier plays the detective. */
export interface Kind { id: string; classifier: Classifier; mostRows: number }

export const metric = twoSampleMetric({ id: 'fidelity.two-sample', classifier: boostedTrees, mostRows: classifierRows });

interface Tested { t: TwoSample; /** what the synthetic rows were told from */ against: 'control' | 'training'; /** real rows in the synthetic rows' place */ r?: TwoSample }

/** Both tests, or the figure that says why there is none. */
async function tested(context: EvaluationContext, { id, classifier, mostRows }: Kind): Promise<Tested | Figure> {
  const f = await featuresOf(context), against = f.control ?? f.training;
  const n = Math.min(f.synthetic.rows, against.rows);
  if (n < fewest || f.synthetic.features.length === 0) return notAssessable(id, `${n} rows are too few for a classifier to learn and be judged.`, { rows: n }, 'undecided');
  const t = await twoSampleAuc(context, f.synthetic, against, mostRows, 'two-sample', p => context.progress(f.control ? p / 2 : p, 'two-sample test'), classifier);
  if (!f.control) return { t, against: 'training' };
  return { t, against: 'control', r: await twoSampleAuc(context, f.training, f.control, t.rowsEach, 'two-sample reference', p => context.progress(0.5 + p / 2, 'two-sample test of real rows'), classifier) };
}

/** The mean over folds: their control rows are disjoint. */
function pooled(all: readonly TwoSample[]): TwoSample {
  const auc = mean(all.map(t => t.auc)), half = z95 * pooledError(all.map(t => t.auc), all.map(t => (t.high - t.low) / (2 * z95)));
  return { auc, low: Math.max(0, auc - half), high: Math.min(1, auc + half), rowsEach: all.reduce((s, t) => s + t.rowsEach, 0), p: normalCdf(mean(all.map(t => normalQuantile(t.p))) * Math.sqrt(all.length)), method: `${all[0].method}, mean of ${all.length} controls` };
}

/**
 * A classifier that is wrong more often than a coin has met near doubles of rows it was told are synthetic among the real ones, or, in small tables, had bad luck; neither
 * is a difference of distributions. Beyond luck it cannot tell what else there is.
 */
function misled(t: TwoSample): boolean {
  return 0.5 - t.auc > 3 * Math.sqrt((2 * t.rowsEach + 1) / (12 * t.rowsEach * t.rowsEach));
}

function figure(context: EvaluationContext, tests: Tested | Figure, { id }: Kind): Figure {
  if ('verdict' in tests) return tests;
  const { t, against, r } = tests;
  const interval = { low: t.low, high: t.high, level: 0.95, method: t.method };
  const shown = {
    metric: id, value: t.auc, interval, verdict: misled(t) ? 'undecided' as const : fidelityVerdict(Math.max(0.5, t.auc), thresholds.twoSample, t.auc >= 0.5 ? interval : undefined),
    samples: { synthetic: t.rowsEach, [against]: t.rowsEach }, detail: { pEqual: t.p },
  };
  const doubles = misled(t) ? ' Wrong more often than a coin: rows of one table nearly repeat rows of the other, and a classifier that meets them learns nothing else.' : '';
  if (!r) return { ...shown, note: `Judged against the training rows, for want of a control.${doubles}` };
  // what tells real rows of other times from the control is no fault of the generator
  const apart = context.controlWithout?.length ? Math.max(0, r.auc - 0.5) : 0, less = Math.max(0.5, t.auc - apart);
  const judged = apart && !doubles ? {
    verdict: fidelityVerdict(less, thresholds.twoSample, t.auc >= 0.5 ? { ...interval, low: Math.max(0.5, t.low - apart), high: Math.max(0.5, t.high - apart) } : undefined),
    note: `Real rows of other times are told from the control too (AUC ${r.auc.toFixed(3)}): the verdict is on what exceeds that.`,
  } : doubles ? { note: doubles.trim() } : {};
  return { ...shown, ...judged, reference: { label: 'training rows against control', value: r.auc, interval: [r.low, r.high] } };
}
