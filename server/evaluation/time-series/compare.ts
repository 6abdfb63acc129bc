import type { Figure } from '../../protocol';
import { fidelityVerdict } from '../fidelity/verdict';
import type { EvaluationContext } from '../metric';
import { notAssessable } from '../privacy/leak';
import * as thresholds from '../thresholds';
import { seriesOf, type AllSeries, type Series } from './series';

/**
 * The figure of a score in [0, 1] of two lists of series, averaged over what it names (columns, pairs); the control, where it has series as long, is scored in the synthetic table's place.
 * @param score by name; undefined where these series are too short
 */
export async function comparedSeries(metric: string, context: EvaluationContext, score: (real: readonly Series[], other: readonly Series[], all: AllSeries) => Record<string, number> | undefined): Promise<Figure> {
  const all = await seriesOf(context), { training, synthetic, control } = all.parts;
  if (all.columns.length === 0 || !training || !synthetic) return notAssessable(metric, 'There is no numeric column beside the order.');
  const rows = (s: readonly Series[]) => s.reduce((n, x) => n + x.values[0].length, 0), samples = { synthetic: rows(synthetic), training: rows(training), ...(control ? { control: rows(control) } : {}), series: training.length };
  const scores = score(training, synthetic, all), seen = Object.entries(scores ?? {}).filter(([, v]) => Number.isFinite(v));
  if (seen.length === 0) return notAssessable(metric, 'The series are too short, or nothing in them varies.', samples, 'undecided');
  const mean = (list: ReadonlyArray<readonly [string, number]>) => list.reduce((s, [, v]) => s + v, 0) / list.length, value = mean(seen);
  const fresh = control && Object.entries(score(training, control, all) ?? {}).filter(([, v]) => Number.isFinite(v)), reference = fresh?.length ? mean(fresh) : undefined;
  return {
    metric, value, verdict: reference !== undefined && value >= reference - 0.005 ? 'good' : fidelityVerdict(value, thresholds.series), samples,
    ...(reference === undefined ? {} : { reference: { label: 'control against training', value: reference } }), columns: Object.fromEntries(seen.sort((a, b) => a[1] - b[1]).slice(0, 100)),
  };
}
