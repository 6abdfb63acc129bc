import type { Metric } from '../metric';
import { wilson } from '../../learners/metrics';
import { diagnosticNote } from './dcr';
import { distancesOf } from './distances';
import { noControl } from './leak';

/**
 * Share of synthetic rows that lie nearer to a training row than to a control row, of equally many rows of each; ties count half (Platzer & Reutterer 2021,
 * the DCR share). 0.5: the synthetic table is no nearer to the people it was made from than to others. All synthetic rows or the stated number; the
 * larger of the two real tables is cut to the size of the smaller at random. Wilson's interval counts synthetic rows as independent, which they
 * are not quite (they share the real rows): another reason why this is a diagnostic and carries no verdict.
 */
export const metric: Metric = {
  async compute(context) {
    const d = await distancesOf(context);
    if (!d) return noControl('privacy.closer-share');
    let closer = 0;
    const a = d.syntheticToEqualTraining, b = d.syntheticToEqualControl, n = a.length;
    for (let i = 0; i < n; i++) closer += a[i] < b[i] ? 1 : a[i] === b[i] ? 0.5 : 0;
    const w = wilson(closer, n);
    return {
      metric: 'privacy.closer-share', value: closer / n, interval: { low: w.low, high: w.high, level: 0.95, method: 'Wilson' },
      reference: { label: 'no leak', value: 0.5 }, samples: { synthetic: n, training: d.equalRows, control: d.equalRows }, verdict: 'undecided', note: diagnosticNote,
    };
  },
};
