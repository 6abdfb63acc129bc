import type { EvaluationContext, Metric } from '../metric';
import { worstFirst } from '../detail';
import { withInterval } from '../influence';
import { bandsFigure, widerBands } from '../resample';
import { notAssessable } from '../privacy/leak';
import { controlViewOf, viewOf } from '../view';
import { marginalDeviations } from './marginals';
import { shapeScores, type ShapeScores } from './shape-scores';
import { calibratedVerdict } from './verdict';
import * as thresholds from '../thresholds';

/** Shapes of synthetic and of control rows against training, and of synthetic rows against the control, these without the columns of `controlWithout`; computed once. */
export interface AllShapes { synthetic: ShapeScores; control?: ShapeScores; againstControl?: ShapeScores; trainingAgainstControl?: ShapeScores }
export const shapesOf = (context: EvaluationContext): Promise<AllShapes> => context.shared('shapes', async () => {
  const view = await viewOf(context), synthetic = shapeScores(view, 'training', 'synthetic');
  if (!view.hasControl) return { synthetic };
  const compared = await controlViewOf(context);
  return {
    synthetic, control: shapeScores(compared, 'training', 'control'),
    againstControl: shapeScores(compared, 'control', 'synthetic'), trainingAgainstControl: shapeScores(compared, 'control', 'training'),
  };
});


/**
 * Column shapes (SDMetrics 0.29): mean over columns of one minus the Kolmogorov-Smirnov statistic (numbers, dates) or one minus the total variation
 * distance (categories), missing cells left out. Synthetic against training rows, as papers report it, all rows; the reference is the
 * control's own score against training, and `againstControl` the synthetic table's score against the control. 1: equal. Small tables score lower
 * by chance alone, a fresh real one too.
 */
export const metric: Metric = {
  async compute(context) {
    const all = await shapesOf(context), view = await viewOf(context), s = all.synthetic;
    if (Number.isNaN(s.mean)) return notAssessable('fidelity.shapes', 'No column has values in both tables.');
    const r = all.control, { resampled, dealt } = await marginalDeviations(context), bands = widerBands(1 - s.mean, resampled.shapes, dealt.shapes, 1), { interval, detail } = bandsFigure(bands, { slope: 1 });
    return {
      metric: 'fidelity.shapes', value: s.mean, interval,
      // no worse than real rows are to each other is good, however small the table
      verdict: r && s.mean >= r.mean - 0.005 ? 'good' : calibratedVerdict(s.mean, detail.freshTableWorst5, thresholds.shapes),
      samples: { synthetic: view.rows.synthetic, training: view.rows.training, ...(r ? { control: view.rows.control } : {}) },
      ...(r ? {
        reference: { label: 'control against training', value: r.mean, interval: [withInterval(r.mean, r.variance).low, withInterval(r.mean, r.variance).high] },
        detail: { ...detail, againstControl: all.againstControl!.mean, trainingAgainstControl: all.trainingAgainstControl!.mean },
      } : { detail }),
      columns: worstFirst(s.columns.map(c => [c.name, c.score]), 'higher'),
    };
  },
};
