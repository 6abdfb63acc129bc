import type { EvaluationContext } from '../metric';
import { quantile } from '../statistics';

/** Which outcomes count as favourable: a class, or numbers above a bound. */
export interface Favourable { words: string; is(y: number): boolean; /** the class's code; undefined where the outcome is a number */ code?: number; bound?: number }

/**
 * The declared value (--positive); else the rarer of two classes, the most frequent of several, and of numbers what lies above the training rows' median.
 * @param y outcomes of the training rows, codes over `labels` or numbers
 * @throws RangeError when the declared value does not occur
 */
export function favourableOf(context: EvaluationContext, y: Float64Array, labels: readonly string[], classes: number): Favourable {
  const { positive, outcome } = context;
  if (classes === 0) {
    const bound = positive !== undefined ? Number(positive) : quantile(y.filter(Number.isFinite).sort(), 0.5);
    if (!Number.isFinite(bound)) throw new RangeError(`the favourable value "${positive}" is no number`);
    return { words: `${outcome!.column} above ${Number(bound.toPrecision(6))}`, is: v => v > bound, bound };
  }
  let code = positive === undefined ? -1 : labels.indexOf(positive);
  if (positive !== undefined && code < 0) throw new RangeError(`"${positive}" is no value of "${outcome!.column}"; there are ${labels.slice(0, 10).join(', ')}`);
  if (code < 0) {
    const counts = new Float64Array(classes);
    for (const v of y) if (v === v) counts[v]++;
    code = counts.indexOf(classes === 2 ? Math.min(...counts) : Math.max(...counts));
  }
  return { words: `${outcome!.column} = ${labels[code]}`, is: v => v === code, code };
}
