import type { Figure } from '../../protocol';
import type { EvaluationContext } from '../metric';
import { withInterval } from '../influence';
import { notAssessable } from '../privacy/leak';
import { viewOf, type ColumnView } from '../view';
import { pairScores, prepare, type PairScores } from './pair-scores';
import { fidelityVerdict } from './verdict';
import * as thresholds from '../thresholds';

/** Pair scores of synthetic and of control rows against training, and of synthetic rows against the control; computed once. */
export interface AllPairs { columns: readonly ColumnView[]; synthetic: PairScores; control?: PairScores; againstControl?: PairScores }

/** Rows times pairs that one comparison may take (some seconds); a table with more columns has as many evenly spaced ones compared. */
export const mostWork = 1.5e9, mostColumns = 400;

export const pairsOf = (context: EvaluationContext): Promise<AllPairs> => context.shared('pairs', async () => {
  const view = await viewOf(context), { rows } = view, columns = chosenColumns(view.columns, Math.max(rows.training, rows.synthetic));
  const stages = view.hasControl ? 3 : 1, breathe = (stage: number) => (f: number) => context.progress((stage + f) / stages, 'pairs of columns');
  const training = prepare(view, 'training', columns), synthetic = prepare(view, 'synthetic', columns);
  const first = { columns, synthetic: await pairScores(training, synthetic, rows.training, rows.synthetic, breathe(0)) };
  if (!view.hasControl) return first;
  const control = prepare(view, 'control', columns);
  return { ...first, control: await pairScores(training, control, rows.training, rows.control, breathe(1)), againstControl: await pairScores(control, synthetic, rows.control, rows.synthetic, breathe(2)) };
});

function chosenColumns(columns: readonly ColumnView[], rows: number): readonly ColumnView[] {
  const most = Math.max(20, Math.min(mostColumns, Math.floor(Math.sqrt((2 * mostWork) / Math.max(1, rows)))));
  return columns.length <= most ? columns : Array.from({ length: most }, (_, i) => columns[Math.floor((i * columns.length) / most)]);
}

/** The figure of either pair score. `pick` chooses which mean. */
export async function pairsFigure(context: EvaluationContext, metric: string, pick: (p: PairScores) => { mean: number; variance: number; pairs: number }, none: string): Promise<Figure> {
  const all = await pairsOf(context), view = await viewOf(context), s = pick(all.synthetic);
  if (Number.isNaN(s.mean)) return notAssessable(metric, none, { synthetic: view.rows.synthetic, training: view.rows.training });
  const r = all.control && pick(all.control), fresh = r && !Number.isNaN(r.mean) ? r : undefined;
  const range = fresh && withInterval(fresh.mean, fresh.variance);
  return {
    metric, value: s.mean, interval: withInterval(s.mean, s.variance),
    verdict: fresh && s.mean >= fresh.mean - 0.005 ? 'good' : fidelityVerdict(s.mean, thresholds.pairs),
    samples: { synthetic: view.rows.synthetic, training: view.rows.training, ...(all.control ? { control: view.rows.control } : {}), pairs: s.pairs },
    ...(fresh ? { reference: { label: 'control against training', value: fresh.mean, interval: [range!.low, range!.high] as [number, number] } } : {}),
    ...(all.columns.length < view.columns.length ? { note: `Over the pairs of ${all.columns.length} of ${view.columns.length} columns, evenly spaced.` } : {}),
    ...(all.againstControl && !Number.isNaN(pick(all.againstControl).mean) ? { detail: { againstControl: pick(all.againstControl).mean } } : {}),
  };
}
