import { sampleRows } from '../features';
import type { Metric } from '../metric';
import { controlViewOf, type ColumnView, type Part } from '../view';
import type { Weights } from './association';
import { differenceFigure } from './differences';

/** A measure of how pairs of columns are tied, compared between tables. `P`: a column prepared once a table, over some of its rows. */
export interface Association<P> {
  id: string;
  /** Whether the two columns make a pair, in this order. */
  takes(a: ColumnView, b: ColumnView): boolean;
  prepare(column: ColumnView, part: Part, rows: Int32Array): P;
  measure(a: P, b: P, w: Weights): number;
  /** The measure's range: a correlation's is 2 wide, an index's 1. */
  span: 1 | 2;
  threshold: { good: number; fair: number };
  none: string;
  /** Additions a row and pair, beside Pearson's one. */
  cost?: number;
}

const mostPairs = 2000;

/** The metric of an association: one minus the mean over pairs of the absolute difference of the two tables' measures, over their span. */
export const associationMetric = <P>(of: Association<P>): Metric => ({
  async compute(context) {
    const view = await controlViewOf(context), { columns } = view, every: Array<[number, number]> = [];
    for (let a = 0; a < columns.length; a++) for (let b = 0; b < columns.length; b++) if (a !== b && of.takes(columns[a], columns[b])) every.push([a, b]);
    const chosen = Array.from(sampleRows(every.length, mostPairs, context.seed, `${of.id} pairs`)).sort((p, q) => p - q).map(k => every[k]), used = [...new Set(chosen.flat())];
    return differenceFigure(context, view, {
      ...of, cost: chosen.length * (of.cost ?? 1) * 2, score: d => 1 - d / of.span, items: chosen.map(([a, b]) => `${columns[a].name} x ${columns[b].name}`),
      measured(_, part, rows) {
        const prepared = new Map(used.map(k => [k, of.prepare(columns[k], part, rows)]));
        return w => Float64Array.from(chosen, ([a, b]) => of.measure(prepared.get(a)!, prepared.get(b)!, w));
      },
      ...(every.length > chosen.length ? { note: `Over ${chosen.length} of ${every.length} pairs, drawn at random (seeded).` } : {}),
    });
  },
});
