import type { Metric } from '../metric';
import { Influence } from '../influence';
import { z95 } from '../statistics';
import { controlViewOf, viewOf, type Part, type View } from '../view';
import { notAssessable } from '../privacy/leak';
import { wasserstein } from './column-distances';
import { fidelityVerdict } from './verdict';
import * as thresholds from '../thresholds';


/**
 * Mean first Wasserstein distance over numeric and temporal columns, in standard deviations of the real column: synthetic against training rows, all
 * rows. The reference is the control's own distance to the training rows. 0: equal; not bounded above. See column-distances.ts.
 */
export const metric: Metric = {
  async compute(context) {
    const view = await viewOf(context), compared = await controlViewOf(context), value = meanDistance(view, 'training', 'synthetic');
    if (!value) return notAssessable('fidelity.wasserstein', 'The table has no numeric column.', {}, 'not-assessable');
    const interval = { low: value.low, high: value.high, level: 0.95, method: 'delta method over rows' };
    const r = view.hasControl ? meanDistance(compared, 'training', 'control') : undefined;
    return {
      metric: 'fidelity.wasserstein', value: value.mean, interval, verdict: fidelityVerdict(value.mean, thresholds.wasserstein),
      samples: { synthetic: view.rows.synthetic, training: view.rows.training, ...(r ? { control: view.rows.control } : {}) },
      ...(r ? { reference: { label: 'control against training', value: r.mean, interval: [r.low, r.high] } } : {}),
      ...(r ? { detail: { againstControl: meanDistance(compared, 'control', 'synthetic')!.mean } } : {}),
    };
  },
};

function meanDistance(view: View, real: Part, other: Part): { mean: number; low: number; high: number } | undefined {
  const influence: [Influence, Influence] = [new Influence(view.rows[real]), new Influence(view.rows[other])];
  let sum = 0, n = 0;
  for (const c of view.columns) {
    if (c.type !== 'number') continue;
    const w = wasserstein(c, real, other, influence);
    if (!Number.isNaN(w)) { sum += w; n++; }
  }
  if (!n) return undefined;
  const mean = sum / n, half = z95 * Math.sqrt(influence[0].variance(n) + influence[1].variance(n));
  return { mean, low: Math.max(0, mean - half), high: mean + half };
}
