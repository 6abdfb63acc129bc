/** Rules as a generator can heed them while it draws: which cells may stand together in one row. */
import type { Together } from '../../generators/generator';
import { breaksOf, keysOf, type LearntRule } from '../../table/rules/rules';
import type { Table } from '../../table/table';

/**
 * The rules that hold in every row of the source, but for those about several rows (uniqueness). A rule that some rows break is a condition on the law, which must not be imposed cell by cell: step-wise truncation would shift what
 * is drawn first. Where the source keeps a rule throughout, whatever probability a generator leaves beyond it is its own error.
 * @param broken rules that rows of the source break @param drawn columns that are drawn
 */
export function togetherOf(learnt: readonly LearntRule[], broken: ReadonlyArray<{ rule: string }>, drawn: readonly string[]): Together[] {
  const odd = new Set(broken.map((b) => b.rule));
  return learnt.filter((r) => r.rule.type !== 'unique' && !odd.has(r.rule.name) && r.columns.every((c) => drawn.includes(c))).map((r): Together => ({
    columns: r.columns,
    allows: (rows) => (r.rule.type === 'determines' ? keepsMapping(r.rule.from, r.rule.to, r.mapping!, rows) : breaksOf(r, rows).map((b) => 1 - b)),
  }));
}

/** What the source has not is not decided: which right side a new left side gets is seen in whole rows. */
function keepsMapping(from: readonly string[], to: readonly string[], mapping: ReadonlyMap<string, string>, rows: Table): Uint8Array {
  const left = from.map((n) => rows.column(n)), right = to.map((n) => rows.column(n)), keyL = keysOf(left), keyR = keysOf(right), missing = (i: number): boolean => [...left, ...right].some((c) => c.isMissing(i));
  return Uint8Array.from({ length: rows.rows }, (_, i) => (missing(i) || (mapping.get(keyL(i)) ?? keyR(i)) === keyR(i) ? 1 : 0));
}
