import type { Metric } from '../metric';
import { viewOf, type ColumnView, type Part } from '../view';
import type { Weights } from './association';
import { differenceFigure, type Difference } from './differences';

/** One statistic of a column, compared between tables. */
export interface ColumnStatistic extends Pick<Difference, 'id' | 'distances' | 'score' | 'threshold' | 'none'> {
  takes(column: ColumnView): boolean;
  /** The statistics of a column's rows, always equally many. */
  measured(column: ColumnView, part: Part, rows: Int32Array): (w: Weights) => number | readonly number[];
  /** Statistics a column; default 1. */
  width?: number;
  /** Names of an item where a column has several. */
  items?(column: ColumnView): readonly string[];
}

/** The metric of a statistic of single columns: every row of every table, all columns that it takes. */
export const columnMetric = (of: ColumnStatistic): Metric => ({
  async compute(context) {
    const view = await viewOf(context), columns = view.columns.filter(c => of.takes(c));
    return differenceFigure(context, view, {
      ...of, mostRows: 'all', cost: 2 * columns.length, items: columns.flatMap(c => of.items?.(c) ?? [c.name]),
      measured(_, part, rows) {
        const each = columns.map(c => of.measured(c, part, rows));
        return w => Float64Array.from(each.flatMap(m => m(w)));
      },
    });
  },
});

/** How often each row counts. */
export const weightOf = (w: Weights, i: number): number => (w ? w[i] : 1);
