import type { Metric } from '../metric';
import { leakVerdict, noControl } from './leak';
import { attackAuc, attackOf, subset } from './membership-core';
import * as thresholds from '../thresholds';


/**
 * Membership AUC: probability that a random training row lies nearer to the synthetic table than a random control row (ties half). All rows of both (or
 * the stated number). 0.5: an attacker learns nothing from distances. DeLong's variance with identical rows as one observation. See membership-core.ts.
 */
export const metric: Metric = {
  async compute(context) {
    const attack = await attackOf(context);
    if (!attack) return noControl('privacy.membership-auc');
    const b = attackAuc(subset(attack, attack.plain)), c = attackAuc(subset(attack, attack.calibrated)), verdict = leakVerdict(b, thresholds.membership, 0.5);
    return {
      metric: 'privacy.membership-auc', value: b.estimate, interval: { low: b.low, high: b.high, level: 0.95, method: 'DeLong' },
      samples: { training: attack.distances.asked.training, control: attack.distances.asked.control, synthetic: attack.distances.rows.synthetic }, verdict,
      ...(verdict === 'undecided' ? { note: `These tables are too small to tell: only an AUC above ${(0.5 + b.detectable).toFixed(3)} would have been seen.` } : {}),
      detail: { upper95: b.upper, lower995: b.lower, smallestDetectable: 0.5 + b.detectable, calibratedAuc: c.estimate, calibratedUpper95: c.upper },
    };
  },
};
