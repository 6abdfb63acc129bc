import { pairsOf, type AllPairs } from '../evaluation/fidelity/pairs';
import { shapesOf, type AllShapes } from '../evaluation/fidelity/shapes';
import { mean } from '../evaluation/folds';
import type { EvaluationContext, Fold } from '../evaluation/metric';

/** Shapes, and beside them the control's own; of a cross-fitted release, the mean of what each fold's control scores. */
export async function shapesBeside(context: EvaluationContext, folds?: readonly Fold[]): Promise<AllShapes> {
  const shapes = await shapesOf(context);
  if (!folds) return shapes;
  const each: Array<NonNullable<AllShapes['control']>> = [];
  for (const f of folds) each.push((await shapesOf(f.context)).control!);
  const [first] = each;
  return { ...shapes, control: { ...first, mean: mean(each.map(c => c.mean)), columns: first.columns.map((c, j) => ({ ...c, score: mean(each.map(e => e.columns[j].score)) })) } };
}

/** Pairs, and beside them the control's own, likewise. A pair that one fold could not score has none. */
export async function pairsBeside(context: EvaluationContext, folds?: readonly Fold[]): Promise<AllPairs> {
  const pairs = await pairsOf(context);
  if (!folds) return pairs;
  const each: Array<NonNullable<AllPairs['control']>> = [];
  for (const f of folds) each.push((await pairsOf(f.context)).control!);
  const [first] = each;
  return { ...pairs, control: { ...first, score: first.score.map((_, i) => mean(each.map(e => e.score[i]))) } };
}
