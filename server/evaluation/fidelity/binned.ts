import { quantile, rank } from '../statistics';
import type { CodeView, ColumnView, NumberView, Part } from '../view';
import type { Coded } from './association';

/**
 * A column as a few codes that mean the same in every table: numbers by the training rows' quantile bins, the most frequent categories with all others
 * together; missing a code of its own, the last.
 * @param bins quantile bins of a number; @param categories of a category, the rest being one more
 */
export function binned(column: ColumnView, part: Part, bins = 10, categories = 20): Coded {
  return column.type === 'number' ? numbers(column, part, bins) : codes(column, part, categories);
}

function numbers(column: NumberView, part: Part, bins: number): Coded {
  const sorted = column.sorted('training'), edges: number[] = [];
  for (let k = 1; k < bins && sorted.length; k++) { const e = quantile(sorted, k / bins); if (!edges.length || e > edges[edges.length - 1]) edges.push(e); }
  return { levels: edges.length + 2, codes: Int32Array.from(column.values(part), v => (v === v ? rank(edges, v, false) : edges.length + 1)) };
}

function codes(column: CodeView, part: Part, most: number): Coded {
  const counts = column.counts('training'), order = Array.from(counts.keys()).sort((a, b) => counts[b] - counts[a] || a - b), slot = new Int32Array(counts.length);
  order.forEach((k, i) => { slot[k] = Math.min(i, most); });
  const kept = Math.min(counts.length, most + 1);
  return { levels: kept + 1, codes: column.values(part).map(v => (v < 0 ? kept : slot[v])) };
}
