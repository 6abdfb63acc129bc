import { worstFirst } from '../detail';
import type { Metric } from '../metric';
import { bandsFigure, widerBands } from '../resample';
import { controlViewOf, viewOf, type Part, type View } from '../view';
import { notAssessable } from '../privacy/leak';
import { jensenShannon } from './column-distances';
import { marginalDeviations } from './marginals';
import { calibratedVerdict } from './verdict';
import * as thresholds from '../thresholds';


/**
 * Mean Jensen-Shannon distance over all columns: synthetic against training rows, all rows; missing is a category, numbers in 50 quantile bins of the
 * real column. The reference is the control's own distance to the training rows. 0: equal, 1: nothing in common.
 */
export const metric: Metric = {
  async compute(context) {
    const view = await viewOf(context), compared = await controlViewOf(context), value = meanDistance(view, 'training', 'synthetic');
    if (Number.isNaN(value)) return notAssessable('fidelity.jensen-shannon', 'There is no column to compare.');
    const { resampled, dealt } = await marginalDeviations(context), { interval } = bandsFigure(widerBands(value, resampled.jensenShannon, dealt.jensenShannon, 1));
    // the sum of two distances bounds an error, but is more than two fresh tables lie apart
    const fresh = widerBands(value, dealt.jensenShannon, dealt.jensenShannon, 1), { detail } = bandsFigure(fresh);
    return {
      metric: 'fidelity.jensen-shannon', value, interval, verdict: calibratedVerdict(value, fresh.limit, thresholds.jensenShannon),
      samples: { synthetic: view.rows.synthetic, training: view.rows.training, ...(view.hasControl ? { control: view.rows.control } : {}) },
      ...(view.hasControl ? {
        reference: { label: 'control against training', value: meanDistance(compared, 'training', 'control') },
        detail: { ...detail, againstControl: meanDistance(compared, 'control', 'synthetic') },
      } : { detail }),
      columns: worstFirst(view.columns.map(c => [c.name, jensenShannon(c, 'training', 'synthetic')]), 'lower'),
    };
  },
};

function meanDistance(view: View, real: Part, other: Part): number {
  const all = view.columns.map(c => jensenShannon(c, real, other)).filter(d => !Number.isNaN(d));
  return all.reduce((s, d) => s + d, 0) / all.length;
}
