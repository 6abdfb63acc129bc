import { Stream } from '../../random';
import { sampleRows } from '../features';
import type { EvaluationContext } from '../metric';
import { controlViewOf, type ColumnView, type View } from '../view';
import { nearestGuesses, type NearestGuess } from './gower';

/** The rows that linkability and inference attack, and what the synthetic table's nearest rows say of them; found once for both. */
export interface Guesses {
  view: View; targets: Record<'training' | 'control', Int32Array>; nearest: Record<'training' | 'control', NearestGuess>;
  /** Which columns the attacker's first source holds; the second holds the others. */
  first: readonly boolean[];
}

/** At most this many people a side, and fewer where the table is large. */
export const mostTargets = 2000, mostWork = 5e9;

/** @param all attack every row: folds compare each row with itself */
export const guessesOf = (context: EvaluationContext, all = false): Promise<Guesses | undefined> => context.shared(`guesses ${all}`, async () => {
  if (!context.control || context.control.rows < 2 || context.training.rows < 2 || context.synthetic.rows < 1) return undefined;
  const view = await controlViewOf(context), J = view.columns.length;
  if (J < 2) return undefined;
  const affordable = Math.max(100, Math.floor(mostWork / (4 * view.rows.synthetic * J))), most = Math.min(mostTargets, affordable);
  const pick = (part: 'training' | 'control') => (all ? Int32Array.from({ length: view.rows[part] }, (_, i) => i) : sampleRows(view.rows[part], most, context.seed, `targets ${part}`).slice().sort());
  const targets = { training: pick('training'), control: pick('control') }, order = new Stream(context.seed, 'linkability columns').shuffle(Int32Array.from({ length: J }, (_, j) => j));
  const first = Array.from({ length: J }, () => false);
  for (const j of order.subarray(0, Math.ceil(J / 2))) first[j] = true;
  const near = (part: 'training' | 'control', from: number) => nearestGuesses(view, part, targets[part], first, f => context.progress(from + f / 2, 'guesses about targets'));
  return { view, targets, first, nearest: { training: await near('training', 0), control: await near('control', 0.5) } };
});

/** Whether a guess is right: the same category, a number within 5% of the guess (Giomi et al. 2023), a date within 5% of the column's interquartile range; missing is right for missing. */
export function rightGuess(column: ColumnView): (guess: number, secret: number) => boolean {
  if (column.type === 'code') return (g, s) => g === s || (g < 0 && s < 0);
  if (!column.temporal) return (g, s) => (g !== g || s !== s ? g !== g && s !== s : Math.abs(g - s) <= 0.05 * Math.abs(g) + 1e-12);
  const real = column.sorted('training'), width = 0.05 * ((real[Math.floor(0.75 * (real.length - 1))] ?? 0) - (real[Math.floor(0.25 * (real.length - 1))] ?? 0));
  return (g, s) => (g !== g || s !== s ? g !== g && s !== s : Math.abs(g - s) <= width);
}
