import type { Figure } from '../../protocol';
import type { EvaluationContext } from '../metric';
import { withInterval } from '../influence';
import { notAssessable } from '../privacy/leak';
import { viewOf } from '../view';
import { pairScores, prepare, type PairScores } from './pair-scores';
import { fidelityVerdict } from './verdict';
import * as thresholds from '../thresholds';

/** Pair scores of synthetic and of control rows against training, and of synthetic rows against the control; computed once. */
export interface AllPairs { synthetic: PairScores; control?: PairScores; againstControl?: PairScores }
export const pairsOf = (context: EvaluationContext): Promise<AllPairs> => context.shared('pairs', async () => {
  const view = await viewOf(context), training = prepare(view, 'training'), synthetic = prepare(view, 'synthetic'), { rows } = view;
  const first = { synthetic: pairScores(training, synthetic, rows.training, rows.synthetic) };
  await context.progress(0.4, 'pairs of columns');
  if (!view.hasControl) return first;
  const control = prepare(view, 'control'), second = pairScores(training, control, rows.training, rows.control);
  await context.progress(0.7, 'pairs of columns');
  return { ...first, control: second, againstControl: pairScores(control, synthetic, rows.control, rows.synthetic) };
});


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
    ...(all.againstControl && !Number.isNaN(pick(all.againstControl).mean) ? { detail: { againstControl: pick(all.againstControl).mean } } : {}),
  };
}
