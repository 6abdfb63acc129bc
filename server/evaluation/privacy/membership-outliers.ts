import type { Metric } from '../metric';
import { leakVerdict, noControl, notAssessable } from './leak';
import { attackAuc, attackOf, attackTpr, subset } from './membership-core';
import { outlyingShare } from './membership-tpr';
import * as thresholds from '../thresholds';

const id = 'privacy.membership-outliers', fewest = 10;

/**
 * Membership AUC on the 1% most outlying real rows: those with the largest mean distance to their five nearest other real rows (training and control
 * together, so that members and non-members are chosen alike). Leaks concentrate there (Stadler, Oprisanu & Troncoso 2022). The attacker's
 * score is the distance to the nearest synthetic row. 0.5: an attacker learns nothing.
 */
export const metric: Metric = {
  async compute(context) {
    const attack = await attackOf(context);
    if (!attack) return noControl(id);
    const s = subset(attack, attack.plain, outlyingShare), samples = { training: s.members, control: s.others };
    if (s.members < fewest || s.others < fewest) return notAssessable(id, `The most outlying 1% are ${s.members} training and ${s.others} control rows: too few to tell.`, samples, 'undecided');
    const b = attackAuc(s), verdict = leakVerdict(b, thresholds.outliers, 0.5), at1 = attackTpr(s, 0.01);
    return {
      metric: id, value: b.estimate, interval: { low: b.low, high: b.high, level: 0.95, method: 'DeLong' }, samples, verdict,
      ...(verdict === 'undecided' ? { note: `Too few outliers to tell: only an AUC above ${(0.5 + b.detectable).toFixed(2)} would have been seen.` } : {}),
      detail: { upper95: b.upper, lower995: b.lower, smallestDetectable: 0.5 + b.detectable, tprAt1: at1.tpr, tprAt1Upper95: 0.01 + at1.upper, tprAt1SmallestDetectable: 0.01 + at1.detectable },
    };
  },
};
