import type { Figure } from '../../protocol';
import type { EvaluationContext } from '../metric';
import { worstFirst } from '../detail';
import { withInterval } from '../influence';
import { bandsFigure, widerBands } from '../resample';
import { notAssessable } from '../privacy/leak';
import { controlViewOf, viewOf, type ColumnView } from '../view';
import { pairsDealt } from './pair-dealt';
import { pairDeviations, pairRows } from './pair-deviations';
import { pairScores, prepare, type PairScores, type Prepared } from './pair-scores';
import { calibratedVerdict } from './verdict';
import * as thresholds from '../thresholds';

/** Pair scores of synthetic and of control rows against training, and of synthetic rows against the control, these without the columns of `controlWithout` (NaN in their cells); computed once. */
export interface AllPairs {
  columns: readonly ColumnView[]; synthetic: PairScores; control?: PairScores; againstControl?: PairScores;
  /** How far the mean scores of tied and of all pairs stray by sampling alone. */
  deviations(): Promise<Record<'resampled' | 'dealt', { tied: Float64Array; all: Float64Array }>>;
}

/** Rows times pairs that one comparison may take (some seconds); a table with more columns has as many evenly spaced ones compared. */
export const mostWork = 1.5e9, mostColumns = 400;

export const pairsOf = (context: EvaluationContext): Promise<AllPairs> => context.shared('pairs', async () => {
  const view = await viewOf(context), { rows } = view, columns = chosenColumns(view.columns, Math.max(rows.training, rows.synthetic));
  const stages = view.hasControl ? 3 : 1, breathe = (stage: number) => (f: number) => context.progress((stage + f) / stages, 'pairs of columns');
  const training = prepare(view, 'training', columns), synthetic = prepare(view, 'synthetic', columns);
  const scores = await pairScores(training, synthetic, rows.training, rows.synthetic, breathe(0)), resampled = pairRows(context, scores, training, synthetic, rows.training, rows.synthetic);
  const first = { columns, synthetic: scores, deviations: () => context.shared('pair deviations', async () => ({
    resampled: await pairDeviations(context, resampled), dealt: await pairsDealt(context, columns, rows, scores.counts),
  })) };
  if (!view.hasControl) return first;
  const control = prepare(view, 'control', columns), kept = new Set((await controlViewOf(context)).columns), chosen = columns.flatMap((c, i) => (kept.has(c) ? [i] : []));
  const compared = async (a: Prepared[], b: Prepared[], n: number, m: number, stage: number) =>
    spread(await pairScores(chosen.map(i => a[i]), chosen.map(i => b[i]), n, m, breathe(stage)), chosen, columns.length);
  return { ...first, control: await compared(training, control, rows.training, rows.control, 1), againstControl: await compared(control, synthetic, rows.control, rows.synthetic, 2) };
});

/** Scores of some columns in matrices of all `C`: undefined where a column took no part. */
function spread(scores: PairScores, chosen: readonly number[], C: number): PairScores {
  const k = chosen.length;
  if (k === C) return scores;
  const place = <T extends Float64Array | Uint8Array>(small: T, large: T): T => {
    for (let a = 0; a < k; a++) for (let b = 0; b < k; b++) large[chosen[a] * C + chosen[b]] = small[a * k + b];
    return large;
  };
  const letters = new Array<string>(C * C).fill('.'), nan = () => new Float64Array(C * C).fill(Number.NaN);
  for (let a = 0; a < k; a++) for (let b = 0; b < k; b++) letters[chosen[a] * C + chosen[b]] = scores.statistic[a * k + b];
  return { ...scores, statistic: letters.join(''), real: place(scores.real, nan()), other: place(scores.other, nan()), score: place(scores.score, nan()), counts: place(scores.counts, new Uint8Array(C * C)) };
}

function chosenColumns(columns: readonly ColumnView[], rows: number): readonly ColumnView[] {
  const most = Math.max(20, Math.min(mostColumns, Math.floor(Math.sqrt((2 * mostWork) / Math.max(1, rows)))));
  return columns.length <= most ? columns : Array.from({ length: most }, (_, i) => columns[Math.floor((i * columns.length) / most)]);
}

/** The figure of either pair score. `pick` chooses which mean. */
export async function pairsFigure(context: EvaluationContext, metric: string, pick: (p: PairScores) => { mean: number; variance: number; pairs: number }, none: string, of: 'tied' | 'all'): Promise<Figure> {
  const all = await pairsOf(context), view = await viewOf(context), s = pick(all.synthetic);
  if (Number.isNaN(s.mean)) return notAssessable(metric, none, { synthetic: view.rows.synthetic, training: view.rows.training });
  const r = all.control && pick(all.control), fresh = r && !Number.isNaN(r.mean) ? r : undefined;
  const deviations = await all.deviations();
  const range = fresh && withInterval(fresh.mean, fresh.variance), { interval, detail } = bandsFigure(widerBands(1 - s.mean, deviations.resampled[of], deviations.dealt[of], 1), { slope: 1 });
  return {
    metric, value: s.mean, interval,
    verdict: fresh && s.mean >= fresh.mean - 0.005 ? 'good' : calibratedVerdict(s.mean, detail.freshTableWorst5, thresholds.pairs),
    samples: { synthetic: view.rows.synthetic, training: view.rows.training, ...(all.control ? { control: view.rows.control } : {}), pairs: s.pairs },
    ...(fresh ? { reference: { label: 'control against training', value: fresh.mean, interval: [range!.low, range!.high] as [number, number] } } : {}),
    ...(all.columns.length < view.columns.length ? { note: `Over the pairs of ${all.columns.length} of ${view.columns.length} columns, evenly spaced.` } : {}),
    detail: { ...detail, ...(all.againstControl && !Number.isNaN(pick(all.againstControl).mean) ? { againstControl: pick(all.againstControl).mean } : {}) },
    columns: worstPairs(all, of),
  };
}

function worstPairs({ columns, synthetic: s }: AllPairs, of: 'tied' | 'all'): Record<string, number> {
  const C = columns.length, out: Array<[string, number]> = [];
  for (let a = 0; a < C; a++) for (let b = a + 1; b < C; b++) if (of === 'all' || s.counts[a * C + b]) out.push([`${columns[a].name} x ${columns[b].name}`, s.score[a * C + b]]);
  return worstFirst(out, 'higher');
}
