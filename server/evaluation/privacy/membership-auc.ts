import type { Figure } from '../../protocol';
import type { Metric } from '../metric';
import { cannotTell, leakVerdict, noControl, type Bounds } from './leak';
import { crossedAuc } from './cross';
import { attackAuc, attackOf, crossedAttack, subset } from './membership-core';
import * as thresholds from '../thresholds';


/**
 * Membership AUC: probability that a random training row lies nearer to the synthetic table than a random control row (ties half). All rows of both (or
 * the stated number). 0.5: an attacker learns nothing from distances. DeLong's variance with identical rows as one observation. See membership-core.ts.
 */
export const metric: Metric = {
  async compute(context) {
    const attack = await attackOf(context);
    if (!attack) return noControl('privacy.membership-auc');
    const b = attackAuc(subset(attack, attack.plain)), c = attackAuc(subset(attack, attack.calibrated)), { asked, rows } = attack.distances;
    return figure(b, c, { training: asked.training, control: asked.control, synthetic: rows.synthetic }, 'DeLong');
  },
  async cross(_, folds) {
    const attack = await crossedAttack(folds);
    if (!attack) return noControl('privacy.membership-auc');
    const b = crossedAuc(attack.plain), synthetic = folds.reduce((s, f) => s + f.context.synthetic.rows, 0);
    return figure(b, crossedAuc(attack.calibrated), { control: b.rows, synthetic, folds: folds.length }, 'influences of rows over folds');
  },
};

type Estimated = Bounds & { low: number; high: number };

function figure(b: Estimated, calibrated: Bounds, samples: Record<string, number>, method: string): Figure {
  const verdict = leakVerdict(b, thresholds.membership, 0.5);
  return {
    metric: 'privacy.membership-auc', value: b.estimate, interval: { low: b.low, high: b.high, level: 0.95, method }, samples, verdict,
    ...(verdict === 'undecided' ? { note: cannotTell(samples, b.detectable < 0.4995 ? `an AUC above ${(0.5 + b.detectable).toFixed(3)}` : undefined) } : {}),
    detail: { upper95: b.upper, lower995: b.lower, smallestDetectable: 0.5 + b.detectable, calibratedAuc: calibrated.estimate, calibratedUpper95: calibrated.upper },
  };
}
