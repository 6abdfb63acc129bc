import type { Metric } from '../metric';
import { notAssessable } from '../privacy/leak';
import * as thresholds from '../thresholds';
import { noTask } from '../utility/problem';
import { normalQuantile } from '../../learners/distributions';
import { fewestInGroup } from './groups';
import { type Counts, miscalibration } from './measures';
import { judgedOf } from './model';

const id = 'fairness.calibration';

/**
 * Calibration by group: the largest amount by which a model trained on the synthetic rows is off for a group, mean predicted probability less the share of favourable outcomes among the
 * group's control rows, either way. The interval takes the model as given and counts the outcomes' variance only (sum p (1 - p) is at most n q (1 - q), which is used: wide rather than narrow), simultaneous over
 * the groups.
 */
export const metric: Metric = {
  async compute(context) {
    const j = await judgedOf(context);
    if ('why' in j) return noTask(id, j);
    if (!j.probabilities) return notAssessable(id, 'The outcome is a number: the model predicts no probabilities.', j.task.samples);
    const groups = j.groupings.flatMap(g => g.synthetic.flatMap((s, k) => (s.rows >= fewestInGroup ? [{ name: `${g.grouping.name} ${g.grouping.names[k]}`, s, r: g.real[k] }] : [])));
    if (groups.length === 0) return notAssessable(id, `No group has ${fewestInGroup} rows.`, j.task.samples, 'undecided');
    const off = (c: Counts) => Math.abs(miscalibration(c)), z = normalQuantile(1 - 0.025 / groups.length);
    const worst = groups.reduce((a, b) => (off(b.s) > off(a.s) ? b : a)), real = groups.reduce((a, b) => (off(b.r) > off(a.r) ? b : a)), share = worst.s.positive / worst.s.rows;
    const value = off(worst.s), half = z * Math.sqrt((share * (1 - share)) / worst.s.rows), excess = value - off(real.r), { good, fair } = thresholds.parity;
    const verdict = excess <= good ? 'good' as const : value - half <= off(real.r) ? 'undecided' as const : excess <= fair ? 'fair' as const : 'poor' as const;
    return {
      metric: id, value, interval: { low: Math.max(0, value - half), high: Math.min(1, value + half), level: 0.95, method: `normal, outcomes given the model, simultaneous over ${groups.length} groups` },
      reference: { label: 'trained on real rows', value: off(real.r) }, samples: j.task.samples, verdict, detail: { favourable: j.favourable.words, group: worst.name, offBy: miscalibration(worst.s), excess },
      columns: Object.fromEntries(groups.map(g => [g.name, off(g.s)] as const).sort((a, b) => b[1] - a[1]).slice(0, 100)),
    };
  },
};
