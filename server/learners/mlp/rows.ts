import type { Dense } from '../dense';

/** A matrix by its non-zeros, row after row. */
export interface SparseInput { start: Int32Array; column: Int32Array; values: Float64Array }

export function rowsOfDense(x: Dense): SparseInput {
  let filled = 0;
  for (const v of x.values) if (v !== 0) filled++;
  const start = new Int32Array(x.rows + 1), column = new Int32Array(filled), values = new Float64Array(filled);
  for (let i = 0, at = 0, to = 0; i < x.rows; i++) {
    for (let j = 0; j < x.width; j++, at++) if (x.values[at] !== 0) { column[to] = j; values[to++] = x.values[at]; }
    start[i + 1] = to;
  }
  return { start, column, values };
}
