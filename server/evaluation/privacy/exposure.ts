import type { Figure } from '../../protocol';
import type { Metric } from '../metric';
import { exposure as threshold } from './thresholds';
import { crossedExcess, meanExcess, type Excess } from './excess';
import { carriedByOutliers, crossedExposures, cut, exposuresOf } from './exposure-core';
import { cannotTell, leakVerdict, noControl } from './leak';

const id = 'privacy.exposure';

/**
 * Exposure: how much denser, in nats, the synthetic table is around the people it was made from than around people it has never seen, averaged over rows (van
 * den Burg & Williams 2021; densities by kernels, see density.ts and exposure-core.ts). Estimand: the mean over training rows less that over control
 * rows, for this table; Welch's interval, or rows against themselves where the release was cross-fitted. 0 without a leak.
 */
export const metric: Metric = {
  async compute(context) {
    const e = await exposuresOf(context);
    if (!e) return noControl(id);
    const sorted = e.control.slice().sort(), line = sorted[Math.min(sorted.length - 1, Math.ceil(0.99 * sorted.length))];
    return figure(meanExcess(e.training.map(cut), e.control.map(cut), e.clusters), 'Welch', { training: e.training.length, control: e.control.length, synthetic: e.synthetic }, {
      outliersCarry: carriedByOutliers(e.training, e.outlyingness.training), outliersCarryControl: carriedByOutliers(e.control, e.outlyingness.control),
      aboveControl99: e.training.filter(s => s > line).length / e.training.length, nats99Control: line,
    });
  },
  async cross(_, folds) {
    const e = await crossedExposures(folds);
    if (!e) return noControl(id);
    return figure(crossedExcess(e.crossed), 'rows over folds', { control: e.scores.length, folds: folds.length, synthetic: folds.reduce((s, f) => s + f.context.synthetic.rows, 0) }, { outliersCarry: carriedByOutliers(e.scores, e.outlyingness) });
  },
};

function figure(e: Excess, method: string, samples: Record<string, number>, detail: Record<string, number>): Figure {
  const verdict = leakVerdict(e, threshold), half = (e.upper - e.estimate) * (1.959963984540054 / 1.6448536269514722);
  return {
    metric: id, value: e.estimate, interval: { low: e.estimate - half, high: e.estimate + half, level: 0.95, method }, reference: { label: 'no leak', value: 0 }, samples, verdict,
    ...(verdict === 'undecided' ? { note: cannotTell(samples, `an exposure above ${e.detectable.toPrecision(2)} nats`) } : {}),
    detail: { excess: e.estimate, excessUpper95: e.upper, excessLower995: e.lower, smallestDetectable: e.detectable, members: e.member, others: e.other, ...detail },
  };
}
