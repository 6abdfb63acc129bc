import { ksStatistic } from '../fidelity/shape-scores';
import { fidelityVerdict } from '../fidelity/verdict';
import type { Metric } from '../metric';
import { notAssessable } from '../privacy/leak';
import * as thresholds from '../thresholds';
import { seriesOf } from './series';

const id = 'time-series.lengths';

/** Rows an entity: one minus the Kolmogorov-Smirnov distance between synthetic and training entities. */
export const metric: Metric = {
  async compute(context) {
    const { lengths } = await seriesOf(context), sorted = (l: number[] | undefined) => Float64Array.from(l ?? []).sort(), [real, synthetic, control] = [sorted(lengths.training), sorted(lengths.synthetic), sorted(lengths.control)];
    const samples = { synthetic: synthetic.length, training: real.length, ...(control.length ? { control: control.length } : {}) };
    if (real.length < 5 || synthetic.length < 5) return notAssessable(id, 'Too few entities to compare how many rows they have.', samples, 'undecided');
    const value = 1 - ksStatistic(real, synthetic).statistic, reference = control.length >= 5 ? 1 - ksStatistic(real, control).statistic : undefined, mean = (x: Float64Array) => x.reduce((s, v) => s + v, 0) / x.length;
    // both empirical distributions lie within these of their own with probability 97.5% each, whatever they are (Massart 1990)
    const band = [real.length, synthetic.length].reduce((s, n) => s + Math.sqrt(Math.log(2 / 0.025) / (2 * n)), 0);
    return {
      metric: id, value, interval: { low: Math.max(0, value - band), high: Math.min(1, value + band), level: 0.95, method: 'Dvoretzky-Kiefer-Wolfowitz-Massart' }, samples, verdict: reference !== undefined && value >= reference - 0.005 ? 'good' : fidelityVerdict(value, thresholds.shapes), ...(reference === undefined ? {} : { reference: { label: 'control against training', value: reference } }),
      detail: { meanReal: mean(real), meanSynthetic: mean(synthetic) },
    };
  },
};
