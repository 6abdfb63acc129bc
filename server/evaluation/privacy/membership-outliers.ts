import type { Figure } from '../../protocol';
import type { Metric } from '../metric';
import { leakVerdict, noControl, notAssessable, type Bounds } from './leak';
import { crossedAuc, crossedTpr, restrict } from './cross';
import { attackAuc, attackOf, attackTpr, crossedAttack, mostOutlying, subset } from './membership-core';
import { outlyingShare } from './membership-tpr';
import * as thresholds from '../thresholds';

const id = 'privacy.membership-outliers', fewest = 10;
/** Over folds a row is compared with itself, and the bound rests on the rows alone. */
const fewestCrossed = 20;

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
    return figure(attackAuc(s), attackTpr(s, 0.01), samples, 'DeLong');
  },
  async cross(_, folds) {
    const attack = await crossedAttack(folds);
    if (!attack) return noControl(id);
    const rows = mostOutlying(attack.outlyingness, outlyingShare), plain = restrict(attack.plain, rows), samples = { control: rows.length, folds: folds.length };
    if (rows.length < fewestCrossed) return notAssessable(id, `The most outlying 1% are ${rows.length} rows: too few to tell.`, samples, 'undecided');
    return figure(crossedAuc(plain), crossedTpr(plain, 0.01), samples, 'influences of rows over folds');
  },
};

function figure(b: Bounds & { low: number; high: number }, at1: Bounds & { tpr: number }, samples: Record<string, number>, method: string): Figure {
  const verdict = leakVerdict(b, thresholds.outliers, 0.5);
  return {
    metric: id, value: b.estimate, interval: { low: b.low, high: b.high, level: 0.95, method }, samples, verdict,
    ...(verdict === 'undecided' ? { note: `Too few outliers to tell: only an AUC above ${(0.5 + b.detectable).toFixed(2)} would have been seen.` } : {}),
    detail: { upper95: b.upper, lower995: b.lower, smallestDetectable: 0.5 + b.detectable, tprAt1: at1.tpr, tprAt1Upper95: 0.01 + at1.upper, tprAt1SmallestDetectable: 0.01 + at1.detectable },
  };
}
