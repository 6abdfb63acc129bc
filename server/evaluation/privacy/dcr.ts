import type { Figure } from '../../protocol';
import type { Metric } from '../metric';
import { quantile } from '../statistics';
import { encodingWords } from './encode';
import { crossedDistances, distancesOf } from './distances';
import { noControl } from './leak';

/** What every distance diagnostic says of itself. */
export const diagnosticNote = 'A diagnostic, never a verdict: a table that copies some people with one value changed passes it.';

/**
 * Distance to the closest record: 5th percentile of the distances from synthetic rows to their nearest training row, beside that of control rows (Zhao et
 * al. 2021, CTAB-GAN; Platzer & Reutterer 2021). All rows or the stated number. Distances as in encode.ts. Much smaller than the control's would be
 * suspicious; equal proves nothing, so this figure carries no verdict. Interval: order statistics (binomial).
 */
export const metric: Metric = {
  async compute(context) {
    const d = await distancesOf(context);
    if (!d) return noControl('privacy.dcr');
    return figure(d.syntheticToTraining, d.controlToTraining, d.rows.training);
  },
  async cross(_, folds) {
    const all = await crossedDistances(folds);
    return all ? figure(all.syntheticToTraining, all.controlToTraining, all.training) : noControl('privacy.dcr');
  },
};

function figure(synthetic: Float64Array, control: Float64Array, training: number): Figure {
  const s = synthetic.slice().sort(), c = control.slice().sort();
  const range = (x: Float64Array): [number, number] => {
    const half = 1.96 * Math.sqrt(0.05 * 0.95 / x.length);
    return [quantile(x, Math.max(0, 0.05 - half)), quantile(x, Math.min(1, 0.05 + half))];
  };
  const [low, high] = range(s);
  return {
    metric: 'privacy.dcr', value: quantile(s, 0.05), interval: { low, high, level: 0.95, method: 'order statistics' },
    reference: { label: 'control', value: quantile(c, 0.05), interval: range(c) },
    samples: { synthetic: s.length, control: c.length, training }, verdict: 'undecided', note: diagnosticNote,
    detail: { median: quantile(s, 0.5), medianControl: quantile(c, 0.5), p5: quantile(s, 0.05), p5Control: quantile(c, 0.05), distance: encodingWords },
  };
}
