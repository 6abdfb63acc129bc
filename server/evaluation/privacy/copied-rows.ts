import type { EvaluationContext } from '../metric';
import { controlViewOf, type View } from '../view';
import { copiesOf, rangeOf, type Copies } from './copies';
import type { ExposedRows } from './exposed-rows';
import { cellHashes, hashSpace, HashGroups, rowHashes } from './row-hash';

/**
 * The synthetic rows that copy a training row, one by one, in ascending order of `row`. Left out are those whose training row has such a
 * copy among the other real rows: what several people have in common exposes none of them (`common` counts these).
 */
export interface CopiedRows {
  /** Synthetic row, from 0; the training row that it copies (the first of several). */
  row: Uint32Array; of: Uint32Array;
  /** The one column that differs, as an index into `columns`; -1 for an exact copy. */
  differs: Int16Array;
  columns: string[];
  common: number;
  /** How exposed the training rows are, where somebody asked for that too. */
  exposed?: ExposedRows;
}

/** @returns undefined where every column would be left out or there are no rows */
export async function copiedRowsOf(context: EvaluationContext): Promise<CopiedRows | undefined> {
  const view = await controlViewOf(context);
  if (view.columns.length === 0 || view.rows.synthetic === 0) return undefined;
  return findCopiedRows(view, await copiesOf(context));
}

/**
 * For each synthetic row that `copies` flags, a training row that it copies: the hash joins of copies.ts once more, but keeping
 * who was met. Linear in rows x columns, and only where something is flagged.
 */
export function findCopiedRows(view: View, copies: Copies): CopiedRows {
  const n = view.rows.synthetic, of = new Int32Array(n).fill(-1), differs = new Int16Array(n).fill(-1);
  const synthetic = rowHashes(view, 'synthetic'), training = rowHashes(view, 'training');
  let open = 0;
  {
    const flags = copies.exact.syntheticInTraining;
    if (flags.some((f) => f)) {
      const groups = new HashGroups(training), members = membersOf(groups);
      for (let i = 0; i < n; i++) if (flags[i]) of[i] = members.rows[members.start[groups.find(synthetic.lo[i], synthetic.hi[i])]];
    }
    for (let i = 0; i < n; i++) if (copies.near.syntheticInTraining[i] && of[i] < 0) open++;
  }
  const cells = { synthetic: hashSpace(n), training: hashSpace(view.rows.training) };
  for (let j = 0; j < view.columns.length && open > 0; j++) {
    const column = view.columns[j];
    for (const part of ['synthetic', 'training'] as const) {
      const whole = part === 'synthetic' ? synthetic : training, cell = cells[part];
      cellHashes(column, j, part, cell);
      for (let i = 0; i < cell.lo.length; i++) { cell.lo[i] = whole.lo[i] - cell.lo[i]; cell.hi[i] = whole.hi[i] - cell.hi[i]; }
    }
    const groups = new HashGroups(cells.training), { start, rows } = membersOf(groups);
    const values = column.type === 'number' ? { asked: column.values('synthetic'), real: column.values('training'), range: rangeOf(column, 'within') } : undefined;
    for (let i = 0; i < n; i++) {
      if (of[i] >= 0 || !copies.near.syntheticInTraining[i]) continue;
      const g = groups.find(cells.synthetic.lo[i], cells.synthetic.hi[i]);
      if (g < 0) continue;
      const [low, high] = values ? values.range(values.asked[i]) : [0, 0];
      for (let k = start[g]; k < start[g + 1]; k++) {
        if (values && !(values.real[rows[k]] >= low && values.real[rows[k]] <= high)) continue;
        of[i] = rows[k]; differs[i] = j; open--;
        break;
      }
    }
  }
  const kept: number[] = [];
  let common = 0;
  for (let i = 0; i < n; i++) {
    if (of[i] < 0) continue;
    if (copies.common[differs[i] < 0 ? 'exact' : 'near'].training[of[i]]) common++;
    else kept.push(i);
  }
  return { row: Uint32Array.from(kept), of: Uint32Array.from(kept, (i) => of[i]), differs: Int16Array.from(kept, (i) => differs[i]), columns: view.columns.map((c) => c.name), common };
}

/** The rows of each group, ascending: those of group g are rows[start[g]] to rows[start[g + 1] - 1]. */
function membersOf({ groupOf, groups }: HashGroups): { start: Int32Array; rows: Int32Array } {
  const start = new Int32Array(groups + 1), rows = new Int32Array(groupOf.length);
  for (const g of groupOf) start[g + 1]++;
  for (let g = 0; g < groups; g++) start[g + 1] += start[g];
  const fill = start.slice(0, groups);
  for (let i = 0; i < groupOf.length; i++) rows[fill[groupOf[i]]++] = i;
  return { start, rows };
}
