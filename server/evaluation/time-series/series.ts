import type { EvaluationContext } from '../metric';
import { viewOf, type Part } from '../view';

/** Rows of one entity (or of the whole table) in order. */
export interface Series { /** [column][row]; gaps hold the column's mean */ values: Float64Array[] }
export interface AllSeries { columns: string[]; parts: Partial<Record<Part, Series[]>>; lengths: Partial<Record<Part, number[]>> }

const mostColumns = 12;

/**
 * Every table as series: rows by entity where one was declared, sorted by the order column (rows of equal order as they stand). Numeric columns but the order itself, at most 12 evenly
 * spaced ones, in standard deviations from the training rows' mean. Made once.
 */
export const seriesOf = (context: EvaluationContext): Promise<AllSeries> => context.shared('series', async () => {
  if (!context.keys) throw new Error('the synthetic rows were put together from several tables and have no order of their own');
  const view = await viewOf(context), keys = context.keys, all = view.columns.filter(c => c.type === 'number' && c.name !== context.order && c.name !== context.entity);
  const numbers = all.length <= mostColumns ? all : Array.from({ length: mostColumns }, (_, i) => all[Math.floor((i * all.length) / mostColumns)]);
  const scales = numbers.map(c => {
    const v = c.values('training') as Float64Array, seen = v.filter(x => x === x), mean = seen.reduce((s, x) => s + x, 0) / Math.max(1, seen.length);
    return { mean, spread: Math.sqrt(seen.reduce((s, x) => s + (x - mean) ** 2, 0) / Math.max(1, seen.length)) || 1 };
  });
  const parts: AllSeries['parts'] = {}, lengths: AllSeries['lengths'] = {};
  for (const part of ['training', 'synthetic', 'control'] as const) {
    const table = keys[part];
    if (!table || table.rows === 0) continue;
    const order = table.column(context.order!).numbers(), groups = new Map<string, number[]>();
    for (let i = 0; i < table.rows; i++) {
      if (order[i] !== order[i]) continue;
      const who = context.entity === undefined ? '' : table.column(context.entity).lexeme(i), rows = groups.get(who);
      if (rows) rows.push(i); else groups.set(who, [i]);
    }
    lengths[part] = [...groups.values()].map(rows => rows.length);
    parts[part] = [...groups.values()].map(rows => {
      rows.sort((a, b) => order[a] - order[b] || a - b);
      return { values: numbers.map((c, k) => Float64Array.from(rows, r => { const v = (c.values(part) as Float64Array)[r]; return v === v ? (v - scales[k].mean) / scales[k].spread : 0; })) };
    });
  }
  return { columns: numbers.map(c => c.name), parts, lengths };
});

/** Windows of equal length that do not overlap, as [window][row * columns + column]. */
export function windowsOf(all: readonly Series[], length: number): Float64Array[] {
  const out: Float64Array[] = [];
  for (const s of all) {
    const n = s.values[0]?.length ?? 0, C = s.values.length;
    for (let from = 0; from + length <= n; from += length) out.push(Float64Array.from({ length: length * C }, (_, i) => s.values[i % C][from + Math.floor(i / C)]));
  }
  return out;
}

/** The length that half of the rows' series reach. */
export function typicalLength(all: readonly Series[]): number {
  const n = all.map(s => s.values[0]?.length ?? 0).sort((a, b) => b - a), total = n.reduce((s, v) => s + v, 0);
  let sum = 0;
  return n.find(v => (sum += v) * 2 >= total) ?? 0;
}
