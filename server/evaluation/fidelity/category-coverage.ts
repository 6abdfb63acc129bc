import { worstFirst } from '../detail';
import type { Metric } from '../metric';
import { notAssessable } from '../privacy/leak';
import { controlViewOf, viewOf, type CodeView, type Part, type View } from '../view';
import { fidelityVerdict } from './verdict';
import * as thresholds from './thresholds';

/** The share of the training rows' categories that the other table has (SDMetrics' CategoryCoverage). NaN where there is none. */
export function categoryCoverage(c: CodeView, real: Part, other: Part): number {
  const a = c.counts(real), b = c.counts(other);
  let all = 0, met = 0;
  for (let k = 0; k < a.length; k++) if (a[k] > 0) { all++; if (b[k] > 0) met++; }
  return all ? met / all : Number.NaN;
}

/**
 * What a fresh table of m rows would cover on average: a category of share p appears with probability 1 - (1 - p)^m. The training shares stand in for the true ones, which makes
 * rare categories look a little surer than they are.
 */
function expected(c: CodeView, m: number): number {
  const a = c.counts('training'), n = a.reduce((s, k) => s + k, 0);
  let all = 0, sum = 0;
  for (const k of a) if (k > 0) { all++; sum += 1 - (1 - k / n) ** m; }
  return all ? sum / all : Number.NaN;
}

/** Mean over categorical columns. Rare categories are missed by chance, and by value protection on purpose: what a fresh table of this size would cover stands beside it. */
export const metric: Metric = {
  async compute(context) {
    const view = await viewOf(context), compared = await controlViewOf(context), value = mean(view, c => categoryCoverage(c, 'training', 'synthetic'));
    if (Number.isNaN(value)) return notAssessable('fidelity.category-coverage', 'There is no categorical column.');
    const fresh = mean(view, c => expected(c, view.rows.synthetic)), control = view.hasControl ? mean(compared, c => categoryCoverage(c, 'training', 'control')) : Number.NaN;
    return {
      metric: 'fidelity.category-coverage', value, verdict: value >= fresh ? 'good' : fidelityVerdict(value / fresh, thresholds.categoryCoverage),
      samples: { synthetic: view.rows.synthetic, training: view.rows.training, ...(view.hasControl ? { control: view.rows.control } : {}) },
      ...(control === control ? { reference: { label: 'control against training', value: control } } : {}), detail: { freshTable: fresh, ofWhatAFreshTableCovers: Math.min(1, value / fresh) },
      columns: worstFirst(codes(view).map(c => [c.name, categoryCoverage(c, 'training', 'synthetic')]), 'higher'),
    };
  },
};

const codes = (view: View) => view.columns.filter((c): c is CodeView => c.type === 'code');
function mean(view: View, of: (c: CodeView) => number): number {
  const all = codes(view).map(of).filter(v => v === v);
  return all.length ? all.reduce((s, v) => s + v, 0) / all.length : Number.NaN;
}
