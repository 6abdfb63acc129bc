import { worstFirst } from '../detail';
import type { Metric } from '../metric';
import { bandsFigure, widerBands } from '../resample';
import { Influence } from '../influence';
import { z95 } from '../statistics';
import { controlViewOf, viewOf, type Part, type View } from '../view';
import { notAssessable } from '../privacy/leak';
import { wasserstein } from './column-distances';
import { marginalDeviations } from './marginals';
import { calibratedVerdict } from './verdict';
import * as thresholds from '../thresholds';


/**
 * Mean first Wasserstein distance over numeric and temporal columns, in standard deviations of the real column: synthetic against training rows, all
 * rows. The reference is the control's own distance to the training rows. 0: equal; not bounded above. See column-distances.ts.
 */
export const metric: Metric = {
  async compute(context) {
    const view = await viewOf(context), compared = await controlViewOf(context), value = meanDistance(view, 'training', 'synthetic');
    if (!value) return notAssessable('fidelity.wasserstein', 'The table has no numeric column.', {}, 'not-assessable');
    const { resampled, dealt } = await marginalDeviations(context), bands = widerBands(value.mean, resampled.wasserstein, dealt.wasserstein), { interval, detail } = bandsFigure(bands);
    const r = view.hasControl ? meanDistance(compared, 'training', 'control') : undefined;
    return {
      metric: 'fidelity.wasserstein', value: value.mean, interval, verdict: calibratedVerdict(value.mean, bands.limit, thresholds.wasserstein),
      samples: { synthetic: view.rows.synthetic, training: view.rows.training, ...(r ? { control: view.rows.control } : {}) },
      ...(r ? { reference: { label: 'control against training', value: r.mean, interval: [r.low, r.high] } } : {}),
      detail: { ...detail, ...(r ? { againstControl: meanDistance(compared, 'control', 'synthetic')!.mean } : {}) },
      columns: worstFirst(view.columns.flatMap(c => (c.type === 'number' ? [[c.name, wasserstein(c, 'training', 'synthetic')] as const] : [])), 'lower'),
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
