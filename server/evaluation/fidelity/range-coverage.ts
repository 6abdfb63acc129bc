import { worstFirst } from '../detail';
import type { Metric } from '../metric';
import { notAssessable } from '../privacy/leak';
import { controlViewOf, viewOf, type NumberView, type Part, type View } from '../view';
import { fidelityVerdict } from './verdict';
import * as thresholds from './thresholds';

/** Boundary coverage (SDMetrics' RangeCoverage): one minus how much of the training range the other table leaves uncovered at both ends; at least 0. NaN for a constant column. */
export function rangeCoverage(c: NumberView, real: Part, other: Part): number {
  const a = c.sorted(real), b = c.sorted(other);
  if (!a.length || !b.length || a[0] === a[a.length - 1]) return Number.NaN;
  const [low, high] = [a[0], a[a.length - 1]], width = high - low;
  return Math.max(0, 1 - Math.max((b[0] - low) / width, 0) - Math.max((high - b[b.length - 1]) / width, 0));
}
/** The share of the other table's values within the training range (SDMetrics' BoundaryAdherence). */
export function boundaryAdherence(c: NumberView, real: Part, other: Part): number {
  const a = c.sorted(real), b = c.sorted(other);
  let within = 0;
  for (const v of b) if (v >= a[0] && v <= a[a.length - 1]) within++;
  return a.length && b.length ? within / b.length : Number.NaN;
}

/** Mean over numeric and date columns. These rows against those: smallest and largest values have no sampling theory that would hold for all columns. */
export const metric: Metric = {
  async compute(context) {
    const view = await viewOf(context), compared = await controlViewOf(context), value = mean(view, 'synthetic', rangeCoverage);
    if (Number.isNaN(value)) return notAssessable('fidelity.range-coverage', 'No numeric column varies.');
    const reference = view.hasControl ? mean(compared, 'control', rangeCoverage) : Number.NaN;
    return {
      metric: 'fidelity.range-coverage', value, verdict: reference === reference && value >= reference ? 'good' : fidelityVerdict(value, thresholds.rangeCoverage),
      samples: { synthetic: view.rows.synthetic, training: view.rows.training, ...(view.hasControl ? { control: view.rows.control } : {}) },
      ...(reference === reference ? { reference: { label: 'control against training', value: reference } } : {}),
      detail: { boundaryAdherence: mean(view, 'synthetic', boundaryAdherence) },
      columns: worstFirst(numeric(view).map(c => [c.name, rangeCoverage(c, 'training', 'synthetic')]), 'higher'),
    };
  },
};

const numeric = (view: View) => view.columns.filter((c): c is NumberView => c.type === 'number');
function mean(view: View, other: Part, of: (c: NumberView, real: Part, other: Part) => number): number {
  const all = numeric(view).map(c => of(c, 'training', other)).filter(v => v === v);
  return all.length ? all.reduce((s, v) => s + v, 0) / all.length : Number.NaN;
}
