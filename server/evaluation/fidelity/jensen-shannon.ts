import type { Metric } from '../metric';
import { controlViewOf, viewOf, type Part, type View } from '../view';
import { notAssessable } from '../privacy/leak';
import { jensenShannon } from './column-distances';
import { fidelityVerdict } from './verdict';
import * as thresholds from '../thresholds';


/**
 * Mean Jensen-Shannon distance over all columns: synthetic against training rows, all rows; missing is a category, numbers in 50 quantile bins of the
 * real column. The reference is the control's own distance to the training rows. 0: equal, 1: nothing in common.
 */
export const metric: Metric = {
  async compute(context) {
    const view = await viewOf(context), compared = await controlViewOf(context), value = meanDistance(view, 'training', 'synthetic');
    if (Number.isNaN(value)) return notAssessable('fidelity.jensen-shannon', 'There is no column to compare.');
    return {
      metric: 'fidelity.jensen-shannon', value, verdict: fidelityVerdict(value, thresholds.jensenShannon),
      samples: { synthetic: view.rows.synthetic, training: view.rows.training, ...(view.hasControl ? { control: view.rows.control } : {}) },
      ...(view.hasControl ? {
        reference: { label: 'control against training', value: meanDistance(compared, 'training', 'control') },
        detail: { againstControl: meanDistance(compared, 'control', 'synthetic') },
      } : {}),
    };
  },
};

function meanDistance(view: View, real: Part, other: Part): number {
  const all = view.columns.map(c => jensenShannon(c, real, other)).filter(d => !Number.isNaN(d));
  return all.reduce((s, d) => s + d, 0) / all.length;
}
